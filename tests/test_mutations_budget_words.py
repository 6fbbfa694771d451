"""longgang_2023_budget, codes, names, notes and explanations (BD-013 to BD-028): each single mistake is found, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from budgets import FORM, ONE, TWO, all_of, blank, found_lines, line, own, swapped, without
from helpers import Data, make_campaign
from mutations import Mutation
from test_mutations_budget_figures import ANSWERS as FIGURES

from xltool.campaign import Campaign


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The example campaign, issued."""
    return make_campaign("budget", tmp_path_factory.mktemp("budget"))


ANSWERS: list[tuple[str, Mutation[Data]]] = [
    # BD-013 … BD-017: codes, names, notes
    (
        ONE,
        Mutation(
            "code twice",
            line("t8", "30209", code="30211"),
            [
                "BD-014 error 表8!C15 | 科目 30211 的名称应为“差旅费”，现为“物业管理费”",
                "BD-013 error 表8!B16 | 科目编码 30211（差旅费）重复，上面已有“物业管理费”",
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "a code that no list has, twice",
            all_of(line("t8", "30239", code="30298"), line("t8", "30299", code="30298")),
            [
                "BD-013 error 表8!B23 | 科目编码 30298（其他商品和服务支出）重复，上面已有“其他交通费用”"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "codes out of order",
            swapped("t8", "30205", "30206"),
            ["BD-013 error 表8!B13 | 科目编码 30205 排在 30206 之后，顺序不对"],
        ),
    ),
    (
        TWO,
        Mutation(
            "code of four digits",
            line("t8", "30226", code="3022"),
            ["BD-013 error 表8!B18 | 科目编码“3022”应为3、5位数字"],
        ),
    ),
    (
        TWO,
        Mutation(
            "code in letters",
            line("t8", "30226", code="3022O"),
            ["BD-013 error 表8!B18 | 科目编码“3022O”应为3、5位数字"],
        ),
    ),
    (
        ONE,
        Mutation(
            "name of another code",
            line("t7", "2013602", name="行政运行"),
            ["BD-014 error 表7!C10 | 科目 2013602 的名称应为“一般行政管理事务”，现为“行政运行”"],
        ),
    ),
    (ONE, Mutation("name in half-width brackets", line("t8", "30213", name="维修(护)费"))),
    (
        TWO,
        Mutation(
            "unit named otherwise",
            line("t7", "云岭区绿化养护站", unit="云岭区绿化管护站"),
            [
                "BD-015 error 表7!A10 | 预算单位“云岭区绿化管护站”与其他表不同：表3 中是“云岭区公园事务中心”“云岭区绿化养护站”"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "empty table without note",
            own("t11_head", note=""),
            ["BD-016 error 表11!B13 | 本表金额全部为 0，没有注明“本表本年无发生额。”"],
        ),
    ),
    (
        TWO,
        Mutation(
            "note without empty table",
            own("t10_head", note="本表本年无发生额。"),
            ["BD-016 error 表10!B13 | 注明了“本表本年无发生额”，表中却有金额"],
        ),
    ),
    (ONE, Mutation("table left blank", blank("t2"), ["BD-017 error 表2!B6 | 表2没有填写"])),
    (
        ONE,
        Mutation(
            "balance without expense", blank("t6_line"), ["BD-017 error 表6!D6 | 表6 支出没有填写"]
        ),
    ),
    (
        ONE,
        Mutation(
            "a blank amount",
            line("t8", "31003", basic=""),
            ["TXT-001 error 表8!E25 | 这一行没有填完整：缺基本支出"],
        ),
    ),
    (
        ONE,
        Mutation(
            "a row without name and code",
            line("t8", "31003", code="", name=""),
            ["TXT-001 error 表8!B25 | 这一行没有填完整：缺科目编码"],
        ),
    ),
    (
        ONE,
        Mutation(
            "a required total blank",
            own("t1", carry_out=""),
            ["TXT-001 error 表1!D23 | 结转下年没有填"],
        ),
    ),
    # BD-020 … BD-022: figures of the explanations
    (
        ONE,
        Mutation(
            "stated income is not that of 表1",
            line("statement", "收入总计", current="1317"),
            ["BD-020 error 增减变动说明!B5 | 说明中的收入总计为 1,317，表1为 1,307，相差 10"],
        ),
    ),
    (
        ONE,
        Mutation(
            "stated reception is not that of 表9",
            line("statement", "公务接待费", current="2"),
            ["BD-020 error 增减变动说明!B17 | 说明中的公务接待费为 2，表9为 0，相差 2"],
        ),
    ),
    (
        ONE,
        Mutation(
            "people, office and projects are not the total",
            line("statement", "人员支出", current="254"),
            [
                "BD-020 error 增减变动说明!B6 | 说明中的支出总计为 1,307，人员支出、公用支出、对个人和家庭的补助支出、项目支出合计为 1,317，相差 10"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "goods, works and services are not the total",
            line("statement", "工程采购", current="10"),
            [
                "BD-020 error 增减变动说明!B11 | 说明中的政府采购合计为 670，货物采购、工程采购、服务采购合计为 680，相差 10"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "a project is not listed",
            all_of(without("item", "网格宣传"), own("explanation", project_count="6")),
            [
                "BD-020 error 增减变动说明!B10 | 说明中的项目支出为 853，所列 6 个项目合计为 832，相差 21",
                "BD-025 warning 表5!B12 | 表5 的项目“网格宣传”在说明中没有列出",
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "a project stated otherwise than in 表5",
            line("focus", "网格信息系统运维", current="81"),
            [
                "BD-020 error 增减变动说明!B39 | “网格信息系统运维”的本年预算数为 81，表5 中为 71，相差 10"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "fewer projects with targets",
            own("explanation", project_count="6"),
            ["BD-020 error 增减变动说明!B51 | 设置并编报绩效目标的项目为 6 个，说明中列出了 7 个"],
        ),
    ),
    (
        ONE,
        Mutation(
            "office expense is not that of 表8",
            all_of(
                line("statement", "公用支出", current="200"),
                line("statement", "人员支出", current="254"),
            ),
            [
                "BD-021 info 增减变动说明!B8 | 说明中的公用支出为 200，表8 商品和服务支出、资本性支出的基本支出合计为 210，相差 10"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "percent of this year",
            line("item", "网格员培训", percent="50"),
            [
                "BD-022 error 增减变动说明!D27 | “网格员培训”本年 12，增加 6，上年应为 6，幅度约 100%，现为 50%"
            ],
        ),
    ),
    (ONE, Mutation("percent rounded down", line("item", "网格信息系统运维", percent="128"))),
    (
        ONE,
        Mutation(
            "more increase than there is",
            line("item", "网格员培训", delta="15", percent=""),
            ["BD-022 error 增减变动说明!C27 | “网格员培训”比上年增加 15，比本年 12 还多"],
        ),
    ),
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
    answers = [*FIGURES, *ANSWERS]
    assert len({mutation.id for _, mutation in answers}) == len(answers)
    found = {line.split()[0] for _, mutation in answers for line in mutation.expected}
    rules = {rule.code for rule in FORM.rules if rule.code.startswith("BD")}
    assert rules - found == set()
