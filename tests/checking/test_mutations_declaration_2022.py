"""futian_2022_declaration: each single mistake is found, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import Data, answers, check_files, edit, fill_unit, make_campaign
from mutations import (
    Mutation,
    added,
    answer,
    cell,
    described,
    each,
    indicator,
    indicators,
    inserted,
    nothing,
)
from openpyxl.workbook import Workbook

from xltool.office.campaign import Campaign, load_campaign
from xltool.write.issuing import issue

UNIT = "142001"
NEW = {"项目编码": "440399271421500000024", "项目名称": "排水户接入核查", "是否新增项目": "是"}
NO = ("不适用", "不适用", "不适用")

ANSWERS: list[Mutation[Data]] = [
    Mutation("nothing", nothing),
    Mutation("a new project on a spare sheet", added(NEW)),
    Mutation(
        "overview blank",
        answer(1, {"项目概况": ""}),
        ["TXT-001 error 项目1!B7 | 项目概况没有填"],
    ),
    Mutation(
        "overview of 2001 characters",
        answer(1, {"项目概况": "管" * 2001}),
        ["TXT-002 warning 项目1!B7 | 项目概况有 2001 字，限 2000 字"],
    ),
    Mutation(
        "goal of 2001 characters",
        answer(1, {"年度目标": "管" * 2001}),
        ["TXT-002 error 项目1!B8 | 年度目标有 2001 字，限 2000 字"],
    ),
    Mutation(
        "new project without goal",
        added({**NEW, "年度目标": ""}),
        ["TXT-004 error 项目4!B8 | 新增项目没有填年度目标"],
    ),
    Mutation(
        "long project without goal",
        answer(2, {"长期目标": ""}),
        ["TXT-005 error 项目2!B9 | 实施期限 5 年，没有填长期目标"],
    ),
    Mutation(
        "is_new not in the list",
        answer(1, {"是否新增项目": "对"}),
        ["TXT-020 error 项目1!B5 | 是否新增项目“对”不在可选项中（是／否）"],
    ),
    Mutation(
        "starred level without row",
        indicators(1, "*成本"),
        ["IND-001 error 项目1!C41 | 必填的二级指标“*成本”没有一行适用的指标"],
    ),
    Mutation(
        "satisfaction not applicable",
        indicators(1, "*服务对象满意度", NO),
        ["IND-001 warning 项目1!C65 | “*服务对象满意度”填的是“不适用”"],
    ),
    Mutation(
        "partly 不适用",
        indicator(1, "经济效益", 1, "不适用", "不适用", "反映管网检测节约的资金"),
        ["IND-002 error 项目1!E46 | 同一行里有的填“不适用”，有的填了内容"],
    ),
    Mutation(
        "不适用 in other words",
        indicator(1, "经济效益", 1, "/", "/", "/"),
        ["IND-003 warning 项目1!C46 | “/”应写作“不适用”"],
    ),
    Mutation(
        "partly filled",
        indicator(1, "*质量", 1, None, None, ""),
        ["IND-004 error 项目1!E21 | 这一行指标没有填完整：缺指标解释"],
    ),
    Mutation(
        "code malformed",
        added({**NEW, "项目编码": "44039927142150000002"}),
        ["COD-001 error 项目4!B2 | 项目编码“44039927142150000002”不是 21 位数字"],
    ),
    Mutation(
        "new project of an old code",
        added({**NEW, "项目编码": "440399261421500000024"}),
        ["COD-006 error 项目4!B5 | 填报为新增项目，但项目编码显示 2026 年已入库"],
    ),
    Mutation(
        "the same project twice",
        added({**NEW, "项目名称": "排水管网检测"}),
        [
            "DUP-001 error 项目1!E2 | 项目“排水管网检测”在本单位的表中重复出现",
            "DUP-001 error 项目4!E2 | 项目“排水管网检测”在本单位的表中重复出现",
        ],
    ),
]

BOOKS: list[Mutation[Workbook]] = [
    Mutation(
        "label changed",
        cell("A7", "政策依据："),
        ["TPL-002 error 项目1!A7 | 锁定的内容被改动：应为“项目概况：”，现为“政策依据：”"],
    ),
    Mutation(
        "amount of the office changed",
        cell("E6", 240),
        [
            "TPL-002 error 项目1!E6 | 锁定的内容被改动：本年度项目金额（万元）应为“238.70”，现为“240”"
        ],
    ),
    Mutation(
        "level of another form",
        cell("B11", "*数量指标"),
        ["TPL-011 error 项目1!B11 | “*数量指标”不在本表的指标框架内"],
    ),
    Mutation(
        "pair not in the catalogue",
        cell("B11", "可持续影响"),
        [
            "IND-005 error 项目1!B11 | 二级指标“可持续影响”不属于一级指标“产出”",
        ],
    ),
    Mutation(
        "row inserted among the indicators",
        inserted(21),
        ["TPL-004 error 项目1!A21 | 表格位置被移动：第 20 行之后插入了 1 行"],
    ),
]


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The example campaign, issued."""
    return make_campaign("declaration_2022", tmp_path_factory.mktemp("campaign"))


@each(ANSWERS)
def test_answers(campaign: Campaign, tmp_path: Path, mutation: Mutation[Data]) -> None:
    data = answers("declaration_2022", UNIT)
    mutation.apply(data)
    found = check_files(campaign, fill_unit(campaign, UNIT, data, tmp_path / "return.xlsx"))
    assert described(found, mutation.expected) == list(mutation.expected)


@each(BOOKS)
def test_workbook(campaign: Campaign, tmp_path: Path, mutation: Mutation[Workbook]) -> None:
    data = answers("declaration_2022", UNIT)
    good = fill_unit(campaign, UNIT, data, tmp_path / "good.xlsx")
    found = check_files(campaign, edit(good, mutation.apply, tmp_path / "return.xlsx"))
    assert described(found, mutation.expected) == list(mutation.expected)


AMOUNTS = [
    ("level", "954.80", "238.70", []),
    (
        "not level",
        "954.80",
        "238.60",
        [
            "AMT-014 info 项目1!B6 | 项目总金额 954.80 万元，按本年度 238.60 万元 × 4 年应为 954.40 万元"
        ],
    ),
    (
        "year over total",
        "100.00",
        "238.70",
        [
            "AMT-002 error 项目1!E6 | 本年度项目金额（万元）为 238.70，项目总金额（中期规划，万元）为 "
            "100.00；应满足 本年度项目金额（万元） ≤ 项目总金额（中期规划，万元），相差 138.70",
            "AMT-023 warning 项目1!D41 | 成本指标“管网检测总成本”为 ≤238.70万元，大于项目总金额 100万元",
            "AMT-014 info 项目1!B6",
        ],
    ),
    (
        "nothing this year",
        "954.80",
        "0",
        ["AMT-012 warning 项目1!E6 | 本年度项目金额（万元）为 0 或空白"],
    ),
]


@pytest.mark.parametrize(("name", "total", "year", "expected"), AMOUNTS)
def test_amounts_of_the_office(
    tmp_path: Path, name: str, total: str, year: str, expected: list[str]
) -> None:
    """The amounts come from projects.csv, so a wrong one is the office's."""
    campaign = make_campaign("declaration_2022", tmp_path / name)
    path = campaign.folder / "projects.csv"
    text = path.read_text(encoding="utf-8").replace("954.80,238.70", f"{total},{year}")
    path.write_text(text, encoding="utf-8")
    campaign = make_again(campaign)
    data = answers("declaration_2022", UNIT)
    found = check_files(campaign, fill_unit(campaign, UNIT, data, tmp_path / "return.xlsx"))
    first = [finding for finding in found if finding.sheet == "项目1"]
    assert described(first, expected) == expected


def make_again(campaign: Campaign) -> Campaign:
    """The campaign read and issued again after a change of its lists."""
    again = load_campaign(campaign.folder)
    issue(again)
    return again
