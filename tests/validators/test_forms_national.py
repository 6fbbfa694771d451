"""national_2015_declaration: its print, and a whole collection from issue to import file."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from helpers import answers, make_campaign, template
from round_trips import fill_all, found_in, imported, printed

from xltool.office.campaign import Campaign

EXAMPLE = "national"
SCHOOL = ("云岭区教育局（517）", "云岭区职业技术学校")


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The example campaign, issued."""
    return make_campaign(EXAMPLE, tmp_path_factory.mktemp(EXAMPLE))


@pytest.fixture(scope="module")
def returns(campaign: Campaign, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The returns of all units."""
    return fill_all(campaign, EXAMPLE, tmp_path_factory.mktemp("returns"))


def test_print(campaign: Campaign) -> None:
    levels = {
        "数量指标": 13,
        "质量指标": 23,
        "时效指标": 33,
        "成本指标": 43,
        "经济效益指标": 48,
        "社会效益指标": 51,
        "生态效益指标": 61,
        "可持续影响指标": 64,
        "服务对象满意度指标": 67,
    }
    cells = printed(campaign)
    assert cells[:31] == [
        *[("A1", "项目支出绩效目标申报表"), ("A2", "（2027年度）"), ("A3", "项目名称")],
        *[("A4", "主管部门及代码"), ("H4", "实施单位"), ("A5", "项目属性"), ("H5", "项目期")],
        *[("A6", "项目资金（万元）"), ("C6", "中期资金总额："), ("H6", "年度资金总额：")],
        *[("C7", "其中：财政拨款"), ("H7", "其中：财政拨款")],
        *[("C8", "其他资金"), ("H8", "其他资金")],
        *[("A9", "总体目标"), ("C9", "中期目标（2027年—2029年）"), ("H9", "年度目标")],
        *[("A11", "绩效指标"), ("B11", "一级指标"), ("C11", "二级指标"), ("D11", "三级指标")],
        *[("E11", "指标值"), ("H11", "二级指标"), ("I11", "三级指标"), ("J11", "指标值")],
        *[("E12", "计算符号"), ("F12", "指标值"), ("G12", "计量单位")],
        *[("J12", "计算符号"), ("K12", "指标值"), ("L12", "计量单位")],
    ]
    beside = {f"{column}{row}": name for name, row in levels.items() for column in "CH"}
    assert dict(cells[31:]) == {**beside, "B13": "产出指标", "B48": "效益指标", "B67": "满意度指标"}


def test_two_periods_side_by_side(campaign: Campaign) -> None:
    sheet = campaign.layout.record_sheet
    assert {(b.keys["period"], tuple(sorted(b.columns.values()))) for b in sheet.blocks} == {
        ("中期", (3, 4, 5, 6)),
        ("年度", (8, 9, 10, 11)),
    }
    assert (sheet.repeat, sheet.height) == ((10, 11), 71)
    page = openpyxl.load_workbook(template(campaign, "517001"))["项目1"]
    assert page.print_title_rows == "$11:$12"
    assert (page["C4"].value, page["I4"].value) == ("云岭区教育局（517）", "云岭区职业技术学校")


def test_findings(campaign: Campaign, returns: dict[str, Path]) -> None:
    """517003 spends more in a year than in three, leaves goal and value out, says a thing twice, types
    a unit with the number, chooses what is no sign, and asks nobody in the year."""
    assert found_in(campaign, returns) == {
        "517003": [
            "AMT-002 error 项目1!J6",
            "TXT-001 error 项目1!H10",
            "IND-007 error 项目1!I13",
            "IND-007 error 项目1!I14",
            "IND-004 error 项目1!K23",
            "TXT-020 error 项目1!J51",
            "TXT-020 warning 项目1!C5",
            "IND-006 warning 项目1!I67",
            "VAL-011 info 项目1!K13",
        ]
    }


def test_import_file(
    campaign: Campaign, returns: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = imported(campaign, list(returns.values()), tmp_path / "out", monkeypatch)
    assert list(sheets) == ["Sheet1"]
    head, *rows = sheets["Sheet1"]
    assert head == (
        *("项目名称", "主管部门及代码", "实施单位", "项目属性", "项目期"),
        *("中期资金总额", "中期财政拨款", "中期其他资金"),
        *("年度资金总额", "年度财政拨款", "年度其他资金", "中期目标", "年度目标"),
        *("期间", "一级指标", "二级指标", "三级指标", "计算符号", "指标值", "计量单位"),
    )
    project = answers(EXAMPLE, "517001")["projects"][0]
    first = (
        *(project["项目名称"], *SCHOOL, "新增项目", "2027—2029年", 900, 860, 40, 340, 320, 20),
        *(project["中期目标"], project["年度目标"]),
    )
    mine = [row for row in rows if row[0] == project["项目名称"]]
    assert len(mine) == len(project["indicators"])
    assert mine[0] == (*first, "中期", "产出指标", "数量指标", "更新设备数量", "≥", "260", "台套")
    years = [row for row in mine if row[13] == "年度"]
    assert years[0] == (*first, "年度", "产出指标", "数量指标", "更新设备数量", "≥", "96", "台套")
