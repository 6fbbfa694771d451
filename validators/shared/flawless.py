"""自评表里好得少见的结果：全部满分，全部赶在 12 月 31 日，满意度全部 100%（docs/domain.md §10.7）。都只是提示。"""

from __future__ import annotations

import polars as pl

from xltool.fields.measures import judged
from xltool.prose.expectations import SATISFACTION, canonical_level
from xltool.prose.targets import parse
from xltool.rules import FormTable, Offence, rule

FEWEST = 3  # projects or indicators of a unit: fewer may well be all alike
_FULL = 100


def _all_alike(alike: pl.Expr, asked: pl.Expr) -> Offence:
    """The offence that all rows of a workbook that are asked are alike, told once, at the first of them."""
    count = asked.sum().over("workbook")
    every = (alike.fill_null(value=False) | ~asked).all().over("workbook")
    is_first = asked & (asked.cast(pl.UInt32).cum_sum().over("workbook") == 1)
    return Offence(is_first & every & (count >= FEWEST), {"count": count})


@rule(
    "SE-026",
    on="project",
    cells=["total_score"],
    severity="info",
    message="全部 {count} 个项目的总分都是 100 分，没有一处扣分",
    hint="请复核得分是否都有依据",
)
def no_point_is_lost(project: FormTable) -> Offence:
    """三个以上的项目个个满分的，提示复核。一份表只说一次。

    | workbook | total_score |     |
    | 1        | 100.00      | bad |
    | 1        | 100.00      | ok  |
    | 1        | 100.00      | ok  |
    | 2        | 100.00      | ok  |
    | 2        | 99.50       | ok  |
    | 2        | 100.00      | ok  |
    | 3        | 100.00      | ok  |
    | 3        | 100.00      | ok  |
    """
    every_project = pl.col("workbook").is_not_null()
    return _all_alike(pl.col("total_score") == _FULL, every_project)


def _timed(lv2: str | None, actual: str | None, fy: int | None) -> str | None:
    """Whether an outcome of timeliness is a day of the year, and whether it is the last."""
    if canonical_level(lv2) != "timeliness" or not actual:
        return None
    day = parse(actual, lv2=lv2, fy=fy).date
    return None if day is None else "last" if (day.month, day.day) == (12, 31) else "other"


@rule(
    "SE-026",
    on="indicator",
    cells=["actual"],
    severity="info",
    message="全部 {count} 个写明日期的时效指标都在 12 月 31 日完成",
    hint="请按各项工作实际完成的日期填写",
)
def all_is_done_on_the_last_day(indicator: FormTable) -> Offence:
    """三个以上的时效指标全部在 12 月 31 日完成的，提示复核。一份表只说一次。

    | workbook | lv2      | actual      | fy   |     |
    | 1        | 时效指标 | 12月31日    | 2027 | bad |
    | 1        | 时效指标 | 12月底      | 2027 | ok  |
    | 1        | 时效指标 | 2027年12月31日前 | 2027 | ok  |
    | 1        | 时效指标 | 100%        | 2027 | ok  |
    | 2        | 时效指标 | 12月31日    | 2027 | ok  |
    | 2        | 时效指标 | 12月31日    | 2027 | ok  |
    | 2        | 时效指标 | 11月15日    | 2027 | ok  |
    | 3        | 时效指标 | 12月31日    | 2027 | ok  |
    | 3        | 时效指标 | 12月31日    | 2027 | ok  |
    """
    said = judged(_timed, "lv2", "actual", "fy")
    return _all_alike(said == "last", said.is_not_null())


def _satisfied(lv2: str | None, actual: str | None) -> str | None:
    """Whether an outcome of satisfaction is a percentage, and whether it is all of them."""
    if canonical_level(lv2) not in SATISFACTION or not actual:
        return None
    found = parse(actual, lv2=lv2)
    if found.kind != "percent":
        return None
    return "all" if found.value == _FULL and found.unit == "%" else "other"


@rule(
    "SE-026",
    on="indicator",
    cells=["actual"],
    severity="info",
    message="全部 {count} 个满意度指标的实际完成值都是 100%",
    hint="请复核是否做过调查，调查了多少人",
)
def all_are_satisfied(indicator: FormTable) -> Offence:
    """三个以上的满意度指标全部为 100% 的，提示复核。一份表只说一次。

    | workbook | lv2        | actual |     |
    | 1        | 满意度指标 | 100%   | bad |
    | 1        | 满意度指标 | 100%   | ok  |
    | 1        | 满意度指标 | 100％  | ok  |
    | 1        | 数量指标   | 98%    | ok  |
    | 2        | 满意度指标 | 100%   | ok  |
    | 2        | 满意度指标 | 99.5%  | ok  |
    | 2        | 满意度指标 | 100%   | ok  |
    | 3        | 满意度指标 | 100%   | ok  |
    | 3        | 满意度指标 | 100%   | ok  |
    """
    said = judged(_satisfied, "lv2", "actual")
    return _all_alike(said == "all", said.is_not_null())
