"""自评表全年预算数为 0 的项目怎样计分（docs/domain.md §10.7 SE-003）：campaign.toml 的 [zero_budget] policy。

每种口径换一个栏目的公式，其余照表上声明的；由自评表引入（`from … import ZERO_BUDGET`），第一种是默认的。
"""

from __future__ import annotations

from collections.abc import Mapping

from xltool.form.model import ZeroBudget
from xltool.rules import FormTable

_SCALED = "round(sum(indicator.score) * 100 / 90, 2)"
_NONE = ZeroBudget("执行率和得分留空，总分最多 90 分", {})  # issued by earlier versions

ZERO_BUDGET: Mapping[str, ZeroBudget] = {
    "scale": ZeroBudget(
        "执行率不计分，其余 90 分折算为 100 分",
        {
            "project.total_score": f"{_SCALED} if sum(fund.budget_final) == 0"
            " else sum(fund.score) + sum(indicator.score)"
        },
    ),
    "zero": ZeroBudget(
        "执行率得分按 0 分计",
        {"fund.score": "0 if budget_final == 0 else round(rate * 10, 2)"},
    ),
    "full": ZeroBudget(
        "执行率按 1.00、得分按 10 分计",
        {"fund.rate": "1 if budget_final == 0 else round(executed / budget_final, 2)"},
    ),
}


def policy(table: FormTable) -> ZeroBudget:
    """Return the policy under which a form was issued."""
    return ZERO_BUDGET.get(table.zero_budget, _NONE)


def formula(table: FormTable, name: str, usual: str) -> str:
    """Return how a field is worked out under the policy; `usual` where that says nothing of it."""
    return policy(table).formulas.get(f"{table.name}.{name}", usual)
