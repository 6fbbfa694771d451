"""longgang_2023_unit: its print, and a whole collection from issue to import file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from helpers import answers, check_files, edit, fill_unit, make_campaign, template
from merges import parts_here
from round_trips import fill_all, found_in, imported, printed

from xltool.checking import running
from xltool.checking.running import check
from xltool.merging import merge as merging
from xltool.office import seal
from xltool.office.campaign import Campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch

EXAMPLE = "unit"
SHEET = "单位整体支出绩效目标表"


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The example campaign, issued."""
    return make_campaign(EXAMPLE, tmp_path_factory.mktemp(EXAMPLE))


@pytest.fixture(scope="module")
def returns(campaign: Campaign, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The returns of all units."""
    return fill_all(campaign, EXAMPLE, tmp_path_factory.mktemp("returns"))


def test_print(campaign: Campaign) -> None:
    assert printed(campaign) == [
        *[("A1", "单位整体支出绩效目标表"), ("A2", "2027 年度"), ("F2", "单位：万元")],
        *[("A3", "单位名称"), ("E3", "主管部门")],
        *[
            ("A4", "年度主要任务"),
            ("B4", "任务名称"),
            ("D4", "主要内容"),
            ("E4", "预算金额（万元）"),
        ],
        *[("E5", "总额"), ("F5", "财政拨款"), ("G5", "其他资金")],
        *[("B26", "金额合计"), ("A27", "年度总体目标"), ("A28", "年度绩效指标")],
        *[("B28", "一级指标"), ("C28", "二级指标"), ("D28", "三级指标"), ("E28", "目标值")],
        *[("B29", "产出"), ("C29", "数量"), ("C39", "质量"), ("C49", "时效"), ("C59", "成本")],
        *[("B69", "效益"), ("C69", "经济效益"), ("C72", "社会效益"), ("C82", "可持续影响")],
        *[("C85", "生态效益"), ("B88", "满意度"), ("C88", "服务对象满意度"), ("C98", "其他满意度")],
    ]


def test_labels_are_merged_down_their_rows(campaign: Campaign) -> None:
    cells = {cell.text: cell for cell in campaign.layout.record_sheet.cells}
    assert cells["年度主要任务"].rows == 2 + 20 + 1
    assert cells["年度绩效指标"].rows == 1 + 72
    assert cells["产出"].rows == 40


def test_rows_of_a_campaign(tmp_path: Path) -> None:
    wide = make_campaign(EXAMPLE, tmp_path, "\n[rows]\ntask = 30\n")
    cells = {cell.text: cell for cell in wide.layout.record_sheet.cells}
    assert cells["年度主要任务"].rows == 33
    assert cells["金额合计"].address == "B36"


def test_sums_are_formulas(campaign: Campaign, returns: dict[str, Path]) -> None:
    page = openpyxl.load_workbook(template(campaign, "319001"))[SHEET]
    assert "SUM(E6:E25)" in page["E26"].value
    nothing = '"- -- / _ — —— － \' ’ ‘"'
    assert page["E6"].value == (
        f"=IFERROR(IF(COUNT(F6,G6)<(LEN(TRIM(F6))>0)*ISERROR(FIND(TRIM(F6),{nothing}))"
        f"+(LEN(TRIM(G6))>0)*ISERROR(FIND(TRIM(G6),{nothing}))"
        ',"",IF(COUNT(F6,G6),SUM(F6,G6),"")),"")'
    )
    assert page["E26"].protection.locked
    values = openpyxl.load_workbook(returns["319002"], data_only=True)[SHEET]
    assert [values[cell].value for cell in ("E26", "F26", "G26")] == [405.6, 398.6, 7]


def test_findings(campaign: Campaign, returns: dict[str, Path]) -> None:
    """319003 leaves an amount and a value out, writes 98万元 beside 96.00, names a task that the office
    did not map, and has neither costs nor satisfaction."""
    assert found_in(campaign, returns) == {
        "319003": [
            "TXT-001 error 单位整体支出绩效目标表!G8",
            "IND-004 error 单位整体支出绩效目标表!E39",
            "OA-006 error 单位整体支出绩效目标表!D59",
            "OA-006 error 单位整体支出绩效目标表!D88",
            "OA-004 warning 单位整体支出绩效目标表!D6",
            "OA-005 warning 单位整体支出绩效目标表!B7",
        ]
    }


def test_import_file(
    campaign: Campaign, returns: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = imported(campaign, list(returns.values()), tmp_path / "out", monkeypatch)
    assert list(sheets) == ["年度主要任务", "年度绩效指标"]
    head, *tasks = sheets["年度主要任务"]
    assert head == (
        *("单位名称", "主管部门", "任务名称", "主要内容"),
        *("总额（万元）", "财政拨款（万元）", "其他资金（万元）"),
    )
    assert len(tasks) == 6 + 5
    first = answers(EXAMPLE, "319001")["tasks"][0]
    assert tasks[0] == (
        *("云岭区应急救援指导中心", "云岭区应急管理局", "人员经费", first["主要内容"], 296, 296, 0),
    )
    head, *rows = sheets["年度绩效指标"]
    assert head == (*("单位名称", "年度总体目标", "一级指标", "二级指标", "三级指标", "目标值"),)
    goal = answers(EXAMPLE, "319001")["年度总体目标"]
    assert rows[0] == (
        *("云岭区应急救援指导中心", goal, "产出", "数量", "救援队伍集中训练天数", "≥60天"),
    )


def test_lists_that_are_not_there_are_said(tmp_path: Path) -> None:
    campaign = make_campaign(EXAMPLE, tmp_path)
    for name in ("控制数.csv", "任务对照.csv"):
        (tmp_path / name).unlink()
    path = fill_unit(campaign, "319001", answers(EXAMPLE, "319001"), tmp_path / "return.xlsx")
    verdict = check(Batch([read_file(path, settings_for(campaign, None))], campaign))
    assert verdict.findings == []
    assert [line for line in verdict.skipped if line.startswith("OA-")] == [
        "OA-003 未执行：缺少部门预算控制数（控制数.csv）",
        "OA-005 未执行：缺少任务与支出类别的对照（任务对照.csv）、部门预算控制数（控制数.csv）",
    ]


def test_a_foreign_workbook_in_yuan(campaign: Campaign, tmp_path: Path) -> None:
    """A workbook that was not issued, with the misprint of the original heading."""

    def change(book: Any) -> None:
        book.remove(book[seal.SHEET])
        for name in list(book.custom_doc_props.names):
            del book.custom_doc_props[name]
        book[SHEET]["E4"].value = "预算金额（元）"

    good = fill_unit(campaign, "319001", answers(EXAMPLE, "319001"), tmp_path / "good.xlsx")
    found = check_files(campaign, edit(good, change, tmp_path / "return.xlsx"))
    assert [(f.code, f.cell) for f in found] == [
        ("TPL-001", ""),
        ("AMT-025", "E4"),
        ("TPL-002", "E4"),
    ]


@pytest.mark.parametrize(("control", "outcome"), [("1147.60", "merged"), ("1140.00", "conflict")])
def test_the_department_adds_up_when_results_are_merged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, control: str, outcome: str
) -> None:
    """XW-005 needs all units of a department, so it is judged again between results."""
    monkeypatch.setattr(running, "made_here", parts_here)
    campaign = make_campaign(EXAMPLE, tmp_path / "campaign")
    (campaign.folder / "部门控制数.csv").write_text(
        f"部门代码,单位数,控制数（万元）\n319,2,{control}\n", encoding="utf-8"
    )
    for unit in ("319001", "319002"):
        path = fill_unit(campaign, unit, answers(EXAMPLE, unit), tmp_path / f"{unit}.xlsx")
        merging.merge([path], tmp_path / unit, campaign)
    results = [tmp_path / "319001", tmp_path / "319002"]
    whole = merging.merge(results, tmp_path / "whole", campaign)
    assert [entry.outcome for entry in whole.entries] == [outcome, outcome]  # both or none
