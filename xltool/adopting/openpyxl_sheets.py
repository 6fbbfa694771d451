"""The sheets of a workbook as openpyxl reads them, as the plain data of `official`."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from xltool.adopting.official import Limit, Official, OfficialCell, OfficialSheet, Stated
from xltool.adopting.openpyxl_limits import limits_of
from xltool.fields.reading import shown
from xltool.form.layout import Position
from xltool.prose.text import unify_breaks
from xltool.workbook.limits import Limits
from xltool.workbook.opening import open_workbook

_DEFAULT_WIDTH = 8.43
_PAPERS = {"8": "A3", "9": "A4"}
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_NUMBER = re.compile(rb"\br=[\"'](\d+)")
_HEIGHT = re.compile(rb"\bht=[\"'](\d+(?:\.\d+)?)")
_SET = re.compile(rb"customHeight=[\"'](?:1|true)[\"']")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # XML knows none of these


def sheets_of(path: Path, limits: Limits) -> Official:
    """Return what stands on the sheets of a workbook.

    Raises UnreadableError for what is beyond the limits or damaged, and what openpyxl raises for it.
    """
    found = open_workbook(path, limits)
    xml = {s.name: s.appearance.xml if s.appearance else b"" for s in found.sheets}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl leaves out of a copy is nothing to us
        book = openpyxl.load_workbook(path)
    shown_sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
    return Official(
        tuple(_sheet(book, sheet, xml.get(sheet.title, b"")) for sheet in shown_sheets),
        tuple(hidden),
    )


def _sheet(book: Workbook, sheet: Worksheet, xml: bytes) -> OfficialSheet:
    merged = _merged(sheet)
    protected = bool(sheet.protection.sheet)
    limits = limits_of(book, sheet, xml)
    found: dict[Position, OfficialCell] = {}
    for line in sheet.iter_rows():
        for cell in line:
            if isinstance(cell, Cell):
                place = (cell.row - 1, cell.column - 1)
                found[place] = _cell(sheet, cell, merged.get(place, (1, 1)), limits, protected)
    covered = {
        (row + r, column + c)
        for (row, column), (rows, columns) in merged.items()
        for r in range(rows)
        for c in range(columns)
    }
    height, width = _used(found.values(), protected)
    cells = [
        found.get((row, column)) or OfficialCell(row, column)
        for row in range(height)
        for column in range(width)
        if (row, column) not in covered or (row, column) in merged
    ]
    setup = sheet.page_setup
    return OfficialSheet(
        name=sheet.title,
        widths=_widths(sheet, width),
        heights=_heights(sheet, height, xml),
        height=height,
        cells=tuple(cells),
        protected=protected,
        paper=_PAPERS.get(str(setup.paperSize), "A4"),
        orientation="landscape" if setup.orientation == "landscape" else "portrait",
        repeat=_repeat(sheet),
    )


def _merged(sheet: Worksheet) -> dict[Position, tuple[int, int]]:
    """The size of each merged area by its top left corner."""
    return {
        (area.min_row - 1, area.min_col - 1): (
            area.max_row - area.min_row + 1,
            area.max_col - area.min_col + 1,
        )
        for area in sheet.merged_cells.ranges
    }


def _cell(
    sheet: Worksheet,
    cell: Cell,
    size: tuple[int, int],
    limits: dict[Position, Limit],
    protected: bool,
) -> OfficialCell:
    place = (cell.row - 1, cell.column - 1)
    text, stated = _content(cell.value)
    area = [
        sheet.cell(cell.row + r, cell.column + c) for r in range(size[0]) for c in range(size[1])
    ]
    return OfficialCell(
        *place,
        *size,
        text=text,
        stated=stated,
        number_format=cell.number_format or "General",
        locked=not protected or cell.protection.locked is not False,
        bordered=any(map(_has_border, area)),
        align=cell.alignment.horizontal or "",
        on_top=cell.alignment.vertical == "top",
        size=float(cell.font.sz or 11),
        comment=unify_breaks(cell.comment.text).strip() if cell.comment else "",
        limit=limits.get(place),
    )


def _content(value: Any) -> tuple[str, Stated]:
    """What a cell shows, and how it is stored."""
    if value is None:
        return "", ""
    if isinstance(value, str):
        if value.startswith("=") and len(value) > 1:
            return value, "formula"
        text = _CONTROL.sub("", unify_breaks(value)).strip()
        return text, "text" if text else ""
    if isinstance(value, (date, datetime, time)):
        return shown(value) if not isinstance(value, time) else str(value), "date"
    if hasattr(value, "text"):  # an array formula
        return str(value.text), "formula"
    return shown(value), "number"


def _has_border(cell: Cell | MergedCell) -> bool:
    border = cell.border
    sides = (border.left, border.right, border.top, border.bottom)
    return any(side is not None and side.style for side in sides)


def _used(cells: Iterable[OfficialCell], protected: bool) -> tuple[int, int]:
    """Rows and columns of the form: what is beyond holds nothing and is not ruled."""
    height = width = 1
    for cell in cells:
        is_open = protected and not cell.locked
        if cell.text or cell.bordered or cell.limit or cell.comment or is_open:
            height = max(height, cell.row + cell.rows)
            width = max(width, cell.column + cell.columns)
    return height, width


def _widths(sheet: Worksheet, count: int) -> tuple[float, ...]:
    form = sheet.sheet_format
    base = form.defaultColWidth or (form.baseColWidth or 8) + 0.43 or _DEFAULT_WIDTH
    widths = [float(base)] * count
    for dimension in sheet.column_dimensions.values():
        if dimension.width and dimension.min:
            for column in range(dimension.min - 1, min(dimension.max or count, count)):
                widths[column] = float(dimension.width)
    return tuple(widths)


def _heights(sheet: Worksheet, count: int, xml: bytes) -> dict[int, float]:
    """The heights that somebody set; openpyxl does not tell these from what a program worked out."""
    form = sheet.sheet_format
    given = form.defaultRowHeight if form.customHeight else None
    heights = dict.fromkeys(range(count), float(given)) if given else {}
    for row in _ROW.finditer(xml):
        place, height = _NUMBER.search(row[0]), _HEIGHT.search(row[0])
        if place and height and _SET.search(row[0]) and int(place[1]) <= count:
            heights[int(place[1]) - 1] = float(height[1])
    return heights


def _repeat(sheet: Worksheet) -> tuple[int, int] | None:
    """The rows that are printed on every page."""
    found = re.fullmatch(r"\$?(\d+):\$?(\d+)", (sheet.print_title_rows or "").split("!")[-1])
    return (int(found[1]) - 1, int(found[2]) - 1) if found else None
