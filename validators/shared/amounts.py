"""金额：几张表共有的规则（docs/domain.md §10.3）。只属于一张表的规则写在那张表的校验文件里。"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from xltool.fields.amount import NEGATIVE, ROUNDED, TOO_MANY_PLACES
from xltool.fields.integer import OUT_OF_RANGE
from xltool.fields.measures import judged
from xltool.fields.remarks import NOT_A_NUMBER
from xltool.language.claims import Claim
from xltool.language.equations import Equation
from xltool.prose.quantities import Calculation, money_words, read
from xltool.rules import FormTable, Offence, rule
from xltool.rules.remarks import rule_on


@rule(
    "AMT-002",
    on="project",
    hint="请核对两个金额：本年度金额是总金额的一部分",
)
def year_within_total(project: FormTable) -> Equation:
    """本年度项目金额不能大于项目总金额。

    | amount_year | amount_total |     |
    | 100.00      | 100.00       | ok  |
    | 100.02      | 100.00       | bad |
    """
    return Equation("amount_year <= amount_total")


amount_is_no_number = rule_on(NOT_A_NUMBER)
amount_is_negative = rule_on(NEGATIVE)
number_is_out_of_range = rule_on(OUT_OF_RANGE)
amount_has_too_many_places = rule_on(TOO_MANY_PLACES)
amount_shows_fewer_places = rule_on(ROUNDED)


@rule(
    "AMT-012",
    on="project",
    cells=["amount_year"],
    severity="warning",
    message="{amount_year.label}为 0 或空白",
    hint="请确认本年度是否确实没有安排资金",
)
def year_without_money(project: FormTable) -> pl.Expr | Offence:
    """本年度项目金额为 0 或空白的，请审核人员确认。

    空白另有说法的不再重复：必填的由 TXT-001 指出；系统自动汇总的单位本来就不能填，备用表上的新增项目除外。

    | amount_year |     |
    | 12.00       | ok  |
    | 0.00        | bad |
    """
    field = project.fields["amount_year"]
    zero = pl.col("amount_year") == 0
    if field.required or field.filled_by == "system":
        return zero
    blank = pl.col("amount_year").is_null()
    return Offence(zero | blank, live=[Claim("filled(amount_year)"), Claim("amount_year != 0")])


def _amounts(project: FormTable) -> dict[str, int]:
    """The amounts of a project by name, and how many 元 their unit is."""
    units = {"元": 1, "万元": 10**4, "亿元": 10**8}
    return {
        name: units[field.unit]
        for name, field in project.fields.items()
        if field.kind.amounts and field.unit in units
    }


def _first(cases: Mapping[str, tuple[pl.Expr, pl.Expr]]) -> Offence:
    """The first field whose condition holds, with the words for it as {found}."""
    if not cases:
        return Offence(pl.lit(value=False))
    conditions = [bad.fill_null(value=False) for bad, _ in cases.values()]
    words = [
        pl.when(bad).then(words) for bad, (_, words) in zip(conditions, cases.values(), strict=True)
    ]
    names = [pl.when(bad).then(pl.lit(name)) for bad, name in zip(conditions, cases, strict=True)]
    return Offence(pl.any_horizontal(conditions), {"found": pl.coalesce(words)}, pl.coalesce(names))


def _shown(project: FormTable, name: str) -> pl.Expr:
    field = project.fields[name]
    return pl.format(f"{field.short_label}为 {{}} {field.unit}", pl.col(name))


@rule(
    "AMT-013",
    on="project",
    severity="warning",
    message="{found}，超过 10 亿元",
    hint="请核对单位：可能把元当作万元填了",
    says_also={"AMT-015": "record", "AMT-021": "record", "AMT-023": "record"},
)
def amount_is_huge(project: FormTable) -> Offence:
    """一个项目的金额超过 10 亿元（100,000 万元）的，可能把元当作万元填了。

    | amount_total | amount_year |     |
    | 100000.00    | 1.00        | ok  |
    | 100000.01    | 99999.00    | bad |
    | 5000.00      | 1664800.00  | bad |
    """
    return _first(
        {
            name: (pl.col(name) > 10**9 // unit, _shown(project, name))
            for name, unit in _amounts(project).items()
        }
    )


@rule(
    "AMT-013",
    on="project",
    severity="warning",
    message="{found}，与{amount_total.label} {amount_total} 相差上千倍",
    hint="请核对单位：可能把元和万元混用了",
)
def amounts_differ_vastly(project: FormTable) -> Offence:
    """一项金额是项目总金额的一千倍以上，或本年度金额不到总金额的五千分之一的，可能把元和万元混用了。

    超过 10 亿元的已另外指出。

    | amount_total | amount_year |     |
    | 312.40       | 104.13      | ok  |
    | 12.40        | 41300.00    | bad |
    | 312.40       | 0.01        | bad |
    | 312.40       | 0.00        | ok  |
    """
    total = pl.col("amount_total")
    units = _amounts(project)
    year = (pl.col("amount_year") > 0) & (total >= pl.col("amount_year") * 5000)
    cases = {
        name: (
            (total > 0) & pl.col(name).is_between(total * 1000, 10**9 // unit),
            _shown(project, name),
        )
        for name, unit in units.items()
        if name != "amount_total"
    }
    small = (cases["amount_year"][0] | year, _shown(project, "amount_year"))
    return _first(cases | {"amount_year": small})


def _same_digits(text: str | None, *amounts: Decimal | None) -> str | None:
    """An amount of a text that is 10000 times, or a 10000th of, one of the amounts in 万元."""
    if text is None or not any(unit in text for unit in ("元", "万", "亿")):
        return None
    wanted = [amount * 10000 for amount in amounts if amount]
    for found in read(text):
        if isinstance(found, Calculation) or found.per or not (found.money or found.bare):
            continue
        if len(found.value.normalize().as_tuple().digits) < 3:  # 1200元 may well be a price
            continue
        if any(found.value * 10000 == value or found.value == value * 10000 for value in wanted):
            return money_words(found.value)
    return None


@rule(
    "AMT-013",
    on="project",
    severity="warning",
    message="{found}，与填报的金额数字相同，单位差一万倍",
    hint="请核对单位：可能把元和万元混用了",
)
def text_in_another_unit(project: FormTable) -> Offence:
    """文字里的金额与项目总金额或本年度金额数字相同、单位相差一万倍的，可能把元和万元混用了。

    只看三位以上有效数字的金额；测算依据另有规则。

    | goal_year           | amount_total | amount_year |     |
    | 支付合同款 104.13万元 | 312.40       | 104.13      | ok  |
    | 支付合同款 104.13元 | 312.40       | 104.13      | bad |
    """
    texts = [
        name
        for name, field in project.fields.items()
        if field.multiline and field.filled_by == "unit" and name != "calc_basis"
    ]
    amounts = [n for n in ("amount_total", "amount_year") if _amounts(project).get(n) == 10**4]
    cases = {}
    for name in texts if amounts else []:
        found = judged(_same_digits, name, *amounts)
        label = project.fields[name].short_label
        cases[name] = (found.is_not_null(), pl.format(f"{label}里写的 {{}}", found))
    return _first(cases)
