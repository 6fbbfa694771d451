"""What is wrong with the rules of a form: each rule is looked at, run on nothing, and on its own examples.

It says what a later run would trip over, with the line of the author's file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import Formatter

import polars as pl

from xltool.checking.checks import Check, checks_for, lookups
from xltool.checking.examples import Example, ExampleError
from xltool.checking.said_once import circle
from xltool.checking.schemas import failing_rows
from xltool.errors import OfficeError
from xltool.fields.tables import CONTEXT
from xltool.form.declared import not_summed, unknown_name
from xltool.form.fact_tables import FACT_TABLES
from xltool.form.inspecting import Inspection
from xltool.form.loading import builtin_rules
from xltool.form.model import Form, TableView
from xltool.form.rules_in_force import rules_on_every_form
from xltool.form.source import Source
from xltool.language.statements import Statement
from xltool.prose.nearest import nearest
from xltool.rules.blame import of_expression
from xltool.rules.declaring import SEVERITIES, Rule, judged, rules_of

_ALWAYS_KNOWN = {"unit_code", "fy"}  # what every message may name beside fields


def inspect_rules(found: Inspection) -> None:
    """Note what is wrong with the rules of a form, as far as its files could be read."""
    form, source = found.form, found.source
    if form is None or source is None:
        return
    tables = {name: table for name, table in form.tables.items() if name not in found.doubtful}
    found.note([*_codes(form, source), *_circles(form, source)])
    imported = {id(rule) for rule in rules_of(form.module)}
    imported -= {id(rule) for rule in rules_on_every_form()}  # they follow from what fields declare
    for rule in form.rules:
        if _stands_in(rule, source):
            found.note(list(_Inspector(form, source, rule).mistakes(tables)))
        elif id(rule) in imported:
            found.note(list(_of_others(rule, source, tables)))


def _stands_in(rule: Rule, source: Source) -> bool:
    """Whether a rule is one of the form's own file."""
    return rule.function.__code__.co_filename == str(source.path)


def _codes(form: Form, source: Source) -> Iterator[OfficeError]:
    """Codes that two rules have, or one of ours. A form that was copied has our rules, codes and all."""
    own = [rule for rule in form.rules if _stands_in(rule, source)]
    ours = builtin_rules() if own else frozenset()
    codes = {code for code, _ in ours}
    seen: dict[str, str] = {}
    for rule in sorted(own, key=lambda rule: rule.function.__code__.co_firstlineno):
        name = rule.function.__name__
        if (rule.code, name) in ours:
            continue
        words = ""
        if rule.code in seen:
            words = f"规则编号 {rule.code} 已用在 {seen[rule.code]}；请换一个没有用过的编号"
        elif rule.code in codes:
            words = f"规则编号 {rule.code} 是内置规则的；请换一个，如 OWN-001"
        if words:
            yield source.mistake(words, source.rule_line(name))
        seen.setdefault(rule.code, name)


def _circles(form: Form, source: Source) -> Iterator[OfficeError]:
    """Own rules that absorb each other."""
    codes = circle(form.rules)
    for rule in form.rules:
        if rule.code in codes and rule.says_also and _stands_in(rule, source):
            words = f"规则 {'、'.join(codes)} 互相包含：谁的提示都不会显示；请只留一个方向"
            if len(codes) == 1:
                words = f"规则 {rule.code} 不能包含它自己；请从 says_also 删去"
            yield source.mistake(words, source.rule_line(rule.function.__name__, "says_also"))
            return


def _of_others(rule: Rule, source: Source, tables: dict[str, TableView]) -> Iterator[OfficeError]:
    """A rule of a shared module that cannot run on this form; the line is that of its import."""
    for table in tables.values():
        try:
            checks = list(checks_for([rule], table))
            if rule.is_on(table.name):
                _run(checks, table)
        except Exception as error:
            line = source.import_line(rule.function.__module__)
            what = f"规则 {rule.code}（{rule.function.__name__}）在本表用不了：栏目的类型不是它要的"
            yield source.mistake(f"{what}（{_in_short(error)}）；请不导入它", line)
            return


def _in_short(error: Exception) -> str:
    """The first line of what an exception says."""
    return str(error).partition("\n")[0].partition(";")[0]


def _run(checks: Sequence[Check], table: TableView) -> None:
    """Run checks on no rows at all: names and types must fit."""
    fields = {name: field.kind.dtype(field) for name, field in table.fields.items()}
    frame = pl.DataFrame(schema={**fields, **CONTEXT})
    for check in checks:
        types = {name: lookup.dtype for name, lookup in lookups(check).items()}
        failing_rows(frame.with_columns(**_nothing(types)), table, [check])


def _nothing(types: dict[str, pl.DataType]) -> dict[str, pl.Series]:
    """Empty columns."""
    return {name: pl.Series([], dtype=dtype) for name, dtype in types.items()}


class _Inspector:
    """Looks at one rule of the author's own."""

    def __init__(self, form: Form, source: Source, rule: Rule) -> None:
        self.form = form
        self.source = source
        self.rule = rule
        self.name = rule.function.__name__

    def mistakes(self, tables: dict[str, TableView]) -> Iterator[OfficeError]:
        """Yield what is wrong with the rule on the tables that may be looked at."""
        rule = self.rule
        yield from self._options()
        if rule.on is None:
            yield from self._examples(None)
            return
        if rule.on not in self.form.tables and rule.on not in FACT_TABLES:
            words = f"没有数据表 {rule.on}{nearest(rule.on, self.form.tables) or '；'}请改正"
            yield self._at("on", words)
            return
        table = FACT_TABLES.get(rule.on) or tables.get(rule.on)
        if table is None:
            return
        try:
            found = judged(rule, table)
        except OfficeError as error:
            yield error
            return
        wrong = [*self._names(found, table), *self._columns(table), *self._lookups()]
        yield from wrong
        if not wrong:
            yield from self._on(table)

    def _on(self, table: TableView) -> Iterator[OfficeError]:
        """What shows when the rule runs: on nothing, in its words, on its examples."""
        try:
            checks = list(checks_for([self.rule], table))
            _run(checks, table)
        except OfficeError as error:
            yield error
            return
        except Exception as error:
            yield of_expression(error, self.rule.function)
            return
        yield from self._messages(checks, table)
        yield from self._examples(table)

    def _at(self, option: str, words: str) -> OfficeError:
        """A mistake at an option of the rule."""
        return self.source.mistake(words, self.source.rule_line(self.name, option))

    def _options(self) -> Iterator[OfficeError]:
        """Options whose values mean nothing."""
        severity = self.rule.severity
        if not callable(severity) and severity not in SEVERITIES:
            words = f"severity 没有“{severity}”{nearest(severity, SEVERITIES) or '；'}"
            yield self._at("severity", f"{words}可用：{'、'.join(SEVERITIES)}")
        for name in self.rule.needs:
            if name not in CONTEXT:
                yield self._at(
                    "needs", f"needs 里没有 {name}{nearest(name, CONTEXT) or '；'}请改正"
                )

        known = {rule.code for rule in self.form.rules} | {code for code, _ in builtin_rules()}
        for code in self.rule.says_also:
            if code not in known:
                near = nearest(code, known) or "；"
                yield self._at("says_also", f"says_also 里没有规则 {code}{near}请改正")

    def _columns(self, table: TableView) -> Iterator[OfficeError]:
        """The fields that `cells` names."""
        for name in self.rule.cells:
            if name not in table.fields:
                near = nearest(name, table.fields) or "；"
                yield self._at("cells", f"cells 里的 {name} 不是 {table.name} 的字段{near}请改正")

    def _lookups(self) -> Iterator[OfficeError]:
        """The tables that `using` names."""
        for lookup in self.rule.using.values():
            if isinstance(lookup.table, str) and lookup.table not in self.form.tables:
                near = nearest(lookup.table, self.form.tables) or "；"
                yield self._at("using", f"using 里没有数据表 {lookup.table}{near}请改正")

    def _names(self, found: object, table: TableView) -> Iterator[OfficeError]:
        """The names in statements of the rule."""
        several = found if isinstance(found, Sequence) else [found]
        for statement in several:
            if isinstance(statement, Statement):
                words = [name for name in statement.all_names if "." not in name]
                words += [word for column in statement.columns for word in column.words]
                for name, problem in not_summed(self.form, statement.singles):
                    yield self.source.mistake(problem, self._line_of(name))
                for word in dict.fromkeys(words):
                    if (
                        unknown := unknown_name(self.form, table, word)
                    ) and word not in self.rule.using:
                        yield self.source.mistake(unknown, self._line_of(word))

    def _line_of(self, word: str) -> int | None:
        """The line of the rule's function whose text names a field."""
        return self.source.text_line(self.name, word)

    def _messages(self, checks: Sequence[Check], table: TableView) -> Iterator[OfficeError]:
        """What the message and the hint name, and that there is a message."""
        for check in checks:
            known = {*table.fields, *check.details, *check.words, *self.rule.using, *_ALWAYS_KNOWN}
            if not check.message:
                yield self._at("", "规则没有 message；请写一句话：哪里不对，用 {字段} 显示填的数")
            for option, text in (("message", check.message), ("hint", check.hint)):
                try:
                    names = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
                except ValueError:
                    yield self._at(option, f"{option} 里的花括号不成对；请改正，要印花括号的写两个")
                    continue
                for name in (name.partition(".")[0] for name in names):
                    if name not in known:
                        near = nearest(name, known) or "；"
                        words = f"{option} 里的 {{{name}}} 不是 {table.name} 的字段{near}请改正"
                        yield self._at(option, words)

    def _examples(self, table: TableView | None) -> Iterator[OfficeError]:
        """Examples on which the rule does not say what they say."""
        example = Example(self.rule, table)
        if not self.rule.examples.rows:
            return
        try:
            failing = example.failing()
        except ExampleError as error:
            yield self.source.mistake(str(error), self.source.example_line(self.name, error.row))
            return
        except OfficeError as error:
            yield error
            return
        except Exception as error:
            yield of_expression(error, self.rule.function)
            return
        for row in sorted(failing ^ example.bad):
            said, does = ("ok", "指出了") if row in failing else ("bad", "没有指出")
            words = f"例子说这一行是 {said}，规则却{does}它；请改例子或规则"
            yield self.source.mistake(words, self.source.example_line(self.name, row + 1))
        if table is not None and not failing ^ example.bad and not self.rule.together:
            yield from self._company(example)

    def _company(self, example: Example) -> Iterator[OfficeError]:
        """A rule that says something else of a workbook when another one lies beside it."""
        frame = example.frame()
        alone = example.failing(frame)
        count = len(frame)
        beside = frame.with_columns(
            workbook=pl.lit(1, dtype=frame.schema["workbook"]),
            row=pl.col("row") + count,
        )
        together = example.failing(pl.concat([frame, beside]))
        if {row for row in together if row < count} != alone:
            words = (
                "这条规则把不同的工作簿放在一起比较；请写 together=True，"
                '或在 over、group_by 里加上 "workbook"'
            )
            yield self._at("", words)
