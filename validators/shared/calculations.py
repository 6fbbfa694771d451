"""测算依据和文字里的算式：合计、与项目金额的关系、乘法、成本指标（docs/domain.md §10.3）。

文字里的金额按写明的单位（元、万元、亿元）换算成元再比较；看不出哪些金额应当相加的，不作判断。
除 AMT-024 外，各表按名字引用自己需要的规则。
"""

from __future__ import annotations

import re
from decimal import Decimal

import polars as pl
from xltool.validators.shared.estimated import differs

from xltool.fields.kinds import Field
from xltool.fields.measures import judged
from xltool.prose.estimates import estimate, has_basis
from xltool.prose.quantities import Quantity, calculations, money_words, read
from xltool.prose.writing_flaws import nothing_said
from xltool.rules import FormTable, Lookup, Offence, rule

_MONEY = pl.Decimal(24, 2)
_WHOLE_COST = re.compile("总成本|总费用|总支出|总金额|成本总额|费用总额|支出总额|总价")
_IS_COST = pl.col("lv2").str.contains("成本", literal=True)
_UNIT_COST = re.compile("单|每|均")


def _said(found: pl.Expr) -> Offence:
    """An offence where a function found something to say; the message shows it as {found}."""
    return Offence(found.is_not_null(), {"found": found})


def _wrong_total(text: str | None) -> str | None:
    found = estimate(text or "")
    if found.total is None or found.sum is None or found.adds_up is not False:
        return None
    gap = money_words(abs(found.total.value - found.sum.value))
    parts = "＋".join(money_words(part.value) for part in found.parts[:8])
    more = "＋……" if len(found.parts) > 8 else ""
    return (
        f"写明合计 {money_words(found.total.value)}，各项相加为 {money_words(found.sum.value)}"
        f"（{parts}{more}），相差 {gap}"
    )


@rule(
    "AMT-020",
    on="project",
    severity="warning",
    cells=["calc_basis"],
    message="{calc_basis.label}{found}",
    hint="请核对各项金额和合计；合计应等于同一层各项之和",
    says_also={"AMT-021": "cell"},
)
def stated_total_is_wrong(project: FormTable) -> Offence:
    """测算依据写明的合计，应等于各项金额之和。

    各项是同一层的：编号的条目，或用逗号、分号隔开的金额。条目里的明细（“用于”“其中”之后）、单价、括号里的
    说明不算。合计指写在最前或最后的“合计”“共计”“共需”“预计为”“总费用”等。

    | 测算依据                                                      |     |
    | 终端 3 台×2 万元＝6 万元；维保 1.50 万元。合计 7.50 万元      | ok  |
    | 终端 3 台×2 万元＝6 万元；维保 1.50 万元。合计 8.50 万元      | bad |
    | 预计为 7.5 万元：1.终端 6 万元，用于甲 2 万元；2.维保 1.5 万元 | ok  |
    | 宣传项目总费用 2 万元，优化项目 150 万元                      | ok  |
    | 总费用 10 万元，其中甲 4 万元、乙 5 万元                      | ok  |
    """
    return _said(judged(_wrong_total, "calc_basis"))


@rule(
    "AMT-021",
    on="project",
    severity="warning",
    cells=["calc_basis", "amount_year"],
    message="{calc_basis.label}{found}，本年度项目金额为 {amount_year} 万元",
    hint="请核对：测算的结果应等于本年度项目金额；写的是几年的总数的，请分年写明",
    says_also={"AMT-015": "record"},
)
def basis_is_not_the_amount(project: FormTable) -> Offence:
    """测算依据的结果应等于本年度项目金额。

    写明本年或每年多少的，与本年度项目金额比较；只写“n 年共需”的，按年平均。没有写明是哪一段时间的，各项之和或
    合计等于本年度项目金额或项目总金额，都算一致。合同金额、单价、以后年度的金额不比较。

    | 测算依据                                      | amount_year | amount_total |     |
    | 终端 6 万元；维保 15000 元                    | 7.50        | 22.50        | ok  |
    | 终端 6 万元；维保 15000 元                    | 8.50        | 25.50        | bad |
    | 两次慰问共 1.2 万元                           | 1.30        | 3.90         | bad |
    | 三年共需 207 万元                             | 69.00       | 210.00       | ok  |
    | 三年共需 30 万元，每年 10 万元                | 12.00       | 30.00        | bad |
    | 合同金额 100 万元，本年支付首款 30%即 30 万元 | 30.00       | 100.00       | ok  |
    | 购买学习资料等                                | 8.50        | 25.50        | ok  |
    """
    return _said(differs("year", years=_period(project)))


@rule(
    "AMT-021",
    on="project",
    severity="warning",
    cells=["calc_basis", "amount_total"],
    message="{calc_basis.label}{found}，项目总金额为 {amount_total} 万元",
    hint="请核对：写明的总数应等于项目总金额；只是其中几年的，请写明是哪几年",
    says_also={"AMT-015": "record"},
)
def basis_is_not_the_total(project: FormTable) -> Offence:
    """测算依据写明的项目总费用、实施期限内各年的总数，应等于项目总金额。

    年数与实施期限不同的不比较；本年度的金额也不一致的，只指出本年度的。

    | 测算依据                       | amount_year | amount_total | period_years |     |
    | 三年共需 30 万元，每年 10 万元 | 10.00       | 30.00        | 3            | ok  |
    | 三年共需 30 万元，每年 10 万元 | 10.00       | 36.00        | 3            | bad |
    | 三年共需 30 万元，每年 10 万元 | 10.00       | 50.00        | 5            | ok  |
    | 三年共需 30 万元，每年 10 万元 | 12.00       | 36.00        | 3            | ok  |
    """
    return _said(differs("total"))


@rule(
    "AMT-013",
    on="project",
    severity="warning",
    cells=["calc_basis", "amount_year"],
    message="{calc_basis.label}的结果为 {found}，本年度项目金额为 {amount_year} 万元，相差正好一万倍",
    hint="请核对单位：可能把元和万元混用了",
)
def basis_in_another_unit(project: FormTable) -> Offence:
    """测算依据的结果与本年度项目金额正好相差一万倍的，可能把元和万元混用了。

    | 测算依据                   | amount_year | amount_total |     |
    | 终端 6 万元；维保 15000 元 | 7.50        | 22.50        | ok  |
    | 两次慰问共 7.5 元          | 7.50        | 22.50        | bad |
    """
    return _said(differs("another unit", years=_period(project)))


def _period(project: FormTable) -> str | None:
    """The field of the years that a project's total is for, where the form has one."""
    return "period_years" if "period_years" in project.fields else None


def _nothing_to_calculate(text: str | None) -> str | None:
    if text is None or nothing_said(text) or has_basis(text):
        return None
    return "yes"


@rule(
    "AMT-022",
    on="project",
    severity="warning",
    cells=["calc_basis"],
    message="{calc_basis.label}里没有金额，也没有数量乘单价的算式",
    hint="请写明怎样算出本年度金额，如“终端 3 台×2 万元＝6 万元”",
)
def basis_without_amount(project: FormTable) -> pl.Expr:
    """测算依据至少要有一个金额，或数量乘单价的算式。

    只写“略”“见附件”的，由 TXT-007 指出。

    | 测算依据                       |     |
    | 终端 3 台×2 万元＝6 万元       | ok  |
    | 购买学习资料等                 | bad |
    | 为 1990 名网格员配备通信服务   | bad |
    | 按工资总额的 2% 计提           | ok  |
    """
    return judged(_nothing_to_calculate, "calc_basis").is_not_null()


def _wrong_cost(
    name: str | None,
    target: str | None,
    total: Decimal | None,
    year: Decimal | None,
    unit: int = 10000,
) -> str | None:
    """What is wrong with a cost target beside the project's amounts, which are in `unit` 元."""
    found = read(target or "")
    if len(found) != 1 or not isinstance(found[0], Quantity):
        return None
    cost, name = found[0], name or ""
    if not (cost.money or cost.bare) or cost.per or cost.about:
        return None
    allowed = cost.half_unit + Decimal("0.005") * unit
    if total and cost.value > total * unit + allowed:
        return f"大于项目总金额 {money_words(total * unit)}"
    whole = _WHOLE_COST.search(name) and not _UNIT_COST.search(name)
    if year and whole and cost.value < year * unit - allowed:
        return f"小于本年度项目金额 {money_words(year * unit)}"
    return None


@rule(
    "AMT-023",
    on="indicator",
    severity="warning",
    cells=["target"],
    using={
        "amount_total": Lookup("project", pl.col("amount_total").first(), _MONEY),
        "amount_year": Lookup("project", pl.col("amount_year").first(), _MONEY),
    },
    message="成本指标“{lv3}”为 {target}，{found}",
    hint="请核对：成本不应超过项目总金额；总成本也不应小于本年度金额",
)
def cost_against_amounts(indicator: FormTable) -> Offence:
    """金额形式的成本指标不大于项目总金额；称为总成本的，也不小于本年度项目金额。

    总成本的上限在本年度金额与项目总金额之间的，都算一致。单价（元/人）和占比不在此列。

    | lv2       | lv3            | target     | amount_total | amount_year |     |
    | *成本指标 | 运维总成本     | ≤312.4万元 | 1248.29      | 312.40      | ok  |
    | *成本指标 | 运维总成本     | ≤300万元   | 1248.29      | 312.40      | bad |
    | *成本指标 | 单个系统成本   | ≤46万元    | 1248.29      | 312.40      | ok  |
    | *成本指标 | 单个系统成本   | ≤4600万元  | 1248.29      | 312.40      | bad |
    | *成本指标 | 人均成本       | ≤300元/人  | 0.01         | 0.01        | ok  |
    | *数量指标 | 减少损失       | ≤4600万元  | 1248.29      | 312.40      | ok  |
    """
    columns = ("lv3", "target", "amount_total", "amount_year")
    return _said(judged(_wrong_cost, *columns, where=_IS_COST))


def _wrong_cost_in_yuan(name: str | None, target: str | None, total: Decimal | None) -> str | None:
    return _wrong_cost(name, target, total, None, unit=1)


@rule(
    "AMT-023",
    on="indicator",
    severity="warning",
    cells=["target"],
    using={"amount_project": Lookup("project", pl.col("amount_project").first(), _MONEY)},
    message="成本指标“{lv3}”为 {target}，{found}",
    hint="请核对：成本不应超过项目金额",
)
def cost_against_amount_in_yuan(indicator: FormTable) -> Offence:
    """金额形式的成本指标不大于项目金额（项目金额以元填列的表）。

    | lv2      | lv3      | target  | amount_project |     |
    | 成本指标 | 培训费用 | ≤5万元  | 1370000.00     | ok  |
    | 成本指标 | 培训费用 | ≤500万元 | 1370000.00    | bad |
    """
    columns = ("lv3", "target", "amount_project")
    return _said(judged(_wrong_cost_in_yuan, *columns, where=_IS_COST))


def _wrong_product(text: str | None) -> str | None:
    if text is None or not ("=" in text or "＝" in text):
        return None  # most texts calculate nothing
    for found in calculations(text):
        if found.holds is False and found.stated is not None:
            result = found.results[0]
            words = money_words(result) if found.money else f"{result.normalize():f}"
            return f"“{text[found.start : found.end]}”应为 {words}"
    return None


@rule(
    "AMT-024",
    each=lambda field: field.kind.free and field.multiline and field.filled_by == "unit",
    severity="warning",
    message="{label}里的算式{found}",
    hint="请核对数量、单价和结果，注意元与万元",
    says_also={"AMT-020": "cell", "AMT-021": "cell"},
)
def wrong_product(field: Field) -> Offence:
    """文字里写明结果的算式（a×b＝c）应当算得对，元与万元、月与年换算后比较。

    结果按写出的位数四舍五入；“约”“左右”的不判断。单价是由总价除出来再取整的，也算对。

    | 内容                          | multiline |     |
    | 终端 3 台×6000 元/台＝1.8 万元 | 1         | ok  |
    | 终端 3 台×6000 元/台＝1.9 万元 | 1         | bad |
    | 12 个月×75 元×21 人＝1.89万元  | 1         | ok  |
    | 3 项×133.33 元＝400 元         | 1         | ok  |
    | 7*24 小时值守                  | 1         | ok  |
    """
    return _said(judged(_wrong_product, field.name))


@rule(
    "AMT-015",
    on="project",
    severity="warning",
    cells=["amount_total", "amount_year", "period_years"],
    message="项目总金额 {amount_total} 万元，是本年度 {amount_year} 万元的 {times} 倍，而实施期限为 {period_years} 年",
    hint="请核对总金额和本年度金额：总金额超过了本年度金额乘实施期限的 3 倍",
)
def total_beyond_the_period(project: FormTable) -> Offence:
    """项目总金额不应超过本年度金额乘实施期限的 3 倍。

    | amount_total | amount_year | 实施期限 |     |
    | 30.00        | 2.00        | 5        | ok  |
    | 30.01        | 2.00        | 5        | bad |
    | 30.01        | 0.00        | 5        | ok  |
    """
    year = pl.col("amount_year")
    beyond = pl.col("amount_total") > year * pl.col("period_years") * 3
    times = (pl.col("amount_total").cast(pl.Float64) / year.cast(pl.Float64)).round(1)
    return Offence((year > 0) & beyond, {"times": times.cast(pl.String)})
