"""指标值里的日期：必须在填报年度或项目期间内（docs/domain.md §10.5）。按名导入适用的一条。"""

from __future__ import annotations

import polars as pl
from xltool.validators.shared.aims import Aim, aimed

from xltool.rules import FormTable, Lookup, Offence, rule


def _first_day(aim: Aim) -> str | None:
    """The first day that the date may mean."""
    day = aim.target.date
    if day is None:
        return None
    return day.isoformat() if aim.target.precision == "day" else f"{day:%Y-%m}-01"


def _last_day(aim: Aim) -> str | None:
    """The last day that the date may mean."""
    return aim.target.date.isoformat() if aim.target.date else None


@rule(
    "VAL-008",
    on="indicator",
    cells=["target"],
    severity="warning",
    message="“{lv3}”的{target.label}“{target}”不在 {fy} 年度",
    hint="请核对年份；年度指标应在本年度内完成",
)
def date_outside_the_year(indicator: FormTable) -> pl.Expr:
    """年度指标的日期应当在填报年度之内；没有写年份的按填报年度理解。中期指标不在此列。

    | lv3      | target           | fy   |     |
    | 完成时间 | 2027年9月30日前  | 2027 | ok  |
    | 完成时间 | 9月30日前        | 2027 | ok  |
    | 完成时间 | 2026年9月30日前  | 2027 | bad |
    """
    outside = aimed(indicator, _last_day).str.to_date().dt.year() != pl.col("fy")
    return outside & (pl.col("period") == "年度") if "period" in indicator.fields else outside


@rule(
    "VAL-008",
    on="indicator",
    cells=["target"],
    severity="warning",
    message="“{lv3}”的{target.label}“{target}”不在项目期间 {start} 至 {end}",
    hint="请核对日期，或核对计划开始、完成日期",
    using={
        "start_date": Lookup("project", pl.col("start_date").first(), pl.Date()),
        "end_date": Lookup("project", pl.col("end_date").first(), pl.Date()),
    },
)
def date_outside_the_period(indicator: FormTable) -> Offence:
    """指标值的日期应当在计划开始日期和计划完成日期之间。

    | lv3      | target           | start_date | end_date   |     |
    | 完成时间 | 2027年9月30日前  | 2027-01-01 | 2028-12-31 | ok  |
    | 完成时间 | 2028年9月        | 2027-01-01 | 2028-09-15 | ok  |
    | 完成时间 | 2026年9月30日前  | 2027-01-01 | 2028-12-31 | bad |
    | 完成时间 | 2029年1月15日前  | 2027-01-01 | 2028-12-31 | bad |
    """
    early = aimed(indicator, _last_day).str.to_date() < pl.col("start_date")
    late = aimed(indicator, _first_day).str.to_date() > pl.col("end_date")
    period = {name: pl.col(f"{name}_date").cast(pl.String) for name in ("start", "end")}
    in_order = pl.col("start_date") <= pl.col("end_date")  # else DAT-001 has said so
    return Offence(in_order & (early | late), period)
