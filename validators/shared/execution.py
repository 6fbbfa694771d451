"""自评表的项目资金：执行率、执行率得分、各项资金之间的关系（docs/domain.md §7.3、§10.7）。金额单位：元。"""

from __future__ import annotations

from decimal import Decimal

import polars as pl
from xltool.validators.shared.selfeval import has_explanation
from xltool.validators.shared.zero_budget import formula, policy

from xltool.language.claims import Claim
from xltool.language.equations import Equation, equation_of
from xltool.rules import FormTable, Lookup, Offence, rule, three_valued

TOTAL = "年度资金总额"
COLUMNS = ("budget_initial", "budget_final", "executed")
LEAST_RATE = Decimal("0.9")  # SE-016
LARGEST_CHANGE = Decimal("0.5")  # SE-022

_RECORD = ("workbook", "record")
_HALF = Decimal("0.005")
_MONEY = pl.Decimal(24, 2)
_WITHDRAWN = (
    r"收回|回收|取消|中止|终止|不再实施|调整|全部(?:压减|调减|核减)|[减调](?:为|至)\s*[0零]"
)
_SPOKEN_OF = "原因|由于|因为|受.{1,10}影响|执行率|支出进度|结余|节余|节约|节省|压减|调减|未支付|未支出|中止|终止|推迟|延期|取消"


def is_total() -> pl.Expr:
    """True on the row 年度资金总额."""
    return pl.col("source") == TOTAL


def of_total(column: str) -> Lookup:
    """A figure of the row 年度资金总额 of the same project."""
    return Lookup("fund", pl.col(column).filter(is_total()).first(), _MONEY)


@rule("SE-001", on="fund", hint="执行率由表格自动计算，请恢复原来的公式，并核对执行数和预算数")
def rate_is_executed_over_budget(fund: FormTable) -> Equation:
    """执行率等于全年执行数除以全年预算数，四舍五入到两位小数；分母不是年初预算数。

    | rate | executed   | budget_final |     |
    | 0.91 | 456562.87  | 500000.00    | ok  |
    | 0.92 | 456562.87  | 500000.00    | bad |
    | 1.00 | 0.00       | 0.00         | ok  |
    """
    usual = "round(executed / budget_final, 2)"
    return equation_of("rate", formula(fund, "rate", usual))


@rule("SE-002", on="fund", hint="执行率得分由表格自动计算，请恢复原来的公式")
def score_is_ten_times_rate(fund: FormTable) -> Equation:
    """执行率得分等于表中所示（已四舍五入）的执行率乘 10。

    | score | rate |     |
    | 9.10  | 0.91 | ok  |
    | 9.13  | 0.91 | bad |
    """
    return equation_of("score", formula(fund, "score", "round(rate * 10, 2)"))


@rule(
    "SE-003",
    on="fund",
    severity="warning",
    cells=["budget_final"],
    message="{source}的全年预算数为 0：{done}",
    hint="请确认这个项目全年没有预算；怎样计分由财政部门规定，不用自己改",
)
def nothing_to_execute(fund: FormTable) -> Offence:
    """年度资金总额的全年预算数为 0 的，没有执行率可算，按财政部门规定的口径计分。

    口径写在 campaign.toml：`[zero_budget] policy = "scale"`（默认，执行率不计分，其余 90 分折算为 100 分）、`"zero"`
    （执行率得 0 分）或 `"full"`（执行率算作 1.00，得 10 分）。公式、填报检查和 SE-001、SE-002、SE-008 都照它算；已经下发的
    表照下发时的口径。

    | 资金来源     | budget_final |     |
    | 年度资金总额 | 0.00         | bad |
    | 上年结转资金 | 0.00         | ok  |
    | 年度资金总额 | 5.00         | ok  |
    """
    now = policy(fund)
    money = Claim("budget_final != 0", when=f'says(source, "{TOTAL}")', said=now.advice)
    return Offence(money.offends(), {"done": pl.lit(now.said)}, live=[money])


@rule(
    "SE-003",
    on="fund",
    severity="warning",
    cells=["rate"],  # 得分 stands only on the first line
    message="{source}的全年预算数为 0，{filled}却填了数",
    hint="全年预算数为 0 的，这里留空；请恢复原来的公式",
)
def rate_of_nothing(fund: FormTable) -> Offence:
    """全年预算数为 0 的，没有执行率；口径是得 0 分或 10 分的，得分或执行率照口径填。

    | 资金来源     | budget_final | rate | score |     |
    | 年度资金总额 | 0.00         |      |       | ok  |
    | 年度资金总额 | 0.00         | 1.00 | 10.00 | bad |
    | 上年结转资金 | 0.00         | 1.00 |       | bad |
    | 年度资金总额 | 5.00         | 1.00 | 10.00 | ok  |
    """
    blank = {"zero": ("rate",), "full": ()}.get(fund.zero_budget, ("rate", "score"))
    names = [name for name in blank if name in fund.fields]
    filled = [pl.col(name).is_not_null() for name in names]
    words = [
        pl.when(test).then(pl.lit(fund.fields[name].short_label))
        for name, test in zip(names, filled, strict=True)
    ]
    at = [pl.when(test).then(pl.lit(name)) for name, test in zip(names, filled, strict=True)]
    return Offence(
        (pl.col("budget_final") == 0) & pl.any_horizontal(pl.lit(False), *filled),
        {"filled": pl.concat_str(words or [pl.lit("")], separator="、", ignore_nulls=True)},
        at=pl.coalesce(*at, pl.lit("rate")),
    )


@rule("SE-004", on="fund", hint="请核对：支出不能超过全年预算数（年中调整的，预算数按调整后的填）")
def executed_within_budget(fund: FormTable) -> Equation:
    """各行的全年执行数都不能大于全年预算数。

    | executed | budget_final |     |
    | 100.00   | 100.00       | ok  |
    | 100.02   | 100.00       | bad |
    """
    return Equation("executed <= budget_final")


@rule(
    "SE-005",
    on="fund",
    cells=COLUMNS,
    message="{column}：年度资金总额为 {left}，三项来源之和为 {right}，相差 {gap}",
    hint="请核对；年度资金总额＝当年财政拨款＋上年结转资金＋其他资金",
)
def total_is_sum_of_sources(fund: FormTable) -> list[Offence]:
    """年度资金总额等于当年财政拨款、上年结转资金、其他资金之和，年初预算、全年预算、全年执行三栏都是。

    | record | 资金来源           | budget_initial | budget_final | executed |     |
    | 1      | 年度资金总额       | 6.00           | 6.00         | 5.00     | ok  |
    | 1      | 其中：当年财政拨款 | 4.00           | 4.00         | 3.00     | ok  |
    | 1      | 上年结转资金       | 2.00           | 2.00         | 2.00     | ok  |
    | 1      | 其他资金           | 0.00           | 0.00         | 0.00     | ok  |
    | 2      | 年度资金总额       | 6.00           | 6.00         | 5.00     | bad |
    | 2      | 其中：当年财政拨款 | 6.00           | 4.00         | 5.00     | ok  |
    | 2      | 其他资金           | 0.00           | 0.00         | 0.00     | ok  |
    """
    offences = []
    for name in COLUMNS:
        part = pl.when(~is_total()).then(pl.col(name))
        gaps = (~is_total() & pl.col(name).is_null()).any().over(_RECORD)
        parts = pl.when(is_total() & ~gaps).then(part.sum().over(_RECORD))
        count = part.count().over(_RECORD)
        said = three_valued(
            pl.col(name), parts, _HALF, count, column=pl.lit(fund.fields[name].short_label)
        )
        offences.append(Offence(said.bad, said.details, pl.lit(name), said.rounds))
    return offences


@rule(
    "SE-016",
    on="fund",
    severity="warning",
    cells=["rate", "executed"],
    using={
        "explained": Lookup("indicator", has_explanation().sum(), pl.Int64()),
        "goal_actual": Lookup("project", pl.col("goal_actual").first(), pl.String()),
    },
    message="执行率为 {rate}，表里没有说明原因",
    hint="请在实际完成情况或偏差原因中说明支出偏低的原因",
)
def low_rate_unexplained(fund: FormTable) -> pl.Expr:
    """年度资金总额的执行率低于 0.90 的，应当说明原因，写在实际完成情况或任何一行的偏差原因里都可以。

    | 资金来源     | rate | goal_actual              | explained |     |
    | 年度资金总额 | 0.91 | 全年培训 12 期           | 0         | ok  |
    | 年度资金总额 | 0.62 | 全年培训 12 期           | 0         | bad |
    | 年度资金总额 | 0.62 | 因合同推迟，部分款未支付 | 0         | ok  |
    | 年度资金总额 | 0.62 | 全年培训 12 期           | 1         | ok  |
    """
    said = pl.col("goal_actual").str.contains(_SPOKEN_OF).fill_null(value=False)
    explained = pl.col("explained").fill_null(0) > 0
    return is_total() & (pl.col("rate") < LEAST_RATE) & ~said & ~explained


@rule(
    "SE-017",
    on="fund",
    severity="warning",
    cells=["budget_final", "budget_initial"],
    using={"goal_actual": Lookup("project", pl.col("goal_actual").first(), pl.String())},
    message="年初预算数为 {budget_initial} 元，全年预算数为 0，没有说明预算为什么收回",
    hint="请在实际完成情况中说明；预算没有收回的，请核对全年预算数",
)
def budget_withdrawn(fund: FormTable) -> pl.Expr:
    """年初安排了预算、全年预算数为 0 的（预算收回），应当在实际完成情况中说明。

    | 资金来源     | budget_initial | budget_final | goal_actual      |     |
    | 年度资金总额 | 500000.00      | 0.00         | 全年培训 12 期   | bad |
    | 年度资金总额 | 500000.00      | 0.00         |                  | bad |
    | 年度资金总额 | 500000.00      | 0.00         | 年中预算全部收回 | ok  |
    | 年度资金总额 | 0.00           | 0.00         | 全年培训 12 期   | ok  |
    | 其他资金     | 500000.00      | 0.00         | 全年培训 12 期   | ok  |
    """
    said = pl.col("goal_actual").str.contains(_WITHDRAWN).fill_null(value=False)
    return is_total() & (pl.col("budget_initial") > 0) & (pl.col("budget_final") == 0) & ~said


@rule(
    "SE-020",
    on="project",
    severity="info",
    enabled=False,
    cells=["amount_project"],
    using={name: of_total(name) for name in ("budget_initial", "budget_final")},
    message="项目金额为 {amount_project} 元，不等于全年预算数 {budget_final} ＋ 2 × 年初预算数 {budget_initial}",
    hint="项目金额按三年滚动口径填的，请核对；按其他口径填的，无需处理",
)
def amount_of_three_years(project: FormTable) -> pl.Expr:
    """项目金额按三年滚动口径填的，等于全年预算数加两个年初预算数。

    默认关闭：只有部门的一般性项目、而且项目金额按三年口径填列时才成立，政府投资项目不成立，而表上看不出是
    哪一种。

    | 项目金额   | budget_initial | budget_final |     |
    | 8422000.00 | 3000000.00     | 2422000.00   | ok  |
    | 8422000.00 | 3000000.00     | 3000000.00   | bad |
    """
    expected = pl.col("budget_final") + pl.col("budget_initial") * 2
    return (pl.col("amount_project") - expected).abs() > _HALF


@rule(
    "SE-022",
    on="fund",
    severity="warning",
    cells=["budget_final", "budget_initial"],
    message="全年预算数 {budget_final} 元比年初预算数 {budget_initial} 元调整了 {percent}%",
    hint="请确认：调整超过 50% 的，应有调整批复",
)
def large_adjustment(fund: FormTable) -> Offence:
    """全年预算数比年初预算数增减超过 50% 的，请审核人员确认。预算全部收回的由 SE-017 指出。

    | 资金来源     | budget_initial | budget_final |     |
    | 年度资金总额 | 100.00         | 150.00       | ok  |
    | 年度资金总额 | 100.00         | 150.01       | bad |
    | 年度资金总额 | 100.00         | 49.00        | bad |
    | 年度资金总额 | 0.00           | 150.00       | ok  |
    """
    initial, final = pl.col("budget_initial"), pl.col("budget_final")
    change = (final - initial).abs()
    base = pl.when(initial > 0).then(initial)
    percent = (change.cast(pl.Float64) / base.cast(pl.Float64) * 100).round(0).cast(pl.Int64)
    return Offence(
        is_total() & (final > 0) & (change > base * LARGEST_CHANGE),
        {"percent": percent},
    )
