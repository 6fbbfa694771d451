"""日期（docs/domain.md §9.4、§10.6）。"""

from __future__ import annotations

from xltool.fields.date import NOT_A_DATE, TEXT_DATE
from xltool.language.claims import Claim
from xltool.rules import FormTable, rule
from xltool.rules.remarks import rule_on

date_is_unreadable = rule_on(NOT_A_DATE)


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


date_typed_as_text = rule_on(TEXT_DATE)
