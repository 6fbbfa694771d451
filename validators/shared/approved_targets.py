"""自评表与批准的绩效目标、执行台账的核对（docs/domain.md §10.7 SE-021，§10.10 XW-009、XW-010）。

批准的绩效目标是 campaign.toml 的 targets 指明的合并结果。下发时带出的内容已由签发信息锁定（TPL-002），这里核对
由单位自己填写的，和没有签发信息的。
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl
from xltool.validators.shared.execution import is_total
from xltool.validators.shared.indicators import first_of_group, group, is_real_row

from xltool.fields.measures import name_key, normalised
from xltool.fields.tables import Amount, Table, amount, text
from xltool.office.approved_targets import APPROVED_PROJECTS, APPROVED_ROWS
from xltool.prose.nothing import NOT_APPLICABLE
from xltool.rules import FormTable, Lookup, Offence, Reference, rule

_MONEY = pl.Decimal(24, 2)
_HALF = Decimal("0.005")
_COUNT = pl.Int64()
_TEXT = pl.String()
_PROJECT = (name_key("impl_unit"), name_key("project_name"))
_NAMES = {
    name: Lookup("project", pl.col(name).first(), _TEXT) for name in ("impl_unit", "project_name")
}


class Ledger(Table):
    """执行台账：每个项目一行，同一项目有几行的按合计核对。"""

    unit_code: str = text("单位代码", required=True)
    project_name: str = text("项目名称", required=True)
    budget_final: Amount = amount("全年预算数", unit="元", required=True)
    executed: Amount = amount("全年执行数", unit="元", required=True)


LEDGER = Reference("执行台账.csv", Ledger, "执行台账")


@rule(
    "SE-021",
    on="project",
    cells=["goal_expected"],
    using={
        "approved": Lookup(APPROVED_PROJECTS, pl.col("goal_expected").first(), _TEXT, by=_PROJECT)
    },
    message="预期目标与批准的绩效目标不同",
    hint="请照批准的绩效目标填写；目标已批准调整的，请与财政部门联系",
)
def goal_is_not_the_approved(project: FormTable) -> Offence:
    """预期目标必须与批准的绩效目标（campaign.toml 的 targets）相同，不计空格和换行。

    | goal_expected    | approved         |     |
    | 全年培训 12 期   | 全年培训12期     | bad |
    | 全年培训12期     | 全年 培训12期    | ok  |
    |                  | 全年培训12期     | bad |
    | 全年培训12期     |                  | ok  |
    """
    differs = normalised("goal_expected").ne_missing(normalised("approved"))
    return Offence(pl.col("approved").is_not_null() & differs, {"expected": pl.col("approved")})


@rule(
    "SE-021",
    on="indicator",
    cells=["lv3", "target"],
    using={
        **_NAMES,
        "rows": Lookup(APPROVED_ROWS, pl.len(), _COUNT, by=_PROJECT),
        "approved": Lookup(
            APPROVED_ROWS,
            pl.col("target").first(),
            _TEXT,
            by=(*_PROJECT, "lv2", name_key("lv3")),
        ),
    },
    message="{found}",
    hint="三级指标和年度指标值请照批准的绩效目标填写；目标已批准调整的，请与财政部门联系",
)
def row_is_not_as_approved(indicator: FormTable) -> list[Offence]:
    """每行的三级指标、年度指标值必须与同一项目批准的绩效目标相同。

    rows 是这个项目批准的行数，approved 是批准的年度指标值。没有批准过绩效目标的项目不在此列（XW-009）。

    | lv3      | target | rows | approved |     |
    | 培训次数 | 12次   | 3    | 12次     | ok  |
    | 培训次数 | 10次   | 3    | 12次     | bad |
    | 培训场次 | 12次   | 3    |          | bad |
    | 培训场次 | 12次   |      |          | ok  |
    | 不适用   | 不适用 | 3    |          | ok  |
    """
    judged = is_real_row(indicator) & pl.col("lv3").is_not_null() & (pl.col("rows") > 0)
    unknown = pl.format("三级指标“{}”不在批准的绩效目标中", pl.col("lv3"))
    target = pl.col("target").fill_null("（空白）")
    other = pl.format("年度指标值为 {}，批准的是 {}", target, pl.col("approved"))
    differs = name_key("target").ne_missing(name_key("approved"))
    known = pl.col("approved").is_not_null()
    return [
        Offence(judged & ~known, {"found": unknown}, at=pl.lit("lv3")),
        Offence(judged & known & differs, {"found": other}, at=pl.lit("target")),
    ]


@rule(
    "XW-009",
    on="project",
    cells=["project_name"],
    using={"known": Lookup(APPROVED_PROJECTS, pl.len(), _COUNT, by=_PROJECT)},
    message="项目“{project_name}”不在批准的绩效目标中",
    hint="请核对项目名称；年中新增的项目，请财政部门加入 projects.csv",
)
def project_was_not_approved(project: FormTable) -> pl.Expr:
    """自评的项目必须有批准的绩效目标（campaign.toml 的 targets），或由财政部门列在 projects.csv 中。

    按实施单位和项目名称核对。

    | project_name | known |     |
    | 网格员培训   | 1     | ok  |
    | 网格员轮训   |       | bad |
    """
    return pl.col("project_name").is_not_null() & pl.col("known").is_null()


@rule(
    "XW-009",
    on="indicator",
    cells=["lv3"],
    unused=True,
    using={
        **_NAMES,
        "approved": Lookup(
            APPROVED_ROWS,
            (pl.col("lv3") != NOT_APPLICABLE).sum(),
            _COUNT,
            by=(*_PROJECT, "lv2"),
        ),
    },
    message="“{lv2}”批准了 {approved} 个指标，表里只有 {count} 个",
    hint="批准的每个指标都要自评，请补上",
)
def approved_row_is_missing(indicator: FormTable) -> Offence:
    """批准的绩效目标中的每个指标都要自评。换了名称的由 SE-021 指出，这里只看个数。

    | record | lv2      | lv3      | target | approved |     |
    | 1      | 数量指标 | 培训次数 | 12次   | 1        | ok  |
    | 2      | 数量指标 | 培训次数 | 12次   | 2        | bad |
    | 2      | 数量指标 |          |        | 2        | ok  |
    | 3      | 质量指标 | 不适用   | 不适用 | 1        | bad |
    """
    count = is_real_row(indicator).sum().over(group(indicator))
    return Offence(first_of_group(indicator) & (count < pl.col("approved")), {"count": count})


def _in_ledger(column: str) -> dict[str, Lookup]:
    key = ("unit_code", name_key("project_name"))
    return {
        "project_name": _NAMES["project_name"],
        "ledger": Lookup(LEDGER, pl.col(column).sum(), _MONEY, by=key),
    }


@rule(
    "XW-010",
    on="fund",
    cells=["budget_final"],
    using=_in_ledger("budget_final"),
    message="全年预算数为 {budget_final} 元，执行台账为 {ledger} 元",
    hint="请与财政部门的执行台账核对",
)
def budget_differs_from_ledger(fund: FormTable) -> pl.Expr:
    """年度资金总额的全年预算数，与财政部门的执行台账（执行台账.csv）一致。

    台账的列：单位代码、项目名称、全年预算数、全年执行数（元）；同一项目有几行的，按合计核对。

    | 资金来源     | budget_final | ledger    |     |
    | 年度资金总额 | 500000.00    | 500000.00 | ok  |
    | 年度资金总额 | 50.00        | 500000.00 | bad |
    | 其他资金     | 50.00        | 500000.00 | ok  |
    """
    return is_total() & ((pl.col("budget_final") - pl.col("ledger")).abs() > _HALF)


@rule(
    "XW-010",
    on="fund",
    cells=["executed"],
    using=_in_ledger("executed"),
    message="全年执行数为 {executed} 元，执行台账为 {ledger} 元",
    hint="请与财政部门的执行台账核对",
)
def spending_differs_from_ledger(fund: FormTable) -> pl.Expr:
    """年度资金总额的全年执行数，与财政部门的执行台账（执行台账.csv）一致。

    | 资金来源     | executed  | ledger    |     |
    | 年度资金总额 | 456562.87 | 456562.87 | ok  |
    | 年度资金总额 | 456562.80 | 456562.87 | bad |
    """
    return is_total() & ((pl.col("executed") - pl.col("ledger")).abs() > _HALF)
