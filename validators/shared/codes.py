"""项目编码与实施期限：二级项目申报表的规则（docs/domain.md §9、§10.6）。

编码 21 位：行政区划 6 位、入库年份 2 位、部门 3 位、项目类型 2 位、一级项目 3 位、流水号 5 位。
"""

from __future__ import annotations

import polars as pl
from xltool.validators.shared import declared

from xltool.fields.code import LOST_DIGITS
from xltool.fields.measures import name_key, some_of
from xltool.fields.tables import Table, text
from xltool.language.claims import Claim
from xltool.rules import FormTable, Lookup, Offence, Reference, rule
from xltool.rules.remarks import rule_on

CODE = pl.col("project_code")
WELL_FORMED = CODE.str.contains("^[0-9]{21}$")
ENTRY_YEAR = CODE.str.slice(6, 2).cast(pl.Int32, strict=False) + 2000
DEPARTMENT = CODE.str.slice(8, 3)
TYPE = CODE.str.slice(11, 2)
_IS_CODE, _ENTERED = "digits(project_code, 21)", "(2000 + part(project_code, 7, 2))"  # of claims
PRINTED_TYPE = pl.col("project_type").str.extract(r"^\s*(\d{2})", 1)


class ProjectType(Table):
    """项目类型代码表：一行一个类型，代码在前，与表上印的相同。"""

    project_type: str = text("项目类型", required=True)


PROJECT_TYPES = Reference("项目类型.csv", ProjectType, "项目类型代码表")


code_is_malformed = declared.code_is_malformed
code_lost_its_digits = rule_on(LOST_DIGITS)


@rule(
    "COD-002",
    on="project",
    cells=["project_code"],
    needs=["district"],
    message="项目编码前 6 位 {found} 不是本地区的行政区划代码 {expected}",
    hint="请核对项目编码",
)
def code_of_another_district(project: FormTable) -> Offence:
    """项目编码的前 6 位必须是本地区的行政区划代码。

    | 项目编码              | district |     |
    | 440399271063100100008 | 440399   | ok  |
    | 440398271063100100008 | 440399   | bad |
    """
    found = CODE.str.slice(0, 6)
    return Offence(
        WELL_FORMED & (found != pl.col("district")),
        {"found": found, "expected": pl.col("district")},
    )


@rule(
    "COD-003",
    on="project",
    cells=["project_code"],
    message="项目编码中的入库年份 {found} 不在 {earliest}–{fy} 之间",
    hint="请核对项目编码第 7–8 位",
    says_also={"COD-008": "record"},
)
def code_of_another_time(project: FormTable) -> Offence:
    """项目编码第 7–8 位是入库年份：不晚于填报年度，不早于十年前。

    | 项目编码              | fy   |     |
    | 440399271063100100008 | 2027 | ok  |
    | 440399281063100100008 | 2027 | bad |
    | 440399161063100100008 | 2027 | bad |
    """
    fy = pl.col("fy")
    within = Claim(
        f"fy - 10 <= {_ENTERED} and {_ENTERED} <= fy",
        when=_IS_CODE,
        said="项目编码中的入库年份（第 7–8 位）不晚于填报年度，不早于十年前",
    )
    details = {"found": ENTRY_YEAR, "earliest": fy - 10, "fy": fy}
    return Offence(within.offends(), details, live=[within])


@rule(
    "COD-004",
    on="project",
    cells=["project_code"],
    needs=["department_code"],
    message="项目编码第 9–11 位 {found} 不是一级预算单位的部门代码 {expected}",
    hint="请核对项目编码，或一级预算单位是否正确",
)
def code_of_another_department(project: FormTable) -> Offence:
    """项目编码第 9–11 位必须是一级预算单位在名册中登记的部门代码。

    | 项目编码              | department_code |     |
    | 440399271063100100008 | 106             | ok  |
    | 440399271073100100008 | 106             | bad |
    """
    expected = pl.col("department_code")
    return Offence(
        WELL_FORMED & (expected != DEPARTMENT), {"found": DEPARTMENT, "expected": expected}
    )


@rule(
    "COD-004",
    on="project",
    cells=["project_code"],
    message="项目编码第 9–11 位 {found} 与本表其他项目（{expected}）不一致",
    hint="同一份表中各项目的部门代码应相同，请核对项目编码",
)
def departments_differ(project: FormTable) -> Offence:
    """同一工作簿里各项目编码的部门代码（第 9–11 位）必须一致。名册登记了部门代码的，见上一条。

    | 项目编码              | department_code |     |
    | 440399271063100100008 |                 | ok  |
    | 440399271063100100009 |                 | ok  |
    | 440399271073100100008 |                 | bad |
    """
    most = DEPARTMENT.filter(WELL_FORMED).mode().sort().first().over("workbook")
    unregistered = pl.col("department_code").is_null()
    return Offence(
        WELL_FORMED & unregistered & (most != DEPARTMENT), {"found": DEPARTMENT, "expected": most}
    )


@rule(
    "COD-005",
    on="project",
    cells=["project_code", "project_type"],
    severity="warning",
    message="项目编码第 12–13 位 {found} 与项目类型“{project_type}”不一致",
    hint="本年度新入库的项目两者应相同，请核对",
)
def type_differs_from_code(project: FormTable) -> Offence:
    """本年度入库的项目，编码第 12–13 位等于项目类型的代码。

    | 项目编码              | 项目类型      | fy   |     |
    | 440399271063100100008 | 31 履职类项目 | 2027 | ok  |
    | 440399271061500100008 | 31 履职类项目 | 2027 | bad |
    | 440399241061500100008 | 31 履职类项目 | 2027 | ok  |
    """
    differs = (pl.col("fy") == ENTRY_YEAR) & (PRINTED_TYPE != TYPE)
    return Offence(WELL_FORMED & differs, {"found": TYPE})


@rule(
    "COD-006",
    on="project",
    cells=["is_new", "project_code"],
    message="填报为新增项目，但项目编码显示 {found} 年已入库",
    hint="不是本年度新增的，请选“否”；是新增的，请核对项目编码",
)
def new_project_with_old_code(project: FormTable) -> Offence:
    """新增项目的编码必须是本年度入库的编码。

    | 是否新增项目 | 项目编码              | fy   |     |
    | 是           | 440399271063100100008 | 2027 | ok  |
    | 是           | 440399261063100100008 | 2027 | bad |
    | 否           | 440399261063100100008 | 2027 | ok  |
    """
    new = Claim(
        f'is_new != "是" or {_ENTERED} == fy',
        when=_IS_CODE,
        said="新增项目的项目编码是本年度入库的编码（第 7–8 位）",
    )
    return Offence(new.offends(), {"found": ENTRY_YEAR}, live=[new])


@rule(
    "COD-007",
    on="project",
    cells=["is_new", "project_code"],
    severity="info",
    message="填报为非新增项目，但项目编码显示 {found} 年（本年度）入库",
    hint="是本年度新增的，请选“是”；不是的，请核对项目编码",
)
def old_project_with_new_code(project: FormTable) -> Offence:
    """不是新增的项目，编码应是以前年度入库的编码。

    启用新编码的第一年，老项目也编为当年入库：同一份表里没有一个以前年度的编码时，不提示。
    入库年份晚于本年度的由 COD-003 指出。

    | workbook | 是否新增项目 | 项目编码              | fy   |     |
    | 1        | 否           | 440399261063100100008 | 2027 | ok  |
    | 1        | 否           | 440399271063100100009 | 2027 | bad |
    | 1        | 是           | 440399271063100100010 | 2027 | ok  |
    | 1        | 否           | 440399281063100100011 | 2027 | ok  |
    | 2        | 否           | 440399271063100100008 | 2027 | ok  |
    | 2        | 否           | 440399271063100100009 | 2027 | ok  |
    """
    new = (pl.col("is_new") == "否") & (pl.col("fy") == ENTRY_YEAR)
    goes_back = (WELL_FORMED & (pl.col("fy") > ENTRY_YEAR)).any().over("workbook")
    return Offence(WELL_FORMED & new & goes_back, {"found": ENTRY_YEAR})


@rule(
    "COD-008",
    on="project",
    cells=["period_years"],
    severity="warning",
    message="实施期限 {period_years} 年，按入库年份 {entry} 推算应为 {expected} 年",
    hint="请核对：实施期限一般从入库年份算到三年滚动规划的末年",
)
def period_differs_from_code(project: FormTable) -> Offence:
    """实施期限 ＝（年度 ＋ 2）－ 入库年份 ＋ 1，即到三年滚动规划末年为止。

    | 实施期限 | 项目编码              | fy   |     |
    | 3        | 440399271063100100008 | 2027 | ok  |
    | 5        | 440399261063100100008 | 2027 | bad |
    """
    expected = pl.col("fy") + 2 - ENTRY_YEAR + 1
    to_the_end = Claim(
        f"period_years == fy + 3 - {_ENTERED}",
        when=_IS_CODE,
        said="实施期限从入库年份（项目编码第 7–8 位）算到三年滚动规划的末年",
    )
    details = {"expected": expected, "entry": ENTRY_YEAR}
    return Offence(to_the_end.offends(), details, live=[to_the_end])


@rule(
    "COD-009",
    on="project",
    cells=["project_code"],
    message="项目编码 {project_code} 重复出现",
    hint="一个编码只能对应一个项目，请核对",
)
def code_is_repeated(project: FormTable) -> pl.Expr:
    """项目编码在一份工作簿内不能重复。与其他单位重复的由 XW-004 指出。

    | 项目编码              | workbook |     |
    | 440399271063100100008 | 1        | bad |
    | 440399271063100100008 | 1        | bad |
    | 440399271063100100009 | 1        | ok  |
    | 440399271063100100009 | 2        | ok  |
    """
    return CODE.is_not_null() & (pl.len().over("workbook", "project_code") > 1)


@rule(
    "COD-010",
    on="project",
    cells=["project_type"],
    severity="warning",
    using={
        "listed": Lookup(
            PROJECT_TYPES, pl.col("project_type").first(), pl.String(), by=(PRINTED_TYPE,)
        )
    },
    message="项目类型“{project_type}”与本年度的代码表不符：{reason}",
    hint="请按本年度的项目类型代码表核对代码和名称",
)
def type_not_as_listed(project: FormTable) -> Offence:
    """项目类型的代码和名称必须与本年度的代码表一致。

    代码表由财政部门放在填报文件夹里，名为 项目类型.csv：一列“项目类型”，每行如“31 履职类项目”。
    空格和全角、半角括号的差别不计。

    | 项目类型              | listed               |     |
    | 31 履职类项目         | 31 履职类项目        | ok  |
    | 15 履职类（运转）项目 | 15 履职类(运转)项目  | ok  |
    | 31 履职类(运转)项目   | 31 履职类项目        | bad |
    | 履职类项目            |                      | bad |
    |                       |                      | ok  |
    """
    listed = pl.col("listed")
    reason = (
        pl.when(listed.is_null())
        .then(pl.lit("表中没有这个代码"))
        .otherwise(pl.format("代码 {} 是“{}”", PRINTED_TYPE, listed))
    )
    differs = listed.is_null() | (name_key("project_type") != name_key("listed"))
    return Offence(pl.col("project_type").is_not_null() & differs, {"reason": reason})


@rule(
    "XW-004",
    on="project",
    across="project_code",
    cells=["project_code"],
    message="项目编码 {project_code} 在 {count} 个单位的表里都有：{units}",
    hint="一个编码只能对应一个项目，请与这些单位核对",
)
def code_of_another_unit(project: FormTable) -> Offence:
    """项目编码在所有单位之间不能重复。

    同一单位交了两份的由 XW-001 指出；编码中的部门与交表单位不符的由 COD-004 指出。

    | 项目编码              | unit_code |     |
    | 440399271063100100009 | 106001    | bad |
    | 440399271063100100009 | 106002    | bad |
    | 440399271063100100010 | 106002    | ok  |
    | 440399271063100100010 | 106002    | ok  |
    """
    units = pl.col("unit_code").drop_nulls().unique().sort()
    count = units.len().over("project_code")
    names = some_of(units, pl.col("project_code"), "单位")
    return Offence(CODE.is_not_null() & (count > 1), {"count": count, "units": names})
