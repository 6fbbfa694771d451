"""What the names on an indicator row let one expect of its value (docs/domain.md §1.2, §1.4).

A name is prose, so every expectation here leads to a warning at most.
"""

from __future__ import annotations

import re
from typing import Literal

Level = Literal[
    "quantity",
    "quality",
    "timeliness",
    "cost",
    "economic",
    "social",
    "ecological",
    "sustainable",
    "served_satisfaction",
    "other_satisfaction",
]
ExpectedKind = Literal["percent", "satisfaction", "promptness", "time", "count"]

BENEFITS: tuple[Level, ...] = ("economic", "social", "ecological", "sustainable")
SATISFACTION: tuple[Level, ...] = ("served_satisfaction", "other_satisfaction")

_LEVELS: dict[str, Level] = {
    "数量": "quantity",
    "质量": "quality",
    "时效": "timeliness",
    "成本": "cost",
    "经济成本": "cost",
    "社会成本": "cost",
    "生态环境成本": "cost",
    "经济效益": "economic",
    "社会效益": "social",
    "生态效益": "ecological",
    "可持续影响": "sustainable",
    "满意度": "served_satisfaction",
    "服务对象满意度": "served_satisfaction",
    "其他满意度": "other_satisfaction",
}
_BRACKET = re.compile(r"[（(]([^（）()]*)[）)]$")
_NO_RATE = re.compile("(?:效率|频率|(?<!成)功率|速率|分辨率|汇率|码率)$")
_TIME = re.compile("时间|时限|期限|时效|频率|时长")
_COUNT = re.compile("数量|人数|次数|个数|台数|套数|场次|份数|件数|户数|人次|数$")

_BAD = re.compile(
    "投诉|故障|崩溃|事故|未注销|违反|违规|泄露|泄密|差错|失误|超时|超期|超标|超支|超限|超预算|超出|死机|宕机"
)
_COST = re.compile("(?:成本|费用|支出金额)$")
# What is done about the bad thing is counted, not the thing: 投诉处理率, 无事故天数, 受理投诉件数.
_DEED = (
    "处理|处置|受理|办理|办结|检修|维修|排查|排除|修复|解决|回复|答复|响应|反馈|调解|整改|化解|恢复|接听|预防|防范|防止|杜绝"
    "|减少|降低|下降|拆除|清理|清除|查处|取缔|整治|治理|核查|检查|巡查|发现|救援|处罚|通报"
)
_FOUGHT = re.compile(
    rf"(?:无|零|未发生|{_DEED}).{{0,4}}(?:{_BAD.pattern})|(?:{_BAD.pattern}).*(?:{_DEED}|演练|培训|宣传|满意)"
)
_SAVED = re.compile("节约|节省|减少|降低|下降|压减|减免|控制")
_GOOD = re.compile(
    "(?<![不未非无])(?:满意度?率?|合格率|准确率|正确率|完成率|及时率|达标率|覆盖率|到位率|通过率|出勤率|在岗率|到岗率|好评率"
    "|完好率|知晓率|参与率|可用率|整改率|办结率)$"
)


def canonical_level(lv2: str | None) -> Level | None:
    """The 二级指标 whatever a form calls it: `*数量指标`, `数量` are `quantity` (docs/domain.md §1.2)."""
    return _LEVELS.get((lv2 or "").strip().lstrip("*").removesuffix("指标"))


def expected_kind(name: str) -> ExpectedKind | None:
    """What kind of value a name promises; None where it promises nothing."""
    bare = _bare(name)
    if bare.endswith(("满意度", "满意率")):
        return "satisfaction"
    if bare.endswith("率") and not _NO_RATE.search(bare):
        return "percent"
    if bare.endswith("及时性"):
        return "promptness"
    if _TIME.search(bare):
        return "time"
    return "count" if _COUNT.search(bare) else None


def expected_direction(name: str) -> Literal["le", "ge"] | None:
    """`le` where less is better (投诉率, 总成本), `ge` where more is (合格率); None where unclear."""
    bare = _bare(name)
    if _COST.search(bare):
        return None if _SAVED.search(bare) else "le"
    if _BAD.search(bare) and not _FOUGHT.search(bare):
        return "le"
    return "ge" if _GOOD.search(bare) else None


def stated_unit(name: str) -> str | None:
    """The unit that a name gives itself: `%` in 满意度（%）, 人 in 培训人数（人）."""
    match = _BRACKET.search(name.strip())
    return match[1].strip().replace("％", "%") or None if match else None


def _bare(name: str) -> str:
    """A name without a unit or remark in brackets behind it."""
    return _BRACKET.sub("", name.strip().rstrip("。；;，,：:")).strip()
