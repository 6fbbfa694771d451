"""金额：几张表共有的规则（DOMAIN §10.3）。只属于一张表的规则写在那张表的校验文件里。"""

from __future__ import annotations

import polars as pl

from xltool.expression import Equation
from xltool.rules import FormTable, rule


@rule(
    "AMT-002",
    on="project",
    hint="请核对两个金额：本年度金额是总金额的一部分",
)
def year_within_total(project: FormTable) -> Equation:
    """本年度项目金额不能大于项目总金额。

    | amount_year | amount_total |     |
    | 100.00      | 100.00       | ok  |
    | 100.02      | 100.00       | bad |
    """
    return Equation("amount_year <= amount_total")


@rule(
    "AMT-011",
    on="cell",
    message="{label}“{found}”不是数字",
    hint="请输入数字；没有的填 0",
)
def amount_is_no_number(cell: FormTable) -> pl.Expr:
    """金额必须是数字。看不懂的内容不会被当作 0。

    | remark       | found  |     |
    |              | 12.00  | ok  |
    | not_a_number | 约十二 | bad |
    """
    return pl.col("remark") == "not_a_number"


@rule(
    "AMT-011",
    on="cell",
    message="{label}为负数：{found}",
    hint="请输入不小于 0 的金额",
)
def amount_is_negative(cell: FormTable) -> pl.Expr:
    """金额不能是负数。

    | remark   | found  |     |
    |          | 12.00  | ok  |
    | negative | -12.00 | bad |
    """
    return pl.col("remark") == "negative"


@rule(
    "AMT-011",
    on="cell",
    message="{label}“{found}”的小数位过多",
    hint="请四舍五入到 2 位小数后重新输入",
)
def amount_has_too_many_places(cell: FormTable) -> pl.Expr:
    """金额最多两位小数。

    | remark          | found  |     |
    |                 | 12.34  | ok  |
    | too_many_places | 12.345 | bad |
    """
    return pl.col("remark") == "too_many_places"


@rule(
    "AMT-012",
    on="project",
    cells=["amount_year"],
    severity="warning",
    message="{amount_year.label}为 0 或空白",
    hint="请确认本年度是否确实没有安排资金",
)
def year_without_money(project: FormTable) -> pl.Expr:
    """本年度项目金额为 0 或空白的，请审核人员确认。

    空白另有说法的不再重复：必填的由 TXT-001 指出，系统自动汇总的单位本来就不能填。

    | amount_year |     |
    | 12.00       | ok  |
    | 0.00        | bad |
    """
    field = project.fields["amount_year"]
    zero = pl.col("amount_year") == 0
    if field.required or field.filled_by == "system":
        return zero
    return zero | pl.col("amount_year").is_null()
