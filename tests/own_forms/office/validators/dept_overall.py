"""部门（单位）整体支出绩效目标申报表（财预〔2015〕88 号的样式）。金额单位：万元。"""

from xltool.form import Rows, Table, fields

TITLE = "部门（单位）整体支出绩效目标申报表"
VERSION = "2027.1"
CATALOGUE = (
    ("产出指标", "数量指标", 5),
    ("产出指标", "质量指标", 5),
    ("产出指标", "时效指标", 3),
    ("产出指标", "成本指标", 3),
    ("效益指标", "经济效益指标", 3),
    ("效益指标", "社会效益指标", 3),
    ("效益指标", "生态效益指标", 3),
    ("效益指标", "可持续影响指标", 3),
    ("满意度指标", "服务对象满意度指标", 3),
)
CAPACITY = {"task": 10}


class Dept(Table):
    """部门：每份工作簿一张。"""

    dept_name = fields.text("部门（单位）名称", filled_by="system", prefill="unit_name")
    amount_total = fields.amount("金额合计的总额（万元）", computed="sum(task.amount)")
    fiscal_total = fields.amount("金额合计的财政拨款（万元）", computed="sum(task.fiscal)")
    other_total = fields.amount("金额合计的其他资金（万元）", computed="sum(task.other)")
    goal_year = fields.text("年度总体目标", max_chars=500, required=True, multiline=True)
    filler = fields.text("填报人", max_chars=10, required=True)
    phone = fields.code("联系电话", digits=11, required=True)


class Task(Rows):
    """任务：每行一项。"""

    name = fields.text("任务名称", max_chars=40, required=True)
    content = fields.text("主要内容", max_chars=150, required=True, multiline=True)
    amount = fields.amount("总额（万元）", computed="fiscal + other")
    fiscal = fields.amount("财政拨款（万元）", required=True)
    other = fields.amount("其他资金（万元）")


class Indicator(Rows):
    """指标：一级、二级印好，单位填后两栏。"""

    lv1 = fields.text("一级指标", filled_by="system")
    lv2 = fields.text("二级指标", filled_by="system")
    lv3 = fields.text("三级指标", max_chars=40, required=True)
    target = fields.text("指标值", max_chars=40, required=True, examples=("≥95%", "20次"))
