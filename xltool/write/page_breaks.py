"""Where the pages of a form sheet end: between groups of rows, a heading with what it stands above."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from itertools import accumulate

from xltool.form.layout import Layout, Sheet
from xltool.form.model import Form
from xltool.write.growing import GrowingRow, rows_that_grow
from xltool.write.sheet_content import Room

SIDE, TOP, BOTTOM = 0.55, 0.6, 0.7  # margins in inches
TITLE_TOP = 0.95  # the top margin below a title in the page's head

_SHORT, _LONG = 595.0, 842.0  # A4 in points
_DIGIT = (
    7.33  # pixels of a digit in LibreOffice; Excel rounds up to 8, and scales what is wider more
)
_FULLEST = 0.97  # of a page; printers and fonts differ, so never quite full
_GROWING = 0.9  # of that, where rows will grow: the rest stays spare for them
_ORPHAN = 0.12  # of a page: less than that does not stand on a page of its own in the end,
_SHORTEST = 0.25  # and less than that not before the end
_WORDS = 30.0  # points around the middle of a merged cell, where its words stand
_PAGE = 25  # what one more page costs: it is better than the words of two labels cut in two
_SHORT_PAGE = 20
_CUT_WORDS = 15
_LONE_HEADING = 15


def has_title(sheet: Sheet) -> bool:
    """True if a sheet prints a title of its own: else each page has the form's in its head."""
    return any(cell.kind == "title" for cell in sheet.cells)


def breaks_of(form: Form, layout: Layout, room: Room) -> Sequence[int]:
    """Return the rows of a sheet before which a new page begins.

    Where rows will grow while they are filled, only the program that prints can tell where a page is
    full: breaks among such rows are only before what should stay in one piece.
    """
    return PageEnds(form, layout).of(room)


class PageEnds:
    """Where the pages of the sheets of a layout end; what was worked out for the same heights is kept."""

    def __init__(self, form: Form, layout: Layout):
        self._form, self._layout = form, layout
        self._known: dict[Hashable, tuple[int, ...]] = {}

    def of(self, room: Room, rows: Mapping[int, GrowingRow] | None = None) -> tuple[int, ...]:
        """The same as `breaks_of`; `rows` are those that grow, where they are known already."""
        growing = rows_that_grow(self._form, room, rows)
        heights = _heights(room, growing)
        key = (room.sheet.name, frozenset(growing), tuple(heights.values()))
        if key not in self._known:
            self._known[key] = tuple(_breaks_of(self._layout, room.sheet, heights, growing))
        return self._known[key]


def _heights(room: Room, growing: Set[int]) -> dict[int, float]:
    """The heights of all rows; where some will grow, those of a sheet on which nothing stands yet."""
    if growing:
        room = Room(room.sheet, replace(room.content, prefilled={}, prefilled_rows={}))
    return {row: room.height(row)[0] for row in range(room.sheet.height)}


def _breaks_of(
    layout: Layout, sheet: Sheet, heights: Mapping[int, float], growing: Set[int]
) -> Sequence[int]:
    """The breaks of a sheet whose rows have these heights, of which some will grow.

    A table whose rows may stand anywhere has none between them: once its blank rows are filtered away, the
    others fill the pages.
    """
    room = room_of(sheet.widths, layout.orientation == "landscape", has_title(sheet))
    loose = (growing | _flat_rows(sheet)) - _beginnings(sheet)
    return [row for row in page_breaks(sheet, heights, room, growing) if row not in loose]


def page_breaks(
    sheet: Sheet, heights: Mapping[int, float], room: float, growing: Set[int] = frozenset()
) -> list[int]:
    """Return the rows before which a new page begins, where `room` points of rows fit on a page.

    There are few pages with those that the layout begins, and they cut few merged labels in two (`_PAGE` says
    how the one weighs against the other). `heights` are in points, by row. A page with `growing` rows is not filled, but
    for the last one, after which there is room enough.
    """
    repeated = range(sheet.repeat[0], sheet.repeat[1] + 1) if sheet.repeat else range(0)
    damage = _damage(sheet, heights)
    sections = _headings(sheet) - set(repeated)
    tops = [0.0]
    for row in range(sheet.height):
        tops.append(tops[-1] + heights[row])
    grown = [0, *accumulate(row in growing for row in range(sheet.height))]

    def height(first: int, end: int) -> float:
        """The height of a page with these rows and the headings repeated above them."""
        return tops[end] - tops[first] + sum(heights[r] for r in repeated if r < first)

    # best[end]: (cost, where the last page begins) of everything above row `end`
    best = {0: (0, 0)}
    for end in range(1, sheet.height + 1):
        begun = max((row for row in sheet.breaks if row < end), default=0)
        options = []
        for first in range(begun, end):
            may_grow = end < sheet.height and grown[end] > grown[first]
            most = room * _GROWING if may_grow else room
            if first < end - 1 and height(first, end) > most:
                continue
            least = room * (_ORPHAN if end == sheet.height else _SHORTEST)
            short = bool(first or end < sheet.height) and tops[end] - tops[first] < least
            cost = best[first][0] + _PAGE + damage[first] + _SHORT_PAGE * short
            options.append((cost, first))
        best[end] = min(options, key=lambda o: (o[0], o[1] not in sections, -o[1]))
    breaks, row = [], sheet.height
    while row := best[row][1]:
        breaks.append(row)
    return breaks[::-1]


def room_of(widths: Iterable[float], landscape: bool = False, titled: bool = True) -> float:
    """Return the points of rows that fit on a page when its columns are scaled to one page.

    `widths` are those of the columns in characters; `titled` where the sheet prints its own title.
    """
    width, height = (_LONG, _SHORT) if landscape else (_SHORT, _LONG)
    shown = sum(_DIGIT * w + 5 for w in widths) * 0.75  # points at 96 dots an inch
    scale = min(1.0, (width - 2 * SIDE * 72) / shown)
    return (height - ((TOP if titled else TITLE_TOP) + BOTTOM) * 72) / scale * _FULLEST


def _damage(sheet: Sheet, heights: Mapping[int, float]) -> dict[int, int]:
    """By row, how bad a page break before it is: it cuts merged cells, perhaps their words."""
    begun = {*_beginnings(sheet), *(row for block in sheet.blocks for row in block.span)}
    found = dict.fromkeys(range(sheet.height + 1), 0)
    for cell in sheet.cells:
        middle = sum(heights[row] for row in range(cell.row, cell.row + cell.rows)) / 2
        above = 0.0
        for row in range(cell.row + 1, cell.row + cell.rows):
            above += heights[row - 1]
            words = _CUT_WORDS if cell.text and abs(above - middle) < _WORDS else 0
            found[row] += 1 + words
    headings = _headings(sheet) | ({sheet.repeat[1]} if sheet.repeat else set())
    for row in headings:  # one alone at the foot of a page
        found[row + 1] += _LONE_HEADING
    for block in sheet.blocks:  # a total stays with the last row of its table
        if block.span.stop not in begun:
            found[block.span.stop] += 2
    return found


def _flat_rows(sheet: Sheet) -> set[int]:
    """The rows of tables before which a page break cuts no merged cell in two."""
    cut = {
        row
        for cell in sheet.cells
        if cell.rows > 1
        for row in range(cell.row, cell.row + cell.rows)
    }
    return {row for block in sheet.blocks for row in block.span} - cut


def _beginnings(sheet: Sheet) -> set[int]:
    """The rows where something begins that should stay in one piece, or for which the layout begins a page."""
    merged = {cell.row for cell in sheet.cells if cell.rows > 1}
    return {*sheet.breaks, *_headings(sheet), *merged}


def _headings(sheet: Sheet) -> set[int]:
    """The rows that hold nothing but what is printed: headings of what stands below them."""
    filled = {cell.row for cell in sheet.cells if cell.kind in ("field", "key")}
    return {cell.row for cell in sheet.cells if cell.kind != "empty"} - filled
