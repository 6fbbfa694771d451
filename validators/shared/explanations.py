"""二级项目申报表的指标行：指标解释和成本指标（docs/domain.md §10.4）。"""

from __future__ import annotations

import re

import polars as pl
from xltool.validators.shared.aims import Aim, aimed
from xltool.validators.shared.indicators import is_marked_row, is_not_applicable

from xltool.fields.measures import judged, name_key
from xltool.prose.writing_flaws import nothing_said
from xltool.rules import FormTable, Offence, rule

_OPINION = r"满意|投诉|好评|差评|信访"
# Words for one thing: an explanation may use another one than the name.
_ONE_THING = (
    rf"{_OPINION}|评价|认可|意见|诉求|口碑|测评|不满",
    r"及时|时效|时限|时间|按时|按期|准时|准点|期限|进度|日期",
    r"成本|费用|支出|经费|金额|资金|预算|价格|单价|开支|造价",
)
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
    """同一项目里，两个指标的解释不能相同；满意度和投诉率说的是一回事，可以相同。问题标在后一个指标上。

    | record | lv3      | note         |     |
    | 1      | 培训次数 | 反映培训情况 | ok  |
    | 1      | 培训人数 | 反映培训情况 | bad |
    | 2      | 培训次数 | 反映培训情况 | ok  |
    | 3      | 不适用   | 不适用       | ok  |
    | 3      | 不适用   | 不适用       | ok  |
    | 4      | 学员满意度 | 反映学员满意情况 | ok |
    | 4      | 学员投诉率 | 反映学员满意情况 | ok |
    | 5      | 学员满意度 | 反映培训情况 | ok  |
    | 5      | 培训人数   | 反映培训情况 | bad |
    """
    key = name_key("note")
    alike = ("workbook", "record", key)
    later = pl.col("row") > pl.col("row").min().over(alike)
    other = pl.col("lv3").first().over(alike)
    said = pl.col("note").is_not_null() & ~is_not_applicable("note") & _says_something()
    named = pl.col("lv3").is_not_null() & other.is_not_null()
    two_sides = pl.col("lv3").str.contains(_OPINION) & other.str.contains(_OPINION)
    repeated = later & said & named & ~two_sides
    return Offence(repeated & ~is_marked_row(indicator), {"other": other})


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
    same = any(re.search(words, name) and re.search(words, note) for words in _ONE_THING)
    return None if same else "1"


@rule(
    "IND-009",
    on="indicator",
    cells=["note", "lv3"],
    severity="warning",
    message="{note.label}“{note}”与{lv3.label}“{lv3}”没有关系",
    hint="请说明这个指标考核什么",
)
def explanation_is_unrelated(indicator: FormTable) -> pl.Expr:
    """指标解释要说明本指标：与指标名称至少有两个相同的字，或说的是同一回事。

    投诉率的解释写“满意情况”、及时性的写“完成时间”、成本的写“经费支出”，都算说明了。

    | lv3      | note             |     |
    | 培训次数 | 反映培训开展情况 | ok  |
    | 培训次数 | 按合同执行       | bad |
    | 不适用   | 不适用           | ok  |
    | 培训次数 | 同上             | ok  |
    | 投诉率   | 反映服务对象满意情况 | ok |
    | 满意度   | 学员对课程的评价 | ok  |
    | 好评率   | 统计居民意见     | ok  |
    | 及时性   | 反映工作完成时间 | ok  |
    | 总成本   | 反映经费支出情况 | ok  |
    | 投诉率   | 按合同执行       | bad |
    | 及时性   | 反映设备质量     | bad |
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
