"""二级项目支出绩效目标申报表（2024 版，逐行平铺，带导入批注；docs/domain.md §6）。金额单位：万元。"""

from __future__ import annotations

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
from xltool.validators.shared.calculations import (
    basis_in_another_unit,
    basis_is_not_the_amount,
    basis_is_not_the_total,
    basis_without_amount,
    cost_against_amounts,
    stated_total_is_wrong,
    total_beyond_the_period,
    wrong_product,
)
from xltool.validators.shared.deadlines import date_outside_the_year
from xltool.validators.shared.goal_amounts import goal_amounts_do_not_fit
from xltool.validators.shared.goals import (
    document_listed_twice,
    draft_as_policy_basis,
    long_goal_speaks_of_the_year,
)
from xltool.validators.shared.heads import too_dear_for_each_person
from xltool.validators.shared.reconciliation import (
    department_differs_from_control,
    project_count_differs_from_table_5,
    project_differs_from_table_5,
)
from xltool.validators.shared.statements import (
    basis_states_another_quantity,
    goal_states_another_quantity,
)

from xltool.form import Rows, Table, fields

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

_LIMIT_40 = "(限40字以内)"
_NOT_IN_TEMPLATE = "导入模板无需填写"
_SYSTEM = "系统自动带出，无需填写"
_SYSTEM_IN = "系统自动带入，无需填写"
_SUMMED = "由系统自动汇总二级项目，无需手工录入"


class Project(Table):
    """项目：每张项目工作表一条。批注照录官方模板。"""

    project_code = fields.code("项目编码：", digits=21, required=True, comment=_LIMIT_40)
    project_name = fields.text(
        "项目名称：", max_chars=40, max_bytes=80, required=True, comment=_LIMIT_40
    )
    applicant_unit = fields.text(
        "申请单位：", filled_by="system", prefill="unit_name", comment=_NOT_IN_TEMPLATE
    )
    level1_unit = fields.text(
        "一级预算单位：", filled_by="system", prefill="department", comment=_SYSTEM
    )
    period_years = fields.integer(
        "实施期限：", minimum=1, maximum=99, new_only=True, comment=_NOT_IN_TEMPLATE
    )
    project_type = fields.choice(
        "项目类型：",
        ["31 履职类项目", "15 履职类(运转)项目"],
        new_only=True,
        comment=_SYSTEM_IN,
    )
    is_new = fields.choice("是否新增项目：", ["是", "否"], required=True)
    alloc_method = fields.choice(
        "分配方式：", ["因素法和项目法", "项目法"], new_only=True, comment=_SYSTEM_IN
    )
    amount_total = fields.amount("项目总金额（中期规划，万元）：", new_only=True, comment=_SUMMED)
    amount_year = fields.amount("本年度项目金额（万元）：", new_only=True, comment=_SUMMED)
    policy_basis = fields.text("政策依据：", multiline=True, new_only=True, comment=_SYSTEM)
    calc_basis = fields.text("测算依据：", multiline=True, required=True)
    goal_year = fields.text(
        "年度目标：",
        max_chars=2000,
        max_bytes=4000,
        multiline=True,
        comment="(限2000字以内)\n新增项目年度目标为必填项",
    )
    goal_long = fields.text(
        "长期目标（跨度多年的项目需填）：",
        max_chars=2000,
        max_bytes=4000,
        multiline=True,
        comment="(限2000字以内)\n多年度项目长期目标为必填项",
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
