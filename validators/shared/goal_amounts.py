"""目标里写的金额与本年度项目金额（docs/domain.md §10.3，AMT-027）。"""

from __future__ import annotations

import re
from decimal import Decimal

from xltool.fields.measures import judged
from xltool.prose.phases import Spent, spent_this_year
from xltool.prose.quantities import money_words
from xltool.rules import FormTable, Offence, rule

_UNIT = Decimal(10000)  # amounts of projects are in 万元
_HALF = Decimal(50)
_SPENDS = re.compile("支付|拨付|发放|安排|投入|支出|列支|购置|采购|经费|资金|费|款")
_BRINGS = re.compile(
    "产值|营收|营业|税|收入|贷款|融资|招商|引资|损失|节约|节省|交易|销售|带动|争取|募集|筹集|挽回|赔付|追回|罚|欠薪|理赔"
    "|保费|社会资本|社会投资|债|撬动|企业投|减免|降低|减轻|返还|收缴|征收|评审|审减|监管|涉案|标的|规模|限额"
)
_ADDED_UP = re.compile("其中|合计|共计|总计|总额|总费用|总投入|共需|共[为约]?[0-9]")
_FEWEST = 3  # amounts of which it may be asked whether they are all
_LONGEST = 24  # characters of a quote


def _does_not_fit(text: str | None, year: Decimal | None, fy: int | None) -> str | None:
    """What a goal is to spend in the year that is more than there is, or leaves some unexplained."""
    if not text or not year or year < 0 or not ("元" in text or "万" in text):
        return None
    spent = [one for one in spent_this_year(text, fy) if _is_spending(one)]
    limit = year * _UNIT
    for one in spent:
        if one.amount.value - one.amount.half_unit > limit + _HALF:
            return f"写了“{_end_of(one.clause)}”，超过"
    if len(spent) < _FEWEST or _ADDED_UP.search(text):
        return None
    added = sum((one.amount.value for one in spent), Decimal(0))
    slack = sum((one.amount.slack for one in spent), _HALF)
    if abs(added - limit) <= slack:
        return None
    return (
        f"写的 {len(spent)} 项金额相加为 {money_words(added)}，{'多' if added > limit else '少'}于"
    )


def _is_spending(one: Spent) -> bool:
    """Whether the clause of an amount says that it is spent, and not what is gained or handled."""
    return _SPENDS.search(one.clause) is not None and _BRINGS.search(one.clause + one.rest) is None


def _end_of(clause: str) -> str:
    return clause if len(clause) <= _LONGEST else f"…{clause[1 - _LONGEST :]}"


@rule(
    "AMT-027",
    on="project",
    severity="warning",
    cells=["goal_year", "amount_year"],
    message="{goal_year.label}{found}本年度项目金额 {amount_year} 万元",
    hint="请核对目标里的金额：各项相加应等于本年度项目金额；不是本年度支出的，请写明是哪一年的",
)
def goal_amounts_do_not_fit(project: FormTable) -> Offence:
    """年度目标里写明要支出的金额，不应超过本年度项目金额；写了三项以上的，相加应等于本年度项目金额。

    只看写明支付、采购、经费等支出的；产值、贷款、挽回损失等不是支出，合同总额、几年的总数、以后年度的金额也不
    比较。写有“其中”“合计”的不相加。

    | goal_year                                          | amount_year |     |
    | 支付终端租赁费 40万元，培训经费 8万元，印刷费 2万元 | 50.00       | ok  |
    | 支付终端租赁费 40万元，培训经费 8万元，印刷费 1万元 | 50.00       | bad |
    | 支付终端租赁费 40万元                              | 50.00       | ok  |
    | 支付终端租赁费 60万元                              | 50.00       | bad |
    | 为企业争取贷款 600万元                             | 50.00       | ok  |
    | 三年支付租赁费共 150万元                           | 50.00       | ok  |
    | 2028年支付租赁费 60万元                            | 50.00       | ok  |
    """
    found = judged(_does_not_fit, "goal_year", "amount_year", "fy")
    return Offence(found.is_not_null(), {"found": found})
