"""指标行能不能评价：名称、数值与二级指标是否对应（docs/domain.md §10.4）。"""

from __future__ import annotations

import polars as pl
from xltool.validators.shared.aims import Aim, aimed
from xltool.validators.shared.indicators import (
    is_marked_row,
    is_real_row,
    one_set,
    same_name,
)

from xltool.fields.measures import judged, normalised
from xltool.prose.expectations import SATISFACTION
from xltool.prose.nothing import NOT_APPLICABLE_WORDS
from xltool.prose.writing_flaws import placeholder
from xltool.rules import FormTable, Offence, rule

MOST_ROWS = 20
MOST_ROWS_OF_A_UNIT = 30  # of all its projects and tasks together
# what is satisfaction in other words: how people take it, and what they say of it
_SATISFIED = (
    "满意|投诉|[好差]评|评[价议分]|测评|打分|认[可同]|赞[誉许扬同]|称赞|点赞|美誉|表扬|口碑|获得感|幸福感|安全感|归属感|信[任赖]"
    "|抱怨|不满|怨言|意见|反映|反馈|反响|信访|上访|举报|申诉|诉求|欢迎|喜爱|支持[率度]|体验|锦旗|感谢信|[得获受]到?[^，。；]{0,6}肯定"
    "|问卷|民调|推荐[率度]|回访|异议|NPS"
)


@rule(
    "IND-008",
    on="indicator",
    cells=["target", "lv3"],
    severity="warning",
    message="{target.label}只是重复了{lv3.label}“{lv3}”",
    hint="请填写要达到的值，如 ≥95%、≥20次",
)
def value_repeats_the_name(indicator: FormTable) -> pl.Expr:
    """指标值不能只是重复指标名称。

    | lv3          | target         |     |
    | 车辆安全合格 | 车辆安全合格   | bad |
    | 车辆安全合格 | 车辆安全合格。 | bad |
    | 车辆合格率   | ≥95%           | ok  |
    | 不适用       | 不适用         | ok  |
    | 不便填写     | 不便填写       | ok  |
    """
    says_something = ~normalised("lv3").is_in(NOT_APPLICABLE_WORDS)
    written = judged(
        placeholder, "target"
    ).is_null()  # TXT-007 speaks of what is still to be written
    return (same_name("lv3") == same_name("target")) & says_something & written


def _measures_satisfaction(aim: Aim) -> str | None:
    """Which of the two satisfaction levels a row stands in, if it does."""
    return aim.level if aim.level in SATISFACTION and aim.target.kind != "na" else None


@rule(
    "IND-010",
    on="indicator",
    cells=["lv3", "target"],
    severity="warning",
    message="满意度指标“{lv3}”看不出考核的是满意度",
    hint="请写明谁对什么满意，如 参训人员对培训的满意度 ≥90%；也可以写投诉、好评、评价",
    says_also={"VAL-001": "row"},
)
def satisfaction_is_not_measured(indicator: FormTable) -> pl.Expr:
    """满意度的指标名称或指标值里，应当说到满意、投诉、好评、评价，或者换一种说法，如认可度、获得感、口碑、表扬、信访。

    | lv2                 | lv3                    | target         |     |
    | *服务对象满意度指标 | 参训人员满意度         | ≥90%           | ok  |
    | *服务对象满意度指标 | 参训人员               | 基本满意       | ok  |
    | *服务对象满意度指标 | 参训人员               | ≥90%           | bad |
    | *数量指标           | 参训人员               | ≥90人          | ok  |
    | *服务对象满意度指标 | 居民认可度             | ≥90%           | ok  |
    | *服务对象满意度指标 | 群众获得感             | 提升           | ok  |
    | *服务对象满意度指标 | 社会公众口碑           | 良好           | ok  |
    | *服务对象满意度指标 | 上级部门               | 得到充分肯定   | ok  |
    | *服务对象满意度指标 | 企业对窗口服务的测评分 | ≥90分          | ok  |
    | *服务对象满意度指标 | 重复信访件数           | ≤2件           | ok  |
    | *服务对象满意度指标 | 收到锦旗和感谢信       | ≥5次           | ok  |
    | *服务对象满意度指标 | 辖区居民               | 无抱怨         | ok  |
    | *服务对象满意度指标 | 学员推荐率             | ≥80%           | ok  |
    | *服务对象满意度指标 | 群众对巡查工作的支持度 | ≥90%           | ok  |
    | *服务对象满意度指标 | 全体职工               | 保障正常办公   | bad |
    | *服务对象满意度指标 | 服务对象               | 全覆盖         | bad |
    | *服务对象满意度指标 | 网格员队伍             | 肯定网格员的工作 | bad |
    | *服务对象满意度指标 | 热线接通率             | ≥95%           | bad |
    """
    silent = [
        ~pl.col(name).str.contains(_SATISFIED).fill_null(value=False) for name in ("lv3", "target")
    ]
    asked = aimed(indicator, _measures_satisfaction).is_not_null() & pl.col("lv3").is_not_null()
    return asked & silent[0] & silent[1] & ~is_marked_row(indicator)


@rule(
    "IND-014",
    on="indicator",
    cells=["lv3"],
    severity="warning",
    message="本项目有 {count} 行指标，超过 20 行，难以逐项评价",
    hint="请合并同类指标，保留最能反映成效的",
)
def too_many_indicators(indicator: FormTable) -> Offence:
    """一个项目的指标不宜超过 20 行（不计“不适用”）。问题标在第 21 行指标上。

    | record | lv3      | target |     |
    | 1      | 培训次数 | ≥1次   | ok  |
    | 1      | 培训人数 | ≥2人   | ok  |
    | 2      | 指标一   | ≥1次   | ok  |
    | 2      | 指标二   | ≥1次   | ok  |
    | 2      | 指标三   | ≥1次   | ok  |
    | 2      | 指标四   | ≥1次   | ok  |
    | 2      | 指标五   | ≥1次   | ok  |
    | 2      | 指标六   | ≥1次   | ok  |
    | 2      | 指标七   | ≥1次   | ok  |
    | 2      | 指标八   | ≥1次   | ok  |
    | 2      | 指标九   | ≥1次   | ok  |
    | 2      | 指标十   | ≥1次   | ok  |
    | 2      | 指标甲   | ≥1次   | ok  |
    | 2      | 指标乙   | ≥1次   | ok  |
    | 2      | 指标丙   | ≥1次   | ok  |
    | 2      | 指标丁   | ≥1次   | ok  |
    | 2      | 指标戊   | ≥1次   | ok  |
    | 2      | 指标己   | ≥1次   | ok  |
    | 2      | 指标庚   | ≥1次   | ok  |
    | 2      | 指标辛   | ≥1次   | ok  |
    | 2      | 指标壬   | ≥1次   | ok  |
    | 2      | 指标癸   | ≥1次   | ok  |
    | 2      | 指标子   | ≥1次   | bad |
    """
    return _too_many(indicator, MOST_ROWS)


@rule(
    "IND-014",
    on="indicator",
    cells=["lv3"],
    severity="warning",
    message="本表有 {count} 行指标，超过 30 行，难以逐项评价",
    hint="请保留最能反映单位整体成效的，同类的合并",
)
def too_many_indicators_of_a_unit(indicator: FormTable) -> Offence:
    """单位整体的指标不宜超过 30 行（不计“不适用”）。问题标在第 31 行指标上。

    | lv3    | target |     |
    | 指标甲 | ≥1次   | ok  |
    | 指标乙 | ≥1次   | ok  |
    | 指标丙 | ≥1次   | ok  |
    | 指标丁 | ≥1次   | ok  |
    | 指标戊 | ≥1次   | ok  |
    | 指标己 | ≥1次   | ok  |
    | 指标庚 | ≥1次   | ok  |
    | 指标辛 | ≥1次   | ok  |
    | 指标壬 | ≥1次   | ok  |
    | 指标癸 | ≥1次   | ok  |
    | 指标子 | ≥1次   | ok  |
    | 指标丑 | ≥1次   | ok  |
    | 指标寅 | ≥1次   | ok  |
    | 指标卯 | ≥1次   | ok  |
    | 指标辰 | ≥1次   | ok  |
    | 指标巳 | ≥1次   | ok  |
    | 指标午 | ≥1次   | ok  |
    | 指标未 | ≥1次   | ok  |
    | 指标申 | ≥1次   | ok  |
    | 指标酉 | ≥1次   | ok  |
    | 指标戌 | ≥1次   | ok  |
    | 指标亥 | ≥1次   | ok  |
    | 指标金 | ≥1次   | ok  |
    | 指标木 | ≥1次   | ok  |
    | 指标水 | ≥1次   | ok  |
    | 指标火 | ≥1次   | ok  |
    | 指标土 | ≥1次   | ok  |
    | 指标日 | ≥1次   | ok  |
    | 指标月 | ≥1次   | ok  |
    | 指标星 | ≥1次   | ok  |
    | 指标辰 | ≥1次   | bad |
    """
    return _too_many(indicator, MOST_ROWS_OF_A_UNIT)


def _too_many(indicator: FormTable, most: int) -> Offence:
    """The offence that a set has more real rows than `most`, told at the first row beyond."""
    real = is_real_row(indicator)
    place = real.cast(pl.UInt32).cum_sum().over(one_set(indicator))
    count = real.sum().over(one_set(indicator))
    return Offence(real & (place == most + 1), {"count": count})


@rule(
    "IND-015",
    on="indicator",
    cells=["target"],
    severity="warning",
    says_also={"VAL-007": "cell"},
    message="数量指标“{lv3}”的{target.label}“{target}”是金额",
    hint="数量指标请填数量；金额请填到成本指标",
)
def quantity_is_money(indicator: FormTable) -> pl.Expr:
    """数量指标的值不应是金额。

    | lv2       | lv3        | target    |     |
    | *数量指标 | 采购设备数 | ≥2台      | ok  |
    | *数量指标 | 采购设备   | ≤2.1万元  | bad |
    | *成本指标 | 采购总成本 | ≤2.1万元  | ok  |
    """

    def money(aim: Aim) -> str | None:
        paid = aim.target.kind in ("money", "money rate")
        return "1" if aim.level == "quantity" and paid else None

    return aimed(indicator, money).is_not_null()
