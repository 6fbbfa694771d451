"""(a) Issuing, against a plain loop of XlsxWriter over the same cells, formats and merges."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measuring import Answer, Bench, Row, contest, in_turns, ratios

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

_KINDS = 5  # so many workbooks the loop has the cells of, in turn


def measured(bench: Bench) -> Answer:
    """Issue one workbook, and many, in one process; imports are not counted."""
    many = bench.sizes.many
    campaign, _ = bench.returns(many)
    cells = bench.folder / "cells.json"
    contest("bench_issue", "cells_of", campaign=campaign, units=min(_KINDS, many), out=cells)
    rows: list[Row] = []
    for name, units in (("one", 1), ("many", many)):
        of = "1 workbook" if units == 1 else f"{units} workbooks"
        given = {"units": units, "folder": bench.folder}
        runs = {
            (f"xlsxwriter_{name}", f"XlsxWriter: {of}"): partial(
                contest, "bench_issue", "plain", cells=cells, **given
            ),
            (f"issue_{name}", f"xltool: issue {of}"): partial(
                contest, "bench_issue", "ours", campaign=campaign, **given
            ),
        }
        rows += in_turns(runs, units, bench.sizes.rounds)
    pairs = [(f"issue_{name}", f"xlsxwriter_{name}") for name in ("one", "many")]
    return Answer(f"Issue 1 and {many} workbooks, one process", rows, ratios(rows, *pairs))


def ours(campaign: str, units: int, folder: str) -> Callable[[], int]:
    """Issue to the first units of the roster: sealed, locked, with limits and live checks."""
    from by_address import campaign_of

    from xltool.write.issuing import issue

    office = campaign_of(campaign)
    out = Path(tempfile.mkdtemp(dir=folder)) / "issued"
    return lambda: len(issue(office, list(office.units)[:units], out=out, jobs=1))


def plain(cells: str, units: int, folder: str) -> Callable[[], int]:
    """Write as many workbooks with XlsxWriter: nothing is locked, limited, signed or worked out."""
    import xlsxwriter

    books = json.loads(Path(cells).read_text(encoding="utf-8"))
    out = Path(tempfile.mkdtemp(dir=folder))

    def act() -> int:
        for number in range(units):
            path = str(out / f"{number}.xlsx")
            _write(xlsxwriter.Workbook(path, {"in_memory": True}), books[number % len(books)])
        return units

    return act


def _write(book: Any, wanted: Any) -> None:
    formats = [book.add_format(properties) for properties in wanted["formats"]]
    for sheet in wanted["sheets"]:
        page = book.add_worksheet(sheet["name"])
        for column, width in sheet["columns"]:
            page.set_column(column, column, width)
        for row, height in sheet["rows"]:
            page.set_row(row, height)
        for place, style in sheet["merges"]:
            page.merge_range(*place, "", formats[style])
        for row, column, value, formula, style in sheet["cells"]:
            if formula:
                page.write_formula(row, column, formula, formats[style], value)
            elif isinstance(value, str):
                page.write_string(row, column, value, formats[style])
            elif value is not None:
                page.write_number(row, column, value, formats[style])
            else:
                page.write_blank(row, column, None, formats[style])
    book.close()


def cells_of(campaign: str, units: int, out: str) -> Callable[[], int]:
    """Issue a few workbooks and write down their cells, formats and merges, for the loop."""
    from by_address import campaign_of

    from xltool.write.issuing import issue

    def act() -> int:
        office = campaign_of(campaign)
        with tempfile.TemporaryDirectory() as folder:
            chosen = list(office.units)[:units]
            issued = issue(office, chosen, out=Path(folder) / "issued", jobs=1)
            books = [_cells_of(each.path) for each in issued]
        Path(out).write_text(json.dumps(books, ensure_ascii=False), encoding="utf-8")
        return len(books)

    return act


def _cells_of(path: Path) -> dict[str, Any]:
    import openpyxl

    book = openpyxl.load_workbook(path)
    shown = openpyxl.load_workbook(path, data_only=True)
    formats: dict[str, int] = {}
    sheets = [_sheet(sheet, shown[sheet.title], formats) for sheet in book.worksheets]
    return {"formats": [json.loads(text) for text in formats], "sheets": sheets}


def _sheet(sheet: Worksheet, shown: Worksheet, formats: dict[str, int]) -> dict[str, Any]:
    from openpyxl.utils import column_index_from_string

    def style(cell: Cell) -> int:
        text = json.dumps(_format(cell), sort_keys=True)
        return formats.setdefault(text, len(formats))

    return {
        "name": sheet.title,
        "columns": [
            (column_index_from_string(name) - 1, each.width)
            for name, each in sheet.column_dimensions.items()
        ],
        "rows": [(n - 1, each.height) for n, each in sheet.row_dimensions.items() if each.height],
        "merges": [
            (
                (each.min_row - 1, each.min_col - 1, each.max_row - 1, each.max_col - 1),
                style(sheet.cell(each.min_row, each.min_col)),  # type: ignore[arg-type]
            )
            for each in sheet.merged_cells.ranges
        ],
        "cells": [
            (c.row - 1, c.column - 1, shown[c.coordinate].value, _formula(c), style(c))
            for c in _cells(sheet)
        ],
    }


def _cells(sheet: Worksheet) -> Iterator[Cell]:
    """The cells that hold a value or have a format, those covered by a merged one left out."""
    from openpyxl.cell.cell import Cell as OwnCell

    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell, OwnCell) and (cell.value is not None or cell.has_style):
                yield cell


def _formula(cell: Cell) -> str:
    """The formula of a cell, also of one for an array; none where it holds a value."""
    from openpyxl.worksheet.formula import ArrayFormula

    if isinstance(cell.value, ArrayFormula):
        return str(cell.value.text)
    return str(cell.value) if cell.data_type == "f" else ""


def _format(cell: Cell) -> dict[str, Any]:
    """How a cell looks, in the words of XlsxWriter."""
    font, fill, at = cell.font, cell.fill, cell.alignment
    colours = {"font_color": font.color, "bg_color": fill.fgColor if fill.fill_type else None}
    found: dict[str, Any] = {
        "font_name": font.name,
        "font_size": font.sz,
        "bold": bool(font.b),
        "border": 1 if cell.border.left and cell.border.left.style else 0,
        "align": at.horizontal,
        "valign": {"center": "vcenter"}.get(at.vertical, at.vertical),
        "indent": int(at.indent or 0),
        "text_wrap": bool(at.wrap_text),
        "num_format": cell.number_format,
        "locked": bool(cell.protection.locked),
    }
    found |= {n: f"#{c.rgb[2:]}" for n, c in colours.items() if c and isinstance(c.rgb, str)}
    return {name: value for name, value in found.items() if value is not None}
