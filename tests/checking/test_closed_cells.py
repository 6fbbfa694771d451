"""No unit is asked to fill a cell that the office locked and left blank: whatever rule misses something there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from commands import Xltool, in_this_process
from helpers import answers, check_files, fill_unit, make_campaign, template

from xltool.rules.findings import Finding

xltool = pytest.fixture(in_this_process)
UNITS = {"declaration": "106001", "national": "517001", "target": "215001"}
# example, field that is locked, what then misses something in its cell
CASES = [
    ("declaration", "goal_long", ("TXT-005", "项目1", "B10")),
    ("national", "lv3", ("IND-004", "项目1", "D13")),
    ("national", "target", ("IND-004", "项目1", "F13")),
    ("target", "fixed_asset_items", ("AMT-008", "项目4", "E10")),
    ("target", "goal_midterm", ("TXT-001", "项目1", "B11")),
    ("target", "goal_midterm", ("TXT-005", "项目5", "B11")),
    ("target", "lv3", ("IND-004", "项目1", "C14")),
]


def locked(field: str) -> str:
    """The setting that closes a field to the units."""
    return f'\n[fields.{field}]\nfilled_by = "system"\n'


def is_blank_and_locked(book: Any, found: Finding) -> bool:
    """True where a finding stands at a cell that the unit cannot fill."""
    cell = book[found.sheet][found.cell]
    return cell.protection.locked and cell.value is None


@pytest.mark.parametrize(("example", "field", "missed"), CASES)
def test_what_is_missed_in_a_locked_cell_is_the_offices(
    example: str, field: str, missed: tuple[str, str, str], tmp_path: Path
) -> None:
    unit = UNITS[example]
    campaign = make_campaign(example, tmp_path / "office", locked(field), units=(unit,))
    back = fill_unit(campaign, unit, answers(example, unit), tmp_path / "back.xlsx")
    found = check_files(campaign, back)
    owners = {(f.code, f.sheet, f.cell): f.whose for f in found}
    assert owners[missed] == "office"
    blank = template(campaign, unit)
    for path, findings in ((back, found), (blank, check_files(campaign, blank))):
        book = openpyxl.load_workbook(path)
        asked = [f for f in findings if f.is_the_units and f.cell and is_blank_and_locked(book, f)]
        assert [(f.code, f.sheet, f.cell) for f in asked if f.severity != "info"] == []


def test_the_workbook_asks_for_no_locked_cell_either(tmp_path: Path) -> None:
    campaign = make_campaign(
        "target", tmp_path / "office", locked("fixed_asset_items"), units=("215001",)
    )
    page = openpyxl.load_workbook(template(campaign, "215001"))["填报检查"]
    lines = [[str(cell.value) for cell in row] for row in page.iter_rows() if row]
    assert [line for line in lines if "固定资产采购金额大于 0 时，采购品目要填" in line] == []
    assert [line for line in lines if "固定资产采购金额不能超过项目总金额（万元）" in line]


def test_the_unit_waits_for_the_office(tmp_path: Path, xltool: Xltool) -> None:
    campaign = make_campaign(
        "target", tmp_path / "office", locked("fixed_asset_items"), units=("215001",)
    )
    back = fill_unit(campaign, "215001", answers("target", "215001"), tmp_path / "back.xlsx")
    run = xltool("check", back, "--campaign", campaign.folder, "--return", tmp_path / "copies")
    assert run.out.splitlines()[0].startswith("待本级处理")
    assert "其中 1 处是本级预填或锁定的，单位改不了，请改正名单或设置。" in run.out
    assert "待本级处理，未生成退回件；请先更正预填或锁定的内容，重新下发" in run.err
    assert not (tmp_path / "copies").exists()
