"""The kinds of edits that a unit makes to a filled workbook, each as a hypothesis strategy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from edits import Edited, Filled, Spot, Told, rearranged, reformatted, retyped, sheet_of, size
from hypothesis import strategies as st

from xltool.fields.reading import Raw
from xltool.form.layout import Sheet, a1
from xltool.workbook.odd_cells import OddCells
from xltool.workbook.opening import SheetData, WorkbookData
from xltool.workbook.packages import SheetDetails
from xltool.workbook.styles import plain_format

Draw = st.DrawFn
Kind = Callable[[Filled], st.SearchStrategy[Edited]]
_MOST = 4  # rows or columns at a time

# what people write over a label, and what programs make of it
_SCRIBBLES = ["", "改", "0", "1,000.00", "=A1", "不适用", "<b>", "\u200b", "2027-01-01"]
_FORMATS = ["General", "@", "0", "0.00", "#,##0", "#,##0.00", "0%", "0.00E+00", "yyyy-mm-dd"]
_FORMATS += ["yyyy/m/d", 'yyyy"年"m"月"', "[Red]0.0", '"约"0']
_FULL = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")


def _shape(draw: Draw, base: Filled) -> tuple[str, Sheet, int, int]:
    """A form sheet, its layout, height and width."""
    name = draw(st.sampled_from(sorted(base.sheets)))
    layout = base.sheets[name]
    return name, layout, *size(sheet_of(base, name), layout)


@st.composite
def rows_inserted(draw: Draw, base: Filled) -> Edited:
    """Blank rows, or a copy of a row, anywhere."""
    name, layout, height, width = _shape(draw, base)
    at = draw(st.integers(0, layout.height - 1))
    copied = draw(st.none() | st.integers(0, layout.height - 1))
    count = draw(st.integers(1, _MOST))
    rows = [*range(at), *[copied] * count, *range(at, height)]
    first, last = section(layout, at)
    near = _rows(first, last + count)
    if copied is not None:  # the copy may be what is taken for the row, and the row for surplus
        near |= _rows(*(place + count for place in section(layout, copied)))
        near |= _rows(*section(layout, copied))
    near |= {a1(row, column) for row in range(at, at + count) for column in range(width)}
    return rearranged(base, name, rows, range(width), Told(name, near))


@st.composite
def rows_deleted(draw: Draw, base: Filled) -> Edited:
    """A few rows that are gone."""
    name, layout, height, width = _shape(draw, base)
    at = draw(st.integers(0, layout.height - 1))
    count = draw(st.integers(1, min(_MOST, layout.height - at)))
    rows = [*range(at), *range(at + count, height)]
    gone = [cell for cell in layout.locked if at <= cell.row < at + count]
    few = len(gone) <= len(layout.locked) / 4
    few = few and len({c.row for c in gone}) <= len(layout.locked_rows) / 4
    near = _rows(*section(layout, at))
    for cell in layout.locked:  # groups of rows may be alike
        if cell.text in {other.text for other in gone if other.column == cell.column}:
            near |= _rows(cell.row, cell.row + 1)
    told = Told(name, near, unless_missing="" if few else name)
    return rearranged(base, name, rows, range(width), told)


@st.composite
def rows_swapped(draw: Draw, base: Filled) -> Edited:
    """Two rows that have changed places."""
    name, layout, height, width = _shape(draw, base)
    first = draw(st.integers(0, layout.height - 2))
    second = draw(st.integers(first + 1, layout.height - 1))
    rows = list(range(height))
    rows[first], rows[second] = second, first
    near = _rows(*section(layout, first)) | _rows(*section(layout, second))
    cells = frozenset(a1(row, column) for row in (first, second) for column in range(width))
    return rearranged(base, name, rows, range(width), Told(name, near | cells))


@st.composite
def columns_inserted(draw: Draw, base: Filled) -> Edited:
    """Blank columns, or a copy of a column, anywhere."""
    name, layout, height, width = _shape(draw, base)
    at = draw(st.integers(0, len(layout.widths) - 1))
    count = draw(st.integers(1, _MOST))
    copied = draw(st.none() | st.integers(0, len(layout.widths) - 1))
    columns = [*range(at), *[copied] * count, *range(at, width)]
    near = {a1(0, at + n) for n in range(-count, count + 1) if at + n >= 0}
    if copied is not None and labels_of(layout, copied) == labels_of(layout, at):
        # the copy may be what is taken for the column, and the column for one beside the form
        near |= {a1(row, at + n) for row in range(height) for n in range(1, count + 1)}
    return rearranged(base, name, range(height), columns, Told(name, frozenset(near)))


@st.composite
def columns_deleted(draw: Draw, base: Filled) -> Edited:
    """A few columns that are gone."""
    name, layout, height, width = _shape(draw, base)
    at = draw(st.integers(0, len(layout.widths) - 1))
    count = draw(st.integers(1, min(_MOST, len(layout.widths) - at)))
    columns = [*range(at), *range(at + count, width)]
    told = Told(name, frozenset({a1(0, at)}), unless_missing=name if at == 0 or count > 1 else "")
    return rearranged(base, name, range(height), columns, told)


@st.composite
def locked_cell_changed(draw: Draw, base: Filled) -> Edited:
    """Another content in a cell that the unit may not change: a label, a prefilled value, a formula."""
    spot = draw(st.sampled_from(sorted(base.locked)))
    sheet, old = sheet_of(base, spot[0]), base.locked[spot]
    labels = [raw for other, raw in sorted(base.locked.items()) if other[0] == spot[0]]
    texts = st.sampled_from([raw for raw in labels if raw != old] or ["改"])
    number = st.integers(0, 10**6).map(float)
    scribble = st.sampled_from(_SCRIBBLES) | st.text(max_size=5)
    raw = draw(texts | number | scribble | st.just(f"{old}改"))
    if sheet.text(*spot[1:]) == (str(raw).strip()) or raw == old:
        raw = "改"
    return retyped(base, spot[0], spot[1:], raw or None)


@st.composite
def sheet_blanked(draw: Draw, base: Filled) -> Edited:
    """A form sheet without any content, or without the sheet itself."""
    name = draw(st.sampled_from(sorted(base.sheets)))
    width = draw(st.integers(0, 3))
    old = sheet_of(base, name)
    blank: list[list[Raw]] = [[None] * width for _ in old.grid]
    sheets = [
        SheetData(name, blank, SheetDetails(old.appearance, OddCells())) if sheet is old else sheet
        for sheet in base.workbook.sheets
        if sheet is not old or width
    ]
    told = Told("", words=name)
    return Edited(WorkbookData(sheets, base.workbook.properties), name, [], [], told)


@st.composite
def sheet_duplicated(draw: Draw, base: Filled) -> Edited:
    """A copy of a form sheet, anywhere among the others, named as Excel and LibreOffice name it."""
    name = draw(st.sampled_from(sorted(base.sheets)))
    old = sheet_of(base, name)
    copy = draw(st.sampled_from([f"{name} (2)", f"{name}_2", "Sheet1", f"{name}副本"]))
    sheets = list(base.workbook.sheets)
    sheets.insert(
        draw(st.integers(0, len(sheets))),
        SheetData(copy, old.grid, old.details),
    )
    height, width = size(old, base.sheets[name])
    workbook = WorkbookData(sheets, base.workbook.properties)
    told = Told(copy)
    return Edited(workbook, copy, range(height), range(width), told, copy_of=name)


@st.composite
def number_retyped(draw: Draw, base: Filled) -> Edited:
    """A number or a date as text, in the ways that people write them."""
    spot = draw(st.sampled_from(_numbers(base)))
    raw = sheet_of(base, spot[0]).raw(*spot[1:])
    assert raw is not None
    typed = base.typed.get(spot)
    unit = typed.field.unit if typed else None
    text = draw(st.sampled_from(_spellings(raw, unit or "")))
    return retyped(base, spot[0], spot[1:], text)


@st.composite
def format_changed(draw: Draw, base: Filled) -> Edited:
    """Another number format of an input, as pasting brings it along."""
    spot = draw(st.sampled_from(sorted(base.typed)))
    issued = plain_format(base.typed[spot].field.number_format)
    codes = [code for code in _FORMATS if plain_format(code) != issued]
    return reformatted(base, spot[0], spot[1:], draw(st.sampled_from(codes)))


def _numbers(base: Filled) -> list[Spot]:
    """The cells that hold a number or a date."""
    return sorted(
        spot
        for spot in [*base.typed, *base.locked]
        if isinstance(sheet_of(base, spot[0]).raw(*spot[1:]), (int, float, date))
    )


def _spellings(raw: Raw, unit: str) -> list[str]:
    """The same number, in its unit, or date as text."""
    if isinstance(raw, (date, datetime)):
        y, m, d = raw.year, raw.month, raw.day
        texts = [f"{y}-{m:02}-{d:02}", f"{y}/{m}/{d}", f"{y}年{m}月{d}日", f"{y}.{m}.{d}"]
        return [*texts, f" {y}-{m}-{d}", f"{m}月{d}日", f"{y}{m:02}{d:02}", f"{d}/{m}/{y}"]
    assert isinstance(raw, (int, float))
    plain = f"{raw:.15g}"
    texts = [plain, f"{raw:,.2f}", f" {plain}", f"{plain}\u3000", f"'{plain}", f"\u00a0{plain}"]
    full = plain.translate(_FULL)
    return [*texts, full, f"{plain}{unit}", f"{plain} {unit}", f"约{plain}", f"{plain}."]


def labels_of(layout: Sheet, column: int) -> list[str]:
    """The labels in a column."""
    return [cell.text for cell in layout.locked if cell.column == column]


def section(layout: Sheet, row: int) -> tuple[int, int]:
    """The rows around `row` that cannot be told from each other by their labels."""
    labels = [
        tuple((cell.column, cell.text) for cell in layout.locked_rows.get(r, ()))
        for r in range(layout.height)
    ]
    first, last = min(row - 1, layout.height - 1), min(row, layout.height - 1)
    while first > 0 and (not labels[first] or labels[first - 1] == labels[first]):
        first -= 1
    while last < layout.height - 1 and (not labels[last + 1] or labels[last + 1] == labels[last]):
        last += 1
    return first, last + 1


def _rows(first: int, last: int) -> frozenset[str]:
    """The cells at which a movement between these rows may be told."""
    return frozenset(a1(row, 0) for row in range(max(0, first), last + 1))


KINDS: Mapping[str, Kind] = {
    "rows_inserted": rows_inserted,
    "rows_deleted": rows_deleted,
    "rows_swapped": rows_swapped,
    "columns_inserted": columns_inserted,
    "columns_deleted": columns_deleted,
    "locked_cell_changed": locked_cell_changed,
    "sheet_blanked": sheet_blanked,
    "sheet_duplicated": sheet_duplicated,
    "number_retyped": number_retyped,
    "format_changed": format_changed,
}
