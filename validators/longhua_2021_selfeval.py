"""项目支出绩效自评表（2021 版；docs/domain.md §7）。金额单位：元。

不带 * 的栏取自批准的绩效目标（campaign.toml 的 targets），带 * 的栏由单位自评时填写。
"""

from __future__ import annotations

from xltool.validators.shared import (
    achievements,
    approved_targets,
    evaluability,
    execution,
    flawless,
    indicators,
    prose,
    selfeval,
    unit_slips,
    values,
    writing,
)
from xltool.validators.shared.amounts import amount_is_huge
from xltool.validators.shared.calculations import cost_against_amount_in_yuan, wrong_product
from xltool.validators.shared.copies import indicators_are_copied, outcome_is_copied
from xltool.validators.shared.deadlines import date_outside_the_year
from xltool.validators.shared.zero_budget import ZERO_BUDGET

from xltool.form import Rows, Table, fields

TITLE = "项目支出绩效自评表"
VERSION = "2021.1"
WITHOUT = {
    "AMT-017"
}  # SE-001, SE-002, SE-003 and SE-008 say it, SE-003 as a warning (docs/domain.md §10.7)

CATALOGUE = (
    ("产出指标（50分）", "数量指标", 10),
    ("产出指标（50分）", "质量指标", 10),
    ("产出指标（50分）", "时效指标", 10),
    ("产出指标（50分）", "成本指标", 5),
    ("效益指标（40分）", "经济效益指标", 3),
    ("效益指标（40分）", "社会效益指标", 10),
    ("效益指标（40分）", "生态效益指标", 3),
    ("效益指标（40分）", "满意度指标", 5),
)


class Project(Table):
    """项目：每张项目工作表一条。"""

    project_name = fields.text("项目名称", required=True, approved="project_name")
    amount_project = fields.amount("项目金额", unit="元", required=True)
    dept_name = fields.text("主管部门", filled_by="system", prefill="department")
    impl_unit = fields.text("实施单位", filled_by="system", prefill="unit_name")
    goal_expected = fields.text(
        "预期目标", multiline=True, filled_by="system", approved="goal_year"
    )
    goal_actual = fields.text("*实际完成情况", multiline=True, required=True, own_blank_rule=True)
    total_score = fields.number("总分", computed="sum(fund.score) + sum(indicator.score)")


class Fund(Rows):
    """项目资金：每个项目四行，年度资金总额和三项来源。执行率和得分由表格自动计算。"""

    source = fields.text("资金来源", filled_by="system")
    budget_initial = fields.amount("年初预算数", unit="元", required=True)
    budget_final = fields.amount("全年预算数", unit="元", required=True)
    executed = fields.amount("全年执行数", unit="元", required=True)
    weight = fields.text("分值", filled_by="system")
    rate = fields.number("执行率", computed="round(executed / budget_final, 2)")
    score = fields.number("得分", computed="round(rate * 10, 2)")


class Indicator(Rows):
    """绩效指标：三级指标和年度指标值是批准的，单位填后四栏。"""

    lv1 = fields.text("一级指标", filled_by="system")
    lv2 = fields.text("二级指标", filled_by="system")
    lv3 = fields.text("三级指标", filled_by="system", approved="lv3")
    target = fields.text("年度指标值", filled_by="system", approved="target")
    actual = fields.text(
        "*实际完成值", required=True, own_blank_rule=True, examples=("96%", "21次", "12月10日")
    )
    weight = fields.number("*分值", unit="分")
    score = fields.number("*得分", unit="分")
    deviation = fields.text("偏差原因分析及改进措施")
