"""What a unit changed on an issued sheet beside the values: limits, formats, merges, hidden rows.

Nothing is read wrongly because of it: values are judged as they stand. It shows the office where
something was pasted or hidden (docs/domain.md §8.6; TPL-005, TPL-009, TPL-010). What is expected comes
from the same fields and layout as what was written. Equal is what means the same: programs write formats
and ranges each in their own way. Kinds of file without an `Appearance` (.xls, .ods) say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from xltool.fields.kinds import Field
from xltool.form.edition import Edition
from xltool.form.layout import Position, Sheet, a1
from xltool.form.model import Form
from xltool.office.seal import Issue
from xltool.returns.extracting import CellFact, Extract, prefilled_of
from xltool.returns.sheet_matching import Match, SheetFact
from xltool.workbook.appearance import Appearance, Area, Ending
from xltool.workbook.columns import column_letters
from xltool.workbook.sheet_pieces import Styled, styles_in
from xltool.workbook.styles import Style, Styles, plain_format

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
_CUSTOM = "八位日期限制"  # the only one that is issued as a formula
_FORMATS = {"@": "文本", "general": "常规"}


@dataclass
class Changes:
    """What was found on one sheet: facts about cells, facts about the sheet."""

    cells: list[CellFact] = field(default_factory=list)
    sheets: list[SheetFact] = field(default_factory=list)


class _Input(NamedTuple):
    """A cell open to the unit: what stands there, its place, the type of its validation, its style."""

    field: Field
    place: Position
    limit: str
    style: Style


@dataclass(frozen=True, eq=False)
class _Issued:
    """What was issued of a sheet: its inputs in order, with their addresses, and its merged areas."""

    inputs: Sequence[_Input]
    addresses: Sequence[bytes]
    merged: Set[Area]


class _Difference(NamedTuple):
    remark: str
    place: Position
    field: Field
    expected: str = ""
    found: str = ""


def changes(
    edition: Edition,
    match: Match,
    issue: Issue | None,
    record: int,
    known: Extract,
) -> Changes:
    """How an issued sheet differs from what was issued, in other things than its values.

    `record` numbers it within its workbook. `known` is what was read of it: an odd value says already
    that its format was changed. A copied sheet was not issued. Where rows or columns moved
    (TPL-004) only what is hidden is reported: the rest moved along.
    """
    appearance, found, sheet = match.data.appearance, Changes(), match.data.name
    if appearance is None or issue is None or match.number is None:
        return found
    layout = edition.layout.sheets[match.part]
    found.sheets += _hidden(sheet, appearance, match, layout)
    if match.rows.shifts:
        return found
    prefilled = prefilled_of(edition.form, issue, match.number)
    issued = _issued(edition, match.part, frozenset(prefilled), frozenset(known.given))
    found.sheets += _merges(sheet, appearance, layout, issued)
    if not appearance.is_protected:
        found.sheets.append(SheetFact(sheet, "", "", "unprotected"))
    odd_already = {fact.cell for fact in known.facts}
    odd = [
        difference
        for difference in _differences(appearance, issued)
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


@lru_cache(maxsize=256)
def _issued(edition: Edition, part: int, prefilled: Set[str], given: Set[Position]) -> _Issued:
    """What was issued of a sheet where these fields of the record, and these cells, were prefilled."""
    layout = edition.layout.sheets[part]
    inputs = list(_inputs(edition.form, layout, prefilled, given))
    return _Issued(inputs, [a1(*one.place).encode() for one in inputs], _merged(layout))


def _inputs(
    form: Form, layout: Sheet, prefilled: Set[str], given: Set[Position]
) -> Iterator[_Input]:
    """The cells that were issued open: the unit's, less what the office filled for it."""
    rows: dict[tuple[str, str, int], list[int]] = {
        (layout.record, name, cell.column): [cell.row]
        for name, cell in layout.fields.items()
        if name not in prefilled and cell.words is None
    }
    for block in layout.blocks:
        for name, column in block.columns.items():
            span = [row for row in block.span if (row, column) not in given]
            rows.setdefault((block.table, name, column), []).extend(span)
    for (table, name, column), some in rows.items():
        declared = form.field(table, name)
        if declared.filled_by == "unit":
            style = Style(plain_format(declared.number_format), is_locked=False)
            limit = _limit(declared)
            yield from (_Input(declared, (row, column), limit, style) for row in some)
    for cell in layout.worded:
        fields = [form.field(layout.record, name) for name in cell.fields if name not in prefilled]
        unit = next((one for one in fields if one.filled_by == "unit"), None)
        if unit is not None:
            yield _Input(unit, (cell.row, cell.column), "none", Style("@", is_locked=False))


def _merged(layout: Sheet) -> Set[Area]:
    """The merged areas of a layout."""
    return {
        Area(cell.row, cell.column, cell.row + cell.rows - 1, cell.column + cell.columns - 1)
        for cell in layout.cells
        if cell.rows > 1 or cell.columns > 1
    }


def _differences(appearance: Appearance, issued: _Issued) -> list[_Difference]:
    """The inputs whose validation, number format or lock is not as issued.

    Many sheets end alike and have their inputs in the same styles: what that means is kept.
    """
    ending, styles, pieces = appearance.ending, appearance.styles, appearance.pieces
    if ending.is_large or styles.is_large or pieces is None:
        restyled = _restyled(styles, appearance.style_indexes, issued)
        return [*_unlimited(ending, issued), *restyled]
    return [*_kept_unlimited(ending, issued), *_kept_restyled(styles, pieces.styled, issued)]


def _unlimited(ending: Ending, issued: _Issued) -> Sequence[_Difference]:
    """The inputs whose validation is not as issued."""
    places: dict[int, list[int]] = {}
    for one in issued.inputs:
        places.setdefault(one.place[1], []).append(one.place[0])
    limits = ending.validations(places)
    return [
        _Difference(
            "unlimited",
            one.place,
            one.field,
            _LIMITS.get(one.limit, _CUSTOM),
            _LIMITS.get(now, "其他限制"),
        )
        for one in issued.inputs
        if (now := limits.get(one.place, "none")) != one.limit
    ]


_kept_unlimited = lru_cache(maxsize=128)(_unlimited)


@lru_cache(maxsize=128)
def _kept_restyled(
    styles: Styles, rows: tuple[Styled, ...], issued: _Issued
) -> Sequence[_Difference]:
    """The same as `_restyled`, by the rows of the sheet."""
    return _restyled(styles, styles_in(rows), issued)


def _restyled(
    styles: Styles, indexes: Mapping[bytes, bytes], issued: _Issued
) -> Sequence[_Difference]:
    """The inputs whose number format or lock is not as issued; the file does not speak of all cells."""
    return [
        difference
        for one, address in zip(issued.inputs, issued.addresses, strict=True)
        if (index := indexes.get(address)) is not None
        if (style := styles[int(index or b"0")]) is not None and style != one.style
        for difference in _differing(one, style)
    ]


def _differing(issued: _Input, now: Style) -> Iterator[_Difference]:
    formats = issued.style.number_format, now.number_format
    if formats[0] != formats[1]:
        words = [_FORMATS.get(code, code) for code in formats]
        yield _Difference("reformatted", issued.place, issued.field, *words)
    if now.is_locked:
        yield _Difference("relocked", issued.place, issued.field)


def _limit(column: Field) -> str:
    """The type of validation that a field is issued with, in the file's word."""
    options = column.kind.validation(column) or {"validate": "none"}
    word = str(options["validate"])
    return _TYPES.get(word, word)


def _merges(sheet: str, appearance: Appearance, layout: Sheet, issued: _Issued) -> list[SheetFact]:
    """Merged areas of the form that are no longer merged, and new ones."""
    width = len(layout.widths)
    now = {area for area in appearance.merged if area.top < layout.height and area.left < width}
    if now == issued.merged:
        return []
    undone, new = sorted(issued.merged - now), sorted(now - issued.merged)
    parts = [
        words + _named([f"{a1(*area[:2])}:{a1(*area[2:])}" for area in some])
        for words, some in (("取消了 ", undone), ("新增了 ", new))
        if some
    ]
    first = min([*undone, *new])
    return [SheetFact(sheet, a1(*first[:2]), "", "remerged", "，".join(parts))]


def _hidden(sheet: str, appearance: Appearance, match: Match, layout: Sheet) -> list[SheetFact]:
    """Hidden rows and columns within the form, where they stand in the file.

    Blank rows of a table may be hidden: units filter them away before they print.
    """
    if not appearance.hidden_rows and not appearance.hidden_columns:
        return []
    height = max(match.rows.rows.values(), default=-1) + 1
    moved = match.rows.columns
    width = max(moved.values()) + 1 if moved else len(layout.widths)
    blank = {match.rows.rows.get(row) for row in _blank_rows(layout, match)}
    hidden = appearance.hidden_rows - blank
    rows = [row for row in range(height) if row in hidden]
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


def _blank_rows(layout: Sheet, match: Match) -> Iterator[int]:
    """The rows of the layout's tables that may stay blank and do."""
    for block in layout.blocks:
        for row in block.span if not block.always else ():
            at = match.rows.rows.get(row, -1)
            if all(match.data.raw(at, column) in (None, "") for column in block.columns.values()):
                yield row


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
