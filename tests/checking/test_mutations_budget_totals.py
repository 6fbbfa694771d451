"""longgang_2023_budget, rules on table against table and on 表9 (BD-007 to BD-009, BD-011, BD-012): each single mistake is found, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from budgets import ONE, TWO, all_of, found_lines, line, own
from helpers import Data, make_campaign
from mutations import Mutation

from xltool.office.campaign import Campaign


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The example campaign, issued."""
    return make_campaign("budget", tmp_path_factory.mktemp("budget"))


ANSWERS: list[tuple[str, Mutation[Data]]] = [
    # BD-007 … BD-009: table against table
    (
        ONE,
        Mutation(
            "表3 with what is carried forward",
            all_of(
                own("t1", year_expense="1297", carry_out="10"),
                *(line("t1_line", n, value="1297") for n in (1, 2)),
                line("t1_line", 3, value="444"),
            ),
        ),
    ),
    (
        ONE,
        Mutation(
            "表3 is neither",
            all_of(
                own(
                    "t1",
                    year_expense="1297",
                    carry_out="0",
                    expense_total="1297",
                    year_income="1297",
                    income_total="1297",
                    fiscal="1297",
                    general="1297",
                ),
                *(line("t1_line", n, value="1297") for n in (1, 2)),
                line("t1_line", 3, value="444"),
                line("t2", 1, total="1297", fiscal="1297", general="1297"),
                *(line("statement", n, current="1297") for n in (1, 2)),
                line("statement", "公用支出", current="200"),
            ),
            [
                "BD-007 error 表1!D22 | 本年支出合计为 1,297，表3 支出总计为 1,307，相差 10",
                "BD-021 info 增减变动说明!B8 | 说明中的公用支出为 200，表8 商品和服务支出、资本性支出的基本支出合计为 210，相差 10",
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "表4 is not the basic expense",
            all_of(
                *(line("t4", n, total="444", fiscal="444", general="444") for n in (1, 2, 3, 4))
            ),
            ["BD-007 error 表4!D6 | 表4 总计为 444，表3 基本支出为 454，相差 10"],
        ),
    ),
    (
        ONE,
        Mutation(
            "表5 is not the project expense",
            all_of(
                line("t5", 1, total="863", fiscal="863", general="863"),
                line("t5", "网格宣传", total="31", fiscal="31", general="31"),
                line("item", "网格宣传", current="31", percent="11"),
                line("item", "网格信息系统运维", current="61"),
                line("t5", "网格信息系统运维", total="71"),
            ),
            [
                "BD-007 error 表5!C6 | 表5 总计为 863，表3 项目支出为 853，相差 10",
                "BD-020 error 增减变动说明!B25 | “网格信息系统运维”的本年预算数为 61，表5 中为 71，相差 10",
                "BD-022 error 增减变动说明!D25 | “网格信息系统运维”本年 61，增加 40，上年应为 21，幅度约 190%，现为 129%",
            ],
        ),
    ),
    (
        TWO,
        Mutation(
            "表6 is not 表7, 表10 and 表11",
            all_of(
                own(
                    "t6",
                    fiscal="1010",
                    general="910",
                    year_income="1010",
                    income_total="1010",
                    year_expense="1010",
                    expense_total="1010",
                ),
                *(line("t6_line", n, value="1010") for n in (1,)),
                *(line("t6_line", n, value="910") for n in (2, 3)),
            ),
            ["BD-008 error 表6!D24 | 支出总计为 1,010，表7、表10、表11 合计为 1,000，相差 10"],
        ),
    ),
    (
        ONE,
        Mutation(
            "表8 is not 表7",
            all_of(
                *(line("t8", n, total="1317", basic="464", project="853") for n in (1, 2)),
                line("t8", "301", total="254", basic="254", project="0"),
                line("t8", "30199", total="254", basic="254", project="0"),
            ),
            [
                "BD-009 error 表8!D5 | 表8 支出总计为 1,317，表7 支出总计为 1,307，相差 10",
                "BD-009 error 表8!E5",
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "表7 is not 表3 though there are no other funds",
            all_of(
                *(line("t7", n, total="1307", basic="444", project="863") for n in (1, 2, 3, 4)),
                line("t7", 5, total="444", basic="444", project="0"),
                line("t7", 6, total="863", basic="0", project="863"),
                *(line("t8", n, total="1307", basic="444", project="863") for n in (1, 2)),
                line("t8", "301", total="244", basic="234", project="10"),
                line("t8", "30199", total="244", basic="234", project="10"),
            ),
            [
                "BD-009 error 表7!E5 | 表7 基本支出为 444，表3 基本支出为 454，相差 10",
                "BD-009 error 表7!F5",
            ],
        ),
    ),
    # BD-011, BD-012: 三公
    (
        ONE,
        Mutation(
            "change is not the difference",
            line("t9", 3, total="5", vehicle_sub="5", vehicle_run="5"),
            [
                "BD-011 error 表9!C8 | 总计的增减变化金额为 5，本年减上年为 0，相差 5",
                "BD-011 error 表9!F8",
                "BD-011 error 表9!H8",
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "three items are not the total",
            line("t9", 1, reception="3"),
            [
                "BD-011 error 表9!C6 | 总计为 4，因公出国(境)费为 0，公务接待费为 3，公务用车购置及运行维护费小计为 4；应满足 总计 ＝ 因公出国(境)费 ＋ 公务接待费 ＋ 公务用车购置及运行维护费小计，相差 3",
                "BD-011 error 表9!E8",
            ],
        ),
    ),
    (
        TWO,
        Mutation(
            "a negative year",
            all_of(
                line("t9", 4, total="8", reception="-2"), line("t9", 6, total="2", reception="2")
            ),
            ["AMT-011 error 表9!E9 | 2026 年的公务接待费为负数：-2"],
        ),
    ),
    (
        ONE,
        Mutation(
            "more cars in 表8 than in 表9",
            all_of(
                line("t8", "30231", total="6", basic="6", project="0"),
                line("t8", "30214", total="152", basic="152", project="0"),
            ),
            [
                "BD-012 error 表8!D21 | 30231“公务用车运行维护费”合计为 6，大于表9 本年公务用车运行维护费 4"
            ],
        ),
    ),
    (
        ONE,
        Mutation(
            "as many cars but for rounding",
            all_of(
                line("t8", "30231", total="5", basic="5", project="0"),
                line("t8", "30214", total="153", basic="153", project="0"),
            ),
        ),
    ),
]


@pytest.mark.parametrize(
    ("unit", "mutation"), ANSWERS, ids=[mutation.id for _, mutation in ANSWERS]
)
def test_answers(campaign: Campaign, tmp_path: Path, unit: str, mutation: Mutation[Data]) -> None:
    expected = list(mutation.expected)
    assert found_lines(campaign, unit, mutation.change, tmp_path, expected) == expected
