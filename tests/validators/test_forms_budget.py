"""longgang_2023_budget: its print, and a whole collection from issue to import file."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from helpers import answers, fill_unit, make_campaign, template
from round_trips import fill_all, found_in, imported

from xltool.form.layout import Sheet
from xltool.form.layout_xml import render
from xltool.form.loading import load_form
from xltool.office.campaign import Campaign, load_campaign
from xltool.write.issuing import issue

EXAMPLE = "budget"
SOURCES_ABOVE = (
    *("政府预算拨款", "财政专户拨款", "事业收入", "事业单位经营收入", "上级补助收入"),
    *("附属单位上缴收入", "其他收入", "上年结余、结转"),
)
SOURCES_BELOW = ("小计", "一般公共预算拨款", "政府性基金预算拨款", "国有资本经营预算拨款")
SUBJECTS = ("预算单位", "科目编码", "科目名称", "支出总计", "基本支出", "项目支出")


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The example campaign, issued."""
    return make_campaign(EXAMPLE, tmp_path_factory.mktemp(EXAMPLE))


@pytest.fixture(scope="module")
def returns(campaign: Campaign, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The returns of all units."""
    return fill_all(campaign, EXAMPLE, tmp_path_factory.mktemp("returns"))


def sheets() -> dict[str, Sheet]:
    return {sheet.name: sheet for sheet in render(load_form("longgang_2023_budget"), 2027).sheets}


def lines(name: str) -> dict[int, tuple[str, ...]]:
    """What a sheet prints, by its 1-based rows."""
    found: dict[int, list[str]] = {}
    for cell in sorted(sheets()[name].locked, key=lambda cell: (cell.row, cell.column)):
        found.setdefault(cell.row + 1, []).append(cell.text)
    return {row: tuple(texts) for row, texts in found.items()}


def test_sheets() -> None:
    assert list(sheets()) == [*(f"表{n}" for n in range(1, 12)), "增减变动说明"]


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (1, "收支总表"),
        (2, "收入总表"),
        (3, "支出总表"),
        (4, "基本支出总表"),
        (5, "项目支出总表"),
        (6, "政府预算拨款收支总表"),
        (7, "一般公共预算支出表（按功能分类）"),
        (8, "一般公共预算支出表（按经济分类）"),
        (9, "一般公共预算“三公”经费支出表"),
        (10, "政府性基金预算支出表"),
        (11, "国有资本经营预算支出表"),
    ],
)
def test_titles(number: int, name: str) -> None:
    found = lines(f"表{number}")
    assert (found[1], found[2]) == ((f"表 {number}",), (name,))
    assert found[3] == ("部门名称：", "单位：万元")
    assert (found.popitem()[1] == ("注：",)) == (number in (1, 9, 10, 11))


def test_balance() -> None:
    found = lines("表1")
    assert found[4] == ("收 入", "支 出")
    assert found[5] == ("项 目", "2027 年预算数", "项 目", "2027 年预算数")
    assert [found[row] for row in (6, 7, 8, 9)] == [
        *[("一、政府预算拨款",), ("1. 一般公共预算拨款",)],
        *[("2. 政府性基金预算拨款",), ("3. 国有资本经营预算拨款",)],
    ]
    assert [found[row] for row in (22, 23, 24)] == [
        ("本年收入合计", "本年支出合计"),
        ("上年结余、结转", "结转下年"),
        ("收入总计", "支出总计"),
    ]
    assert [lines("表6")[row] for row in (6, 7, 8, 9)] == [
        *[("政府预算拨款",), ("一般公共预算拨款",)],
        *[("政府性基金预算拨款",), ("国有资本经营预算拨款",)],
    ]


def test_heads() -> None:
    assert lines("表2")[4] == ("预算单位", "收入总计", *SOURCES_ABOVE)
    assert lines("表2")[5] == SOURCES_BELOW
    assert lines("表3")[4] == (*SUBJECTS, "2027 年政府采购项目")
    assert lines("表3")[5] == (
        *("小计", "其中：面向中小企业政府采购项目", "其中：面向小型、微型企业政府采购项目"),
    )
    assert lines("表4")[4] == ("预算单位", "科目编码", "科目名称", "总计", *SOURCES_ABOVE)
    assert lines("表5")[4] == ("预算单位", "项目名称", "总计", *SOURCES_ABOVE)
    for number in (7, 8, 10, 11):
        assert lines(f"表{number}")[4] == SUBJECTS


def test_three_lines_of_table_9() -> None:
    found = lines("表9")
    assert found[4] == (
        *("预算单位", "年度", "总计", "因公出国(境)费", "公务接待费"),
        "公务用车购置及运行维护费",
    )
    assert found[5] == ("小计", "公务用车购置费", "公务用车运行维护费")
    assert [found[row] for row in (6, 7, 8)] == [("2026 年",), ("2027 年",), ("增减变化金额",)]


def test_department_and_unit_come_from_the_roster(campaign: Campaign) -> None:
    book = openpyxl.load_workbook(template(campaign, "302001"))
    unit, department = "云岭区公园事务中心", "云岭区城市管理局"
    for number in range(1, 12):
        assert book[f"表{number}"]["B3"].value == unit
    first = {2: "A6", 3: "A6", 4: "A6", 5: "A6", 9: "A6"}
    assert {book[f"表{number}"][cell].value for number, cell in first.items()} == {unit}
    for number in (7, 8, 10, 11):
        page = book[f"表{number}"]
        assert [page["A5"].value, page["A6"].value] == [department, unit]
        assert page["A5"].protection.locked
        assert not page["A7"].protection.locked


def test_a_unit_without_department_is_issued_too(tmp_path: Path) -> None:
    roster = tmp_path / "units.csv"
    make_campaign(EXAMPLE, tmp_path)
    roster.write_text("单位代码,单位名称\n301001,云岭区社区网格事务中心\n", encoding="utf-8")
    campaign = load_campaign(tmp_path)
    issue(campaign)
    page = openpyxl.load_workbook(template(campaign, "301001"))["表7"]
    assert [page["A5"].value, page["A6"].value] == ["云岭区社区网格事务中心", None]


def test_findings(campaign: Campaign, returns: dict[str, Path]) -> None:
    """301001 and 302001 (two units, a government fund, income of its own) are right.

    301002 let the codes of 表8 slip by a row, typed 7 for 4 in 表5 (within the envelope of seven
    projects, but not what its explanation says), took an increase for a decrease (so that
    percent and reason are those of an increase), wrote another project's name and number of cars, took the city's text, and
    left out the note of the empty 表10. Findings stand in the order of the sheets.
    """
    assert found_in(campaign, returns) == {
        "301002": [
            "BD-013 error 表8!B16",
            *(f"BD-014 error 表8!C{row}" for row in (16, 17, 18, 19)),
            "BD-016 error 表10!B13",
            "BD-020 error 增减变动说明!B24",
            "BD-022 error 增减变动说明!D28",
            "BD-025 warning 增减变动说明!A38",
            "BD-027 warning 增减变动说明!B54",
            "BD-028 warning 增减变动说明!B55",
            "ROUND info 表5!C6",
            "ROUND info 表5!D6",
            "ROUND info 表5!E6",
        ]
    }


def test_import_file(
    campaign: Campaign, returns: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [returns["301001"], returns["302001"]]
    found = imported(campaign, paths, tmp_path / "out", monkeypatch)
    assert list(found) == [
        *("表1", "表1支出", "表2", "表3", "表4", "表5", "表6", "表6支出", "表7", "表8", "表9"),
        *("表10", "表11", "主要指标增减", "项目支出明细", "重点项目绩效", "文字说明"),
    ]
    park, sibling = "云岭区公园事务中心", "云岭区绿化养护站"
    assert found["表1"][2] == (park, 1000, 900, 100, 0, 1050, 0, 1050, 1050, 0, 1050)
    assert [row[:3] for row in found["表1支出"][5:8]] == [
        (park, "一、城乡社区支出", 1050),
        (park, "城乡社区环境卫生", 950),
        (park, "城乡社区环境卫生", 950),
    ]
    assert found["表9"][-1] == (park, None, "增减变化金额", -2, 0, -2, 0, 0, 0)
    assert found["表7"][-4][:5] == (park, sibling, None, None, 300)
    assert found["表8"][1:3] == [
        ("云岭区社区网格事务中心", "云岭区社会治理工作局", None, None, 1307, 454, 853),
        ("云岭区社区网格事务中心", "云岭区社区网格事务中心", None, None, 1307, 454, 853),
    ]
    assert len(found["项目支出明细"]) == 1 + 7 + 4
    assert len(found["文字说明"]) == 1 + 2


def test_parts_that_are_rounded(campaign: Campaign, tmp_path: Path) -> None:
    """As in published tables: a row whose parts add up to 1 more is no mistake."""
    data = answers(EXAMPLE, "301001")
    line = next(row for row in data["t8"] if row.get("科目编码") == "30227")
    line["支出总计"] = "697"
    path = fill_unit(campaign, "301001", data, tmp_path / "301001.xlsx")
    assert found_in(campaign, {"301001": path}) == {
        "301001": ["ROUND info 表8!D9", "ROUND info 表8!D20"]
    }
