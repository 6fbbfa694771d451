"""longgang_2023_budget, words of the explanations (BD-023 to BD-028): each single mistake is found, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from budgets import FORM, ONE, all_of, found_lines, line, own, without
from helpers import Data, make_campaign
from mutations import Mutation
from test_mutations_budget_figures import ANSWERS as FIGURES
from test_mutations_budget_names import ANSWERS as NAMES
from test_mutations_budget_totals import ANSWERS as TOTALS

from xltool.office.campaign import Campaign


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The example campaign, issued."""
    return make_campaign("budget", tmp_path_factory.mktemp("budget"))


ANSWERS: list[tuple[str, Mutation[Data]]] = [
    # BD-023 … BD-028: words
    (
        ONE,
        Mutation(
            "no change in a direction",
            line("statement", "“三公”经费合计", direction="减少", reason="压减"),
            ["BD-023 warning 增减变动说明!E15 | ““三公”经费合计”的增减方向为“减少”，增减额却为 0"],
        ),
    ),
    (
        ONE,
        Mutation(
            "change without direction",
            line("item", "办公用房维修", direction="持平", percent=""),
            ["BD-023 warning 增减变动说明!E28 | “办公用房维修”的增减方向为“持平”，增减额却为 3"],
        ),
    ),
    (
        ONE,
        Mutation(
            "percent fits the other direction",
            line("item", "网格宣传", percent="24"),
            [
                "BD-022 error 增减变动说明!D29 | “网格宣传”本年 21，减少 4，上年应为 25，幅度约 16%，现为 24%",
                "BD-023 warning 增减变动说明!E29 | “网格宣传”写的是减少 4，幅度 24% 却是按增加算的",
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "reason of the other direction",
            line("item", "网格宣传", reason="业务量增长"),
            [
                "BD-023 warning 增减变动说明!F29 | “网格宣传”的增减方向为“减少”，主要原因里却只说“增长”"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "change without reason",
            line("item", "网格宣传", reason=""),
            ["BD-024 warning 增减变动说明!F29 | “网格宣传”比上年减少 4 万元，没有写主要原因"],
        ),
    ),
    (
        ONE,
        Mutation(
            "stock sentence of the other direction",
            line("item", "网格宣传", reason="不再受疫情影响，按计划开展宣传"),
            [
                "BD-024 warning 增减变动说明!F29 | “网格宣传”比上年减少 4 万元，原因“不再受疫情影响”说的像是相反的方向"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "project not in 表5",
            line("focus", "网格信息系统运维", name="网格信息系统维护"),
            ["BD-025 warning 增减变动说明!A39 | 项目“网格信息系统维护”在表5 中找不到同名的项目"],
        ),
    ),
    (
        ONE,
        Mutation(
            "project of 表5 not explained",
            all_of(
                without("item", "综合事务保障"),
                line("item", "网格宣传", current="25", delta="0", direction="持平", percent="0"),
                line("t5", "网格宣传", total="21"),
                own("explanation", project_count="6"),
            ),
            [
                "BD-020 error 增减变动说明!B28 | “网格宣传”的本年预算数为 25，表5 中为 21，相差 4",
                "BD-025 warning 表5!B7 | 表5 的项目“综合事务保障”在说明中没有列出",
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "operation with wages",
            line(
                "statement", "机关运行经费", current="454", delta="0", percent="0", direction="持平"
            ),
            [
                "BD-026 warning 增减变动说明!B21 | 机关运行经费为 454，基本支出扣除工资福利支出 244 后只有 210"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "another number of cars",
            own("explanation", vehicles="4"),
            [
                "BD-027 warning 增减变动说明!B52 | 公用支出说明里说有公务用车 3 辆，公务用车实有数填的是 4 辆",
                "BD-027 warning 增减变动说明!B54",
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "a reason with another number of cars",
            line("item", "综合事务保障", reason="公务用车由区里统管，不再负担车辆5辆的停车费"),
            [
                "BD-027 warning 增减变动说明!F24 | 主要原因里说有公务用车 5 辆，公务用车实有数填的是 3 辆"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "reports to the city",
            own("explanation", performance_text="绩效自评结果报市财政局备案。"),
            [
                "BD-028 warning 增减变动说明!B55 | 预算绩效管理情况说明里写着“报市财政局”，区级部门应报区财政部门"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "a reason for the city",
            line("item", "网格员培训", reason="新增两期培训班，向市财政部门报送后开班"),
            [
                "BD-028 warning 增减变动说明!F27 | 主要原因里写着“向市财政部门”，区级部门应报区财政部门"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "a title names the city",
            own("explanation", performance_text="按《关于向市财政部门报送绩效目标的通知》编报。"),
        ),
    ),
    (
        ONE,
        Mutation(
            "fewer than no projects",
            own("explanation", project_count="-1"),
            ["AMT-011 error 增减变动说明!B51 | 设置并编报绩效目标的项目个数为 -1，超出可填的范围"],
        ),
    ),
    (
        ONE,
        Mutation(
            "no reason yet",
            line("item", "网格员培训", reason="待定"),
            ["TXT-007 warning 增减变动说明!F27 | 主要原因写的是“待定”，还没有实际内容"],
        ),
    ),
    (
        ONE,
        Mutation(
            "a reason with half a bracket",
            line("item", "网格员培训", reason="恢复线下集中培训（两期扩大到四期"),
            [
                "TXT-008 warning 增减变动说明!F27 | 主要原因中“线下集中培训（两期扩大到四”里的括号 （ 没有配对"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "a reason that stammers",
            line("item", "网格员培训", reason="恢复线下集中培训，用于用于两期培训班扩大到四期"),
            ["TXT-010 warning 增减变动说明!F27 | 主要原因中“用于”连写了两遍"],
        ),
    ),
    (
        ONE,
        Mutation(
            "a product that is wrong",
            own("explanation", operation_text="办公用品 12 批×2 万元＝25 万元。"),
            [
                "AMT-024 warning 增减变动说明!B53 | 机关运行经费说明里的算式“12 批×2 万元＝25 万元”应为 24万元"
            ],
        ),
    ),
]


@pytest.mark.parametrize(
    ("unit", "mutation"), ANSWERS, ids=[mutation.id for _, mutation in ANSWERS]
)
def test_answers(campaign: Campaign, tmp_path: Path, unit: str, mutation: Mutation[Data]) -> None:
    expected = list(mutation.expected)
    assert found_lines(campaign, unit, mutation.change, tmp_path, expected) == expected


def test_every_rule_has_a_mutation() -> None:
    answers = [*FIGURES, *TOTALS, *NAMES, *ANSWERS]
    assert len({mutation.id for _, mutation in answers}) == len(answers)
    found = {line.split()[0] for _, mutation in answers for line in mutation.expected}
    rules = {rule.code for rule in FORM.rules if rule.code.startswith("BD")}
    assert rules - found == set()
