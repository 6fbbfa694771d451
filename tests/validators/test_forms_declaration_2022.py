"""futian_2022_declaration: its print, and a whole collection from issue to import file."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import answers, make_campaign
from round_trips import fill_all, found_in, imported, printed

from xltool.office.campaign import Campaign

EXAMPLE = "declaration_2022"


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
        ("A1", "二级项目支出绩效目标申报表"),
        *[("A2", "项目编码："), ("D2", "项目名称：")],
        *[("A3", "申请单位："), ("D3", "一级预算单位：")],
        *[("A4", "实施期限："), ("D4", "项目类型：")],
        *[("A5", "是否新增项目："), ("D5", "分配方式：")],
        *[("A6", "项目总金额（中期规划，万元）："), ("D6", "本年度项目金额（万元）：")],
        *[("A7", "项目概况："), ("A8", "年度目标："), ("A9", "长期目标（跨度多年的项目需填）：")],
        *[("A10", "一级指标"), ("B10", "二级指标"), ("C10", "三级指标")],
        *[("D10", "指标值"), ("E10", "指标解释")],
        *[("A11", "产出"), ("B11", "*数量"), ("B21", "*质量"), ("B31", "*时效"), ("B41", "*成本")],
        *[("A46", "效益"), ("B46", "经济效益"), ("B49", "*社会效益"), ("B59", "生态效益")],
        *[("B62", "可持续影响"), ("A65", "满意度"), ("B65", "*服务对象满意度")],
        ("B70", "其他满意度"),
    ]


def test_fields_and_merged_levels(campaign: Campaign) -> None:
    sheet = campaign.layout.record_sheet
    assert {name: cell.address for name, cell in sheet.fields.items()} == {
        "project_code": "B2",
        "project_name": "E2",
        "applicant_unit": "B3",
        "level1_unit": "E3",
        "period_years": "B4",
        "project_type": "E4",
        "is_new": "B5",
        "alloc_method": "E5",
        "amount_total": "B6",
        "amount_year": "E6",
        "overview": "B7",
        "goal_year": "B8",
        "goal_long": "B9",
    }
    keys = [cell for cell in sheet.cells if cell.kind == "key"]
    assert [(cell.address, cell.rows) for cell in keys if cell.column == 0] == [
        *[("A11", 35), ("A46", 19), ("A65", 8)]
    ]


def test_findings(campaign: Campaign, returns: dict[str, Path]) -> None:
    """142003 calls an old project new, leaves goals and a value out, says a thing twice, has no cost."""
    assert found_in(campaign, returns) == {
        "142003": [
            "COD-006 error 项目1!B5",
            "TXT-004 error 项目1!B8",
            "IND-007 error 项目1!C11",
            "IND-007 error 项目1!C12",
            "IND-004 error 项目1!D65",
            "TXT-005 error 项目2!B9",
            "IND-001 error 项目2!C41",
            "AMT-014 info 项目2!B6",
        ]
    }


def test_import_file(
    campaign: Campaign, returns: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = imported(campaign, list(returns.values()), tmp_path / "out", monkeypatch)
    assert list(sheets) == ["Sheet1"]
    head, *rows = sheets["Sheet1"]
    assert head == (
        *("项目编码", "项目名称", "申请单位", "一级预算单位", "实施期限", "项目类型"),
        *("是否新增项目", "分配方式", "项目总金额", "本年度项目金额", "项目概况"),
        *("年度目标", "长期目标", "一级指标", "二级指标", "三级指标", "指标值", "指标解释"),
    )
    project = answers(EXAMPLE, "142001")["projects"][0]
    assert rows[0] == (
        *(
            project["项目编码"],
            project["项目名称"],
            "云岭区水务设施管护中心",
            *[None] * 3,
            "否",
            *[None] * 3,
        ),
        *(project["项目概况"], project["年度目标"], project["长期目标"]),
        *("产出", "*数量", "管网内窥检测长度", "≥120公里", "反映全年检测的管网长度"),
    )
    assert len(rows) == sum(
        len(project["indicators"])
        for unit in ("142001", "142002")
        for project in answers(EXAMPLE, unit)["projects"]
    )
