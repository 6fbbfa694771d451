"""Plain lists as a workbook: the import file and 汇总表. Values only, codes as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlsxwriter.worksheet import Worksheet

from xltool.text import display_width
from xltool.write.book import Book, done, open_book, text_height
from xltool.write.printing import print_setup

_WIDEST, _WRAPPED = 48, 26  # characters of a column; of one whose texts go over several lines
_NARROWEST = 8.0  # characters
_HIGHEST = 300.0  # points of a row
_FITS = 200  # characters that are still readable when squeezed on an A4 page
_MEASURED = 2000  # rows whose height is worked out
_LOOKED_AT = 200  # rows that decide how wide a column is


@dataclass(frozen=True)
class Sheet:
    """One list: its name, its headings, its rows. `wrap`: made to be read and printed as it is."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    wrap: bool = False


def write_tables(path: Path, sheets: Sequence[Sheet], bare: bool = False) -> None:
    """Write lists, one sheet each. `bare`: no look at all, as an import file wants it."""
    with open_book(path, protect=False) as book:
        for sheet in sheets:
            _write(book, sheet, bare)


def _write(book: Book, sheet: Sheet, bare: bool) -> None:
    page = book.sheet(sheet.name)
    look = {"text_wrap": True, "border": 1} if sheet.wrap else {}
    plain = book.format(num_format="@", **look)
    head = plain if bare else book.format(bold=True, bg_color="#D9E1F2", border=1, text_wrap=True)
    money = book.format(num_format="#,##0.00", **look)
    whole = book.format(num_format="0", **look)
    day = book.format(num_format="yyyy-mm-dd", **look)
    widths = _widths(sheet)
    for column, title in enumerate(sheet.header):
        book.put(page, 0, column, title, head)
        done(page.set_column(column, column, widths[column]))
    for row, values in enumerate(sheet.rows, 1):
        for column, value in enumerate(values):
            style = plain
            if isinstance(value, Decimal):
                style = money
            elif isinstance(value, int):
                style = whole
            elif value is not None and not isinstance(value, str):
                style = day
            if value is not None or sheet.wrap:
                book.put(page, row, column, value, style)
        if sheet.wrap and len(sheet.rows) <= _MEASURED:  # else by the program that opens it
            texts = zip(map(str, values), widths, strict=True)
            height = max(text_height(text, width, 10.5) for text, width in texts)
            done(page.set_row(row, min(max(height, 18.0), _HIGHEST)))
    if not bare:
        _finish(page, sheet, sum(widths))


def _widths(sheet: Sheet) -> list[float]:
    """As wide as the texts; where lines wrap, the widest columns give way until a page is enough."""
    widths = [_width(sheet, column) for column in range(len(sheet.header))]
    while sheet.wrap and sum(widths) > _FITS and max(widths) > _NARROWEST:
        widest = widths.index(max(widths))
        widths[widest] = max(widths[widest] - 1, _NARROWEST)
    return widths


def _width(sheet: Sheet, column: int) -> float:
    """As wide as its texts, within bounds."""
    texts = [str(row[column] or "") for row in sheet.rows[:_LOOKED_AT]]
    width = max(map(display_width, [sheet.header[column], *texts]))
    return min(max(width + 2, _NARROWEST), _WRAPPED if sheet.wrap else _WIDEST)


def _finish(page: Worksheet, sheet: Sheet, width: float) -> None:
    page.freeze_panes(1, 0)
    if sheet.rows:
        done(page.autofilter(0, 0, len(sheet.rows), len(sheet.header) - 1))
    if width <= _FITS:
        print_setup(page, landscape=True)
    page.repeat_rows(0)
