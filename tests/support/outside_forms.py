"""Forms of offices that tests bring from outside the package: tests/own_forms/office."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
from helpers import check_files, edit, fill_unit
from small import UNIT, small_campaign

from xltool.office.campaign import Campaign
from xltool.write.live.page import FIRST

OFFICE = Path(__file__).parents[1] / "own_forms" / "office"
Found = list[tuple[str, str]]  # code and cell


def office_with(form: str, folder: Path) -> Campaign:
    """A campaign of one unit with one of these forms, issued."""
    shutil.copytree(OFFICE, folder)
    return small_campaign(form, folder, projects=[["单位代码"]])


def changed(data: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Data with other values: of the record by label, or of a row as `tasks.0.财政拨款`."""
    new = copy.deepcopy(dict(data))
    for name, value in changes.items():
        table, _, rest = name.partition(".")
        if rest:
            row, _, label = rest.partition(".")
            new[table][int(row)][label] = value
        else:
            new[name] = value
    return new


def findings(campaign: Campaign, path: Path) -> Found:
    """(code, sheet!cell) of what is found in a return."""
    return [(f.code, f"{f.sheet}!{f.cell}") for f in check_files(campaign, path)]


def filled(campaign: Campaign, data: Mapping[str, Any], out: Path) -> Path:
    """A return of the unit, filled from data."""
    return fill_unit(campaign, UNIT, data, out)


def typed_over(path: Path, place: str, value: Any, out: Path) -> Path:
    """A return in which a cell, as `工作表!B3`, was typed over."""
    sheet, _, cell = place.partition("!")

    def type_over(book: openpyxl.Workbook) -> None:
        book[sheet][cell].value = value

    return edit(path, type_over, out)


def failing_lines(path: Path) -> list[str]:
    """The lines of 填报检查 of a filled workbook that show ✘."""
    rows = openpyxl.load_workbook(path, data_only=True)["填报检查"].iter_rows(min_row=FIRST + 1)
    return [str(row[2].value) for row in rows if row[0].value == "✘"]
