"""The hidden sheet beside the official form: the seal, and the lists of its dropdowns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from xlsxwriter.worksheet import Worksheet

from xltool.form.layout import Layout, a1
from xltool.form.lists import ListNames, list_names
from xltool.form.model import Form
from xltool.office import seal
from xltool.prose.text import display_width
from xltool.write.book import Book
from xltool.write.form_sheet import list_name


def sheet_width(sheets: Iterable[str]) -> float:
    """Return the width of a column for the names of sheets, in characters; long names wrap."""
    return min(max(9.0, *(display_width(name) + 1.0 for name in sheets)), 20.0)


def write_seal(book: Book, form: Form, layout: Layout, text: str) -> None:
    """Write the hidden sheet: the seal in column A, the dropdown lists in the columns after it.

    The seal goes into the properties of the document too.
    """
    page = book.sheet(seal.SHEET)
    style = book.format()
    for row, chunk in enumerate(seal.cells(text)):
        book.put(page, row, 0, chunk, style)
    for name, value in seal.properties(text).items():
        book.property(name, value)
    used = {sheet.record for sheet in layout.sheets}
    used |= {block.table for sheet in layout.sheets for block in sheet.blocks}
    lists = _Lists(book, page)
    for table in (form.tables[name] for name in form.tables if name in used):
        for field in table.fields.values():
            if field.key is not None:
                lists.keyed(list_names(form, table.name, field.name), field.entries)
            elif field.kind.listed and field.choices:
                lists.area(list_name(table.name, field.name), [[each] for each in field.choices])
    book.protect(page)
    page.very_hidden()


@dataclass
class _Lists:
    """Writes lists side by side on the hidden sheet, each a range with a name."""

    book: Book
    page: Worksheet
    column: int = 1  # the next free one

    def area(self, name: str, rows: Sequence[Sequence[str | int]]) -> None:
        """Write a range of as many columns as its rows have."""
        style, width = self.book.format(), len(rows[0])
        for row, values in enumerate(rows):
            for column, value in enumerate(values, self.column):
                self.book.put(self.page, row, column, value, style)
        first, last = (a1(0, c).rstrip("1") for c in (self.column, self.column + width - 1))
        self.book.name(name, f"='{seal.SHEET}'!${first}$1:${last}${len(rows)}")
        self.column += width

    def keyed(self, names: ListNames, entries: Mapping[str, Sequence[str]]) -> None:
        """Write a list that is sorted by keys (see `xltool.form.lists`)."""
        counts = [len(some) for some in entries.values()]
        self.area(names.entries, [[each] for some in entries.values() for each in some])
        self.area(names.keys, [[key] for key in entries])
        self.area(
            names.spans, [[end - n, n] for end, n in zip(accumulate(counts), counts, strict=True)]
        )
