"""跨工作簿：谁交了、交了几份、是不是同一个项目（docs/domain.md §10.6、§10.10）。"""

from __future__ import annotations

import polars as pl

from xltool.fields.kinds import Field
from xltool.fields.measures import name_key, some_of
from xltool.rules import FormTable, Offence, rule

_CLEAR = pl.all_horizontal(pl.col("problem", "same_as", "superseded_by", "followed_by").is_null())


@rule(
    "DUP-001",
    on="project",
    cells=["project_name"],
    message="项目“{project_name}”在本单位的表中重复出现",
    hint="同一项目只填一张；确是两个项目的，请用不同的名称",
)
def project_is_repeated(project: FormTable) -> pl.Expr:
    """同一单位的同一份表里，项目名称不能重复（忽略空格和全角半角括号之别）。

    | project_name | workbook |     |
    | 网格巡查     | 1        | bad |
    | 网格 巡查    | 1        | bad |
    | 网格巡查     | 2        | ok  |
    """
    key = name_key("project_name")
    return pl.col("project_name").is_not_null() & (pl.len().over("workbook", key) > 1)


@rule(
    "XW-001",
    on="submission",
    message="单位 {unit_code} 交了 {count} 份不同的表：{files}",
    hint="请确认以哪一份为准，其余的移出，或记入 取舍.csv；合并时可用 --prefer newest 取最新的一份",
)
def unit_submitted_twice(submission: FormTable) -> Offence:
    """一个单位的一张表只能有一份有效的填报。

    | file   | unit_code | form_id | sha256 |     |
    | a.xlsx | 106001    | t       | aa     | bad |
    | b.xlsx | 106001    | t       | bb     | bad |
    | c.xlsx | 106002    | t       | cc     | ok  |
    """
    group = ("unit_code", "form_id")
    count = pl.col("sha256").filter(_CLEAR).n_unique().over(group)
    files = some_of(pl.col("file").filter(_CLEAR).sort(), group, "文件")
    known = pl.col("unit_code").is_not_null() & pl.col("form_id").is_not_null()
    return Offence(_CLEAR & known & (count > 1), {"count": count, "files": files})


@rule(
    "XW-001",
    on="submission",
    severity="info",
    message="与 {same_as} 内容完全相同，只计一次",
    hint="无需处理",
)
def file_is_a_copy(submission: FormTable) -> pl.Expr:
    """同一个文件交了两遍的，只读一遍。

    | file   | same_as |     |
    | a.xlsx |         | ok  |
    | b.xlsx | a.xlsx  | bad |
    """
    return pl.col("same_as").is_not_null()


@rule(
    "XW-001",
    on="submission",
    severity="info",
    message="取舍.csv 选用的是本单位的另一份（{superseded_by}），这一份不计",
    hint="无需处理；要改用这一份，请更正 取舍.csv",
)
def another_one_was_chosen(submission: FormTable) -> pl.Expr:
    """取舍.csv 为一个单位选用了一份的，其余的不计。

    | file   | superseded_by |     |
    | a.xlsx |               | ok  |
    | b.xlsx | a.xlsx        | bad |
    """
    return pl.col("superseded_by").is_not_null()


@rule(
    "XW-001",
    on="submission",
    severity="info",
    message="本单位后来交了 {followed_by}，以那一份为准，这一份不计",
    hint="无需处理；要以这一份为准，请记入 取舍.csv",
)
def a_later_one_came(submission: FormTable) -> pl.Expr:
    """退回件改后交回的，代替原先交的；新下发的表填好交回的，代替以前下发的。签发信息里写明是第几次退回。

    | file          | followed_by   |     |
    | a_退回1.xlsx  |               | ok  |
    | a.xlsx        | a_退回1.xlsx  | bad |
    """
    return pl.col("followed_by").is_not_null()


@rule(
    "XW-003",
    on="roster",
    severity="warning",
    message="截止日期 {deadline} 已过，还有 {count} 个单位没有交表",
    hint="请催报；不再填报的单位，请从 units.csv 中删去",
)
def units_without_submission(roster: FormTable) -> pl.Expr:
    """截止日期过后，名册中的每个单位都应有一份交来的表。

    | 没有交表的单位数 |     |
    | 0                | ok  |
    | 1                | bad |
    """
    return pl.col("count") > 0


@rule(
    "XW-002",
    on="submission",
    message="单位 {unit_code} 不在本次填报的名册中",
    hint="请核对 units.csv，或把文件交给相应的财政部门",
)
def unit_not_in_roster(submission: FormTable) -> pl.Expr:
    """交表单位必须在本次填报的名册（units.csv）中。

    | unit_code | in_roster |     |
    | 106001    | 是        | ok  |
    | 999001    | 否        | bad |
    """
    return _CLEAR & (pl.col("in_roster") == "否")


@rule(
    "XW-002",
    on="submission",
    message="这是 {fy} 年度的表，本次填报为 {campaign_fy} 年度",
    hint="请改交 {campaign_fy} 年度下发的表",
)
def year_differs(submission: FormTable) -> pl.Expr:
    """所有表的年度必须与本次填报一致。

    | fy   | campaign_fy |     |
    | 2027 | 2027        | ok  |
    | 2026 | 2027        | bad |
    """
    return _CLEAR & (pl.col("fy") != pl.col("campaign_fy"))


@rule(
    "XW-002",
    on="submission",
    severity="info",
    message="文件名写的是单位 {named_by}，里面是单位 {unit_code} 的表",
    hint="请核对是否拿错了文件；以表里的签发信息为准",
)
def file_named_after_another_unit(submission: FormTable) -> pl.Expr:
    """文件名里是另一个单位的代码或名称。

    | unit_code | named_by       |     |
    | 106001    |                | ok  |
    | 106001    | 106002 服务站  | bad |
    """
    return _CLEAR & pl.col("named_by").is_not_null()


@rule(
    "XW-002",
    on="cell",
    severity="info",
    message="“{found}”在 projects.csv 里是单位 {expected} 的项目，填在了本单位的备用表里",
    hint="请核对是不是填错了单位的表",
)
def project_of_another_unit(cell: FormTable) -> pl.Expr:
    """备用表里的项目在 projects.csv 里属于另一个单位。

    | remark | found    |     |
    |        | 网格巡查 | ok  |
    | others | 网格巡查 | bad |
    """
    return pl.col("remark") == "others"


_NAMES = {"unit_name": "roster_unit", "department": "roster_department"}


@rule(
    "XW-011",
    each=lambda field: field.prefill in _NAMES,
    severity="warning",
    message="{label}“{value}”与名册中的名称不一致",
    hint="请按名册（units.csv）中的名称填写，或更正名册",
)
def name_differs_from_roster(field: Field) -> pl.Expr:
    """单位和部门的名称应与名册一致（忽略空格和全角半角括号之别）。

    | 内容           | prefill   | roster_unit  |     |
    | 云岭区政务中心 | unit_name | 云岭区政务中心 | ok  |
    | 云岭政务中心   | unit_name | 云岭区政务中心 | bad |
    | 云岭政务中心   | unit_name |              | ok  |
    """
    return name_key(field.name) != name_key(_NAMES[str(field.prefill)])
