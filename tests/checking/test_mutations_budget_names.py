"""longgang_2023_budget, codes, names, notes and figures of the explanations (BD-013 to BD-022): each single mistake is found, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from budgets import ONE, TWO, all_of, blank, found_lines, line, own, swapped, without
from helpers import Data, make_campaign
from mutations import Mutation

from xltool.office.campaign import Campaign


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
]


@pytest.mark.parametrize(
    ("unit", "mutation"), ANSWERS, ids=[mutation.id for _, mutation in ANSWERS]
)
def test_answers(campaign: Campaign, tmp_path: Path, unit: str, mutation: Mutation[Data]) -> None:
    expected = list(mutation.expected)
    assert found_lines(campaign, unit, mutation.change, tmp_path, expected) == expected
