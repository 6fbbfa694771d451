"""Plain lists as a workbook: the import file and 汇总表. Values only, codes as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from xltool.text import display_width
from xltool.write.book import Book, done, open_book


@dataclass(frozen=True)
class Sheet:
    """One list: its name, its headings, its rows."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]


def write_tables(path: Path, sheets: Sequence[Sheet], bare: bool = False) -> None:
    """Write lists, one sheet each. `bare`: no look at all, as an import file wants it."""
    with open_book(path, protect=False) as book:
        for sheet in sheets:
            _write(book, sheet, bare)


def _write(book: Book, sheet: Sheet, bare: bool) -> None:
    page = book.sheet(sheet.name)
    head = (
        book.format(num_format="@")
        if bare
        else book.format(bold=True, bg_color="#D9E1F2", border=1)
    )
    text = book.format(num_format="@")
    money = book.format(num_format="#,##0.00")
    whole = book.format(num_format="0")
    day = book.format(num_format="yyyy-mm-dd")
    for column, title in enumerate(sheet.header):
        book.put(page, 0, column, title, head)
        width = max(
            [
                display_width(title),
                *(display_width(str(row[column] or "")) for row in sheet.rows[:200]),
            ]
        )
        done(page.set_column(column, column, min(max(width + 2, 8), 48)))
    for row, values in enumerate(sheet.rows, 1):
        for column, value in enumerate(values):
            style = text
            if isinstance(value, Decimal):
                style = money
            elif isinstance(value, int):
                style = whole
            elif value is not None and not isinstance(value, str):
                style = day
            if value is not None:
                book.put(page, row, column, value, style)
    if not bare:
        page.freeze_panes(1, 0)
        if sheet.rows:
            done(page.autofilter(0, 0, len(sheet.rows), len(sheet.header) - 1))
