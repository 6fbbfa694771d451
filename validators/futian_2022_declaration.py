"""二级项目支出绩效目标申报表（2022 版，一级、二级指标纵向合并；docs/domain.md §5）。金额单位：万元。

哪些栏目由系统填写，原表没有批注，按 2024 版的批注推定。
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl
from xltool.validators.shared import (
    amounts,
    codes,
    copies,
    declarations,
    evaluability,
    explanations,
    indicators,
    prose,
    values,
    writing,
)
from xltool.validators.shared.calculations import cost_against_amounts, wrong_product
from xltool.validators.shared.deadlines import date_outside_the_year
from xltool.validators.shared.goal_amounts import goal_amounts_do_not_fit
from xltool.validators.shared.goals import draft_in_overview, long_goal_speaks_of_the_year
from xltool.validators.shared.heads import too_dear_for_each_person
from xltool.validators.shared.reconciliation import (
    department_differs_from_control,
    project_count_differs_from_table_5,
    project_differs_from_table_5,
)
from xltool.validators.shared.statements import goal_states_another_quantity

from xltool.form import FormTable, Offence, Rows, Table, fields, rule

TITLE = "二级项目支出绩效目标申报表"
VERSION = "2022.1"

CATALOGUE = (
    ("产出", "*数量", 10),
    ("产出", "*质量", 10),
    ("产出", "*时效", 10),
    ("产出", "*成本", 5),
    ("效益", "经济效益", 3),
    ("效益", "*社会效益", 10),
    ("效益", "生态效益", 3),
    ("效益", "可持续影响", 3),
    ("满意度", "*服务对象满意度", 5),
    ("满意度", "其他满意度", 3),
)


class Project(Table):
    """项目：每张项目工作表一条。"""

    project_code = fields.code("项目编码：", digits=21, required=True)
    project_name = fields.text("项目名称：", max_chars=40, max_bytes=80, required=True)
    applicant_unit = fields.text("申请单位：", filled_by="system", prefill="unit_name")
    level1_unit = fields.text("一级预算单位：", filled_by="system", prefill="department")
    period_years = fields.integer("实施期限：", minimum=1, maximum=99, new_only=True)
    project_type = fields.choice("项目类型：", ["15 履职类项目"], new_only=True)
    is_new = fields.choice("是否新增项目：", ["是", "否"], required=True)
    alloc_method = fields.choice("分配方式：", ["因素法和项目法", "项目法"], new_only=True)
    amount_total = fields.amount("项目总金额（中期规划，万元）：", new_only=True)
    amount_year = fields.amount("本年度项目金额（万元）：", new_only=True)
    overview = fields.text(
        "项目概况：",
        max_chars=2000,
        max_bytes=4000,
        max_chars_severity="warning",
        multiline=True,
        required=True,
    )
    goal_year = fields.text("年度目标：", max_chars=2000, max_bytes=4000, multiline=True)
    goal_long = fields.text(
        "长期目标（跨度多年的项目需填）：", max_chars=2000, max_bytes=4000, multiline=True
    )


class Indicator(Rows):
    """指标：一级、二级由版面给定，单位填后三栏。"""

    lv1 = fields.text("一级指标", filled_by="system")
    lv2 = fields.text("二级指标", filled_by="system")
    lv3 = fields.text("三级指标", max_chars=40, max_bytes=80, max_chars_severity="warning")
    target = fields.text(
        "指标值",
        max_chars=40,
        max_bytes=80,
        max_chars_severity="warning",
        examples=indicators.TARGET_EXAMPLES,
    )
    note = fields.text("指标解释", max_chars=40, max_bytes=80, max_chars_severity="warning")


@rule(
    "AMT-014",
    on="project",
    cells=["amount_total", "amount_year", "period_years"],
    severity="info",
    message="项目总金额 {amount_total} 万元，按本年度 {amount_year} 万元 × {period_years} 年应为 {expected} 万元",
    hint="各年金额不同的无需处理",
)
def funding_is_not_level(project: FormTable) -> Offence:
    """各年安排相同的项目，项目总金额等于本年度项目金额乘以实施期限。

    各年不同是正常的，所以只作说明。

    | amount_total | amount_year | period_years |     |
    | 12.54        | 4.18        | 3            | ok  |
    | 10.00        | 3.33        | 3            | ok  |
    | 15.00        | 4.18        | 3            | bad |
    | 15.00        | 0.00        | 3            | ok  |
    """
    total, year, years = pl.col("amount_total"), pl.col("amount_year"), pl.col("period_years")
    expected = year * years
    rounding = (years + 1) * Decimal("0.005")
    uneven = (year > 0) & ((total - expected).abs() > rounding)
    return Offence(uneven, {"expected": expected})
