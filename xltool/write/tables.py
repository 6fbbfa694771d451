"""Plain lists as a workbook: the import file, 汇总表, 问题清单. Values only, codes as text.

A large list is written row by row and never held; one that has more rows than a sheet goes on in the next.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count, islice
from pathlib import Path
from typing import Any, Protocol

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from xltool.prose.text import display_width
from xltool.write.book import Book, done, open_book, open_large_book, text_height
from xltool.write.printing import print_setup

_WIDEST = 48.0  # characters of a column
_WORDS, _CODE = 12.0, 24.0  # of a narrow one whose texts go over several lines; codes do not
_A3 = 8  # Excel's number of the paper
_NARROWEST = 8.0  # characters
_HIGHEST = 300.0  # points of a row
_FITS, _FITS_A3 = 200.0, 280.0  # characters that are still readable when squeezed on a page
_MEASURED = 2000  # rows whose height is worked out
_LOOKED_AT = 200  # rows that decide how wide a column is
_HELD = 200_000  # cells of all lists that may be held at once; what has more is written row by row
_NAME = 31  # characters of the name of a sheet
ROWS = 1_048_575  # rows of a sheet below the heading
_LINKS = 20_000  # links of a sheet, each of which is held; Excel follows no more than 65,530


class Rows(Protocol):
    """Rows that can be counted, and gone through as often as one likes."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Sequence[Any]]: ...


@dataclass(frozen=True)
class Lines:
    """Rows that are made anew whenever somebody goes through them, so that nobody holds them."""

    count: int
    made: Callable[[], Iterable[Sequence[Any]]]

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Sequence[Any]]:
        return iter(self.made())


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to a row, from 1, of another sheet of the workbook."""

    text: str
    sheet: str
    row: int

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Sheet:
    """One list: the name of its sheet, its headings, its rows.

    With `wrap`, long texts wrap, so that it can be read and printed as it is. `head` is its title on each
    printed page; `foot` stands below the last row, such as where it is signed.
    """

    name: str
    header: Sequence[str]
    rows: Rows
    wrap: bool = False
    head: str = ""
    foot: str = ""


def write_tables(path: Path, sheets: Sequence[Sheet], bare: bool = False) -> None:
    """Write lists into a workbook, one sheet each; it appears whole or not at all.

    A list of more than `ROWS` rows goes on in numbered sheets: 项目, 项目 (2). With `bare`, cells have no
    look and sheets no print setup, as an import file wants it.
    """
    cells = sum(len(sheet.rows) * len(sheet.header) for sheet in sheets)
    names = {sheet.name.casefold() for sheet in sheets}
    with open_large_book(path) if cells > _HELD else open_book(path, protect=False) as book:
        for sheet in sheets:
            widths, rows = _widths(sheet), iter(sheet.rows)
            shares = _shares(len(sheet.rows))
            for number, share in enumerate(shares):
                page = book.sheet(_numbered(sheet.name, names) if number else sheet.name)
                _write(book, page, sheet, islice(rows, share), widths, bare)
                if sheet.foot and number == len(shares) - 1:
                    book.put(page, share + 2, 0, sheet.foot, book.format())
                if not bare:
                    _finish(page, sheet, share, sum(widths))


def _shares(rows: int) -> list[int]:
    """How many rows of a list each of its sheets has."""
    return [min(ROWS, rows - first) for first in range(0, rows, ROWS)] or [0]


def _numbered(name: str, names: set[str]) -> str:
    """The first numbered name that no other sheet has; it is one of the names then."""
    suffixes = (f" ({number})" for number in count(2))
    numbered = (name[: _NAME - len(suffix)] + suffix for suffix in suffixes)
    found = next(each for each in numbered if each.casefold() not in names)
    names.add(found.casefold())
    return found


def _write(
    book: Book,
    page: Worksheet,
    sheet: Sheet,
    rows: Iterable[Sequence[Any]],
    widths: Sequence[float],
    bare: bool,
) -> None:
    """Write the headings of a list and some of its rows: row after row, each with its height."""
    look = {"text_wrap": True, "border": 1} if sheet.wrap else {}
    plain = book.format(num_format="@", **look)
    head = plain if bare else book.format(bold=True, bg_color="#D9E1F2", border=1, text_wrap=True)
    styles = {
        str: plain,
        type(None): plain,
        Decimal: book.format(num_format="#,##0.00", **look),
        int: book.format(num_format="0", **look),
        float: book.format(**look),  # with as many places as it has
        date: book.format(num_format="yyyy-mm-dd", **look),
    }
    for column, title in enumerate(sheet.header):
        book.put(page, 0, column, title, head)
        done(page.set_column(column, column, widths[column]))
    if sheet.wrap:
        done(page.set_row(0, _height(sheet.header, widths)))
    measured = sheet.wrap and len(sheet.rows) <= _MEASURED  # else by the program that opens it
    for row, values in enumerate(rows, 1):
        for column, value in enumerate(values):
            if isinstance(value, Link):
                _link(book, page, (row, column), value, plain)
            elif value is not None or sheet.wrap:
                book.put(page, row, column, value, styles[type(value)])
        if measured:
            done(page.set_row(row, _height(values, widths)))


def _link(book: Book, page: Worksheet, place: tuple[int, int], link: Link, style: Format) -> None:
    """Write a link; beyond what Excel follows, and without a row to lead to, only its text."""
    row, column = place
    if row > _LINKS or link.row > ROWS:
        book.put(page, row, column, link.text, style)
        return
    target = f"internal:'{link.sheet}'!A{link.row}"
    done(page.write_url(row, column, target, style, string=link.text))


def _height(values: Sequence[Any], widths: Sequence[float]) -> float:
    """The height in points of a row whose texts wrap."""
    texts = zip(map(str, values), widths, strict=True)
    return min(max(18.0, *(text_height(text, width, 10.5) for text, width in texts)), _HIGHEST)


def _widths(sheet: Sheet) -> list[float]:
    """The widths of the columns in characters: as their texts need, within bounds.

    Where texts wrap, what room is left on the page goes to the columns with long ones.
    """
    rows = list(islice(sheet.rows, _LOOKED_AT))
    shown = [_shown(title, [row[n] for row in rows]) for n, title in enumerate(sheet.header)]
    natural = [max(map(display_width, texts)) + 2.0 for texts in shown]
    if not sheet.wrap:
        return [min(max(width, _NARROWEST), _WIDEST) for width in natural]
    least = [
        min(width, _CODE if all(map(str.isascii, texts[1:])) else _WORDS)
        for width, texts in zip(natural, shown, strict=True)
    ]
    least = [max(width, _NARROWEST) for width in least]
    mean = [sum(map(display_width, texts[1:])) / max(1, len(texts) - 1) for texts in shown]
    wanted = [math.sqrt(max(0.0, m - low)) for m, low in zip(mean, least, strict=True)]
    room = _page(sum(least)) - sum(least)
    return [
        min(max(width, low), _WIDEST, low + room * want / (sum(wanted) or 1.0))
        for width, low, want in zip(natural, least, wanted, strict=True)
    ]


def _shown(title: str, values: Iterable[Any]) -> list[str]:
    """The heading and the first texts of a column."""
    return [title, *(str(value) for value in values if value is not None)]


def _page(width: float) -> float:
    """Characters that fit on the page for a list of this width: A4, else A3."""
    return _FITS if width <= _FITS else _FITS_A3


def _finish(page: Worksheet, sheet: Sheet, rows: int, width: float) -> None:
    """Freeze the headings, add filters, set how the list prints; `width` in characters."""
    page.freeze_panes(1, 0)
    if rows:
        done(page.autofilter(0, 0, rows, len(sheet.header) - 1))
    if width <= _FITS_A3 + 1:
        print_setup(page, landscape=True, head=sheet.head)
    if _FITS + 1 < width <= _FITS_A3 + 1:
        page.set_paper(_A3)
    page.repeat_rows(0)
