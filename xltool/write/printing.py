"""How a sheet prints: A4, one page wide, numbered, with the form's headings on every page."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.worksheet import Worksheet

from xltool.form.layout import Layout, Sheet
from xltool.write.book import HEI, SONG
from xltool.write.page_breaks import BOTTOM, SIDE, TITLE_TOP, TOP, has_title

_A4 = 9  # Excel's number of the paper


def print_setup(page: Worksheet, landscape: bool = False, head: str = "") -> None:
    """Set a sheet to A4, one page wide; `head` is the title of each page if the sheet has none."""
    page.set_paper(_A4)
    if landscape:
        page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_margins(left=SIDE, right=SIDE, top=TITLE_TOP if head else TOP, bottom=BOTTOM)
    page.center_horizontally()
    if head:
        page.set_header(f'&C&"{HEI},Regular"&18{head.replace("&", "&&")}')
    page.set_footer(f'&C&"{SONG},Regular"&9第 &P 页 共 &N 页')
    page.hide_gridlines(2)


def print_form(
    page: Worksheet, layout: Layout, sheet: Sheet, title: str, breaks: Sequence[int]
) -> None:
    """Set how a form sheet prints: its area, headings on every page, the rows that begin pages."""
    landscape = layout.orientation == "landscape"
    print_setup(page, landscape, "" if has_title(sheet) else title)
    page.print_area(0, 0, sheet.height - 1, len(sheet.widths) - 1)
    if sheet.repeat:
        page.repeat_rows(*sheet.repeat)
    if breaks:
        page.set_h_pagebreaks(breaks)
