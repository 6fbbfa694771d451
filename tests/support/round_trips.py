"""A whole collection of one example: issued, filled, merged, and what the import file then says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
from helpers import EXAMPLES, answers, check_files, fill_unit
from merges import parts_here
from mutations import by_file

from xltool.checking import running
from xltool.merging import merge as merging
from xltool.office.campaign import Campaign

Line = tuple[Any, ...]


def fill_all(campaign: Campaign, example: str, folder: Path) -> dict[str, Path]:
    """Every unit that has answers fills in: unit → its return."""
    folder.mkdir(parents=True, exist_ok=True)
    units = sorted(path.stem for path in (EXAMPLES / example / "answers").glob("*.json"))
    return {
        unit: fill_unit(campaign, unit, answers(example, unit), folder / f"{unit}.xlsx")
        for unit in units
    }


def found_in(campaign: Campaign, returns: dict[str, Path]) -> dict[str, list[str]]:
    """The findings of all returns by unit, without messages."""
    return {
        Path(name).stem: lines
        for name, lines in by_file(check_files(campaign, *returns.values())).items()
    }


def imported(campaign: Campaign, paths: list[Path], out: Path, monkeypatch: Any) -> dict[str, Any]:
    """Merge, and read the import files: sheet → rows, the heading first. Each file has one sheet."""
    monkeypatch.setattr(running, "made_here", parts_here)
    merging.merge(paths, out, campaign, accept_warnings=True)
    found = {}
    for path in out.glob("导入文件*.xlsx"):
        (page,) = openpyxl.load_workbook(path).worksheets
        found[page.title] = list(page.iter_rows(values_only=True))
        assert path.stem in ("导入文件", f"导入文件-{page.title}")
    assert campaign.import_plan is not None
    return {name: found.pop(name) for name in campaign.import_plan.sheets} | found


def printed(campaign: Campaign) -> list[tuple[str, str]]:
    """(address, text) of everything that the first form sheet prints, row by row."""
    cells = sorted(campaign.layout.record_sheet.locked, key=lambda cell: (cell.row, cell.column))
    return [(cell.address, cell.text) for cell in cells]
