"""longgang_2023_budget, rules on the figures of a table (BD-001 to BD-006, BD-010): each single mistake is found, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from budgets import ONE, TWO, all_of, found_lines, line, own
from helpers import Data, make_campaign
from mutations import Mutation, nothing

from xltool.office.campaign import Campaign


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The example campaign, issued."""
    return make_campaign("budget", tmp_path_factory.mktemp("budget"))


ANSWERS: list[tuple[str, Mutation[Data]]] = [
    (ONE, Mutation("nothing", nothing)),
    (TWO, Mutation("two units: nothing", nothing)),
    # BD-001 … BD-004: the balances
    (
        ONE,
        Mutation(
            "allocation is not its parts",
            own("t1", fund="5"),
            [
                "BD-001 error 表1!B6 | 一、政府预算拨款为 1,307，1. 一般公共预算拨款为 1,307，2. 政府性基金预算拨款为 5，3. 国有资本经营预算拨款为 0；应满足 一、政府预算拨款 ＝ 1. 一般公共预算拨款 ＋ 2. 政府性基金预算拨款 ＋ 3. 国有资本经营预算拨款，相差 5"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "allocation is its parts but for rounding",
            own("t6", capital="1"),
            [
                "ROUND info 表6!B6 | 政府预算拨款为 1,307，一般公共预算拨款为 1,307，政府性基金预算拨款为 0，国有资本经营预算拨款为 1；按 政府预算拨款 ＝ 一般公共预算拨款 ＋ 政府性基金预算拨款 ＋ 国有资本经营预算拨款 相差 1，在四舍五入尾差之内（BD-001）"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "carried over but not in the total",
            own("t1", carry_in="12"),
            [
                "BD-002 error 表1!B24 | 收入总计为 1,307，本年收入合计为 1,307，上年结余、结转为 12；应满足 收入总计 ＝ 本年收入合计 ＋ 上年结余、结转，相差 12"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "carried forward but not in the total",
            own("t6", carry_out="12"),
            [
                "BD-002 error 表6!D24 | 支出总计为 1,307，本年支出合计为 1,307，结转下年为 12；应满足 支出总计 ＝ 本年支出合计 ＋ 结转下年，相差 12"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "income is not expense",
            all_of(own("t6", income_total="1317", year_income="1317")),
            [
                "BD-002 error 表6!B24 | 收入总计为 1,317，支出总计为 1,307；应满足 收入总计 ＝ 支出总计，相差 10"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "项 are not the 款 in 表1",
            line("t1_line", "行政运行", value="464"),
            ["BD-003 error 表1!D7 | “其他共产党事务支出”为 1,307，其下各行合计为 1,317，相差 10"],
        ),
    ),
    (
        ONE,
        Mutation(
            "款 are not the 类 in 表6",
            line("t6_line", "一、一般公共服务支出", value="1317"),
            [
                "BD-003 error 表6!D6 | “一、一般公共服务支出”为 1,317，其下各行合计为 1,307，相差 10",
                "BD-003 error 表6!D22",
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "类 are not the total in 表1",
            all_of(
                line("t1_line", "一、一般公共服务支出", value="1297"),
                line("t1_line", "其他共产党事务支出", value="1297"),
                line("t1_line", "行政运行", value="444"),
            ),
            ["BD-003 error 表1!D22 | 本年支出合计为 1,307，各类合计为 1,297，相差 10"],
        ),
    ),
    (
        ONE,
        Mutation(
            "类 are not the total in 表6",
            all_of(
                line("t6_line", "一、一般公共服务支出", value="1297"),
                line("t6_line", "其他共产党事务支出", value="1297"),
                line("t6_line", "行政运行", value="444"),
            ),
            ["BD-003 error 表6!D22 | 本年支出合计为 1,307，各类合计为 1,297，相差 10"],
        ),
    ),
    (
        TWO,
        Mutation(
            "款 and 项 of one name",
            line("t1_line", 3, value="940"),
            ["BD-003 error 表1!D7 | “城乡社区环境卫生”为 950，其下各行合计为 940，相差 10"],
        ),
    ),
    (
        ONE,
        Mutation(
            "a subject that 表3 does not have",
            line("t1_line", "行政运行", name="行政运转"),
            ["BD-003 warning 表1!C8 | “行政运转”在表3 的款、项中找不到，不能核对它属于哪一级"],
        ),
    ),
    (
        ONE,
        Mutation(
            "类 without its number",
            line("t6_line", 1, name="一般公共服务支出"),
            [
                "BD-003 warning 表6!C6 | “一般公共服务支出”在表3 的款、项中找不到，不能核对它属于哪一级"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "income is not that of 表2",
            line("t2", 1, total="1300", fiscal="1300", general="1300"),
            ["BD-004 error 表1!B24 | 收入总计为 1,307，表2 收入总计为 1,300，相差 7"],
        ),
    ),
    (
        ONE,
        Mutation(
            "a source that is not in the total of 表2",
            line("t2", 1, other="7"),
            [
                "BD-004 error 表2!B6 | 收入总计为 1,307，政府预算拨款小计为 1,307，财政专户拨款为 0，事业收入为 0，事业单位经营收入为 0，上级补助收入为 0，附属单位上缴收入为 0，其他收入为 7，上年结余、结转为 0；应满足 收入总计 ＝ 政府预算拨款小计 ＋ 财政专户拨款 ＋ 事业收入 ＋ 事业单位经营收入 ＋ 上级补助收入 ＋ 附属单位上缴收入 ＋ 其他收入 ＋ 上年结余、结转，相差 7"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "a source that is not in the subtotal of 表5",
            all_of(line("t5", 1, fund="7"), line("t5", "网格宣传", fund="7")),
            [
                "BD-004 error 表5!D6 | 政府预算拨款小计为 853，一般公共预算拨款为 853，政府性基金预算拨款为 7，国有资本经营预算拨款为 0；应满足 政府预算拨款小计 ＝ 一般公共预算拨款 ＋ 政府性基金预算拨款 ＋ 国有资本经营预算拨款，相差 7",
                "BD-004 error 表5!D12",
            ],
        ),
    ),
    # BD-005, BD-006, BD-010: rows and levels
    (
        ONE,
        Mutation(
            "total is not basic and project",
            all_of(
                line("t3", "2013601", total="454", project="5"),
                line("t3", "2013602", project="848"),
            ),
            [
                "BD-005 error 表3!D9 | 支出总计为 454，基本支出为 454，项目支出为 5；应满足 支出总计 ＝ 基本支出 ＋ 项目支出，相差 5",
                "BD-005 error 表3!D10",
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "total is basic and project but for rounding",
            line("t8", "30227", total="697"),
            [
                "ROUND info 表8!D9 | “商品和服务支出”的支出总计为 1,061，下一级各行合计为 1,060，相差 1，在四舍五入尾差之内（BD-006）",
                "ROUND info 表8!D20",
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "项 are not the 款",
            line("t7", "2013601", total="464", basic="464", project="0"),
            [
                "BD-006 error 表7!D8 | “其他共产党事务支出”的支出总计为 1,307，下一级各行合计为 1,317，相差 10",
                "BD-006 error 表7!E8",
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "款 are not the 类",
            line("t8", "30199", total="254", basic="254", project="0"),
            [
                "BD-006 error 表8!D7 | “工资福利支出”的支出总计为 244，下一级各行合计为 254，相差 10",
                "BD-006 error 表8!E7",
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "类 are not the unit",
            all_of(
                line("t8", "30199", total="254", basic="254", project="0"),
                line("t8", "301", total="254", basic="254", project="0"),
                line(
                    "statement",
                    "机关运行经费",
                    current="200",
                    delta="0",
                    percent="",
                    direction="持平",
                ),
            ),
            [
                "BD-006 error 表8!D6 | “云岭区社区网格事务中心”的支出总计为 1,307，下一级各行合计为 1,317，相差 10",
                "BD-006 error 表8!E6",
            ],
        ),
    ),
    (
        TWO,
        Mutation(
            "units are not the department",
            all_of(
                line("t8", "云岭区绿化养护站", total="290", basic="140", project="150"),
                line("t8", 10, total="90", basic="90", project="0"),
                line("t8", 11, total="90", basic="90", project="0"),
            ),
            [
                "BD-006 error 表8!D5 | “云岭区城市管理局”的支出总计为 900，下一级各行合计为 890，相差 10",
                "BD-006 error 表8!E5",
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "a source of 表4 does not add up",
            line("t4", "2013601", fiscal="444", general="444", other="10"),
            [
                "BD-006 error 表4!E8 | “其他共产党事务支出”的政府预算拨款小计为 454，下一级各行合计为 444，相差 10",
                "BD-006 error 表4!F8",
                "BD-006 error 表4!N8",
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "projects are not the unit",
            line("t5", "网格宣传", total="31", fiscal="31", general="31"),
            [
                "BD-006 error 表5!C6 | “云岭区社区网格事务中心”的总计为 853，各项目合计为 863，相差 10",
                "BD-006 error 表5!D6",
                "BD-006 error 表5!E6",
                "BD-020 error 增减变动说明!B29 | “网格宣传”的本年预算数为 21，表5 中为 31，相差 10",
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "procurement over the total",
            all_of(
                *(line("t3", n, gp_total="1400") for n in (1, 2, 3, 5)),
                line("statement", "政府采购合计", current="1400"),
                line("statement", "服务采购", current="1400"),
            ),
            [
                "BD-010 error 表3!G6 | 政府采购项目小计为 1,400，支出总计为 1,307；应满足 政府采购项目小计 ≤ 支出总计，相差 93",
                "BD-010 error 表3!G7",
                "BD-010 error 表3!G8",
                "BD-010 error 表3!G10",
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "more from small enterprises than at all",
            all_of(*(line("t3", n, gp_smallmicro="8") for n in (1, 2, 3, 5))),
            [
                "BD-010 error 表3!I6 | 其中：面向小型、微型企业政府采购项目为 8，其中：面向中小企业政府采购项目为 0；应满足 其中：面向小型、微型企业政府采购项目 ≤ 其中：面向中小企业政府采购项目，相差 8",
                "BD-010 error 表3!I7",
                "BD-010 error 表3!I8",
                "BD-010 error 表3!I10",
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "procurement does not add up",
            line("t3", "2013602", gp_total="600"),
            [
                "BD-010 error 表3!G8 | “其他共产党事务支出”的政府采购项目小计为 670，下一级各行合计为 600，相差 70"
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
