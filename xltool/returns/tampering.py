"""What a unit changed on an issued sheet beside the values: limits, formats, merges, hidden rows.

Nothing is read wrongly because of it: values are judged as they stand. It shows the office where
something was pasted or hidden (docs/domain.md §8.6; TPL-005, TPL-009, TPL-010). What is expected comes
from the same fields and layout as what was written. Equal is what means the same: programs write formats
and ranges each in their own way. Kinds of file without an `Appearance` (.xls, .ods) say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from xltool.fields.kinds import Field
from xltool.form.layout import Position, Sheet, a1
from xltool.form.model import Form
from xltool.office.seal import Issue
from xltool.returns.extracting import CellFact, prefilled_of
from xltool.returns.sheet_matching import Match, SheetFact
from xltool.workbook.appearance import Appearance, Area, column_letters
from xltool.workbook.styles import Style, plain_format

_NAMED = 5  # places that a message names

_TYPES = {"length": "textLength", "integer": "whole"}  # XlsxWriter's word → the file's word
_LIMITS = {
    "list": "下拉列表",
    "textLength": "字数限制",
    "decimal": "数字限制",
    "whole": "整数限制",
    "date": "日期限制",
    "none": "没有限制",
}
_FORMATS = {"@": "文本", "general": "常规"}


@dataclass
class Changes:
    """What was found on one sheet: facts about cells, facts about the sheet."""

    cells: list[CellFact] = field(default_factory=list)
    sheets: list[SheetFact] = field(default_factory=list)


class _Inputs(NamedTuple):
    """Cells open to the unit: one field in some rows of a column."""

    field: Field
    column: int
    rows: Sequence[int]


class _Difference(NamedTuple):
    remark: str
    place: Position
    field: Field
    expected: str = ""
    found: str = ""


def changes(
    form: Form,
    layout: Sheet,
    match: Match,
    issue: Issue | None,
    record: int,
    known: Iterable[CellFact] = (),
) -> Changes:
    """How an issued sheet differs from what was issued, in other things than its values.

    `record` numbers it within its workbook. `known` are the facts about its cells so far: an odd value says
    already that its format was changed. A copied sheet was not issued. Where rows or columns moved
    (TPL-004) only what is hidden is reported: the rest moved along.
    """
    appearance, found, sheet = match.data.appearance, Changes(), match.data.name
    if appearance is None or issue is None or match.number is None:
        return found
    found.sheets += _hidden(sheet, appearance, match, layout)
    if match.rows.shifts:
        return found
    found.sheets += _merges(sheet, appearance, layout)
    if not appearance.is_protected:
        found.sheets.append(SheetFact(sheet, "", "", "unprotected"))
    odd_already = {fact.cell for fact in known}
    odd = [
        difference
        for difference in _differences(appearance, list(_inputs(form, layout, issue, match.number)))
        if difference.remark != "reformatted" or a1(*difference.place) not in odd_already
    ]
    for _, group in groupby(sorted(odd, key=attrgetter("remark", "place")), attrgetter("remark")):
        found.cells.append(_fact(sheet, record, list(group)))
    return found


def _fact(sheet: str, record: int, differences: Sequence[_Difference]) -> CellFact:
    """One fact for all cells that differ in the same way, about the first of them."""
    cells = [a1(*difference.place) for difference in differences]
    remark, _, column, expected, found = differences[0]
    more = f"；这样的单元格共 {len(cells)} 个：{_named(cells)}" if len(cells) > 1 else ""
    label = column.short_label
    return CellFact(sheet, cells[0], record, column.name, label, remark, expected, found, more)


def _inputs(form: Form, layout: Sheet, issue: Issue, number: int) -> Iterator[_Inputs]:
    """The cells that were issued open: the unit's, less what the office filled for it."""
    prefilled = prefilled_of(form, issue, number)
    given = layout.place_lines(issue.lines_of(number))
    rows: dict[tuple[str, str, int], list[int]] = {
        (layout.record, name, cell.column): [cell.row]
        for name, cell in layout.fields.items()
        if name not in prefilled
    }
    for block in layout.blocks:
        for name, column in block.columns.items():
            span = [r for r in block.span if (r, column) not in given] if given else block.span
            rows.setdefault((block.table, name, column), []).extend(span)
    for (table, name, column), some in rows.items():
        declared = form.field(table, name)
        if declared.filled_by == "unit":
            yield _Inputs(declared, column, some)


def _differences(appearance: Appearance, inputs: Sequence[_Inputs]) -> Iterator[_Difference]:
    """The inputs whose validation, number format or lock is not as issued."""
    places: dict[int, list[int]] = {}
    for _, number, rows in inputs:
        places.setdefault(number, []).extend(rows)
    limits = appearance.validations(places)
    for column, number, rows in inputs:
        limit, issued = _limit(column), Style(plain_format(column.number_format), is_locked=False)
        for row, style in zip(rows, appearance.styles_of(number, rows), strict=True):
            now = limits.get((row, number), "none")
            if now != limit:
                words = _LIMITS[limit], _LIMITS.get(now, "其他限制")
                yield _Difference("unlimited", (row, number), column, *words)
            if style is not None and style != issued:
                yield from _restyled(issued, style, (row, number), column)


def _restyled(issued: Style, now: Style, place: Position, column: Field) -> Iterator[_Difference]:
    formats = issued.number_format, now.number_format
    if now.number_format != issued.number_format:
        words = [_FORMATS.get(code, code) for code in formats]
        yield _Difference("reformatted", place, column, *words)
    if now.is_locked:
        yield _Difference("relocked", place, column)


def _limit(column: Field) -> str:
    """The type of validation that a field is issued with, in the file's word."""
    options = column.kind.validation(column) or {"validate": "none"}
    word = str(options["validate"])
    return _TYPES.get(word, word)


def _merges(sheet: str, appearance: Appearance, layout: Sheet) -> list[SheetFact]:
    """Merged areas of the form that are no longer merged, and new ones."""
    issued = {
        Area(cell.row, cell.column, cell.row + cell.rows - 1, cell.column + cell.columns - 1)
        for cell in layout.cells
        if cell.rows > 1 or cell.columns > 1
    }
    width = len(layout.widths)
    now = {area for area in appearance.merged if area.top < layout.height and area.left < width}
    if now == issued:
        return []
    undone, new = sorted(issued - now), sorted(now - issued)
    parts = [
        words + _named([f"{a1(*area[:2])}:{a1(*area[2:])}" for area in some])
        for words, some in (("取消了 ", undone), ("新增了 ", new))
        if some
    ]
    first = min([*undone, *new])
    return [SheetFact(sheet, a1(*first[:2]), "", "remerged", "，".join(parts))]


def _hidden(sheet: str, appearance: Appearance, match: Match, layout: Sheet) -> list[SheetFact]:
    """Hidden rows and columns within the form, where they stand in the file."""
    height = max(match.rows.rows.values(), default=-1) + 1
    moved = match.rows.columns
    width = max(moved.values()) + 1 if moved else len(layout.widths)
    rows = [row for row in range(height) if row in appearance.hidden_rows]
    columns = [c for c in range(width) if any(c in span for span in appearance.hidden_columns)]
    parts = []
    if rows:
        parts.append(f"第 {_spans(rows, [str(row + 1) for row in rows])} 行")
    if columns:
        parts.append(f"{_spans(columns, [column_letters(column) for column in columns])} 列")
    if not parts:
        return []
    first = a1(rows[0], 0) if rows else a1(0, columns[0])
    return [SheetFact(sheet, first, "", "hidden", "、".join(parts))]


def _spans(numbers: Sequence[int], names: Sequence[str]) -> str:
    """Rows or columns in words: `12–13、20`."""
    spans: list[list[str]] = []
    for position, name in enumerate(names):
        if position and numbers[position] == numbers[position - 1] + 1:
            spans[-1][1:] = [name]
        else:
            spans.append([name])
    return _named(["–".join(span) for span in spans])


def _named(places: Sequence[str]) -> str:
    """The first few of many places."""
    return "、".join(places[:_NAMED]) + (" 等" if len(places) > _NAMED else "")
