"""自评表的完成情况：实际完成值与年度指标值、得分是否相称（docs/domain.md §7.4、§10.7）。

指标值和完成值按 docs/domain.md §1.4 读懂后比较；读不出单一数值的（文字、几个数并列）不作判断。都只是提醒。
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import polars as pl
from xltool.validators.shared.selfeval import has_explanation

from xltool.fields.measures import judged, normalised
from xltool.prose.expectations import canonical_level, expected_direction, says_upper_bound
from xltool.prose.nothing import NOT_APPLICABLE
from xltool.prose.numerals import written
from xltool.prose.targets import Target, parse
from xltool.rules import FormTable, Lookup, Offence, rule

FAR_BEYOND = Decimal("1.5")  # SE-012
LEAST_COST = Decimal("0.7")  # SE-025, of the ceiling
TOLERANCE = Decimal("0.05")  # SE-011, of 分值

_MEASURED = ("number", "percent", "money", "money rate", "duration", "frequency")
_SILENT = ("na", "placeholder", "reference", "compound", "disjunction", "ratio")
_UNDONE = (
    r"未(?:能)?(?:完成|开展|实施|启动|执行|开工|建成|达到|达标|验收|采购|支付|投入使用)|尚未"
    r"|没有(?:完成|开展|实施|启动|执行)|中止|终止(?:执行|实施|合同|项目)|停止(?:执行|实施)"
    r"|项目(?:已)?取消|取消(?:了|执行|实施|该项目|本项目)"
)
_NOT_UNDONE = r"尚未(?:发现|发生|出现|收到|接到)|(?:没有|不存在|杜绝|避免|[无零0])未\p{Han}{2}"


@dataclass(frozen=True, slots=True)
class Result:
    """A row that was carried out: what was aimed at (`said` in the unit's words), what was reached."""

    name: str
    cost: bool
    said: str
    target: Target
    actual: Target

    @property
    def is_measured(self) -> bool:
        """True if both are one number of the same kind and unit."""
        target, actual = self.target, self.actual
        return (
            target.kind == actual.kind
            and target.kind in _MEASURED
            and target.value is not None
            and actual.value is not None
            and target.value2 is None
            and actual.value2 is None
            and same_unit(target, actual)
        )

    @property
    def direction(self) -> Literal["le", "ge"] | None:
        """Which way is better: as the operator says, else the name or the words; None where unclear.

        An amount or a time without operator may be meant either way.
        """
        op = self.target.op
        if op in ("ge", "gt"):
            return "ge"
        nothing = op == "eq" and self.target.value == 0
        if op in ("le", "lt") or nothing or self.cost or expected_direction(self.name) == "le":
            return "le"
        if says_upper_bound(self.name) or says_upper_bound(self.said):
            return "le"
        unclear = self.target.kind in ("duration", "money", "money rate")
        return None if unclear and expected_direction(self.name) is None else "ge"

    @property
    def share(self) -> Decimal | None:
        """The share of 分值 that the figures earn, 0 to 1; None if they say nothing (docs/domain.md §7.4)."""
        target, actual = self.target.measure[0], self.actual.measure[0]
        if not self.is_measured or target is None or actual is None or self.direction is None:
            return None
        more, less = (actual, target) if self.direction == "ge" else (target, actual)
        if more >= less:
            return Decimal(1)
        return max(Decimal(0), more / less)


def same_unit(target: Target, actual: Target) -> bool:
    """True if the units agree; one that is not written agrees with any, 元 agrees with 万元."""
    wanted, found = target.measure[1], actual.measure[1]
    units = wanted is None or found is None or wanted == found
    return units and (target.per is None or actual.per is None or target.per == actual.per)


def results(judge: Callable[..., str | None], *further: str) -> pl.Expr:
    """What `judge(result, *further columns)` says of each row: a String column."""

    def look(
        lv2: str | None,
        name: str | None,
        fy: int | None,
        target: str | None,
        actual: str | None,
        *more: object,
    ) -> str | None:
        if not target or not actual:
            return None
        cost = canonical_level(lv2) == "cost"
        aim, reached = (parse(text, lv2=lv2, fy=fy) for text in (target, actual))
        return judge(Result(name or "", cost, target, aim, reached), *more)

    return judged(look, "lv2", "lv3", "fy", "target", "actual", *further)


def _earned(result: Result, weight: Decimal | None, score: Decimal | None) -> str | None:
    share = result.share
    if share is None or weight is None or score is None or score > weight:  # SE-007
        return None
    due = weight * share
    return f"{due:.2f}" if score > due + weight * TOLERANCE else None


@rule(
    "SE-011",
    on="indicator",
    severity="warning",
    cells=["score", "actual"],
    message="“{lv3}”指标值 {target}，完成 {actual}，按比例应得 {due} 分，得分填了 {score}",
    hint="没有达到指标值的，按完成的比例计分；情况特殊的，请在偏差原因中说明，由审核人员确认",
)
def score_beyond_result(indicator: FormTable) -> Offence:
    """没有达到指标值的定量指标，得分不应高于按比例计算的分数（上下 5% 以内不计）。

    越多越好的：分值 × 完成值 ÷ 指标值；越少越好的（≤、上限，或成本、投诉等）：分值 × 指标值 ÷ 完成值。金额、时长
    没有写符号、又看不出方向的，不作判断。自己扣分更多的不在此列（原因由 SE-009 要求说明）。

    | lv2      | lv3      | target   | 实际完成值 | 分值  | 得分  |     |
    | 数量指标 | 培训次数 | ≥10次    | 4次        | 12.50 | 12.50 | bad |
    | 数量指标 | 培训次数 | ≥10次    | 4次        | 12.50 | 5.00  | ok  |
    | 数量指标 | 培训次数 | 10次     | 12次       | 12.50 | 12.50 | ok  |
    | 成本指标 | 培训费用 | 4万元    | 31000元    | 12.50 | 12.50 | ok  |
    | 成本指标 | 培训费用 | 4万元    | 50000元    | 12.50 | 12.50 | bad |
    | 质量指标 | 合格率   | ≥95%     | 已完成     | 12.50 | 12.50 | ok  |
    | 质量指标 | 违约金   | 不超过合同额的5% | 3% | 12.50 | 12.50 | ok  |
    | 质量指标 | 投诉情况 | 投诉单数不超过总用户量的0.5% | 0.2% | 12.50 | 12.50 | ok |
    | 数量指标 | 聘用人数上限 | 50人 | 42人       | 12.50 | 12.50 | ok  |
    | 数量指标 | 聘用人数 | 至少培训50人 | 20人   | 12.50 | 12.50 | bad |
    | 质量指标 | 等候时间 | 平均15分钟 | 9分钟    | 12.50 | 12.50 | ok  |
    | 质量指标 | 道路噪声 | 60dB     | 52分贝     | 12.50 | 12.50 | ok  |
    | 数量指标 | 补贴金额 | 100万元  | 800000元   | 12.50 | 12.50 | ok  |
    """
    due = results(_earned, "weight", "score")
    return Offence(due.is_not_null(), {"due": due})


def _far_beyond(result: Result) -> str | None:
    target, actual = result.target.measure[0], result.actual.measure[0]
    if not result.is_measured or result.target.kind == "percent" or result.direction != "ge":
        return None
    if not target or actual is None or target <= 0 or actual < target * FAR_BEYOND:
        return None
    return written((actual / target).quantize(Decimal("0.1")))


@rule(
    "SE-012",
    on="indicator",
    severity="warning",
    cells=["actual", "deviation"],
    message="“{lv3}”完成 {actual}，是指标值 {target} 的 {times} 倍，没有说明原因",
    hint="请在偏差原因中说明；指标值定得偏低的，下年请调整",
)
def far_beyond_target(indicator: FormTable) -> Offence:
    """完成值达到指标值 1.5 倍以上的，指标值可能定低了，应当说明原因。百分比和越少越好的指标不在此列。

    | lv2      | lv3      | target | 实际完成值 | 偏差原因分析及改进措施 |     |
    | 数量指标 | 培训次数 | ≥10次  | 14次       | 无                     | ok  |
    | 数量指标 | 培训次数 | ≥10次  | 15次       | 无                     | bad |
    | 数量指标 | 培训次数 | ≥10次  | 15次       | 新增两个街道的培训     | ok  |
    | 数量指标 | 投诉数量 | ≤1件   | 4件        | 无                     | ok  |
    """
    times = results(_far_beyond)
    return Offence(times.is_not_null() & ~has_explanation(), {"times": times})


_KINDS = {
    "percent": "百分比",
    "money": "金额",
    "money rate": "单价",
    "duration": "时长",
    "frequency": "频率",
    "date": "日期",
    "recurring date": "日期",
    "number": "数量",
}


def _are_comparable(target: Target, actual: Target) -> bool:
    """False where a difference of kind means nothing, or cannot be told from the texts."""
    kinds = {target.kind, actual.kind}
    if kinds & {*_SILENT} or {"since", "embedded"} & {*target.notes}:
        return False
    if target.kind == actual.kind:
        return 0 not in (target.value, actual.value)  # 少于5单: 零投诉
    without_unit = kinds == {"number", "money"} and None in (target.unit, actual.unit)
    on_the_day = kinds <= {"duration", "date", "recurring date"}  # 3 个月内: done on such a day
    zero = 0 in (target.value, actual.value) and "number" in kinds
    return not (without_unit or on_the_day or zero or "embedded" in actual.notes)


def _unlike(result: Result) -> str | None:
    target, actual = result.target, result.actual
    if not _are_comparable(target, actual):
        return None
    if target.kind != actual.kind:
        kinds = [_KINDS.get(kind, "文字") for kind in (target.kind, actual.kind)]
        return f"指标值是{kinds[0]}，完成值是{kinds[1]}"
    if same_unit(target, actual):
        return None
    return f"指标值的单位是{_unit(target)}，完成值的单位是{_unit(actual)}"


def _unit(target: Target) -> str:
    return f"“{target.unit or ''}{'/' + target.per if target.per else ''}”"


@rule(
    "SE-014",
    on="indicator",
    severity="warning",
    cells=["actual"],
    message="“{lv3}”指标值 {target}，完成 {actual}：{unlike}，不能比较",
    hint="实际完成值请按年度指标值的口径和单位填写",
)
def result_of_another_kind(indicator: FormTable) -> Offence:
    """实际完成值的种类、单位应与年度指标值相同，才能比较。

    不写单位、在句子里写明数值的不算。写明没有完成的由 SE-015 判断。

    | lv2      | lv3      | target | 实际完成值     |     |
    | 数量指标 | 培训次数 | ≥10次  | 12次           | ok  |
    | 数量指标 | 培训次数 | ≥10次  | 12             | ok  |
    | 数量指标 | 培训次数 | ≥10次  | 100%           | bad |
    | 数量指标 | 培训次数 | ≥10次  | 12人           | bad |
    | 质量指标 | 合格率   | ≥95%   | 达到要求       | bad |
    | 质量指标 | 培训质量 | 合格   | 100%           | bad |
    | 质量指标 | 培训质量 | 合格   | 12期都通过验收 | ok  |
    | 成本指标 | 培训费用 | ≤4万元 | 38000元        | ok  |
    | 数量指标 | 培训次数 | ≥10次  | 尚未开展       | ok  |
    | 数量指标 | 投诉情况 | 少于5单 | 无投诉        | ok  |
    | 数量指标 | 投诉情况 | 少于5单 | 全年没有收到任何投诉 | ok |
    | 质量指标 | 故障次数 | ≤3次   | 未发生故障     | ok  |
    | 质量指标 | 差错率   | ≤1%    | 无差错         | ok  |
    | 质量指标 | 安全事故 | ≤1起   | 零事故         | ok  |
    | 数量指标 | 宣传活动 | ≥4场   | 无群众投诉     | ok  |
    | 成本指标 | 慰问费用 | ≤2万元 | 18650元        | ok  |
    """
    unlike = results(_unlike)
    return Offence(unlike.is_not_null() & ~_says_undone("actual"), {"unlike": unlike})


def _says_undone(name: str) -> pl.Expr:
    """True where a text says that something was not done."""
    rest = pl.col(name).str.replace_all(_NOT_UNDONE, "")
    return rest.str.contains(_UNDONE).fill_null(value=False)


def _undone_with_full_score() -> pl.Expr:
    full = (pl.col("weight") > 0) & (pl.col("score") >= pl.col("weight"))
    full &= pl.col("lv3") != NOT_APPLICABLE  # SE-010
    return full.fill_null(value=False) & (_says_undone("actual") | _says_undone("deviation"))


@rule(
    "SE-015",
    on="indicator",
    severity="warning",
    cells=["score", "actual", "deviation"],
    message="“{lv3}”写的是没有完成，却得了满分 {score}",
    hint="没有完成的，请按实际情况扣分并说明原因；表述有歧义的，由审核人员确认",
    says_also={"SE-023": "record"},
)
def full_score_without_result(indicator: FormTable) -> pl.Expr:
    """实际完成值或偏差原因写明未完成、未开展、尚未、中止的，不应得满分。

    | lv3      | 实际完成值       | 偏差原因分析及改进措施 | 分值  | 得分  |     |
    | 培训次数 | 12次             | 无                     | 12.50 | 12.50 | ok  |
    | 培训次数 | 项目已中止执行   |                        | 12.50 | 12.50 | bad |
    | 培训次数 | 10次             | 第三期培训尚未开展     | 12.50 | 12.50 | bad |
    | 培训次数 | 项目已中止执行   | 预算已收回             | 12.50 | 0.00  | ok  |
    | 培训次数 | 尚未发现质量问题 | 无                     | 12.50 | 12.50 | ok  |
    """
    return _undone_with_full_score()


@rule(
    "SE-023",
    on="project",
    severity="warning",
    cells=["goal_actual", "goal_expected"],
    using={"undone": Lookup("indicator", _undone_with_full_score().sum(), pl.Int64())},
    message="有 {undone} 个指标写明没有完成却得了满分，请对照预期目标核对实际完成情况",
    hint="实际完成情况应说明哪些目标没有完成、为什么",
)
def goal_promises_more(project: FormTable) -> pl.Expr:
    """预期目标没有全部完成的（SE-015 指出的项目），请人工对照预期目标与实际完成情况。

    | 实际完成情况   | undone |     |
    | 全年培训 12 期 | 0      | ok  |
    | 全年培训 12 期 | 1      | bad |
    """
    return pl.col("undone") > 0


def _bound(result: Result) -> str | None:
    """The sign of a target that is a bound and not a figure to be met."""
    op, kind = result.target.op, result.target.kind
    return op if op in ("ge", "gt", "le", "lt") and kind in (*_MEASURED, "date") else None


@rule(
    "SE-024",
    on="indicator",
    severity="warning",
    cells=["actual"],
    message="“{lv3}”的实际完成值照抄了指标值“{target}”，看不出实际结果",
    hint="请填写实际的数或日期，如“96%”“21次”“12月10日”",
)
def result_is_the_bound(indicator: FormTable) -> pl.Expr:
    """实际完成值不能照抄年度指标值的范围（≥、≤、不低于、以内、日期之前）还得满分：要填实际的数。

    指标值就是一个数的（100%、12次），完成值相同是应当的，不在此列。

    | lv2      | lv3      | target   | 实际完成值 | 分值  | 得分  |     |
    | 质量指标 | 合格率   | ≥95%     | ≥95%       | 12.50 | 12.50 | bad |
    | 质量指标 | 合格率   | ≥95%     | 96%        | 12.50 | 12.50 | ok  |
    | 质量指标 | 合格率   | 100%     | 100%       | 12.50 | 12.50 | ok  |
    | 数量指标 | 培训次数 | 不少于8次 | 不少于8次 | 12.50 | 12.50 | bad |
    | 数量指标 | 培训次数 | 8次      | 8次        | 12.50 | 12.50 | ok  |
    | 成本指标 | 培训费用 | ≤20万元  | ≤20万元    | 12.50 | 12.50 | bad |
    | 成本指标 | 培训费用 | ≤20万元  | 20万元     | 12.50 | 12.50 | ok  |
    | 质量指标 | 合格率   | ≥95%     | ≥95%       | 12.50 | 10.00 | ok  |
    | 质量指标 | 验收结果 | 验收合格 | 验收合格   | 12.50 | 12.50 | ok  |
    """
    same = normalised("target") == normalised("actual")
    full = (pl.col("weight") > 0) & (pl.col("score") >= pl.col("weight"))
    copied = results(_bound).is_not_null()
    return (same & full & copied).fill_null(value=False)


def _far_below(result: Result) -> str | None:
    """The share of its ceiling that a cost came to, in per cent, where that is little."""
    target, actual = result.target, result.actual
    money = target.kind in ("money", "money rate")
    if not (result.cost and money and result.is_measured) or target.op in ("ge", "gt"):
        return None
    if "embedded" in actual.notes:  # it says more than the figure: that may be the reason
        return None
    allowed, spent = target.measure[0], actual.measure[0]
    if not allowed or spent is None or spent >= allowed * LEAST_COST:
        return None
    return written((spent / allowed * 100).quantize(Decimal(1)))


@rule(
    "SE-025",
    on="indicator",
    severity="warning",
    cells=["actual", "deviation"],
    message="“{lv3}”完成 {actual}，只有指标值 {target} 的 {percent}%，没有说明原因",
    hint="请在偏差原因中说明为什么节约；指标值定得偏高的，下年请调整",
)
def cost_far_below_ceiling(indicator: FormTable) -> Offence:
    """成本不到指标值 70% 的，指标值可能定高了，或者工作没有做完，应当说明原因。

    | lv2      | lv3      | target   | 实际完成值 | 偏差原因分析及改进措施 |     |
    | 成本指标 | 培训费用 | ≤20万元  | 13万元     | 无                     | bad |
    | 成本指标 | 培训费用 | ≤20万元  | 139000元   |                        | bad |
    | 成本指标 | 培训费用 | ≤20万元  | 14万元     | 无                     | ok  |
    | 成本指标 | 培训费用 | ≤20万元  | 13万元     | 改为线上培训           | ok  |
    | 成本指标 | 培训费用 | ≥20万元  | 13万元     | 无                     | ok  |
    | 成本指标 | 培训费用 | ≤20万元  | 0元。讲师免费授课 | 无              | ok  |
    | 成本指标 | 节约率   | ≤20%     | 10%        | 无                     | ok  |
    | 经济效益 | 增加收入 | 20万元   | 13万元     | 无                     | ok  |
    """
    percent = results(_far_below)
    return Offence(percent.is_not_null() & ~has_explanation(), {"percent": percent})


def _late(result: Result) -> str | None:
    due, done = result.target, result.actual
    if due.date is None or done.date is None or due.kind != "date" or done.kind != "date":
        return None
    by_day = due.precision == "day" and done.precision == "day"
    late = done.date > due.date if by_day else done.date > due.date and _month(done) > _month(due)
    return "1" if late else None


def _month(target: Target) -> tuple[int, int]:
    return (target.date.year, target.date.month) if target.date else (0, 0)


@rule(
    "SE-019",
    on="indicator",
    severity="warning",
    cells=["actual"],
    message="“{lv3}”应在 {target} 完成，实际 {actual}，晚于计划",
    hint="请核对日期；确实推迟的，请扣分并说明原因",
)
def later_than_planned(indicator: FormTable) -> pl.Expr:
    """实际完成的日期不应晚于年度指标值的日期。只写到月的，按月比较。

    | lv2      | lv3      | target         | 实际完成值     | fy   |     |
    | 时效指标 | 验收时间 | 2027年9月30日前 | 2027年9月20日 | 2027 | ok  |
    | 时效指标 | 验收时间 | 2027年9月30日前 | 2027年10月8日 | 2027 | bad |
    | 时效指标 | 验收时间 | 9月底前        | 2027年9月      | 2027 | ok  |
    | 时效指标 | 验收时间 | 9月底前        | 2027年11月     | 2027 | bad |
    """
    return results(_late).is_not_null()
