"""How a sheet prints: A4, one page wide, numbered; pages end between groups of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xlsxwriter.worksheet import Worksheet

from xltool.form.layout import Layout, Sheet
from xltool.write.book import HEI, SONG

_A4 = 9  # Excel's number of the paper
_SHORT, _LONG = 595.0, 842.0  # A4 in points
_SIDE, _TOP, _BOTTOM = 0.55, 0.6, 0.7  # margins in inches
_TITLE_TOP = 0.95  # the top margin below a title in the page's head
_FULLEST = 0.97  # of a page; printers and fonts differ, so never quite full
_ORPHAN = 0.12  # of a page: less than that does not stand on a page of its own
_WORDS = 30.0  # points around the middle of a merged cell, where its words stand


def print_setup(page: Worksheet, landscape: bool = False, head: str = "") -> None:
    """Set a sheet to A4, one page wide; `head` is the title of each page if the sheet has none."""
    page.set_paper(_A4)
    if landscape:
        page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_margins(left=_SIDE, right=_SIDE, top=_TITLE_TOP if head else _TOP, bottom=_BOTTOM)
    page.center_horizontally()
    if head:
        page.set_header(f'&C&"{HEI},Regular"&18{head.replace("&", "&&")}')
    page.set_footer(f'&C&"{SONG},Regular"&9第 &P 页 共 &N 页')
    page.hide_gridlines(2)


def print_form(
    page: Worksheet, layout: Layout, sheet: Sheet, title: str, heights: Mapping[int, float]
) -> None:
    """Set how a form sheet prints: its area, headings on every page, breaks between groups.

    `heights` are those of all rows in points if no row will grow any more, else empty: then only
    the program that prints can tell where a page ends, but for the breaks that the layout sets.
    """
    landscape = layout.orientation == "landscape"
    has_title = any(cell.kind == "title" for cell in sheet.cells)
    print_setup(page, landscape, "" if has_title else title)
    page.print_area(0, 0, sheet.height - 1, len(sheet.widths) - 1)
    if sheet.repeat:
        page.repeat_rows(*sheet.repeat)
    breaks = page_breaks(sheet, heights, landscape, has_title) if heights else sheet.breaks
    if breaks:
        page.set_h_pagebreaks(breaks)


def page_breaks(
    sheet: Sheet, heights: Mapping[int, float], landscape: bool, has_title: bool
) -> list[int]:
    """Return the rows before which a new page begins.

    There are as few pages as possible with those that the layout begins, and of these ways one that cuts
    few merged labels in two. `heights` are in points, by row.
    """
    room = room_of(sheet.widths, landscape, has_title)
    repeated = range(sheet.repeat[0], sheet.repeat[1] + 1) if sheet.repeat else range(0)
    damage = _damage(sheet, heights)
    tops = [0.0]
    for row in range(sheet.height):
        tops.append(tops[-1] + heights[row])

    def height(first: int, end: int) -> float:
        """The height of a page with these rows and the headings repeated above them."""
        return tops[end] - tops[first] + sum(heights[r] for r in repeated if r < first)

    # best[end]: (pages, damage, where the last page begins) of everything above row `end`
    best: dict[int, tuple[int, int, int]] = {0: (0, 0, 0)}
    for end in range(1, sheet.height + 1):
        begun = max((row for row in sheet.breaks if row < end), default=0)
        firsts = (f for f in range(begun, end) if f == end - 1 or height(f, end) <= room)
        options = []
        for first in firsts:
            pages, cut, _ = best[first]
            orphan = end == sheet.height and first and tops[end] - tops[first] < room * _ORPHAN
            options.append((pages + 1, cut + damage.get(first, 0) + 20 * bool(orphan), first))
        best[end] = min(options, key=lambda option: (option[0], option[1], -option[2]))
    breaks, row = [], sheet.height
    while row := best[row][2]:
        breaks.append(row)
    return breaks[::-1]


def room_of(widths: Iterable[float], landscape: bool = False, has_title: bool = True) -> float:
    """Return the points of rows that fit on a page when its columns are scaled to one page.

    `widths` are those of the columns in characters.
    """
    width, height = (_LONG, _SHORT) if landscape else (_SHORT, _LONG)
    shown = sum(8 * w + 5 for w in widths) * 0.75  # points at 96 dots an inch
    scale = min(1.0, (width - 2 * _SIDE * 72) / shown)
    return (height - ((_TOP if has_title else _TITLE_TOP) + _BOTTOM) * 72) / scale * _FULLEST


def _damage(sheet: Sheet, heights: Mapping[int, float]) -> dict[int, int]:
    """By row, how bad a page break before it is: it cuts merged cells, perhaps their words."""
    found: dict[int, int] = {}
    for cell in sheet.cells:
        middle = sum(heights[row] for row in range(cell.row, cell.row + cell.rows)) / 2
        above = 0.0
        for row in range(cell.row + 1, cell.row + cell.rows):
            above += heights[row - 1]
            words = 10 if cell.text and abs(above - middle) < _WORDS else 0
            found[row] = found.get(row, 0) + 1 + words
    if sheet.repeat:  # a heading alone at the foot of a page
        found[sheet.repeat[1] + 1] = found.get(sheet.repeat[1] + 1, 0) + 10
    return found
