"""部门预算表1–表11 及增减变动说明（2023 版；docs/domain.md §4）。金额单位：万元，取整数。

一份工作簿是一个单位的全套表。表2、表4、表5 的栏目没有公布的样表，按资金来源设计；增减变动说明把部门预算
文字说明里的数字收进单元格，以便与各表核对。表12 是单位整体支出绩效目标表，另行填报。
"""

from __future__ import annotations

from xltool.validators.shared import (
    budget_lines,
    budget_names,
    budget_prose,
    budget_texts,
    budgets,
    prose,
)
from xltool.validators.shared.budget_tables import Balance, Coded, Head, Lines, Sources
from xltool.validators.shared.budget_texts import STATEMENTS
from xltool.validators.shared.calculations import wrong_product

from xltool.form import Rows, fields

TITLE = "部门预算表（表1–表11）及增减变动说明"
VERSION = "2023.1"
WHOLE = True

# rows offered, by table; of 表9 three printed rows for each unit
CAPACITY = {
    "t1_line": 16,
    "t2": 4,
    "t3": 30,
    "t4": 12,
    "t5": 20,
    "t6_line": 16,
    "t7": 30,
    "t8": 50,
    "t9": 1,
    "t10": 8,
    "t11": 8,
    "item": 12,
    "focus": 12,
}
_UNIT = {"unit": "unit_name"}
_DEPARTMENT = {"unit": "department"}
ROSTER_ROWS = {
    **dict.fromkeys(("t2", "t3", "t4", "t5", "t9"), (_UNIT,)),
    **dict.fromkeys(("t7", "t8", "t10", "t11"), (_DEPARTMENT, _UNIT)),
}


class T1(Balance):
    """表1 收支总表：收入和各项合计。"""

    fiscal = fields.amount("一、政府预算拨款", places=0, required=True)
    general = fields.amount("1. 一般公共预算拨款", places=0, required=True)
    fund = fields.amount("2. 政府性基金预算拨款", places=0, required=True)
    capital = fields.amount("3. 国有资本经营预算拨款", places=0, required=True)
    note = fields.text("注：")


class T1Line(Lines):
    """表1 支出：每行一个类、款或项。"""


class Page(Head):
    """表2–表5、表7、表8 的表头：只有部门名称。"""


class T2(Sources):
    """表2 收入总表：每个单位一行。"""

    total = fields.amount("收入总计", places=0, own_blank_rule=True)


class T3(Coded):
    """表3 支出总表：单位行和科目行。"""

    gp_total = fields.amount("政府采购项目小计", places=0, own_blank_rule=True)
    gp_sme = fields.amount("其中：面向中小企业政府采购项目", places=0, own_blank_rule=True)
    gp_smallmicro = fields.amount(
        "其中：面向小型、微型企业政府采购项目", places=0, own_blank_rule=True
    )


class T4(Sources):
    """表4 基本支出总表：单位行和科目行。"""

    code = fields.code("科目编码", own_blank_rule=True)
    name = fields.text("科目名称", own_blank_rule=True)


class T5(Sources):
    """表5 项目支出总表：单位行和项目行。"""

    name = fields.text("项目名称", own_blank_rule=True)


class T6(Balance):
    """表6 政府预算拨款收支总表：收入和各项合计。"""


class T6Line(Lines):
    """表6 支出：每行一个类、款或项。"""


class T7(Coded):
    """表7 一般公共预算支出表（按功能分类）：部门行、单位行和科目行。"""


class T8(Coded):
    """表8 一般公共预算支出表（按经济分类）：部门行、单位行和科目行。"""


class T9Head(Head):
    """表9 的表头和注：部门名称、注。"""

    note = fields.text("注：")


class T9(Rows):
    """表9 “三公”经费支出表：每个单位三行，上年、本年、增减。"""

    unit = fields.text("预算单位")
    year = fields.text("年度", filled_by="system")
    total = fields.amount("总计", places=0, signed=True, own_blank_rule=True)
    abroad = fields.amount("因公出国(境)费", places=0, signed=True, own_blank_rule=True)
    reception = fields.amount("公务接待费", places=0, signed=True, own_blank_rule=True)
    vehicle_sub = fields.amount(
        "公务用车购置及运行维护费小计", places=0, signed=True, own_blank_rule=True
    )
    vehicle_buy = fields.amount("公务用车购置费", places=0, signed=True, own_blank_rule=True)
    vehicle_run = fields.amount("公务用车运行维护费", places=0, signed=True, own_blank_rule=True)


class T10Head(Head):
    """表10 的表头和注：部门名称、注。"""

    note = fields.text("注：")


class T10(Coded):
    """表10 政府性基金预算支出表：部门行、单位行和科目行。"""


class T11Head(Head):
    """表11 的表头和注：部门名称、注。"""

    note = fields.text("注：")


class T11(Coded):
    """表11 国有资本经营预算支出表：部门行、单位行和科目行。"""


_DIRECTIONS = ["增加", "减少", "持平"]


class Explanation(Head):
    """增减变动说明：个数、辆数和文字。"""

    project_count = fields.integer(
        "设置并编报绩效目标的项目个数", minimum=0, maximum=999, required=True
    )
    vehicles = fields.integer("公务用车实有数（辆）", minimum=0, maximum=9999, required=True)
    public_text = fields.text("公用支出说明", multiline=True)
    operation_text = fields.text("机关运行经费说明", multiline=True)
    asset_text = fields.text("国有资产占用情况说明", multiline=True)
    performance_text = fields.text("预算绩效管理情况说明", multiline=True)


class Statement(Rows):
    """主要指标增减：每行一个指标。"""

    name = fields.text("指标", filled_by="system")
    current = fields.amount("本年预算数", places=0, required=True)
    delta = fields.amount("比上年增减额", places=0)
    percent = fields.number("增减幅度（%）", unit="%", places=0)
    direction = fields.choice("增减方向", _DIRECTIONS)
    reason = fields.text("主要原因", multiline=True)


class Item(Rows):
    """项目支出明细：每行一个项目。"""

    name = fields.text("项目名称", required=True)
    current = fields.amount("本年预算数", places=0, required=True)
    delta = fields.amount("比上年增减额", places=0)
    percent = fields.number("增减幅度（%）", unit="%", places=0)
    direction = fields.choice("增减方向", _DIRECTIONS)
    reason = fields.text("主要原因", multiline=True)


class Focus(Rows):
    """重点项目绩效：每行一个项目。"""

    name = fields.text("项目名称", required=True)
    current = fields.amount("本年预算数", places=0, required=True)
    goal = fields.text("绩效目标", multiline=True, required=True)
