"""自评表的金额单位：以元填列的表，成本指标和资金是否把元和万元混用了（docs/domain.md §10.3，AMT-013）。"""

from __future__ import annotations

from decimal import Decimal

import polars as pl
from xltool.validators.shared.execution import of_total

from xltool.fields.measures import judged
from xltool.prose.numerals import written
from xltool.prose.quantities import Quantity, money_words, read
from xltool.rules import FormTable, Offence, rule

_TOO_MUCH = 10  # times what was spent: no part of it
_VAST = 1000  # times another amount of the same project
_IS_COST = pl.col("lv2").str.contains("成本", literal=True)


def _beyond_all(actual: str | None, executed: Decimal | None) -> str | None:
    """How many times what the whole project spent a cost comes to, where that is far too much."""
    found = read(actual or "")
    if len(found) != 1 or not executed or executed < 0:
        return None
    cost = found[0]
    if not isinstance(cost, Quantity) or not cost.money or cost.value < executed * _TOO_MUCH:
        return None
    return f"{money_words(cost.value)}，是全年执行数 {executed:,.2f} 元的 {_times(cost.value / executed)} 倍"


def _times(ratio: Decimal) -> str:
    return written(ratio.quantize(Decimal(1)))


@rule(
    "AMT-013",
    on="indicator",
    severity="warning",
    cells=["actual"],
    using={"executed_total": of_total("executed")},
    says_also={"SE-011": "row"},
    message="成本指标“{lv3}”的完成值为 {found}",
    hint="请核对单位：完成值可能把元写成了万元，或者资金把元填成了万元（本表的资金以元填列）",
)
def cost_beyond_all_spending(indicator: FormTable) -> Offence:
    """成本指标的实际完成值是全年执行数（年度资金总额）十倍以上的，可能把元和万元混用了。

    只看写明一个金额的；没有执行数的不比较。

    | lv2      | lv3      | actual       | executed_total |     |
    | 成本指标 | 印刷费用 | 19.5万元     | 387255.77      | ok  |
    | 成本指标 | 印刷费用 | 194943.48元  | 387255.77      | ok  |
    | 成本指标 | 印刷费用 | 194943.48万元 | 387255.77     | bad |
    | 数量指标 | 减少损失 | 194943.48万元 | 387255.77     | ok  |
    | 成本指标 | 印刷费用 | 2万元        | 0.00           | ok  |
    """
    found = judged(_beyond_all, "actual", "executed_total", where=_IS_COST)
    return Offence(found.is_not_null(), {"found": found})


@rule(
    "AMT-013",
    on="project",
    severity="warning",
    cells=["amount_project"],
    using={"budget_total": of_total("budget_final")},
    message="项目金额为 {amount_project} 元，全年预算数为 {budget_total} 元，相差上千倍",
    hint="请核对单位：本表以元填列，其中一项可能填成了万元",
)
def amounts_in_two_units(project: FormTable) -> pl.Expr:
    """项目金额与全年预算数（年度资金总额）相差一千倍以上的，可能把元和万元混用了。

    | amount_project | budget_total |     |
    | 1370000.00     | 1200000.00   | ok  |
    | 137.00         | 1200000.00   | bad |
    | 1370000.00     | 120.00       | bad |
    | 1370000.00     | 0.00         | ok  |
    """
    project_amount, budget = pl.col("amount_project"), pl.col("budget_total")
    vast = (project_amount >= budget * _VAST) | (budget >= project_amount * _VAST)
    return (project_amount > 0) & (budget > 0) & vast
