"""What is found where an office sets its campaign otherwise, or corrects its lists afterwards."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from helpers import Data, answers, check_files, edit, fill_unit, make_campaign
from in_memory import filled_return
from mutation_files import Mutation
from mutations import by_file, described

from xltool.checking.running import check
from xltool.office.campaign import Campaign, load_campaign
from xltool.returns.submissions import Batch

DECLARING, SELF_EVALUATING, UNIT = "106003", "226002", "319001"


def lines(campaign: Campaign, unit: str, data: Data) -> list[str]:
    """What is found in a return with these answers."""
    batch = Batch([filled_return(campaign, unit, data)], campaign)
    return described(check(batch).findings)


def changed(example: str, unit: str, **answer: str) -> Data:
    """A unit's answers, changed by path."""
    data = answers(example, unit)
    Mutation("", [], unit, set=answer).change_answers(data)
    return data


def test_bytes_count_where_the_limit_in_characters_is_raised(tmp_path: Path) -> None:
    settings = "\n[fields.lv3]\nmax_chars = 60\n"
    campaign = make_campaign("declaration", tmp_path, settings, units=[DECLARING])
    name = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥金木水火土春夏秋冬目录编制库表清洗比"
    level = "projects/#1/indicators/*数量指标"
    names = {f"{level}/三级指标": f"{name}a", f"{level}#2/三级指标": name}
    assert lines(campaign, DECLARING, changed("declaration", DECLARING, **names)) == [
        "TXT-003 warning 项目1!C12 | 三级指标按数据库字节计为 81，限 80"
    ]


def test_departments_agree_where_none_is_registered(tmp_path: Path) -> None:
    lists = {"units.csv": ("理局,106\n", "理局,\n")}
    campaign = make_campaign("declaration", tmp_path, lists=lists, units=[DECLARING])
    data = answers("declaration", DECLARING)
    assert lines(campaign, DECLARING, data) == []
    new = {"项目编码": "440399271073100100008", "项目名称": "贯标", "是否新增项目": "是"}
    Mutation("", [], DECLARING, projects=[new]).change_answers(data)
    assert lines(campaign, DECLARING, data) == [
        "COD-004 error 项目4!B2 | 项目编码第 9–11 位 107 与本表其他项目（106）不一致",
        "AMT-012 warning 项目4!E6 | 本年度项目金额（万元）为 0 或空白",
    ]


def test_roster_corrected_after_the_issue(tmp_path: Path) -> None:
    campaign = make_campaign("declaration", tmp_path, units=[DECLARING])
    data = answers("declaration", DECLARING)
    path = fill_unit(campaign, DECLARING, data, tmp_path / "return.xlsx")
    roster = campaign.folder / "units.csv"
    text = roster.read_text(encoding="utf-8-sig")
    old = campaign.units[DECLARING].unit_name
    roster.write_text(text.replace(old, f"{old}（本级）"), encoding="utf-8-sig")
    found = check_files(load_campaign(campaign.folder), path)
    assert described(found) == [
        f"XW-011 warning 项目{n}!B3 | 申请单位“{old}”与名册中的名称不一致" for n in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    ("label", "cells"),
    [
        ("年度目标", ("XW-008 warning 项目1!B9", "XW-008 warning 项目1!B9")),
        ("indicators", ("XW-008 warning 项目1!C12", "XW-008 warning 项目1!C12")),
    ],
)
def test_copied_from_another_unit(
    declaration: Campaign, label: str, cells: tuple[str, str]
) -> None:
    one, other = answers("declaration", "106003"), answers("declaration", "106002")
    other["projects"][0][label] = copy.deepcopy(one["projects"][0][label])
    returns = [
        filled_return(declaration, unit, data, f"{unit}.xlsx")
        for unit, data in (("106002", other), ("106003", one))
    ]
    findings = check(Batch(returns, declaration)).findings
    found = [f for f in findings if f.code == "XW-008"]
    assert by_file(found) == {"106002.xlsx": [cells[0]], "106003.xlsx": [cells[1]]}
    name = other["projects"][0]["项目名称"]
    assert {f.message for f in found} == {
        f"“{name}”等 2 个项目的{'年度目标完全' if label == '年度目标' else '指标几乎全部'}相同：106002、106003"
    }
    assert all(f.shared for f in found)


@pytest.mark.parametrize(("severity", "codes"), [("warning", ["TXT-007"]), ("off", [])])
def test_classified_projects(tmp_path: Path, severity: str, codes: list[str]) -> None:
    """An office that collects classified projects switches TXT-007 off."""
    settings = f'\n[severity]\n"TXT-007" = "{severity}"\n'
    campaign = make_campaign("target", tmp_path, settings, units=["226002"])
    data = changed("target", "226002", **{"projects/#1/项目用途": "不便填写"})
    assert [line.split()[0] for line in lines(campaign, "226002", data)] == codes


LARGE = ["OA-007 warning 单位整体支出绩效目标表!B11 | 任务“无人机租用”占总额的 13%，没有指标提到它"]


def test_large_project_without_indicator(tmp_path: Path) -> None:
    """OA-007 is off unless a campaign wants it."""
    settings = '\n[severity]\n"OA-007" = "warning"\n'
    wanted = make_campaign("unit", tmp_path, settings, units=[UNIT])
    with (wanted.folder / "任务对照.csv").open("a", encoding="utf-8") as file:
        file.write("319001,无人机租用,项目支出\n")
    assert lines(wanted, UNIT, answers("unit", UNIT)) == []
    data = changed("unit", UNIT, **{"tasks/#6/任务名称": "无人机租用"})
    assert lines(wanted, UNIT, data) == LARGE


def test_fifty_thirty_ten(tmp_path: Path) -> None:
    """An office that fixes 10 points for satisfaction makes SE-018 an error."""
    settings = '\n[severity]\n"SE-018" = "error"\n'
    campaign = make_campaign("selfeval", tmp_path, settings, units=[SELF_EVALUATING])
    points = {
        f"projects/#1/indicators/{level}/{label}": value
        for level, value in (("社会效益指标", "25"), ("满意度指标", "15"))
        for label in ("分值", "得分")
    }
    data = changed("selfeval", SELF_EVALUATING, **points)
    found = lines(campaign, SELF_EVALUATING, data)
    assert [line.split(" |")[0] for line in found] == ["SE-018 error 项目1!G62"]


THREE_YEARS = [f"SE-020 info 项目{n}!G1" for n in (1, 2, 3)]


def test_amounts_of_three_years(tmp_path: Path) -> None:
    """SE-020 is off unless a campaign wants it."""
    settings = '\n[severity]\n"SE-020" = "info"\n'
    campaign = make_campaign("selfeval", tmp_path, settings, units=[SELF_EVALUATING])
    found = lines(campaign, SELF_EVALUATING, answers("selfeval", SELF_EVALUATING))
    assert [line.split(" |")[0] for line in found] == THREE_YEARS


@pytest.mark.parametrize(("severity", "found"), [("warning", ["warning"]), ("off", [])])
def test_rate_of_nothing_is_the_office_s_choice(
    tmp_path: Path, severity: str, found: list[str]
) -> None:
    settings = f'\n[severity]\n"SE-003" = "{severity}"\n'
    campaign = make_campaign("selfeval", tmp_path / "office", settings, units=[SELF_EVALUATING])
    data = answers("selfeval", SELF_EVALUATING)
    good = fill_unit(campaign, SELF_EVALUATING, data, tmp_path / "good.xlsx")
    mistake = Mutation("", [], SELF_EVALUATING, cells={"项目1!H6": 1})
    path = edit(good, mistake.change_workbook, tmp_path / "return.xlsx")
    assert [f.severity for f in check_files(campaign, path)] == found
