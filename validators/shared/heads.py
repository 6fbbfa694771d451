"""用人、慰问、补助等项目：本年度金额摊到每个人是多少（docs/domain.md §10.3，AMT-026）。

上限由办公室写在 campaign.toml 的 [yuan_per_head]：项目名称里有哪个词的，每人每年最多多少元。
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from xltool.fields.measures import judged
from xltool.office.head_costs import HEAD_COSTS
from xltool.prose.numerals import written
from xltool.prose.targets import parse
from xltool.rules import FormTable, Lookup, Offence, rule

_MONEY = pl.Decimal(24, 2)
_UNIT = Decimal(10000)  # amounts of projects are in 万元
_PEOPLE = ("人", "名", "位")
_LIMITS = Lookup(
    HEAD_COSTS,
    pl.format("{} {}", "most", "word").str.join("\n"),
    pl.String(),
    by=(pl.int_range(pl.len()) * 0,),  # all of them for each row
)


def _people(lv2: str | None, target: str | None, fy: int | None) -> str | None:
    """How many people a quantity is, where it counts them; turns (人次) are no people."""
    if "数量" not in (lv2 or ""):
        return None
    found = parse(target or "", lv2=lv2, fy=fy)
    counts = found.unit in _PEOPLE and not found.per and found.op not in ("le", "lt")
    return written(found.value) if counts and found.value and found.value2 is None else None


def _too_dear(
    name: str | None, year: Decimal | None, people: Decimal | None, limits: str | None
) -> str | None:
    """What a person costs in the year, where that is more than the office allows."""
    if not name or not year or not people:
        return None
    each = year * _UNIT / people
    for limit in (limits or "").split("\n"):
        most, _, word = limit.partition(" ")
        if word and word in name:
            if each <= Decimal(most):
                return None
            return f"每人 {each:.0f} 元，超过“{word}”项目的 {written(Decimal(most))} 元"
    return None


@rule(
    "AMT-026",
    on="indicator",
    severity="warning",
    enabled=False,
    cells=["target"],
    using={
        "project_name": Lookup("project", pl.col("project_name").first(), pl.String()),
        "amount_year": Lookup("project", pl.col("amount_year").first(), _MONEY),
        "limits": _LIMITS,
    },
    message="“{lv3}”等数量指标共 {people} 人，本年度金额折合{found}",
    hint="请核对人数和本年度项目金额；确实需要的，请说明理由",
)
def too_dear_for_each_person(indicator: FormTable) -> Offence:
    """用人、慰问、补助等项目，本年度金额按数量指标的人数折合，不应超过办公室定的每人上限。

    上限写在 campaign.toml 的 [yuan_per_head]，如 "劳务派遣" = 150000（元，每人每年）；没有写的不执行。人次不算
    人数，几行的人数相加。

    | record | lv2       | lv3          | target  | project_name | amount_year | limits          |     |
    | 0      | *数量指标 | 派遣人员数量 | ≥15人   | 劳务派遣服务 | 225.00      | 150000 劳务派遣 | ok  |
    | 1      | *数量指标 | 派遣人员数量 | ≥15人   | 劳务派遣服务 | 226.00      | 150000 劳务派遣 | bad |
    | 2      | *数量指标 | 派遣人次     | ≥15人次 | 劳务派遣服务 | 226.00      | 150000 劳务派遣 | ok  |
    | 3      | *质量指标 | 派遣人员数量 | ≥15人   | 劳务派遣服务 | 226.00      | 150000 劳务派遣 | ok  |
    | 4      | *数量指标 | 培训人员数量 | ≥15人   | 业务培训     | 226.00      | 150000 劳务派遣 | ok  |
    | 5      | *数量指标 | 派遣人员数量 | ≥12人   | 劳务派遣服务 | 226.00      | 150000 劳务派遣 | bad |
    | 5      | *数量指标 | 管理人员数量 | ≥2人    | 劳务派遣服务 | 226.00      | 150000 劳务派遣 | ok  |
    """
    own = judged(_people, "lv2", "target", "fy").cast(pl.Decimal(24, 6))
    return Offence(
        pl.col("_found").is_not_null() & pl.col("_own").is_not_null() & (pl.col("_row") == 1),
        {"people": pl.col("_people").cast(pl.Float64).cast(pl.Int64), "found": pl.col("_found")},
        given={
            "_own": own,
            "_people": pl.col("_own").sum().over("workbook", "record"),
            "_row": pl.col("_own").is_not_null().cum_sum().over("workbook", "record"),
            "_found": judged(_too_dear, "project_name", "amount_year", "_people", "limits"),
        },
    )
