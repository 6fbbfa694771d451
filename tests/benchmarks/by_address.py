"""What somebody writes who knows where everything stands: the cells of a form by their addresses.

No label is compared and no seal verified: whatever stands at an address is the value of its field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from xltool.fields.tables import CONTEXT
from xltool.form.layout import Layout, Sheet
from xltool.form.model import Form, TableView
from xltool.office.campaign import Campaign, load_campaign

Cells = Callable[[int, int], Any]  # what stands in a cell, by 0-based row and column
Line = tuple[str, int, dict[str, Any]]  # table, number of the record, values by field


def campaign_of(folder: str) -> Campaign:
    """The campaign, its form and lists loaded."""
    campaign = load_campaign(Path(folder))
    assert campaign.layout.sheets
    assert campaign.projects
    return campaign


def files_of(folder: str) -> list[Path]:
    """The returns in a folder."""
    return sorted(Path(folder).glob("*.xlsx"))


def lines(
    form: Form, layout: Layout, sheets: Sequence[str], cells: Callable[[str], Cells]
) -> Iterator[Line]:
    """The rows of a workbook, one after the other.

    `sheets` are the names of its sheets; `cells` gives what stands on one.
    """
    names = [name for name in layout.names(len(sheets)) if name in sheets]
    for number, name in enumerate(names):
        record, part = divmod(number, len(layout.sheets))
        yield from _of_sheet(form, layout.sheets[part], record, cells(name))


def _of_sheet(form: Form, sheet: Sheet, record: int, at: Cells) -> Iterator[Line]:
    fields = form.tables[sheet.record].fields
    own = {n: fields[n].read(at(c.row, c.column)).value for n, c in sheet.fields.items()}
    yield sheet.record, record, own
    for block in sheet.blocks:
        columns = form.tables[block.table].fields
        for row in block.span:
            found = {n: columns[n].read(at(row, c)).value for n, c in block.columns.items()}
            if block.always or any(value is not None for value in found.values()):
                yield block.table, record, {**block.keys, **found}


def frame(campaign: Campaign, table: TableView, unit: str, found: Sequence[Line]) -> pl.DataFrame:
    """The rows of one table as a frame, with the columns that the checks of a form want."""
    mine = [(record, values) for name, record, values in found if name == table.name]
    schema = {name: column.kind.dtype(column) for name, column in table.fields.items()} | CONTEXT
    of_unit = campaign.units[unit]
    context = {
        "workbook": 0,
        "used": True,
        "unreadable": [],
        "unit_code": unit,
        "fy": campaign.fy,
        "district": campaign.district,
        "department_code": of_unit.department_code,
        "roster_unit": of_unit.unit_name,
        "roster_department": of_unit.department,
    }
    rows = [
        {**dict.fromkeys(schema), **context, **values, "row": number, "record": record}
        for number, (record, values) in enumerate(mine)
    ]
    return pl.DataFrame(rows, schema=schema, strict=True)


def openpyxl_lines(campaign: Campaign, path: Path) -> list[Line]:
    """The rows of a workbook, read with openpyxl."""
    import openpyxl

    book = openpyxl.load_workbook(path, data_only=True)

    def cells(name: str) -> Cells:
        sheet = book[name]
        return lambda row, column: sheet.cell(row + 1, column + 1).value

    return list(lines(campaign.form, campaign.layout, book.sheetnames, cells))


def calamine_lines(campaign: Campaign, path: Path) -> list[Line]:
    """The same, read with calamine."""
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(str(path))

    def cells(name: str) -> Cells:
        grid = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        return lambda row, column: grid[row][column] if _within(grid, row, column) else None

    return list(lines(campaign.form, campaign.layout, book.sheet_names, cells))


def _within(grid: Sequence[Sequence[Any]], row: int, column: int) -> bool:
    return row < len(grid) and column < len(grid[row])
