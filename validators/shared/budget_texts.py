"""部门预算说明里的数字与各表一致（docs/domain.md §10.8，BD-020…023、BD-026）：各项总数、增减额和增减幅度。"""

from __future__ import annotations

import polars as pl
from xltool.validators.shared.budget_tables import HALF, WHOLE, sum_within, top_of, whole_of

from xltool.fields.measures import name_key
from xltool.rules import FormTable, Lookup, Offence, at_most, rule, three_valued

STATEMENTS = (
    *("收入总计", "支出总计", "人员支出", "公用支出", "对个人和家庭的补助支出", "项目支出"),
    *("政府采购合计", "货物采购", "工程采购", "服务采购"),
    *("“三公”经费合计", "因公出国(境)费", "公务接待费", "公务用车购置及运行维护费"),
    *("公务用车购置费", "公务用车运行维护费", "机关运行经费"),
)
_CURRENT = pl.col("current")
_THIS_YEAR = pl.col("year").str.starts_with(pl.col("fy").cast(pl.String))


def _is(name: str) -> pl.Expr:
    """True for the statement about this."""
    return pl.col("name") == name


def _three_public(name: str) -> Lookup:
    return Lookup("t9", pl.col(name).filter(_THIS_YEAR).sum(), WHOLE)


_TABLES = {
    "收入总计": ("表1", "income", Lookup("t1", pl.col("income_total").first(), WHOLE)),
    "支出总计": ("表1", "expense", Lookup("t1", pl.col("expense_total").first(), WHOLE)),
    "项目支出": ("表3", "projects", Lookup("t3", whole_of("project"), WHOLE)),
    "政府采购合计": ("表3", "procurement", Lookup("t3", whole_of("gp_total"), WHOLE)),
    "“三公”经费合计": ("表9", "three_public", _three_public("total")),
    "因公出国(境)费": ("表9", "abroad", _three_public("abroad")),
    "公务接待费": ("表9", "reception", _three_public("reception")),
    "公务用车购置及运行维护费": ("表9", "vehicles", _three_public("vehicle_sub")),
    "公务用车购置费": ("表9", "vehicle_buy", _three_public("vehicle_buy")),
    "公务用车运行维护费": ("表9", "vehicle_run", _three_public("vehicle_run")),
}


@rule(
    "BD-020",
    on="statement",
    using={column: lookup for _, column, lookup in _TABLES.values()},
    cells=["current"],
    message="说明中的{name}为 {left}，{table}为 {right}，相差 {gap}",
    hint="说明里的数要与表一致，请核对",
)
def statement_equals_table(statement: FormTable) -> Offence:
    """说明中的收入、支出、项目支出、政府采购、“三公”经费，与表1、表3、表9 的数相同。

    | name       | current | income | expense | projects | reception | three_public | abroad | vehicles | vehicle_buy | vehicle_run | procurement |     |
    | 收入总计   | 1307    | 1307   | 1307    | 853      | 0         | 4            | 0      | 4        | 0           | 4           | 670         | ok  |
    | 支出总计   | 1307    | 1307   | 1310    | 853      | 0         | 4            | 0      | 4        | 0           | 4           | 670         | bad |
    | 公务接待费 | 2       | 1307   | 1307    | 853      | 0         | 4            | 0      | 4        | 0           | 4           | 670         | bad |
    | 人员支出   | 244     | 1307   | 1307    | 853      | 0         | 4            | 0      | 4        | 0           | 4           | 670         | ok  |
    """
    chosen = [(_is(name), table, column) for name, (table, column, _) in _TABLES.items()]
    right = pl.coalesce([pl.when(is_it).then(pl.col(column)) for is_it, _, column in chosen])
    table = pl.coalesce([pl.when(is_it).then(pl.lit(table)) for is_it, table, _ in chosen])
    return three_valued(_CURRENT, right, HALF, table=table)


_SUMS = {
    "支出总计": ("人员支出", "公用支出", "对个人和家庭的补助支出", "项目支出"),
    "政府采购合计": ("货物采购", "工程采购", "服务采购"),
}


@rule(
    "BD-020",
    on="statement",
    cells=["current"],
    message="说明中的{name}为 {left}，{parts}合计为 {right}，相差 {gap}",
    hint="请核对这几行的本年预算数",
)
def statements_add_up(statement: FormTable) -> list[Offence]:
    """支出总计等于人员、公用、对个人和家庭的补助、项目支出之和；政府采购合计等于货物、工程、服务之和。

    | record | name                   | current |     |
    | 1      | 支出总计               | 1307    | ok  |
    | 1      | 人员支出               | 244     | ok  |
    | 1      | 公用支出               | 210     | ok  |
    | 1      | 对个人和家庭的补助支出 | 0       | ok  |
    | 1      | 项目支出               | 853     | ok  |
    | 2      | 政府采购合计           | 670     | bad |
    | 2      | 货物采购               | 0       | ok  |
    | 2      | 工程采购               | 10      | ok  |
    | 2      | 服务采购               | 670     | ok  |
    """
    offences = []
    for name, parts in _SUMS.items():
        total, count = sum_within("current", pl.col("name").is_in(parts))
        right = pl.when(_is(name)).then(total)
        words = pl.lit("、".join(parts))
        offences.append(three_valued(_CURRENT, right, HALF, count, parts=words))
    return offences


@rule(
    "BD-020",
    on="statement",
    using={
        "listed": Lookup("item", pl.col("current").filter(pl.col("used")).sum(), WHOLE),
        "count": Lookup("item", pl.col("used").sum().cast(pl.Int64), pl.Int64()),
    },
    cells=["current"],
    message="说明中的项目支出为 {left}，所列 {count} 个项目合计为 {right}，相差 {gap}",
    hint="请核对各项目的预算数，有没有漏列的项目",
)
def projects_are_all_listed(statement: FormTable) -> Offence:
    """说明中逐个列出的项目，预算数合计等于项目支出。

    | name     | current | listed | count |     |
    | 项目支出 | 853     | 853    | 7     | ok  |
    | 项目支出 | 853     | 838    | 6     | bad |
    """
    listed = pl.when(_is("项目支出"), pl.col("count") > 0).then(pl.col("listed"))
    return three_valued(_CURRENT, listed, HALF, pl.col("count"))


@rule(
    "BD-020",
    on="item",
    also=["focus"],
    using={
        "listed": Lookup(
            "t5", pl.col("total").sum(), WHOLE, ("workbook", "record", name_key("name"))
        )
    },
    cells=["current"],
    message="“{name}”的本年预算数为 {left}，表5 中为 {right}，相差 {gap}",
    hint="说明里的数要与表5 一致，请核对",
)
def project_equals_table_5(item: FormTable) -> Offence:
    """说明中各项目的本年预算数，与表5 同名项目的总计相同。

    | name     | current | listed |     |
    | 网格宣传 | 21      | 21     | ok  |
    | 网格宣传 | 21      | 23     | bad |
    | 新项目   | 21      |        | ok  |
    """
    return three_valued(_CURRENT, pl.col("listed"), HALF)


@rule(
    "BD-020",
    on="explanation",
    using={"count": Lookup("item", pl.col("used").sum().cast(pl.Int64), pl.Int64())},
    cells=["project_count"],
    message="设置并编报绩效目标的项目为 {project_count} 个，说明中列出了 {count} 个",
    hint="请核对项目个数，每个项目都要编报绩效目标",
)
def project_count_differs(explanation: FormTable) -> pl.Expr:
    """设置并编报绩效目标的项目个数，等于说明中列出的项目个数。

    | project_count | count |     |
    | 7             | 7     | ok  |
    | 7             | 6     | bad |
    """
    return (pl.col("count") > 0) & (pl.col("project_count") != pl.col("count"))


@rule(
    "BD-021",
    on="statement",
    using={
        "basic": Lookup(
            "t8", pl.col("basic").filter(pl.col("code").is_in(["302", "310"])).sum(), WHOLE
        )
    },
    severity="info",
    cells=["current"],
    message="说明中的公用支出为 {left}，表8 商品和服务支出、资本性支出的基本支出合计为 {right}，相差 {gap}",
    hint="口径可能不同，请留意",
)
def public_expense_differs(statement: FormTable) -> Offence:
    """说明中的公用支出，与表8 的 302、310 两类基本支出比较。

    | name     | current | basic |     |
    | 公用支出 | 210     | 211   | ok  |
    | 公用支出 | 210     | 220   | bad |
    """
    basic = pl.when(_is("公用支出")).then(pl.col("basic"))
    return three_valued(_CURRENT, basic, HALF, 2)


def _float(name: str) -> pl.Expr:
    """Whole figures and halves: exact in floating point."""
    return pl.col(name).cast(pl.Float64)


def _fits(previous: pl.Expr) -> pl.Expr:
    """BD-022 of docs/domain.md §10.8, without division.

    The stated percent ± 0.5 must overlap [(|Δ|−0.5)/(previous+1), (|Δ|+0.5)/(previous−1)] × 100.
    """
    change, stated = _float("delta").abs(), _float("percent")
    least = (stated + 0.5) * (previous + 1) >= (change - 0.5) * 100
    most = (previous <= 1) | ((stated - 0.5) * (previous - 1) <= (change + 0.5) * 100)
    return least & most


def _previous(*, opposite: bool = False) -> pl.Expr:
    """What the year before was, as the change in the stated (or the opposite) direction has it."""
    sign = pl.col("direction").replace_strict(
        {"增加": -1.0, "减少": 1.0, "持平": 0.0}, default=None, return_dtype=pl.Float64
    )
    return _float("current") + sign * _float("delta") * (-1 if opposite else 1)


def seems_reversed() -> pl.Expr:
    """Where a wrong percentage is right for the opposite direction: that one seems to be meant."""
    other = _previous(opposite=True)
    fits = (other > 0) & _fits(other) & (pl.col("direction") != "持平")
    return (_wrong_percent() & fits).fill_null(value=False)


def _other_direction() -> pl.Expr:
    return pl.when(pl.col("direction") == "减少").then(pl.lit("增加")).otherwise(pl.lit("减少"))


def _wrong_percent() -> pl.Expr:
    """True where the percent is not that of the change; nothing is said of a year before that was 0."""
    return (_previous() > 0) & ~_fits(_previous())


@rule(
    "BD-022",
    on="item",
    also=["statement"],
    cells=["percent", "direction", "delta", "current"],
    message="“{name}”本年 {current}，{direction} {delta}，上年应为 {previous}，幅度约 {expected}%，现为 {percent}%",
    hint="{remedy}",
    says_also={"BD-023": "cell"},
)
def percent_is_wrong(item: FormTable) -> Offence:
    """增减幅度等于增减额除以上年数（上年数 ＝ 本年数 － 增减额），取整造成的出入都放行。

    上年数为 0 的没有幅度可言，不核对。

    | name     | current | delta | direction | percent |     |
    | 信息化   | 71      | 40    | 增加      | 130     | ok  |
    | 收入总计 | 1307    | 237   | 减少      | 15      | ok  |
    | 培训     | 12      | 6     | 增加      | 50      | bad |
    | 修缮     | 15      | 3     | 减少      | 25      | bad |
    | 新项目   | 15      | 15    | 增加      | 100     | ok  |
    """
    expected = (_float("delta") / _previous() * 100).round(0).cast(pl.Int64, strict=False)
    previous = _previous().cast(pl.Int64, strict=False)
    usual = pl.lit("增减幅度 ＝ 增减额 ÷ 上年数，不是除以本年数；请核对增减额、方向和幅度")
    turned = pl.format("现在的幅度正好是按{}算的，请先核对增减方向", _other_direction())
    remedy = pl.when(seems_reversed()).then(turned).otherwise(usual)
    words = {"previous": previous, "expected": expected, "remedy": remedy}
    return Offence(_wrong_percent(), words)


@rule(
    "BD-022",
    on="item",
    also=["statement"],
    cells=["delta", "current"],
    message="“{name}”比上年增加 {delta}，比本年 {current} 还多",
    hint="请核对增减额和增减方向",
)
def increase_exceeds_current(item: FormTable) -> pl.Expr:
    """增加额不能大于本年数（上年数不会是负数）。

    | name   | current | delta | direction | percent |     |
    | 新项目 | 15      | 15    | 增加      |         | ok  |
    | 新项目 | 15      | 18    | 增加      |         | bad |
    """
    return (pl.col("direction") == "增加") & (_previous() < -1)


@rule(
    "BD-023",
    on="item",
    also=["statement"],
    severity="warning",
    cells=["direction", "delta"],
    message="“{name}”的增减方向为“{direction}”，增减额却为 {delta}",
    hint="请核对：有增减的选“增加”或“减少”，没有的选“持平”、增减额填 0",
)
def direction_without_change(item: FormTable) -> pl.Expr:
    """增减方向与增减额一致：“持平”的增减额为 0，“增加”“减少”的不为 0。

    | name   | delta | direction |     |
    | 信息化 | 40    | 增加      | ok  |
    | 差旅   | 0     | 持平      | ok  |
    | 宣传   | 5     | 持平      | bad |
    | 培训   | 0     | 减少      | bad |
    """
    return (pl.col("delta") == 0) != (pl.col("direction") == "持平")


@rule(
    "BD-023",
    on="item",
    also=["statement"],
    severity="warning",
    cells=["direction", "percent"],
    message="“{name}”写的是{direction} {delta}，幅度 {percent}% 却是按{other}算的",
    hint="请核对增减方向：是增加还是减少",
)
def percent_fits_the_other_direction(item: FormTable) -> Offence:
    """增减幅度按写明的方向算不出来、按相反的方向却正好的，方向可能写反了。

    | name | current | delta | direction | percent |     |
    | 宣传 | 21      | 4     | 减少      | 16      | ok  |
    | 宣传 | 21      | 4     | 减少      | 24      | bad |
    | 培训 | 12      | 6     | 增加      | 50      | ok  |
    """
    return Offence(seems_reversed(), {"other": _other_direction()})


@rule(
    "BD-026",
    on="statement",
    using={
        "basic": Lookup("t8", top_of("basic"), WHOLE),
        "wages": Lookup("t8", pl.col("basic").filter(pl.col("code") == "301").sum(), WHOLE),
    },
    severity="warning",
    cells=["current"],
    message="机关运行经费为 {left}，基本支出扣除工资福利支出 {wages} 后只有 {right}",
    hint="机关运行经费不含工资福利支出，请核对口径",
)
def operation_includes_wages(statement: FormTable) -> Offence:
    """机关运行经费不含工资福利支出：不大于表8 基本支出减 301 类的基本支出。

    | name         | current | basic | wages |     |
    | 机关运行经费 | 210     | 454   | 244   | ok  |
    | 机关运行经费 | 454     | 454   | 244   | bad |
    | 支出总计     | 454     | 454   | 244   | ok  |
    """
    without = pl.when(_is("机关运行经费")).then(pl.col("basic") - pl.col("wages"))
    return at_most(_CURRENT, without, HALF, 2)
