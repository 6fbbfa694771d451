"""自评表的分值和得分：合计、上限、扣分的原因、必填的栏（docs/domain.md §7.3、§10.7）。"""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl
from xltool.validators.shared.indicators import (
    is_marked_row,
    is_real_row,
    row_inputs,
    text_of_marked_row,
    text_of_real_row,
)
from xltool.validators.shared.zero_budget import formula

from xltool.language.claims import Claim
from xltool.language.equations import Equation, equation_of
from xltool.language.row_claims import Level, SumClaim
from xltool.prose.nothing import NOT_APPLICABLE_WORDS
from xltool.rules import FormTable, Offence, rule

_POINTS_OF = re.compile(r"[（(](\d+)\s*分[）)]")


def has_explanation() -> pl.Expr:
    """True where 偏差原因分析及改进措施 says something other than 无."""
    return ~Claim("given(deviation)").offends()


@rule(
    "SE-006",
    on="indicator",
    cells=["weight"],
    message="{lv1}各行分值之和为 {left}，应为 {right}",
    hint="请调整各指标的分值：合计应等于一级指标括号里的分数，加上执行率 10 分，总共 100 分",
)
def points_of_level(indicator: FormTable) -> SumClaim:
    """同一个一级指标下，各行分值之和等于印在它括号里的分数：产出 50，效益（含满意度）40。

    采用 50/30/10 的，把 SE-018（满意度 10 分）设为 error 即可；自己的表里一级指标印成
    “效益指标（30分）”“满意度指标（10分）”的，就按印的分数核对。

    | record | lv1              | lv3      | target | 分值  |     |
    | 1      | 产出指标（50分） | 培训次数 | 2次    | 25.00 | ok  |
    | 1      | 产出指标（50分） | 合格率   | 95%    | 25.00 | ok  |
    | 2      | 产出指标（50分） | 培训次数 | 2次    | 25.00 | bad |
    | 2      | 产出指标（50分） | 合格率   | 95%    | 24.00 | ok  |
    | 3      | 效益指标（40分） | 满意度   | 95%    |       | ok  |
    | 3      | 效益指标（40分） | 知晓率   | 95%    | 30.00 | ok  |
    """
    due = {
        lv1: int(points[1]) for lv1 in _levels(indicator, 0) if (points := _POINTS_OF.search(lv1))
    }
    return _points(indicator, "{level}各行分值之和与括号里的分数相等", due, "lv1")


def _levels(indicator: FormTable, place: int) -> list[str]:
    """The 一级 (0) or 二级 (1) of the form, in printed order."""
    return list(dict.fromkeys((lv1, lv2)[place] for lv1, lv2, _ in indicator.catalogue))


def _points(
    indicator: FormTable, words: str, due: Mapping[str, int], by: Level, *, rounds: bool = True
) -> SumClaim:
    """Return the statement that 分值 add up to so much in each of these levels."""
    names = tuple(row_inputs(indicator))
    return SumClaim(words, "weight", names, NOT_APPLICABLE_WORDS, due, by, rounding=rounds)


@rule("SE-007", on="indicator", hint="请核对：得分在 0 和分值之间")
def score_within_weight(indicator: FormTable) -> Equation:
    """每行的得分不能大于分值。得分为负数由 AMT-011 指出。

    | 得分  | 分值  |     |
    | 12.50 | 12.50 | ok  |
    | 13.00 | 12.50 | bad |
    """
    return Equation("score <= weight")


@rule(
    "SE-008",
    on="project",
    message="总分为 {total_score}，执行率得分与各指标得分之和为 {right}，相差 {gap}",
    hint="总分由表格自动计算，请恢复原来的公式",
)
def total_is_sum_of_scores(project: FormTable) -> Equation:
    """总分等于执行率得分与各指标得分之和。

    | total_score | fund.score | indicator.score |     |
    | 99.10       | 9.10       | 90.00           | ok  |
    | 99.13       | 9.10       | 90.00           | bad |
    | 90.00       |            | 90.00           | ok  |
    """
    usual = "sum(fund.score) + sum(indicator.score)"
    return equation_of("total_score", formula(project, "total_score", usual))


@rule(
    "SE-009",
    on="indicator",
    cells=["deviation", "score"],
    message="“{lv3}”得分 {score}，低于分值 {weight}，没有写偏差原因",
    hint="扣了分的指标，请填写偏差原因分析及改进措施",
)
def lost_points_unexplained(indicator: FormTable) -> Claim:
    """得分低于分值的，必须填写偏差原因分析及改进措施，不能填“无”。

    | 得分  | 分值  | 偏差原因分析及改进措施 |     |
    | 10.00 | 12.50 | 设备到货推迟，已催办   | ok  |
    | 10.00 | 12.50 | 无                     | bad |
    | 10.00 | 12.50 |                        | bad |
    | 12.50 | 12.50 | 无                     | ok  |
    """
    return Claim("given(deviation)", when="score < weight", said="得分低于分值的，写明偏差原因")


@rule(
    "SE-010",
    on="indicator",
    cells=["weight", "score"],
    message="这一行不适用，却填了{filled}",
    hint="不适用的指标不占分：请清空分值和得分，把分数分到适用的指标上",
)
def points_of_nothing(indicator: FormTable) -> Offence:
    """不适用的行，分值和得分留空（填“不适用”“—”“/”也算空）。

    | lv3      | target | 分值  | 得分  |     |
    | 不适用   | 不适用 |       |       | ok  |
    | 不适用   | 不适用 | 12.50 | 12.50 | bad |
    | 培训次数 | 2次    | 12.50 | 12.50 | ok  |
    """
    names = ("weight", "score")
    filled = [pl.col(name).is_not_null() for name in names]
    words = [
        pl.when(test).then(pl.format("{} {}", pl.lit(indicator.fields[n].short_label), pl.col(n)))
        for n, test in zip(names, filled, strict=True)
    ]
    at = [pl.when(test).then(pl.lit(n)) for n, test in zip(names, filled, strict=True)]
    no_points = Claim(
        "not filled(weight) and not filled(score)",
        when=text_of_marked_row(indicator),
        said="不适用的指标，分值和得分留空",
    )
    details = {"filled": pl.concat_str(words, separator="、", ignore_nulls=True)}
    return Offence(no_points.offends(), details, pl.coalesce(at), live=[no_points])


@rule(
    "SE-013",
    on="indicator",
    cells=["actual", "weight", "score"],
    message="“{lv3}”没有填{missing}",
    hint="带 * 的栏请填写；这个指标确实不适用的，请与财政部门联系",
)
def starred_cell_is_blank(indicator: FormTable) -> Offence:
    """适用的指标，实际完成值、分值、得分都要填。

    | lv3      | target | 实际完成值 | 分值  | 得分  |     |
    | 培训次数 | 2次    | 2次        | 12.50 | 12.50 | ok  |
    | 培训次数 | 2次    |            | 12.50 | 12.50 | bad |
    | 培训次数 | 2次    | 2次        | 12.50 |       | bad |
    | 不适用   | 不适用 |            |       |       | ok  |
    """
    names = ("actual", "weight", "score")
    blank = [pl.col(n).is_null() & ~pl.col("unreadable").list.contains(n) for n in names]
    words = [
        pl.when(test).then(pl.lit(indicator.fields[n].short_label))
        for n, test in zip(names, blank, strict=True)
    ]
    at = [pl.when(test).then(pl.lit(n)) for n, test in zip(names, blank, strict=True)]
    complete = Claim(
        "filled(actual) and filled(weight) and filled(score)",
        when=text_of_real_row(indicator),
        said="实际完成值、分值、得分都已填写",
    )
    details = {"missing": pl.concat_str(words, separator="、", ignore_nulls=True)}
    return Offence(complete.offends(), details, pl.coalesce(at), live=[complete])


@rule(
    "SE-013",
    on="project",
    cells=["goal_actual"],
    message="实际完成情况没有填",
    hint="请对照预期目标，填写全年实际完成情况",
)
def outcome_is_blank(project: FormTable) -> Claim:
    """实际完成情况必须填写。

    | 实际完成情况     |     |
    | 全年培训 12 期   | ok  |
    |                  | bad |
    """
    return Claim("filled(goal_actual)")


@rule(
    "SE-018",
    on="indicator",
    severity="warning",
    cells=["weight"],
    message="{lv2}的分值为 {points}，一般为 10 分",
    hint="请确认；规定满意度占 10 分的，请调整分值",
)
def points_of_satisfaction(indicator: FormTable) -> Offence:
    """满意度指标的分值一般为 10 分。满意度不适用的，分数归入效益指标，不在此列。

    规定必须为 10 分（50/30/10）的，在 campaign.toml 中把这条规则设为 error。

    | record | lv2        | lv3      | target | 分值  |     |
    | 1      | 满意度指标 | 群众满意 | 95%    | 10.00 | ok  |
    | 2      | 满意度指标 | 群众满意 | 95%    | 20.00 | bad |
    | 3      | 满意度指标 | 不适用   | 不适用 |       | ok  |
    """
    due = {lv2: 10 for lv2 in _levels(indicator, 1) if "满意度" in lv2}
    usual = _points(indicator, "{level}分值之和一般为 10 分", due, "lv2", rounds=False)
    figures = usual.details(indicator.fields)
    return Offence(usual.offends(indicator.fields), {"points": figures["left"]}, live=[usual])
