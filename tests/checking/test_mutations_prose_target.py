"""Rules that read prose and amounts, on longhua_2021_target and longgang_2023_unit: one mutation per
rule, and exactly what it leads to.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import Data, answers, check_files, fill_unit, make_campaign
from mutations import AnswerChange, Mutation, added, answer, each, indicator
from test_mutations_prose import check_mutation

from xltool.office.campaign import Campaign

TARGET: list[Mutation[Data]] = [
    Mutation(
        "overview and purpose the same",
        answer(1, {"项目概况": "采购图书文献", "项目用途": "采购图书文献"}),
        ["TXT-006 warning 项目1!B9 | 项目概况、项目用途的内容完全相同"],
    ),
    Mutation(
        "purpose 待定",
        answer(1, {"项目用途": "待定"}),
        ["TXT-007 warning 项目1!B9 | 项目用途写的是“待定”，还没有实际内容"],
    ),
    Mutation(
        "source 略",
        indicator(1, "数量", 1, None, None, "略"),
        ["TXT-007 warning 项目1!E14 | 指标行里写的是“略”，还没有实际内容"],
    ),
    Mutation(
        "quotes of two kinds",
        answer(1, {"项目用途": "用于“全民阅读”与“”书香”活动"}),
        ["TXT-008 warning 项目1!B9 | 项目用途中“”与“”书香”活动”里的引号没有配对"],
    ),
    Mutation(
        "doubled quotes",
        indicator(1, "数量", 1, None, None, '云岭区图书馆""文献采访计划""'),
        ['TXT-009 warning 项目1!E14 | 目标值来源带有粘贴时留下的半角引号（"）'],
    ),
    Mutation(
        "a title begun twice",
        indicator(1, "质量", 1, None, None, "根据《云岭区图书根据《云岭区图书馆采访办法》"),
        [
            "TXT-008 warning 项目1!E24",
            "TXT-010 warning 项目1!E24 | 目标值来源中“根据《云岭区图书”连写了两遍",
        ],
    ),
    Mutation(
        "items of two fields",
        answer(
            1,
            {
                "项目概况": "1.图书：甲；2.绘本：乙；3.设备：丙",
                "项目用途": "1.图书：丁；2.绘本：戊",
            },
        ),
        ["TXT-011 warning 项目1!B8 | 项目概况与项目用途的编号条目不一致：“设备”只写在项目概况中"],
    ),
    Mutation(
        "last year's goal",
        answer(1, {"年度绩效目标": "2026年采购中文图书5.2万册，更新设备60台"}),
        ["TXT-012 warning 项目1!B12 | 年度绩效目标写的是 2026年的安排，本表的年度是 2027 年"],
    ),
    Mutation(
        "name in title marks",
        added({"项目名称": "《古籍》数字化"}),
        ["TXT-013 warning 项目4!B2 | 项目名称含有“《”"],
    ),
    Mutation(
        "two spaces",
        indicator(1, "数量", 3, None, None, "资产配置　　计划"),
        ["TXT-014 info 项目1!E16 | 目标值来源里有换行或连续空格"],
    ),
    Mutation(
        "parts beyond the total",
        answer(1, {"政府购买服务资金": "42.00"}),
        [
            "AMT-010 warning 项目1!B10 | 固定资产采购金额为 238.00，政府购买服务资金（万元）为 42.00，项目总金额（万元）为 260.00；"
            "应满足 固定资产采购金额 ＋ 政府购买服务资金（万元） ≤ 项目总金额（万元），相差 20.00"
        ],
    ),
    Mutation(
        "amounts in 元",
        answer(
            1, {"项目总金额": "2600000", "本年度项目金额": "2600000", "财政拨款资金": "2600000"}
        ),
        ["AMT-013 warning 项目1!B5 | 项目总金额（万元）为 2600000.00 万元，超过 10 亿元"],
    ),
    Mutation(
        "one amount in 元",
        answer(3, {"其他资金": "80000"}),
        [
            "AMT-001 error 项目3!B5",
            "AMT-013 warning 项目3!E6 | 其他资金（万元）为 80000.00 万元，与项目总金额 78.50 相差上千倍",
        ],
    ),
    Mutation(
        "furniture for nothing",
        answer(2, {"项目用途": "用于分馆运营和购置阅览家具"}),
        ["AMT-016 warning 项目2!B10 | 项目用途写到购置设备、家具等，固定资产采购金额却为 0"],
    ),
    Mutation(
        "a wrong product",
        answer(1, {"项目用途": "更新设备 60 台×0.3 万元＝1.8 万元"}),
        ["AMT-024 warning 项目1!B9 | 项目用途里的算式“60 台×0.3 万元＝1.8 万元”应为 18万元"],
    ),
]


def task(number: int, content: str) -> AnswerChange:
    """Change what a task is about."""
    return lambda data: data["tasks"][number - 1].update(主要内容=content)


CONTENT = "单位整体支出绩效目标表!D7 | 主要内容"
UNIT: list[Mutation[Data]] = [
    Mutation("content 略", task(2, "略"), [f"TXT-007 warning {CONTENT}写的是“略”，还没有实际内容"]),
    Mutation(
        "bracket open",
        task(2, "办公、差旅（含邮电等支出。"),
        [f"TXT-008 warning {CONTENT}中“办公、差旅（含邮电等支出”里的括号 （ 没有配对"],
    ),
    Mutation(
        "quotes",
        task(2, '"办公、差旅等支出。'),
        [f'TXT-009 warning {CONTENT}带有粘贴时留下的半角引号（"）'],
    ),
    Mutation(
        "a word twice",
        task(2, "用于用于办公、差旅等支出。"),
        [f"TXT-010 warning {CONTENT}中“用于”连写了两遍"],
    ),
    Mutation(
        "last year",
        task(2, "2026年安排办公、差旅等支出。"),
        [f"TXT-012 warning {CONTENT}写的是 2026年的安排，本表的年度是 2027 年"],
    ),
    Mutation(
        "a break in a name",
        lambda data: data["tasks"][1].update(任务名称="公用经费\n定额"),
        ["TXT-014 info 单位整体支出绩效目标表!B7 | 任务名称里有换行或连续空格"],
    ),
    Mutation(
        "a wrong product",
        task(2, "办公费 14 人×2.8 万元＝38 万元"),
        [f"AMT-024 warning {CONTENT}里的算式“14 人×2.8 万元＝38 万元”应为 39.2万元"],
    ),
]


@each(TARGET)
def test_target(target: Campaign, tmp_path: Path, mutation: Mutation[Data]) -> None:
    check_mutation(target, "target", "226002", mutation, tmp_path)


@each(UNIT)
def test_unit(unit: Campaign, tmp_path: Path, mutation: Mutation[Data]) -> None:
    check_mutation(unit, "unit", "319001", mutation, tmp_path)


@pytest.fixture(scope="module")
def unit(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    return make_campaign("unit", tmp_path_factory.mktemp("unit"))


def test_classified_projects(tmp_path: Path) -> None:
    """An office that collects classified projects switches TXT-007 off."""
    data = answers("target", "226002")
    data["projects"][0]["项目用途"] = "不便填写"
    for settings, codes in (("", ["TXT-007"]), ('\n[severity]\n"TXT-007" = "off"\n', [])):
        campaign = make_campaign("target", tmp_path / f"campaign{len(codes)}", settings)
        filled = fill_unit(campaign, "226002", data, tmp_path / f"return{len(codes)}.xlsx")
        assert [finding.code for finding in check_files(campaign, filled)] == codes
