"""二级项目申报表的指标行：指标解释和成本指标（docs/domain.md §10.4）。"""

from __future__ import annotations

import polars as pl
from xltool.validators.shared.aims import Aim, aimed
from xltool.validators.shared.indicators import is_marked_row, is_not_applicable

from xltool.fields.measures import judged, name_key
from xltool.prose.writing_flaws import nothing_said
from xltool.rules import FormTable, Offence, rule

_NO_COST = r"执行率|支出进度|支付进度|资金使用率|支出率|支付率"


@rule(
    "IND-009",
    on="indicator",
    cells=["note"],
    severity="warning",
    message="“{lv3}”的{note.label}与“{other}”的完全相同",
    hint="请分别说明每个指标考核什么",
)
def explanation_is_repeated(indicator: FormTable) -> Offence:
    """同一项目里，两个指标的解释不能相同。问题标在后一个指标上。

    | record | lv3      | note         |     |
    | 1      | 培训次数 | 反映培训情况 | ok  |
    | 1      | 培训人数 | 反映培训情况 | bad |
    | 2      | 培训次数 | 反映培训情况 | ok  |
    | 3      | 不适用   | 不适用       | ok  |
    | 3      | 不适用   | 不适用       | ok  |
    """
    key = name_key("note")
    alike = ("workbook", "record", key)
    later = pl.col("row") > pl.col("row").min().over(alike)
    other = pl.col("lv3").first().over(alike)
    said = pl.col("note").is_not_null() & ~is_not_applicable("note") & _says_something()
    named = pl.col("lv3").is_not_null() & other.is_not_null()
    return Offence(later & said & named & ~is_marked_row(indicator), {"other": other})


def _says_something() -> pl.Expr:
    """True where the explanation is one; TXT-007 speaks of 略, 无 and 同上."""
    return judged(nothing_said, "note").is_null()


def _unrelated(name: str | None, note: str | None) -> str | None:
    """Says something where name and explanation have fewer than two characters in common."""
    if not name or not note:
        return None
    shared = 0
    for character in set(name):
        shared += character in note and character.isalnum()
        if shared == 2:
            return None
    return "1"


@rule(
    "IND-009",
    on="indicator",
    cells=["note", "lv3"],
    severity="warning",
    message="{note.label}“{note}”与{lv3.label}“{lv3}”没有关系",
    hint="请说明这个指标考核什么",
)
def explanation_is_unrelated(indicator: FormTable) -> pl.Expr:
    """指标解释要说明本指标：与指标名称至少有两个相同的字。

    | lv3      | note             |     |
    | 培训次数 | 反映培训开展情况 | ok  |
    | 培训次数 | 按合同执行       | bad |
    | 不适用   | 不适用           | ok  |
    | 培训次数 | 同上             | ok  |
    """
    marked = is_not_applicable("lv3") | is_not_applicable("note") | is_marked_row(indicator)
    return judged(_unrelated, "lv3", "note").is_not_null() & ~marked & _says_something()


@rule(
    "IND-011",
    on="indicator",
    cells=["lv3"],
    severity="warning",
    message="成本指标“{lv3}”考核的是支出进度，不是成本",
    hint="请填写总成本、单位成本等，如 培训总成本 ≤15万元",
)
def cost_is_progress(indicator: FormTable) -> pl.Expr:
    """成本指标要考核成本；预算执行率、支出进度达标率不是成本。

    | lv2       | lv3            | target   |     |
    | *成本指标 | 培训总成本     | ≤15万元  | ok  |
    | *成本指标 | 支出进度达标率 | ≥95%     | bad |
    | *质量指标 | 支出进度达标率 | ≥95%     | ok  |
    """

    def cost(aim: Aim) -> str | None:
        return "1" if aim.level == "cost" else None

    return aimed(indicator, cost).is_not_null() & pl.col("lv3").str.contains(_NO_COST)
