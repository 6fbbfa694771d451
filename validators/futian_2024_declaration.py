"""二级项目支出绩效目标申报表（2024 版，逐行平铺，带导入批注；DOMAIN §6）。金额单位：万元。"""

from __future__ import annotations

import polars as pl
from xltool.validators import amounts, codes, indicators, submissions, template, texts
from xltool.validators.indicators import first_of_group, group_is_empty, is_marked_row

from xltool.rules import FormTable, rule
from xltool.schema import Amount, Rows, Table, amount, choice, code, integer, text

TITLE = "二级项目支出绩效目标申报表"
VERSION = "2024.1"

CATALOGUE = (
    ("产出指标", "*数量指标", 10),
    ("产出指标", "*质量指标", 10),
    ("产出指标", "*时效指标", 10),
    ("产出指标", "*成本指标", 5),
    ("效益指标", "经济效益指标", 3),
    ("效益指标", "*社会效益指标", 10),
    ("效益指标", "生态效益指标", 3),
    ("效益指标", "可持续影响指标", 3),
    ("满意度指标", "*服务对象满意度指标", 5),
    ("满意度指标", "其他满意度指标", 3),
)
SATISFACTION = "*服务对象满意度指标"

_LIMIT_40 = "(限40字以内)"
_NOT_IN_TEMPLATE = "导入模板无需填写"
_SYSTEM = "系统自动带出，无需填写"
_SYSTEM_IN = "系统自动带入，无需填写"
_SUMMED = "由系统自动汇总二级项目，无需手工录入"


class Project(Table):
    """项目：每张项目工作表一条。批注照录官方模板。"""

    project_code: str = code("项目编码：", digits=21, required=True, comment=_LIMIT_40)
    project_name: str = text(
        "项目名称：", max_chars=40, max_bytes=80, required=True, comment=_LIMIT_40
    )
    applicant_unit: str = text(
        "申请单位：", filled_by="system", prefill="unit_name", comment=_NOT_IN_TEMPLATE
    )
    level1_unit: str = text(
        "一级预算单位：", filled_by="system", prefill="department", comment=_SYSTEM
    )
    period_years: int = integer(
        "实施期限：", minimum=1, maximum=99, filled_by="system", comment=_NOT_IN_TEMPLATE
    )
    project_type: str = choice(
        "项目类型：",
        ["31 履职类项目", "15 履职类(运转)项目"],
        filled_by="system",
        comment=_SYSTEM_IN,
    )
    is_new: str = choice("是否新增项目：", ["是", "否"], required=True)
    alloc_method: str = choice(
        "分配方式：", ["因素法和项目法", "项目法"], filled_by="system", comment=_SYSTEM_IN
    )
    amount_total: Amount = amount(
        "项目总金额（中期规划，万元）：", filled_by="system", comment=_SUMMED
    )
    amount_year: Amount = amount("本年度项目金额（万元）：", filled_by="system", comment=_SUMMED)
    policy_basis: str = text("政策依据：", multiline=True, filled_by="system", comment=_SYSTEM)
    calc_basis: str = text("测算依据：", multiline=True, required=True)
    goal_year: str = text(
        "年度目标：",
        max_chars=2000,
        max_bytes=4000,
        multiline=True,
        comment="(限2000字以内)\n新增项目年度目标为必填项",
    )
    goal_long: str = text(
        "长期目标（跨度多年的项目需填）：",
        max_chars=2000,
        max_bytes=4000,
        multiline=True,
        comment="(限2000字以内)\n多年度项目长期目标为必填项",
    )


class Indicator(Rows):
    """指标：一级、二级由版面给定，单位填后三栏。"""

    lv1: str = text("一级指标", filled_by="system")
    lv2: str = text("二级指标", filled_by="system")
    lv3: str = text("三级指标", max_chars=40, max_bytes=80, max_chars_severity="warning")
    target: str = text("指标值", max_chars=40, max_bytes=80, max_chars_severity="warning")
    note: str = text("指标解释", max_chars=40, max_bytes=80, max_chars_severity="warning")


@rule(
    "TXT-004",
    on="project",
    cells=["goal_year", "is_new"],
    message="新增项目没有填年度目标",
    hint="新增项目的年度目标为必填项，请填写",
)
def new_project_without_goal(project: FormTable) -> pl.Expr:
    """新增项目必须填写年度目标。

    | 是否新增项目 | 年度目标         |     |
    | 是           | 建成网格巡查平台 | ok  |
    | 是           |                  | bad |
    | 否           |                  | ok  |
    """
    return (pl.col("is_new") == "是") & pl.col("goal_year").is_null()


@rule(
    "TXT-005",
    on="project",
    cells=["goal_long", "period_years"],
    message="实施期限 {period_years} 年，没有填长期目标",
    hint="跨度多年的项目，长期目标为必填项，请填写",
)
def long_project_without_goal(project: FormTable) -> pl.Expr:
    """实施期限超过 1 年的项目必须填写长期目标。

    | 实施期限 | 长期目标         |     |
    | 3        | 建成网格巡查平台 | ok  |
    | 3        |                  | bad |
    | 1        |                  | ok  |
    """
    return (pl.col("period_years") > 1) & pl.col("goal_long").is_null()


def _starred_and_empty(indicator: FormTable) -> pl.Expr:
    starred = pl.col("lv2").str.starts_with("*")
    return starred & group_is_empty(indicator) & first_of_group()


def _excused(indicator: FormTable) -> pl.Expr:
    """True where 服务对象满意度 is expressly marked 不适用, as internal projects do."""
    marked = is_marked_row(indicator).any().over(indicators.GROUP)
    return (pl.col("lv2") == SATISFACTION) & marked


@rule(
    "IND-001",
    on="indicator",
    cells=["lv3"],
    unused=True,
    message="必填的二级指标“{lv2}”没有一行适用的指标",
    hint="带 * 的二级指标至少填一行，三级指标、指标值、指标解释都要填，且不能填“不适用”",
)
def starred_without_indicator(indicator: FormTable) -> pl.Expr:
    """带 * 的二级指标至少有一行适用的指标（不填“不适用”）。

    | lv2       | lv3      | target | note         |     |
    | *数量指标 | 培训次数 | ≥2次   | 反映培训情况 | ok  |
    | *质量指标 |          |        |              | bad |
    | *时效指标 | 不适用   | 不适用 | 不适用       | bad |
    | 生态效益指标 | 不适用 | 不适用 | 不适用      | ok  |
    """
    return _starred_and_empty(indicator) & ~_excused(indicator)


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
