"""The live checks: what the template itself can tell the clerk while typing, without macros."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from xltool.claims import Claim
from xltool.expression import Equation, Verdict
from xltool.fields import Field, Value
from xltool.forms import Form, TableView
from xltool.formulas import stripped_length
from xltool.layout import Block, Sheet, a1
from xltool.rowclaims import RowsClaim
from xltool.rules import Offence
from xltool.text import length


@dataclass(frozen=True, slots=True)
class LiveCheck:
    """One line of 填报检查: the rule, in words, the cell it is about, its formula and its verdict now.

    `on_form`: a cell that fails is coloured on the form too. One that is still to be filled is not:
    inputs are coloured already.
    """

    code: str
    words: str
    cell: str
    formula: str
    verdict: Verdict
    on_form: bool = True


@dataclass(frozen=True)
class Place:
    """A form sheet as formulas see it. `optional`: a spare sheet, silent until something is typed.

    `value` gives what a cell holds now, by 0-based row and column.
    """

    name: str
    sheet: Sheet
    optional: bool
    inputs: tuple[str, ...]
    value: Callable[[tuple[int, int]], Value]

    def at(self, row: int, column: int, last: int | None = None) -> str:
        """A cell, or the cells down to row `last`, with the sheet: `'项目1'!$B$6:$B$9`."""
        quoted = self.name.replace("'", "''")
        letters = a1(0, column).rstrip("1")
        span = f":${letters}${last + 1}" if last is not None else ""
        return f"'{quoted}'!${letters}${row + 1}{span}"

    def cell(self, field: str) -> str:
        """A field of the record with its sheet."""
        cell = self.sheet.fields[field]
        return self.at(cell.row, cell.column)

    def when_used(self, formula: str) -> str:
        """The formula, silent while nothing is typed on a spare sheet."""
        if not self.optional:
            return formula
        cells = ",".join(self.cell(name) for name in self.inputs)
        return f'=IF(COUNTA({cells})=0,"",{formula.removeprefix("=")})'


@dataclass(frozen=True)
class _Row:
    """One row of cells to check: the record's own, or a line of a table that must be filled."""

    table: TableView
    cells: Mapping[str, tuple[int, int]]
    words: str = ""


def live_checks(form: Form, place: Place, context: Mapping[str, int]) -> Iterator[LiveCheck]:
    """The live checks of one form sheet: the record's own cells, printed lines, indicator rows."""
    sheet = place.sheet
    started = not place.optional or any(
        place.value((sheet.fields[n].row, sheet.fields[n].column)) is not None for n in place.inputs
    )
    own = {name: (cell.row, cell.column) for name, cell in sheet.fields.items()}
    rows = [_Row(form.tables[sheet.record], own)]
    for block in sheet.blocks:
        for row in block.span if block.always else ():
            cells = {name: (row, column) for name, column in block.columns.items()}
            rows.append(_Row(form.tables[block.table], cells, f"{_line_words(block)}："))
    checks = [check for row in rows for check in _row_checks(form, place, row, context)]
    checks += _rows_checks(form, place)
    for check in checks:
        yield replace(
            check,
            formula=place.when_used(check.formula),
            verdict=check.verdict if started else "",
        )


def _line_words(block: Block) -> str:
    return "".join(dict.fromkeys(block.keys.values()))


def _row_checks(
    form: Form, place: Place, row: _Row, context: Mapping[str, int]
) -> Iterator[LiveCheck]:
    """Required, length, and the equations and claims of one row of cells."""
    values = {name: place.value(cell) for name, cell in row.cells.items()}
    address = {name: place.at(*cell) for name, cell in row.cells.items()}
    for name, field in row.table.fields.items():
        if field.filled_by != "unit" or name not in row.cells:
            continue
        at, label = a1(*row.cells[name]), row.words + field.short_label
        if field.required and not field.own_blank_rule:
            formula = f'=IF({stripped_length(address[name])}>0,"✔","✘")'
            verdict: Verdict = "✘" if values[name] is None else "✔"
            yield LiveCheck("TXT-001", f"{label}已填写", at, formula, verdict, on_form=False)
        if field.max_chars and field.max_chars_severity == "error":
            cell, words = address[name], f"{label}不超过 {field.max_chars} 字"
            fits = f'IF({stripped_length(cell)}<={field.max_chars},"✔","✘")'
            verdict = _within(values[name], field)
            yield LiveCheck("TXT-002", words, at, f'=IF(LEN({cell})=0,"",{fits})', verdict)
    known = {**context, **values}
    for code, statement in _statements(form, row):
        words = row.words + statement.words(row.table.label)
        at = a1(*row.cells[statement.all_names[0]])
        if isinstance(statement, Claim):
            formula, verdict = statement.excel(address.__getitem__, context), statement.judge(known)
            on_form = not statement.wants_filled
        else:
            fields = row.table.fields
            formula = statement.excel(address.__getitem__, fields, context)
            verdict = statement.judge(known, fields)
            on_form = True
        yield LiveCheck(code, words, at, formula, verdict, on_form)


def _rows_checks(form: Form, place: Place) -> Iterator[LiveCheck]:
    """Rows that are filled as a whole, levels that need a row."""
    for rule in form.rules:
        for name in (n for n, table in form.tables.items() if table.is_rows and rule.is_on(n)):
            judgement = rule.function(form.tables[name])
            for claim in judgement.live if isinstance(judgement, Offence) else ():
                blocks = [b for b in place.sheet.blocks if b.table == name and not b.always]
                if form.tables[name].fields[claim.names[0]].filled_by != "unit":
                    continue
                for group in _groups(claim, blocks):
                    yield _rows_check(rule.code, claim, group, place)


def _groups(claim: RowsClaim, blocks: Sequence[Block]) -> list[list[Block]]:
    """The blocks that a claim takes together: those of its levels in each period, or each one."""
    if claim.levels is None:
        return [[block] for block in blocks]
    groups: dict[tuple[str, ...], list[Block]] = {}
    for block in blocks:
        if block.keys.get("lv2") in claim.levels:
            rest = tuple(text for name, text in block.keys.items() if name not in ("lv1", "lv2"))
            groups.setdefault(rest, []).append(block)
    return list(groups.values())


def _rows_check(code: str, claim: RowsClaim, blocks: Sequence[Block], place: Place) -> LiveCheck:
    names = [name for name in claim.names if name in blocks[0].columns]
    ranges = [
        [place.at(b.first, b.columns[name], b.span.stop - 1) for name in names] for b in blocks
    ]
    rows = [
        [_text(place.value((row, block.columns[name]))) for name in names]
        for block in blocks
        for row in block.span
    ]
    keys = [text for name, text in blocks[0].keys.items() if name != "lv1"]
    words = claim.words.format(level="".join(keys).replace("*", ""))
    at = a1(blocks[0].first, blocks[0].columns[names[0]])
    on_form = claim.kind == "whole"
    return LiveCheck(code, words, at, claim.excel(ranges), claim.judge(rows), on_form)


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


def _statements(form: Form, row: _Row) -> Iterator[tuple[str, Equation | Claim]]:
    """The equations and claims about a row of cells, each with the code of its rule."""
    for rule in form.rules:
        if not rule.is_on(row.table.name) or rule.severity_of(None) == "info":
            continue
        found = rule.function(row.table)
        for statement in found if isinstance(found, Sequence) else [found]:
            if isinstance(statement, Equation | Claim) and _can_fail(statement, row):
                yield rule.code, statement


def _can_fail(statement: Equation | Claim, row: _Row) -> bool:
    """Not for what the workbook works out by itself, nor for cells of other rows and sheets."""
    names = statement.all_names
    return all(name in row.cells for name in names) and not row.table.fields[names[0]].computed


def _within(value: Value, field: Field) -> Verdict:
    if not isinstance(value, str) or field.max_chars is None:
        return ""
    return "✔" if length(value) <= field.max_chars else "✘"
