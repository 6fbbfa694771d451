"""A new project on a spare sheet: what the unit can know of it is open, and one without amount is told.

On the sheets of projects that the office lists, the same cells are locked, with or without a value.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from helpers import check_files, edit, fill_unit, template
from small import PROJECTS, UNIT, small_campaign

from xltool.office.campaign import Campaign

E, D = "futian_2024_declaration", "futian_2022_declaration"
NEW_ONLY = {E: ["B4", "E4", "E5", "B6", "E6", "B7"], D: ["B4", "E4", "E5", "B6", "E6"]}
AMOUNT_OF_THE_YEAR = "E6"
LINE = "本年度项目金额（万元）要填"


def listed_without_amounts(form: str, folder: Path, settings: str = "") -> Campaign:
    """A campaign whose only listed project has a code, a name, and nothing else."""
    heads, values = PROJECTS[form]
    return small_campaign(form, folder, settings, projects=[heads[:3], values[:3]])


def sheet_of(campaign: Campaign, name: str) -> Any:
    """A form sheet as it was issued."""
    return openpyxl.load_workbook(template(campaign, UNIT))[name]


def typed(campaign: Campaign, cells: dict[str, Any], sheet: str, out: Path) -> Path:
    """The issued workbook with something typed into a sheet."""

    def change(book: openpyxl.Workbook) -> None:
        for cell, value in cells.items():
            book[sheet][cell].value = value

    return edit(template(campaign, UNIT), change, out)


@pytest.mark.parametrize("form", [E, D])
def test_what_a_unit_knows_is_open_on_a_spare_sheet_only(form: str, tmp_path: Path) -> None:
    campaign = listed_without_amounts(form, tmp_path)
    known, spare = sheet_of(campaign, "项目1"), sheet_of(campaign, "项目2")
    for cell in NEW_ONLY[form]:
        assert known[cell].protection.locked
        assert not spare[cell].protection.locked
        assert spare[cell].comment is None  # the official one says that nobody need fill it
    assert spare["B3"].protection.locked
    record = campaign.issue_for(campaign.units[UNIT]).records[0]
    assert record["amount_year"] == ""
    assert "amount_year" not in campaign.issue_for(campaign.units[UNIT]).records[1]


@pytest.mark.parametrize("form", [E, D])
def test_the_official_comment_stays_where_the_cell_is_locked(form: str, tmp_path: Path) -> None:
    campaign = listed_without_amounts(form, tmp_path)
    comment = sheet_of(campaign, "项目1")[AMOUNT_OF_THE_YEAR].comment
    assert (comment.text if comment else None) == (
        "由系统自动汇总二级项目，无需手工录入" if form == E else None
    )


def test_a_used_spare_sheet_without_amount_is_told(tmp_path: Path) -> None:
    campaign = small_campaign(E, tmp_path / "campaign")
    out = partial(typed, campaign, sheet="项目2")
    found = check_files(campaign, out({"E2": "贯标培训"}, out=tmp_path / "blank.xlsx"))
    assert [
        (f.severity, f.cell, f.message, f.whose)
        for f in found
        if f.sheet == "项目2" and f.code == "AMT-012"
    ] == [("warning", AMOUNT_OF_THE_YEAR, "本年度项目金额（万元）为 0 或空白", "unit")]


@pytest.mark.parametrize(
    "cells", [{}, {"E2": "贯标培训", "B6": 12, AMOUNT_OF_THE_YEAR: 4}], ids=["unused", "with"]
)
def test_an_unused_one_and_one_with_amount_are_not(cells: dict[str, Any], tmp_path: Path) -> None:
    campaign = small_campaign(E, tmp_path / "campaign")
    found = check_files(campaign, typed(campaign, cells, "项目2", tmp_path / "back.xlsx"))
    assert "AMT-012" not in [f.code for f in found]


@pytest.mark.parametrize("form", [E, D])
def test_a_listed_project_without_amounts_is_the_systems(form: str, tmp_path: Path) -> None:
    """Nobody is told of the blank; what the unit types there anyway is told as ever."""
    campaign = listed_without_amounts(form, tmp_path / "campaign")
    untouched = check_files(campaign, template(campaign, UNIT))
    assert not [f for f in untouched if f.cell in NEW_ONLY[form] or f.whose != "unit"]
    cells = {AMOUNT_OF_THE_YEAR: "约四", "B6": 12}
    found = check_files(campaign, typed(campaign, cells, "项目1", tmp_path / "back.xlsx"))
    assert [(f.code, f.cell, f.message) for f in found if f.cell in NEW_ONLY[form]] == [
        (
            "TPL-002",
            "B6",
            "锁定的内容被改动：项目总金额（中期规划，万元）应为“（空白）”，现为“12”",
        ),
        ("TPL-002", "E6", "锁定的内容被改动：本年度项目金额（万元）应为“（空白）”，现为“约四”"),
    ]


def test_an_office_may_open_them_everywhere(tmp_path: Path) -> None:
    settings = '[fields.amount_year]\nfilled_by = "unit"\n'
    campaign = listed_without_amounts(E, tmp_path, settings)
    known = sheet_of(campaign, "项目1")
    assert not known[AMOUNT_OF_THE_YEAR].protection.locked
    assert known["B6"].protection.locked


def test_an_office_may_lock_them_everywhere(tmp_path: Path) -> None:
    settings = '[fields.amount_year]\nfilled_by = "system"\n'
    campaign = listed_without_amounts(E, tmp_path, settings)
    spare = sheet_of(campaign, "项目2")
    assert spare[AMOUNT_OF_THE_YEAR].protection.locked
    assert not spare["B6"].protection.locked


def test_data_fill_them_on_a_spare_sheet(tmp_path: Path) -> None:
    campaign = small_campaign(E, tmp_path / "campaign")
    data = {"projects": [{"项目名称": "贯标培训", "项目总金额": "12.00", "本年度项目金额": "4.00"}]}
    book = openpyxl.load_workbook(fill_unit(campaign, UNIT, data, tmp_path / "filled.xlsx"))
    assert (book["项目2"]["B6"].value, book["项目2"][AMOUNT_OF_THE_YEAR].value) == (12, 4)


def test_the_guide_says_of_which_projects_the_unit_fills_them(tmp_path: Path) -> None:
    campaign = small_campaign(E, tmp_path)
    rows = list(sheet_of(campaign, "填报说明").iter_rows(values_only=True))
    assert [
        row for row in rows if str(row[0]).startswith(("实施期限", "项目总金额", "政策依据"))
    ] == [
        ("实施期限", "单位，只填新增项目", "1–99 的整数"),
        (
            "项目总金额（中期规划，万元）、本年度项目金额（万元）",
            "单位，只填新增项目",
            "数字，单位万元，最多 2 位小数",
        ),
        ("政策依据", "单位，只填新增项目", "文字"),
    ]


def test_the_live_line_stands_for_spare_sheets_and_known_amounts(tmp_path: Path) -> None:
    campaign = listed_without_amounts(E, tmp_path)
    rows = list(sheet_of(campaign, "填报检查").iter_rows(values_only=True))
    lines = [(row[1], row[2]) for row in rows if row[4] == "AMT-012" and row[1]]
    assert lines == [("项目2", LINE), ("项目2", "本年度项目金额（万元）不能等于 0")]
