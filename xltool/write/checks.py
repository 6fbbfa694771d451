"""The live checks: what the template itself can tell the clerk while typing, without macros."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from xltool.claims import Claim
from xltool.expression import Equation, Verdict
from xltool.fields import Field, Value
from xltool.forms import Form, TableView
from xltool.formulas import stripped_length
from xltool.layout import Sheet
from xltool.text import length


@dataclass(frozen=True, slots=True)
class LiveCheck:
    """One line of 填报检查: the rule, in words, the cell it is about, its formula and its verdict now."""

    code: str
    words: str
    field: str
    formula: str
    verdict: Verdict


@dataclass(frozen=True)
class Place:
    """A form sheet as formulas see it. `optional`: a spare sheet, silent until something is typed."""

    name: str
    sheet: Sheet
    optional: bool
    inputs: tuple[str, ...]

    def cell(self, field: str) -> str:
        """A field's address with its sheet: `'项目1'!$B$6`."""
        cell = self.sheet.fields[field]
        column = cell.address.rstrip("0123456789")
        quoted = self.name.replace("'", "''")
        return f"'{quoted}'!${column}${cell.row + 1}"


def live_checks(
    form: Form, place: Place, values: Mapping[str, Value], context: Mapping[str, int]
) -> Iterator[LiveCheck]:
    """The live checks of one record in the order of the form. `values` are the record's now."""
    fields = form.tables[place.sheet.record].fields
    started = not place.optional or any(values.get(name) is not None for name in place.inputs)

    def check(
        code: str, words: str, field: str, formula: str, judge: Callable[[], Verdict]
    ) -> LiveCheck:
        if place.optional:
            cells = ",".join(place.cell(name) for name in place.inputs)
            formula = f'=IF(COUNTA({cells})=0,"",{formula.removeprefix("=")})'
        return LiveCheck(code, words, field, formula, judge() if started else "")

    for name, field in fields.items():
        if field.filled_by != "unit" or name not in place.sheet.fields:
            continue
        if field.required and not field.own_blank_rule:
            yield check(
                "TXT-001",
                f"{field.short_label}已填写",
                name,
                f'=IF({stripped_length(place.cell(name))}>0,"✔","✘")',
                lambda name=name: "✘" if values.get(name) is None else "✔",  # type: ignore[misc]
            )
        if field.max_chars and field.max_chars_severity == "error":
            yield check(
                "TXT-002",
                f"{field.short_label}不超过 {field.max_chars} 字",
                name,
                f'=IF(LEN({place.cell(name)})=0,"",'
                f'IF({stripped_length(place.cell(name))}<={field.max_chars},"✔","✘"))',
                lambda name=name, field=field: _within(values.get(name), field),  # type: ignore[misc]
            )
    for code, statement in _statements(form, place.sheet):
        words = statement.words(form.tables[place.sheet.record].label)
        known = {**context, **values}
        if isinstance(statement, Claim):
            formula = statement.excel(place.cell, context)
            judge = partial(statement.judge, known)
        else:
            formula = statement.excel(place.cell, fields, context)
            judge = partial(statement.judge, known, fields)
        yield check(code, words, statement.all_names[0], formula, judge)


def _statements(form: Form, sheet: Sheet) -> Iterator[tuple[str, Equation | Claim]]:
    """The equations and claims about cells of a sheet, each with the code of its rule."""
    table = form.tables[sheet.record]
    for rule in form.rules:
        if not rule.is_on(table.name) or rule.severity_of(None) == "info":
            continue
        found = rule.function(table)
        for statement in found if isinstance(found, Sequence) else [found]:
            if isinstance(statement, Equation | Claim) and _can_fail(statement, table, sheet):
                yield rule.code, statement


def _can_fail(statement: Equation | Claim, table: TableView, sheet: Sheet) -> bool:
    """Not for what the workbook works out by itself, nor for cells of other sheets."""
    names = statement.all_names
    return all(name in sheet.fields for name in names) and not table.fields[names[0]].computed


def _within(value: Value, field: Field) -> Verdict:
    if not isinstance(value, str) or field.max_chars is None:
        return ""
    return "✔" if length(value) <= field.max_chars else "✘"
