"""longhua_2021_selfeval: each single mistake is found, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers import Data, answers, check_files, fill_unit, make_campaign
from mutations import Mutation, answer, described, each, nothing
from selfevals import UNIT, all_of, not_applicable, paid, result

from xltool.office.campaign import Campaign

ANSWERS: list[Mutation[Data]] = [
    Mutation("nothing", nothing),
    Mutation("不适用 in every cell", not_applicable("经济效益指标", weight="不适用", score="/")),
    # TXT, AMT
    Mutation(
        "figure blank",
        lambda data: data["projects"][1]["funds"][2].update({"全年预算数": ""}),
        ["TXT-001 error 项目2!E6 | 全年预算数没有填"],
    ),
    Mutation(
        "negative score",
        result(1, "数量指标", 1, score="-8", deviation="册数不足"),
        ["AMT-011 error 项目1!H11 | 得分为负数：-8"],
    ),
    Mutation(
        "outcome is a placeholder",
        answer(3, {"实际完成情况": "详见附件"}),
        ["TXT-007 warning 项目3!F9 | 实际完成情况写的是“详见附件”，还没有实际内容"],
    ),
    Mutation(
        "result is a placeholder",
        result(1, "质量指标", 1, actual="略"),
        ["TXT-007 warning 项目1!F21 | 实际完成值写的是“略”，还没有实际内容"],
    ),
    # SE: figures
    Mutation(
        "more executed than budgeted",
        paid(1, "2550000.00"),
        [
            "SE-004 error 项目1!F4 | 全年执行数为 2,550,000.00，全年预算数为 2,548,000.00；"
            "应满足 全年执行数 ≤ 全年预算数，相差 2,000.00",
            "XW-010 error 项目1!F4 | 全年执行数为 2,550,000.00 元，执行台账为 2,521,300.40 元",
            "SE-004 error 项目1!F5",
        ],
    ),
    Mutation(
        "sources do not add up",
        lambda data: data["projects"][2]["funds"][3].update({"全年执行数": "171260.50"}),
        [
            "SE-005 error 项目3!F4 | 全年执行数：年度资金总额为 771,260.00，三项来源之和为 771,260.50，"
            "相差 0.50"
        ],
    ),
    Mutation(
        "sources add up but for rounding",
        lambda data: data["projects"][2]["funds"][3].update({"全年执行数": "171260.01"}),
        [
            "ROUND info 项目3!F4 | 全年执行数：年度资金总额为 771,260.00，三项来源之和为 771,260.01，"
            "相差 0.01，在四舍五入尾差之内（SE-005）"
        ],
    ),
    Mutation(
        "executed differs from the ledger",
        paid(1, "2521300.00"),
        ["XW-010 error 项目1!F4 | 全年执行数为 2,521,300.00 元，执行台账为 2,521,300.40 元"],
    ),
    Mutation(
        "low rate without a word",
        answer(2, {"实际完成情况": "2027年26个社区分馆平均每周开放50小时，举办分馆活动305场。"}),
    ),  # the row that lost points says why
    Mutation(
        "low rate, nothing explained",
        all_of(
            answer(
                2, {"实际完成情况": "2027年26个社区分馆平均每周开放50小时，举办分馆活动312场。"}
            ),
            result(2, "数量指标", 3, actual="312场", score="7", deviation="无"),
        ),
        ["SE-016 warning 项目2!H4 | 执行率为 0.86，表里没有说明原因"],
    ),
    # SE: points
    Mutation(
        "points of 产出 add up to 49",
        result(1, "时效指标", 2, weight="6", score="6"),
        ["SE-006 error 项目1!G11 | 产出指标（50分）各行分值之和为 49.00，应为 50.00"],
    ),
    Mutation(
        "points of 效益 add up to 50",
        result(1, "社会效益指标", 1, weight="40", score="40"),
        ["SE-006 error 项目1!G49 | 效益指标（40分）各行分值之和为 50.00，应为 40.00"],
    ),
    Mutation(
        "points by thirds",
        all_of(
            *[result(1, "数量指标", n, weight="6.67", score="6.67") for n in (1, 2, 3)],
        ),
        [
            "ROUND info 项目1!G11 | 产出指标（50分）各行分值之和为 50.01，应为 50.00，"
            "在四舍五入尾差之内（SE-006）"
        ],
    ),
    Mutation(
        "score over points",
        result(1, "质量指标", 1, score="9"),
        ["SE-007 error 项目1!H21 | 得分为 9.00，分值为 8.00；应满足 得分 ≤ 分值，相差 1.00"],
    ),
    Mutation(
        "points lost, reason 无",
        result(1, "质量指标", 1, score="7"),
        ["SE-009 error 项目1!I21 | “图书编目差错率”得分 7.00，低于分值 8.00，没有写偏差原因"],
    ),
    Mutation(
        "points lost, no reason",
        result(1, "质量指标", 1, score="7", deviation=""),
        ["SE-009 error 项目1!I21"],
    ),
    Mutation(
        "points lost with reason", result(1, "质量指标", 1, score="7", deviation="编目返工较多")
    ),
    Mutation(
        "points of 不适用",
        all_of(
            not_applicable("经济效益指标", weight="5", score="5"),
            result(1, "社会效益指标", 1, weight="25", score="25"),
        ),
        ["SE-010 error 项目1!G46 | 这一行不适用，却填了分值 5.00、得分 5.00"],
    ),
    Mutation(
        "score of 不适用",
        not_applicable("生态效益指标", score="5"),
        ["SE-010 error 项目1!H59 | 这一行不适用，却填了得分 5.00"],
    ),
    Mutation(
        "result blank",
        result(1, "质量指标", 1, actual=""),
        ["SE-013 error 项目1!F21 | “图书编目差错率”没有填实际完成值"],
    ),
    Mutation(
        "points and score blank",
        result(1, "质量指标", 1, weight="", score="不适用"),
        ["SE-013 error 项目1!G21 | “图书编目差错率”没有填分值、得分"],
    ),
    Mutation(
        "outcome blank",
        answer(1, {"实际完成情况": ""}),
        ["SE-013 error 项目1!F9 | 实际完成情况没有填"],
    ),
    Mutation(
        "satisfaction of 20 points",
        all_of(
            result(1, "社会效益指标", 1, weight="20", score="20"),
            result(1, "满意度指标", 1, weight="20", score="20"),
        ),
        ["SE-018 warning 项目1!G62 | 满意度指标的分值为 20.00，一般为 10 分"],
    ),
    # SE: results
    Mutation(
        "full points for half",
        result(1, "数量指标", 2, actual="4000册"),
        [
            "SE-011 warning 项目1!H12 | “采购少儿绘本册数”指标值 ≥8000册，完成 4000册，按比例应得 3.00 分，"
            "得分填了 6.00"
        ],
    ),
    Mutation("within five per cent", result(1, "数量指标", 2, actual="7700册")),
    Mutation(
        "full points for a rate too high",
        result(1, "质量指标", 1, actual="2%"),
        ["SE-011 warning 项目1!H21"],
    ),
    Mutation(
        "half again as much",
        result(1, "数量指标", 3, actual="90台"),
        [
            "SE-012 warning 项目1!F13 | “更新数字阅读设备数量”完成 90台，是指标值 ≥60台 的 1.5 倍，没有说明原因"
        ],
    ),
    Mutation(
        "half again as much, with reason",
        result(1, "数量指标", 3, actual="90台", deviation="捐赠设备30台"),
    ),
    Mutation(
        "another unit",
        result(1, "数量指标", 3, actual="60套"),
        [
            "SE-014 warning 项目1!F13 | “更新数字阅读设备数量”指标值 ≥60台，完成 60套："
            "指标值的单位是“台”，完成值的单位是“套”，不能比较"
        ],
    ),
    Mutation(
        "words for a number",
        result(1, "质量指标", 2, actual="达到要求"),
        [
            "SE-014 warning 项目1!F22 | “当年采购文献流通率”指标值 ≥60%，完成 达到要求："
            "指标值是百分比，完成值是文字，不能比较"
        ],
    ),
    Mutation(
        "not done, full points",
        result(1, "数量指标", 3, actual="采购合同已中止"),
        [
            "SE-023 warning 项目1!F9 | 有 1 个指标写明没有完成却得了满分，请对照预期目标核对实际完成情况",
            "SE-015 warning 项目1!H13 | “更新数字阅读设备数量”写的是没有完成，却得了满分 6.00",
        ],
    ),
    Mutation(
        "not done, no points",
        result(1, "数量指标", 3, actual="尚未采购", score="0", deviation="采购推迟到下年"),
    ),
    Mutation(
        "later than planned",
        result(1, "时效指标", 2, actual="2027年12月3日"),
        [
            "SE-019 warning 项目1!F32 | “全年采购完成时间”应在 2027年11月15日前 完成，实际 2027年12月3日，"
            "晚于计划"
        ],
    ),
]


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The example campaign, issued."""
    return make_campaign("selfeval", tmp_path_factory.mktemp("campaign"))


@each(ANSWERS)
def test_answers(campaign: Campaign, tmp_path: Path, mutation: Mutation[Data]) -> None:
    data = answers("selfeval", UNIT)
    mutation.apply(data)
    path = fill_unit(campaign, UNIT, data, tmp_path / "return.xlsx")
    found = described(check_files(campaign, path), mutation.expected)
    assert found == list(mutation.expected)


def checked(folder: Path, settings: str, change: Callable[[Data], Any], out: Path) -> list[str]:
    """What is found under other settings."""
    campaign = make_campaign("selfeval", folder, settings)
    data = answers("selfeval", UNIT)
    change(data)
    path = fill_unit(campaign, UNIT, data, out)
    return [f"{f.code} {f.severity} {f.sheet}!{f.cell}" for f in check_files(campaign, path)]


def test_fifty_thirty_ten(tmp_path: Path) -> None:
    """An office that fixes 10 points for satisfaction makes SE-018 an error."""
    change = all_of(
        result(1, "社会效益指标", 1, weight="25", score="25"),
        result(1, "满意度指标", 1, weight="15", score="15"),
    )
    settings = '\n[severity]\n"SE-018" = "error"\n'
    found = checked(tmp_path / "campaign", settings, change, tmp_path / "return.xlsx")
    assert found == ["SE-018 error 项目1!G62"]


THREE_YEARS = [f"SE-020 info 项目{n}!G1" for n in (1, 2, 3)]


def test_amounts_of_three_years(tmp_path: Path) -> None:
    """SE-020 is off unless a campaign wants it."""
    settings = '\n[severity]\n"SE-020" = "info"\n'
    found = checked(tmp_path / "campaign", settings, nothing, tmp_path / "return.xlsx")
    assert found == THREE_YEARS
