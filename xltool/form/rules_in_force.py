"""The rules of a form: its own, those that it imports, and those that every form has.

What fields declare, and that a workbook comes back as it was issued, is checked for every form. A
validator leaves rules out by their codes: `WITHOUT = {"TXT-002"}`. A shared rule whose tables or fields a
form does not have is left out too, unless the validator asks for it by name.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import polars as pl

from xltool.errors import OfficeError
from xltool.fields.field import Field
from xltool.fields.tables import CONTEXT
from xltool.form.fact_tables import FACT_TABLES
from xltool.form.model import Form, LeftOut, TableView
from xltool.form.source import Source
from xltool.language.nodes import Column, names_in
from xltool.language.statements import Statement
from xltool.prose.nearest import nearest
from xltool.rules.conditions import rules_on_conditions
from xltool.rules.declaring import Lookup, Offence, Rule, in_order, offences, rules_of
from xltool.rules.lists import rules_on_lists
from xltool.rules.remarks import rules_on_remarks

_EVERY_FILE = ("template", "submissions", "opinions")
_EVERY_FORM = (*_EVERY_FILE, "declared")


def rules_on_every_file() -> list[Rule]:
    """Return the rules on what came back that hold whichever form, or none, it turns out to be."""
    return _rules_in(_EVERY_FILE)


def rules_on_every_form() -> list[Rule]:
    """Return the rules that every form has, whether its validator imports their modules or not."""
    return _rules_in(_EVERY_FORM)


def known_codes(form: Form) -> set[str]:
    """Return the codes that a form's office may speak of: those of its rules, and of what came back."""
    return {rule.code for rule in (*rules_on_every_file(), *form.rules)} | {"ROUND"}


def codes_of_integrity(form: Form) -> set[str]:
    """Return the codes that a form's office cannot touch: all their rules are of integrity."""
    return _fixed([*form.rules, *(found.rule for found in form.left_out)])


@dataclass(frozen=True)
class RulesInForce:
    """The rules of a form, and those that it does without."""

    rules: Sequence[Rule]
    left_out: Sequence[LeftOut]


def rules_in_force(
    module: ModuleType, tables: Mapping[str, TableView], file: Path, *, is_own: bool
) -> RulesInForce:
    """Return the rules of the form of a validator module.

    `file` is the validator, `is_own` tells that it is an office's own: what the rules that it imports need is
    then looked at closely. (Of the built-in ones a test does so.) Its own rules are all in force: what is
    wrong with them is told, each with its line, before anything is issued (`checking.inspecting`). Raises
    OfficeError for a rule that it imports by name and that needs what the form does not have, and for a
    `WITHOUT` that is not possible.
    """
    by_name = {id(value) for value in vars(module).values() if isinstance(value, Rule)}
    kept, left_out = [], []
    rules = [*rules_of(module), *rules_on_every_form(), *_declared(tables, file)]
    without = _without(module, file, rules)
    for rule in in_order(rules):
        if rule.code in without and not rule.integrity:
            left_out.append(LeftOut(rule, "校验文件的 WITHOUT 省去"))
            continue
        stands_here = rule.function.__module__ == module.__name__
        missing = [] if stands_here else lacking(rule, tables, closely=is_own)
        if not missing:
            kept.append(rule)
        elif id(rule) in by_name:
            words = f"规则 {rule.code}（{rule.function.__name__}）在本表用不了：没有 {'、'.join(missing)}"
            line = Source(file).import_line(rule.function.__module__)
            raise OfficeError(f"{words}；请不要按名字导入它，或补上这些栏目", file, line)
        else:
            left_out.append(LeftOut(rule, f"本表没有 {'、'.join(missing)}"))
    return RulesInForce(tuple(kept), tuple(left_out))


def _declared(tables: Mapping[str, TableView], file: Path) -> Iterator[Rule]:
    """The rules that the fields of this form bring along by what they declare."""
    yield from rules_on_remarks(field for t in tables.values() for field in t.fields.values())
    for table in tables.values():
        yield from rules_on_conditions(table.name, table.fields)
        try:
            yield from rules_on_lists(table.name, table.fields)
        except OfficeError as error:
            raise OfficeError(error.message, file) from error


def _rules_in(names: Sequence[str]) -> list[Rule]:
    modules = [importlib.import_module(f"xltool.validators.shared.{name}") for name in names]
    return in_order(rule for module in modules for rule in rules_of(module))


def _fixed(rules: Sequence[Rule]) -> set[str]:
    """The codes of which all rules are of integrity."""
    return {r.code for r in rules if r.integrity} - {r.code for r in rules if not r.integrity}


def _without(module: ModuleType, file: Path, rules: Sequence[Rule]) -> frozenset[str]:
    """The codes that a validator leaves out."""
    codes: object = getattr(module, "WITHOUT", frozenset())
    if not isinstance(codes, (set, frozenset, tuple, list)):
        raise _wrong_without('WITHOUT 应为规则编号的集合，如 WITHOUT = {"TXT-002"}', file)
    known, fixed = {rule.code for rule in rules}, _fixed(rules)
    for code in sorted(map(str, codes)):
        if code not in known:
            words = f"WITHOUT 里的 {code} 不是本表的规则{nearest(code, known)}"
            raise _wrong_without(words, file)
        if code in fixed:
            words = f"WITHOUT 里的 {code} 不能省去：它检查内容是否读得出来、是否原样"
            raise _wrong_without(words, file)
    return frozenset(codes)


def _wrong_without(words: str, file: Path) -> OfficeError:
    return OfficeError(words, file, Source(file).constants.get("WITHOUT"))


# -- what a rule needs -------------------------------------------------------------------------------


def lacking(rule: Rule, tables: Mapping[str, TableView], *, closely: bool = True) -> list[str]:
    """Return what a rule needs and a form does not have: `task`, or `task.amount`.

    Without `closely` only its table and its cells are looked at, of which it needs one. A rule for each
    field needs nothing.
    """
    if rule.on is None or rule.on in FACT_TABLES:
        return []
    judged = [tables[name] for name in (rule.on, *rule.also) if name in tables]
    if not judged:
        return [rule.on]
    if rule.cells and all(name not in table.fields for table in judged for name in rule.cells):
        return [f"{judged[0].name}.{name}" for name in rule.cells]
    if not closely:
        return []
    found: dict[str, None] = {}
    for lookup in rule.using.values():
        found |= dict.fromkeys(_lacks_to_look_up(lookup, tables))
    for table in judged:
        found |= dict.fromkeys(_lacks_on(rule, table, tables))
    return list(found)


class _Asked(dict[str, Field]):
    """The fields of a table; notes what somebody asks for in vain."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        super().__init__(fields)
        self.in_vain: list[str] = []

    def __missing__(self, name: str) -> Field:
        self.in_vain.append(name)
        raise KeyError(name)


def _lacks_on(rule: Rule, table: TableView, tables: Mapping[str, TableView]) -> Iterator[str]:
    """What a rule looks for in a table, and in those that it sums over, in vain."""
    missing: list[str] = []
    fields = _Asked(table.fields)
    try:
        found = offences(rule, replace(table, fields=fields))
    except KeyError as error:
        name = fields.in_vain[0] if fields.in_vain else error.args[0]
        if not isinstance(name, str):
            raise
        yield f"{table.name}.{name}"
        return
    for offence in found:
        known = {*table.fields, *CONTEXT, *rule.using, *offence.given}
        columns = offence.statement.columns if offence.statement else ()
        known |= {column.name for column in columns}
        missing += [name for name in _names_in(offence) if name not in known]
        for column in columns:
            yield from _lacks_of(column, tables)
    yield from (f"{table.name}.{name}" for name in missing)


def _lacks_of(column: Column, tables: Mapping[str, TableView]) -> Iterator[str]:
    """What a column of another table, and the condition on its rows, names in vain."""
    if column.table not in tables:
        yield column.table
        return
    for name in (column.field, *names_in(column.where)):
        if name not in tables[column.table].fields:
            yield f"{column.table}.{name}"


def _names_in(offence: Offence) -> Iterator[str]:
    """The columns that an offence names."""
    expressions = [offence.bad, *offence.details.values(), *offence.given.values()]
    expressions += [e for e in (offence.at, offence.rounds) if e is not None]
    for expression in expressions:
        yield from expression.meta.root_names()
    for statement in (offence.statement, *offence.live):
        yield from statement.all_names if isinstance(statement, Statement) else ()


def _lacks_to_look_up(lookup: Lookup, tables: Mapping[str, TableView]) -> Iterator[str]:
    """What a look-up in another table of the form does not find there."""
    if not isinstance(lookup.table, str):
        return
    if lookup.table not in tables:
        yield lookup.table
        return
    keys = [pl.col(key) if isinstance(key, str) else key for key in lookup.by]
    for expression in (lookup.value, *keys):
        for name in expression.meta.root_names():
            if name not in tables[lookup.table].fields and name not in CONTEXT:
                yield f"{lookup.table}.{name}"
