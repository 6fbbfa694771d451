"""部门预算表2–表11 每一行的数字关系（docs/domain.md §10.8）：填写完整、合计、类款项逐级汇总、“三公”经费。"""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from xltool.validators.shared.budget_tables import (
    HALF,
    RECORD,
    WITH_DEPARTMENT,
    amounts_of,
    at_field,
    below,
    columns_of,
    heading,
    levels,
    sum_within,
)

from xltool.language.claims import Claim
from xltool.language.equations import Equation
from xltool.language.row_claims import SomeRow, WholeRow
from xltool.rules import FormTable, Offence, rule, three_valued


@rule("BD-005", on="t3", also=["t7", "t8", "t10", "t11"], hint="请核对这一行的三个数")
def total_is_basic_and_project(t3: FormTable) -> Equation:
    """支出总计等于基本支出加项目支出。

    | total | basic | project |     |
    | 1307  | 454   | 853     | ok  |
    | 1061  | 211   | 851     | ok  |
    | 1061  | 211   | 853     | bad |
    """
    return Equation("total == basic + project")


_ROLLS_UP = "“{subject}”的{column}为 {left}，下一级各行合计为 {right}，相差 {gap}"


@rule(
    "BD-006",
    on="t7",
    also=["t3", "t4", "t8", "t10", "t11"],
    cells=["total"],
    message=_ROLLS_UP,
    hint="请核对：部门等于各单位之和，单位等于各类之和，类等于各款之和，款等于各项之和",
)
def subjects_add_up(t7: FormTable) -> list[Offence]:
    """科目编码 3 位是类、5 位是款、7 位是项；每一级都等于下一级之和，单位等于各类之和，部门等于各单位之和；每一栏都是。

    下面没有再列的科目（如只列到款）不核对。

    | unit | code    | name       | total | basic | project |     |
    | 甲局 |         |            | 12    | 12    | 0       | ok  |
    | 甲站 |         |            | 12    | 12    | 0       | bad |
    |      | 201     | 公共服务   | 10    | 10    | 0       | ok  |
    |      | 20136   | 其他事务   | 10    | 10    | 0       | bad |
    |      | 2013601 | 行政运行   | 4     | 4     | 0       | ok  |
    |      | 2013602 | 行政管理   | 4     | 4     | 0       | ok  |
    """
    columns = [name for name in amounts_of(t7.fields) if not name.startswith("gp_")]
    return _rolls_up(t7, columns_of(t7, *columns))


@rule(
    "BD-006",
    on="t5",
    cells=["total"],
    message="“{unit}”的{column}为 {left}，各项目合计为 {right}，相差 {gap}",
    hint="请核对单位行和下面各个项目",
)
def projects_add_up(t5: FormTable) -> list[Offence]:
    """表5 单位行每一栏都等于其下各项目之和。

    | unit | name     | total |     |
    | 甲站 |          | 20    | bad |
    |      | 网格巡查 | 10    | ok  |
    |      | 宣传     | 6     | ok  |
    | 乙站 |          | 8     | ok  |
    |      | 培训     | 8     | ok  |
    """
    offences = []
    projects = {
        "_unit": heading("name"),
        "_of_unit": pl.col("_unit").cum_sum(),
        "_projects": pl.col("name").is_not_null(),
    }
    for name, words in columns_of(t5, *amounts_of(t5.fields)):
        total, number = f"_total_{name}", f"_number_{name}"
        parts, count = sum_within(name, pl.col("_projects"), "_of_unit")
        right = pl.when("_unit").then(pl.col(total))
        found = three_valued(pl.col(name), right, HALF, pl.col(number), **words)
        given = {**projects, total: parts, number: count}
        offences.append(replace(at_field(found, name), given=given))
    return offences


@rule("BD-010", on="t3", hint="请核对政府采购三栏：后一栏是前一栏中的一部分")
def procurement_within_bounds(t3: FormTable) -> list[Equation]:
    """政府采购小计不大于支出总计，面向中小企业的不大于小计，面向小型、微型企业的不大于面向中小企业的。

    | total | gp_total | gp_sme | gp_smallmicro |     |
    | 1307  | 670      | 0      | 0             | ok  |
    | 1307  | 1310     | 0      | 0             | bad |
    | 1307  | 670      | 680    | 0             | bad |
    | 1307  | 670      | 100    | 120           | bad |
    """
    return [
        Equation("gp_total <= total"),
        Equation("gp_sme <= gp_total"),
        Equation("gp_smallmicro <= gp_sme"),
    ]


@rule(
    "BD-010",
    on="t3",
    cells=["gp_total"],
    message=_ROLLS_UP,
    hint="请核对政府采购各栏：类等于各款之和，款等于各项之和",
)
def procurement_adds_up(t3: FormTable) -> list[Offence]:
    """政府采购各栏逐级汇总：款等于各项之和，类等于各款之和，单位等于各类之和。

    | unit | code    | name     | gp_total |     |
    | 甲站 |         |          | 670      | ok  |
    |      | 201     | 公共服务 | 670      | bad |
    |      | 20136   | 其他事务 | 660      | ok  |
    |      | 2013601 | 行政运行 | 0        | ok  |
    |      | 2013602 | 行政管理 | 660      | ok  |
    """
    return _rolls_up(t3, columns_of(t3, "gp_total", "gp_sme", "gp_smallmicro"))


def _rolls_up(table: FormTable, names: list[tuple[str, dict[str, pl.Expr]]]) -> list[Offence]:
    offences = []
    subject = pl.coalesce("name", "unit")
    given = levels(departments=table.name in WITH_DEPARTMENT)
    for name, words in names:
        total = f"_total_{name}"
        parts = pl.col("_parts")
        found = three_valued(pl.col(name), pl.col(total), HALF, parts, subject=subject, **words)
        offences.append(replace(at_field(found, name), given={**given, total: below(name)}))
    return offences


_CURRENT = pl.col("year").str.starts_with(pl.col("fy").cast(pl.String))
_CHANGE = pl.col("year").str.contains("增减", literal=True)
_THREE_PUBLIC = ("total", "abroad", "reception", "vehicle_sub", "vehicle_buy", "vehicle_run")


@rule("BD-011", on="t9", hint="请核对这一行的各栏")
def three_public_add_up(t9: FormTable) -> list[Equation]:
    """表9 每行：总计等于三项之和，公务用车小计等于购置费加运行维护费。

    | total | abroad | reception | vehicle_sub | vehicle_buy | vehicle_run |     |
    | 4     | 0      | 0         | 4           | 0           | 4           | ok  |
    | -3    | 0      | 0         | -3          | 0           | -3          | ok  |
    | 7     | 0      | 0         | 4           | 0           | 4           | bad |
    | 4     | 0      | 0         | 4           | 0           | 2           | bad |
    """
    return [
        Equation("total == abroad + reception + vehicle_sub"),
        Equation("vehicle_sub == vehicle_buy + vehicle_run"),
    ]


@rule(
    "BD-011",
    on="t9",
    cells=["total"],
    message="{column}的增减变化金额为 {left}，本年减上年为 {right}，相差 {gap}",
    hint="增减变化金额 ＝ 本年 － 上年，减少的填负数，请核对",
)
def change_is_current_less_previous(t9: FormTable) -> list[Offence]:
    """表9 增减变化金额等于本年减上年，每栏都是；减少的填负数。

    | unit | year         | fy   | total | abroad |     |
    | 甲站 | 2026 年      | 2027 | 6     | 0      | ok  |
    |      | 2027 年      | 2027 | 4     | 0      | ok  |
    |      | 增减变化金额 | 2027 | -2    | 0      | ok  |
    | 乙站 | 2026 年      | 2027 | 6     | 0      | ok  |
    |      | 2027 年      | 2027 | 4     | 0      | ok  |
    |      | 增减变化金额 | 2027 | 2     | 0      | bad |
    """
    previous = ~_CURRENT & ~_CHANGE
    group = previous.cum_sum()
    offences = []
    for name, words in columns_of(t9, *_THREE_PUBLIC):
        now, before = (
            pl.col(name).filter(line).first().over(*RECORD, group) for line in (_CURRENT, previous)
        )
        change = pl.when(_CHANGE).then(pl.col(name))
        offences.append(at_field(three_valued(change, now - before, HALF, 2, **words), name))
    return offences


@rule(
    "AMT-011",
    on="t9",
    cells=["total"],
    message="{year}的{column}为负数：{found}",
    hint="请输入不小于 0 的金额；只有增减变化金额可以是负数",
    integrity=True,
)
def year_is_negative(t9: FormTable) -> list[Offence]:
    """表9 上年和本年的金额不能是负数。

    | year         | total |     |
    | 2027 年      | 4     | ok  |
    | 增减变化金额 | -2    | ok  |
    | 2027 年      | -4    | bad |
    """
    return [
        Offence(~_CHANGE & (pl.col(n) < 0), {**words, "found": pl.col(n)}, pl.lit(n))
        for n, words in columns_of(t9, *_THREE_PUBLIC)
    ]


_ROWS = ("t1_line", "t2", "t4", "t5", "t6_line", "t7", "t8", "t9", "t10", "t11")
_TITLES = {"t1_line": "表1 支出", "t6_line": "表6 支出"}


def _all_blank(names: list[str]) -> pl.Expr:
    """True where no row of the table has any amount."""
    return pl.all_horizontal(pl.col(name).is_null() for name in names).all().over(RECORD)


def _unread(names: list[str]) -> pl.Expr:
    """True where some row of the table has an amount that cannot be read."""
    unread = [pl.col("unreadable").list.contains(name) for name in names]
    return pl.any_horizontal(unread).any().over(RECORD)


@rule(
    "TXT-001",
    on="t3",
    also=_ROWS,
    message="这一行没有填完整：缺{missing}",
    hint="请填写；没有金额的填 0，不用的行整行留空",
)
def row_is_incomplete(t3: FormTable) -> Offence:
    """用到的行要填完整：金额每栏都填（没有的填 0），科目要有名称，没有预算单位的行要有科目或项目。

    整张表都没有填的，由 BD-017 指出。

    | record | unit | code  | name     | total | basic | project | gp_total | gp_sme | gp_smallmicro |     |
    | 1      | 甲站 |       |          | 8     | 0     | 8       | 0        | 0      | 0             | ok  |
    | 1      |      | 201   | 公共服务 | 8     |       | 8       | 0        | 0      | 0             | bad |
    | 1      |      | 20136 |          | 8     | 0     | 8       | 0        | 0      | 0             | bad |
    | 1      |      |       | 行政运行 | 8     | 0     | 8       | 0        | 0      | 0             | bad |
    | 2      | 甲站 |       |          |       |       |         |          |        |               | ok  |
    """
    amounts = amounts_of(t3.fields)
    needed = {name: pl.lit(value=True) for name in amounts}
    nameless = pl.col("unit").is_null() if "unit" in t3.fields else pl.lit(value=True)
    if "code" in t3.fields:
        needed |= {"code": nameless, "name": pl.col("code").is_not_null()}
    elif "name" in t3.fields:
        needed |= {"name": nameless}
    blank = {
        name: when & pl.col(name).is_null() & ~pl.col("unreadable").list.contains(name)
        for name, when in needed.items()
    }
    labels = [pl.when(bad).then(pl.lit(t3.fields[name].label)) for name, bad in blank.items()]
    return Offence(
        pl.any_horizontal(blank.values()) & ~(_all_blank(amounts) & ~_unread(amounts)),
        {"missing": pl.concat_str(labels, separator="、", ignore_nulls=True)},
        at=pl.coalesce([pl.when(bad).then(pl.lit(name)) for name, bad in blank.items()]),
        live=[_live_complete(t3, tuple(amounts))],
    )


def _live_complete(table: FormTable, amounts: tuple[str, ...]) -> WholeRow:
    """The live check that a row in use is complete; silent while no row has any amount (BD-017)."""
    unit = "filled(unit) or " if "unit" in table.fields else ""
    also = None
    if "code" in table.fields:
        also = Claim(f"({unit}filled(code)) and (not filled(code) or filled(name))")
    elif "name" in table.fields:
        also = Claim(f"{unit}filled(name)")
    words = "用到的行各栏都已填写，没有金额的填 0"
    return WholeRow(words, amounts, also=also, only_with=amounts)


@rule(
    "BD-017",
    on="t3",
    also=_ROWS,
    unused=True,
    message="{title}没有填写",
    hint="部门预算的各张表都要填报；没有发生额的，单位行各栏填 0",
)
def table_is_blank(t3: FormTable) -> Offence:
    """部门预算的各张表都要有内容，没有发生额的填 0。缺少工作表由 TPL-003 指出；表12 是另一份表。

    | record | unit | total | basic |     |
    | 1      | 甲站 | 0     | 0     | ok  |
    | 2      | 甲站 |       |       | bad |
    | 2      |      |       |       | ok  |
    """
    amounts = amounts_of(t3.fields)
    first = pl.col("row") == pl.col("row").min().over(RECORD)
    title = _TITLES.get(t3.name, t3.name.replace("t", "表"))
    return Offence(
        first & _all_blank(amounts) & ~_unread(amounts),
        {"title": pl.lit(title)},
        at=pl.lit(amounts[0]),
        live=[SomeRow(f"{title}已填写", tuple(amounts), marked_will_do=True)],
    )
