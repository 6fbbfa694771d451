"""单位整体支出绩效目标表（2023 版，部门预算表 12；docs/domain.md §3）。金额单位：万元。

原表的表头印着“预算金额（元）”，与表上的“单位：万元”不符；模板一律印万元。
"""

from __future__ import annotations

from xltool.validators.shared import indicators, overall, prose, values, writing
from xltool.validators.shared.calculations import wrong_product
from xltool.validators.shared.deadlines import date_outside_the_year
from xltool.validators.shared.evaluability import (
    quantity_is_money,
    satisfaction_is_not_measured,
    too_many_indicators_of_a_unit,
    value_repeats_the_name,
)
from xltool.validators.shared.reconciliation import department_of_units_differs_from_control

from xltool.form import Rows, Table, fields

TITLE = "单位整体支出绩效目标表"
VERSION = "2023.1"

CATALOGUE = (
    ("产出", "数量", 10),
    ("产出", "质量", 10),
    ("产出", "时效", 10),
    ("产出", "成本", 10),
    ("效益", "经济效益", 3),
    ("效益", "社会效益", 10),
    ("效益", "可持续影响", 3),
    ("效益", "生态效益", 3),
    ("满意度", "服务对象满意度", 10),
    ("满意度", "其他满意度", 3),
)
CAPACITY = {"task": 20}


class Unit(Table):
    """单位：每份工作簿一张表。合计由表格算出。"""

    unit_name = fields.text("单位名称", filled_by="system", prefill="unit_name")
    dept_name = fields.text("主管部门", filled_by="system", prefill="department")
    amount_total = fields.amount("金额合计的总额", computed="sum(task.amount)")
    fiscal_total = fields.amount("金额合计的财政拨款", computed="sum(task.fiscal)")
    other_total = fields.amount("金额合计的其他资金", computed="sum(task.other)")
    goal_year = fields.text("年度总体目标", required=True, multiline=True)


class Task(Rows):
    """任务：年度主要任务，每行一项。总额由表格算出。"""

    name = fields.text("任务名称", required=True)
    content = fields.text("主要内容", required=True, multiline=True)
    amount = fields.amount("总额", computed="fiscal + other")
    fiscal = fields.amount("财政拨款", required=True)
    other = fields.amount("其他资金", required=True)


class Indicator(Rows):
    """指标：一级、二级由版面给定，单位填后两栏。"""

    lv1 = fields.text("一级指标", filled_by="system")
    lv2 = fields.text("二级指标", filled_by="system")
    lv3 = fields.text("三级指标")
    target = fields.text("目标值", multiline=True, examples=indicators.TARGET_EXAMPLES)
