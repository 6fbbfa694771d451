"""Filled returns without a file: the issued workbook as it was read, with the answers in its grid.

What is read of such a return is what is read of the file that `fill` writes: tests/returns/test_in_memory.py
compares the two for each form. A return takes a third of the time, for nothing is zipped or parsed.
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from helpers import template
from openpyxl.utils.cell import coordinate_to_tuple

from xltool.fields.reading import Raw
from xltool.office.campaign import Campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import take
from xltool.returns.submissions import Submission
from xltool.workbook.limits import Limits
from xltool.workbook.opening import WorkbookData, open_workbook
from xltool.write import filling
from xltool.write.submission import places_of

Cell = tuple[int, int]


def filled_workbook(campaign: Campaign, unit: str, data: Mapping[str, Any]) -> WorkbookData:
    """A unit's workbook filled with data, as `open_workbook` would give it."""
    path = template(campaign, unit)
    blank = _blank(path, path.stat().st_mtime_ns)
    data = {**data, **({"unit": unit} if "unit" in data else {})}
    typed = dict(_typed(campaign, path, data))
    sheets = [
        replace(sheet, grid=with_cells(sheet.grid, typed.get(sheet.name, {})))
        for sheet in blank.sheets
    ]
    return replace(blank, sheets=sheets)


def filled_return(
    campaign: Campaign, unit: str, data: Mapping[str, Any], name: str = "return.xlsx"
) -> Submission:
    """What is read of a unit's return with this data."""
    return taken(campaign, filled_workbook(campaign, unit, data), name)


def taken(campaign: Campaign, workbook: WorkbookData, name: str) -> Submission:
    """What is read of a workbook, as a file of this name."""
    submission = Submission(name, name)
    take(submission, workbook, settings_for(campaign, None))
    return submission


def typed_into(workbook: WorkbookData, cells: Mapping[str, Raw]) -> WorkbookData:
    """The workbook with these contents, by `sheet!cell`, in it."""
    found: dict[str, dict[Cell, Raw]] = {}
    for address, raw in cells.items():
        name, _, cell = address.rpartition("!")
        found.setdefault(name, {})[place_of(cell)] = as_read(raw)
    sheets = [
        replace(sheet, grid=with_cells(sheet.grid, found.get(sheet.name, {})))
        for sheet in workbook.sheets
    ]
    return replace(workbook, sheets=sheets)


def place_of(address: str) -> Cell:
    """The 0-based row and column of an address."""
    row, column = coordinate_to_tuple(address)
    return row - 1, column - 1


def with_cells(grid: list[list[Raw]], cells: Mapping[Cell, Raw]) -> list[list[Raw]]:
    """A copy of a grid with these contents in it."""
    found = [list(row) for row in grid]
    for (row, column), raw in cells.items():
        found += [[] for _ in range(row + 1 - len(found))]
        found[row] += [None] * (column + 1 - len(found[row]))
        found[row][column] = raw
    return found


def _typed(
    campaign: Campaign, path: Path, data: Mapping[str, Any]
) -> Iterator[tuple[str, dict[Cell, Raw]]]:
    """What `fill` would write into each form sheet."""
    source = _folder() / "data.json"
    source.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    with patch.object(filling, "write_submission") as write:
        filling.fill(path, source, source.with_suffix(".xlsx"), campaign)
    _, form, layout, issue, _, _, contents = write.call_args.args
    for place in places_of(form, layout, issue, contents):
        own = {(cell.row, cell.column) for cell in place.sheet.fields.values()}
        cells = {at: as_read(place.raw(at)) for at in own | set(place.sheet.block_cells)}
        yield place.name, {at: raw for at, raw in cells.items() if raw is not None}


def as_read(raw: Raw) -> Raw:
    """A content as it is read from a file."""
    if isinstance(raw, (int, Decimal)) and not isinstance(raw, bool):
        return float(raw)
    return raw


@cache
def _blank(path: Path, _: int) -> WorkbookData:
    return open_workbook(path, Limits())


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="xltool-data-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
