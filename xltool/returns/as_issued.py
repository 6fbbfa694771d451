"""A workbook as it goes out, before anybody filled it: what will be read of a return that changes nothing.

By it the office is told of what it prefilled before a unit sees it (`checking.beforehand`). No file is written for
that: the cells that hold something are put into grids, and read like those of any return.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from xltool.fields.kinds import Field
from xltool.fields.reading import Raw, Value
from xltool.form.edition import Edition
from xltool.form.layout import Page, Position, Sheet
from xltool.form.model import Form
from xltool.office.seal import Issue
from xltool.returns.reading import read_sheets
from xltool.returns.submissions import Sender, Submission
from xltool.workbook.opening import SheetData, WorkbookData


def as_issued(
    edition: Edition,
    issue: Issue,
    name: str,
    filled: Sequence[Mapping[Position, Value | Raw]] = (),
) -> Submission:
    """The submission of a workbook that was issued so and came back untouched, under this name.

    `filled` is what the unit filled in instead, for each form sheet by position.
    """
    found = Submission(name, edition=edition, seal="ok", issue=issue, issued=issue.words)
    found.sender = Sender.of(issue)
    pages = edition.layout.pages(len(issue.records))
    values = [filled[n] if n < len(filled) else {} for n in range(len(pages))]
    sheets = [_sheet(edition, issue, *both) for both in zip(pages, values, strict=True)]
    workbook = WorkbookData(sheets, {})
    read_sheets(found, workbook, edition)
    return found


def _sheet(
    edition: Edition, issue: Issue, page: Page, filled: Mapping[Position, Value | Raw]
) -> SheetData:
    """One form sheet: its printed texts, what the office filled, and the unit."""
    sheet = edition.layout.sheets[page.part]
    grid: list[list[Raw]] = [[None] * len(sheet.widths) for _ in range(sheet.height)]
    for cell in sheet.locked:
        grid[cell.row][cell.column] = cell.text
    for (row, column), raw in _prefilled(edition.form, sheet, issue, page.record):
        grid[row][column] = raw
    for (row, column), value in filled.items():
        grid[row][column] = _as_read(value)
    return SheetData(page.name, grid)


def _prefilled(
    form: Form, sheet: Sheet, issue: Issue, record: int
) -> Iterator[tuple[Position, Raw]]:
    """The cells that the office filled, as they are read from a file."""
    fields, known = form.tables[sheet.record].fields, issue.records[record]
    for name, cell in sheet.fields.items():
        if name in known and cell.words is None:
            yield (cell.row, cell.column), _raw(fields[name], known[name])
    for cell in sheet.worded:
        said: Raw = cell.text
        for name in known.keys() & set(cell.fields):
            said = _as_read(cell.filled(fields[name], said, _parsed(fields[name], known[name])))
        yield (cell.row, cell.column), said
    for place, text in sheet.place_lines(issue.lines_of(record)).items():
        block, name = sheet.block_cells[place]
        yield place, _raw(form.field(block.table, name), text)


def _raw(field: Field, text: str) -> Raw:
    return _as_read(_parsed(field, text))


def _parsed(field: Field, text: str) -> Value:
    return field.kind.parse(text, field)


def _as_read(value: Value | Raw) -> Raw:
    """A value as it is read from a file: every number is a float there."""
    return float(value) if isinstance(value, (int, Decimal)) else value
