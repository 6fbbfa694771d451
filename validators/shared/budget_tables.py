"""部门预算各表共有的栏目，以及部门、单位、类、款、项的从属关系（docs/domain.md §4）。金额单位：万元，取整数。

A table of codes is a list of rows in printed order. A row without code is a heading: the department
(the first one, where the table has it) or a unit; the rows below it, up to the next heading, are the
unit's section. There 类 has 3 digits, 款 5 and 项 7, and a row belongs to the one whose code begins its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache

import polars as pl

from xltool.fields.kinds import Field
from xltool.fields.measures import name_key
from xltool.fields.tables import Amount, Rows, Table, amount, code, text
from xltool.rules import FormTable, Offence

HALF = Decimal("0.5")  # hu(x) of every amount here: whole 万元 (docs/domain.md §0.2)
WHOLE = pl.Decimal(24, 0)
RECORD = ("workbook", "record")
WITH_DEPARTMENT = ("t7", "t8", "t10", "t11")  # the tables whose first row is the department


class Head(Table):
    """表头：每张表的部门名称。"""

    unit_name: str = text("部门名称：", filled_by="system", prefill="unit_name")


class Balance(Head):
    """收支：左边收入，右边支出，各有合计。"""

    fiscal: Amount = amount("政府预算拨款", places=0, required=True)
    general: Amount = amount("一般公共预算拨款", places=0, required=True)
    fund: Amount = amount("政府性基金预算拨款", places=0, required=True)
    capital: Amount = amount("国有资本经营预算拨款", places=0, required=True)
    year_income: Amount = amount("本年收入合计", places=0, required=True)
    carry_in: Amount = amount("上年结余、结转", places=0, required=True)
    income_total: Amount = amount("收入总计", places=0, required=True)
    year_expense: Amount = amount("本年支出合计", places=0, required=True)
    carry_out: Amount = amount("结转下年", places=0, required=True)
    expense_total: Amount = amount("支出总计", places=0, required=True)


class Lines(Rows):
    """支出项目：类写“一、……”，款、项写科目名称。"""

    name: str = text("项目", own_blank_rule=True)
    value: Amount = amount("预算数", places=0, own_blank_rule=True)


class Sources(Rows):
    """资金来源：各列之和是总计。"""

    unit: str = text("预算单位", own_blank_rule=True)
    total: Amount = amount("总计", places=0, own_blank_rule=True)
    fiscal: Amount = amount("政府预算拨款小计", places=0, own_blank_rule=True)
    general: Amount = amount("一般公共预算拨款", places=0, own_blank_rule=True)
    fund: Amount = amount("政府性基金预算拨款", places=0, own_blank_rule=True)
    capital: Amount = amount("国有资本经营预算拨款", places=0, own_blank_rule=True)
    special: Amount = amount("财政专户拨款", places=0, own_blank_rule=True)
    service: Amount = amount("事业收入", places=0, own_blank_rule=True)
    business: Amount = amount("事业单位经营收入", places=0, own_blank_rule=True)
    upper: Amount = amount("上级补助收入", places=0, own_blank_rule=True)
    affiliated: Amount = amount("附属单位上缴收入", places=0, own_blank_rule=True)
    other: Amount = amount("其他收入", places=0, own_blank_rule=True)
    carry_in: Amount = amount("上年结余、结转", places=0, own_blank_rule=True)


class Coded(Rows):
    """科目：预算单位只填在部门、单位行，下面各行填科目。"""

    unit: str = text("预算单位", own_blank_rule=True)
    code: str = code("科目编码", own_blank_rule=True)
    name: str = text("科目名称", own_blank_rule=True)
    total: Amount = amount("支出总计", places=0, own_blank_rule=True)
    basic: Amount = amount("基本支出", places=0, own_blank_rule=True)
    project: Amount = amount("项目支出", places=0, own_blank_rule=True)


def amounts_of(fields: Mapping[str, Field]) -> list[str]:
    """The names of a table's columns of money."""
    return [name for name, column in fields.items() if column.kind.amounts]


def heading(by: str | None = "code") -> pl.Expr:
    """True for the row of a department or unit: it has a name but no code (`by`: no project)."""
    bare = pl.col(by).is_null() if by else pl.lit(value=True)
    return pl.col("used") & pl.col("unit").is_not_null() & bare


def department_row() -> pl.Expr:
    """True for the first heading of a table, where units follow it."""
    first = pl.col("row") == pl.col("row").filter(heading()).min().over(RECORD)
    return heading() & first & (heading().sum().over(RECORD) > 1)


def section(by: str = "code") -> pl.Expr:
    """A number for each heading with the rows below it."""
    return heading(by).cum_sum()


def depth() -> pl.Expr:
    """3 类, 5 款, 7 项; null for a heading."""
    return pl.col("code").str.len_chars()


def sum_within(column: str, among: pl.Expr, *groups: str | pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The sum of a column over some rows of each group, and how many they are.

    Null where there are none, or where one of them has no value: that has its own finding.
    """
    chosen = pl.col("used") & among
    values = pl.col(column).filter(chosen)
    count = chosen.sum().over(*RECORD, *groups)
    known = values.count().over(*RECORD, *groups) == count
    return pl.when((count > 0) & known).then(values.sum().over(*RECORD, *groups)), count


_SECTION = (*RECORD, "_section")


@cache
def levels(*, departments: bool) -> Mapping[str, pl.Expr]:
    """The levels of a table of codes, as columns to be `given`: one mapping for all that ask.

    For each of the `_LEVELS`: which rows are of it (`_is_`), which are one level below and in use
    (`_below_`), and how many of these each row has (`_count_`).
    """
    heads, code = pl.col("_heading"), pl.col("code")
    number = pl.col("row")
    first = number == number.filter(heads).min().over(RECORD)
    department = (
        heads & first & (heads.sum().over(RECORD) > 1) if departments else pl.lit(value=False)
    )
    regular = pl.col("_depth").is_in([3, 5, 7]) | pl.col("_depth").is_null()
    given = {
        "_heading": heading(),
        "_depth": depth(),
        "_class": code.str.head(3),
        "_type": code.str.head(5),
        "_section": heads.cum_sum(),
        "_is_department": department,
        "_is_unit": heads & ~pl.col("_is_department"),
        "_is_class": pl.col("_depth") == 3,
        "_is_type": pl.col("_depth") == 5,
        "_is_item": pl.col("_depth") == 7,
        "_regular": regular.all().over(_SECTION),
    }
    for level, (below, groups) in _LEVELS.items():
        given[f"_below_{level}"] = pl.col("used") & pl.col(f"_is_{below}")
        given[f"_count_{level}"] = pl.col(f"_below_{level}").sum().over(*RECORD, *groups)
    parts = [pl.when(f"_is_{level}").then(f"_count_{level}") for level in _LEVELS]
    return {**given, "_parts": pl.coalesce(parts)}


# level → the one below it, and the columns by which its rows find those
_LEVELS: Mapping[str, tuple[str, Sequence[str]]] = {
    "class": ("type", ("_section", "_class")),
    "type": ("item", ("_section", "_type")),
    "unit": ("class", ("_section",)),
    "department": ("unit", ()),
}


def below(column: str) -> pl.Expr:
    """What the rows one level below a row of a table of codes add up to; `_parts` are how many they are.

    To be given after `levels`.
    """
    totals = []
    for level, (_, groups) in _LEVELS.items():
        count, values = pl.col(f"_count_{level}"), pl.col(column).filter(f"_below_{level}")
        known = (count > 0) & (values.count().over(*RECORD, *groups) == count)
        total = values.sum().over(*RECORD, *groups)
        totals.append(pl.when(pl.col(f"_is_{level}") & known).then(total))
    return pl.when("_regular").then(pl.coalesce(totals))


def whole_of(column: str, by: str | None = "code") -> pl.Expr:
    """The total of a table without department row, for a `Lookup`: the sum over its units."""
    values = pl.col(column).filter(heading(by))
    return pl.when(values.null_count() == 0, values.len() > 0).then(values.sum())


def units_of(by: str | None = "code") -> pl.Expr:
    """How many units `whole_of` adds up, for a `Lookup`."""
    return heading(by).sum().cast(pl.Int64)


def top_of(column: str) -> pl.Expr:
    """The total of a table with department row, for a `Lookup`: what stands in its first row."""
    return pl.col(column).filter(heading()).first()


def is_first(among: pl.Expr) -> pl.Expr:
    """True for the first of such rows in each record."""
    return among & (pl.col("row") == pl.col("row").filter(among).min().over(RECORD))


def subject_key() -> pl.Expr:
    """A name of 类, 款 or 项 as all tables compare it: without number, spaces and level in brackets."""
    bare = name_key("name").str.replace(r"^[一二三四五六七八九十]+、", "")
    return bare.str.replace(r"\((?:类|款|项)\)$", "")


def columns_of(table: FormTable, *names: str) -> list[tuple[str, dict[str, pl.Expr]]]:
    """Those of the columns that the table has, each with what a message calls it: {column}."""
    fields = table.fields
    return [(n, {"column": pl.lit(fields[n].short_label)}) for n in names if n in fields]


def at_field(offence: Offence, name: str) -> Offence:
    """The offence at the cell of a field."""
    return replace(offence, at=pl.lit(name))
