"""二级项目支出绩效目标申报表各版共有的规则（docs/domain.md §5、§6、§10）。"""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from xltool.validators.shared import indicators
from xltool.validators.shared.indicators import (
    first_of_group,
    group_is_empty,
    is_marked_row,
    needed_row,
)

from xltool.language.claims import Claim
from xltool.language.row_claims import SomeRow
from xltool.rules import FormTable, Offence, rule

SATISFACTION = "*服务对象满意度"  # the start of the printed level; the 2024 version adds 指标


@rule(
    "TXT-004",
    on="project",
    cells=["goal_year", "is_new"],
    message="新增项目没有填年度目标",
    hint="新增项目的年度目标为必填项，请填写",
)
def new_project_without_goal(project: FormTable) -> Claim:
    """新增项目必须填写年度目标。

    | 是否新增项目 | 年度目标         |     |
    | 是           | 建成网格巡查平台 | ok  |
    | 是           |                  | bad |
    | 否           |                  | ok  |
    """
    return Claim("filled(goal_year)", when='is_new == "是"')


@rule(
    "TXT-005",
    on="project",
    cells=["goal_long", "period_years"],
    message="实施期限 {period_years} 年，没有填长期目标",
    hint="跨度多年的项目，长期目标为必填项，请填写",
)
def long_project_without_goal(project: FormTable) -> Claim:
    """实施期限超过 1 年的项目必须填写长期目标。

    | 实施期限 | 长期目标         |     |
    | 3        | 建成网格巡查平台 | ok  |
    | 3        |                  | bad |
    | 1        |                  | ok  |
    """
    return Claim("filled(goal_long)", when="period_years > 1")


def _starred_and_empty(indicator: FormTable) -> pl.Expr:
    starred = pl.col("lv2").str.starts_with("*")
    return starred & group_is_empty(indicator) & first_of_group(indicator)


def _starred(indicator: FormTable) -> list[str]:
    return [lv2 for _, lv2, _ in indicator.catalogue if lv2.startswith("*")]


def _excused(indicator: FormTable) -> pl.Expr:
    """True where 服务对象满意度 is expressly marked 不适用, as internal projects do."""
    marked = is_marked_row(indicator).any().over(indicators.group(indicator))
    return pl.col("lv2").str.starts_with(SATISFACTION) & marked


@rule(
    "IND-001",
    on="indicator",
    cells=["lv3"],
    unused=True,
    message="必填的二级指标“{lv2}”没有一行适用的指标",
    hint="带 * 的二级指标至少填一行，三级指标、指标值、指标解释都要填，且不能填“不适用”",
)
def starred_without_indicator(indicator: FormTable) -> list[SomeRow]:
    """带 * 的二级指标至少有一行适用的指标（不填“不适用”）。

    | lv2       | lv3      | target | note         |     |
    | *数量指标 | 培训次数 | ≥2次   | 反映培训情况 | ok  |
    | *质量指标 |          |        |              | bad |
    | *时效指标 | 不适用   | 不适用 | 不适用       | bad |
    | 生态效益指标 | 不适用 | 不适用 | 不适用      | ok  |
    """
    starred = _starred(indicator)
    excusable = [lv2 for lv2 in starred if lv2.startswith(SATISFACTION)]
    strict = [lv2 for lv2 in starred if lv2 not in excusable]
    needed = needed_row(indicator, "{level}至少填一行", strict, each=True)
    return [
        needed,
        replace(needed, levels=frozenset(excusable), marked_will_do=True),
    ]


@rule(
    "IND-001",
    on="indicator",
    cells=["lv3"],
    unused=True,
    severity="warning",
    message="“{lv2}”填的是“不适用”",
    hint="内部项目确无服务对象的，由审核人员确认；否则请填写",
)
def satisfaction_not_applicable(indicator: FormTable) -> pl.Expr:
    """服务对象满意度填“不适用”的，由审核人员确认（内部项目可以没有服务对象）。

    | lv2                 | lv3      | target | note         |     |
    | *服务对象满意度指标 | 不适用   | 不适用 | 不适用       | bad |
    | *数量指标           | 不适用   | 不适用 | 不适用       | ok  |
    """
    return _starred_and_empty(indicator) & _excused(indicator)
