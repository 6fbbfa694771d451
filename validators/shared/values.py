"""指标值：是否可衡量、单位、范围、方向（docs/domain.md §1.4、§10.5）。写法见 writing.py。"""

from __future__ import annotations

import polars as pl
from xltool.validators.shared.aims import Aim, aimed

from xltool.prose.expectations import (
    BENEFITS,
    expected_direction,
    expected_kind,
    is_paid_exactly,
    stated_unit,
)
from xltool.prose.targets import parse
from xltool.rules import FormTable, Offence, rule

_GROWTH = ("增长率", "增长比例", "增幅", "增速", "涨幅")  # may exceed 100%


def _vague(aim: Aim) -> bool:
    """True for words: no quantity, no bound set elsewhere, not 不适用.

    Placeholders (TXT-007) and values that repeat the name (IND-008) have their own findings.
    """
    target = aim.target
    if target.checkable or target.kind in ("na", "placeholder"):
        return False
    return target.canonical != parse(aim.name).canonical


@rule(
    "VAL-001",
    on="indicator",
    cells=["target"],
    severity="warning",
    message="“{lv3}”的{target.label}“{target}”不能衡量：没有数值，也没有日期",
    hint="请写成可以核对的值，如 ≥95%、≥20次、≤3个工作日、9月30日前",
)
def value_cannot_be_measured(indicator: FormTable) -> pl.Expr:
    """数量、质量、时效、成本、满意度的指标值应当可以衡量。

    以外部金额或标准为限的（如“不超过概算批复金额”）可以核对，不算。

    | lv2       | lv3      | target             |     |
    | *数量指标 | 培训次数 | ≥2次               | ok  |
    | *质量指标 | 培训效果 | 良好               | bad |
    | *成本指标 | 工程支出 | 不超过概算批复金额 | ok  |
    | *时效指标 | 完成时间 | 及时               | bad |
    | *社会效益指标 | 居民安全感 | 提升          | ok  |
    | *质量指标 | 不适用   | 不适用             | ok  |
    """
    vague = aimed(indicator, lambda a: "1" if _vague(a) and a.level not in BENEFITS else None)
    return vague.is_not_null()


@rule(
    "VAL-001",
    on="indicator",
    cells=["target"],
    severity="info",
    message="“{lv3}”的{target.label}“{target}”不能衡量：没有数值，也没有日期",
    hint="效益指标也尽量写成可以核对的值，如 ≥5%、≤2起",
)
def benefit_cannot_be_measured(indicator: FormTable) -> pl.Expr:
    """效益的指标值也尽量可以衡量；只作提示。

    | lv2           | lv3        | target |     |
    | *社会效益指标 | 居民安全感 | 提升   | bad |
    | *社会效益指标 | 事故起数   | ≤2起   | ok  |
    """
    return aimed(
        indicator, lambda a: "1" if _vague(a) and a.level in BENEFITS else None
    ).is_not_null()


def _mixed_up(aim: Aim) -> str | None:
    """The name of a rate whose value is a time."""
    is_time = aim.target.kind in ("date", "duration")
    return aim.name if is_time and _is_a_rate(aim) else None


def _time_in_percent(aim: Aim) -> str | None:
    """The name of a time whose value is a percentage."""
    is_percent = aim.target.kind == "percent"
    return aim.name if is_percent and expected_kind(aim.name) in ("time", "promptness") else None


def _is_a_rate(aim: Aim) -> bool:
    """True where the name promises a percentage. It takes longer to tell than what the value is."""
    return expected_kind(aim.name) in ("percent", "satisfaction")


def _swapped_with(indicator: FormTable) -> pl.Expr:
    """The row of the same project with which the value of this row seems to be swapped.

    Of several it is the one about the same thing: its name has most characters in common.
    """
    times = aimed(indicator, _time_in_percent)
    theirs = times.drop_nulls().str.join("\n").over("workbook", "record")
    mixed = aimed(indicator, _mixed_up)
    names = pl.struct(mixed.alias("mixed"), theirs.alias("times"))
    found = pl.when(mixed.is_not_null() & (theirs != "")).then(names)
    return found.map_elements(_closest, return_dtype=pl.String(), skip_nulls=True)


def _closest(names: dict[str, str]) -> str:
    """The one of `times` that has most in common with `mixed`."""
    return max(names["times"].split("\n"), key=lambda name: len({*name} & {*names["mixed"]}))


def _no_percent(aim: Aim) -> str | None:
    target = aim.target
    single = target.kind not in ("percent", "compound", "disjunction") and target.quantified
    is_none = target.value == 0 and target.unit is None  # 0 is 0%
    if not single or is_none or not _is_a_rate(aim):
        return None
    named = stated_unit(aim.name) in ("%", "‰") and target.unit is None
    return None if named else "1"


@rule(
    "VAL-002",
    on="indicator",
    cells=["target"],
    severity="warning",
    message="“{lv3}”应当是百分比，{target.label}“{target}”不是",
    hint="请改填百分比，如 ≥95%；不是比率的，请改指标名称",
)
def rate_is_no_percent(indicator: FormTable) -> pl.Expr:
    """名称以“率”“满意度”结尾的指标，值应当是百分比。

    用文字作值的（满意度填“满意”）由 VAL-001 判断；效率、频率等不是比率；与另一行填反的见 VAL-013。

    | lv3          | target |     |
    | 考核合格率   | ≥95%   | ok  |
    | 整改及时率   | ≤3天   | bad |
    | 学员满意度   | 满意   | ok  |
    | 违规率       | 0      | ok  |
    | 核查频率     | 4次    | ok  |
    """
    return aimed(indicator, _no_percent).is_not_null() & _swapped_with(indicator).is_null()


def _bare_count(aim: Aim) -> str | None:
    target = aim.target
    bare = target.kind == "number" and target.unit is None and target.value != 0
    if not bare or _is_a_rate(aim) or stated_unit(aim.name):
        return None
    counted = aim.level in ("quantity", "cost") or expected_kind(aim.name) == "count"
    return "1" if counted else None


@rule(
    "VAL-003",
    on="indicator",
    cells=["target"],
    severity="warning",
    message="“{lv3}”的{target.label}“{target}”没有单位",
    hint="请在数字后面写上单位，如 人、次、份、万元",
    says_also={"VAL-007": "cell"},
)
def count_without_unit(indicator: FormTable) -> pl.Expr:
    """数量、成本和计数的指标，数字后面要有单位。

    0 不需要单位；名称里已写明单位的（如“培训人数（人）”）不算。

    | lv2       | lv3            | target |     |
    | *数量指标 | 采集员数量     | 153人  | ok  |
    | *数量指标 | 采集员数量     | 153    | bad |
    | *数量指标 | 采集员数（人） | 153    | ok  |
    | *数量指标 | 投诉数量       | 0      | ok  |
    """
    return aimed(indicator, _bare_count).is_not_null()


def _beyond_the_whole(aim: Aim) -> str | None:
    target = aim.target
    of_another = target.unit == "百分点" or target.basis
    if target.kind != "percent" or target.value is None or of_another:
        return None
    whole = 1000 if target.unit == "‰" else 100
    grows = any(word in aim.name for word in _GROWTH)
    high = target.value2 if target.value2 is not None else target.value
    return "1" if target.value < 0 or (high > whole and not grows) else None


@rule(
    "VAL-004",
    on="indicator",
    cells=["target"],
    severity="warning",
    message="“{lv3}”的{target.label}“{target}”不在 0 到 100% 之间",
    hint="请核对百分比",
)
def percent_out_of_range(indicator: FormTable) -> pl.Expr:
    """百分比应在 0 到 100% 之间；增长率、增幅和写明占什么的（上年的 120%）可以超过 100%。

    | lv3        | target |     |
    | 考核合格率 | ≥95%   | ok  |
    | 考核合格率 | ≥950%  | bad |
    | 访问增长率 | ≥120%  | ok  |
    | 培训人次   | 不低于上年的105% | ok |
    """
    return aimed(indicator, _beyond_the_whole).is_not_null()


def _says_nothing(aim: Aim) -> str | None:
    target = aim.target
    anything = target.op == "ge" and target.value == 0
    whole = target.kind == "percent" and target.unit == "%" and target.value == 100
    whole &= not target.basis
    return "1" if anything or (whole and target.op == "le") else None


@rule(
    "VAL-005",
    on="indicator",
    cells=["target"],
    severity="warning",
    message="“{lv3}”的{target.label}“{target}”没有约束作用：怎样的结果都达标",
    hint="请填一个需要努力才能达到的值",
)
def bound_is_empty(indicator: FormTable) -> pl.Expr:
    """≥0、≥0%、≤100% 这样的值没有约束作用；不超过预算的 100% 是有的。

    | lv3        | target |     |
    | 考核合格率 | ≥95%   | ok  |
    | 考核合格率 | ≥0%    | bad |
    | 差错率     | ≤100%  | bad |
    | 采购支出   | 不超过预算的100% | ok |
    """
    return aimed(indicator, _says_nothing).is_not_null()


def _wrong_way(aim: Aim) -> str | None:
    op = aim.target.op
    if aim.target.atoms or aim.target.value is None or op not in ("ge", "gt", "le", "lt"):
        return None
    expected = expected_direction(aim.name)
    if expected == "le" and op in ("ge", "gt"):
        return "越低越好，应当是上限"
    if expected == "ge" and op in ("le", "lt") and aim.target.kind == "percent":
        return "越高越好，应当是下限"
    return None


@rule(
    "VAL-006",
    on="indicator",
    cells=["target"],
    severity="warning",
    message="“{lv3}”{expected}，{target.label}却是“{target}”",
    hint="请核对比较符号：上限用 ≤，下限用 ≥",
)
def bound_points_the_wrong_way(indicator: FormTable) -> Offence:
    """比较符号的方向要与指标名称相符：投诉率、故障、成本是上限，合格率、满意度是下限。

    指标说的是处理这些问题的（投诉处理率、无事故天数），不看方向。

    | lv3        | target  |     |
    | 投诉率     | ≤5%     | ok  |
    | 投诉率     | ≥95%    | bad |
    | 投诉办结率 | ≥95%    | ok  |
    | 考核合格率 | ≤95%    | bad |
    | 运维总成本 | ≥20万元 | bad |
    """
    conflict = aimed(indicator, _wrong_way)
    return Offence(conflict.is_not_null(), {"expected": conflict})


@rule(
    "VAL-013",
    on="indicator",
    cells=["target"],
    severity="warning",
    message="“{lv3}”填的是“{target}”，“{partner}”填的却是百分比，两处的值像是填反了",
    hint="请核对这两行的值",
)
def values_look_swapped(indicator: FormTable) -> Offence:
    """比率填成了时间、同一项目的时间填成了百分比，可能是两行的值填反了。

    | record | lv3        | target |     |
    | 1      | 整改及时率 | ≤3天   | bad |
    | 1      | 整改时间   | ≥95%   | ok  |
    | 2      | 整改及时率 | ≤3天   | ok  |
    | 2      | 整改时间   | ≤5天   | ok  |
    | 3      | 培训及时性 | ≥90%   | ok  |
    | 3      | 隐患整改时间 | ≥95% | ok  |
    | 3      | 隐患整改及时率 | ≤3天 | bad |
    """
    partner = _swapped_with(indicator)
    return Offence(partner.is_not_null(), {"partner": partner})


def _less_than_all(aim: Aim) -> str | None:
    target = aim.target
    least = target.kind == "percent" and target.unit == "%" and target.op not in ("le", "lt")
    below = least and target.value is not None and target.value < 100 and not target.basis
    return "1" if below and is_paid_exactly(aim.name) else None


@rule(
    "VAL-014",
    on="indicator",
    cells=["target"],
    severity="warning",
    message="“{lv3}”的{target.label}“{target}”低于 100%：发钱应当全部准确、及时",
    hint="请填 100%",
)
def payment_may_be_wrong(indicator: FormTable) -> pl.Expr:
    """发给个人的钱应当全部准确、及时；支付、发放资金的准确率也不应低于 100%。

    资料、物资、证件等的发放不在此列；名称看不出发的是钱的，不作判断。

    | lv3                  | target |     |
    | 补助发放准确率       | 100%   | ok  |
    | 补助发放准确率       | ≥100%  | ok  |
    | 补助发放准确率       | ≥90%   | bad |
    | 绩效发放准确率       | 95%以上 | bad |
    | 慰问金发放及时率     | ≥98%   | bad |
    | 发放及时率           | 95%    | bad |
    | 资金支付准确率       | >99%   | bad |
    | 社保缴纳准确率       | 不低于99% | bad |
    | 宣传资料发放准确率   | ≥90%   | ok  |
    | 居住证发放及时率     | ≥95%   | ok  |
    | 防疫物资发放及时率   | ≥95%   | ok  |
    | 信息采集准确率       | ≥97%   | ok  |
    | 工程款支付及时率     | ≥95%   | ok  |
    | 补贴发放覆盖率       | ≥90%   | ok  |
    | 补贴申报审核及时率   | ≥95%   | ok  |
    | 补助发放准确率       | 足额发放 | ok |
    """
    named = pl.col("lv3").str.contains("[准正]确|及时|按时|准时|足额")
    return named & aimed(indicator, _less_than_all).is_not_null()
