"""项目支出绩效目标申报表（财预〔2015〕88号附件，中期与年度并列；docs/domain.md §8.1）。金额单位：万元。

版面按通行的说法写成，没有同文件的附件核对过（docs/domain.md 标为 [K]）：正式使用前请对照原附件。指标值按一体化系统的
要素分为计算符号、指标值、计量单位三栏（docs/domain.md §8.2）；中期按三年滚动规划，印作预算年度起的三年。
"""

from __future__ import annotations

import re

import polars as pl
from xltool.validators.shared import (
    amounts,
    copies,
    indicators,
    prose,
    values,
)
from xltool.validators.shared.calculations import wrong_product
from xltool.validators.shared.deadlines import date_outside_the_year
from xltool.validators.shared.evaluability import (
    quantity_is_money,
    satisfaction_is_not_measured,
    too_many_indicators,
    value_repeats_the_name,
)
from xltool.validators.shared.indicators import is_real_row, one_set
from xltool.validators.shared.writing import (
    deadline_is_ambiguous,
    frequency_written_otherwise,
    several_values,
    value_ends_with_punctuation,
)

from xltool.fields.measures import judged
from xltool.form import Equation, FormTable, Offence, Rows, Table, fields, rule

TITLE = "项目支出绩效目标申报表"
VERSION = "2015.1"

CATALOGUE = (
    ("产出指标", "数量指标", 10),
    ("产出指标", "质量指标", 10),
    ("产出指标", "时效指标", 10),
    ("产出指标", "成本指标", 5),
    ("效益指标", "经济效益指标", 3),
    ("效益指标", "社会效益指标", 10),
    ("效益指标", "生态效益指标", 3),
    ("效益指标", "可持续影响指标", 3),
    ("满意度指标", "服务对象满意度指标", 5),
)
SIGNS = ("＝", "＞", "＜", "≥", "≤")


class Project(Table):
    """项目：每张项目工作表一条。资金总额由表格算出。"""

    project_name = fields.text(
        "项目名称", max_chars=90, max_chars_severity="warning", max_bytes=180, required=True
    )
    dept_name = fields.text("主管部门及代码", filled_by="system", prefill="department_and_code")
    exec_unit = fields.text("实施单位", filled_by="system", prefill="unit_name")
    project_attr = fields.choice(
        "项目属性", ["新增项目", "延续项目"], choices_open=True, required=True
    )
    project_span = fields.text("项目期", required=True)
    fiscal_total = fields.amount("中期财政拨款（万元）", required=True)
    other_total = fields.amount("中期其他资金（万元）", required=True)
    amount_total = fields.amount("中期资金总额（万元）", computed="fiscal_total + other_total")
    fiscal_year = fields.amount("年度财政拨款（万元）", required=True)
    other_year = fields.amount("年度其他资金（万元）", required=True)
    amount_year = fields.amount("年度资金总额（万元）", computed="fiscal_year + other_year")
    goal_midterm = fields.text(
        "中期目标",
        max_chars=2000,
        max_bytes=4000,
        max_chars_severity="warning",
        multiline=True,
        required=True,
    )
    goal_year = fields.text(
        "年度目标",
        max_chars=2000,
        max_bytes=4000,
        max_chars_severity="warning",
        multiline=True,
        required=True,
    )


class Indicator(Rows):
    """指标：期间、一级、二级由版面给定。指标值是文字的，计算符号和计量单位可以空着。"""

    period = fields.choice("期间", ["中期", "年度"], filled_by="system")
    lv1 = fields.text("一级指标", filled_by="system")
    lv2 = fields.text("二级指标", filled_by="system")
    lv3 = fields.text("三级指标", max_chars=40, max_bytes=80, max_chars_severity="warning")
    target_op = fields.choice("计算符号", SIGNS)
    target = fields.text(
        "指标值",
        max_chars=40,
        max_bytes=80,
        max_chars_severity="warning",
        examples=("95", "20", "12月31日前"),
    )
    target_unit = fields.text("计量单位", examples=("%", "次", "万元"))


@rule("AMT-001", on="project", hint="请恢复资金总额的公式，或核对两项资金")
def midterm_total_is_fiscal_plus_other(project: FormTable) -> Equation:
    """中期资金总额必须等于财政拨款与其他资金之和。

    | amount_total | fiscal_total | other_total |     |
    | 312.40       | 300.00       | 12.40       | ok  |
    | 312.40       | 300.00       | 0.00        | bad |
    """
    return Equation("amount_total == fiscal_total + other_total")


@rule("AMT-001", on="project", hint="请恢复资金总额的公式，或核对两项资金")
def year_total_is_fiscal_plus_other(project: FormTable) -> Equation:
    """年度资金总额必须等于财政拨款与其他资金之和。

    | amount_year | fiscal_year | other_year |     |
    | 104.13      | 100.00      | 4.13       | ok  |
    | 104.13      | 100.00      | 0.00       | bad |
    """
    return Equation("amount_year == fiscal_year + other_year")


@rule(
    "IND-006",
    on="indicator",
    cells=["lv3"],
    unused=True,
    severity="warning",
    message="{period}的“{lv1}”没有一行适用的指标",
    hint="产出、效益、满意度在中期和年度都至少填一行，且不能填“不适用”",
)
def level_without_indicator(indicator: FormTable) -> pl.Expr:
    """产出、效益、满意度指标，中期和年度都至少有一行适用的。附件未核对，所以只作提醒。

    | record | period | lv2                | lv3      | target |     |
    | 1      | 中期   | 数量指标           | 培训次数 | 12     | ok  |
    | 1      | 年度   | 数量指标           |          |        | bad |
    | 1      | 年度   | 质量指标           | 不适用   | 不适用 | ok  |
    | 1      | 年度   | 服务对象满意度指标 | 满意度   | 90     | ok  |
    """
    key = (*one_set(indicator), "lv1")
    empty = ~is_real_row(indicator).any().over(key)
    return empty & (pl.col("row") == pl.col("row").min().over(key))


_WITH_PARTS = re.compile(r"([≥≤＞＜＝><=]?)\s*(\d[\d,]*(?:\.\d+)?)\s*(\D{0,8})")
_DAY = re.compile(r"[年月日]")


def _with_parts(target: str | None, sign: str | None, unit: str | None) -> str | None:
    """What of a value belongs into the columns beside it: `计算符号“≥”、计量单位“%”`."""
    found = _WITH_PARTS.fullmatch((target or "").strip())
    if found is None or _DAY.match(found[3]):
        return None
    parts = [("计算符号", found[1], sign), ("计量单位", found[3], unit)]
    words = [f"{label}“{part}”" for label, part, beside in parts if part and not beside]
    return "、".join(words) or None


@rule(
    "VAL-011",
    on="indicator",
    cells=["target", "target_op", "target_unit"],
    severity="info",
    message="指标值“{target}”里带有{found}",
    hint="请把计算符号、指标值、计量单位分别填在三栏里",
)
def value_with_sign_or_unit(indicator: FormTable) -> Offence:
    """计算符号和计量单位另有栏目，指标值里只填数。

    | 计算符号 | 指标值       | 计量单位 |     |
    | ≥        | 95           | %        | ok  |
    |          | ≥95%         |          | bad |
    | ≥        | 12次         |          | bad |
    |          | 明显提升     |          | ok  |
    |          | 2027年11月底前 |        | ok  |
    """
    found = judged(_with_parts, "target", "target_op", "target_unit")
    return Offence(found.is_not_null(), {"found": found})
