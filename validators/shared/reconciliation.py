"""与财政部门数据的核对（docs/domain.md §10.10，XW-005…007）：填报文件夹里的 部门控制数.csv 和 项目金额.csv。

没有放这两个文件的，规则不执行，检查结果中会说明。两个文件的金额都是万元、本年度数：只与本年度项目金额比，
从不与中期总金额比。

    部门控制数.csv  部门代码,单位数,控制数（万元）
    项目金额.csv    单位代码,项目名称,本年度金额（万元）
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from xltool.fields.measures import name_key
from xltool.fields.tables import Amount, Table, amount, integer, text
from xltool.rules import FormTable, Lookup, Offence, Reference, rule, three_valued


class ControlTotal(Table):
    """部门控制数：每个部门一行，全部单位合计。"""

    department_code: str = text("部门代码", required=True)
    units: int = integer("单位数", minimum=1, maximum=9999, required=True)
    control: Amount = amount("控制数（万元）", required=True)


class ProjectAmount(Table):
    """项目金额：表5 的每个项目一行。"""

    unit_code: str = text("单位代码", required=True)
    project_name: str = text("项目名称", required=True)
    budgeted: Amount = amount("本年度金额（万元）", required=True)


CONTROL_TOTALS = Reference("部门控制数.csv", ControlTotal, "部门控制数")
PROJECT_AMOUNTS = Reference("项目金额.csv", ProjectAmount, "项目金额")
_CENT = Decimal("0.005")  # hu(x) of an amount with two places (docs/domain.md §0.2)
_MONEY = pl.Decimal(24, 2)
_BY_DEPARTMENT = ("department_code",)
_CONTROL = {
    "control": Lookup(CONTROL_TOTALS, pl.col("control").sum(), _MONEY, _BY_DEPARTMENT),
    "units": Lookup(CONTROL_TOTALS, pl.col("units").max(), pl.Int64(), _BY_DEPARTMENT),
}
_BY_PROJECT = ("unit_code", name_key("project_name"))


def department_total(column: str) -> Offence:
    """The sum of a column over all units of a department against the control total.

    It is judged once every unit of the department is there, each with one workbook, and said at
    the department's first row.
    """
    department = "department_code"
    used, values = pl.col("used"), pl.col(column).filter(pl.col("used"))
    submitted = pl.col("unit_code").n_unique().over(department)
    complete = (submitted == pl.col("units")) & (
        pl.col("workbook").n_unique().over(department) == submitted
    )
    known = values.null_count().over(department) == 0
    first = pl.col("row") == pl.col("row").min().over(department)
    total = pl.when(complete, known, first).then(values.sum().over(department))
    count, code = used.sum().over(department), pl.col(department)
    return three_valued(total, pl.col("control"), _CENT, count, department_code=code)


@rule(
    "XW-005",
    on="project",
    across="department_code",
    using=_CONTROL,
    needs=["department_code"],
    cells=["amount_year"],
    message="部门 {department_code} 的 {units} 个单位，本年度项目金额合计 {left} 万元，控制数为 {right} 万元，相差 {gap}",
    hint="请与部门控制数.csv 核对，查明是哪个单位的哪个项目",
)
def department_differs_from_control(project: FormTable) -> Offence:
    """同一部门各单位的本年度项目金额合计，等于财政部门给的控制数。

    部门的单位到齐、每个单位只有一份时才核对；问题标在该部门的第一个项目上。

    | workbook | unit_code | department_code | amount_year | control | units |     |
    | 1        | 106001    | 106             | 100.00      | 150.00  | 2     | ok  |
    | 2        | 106002    | 106             | 50.00       | 150.00  | 2     | ok  |
    | 3        | 131001    | 131             | 100.00      | 150.00  | 2     | bad |
    | 4        | 131002    | 131             | 60.00       | 150.00  | 2     | ok  |
    | 5        | 215001    | 215             | 100.00      | 150.00  | 2     | ok  |
    """
    return department_total("amount_year")


@rule(
    "XW-005",
    on="unit",
    across="department_code",
    using=_CONTROL,
    needs=["department_code"],
    cells=["amount_total"],
    message="部门 {department_code} 的 {units} 个单位，金额合计 {left} 万元，控制数为 {right} 万元，相差 {gap}",
    hint="请与部门控制数.csv 核对，查明是哪个单位",
)
def department_of_units_differs_from_control(unit: FormTable) -> Offence:
    """同一部门各单位的单位整体支出金额合计，等于财政部门给的控制数。

    部门的单位到齐、每个单位只有一份时才核对；问题标在该部门的第一个单位上。

    | workbook | record | unit_code | department_code | amount_total | control | units |     |
    | 1        | 0      | 106001    | 106             | 100.00       | 150.00  | 2     | ok  |
    | 2        | 0      | 106002    | 106             | 50.00        | 150.00  | 2     | ok  |
    | 3        | 0      | 131001    | 131             | 100.00       | 150.00  | 1     | bad |
    """
    return department_total("amount_total")


@rule(
    "XW-006",
    on="project",
    using={
        "budgeted": Lookup(PROJECT_AMOUNTS, pl.col("budgeted").sum(), _MONEY, _BY_PROJECT),
    },
    cells=["amount_year", "project_name"],
    message="“{project_name}”本年度项目金额为 {left} 万元，表5 中为 {right} 万元，相差 {gap}",
    hint="请与部门预算表5 核对，以批复的本年度金额为准",
)
def project_differs_from_table_5(project: FormTable) -> Offence:
    """本年度项目金额等于部门预算表5 中同名项目的金额。表5 里没有的项目不比较。

    | project_name     | amount_year | budgeted |     |
    | 网格巡查         | 100.00      | 100.00   | ok  |
    | 网格巡查         | 100.00      | 120.00   | bad |
    | 表5里没有的项目  | 100.00      |          | ok  |
    """
    return three_valued(pl.col("amount_year"), pl.col("budgeted"), _CENT)


@rule(
    "XW-007",
    on="project",
    using={
        "expected": Lookup(PROJECT_AMOUNTS, pl.len().cast(pl.Int64), pl.Int64(), ("unit_code",)),
    },
    cells=["project_name"],
    message="本单位填报了 {count} 个项目，表5 中有 {expected} 个",
    hint="表5 的每个项目都要填报绩效目标，请核对有没有遗漏或重复",
)
def project_count_differs_from_table_5(project: FormTable) -> Offence:
    """一份表里的项目个数，等于部门预算表5 中本单位的项目个数。问题标在第一个项目上。

    | workbook | unit_code | project_name | expected |     |
    | 1        | 106001    | 网格巡查     | 2        | ok  |
    | 1        | 106001    | 培训         | 2        | ok  |
    | 2        | 106002    | 网格巡查     | 2        | bad |
    """
    count = pl.col("used").sum().over("workbook")
    first = pl.col("row") == pl.col("row").min().over("workbook")
    return Offence(first & (count != pl.col("expected")), {"count": count})
