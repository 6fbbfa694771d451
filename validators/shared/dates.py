"""日期（docs/domain.md §9.4、§10.6）。"""

from __future__ import annotations

import polars as pl

from xltool.language.claims import Claim
from xltool.rules import FormTable, rule


@rule(
    "DAT-001",
    on="cell",
    message="{label}“{found}”不是日期，或不在 2000 至 2099 年",
    hint="请输入日期，如 2027-01-01",
)
def date_is_unreadable(cell: FormTable) -> pl.Expr:
    """日期必须是真实的日期，在 2000 年至 2099 年之间。

    日期栏目里只填年份（2027）的，表格软件会当作 1905 年的一天。

    | remark     | found      |     |
    |            | 2027-01-01 | ok  |
    | not_a_date | 2027-02-30 | bad |
    | not_a_date | 1905-07-19 | bad |
    """
    return pl.col("remark") == "not_a_date"


@rule(
    "DAT-001",
    on="project",
    cells=["start_date", "end_date"],
    message="计划开始日期 {start_date} 晚于计划完成日期 {end_date}",
    hint="请核对两个日期",
)
def ends_before_it_starts(project: FormTable) -> Claim:
    """计划开始日期不能晚于计划完成日期。

    | 计划开始日期 | 计划完成日期 |     |
    | 2027-01-01   | 2027-12-31   | ok  |
    | 2027-12-31   | 2027-01-01   | bad |
    """
    return Claim("start_date <= end_date")


@rule(
    "DAT-002",
    on="project",
    cells=["start_date", "end_date"],
    message="计划期间 {start_date} 至 {end_date} 不含 {fy} 年度",
    hint="请核对两个日期；本年度不实施的项目不应申报",
)
def period_outside_the_year(project: FormTable) -> Claim:
    """计划期间必须与填报年度有重叠。

    | 计划开始日期 | 计划完成日期 | fy   |     |
    | 2026-03-01   | 2028-12-31   | 2027 | ok  |
    | 2025-01-01   | 2026-12-31   | 2027 | bad |
    """
    within = "year(start_date) <= fy and year(end_date) >= fy"
    return Claim(within, when="start_date <= end_date")


@rule(
    "DAT-003",
    on="cell",
    severity="warning",
    message="{label}“{found}”是文本，已读作 {value}",
    hint="请按 2027-01-01 的形式直接输入日期",
)
def date_typed_as_text(cell: FormTable) -> pl.Expr:
    """日期写成了文本（2027/1/1、2027年1月1日），照读并说明。

    | remark    | found         |     |
    |           | 2027-01-01    | ok  |
    | text_date | 2027年1月1日  | bad |
    """
    return pl.col("remark") == "text_date"
