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
# Rates and the like of which less is better, whatever stands before them.
_LESS = re.compile(
    "(?:浓度|噪声值?|噪音值?|能耗|排放量|误差率?|错误率|误报率|漏报率|漏检率|漏损率|辍学率|失业率|发案率|死亡率|死亡人数|伤亡人数|损坏率|破损率"
    "|空置率|流失率|退货率|返工率|缺勤率|迟到率|延误率|延误次数|等候时间|等待时间|排队时间|负债率)$"
)
_UPPER = re.compile(
    "不超|不得超|不能超|未超|不[高多大]于|不突破|以内|之内|(?<!不)(?:低|少|小)于|上限|封顶|限额(?!以上)|最多|至多|最高限|控制(?:在|数|价|线|额)"
    "|[≤≦⩽<＜﹤〈]"
)
# Money paid to people, or paid at all: nothing below 100 % is right. Not so of papers and goods.
_PAYING = "发放|支付|拨付|代发|核发|兑付|兑现|缴纳|缴费|报销"
_TO_PEOPLE = "工资|薪酬|薪金|绩效|奖金|津贴|补贴|补助|救助金|抚恤|慰问金|养老金|退休金|离休|低保|助学金|奖学金|资助|社保|公积金|保险费|待遇|劳务费|加班费|生活费"
_PAID_EXACTLY = re.compile(
    rf"(?:{_PAYING}|{_TO_PEOPLE}).{{0,6}}(?:准确率|正确率|准确度|足额率)$"
    rf"|(?:(?:{_TO_PEOPLE}).{{0,6}}(?:{_PAYING})?|^(?:资金|经费)?(?:发放|代发|兑付)).{{0,4}}(?:及时率|按时率|准时率)$"
)
_NOT_PAID = re.compile(
    "资料|材料|手册|证|物资|物品|用品|设备|宣传|问卷|通知|卡|书|报告|传单|海报|口罩|药|服装|制服|试剂|统计|审核|考核|评价|申报|受理|信息|数据|测算"
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
    if _LESS.search(bare):
        return "le"
    if _BAD.search(bare) and not _FOUGHT.search(bare):
        return "le"
    return "ge" if _GOOD.search(bare) else None


def says_upper_bound(text: str) -> bool:
    """True where words say that no more is wanted, though no operator stands at the number."""
    return _UPPER.search(text) is not None


def is_paid_exactly(name: str) -> bool:
    """True for the accuracy of payments, and for money that people get in time: 补贴发放准确率."""
    bare = _bare(name)
    return _PAID_EXACTLY.search(bare) is not None and _NOT_PAID.search(bare) is None


def stated_unit(name: str) -> str | None:
    """The unit that a name gives itself: `%` in 满意度（%）, 人 in 培训人数（人）."""
    match = _BRACKET.search(name.strip())
    return match[1].strip().replace("％", "%") or None if match else None


def _bare(name: str) -> str:
    """A name without a unit or remark in brackets behind it."""
    return _BRACKET.sub("", name.strip().rstrip("。；;，,：:")).strip()
