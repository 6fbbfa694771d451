"""财政支出绩效目标申报表：六种资金来源，左右并排的支出明细和实施进度。金额单位：元，日期 yyyymmdd。"""

from xltool.form import Equation, FormTable, Rows, Table, fields, rule

TITLE = "财政支出绩效目标申报表"
VERSION = "2027.1"
CATALOGUE = (
    ("产出指标", "数量指标", 4),
    ("产出指标", "质量指标", 3),
    ("效益指标", "社会效益指标", 3),
    ("服务对象满意度指标", "具体指标", 2),
)
CAPACITY = {"expense": 8, "step": 6}
SOURCES = ("fiscal", "transfer", "fund", "service", "business", "other")


class Project(Table):
    """项目：每张项目工作表一条。"""

    project_name = fields.text("项目名称", max_chars=40, required=True)
    nature = fields.choice("项目属性", ["新增项目", "延续项目"], required=True)
    reason = fields.text("延续理由", max_chars=100, required_when='nature == "延续项目"')
    dept_name = fields.text("主管部门", filled_by="system", prefill="department")
    dept_code = fields.code("主管部门编码", digits=3, filled_by="system", prefill="department_code")
    unit_name = fields.text("项目实施单位", filled_by="system", prefill="unit_name")
    leader = fields.text("项目负责人", max_chars=10, required=True)
    start_date = fields.date("项目开始日期", shown="yyyymmdd", required=True)
    end_date = fields.date("项目完成日期", shown="yyyymmdd", required=True)
    years = fields.integer("实施年限（年）", minimum=1, maximum=5, required=True)
    amount_total = fields.amount(
        "资金总额（元）", computed="fiscal + transfer + fund + service + business + other"
    )
    fiscal = fields.amount("一般公共预算拨款（元）", required=True)
    transfer = fields.amount("上级转移支付（元）")
    fund = fields.amount("政府性基金（元）")
    service = fields.amount("事业收入（元）")
    business = fields.amount("经营收入（元）")
    other = fields.amount("其他资金（元）")
    expense_total = fields.amount("支出合计（元）", computed="sum(expense.amount)")
    goal_long = fields.text("长期目标", max_chars=500, required_when="years > 1", multiline=True)
    goal_year = fields.text("年度目标", max_chars=500, required=True, multiline=True)


class Expense(Rows):
    """支出明细：每行一项。"""

    name = fields.text("支出内容", max_chars=40, required=True)
    amount = fields.amount("金额（元）", required=True)


class Step(Rows):
    """实施进度：每行一步。"""

    content = fields.text("实施内容", max_chars=40, required=True)
    begin = fields.date("开始时间", shown="yyyymmdd", required=True)
    end = fields.date("完成时间", shown="yyyymmdd", required=True)


class Indicator(Rows):
    """指标：每行一个。"""

    lv1 = fields.text("一级指标", filled_by="system")
    lv2 = fields.text("二级指标", filled_by="system")
    lv3 = fields.text("指标内容", max_chars=40, required=True)
    target = fields.text("指标值", max_chars=40, required=True)
    note = fields.text("备注", max_chars=100)


@rule("FIS-001", on="project", hint="请核对支出明细和资金来源")
def expenses_are_the_sources(project: FormTable) -> Equation:
    """支出合计等于资金总额。

    | expense_total | amount_total |     |
    | 120000.00     | 120000.00    | ok  |
    | 110000.00     | 120000.00    | bad |
    """
    return Equation("expense_total == amount_total")
