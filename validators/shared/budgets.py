"""部门预算各表之间的数字关系（docs/domain.md §10.8）：收支总表、总表与分表、功能分类与经济分类。

所有金额由单位按万元取整填写，各自四舍五入，所以每个等式有三种结果：相等；相差在尾差之内（ROUND）；不相等。
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from xltool.validators.shared.budget_tables import (
    HALF,
    RECORD,
    WHOLE,
    at_field,
    columns_of,
    depth,
    heading,
    is_first,
    subject_key,
    sum_within,
    top_of,
    units_of,
    whole_of,
)

from xltool.language.equations import Equation
from xltool.rules import FormTable, Lookup, Offence, rule, three_valued

_COUNT = pl.Int64()
_NUMBERED = pl.col("name").str.contains(r"^\s*[一二三四五六七八九十]+、")


def _whole(table: str, column: str, by: str | None = "code") -> Lookup:
    return Lookup(table, whole_of(column, by), WHOLE)


def _units(table: str, by: str | None = "code") -> Lookup:
    return Lookup(table, units_of(by), _COUNT)


def _top(table: str, column: str) -> Lookup:
    return Lookup(table, top_of(column), WHOLE)


def _own(table: str, column: str) -> Lookup:
    return Lookup(table, pl.col(column).first(), WHOLE)


@rule("BD-001", on="t1", also=["t6"], hint="请核对四个数：三项拨款之和必须等于政府预算拨款")
def allocation_is_three_budgets(t1: FormTable) -> Equation:
    """政府预算拨款 ＝ 一般公共预算拨款 ＋ 政府性基金预算拨款 ＋ 国有资本经营预算拨款。

    | fiscal | general | fund | capital |     |
    | 1307   | 1307    | 0    | 0       | ok  |
    | 1308   | 1306    | 1    | 0       | ok  |
    | 1310   | 1307    | 0    | 0       | bad |
    """
    return Equation("fiscal == general + fund + capital")


@rule("BD-002", on="t1", also=["t6"], hint="请核对表末的合计和总计，收入总计与支出总计必须相等")
def totals_of_the_balance(t1: FormTable) -> list[Equation]:
    """收入总计、支出总计各等于本年合计加结转，收入总计等于支出总计。

    | income_total | year_income | carry_in | expense_total | year_expense | carry_out |     |
    | 1307         | 1300        | 7        | 1307          | 1305         | 2         | ok  |
    | 1307         | 1300        | 4        | 1307          | 1305         | 2         | bad |
    | 1307         | 1300        | 7        | 1307          | 1300         | 2         | bad |
    | 1307         | 1300        | 7        | 1310          | 1308         | 2         | bad |
    """
    return [
        Equation("income_total == year_income + carry_in"),
        Equation("expense_total == year_expense + carry_out"),
        Equation("income_total == expense_total"),
    ]


def _level(lookups: str = "depth") -> pl.Expr:
    """3 for a numbered row, else 5 or 7 as the same name has it in 表3.

    Where 款 and 项 have one name, the first such row is the 款.
    """
    key = subject_key()
    first = pl.col("row") == pl.col("row").min().over(*RECORD, key)
    named = pl.when(first).then(pl.col(lookups)).otherwise(pl.col("deepest"))
    return pl.when(_NUMBERED).then(pl.lit(3, pl.Int64)).when(named >= 5).then(named)


_BY_NAME = (*RECORD, subject_key())


_LEVELS = {
    "depth": Lookup("t3", depth().filter(depth() > 3).min().cast(pl.Int64), _COUNT, _BY_NAME),
    "deepest": Lookup("t3", depth().max().cast(pl.Int64), _COUNT, _BY_NAME),
    "codes": Lookup("t3", pl.col("code").count().cast(pl.Int64), _COUNT),
}


@rule(
    "BD-003",
    on="t1_line",
    also=["t6_line"],
    using=_LEVELS,
    cells=["value", "name"],
    message="“{name}”为 {left}，其下各行合计为 {right}，相差 {gap}",
    hint="请核对：类等于各款之和，款等于各项之和",
)
def subjects_of_the_balance(t1_line: FormTable) -> list[Offence]:
    """支出各行：类等于其下各款之和，款等于其下各项之和。

    哪一行是款、哪一行是项，看表3 中同名科目的编码。

    | record | name               | value | depth | deepest | codes |     |
    | 1      | 一、一般公共服务支出 | 1307 |       |         | 4     | ok  |
    | 1      | 其他共产党事务支出 | 1307  | 5     | 5       | 4     | bad |
    | 1      | 行政运行           | 454   | 7     | 7       | 4     | ok  |
    | 1      | 一般行政管理事务   | 850   | 7     | 7       | 4     | ok  |
    | 2      | 一、一般公共服务支出 | 1300 |       |         | 4     | bad |
    | 2      | 其他共产党事务支出 | 1307  | 5     | 5       | 4     | ok  |
    """
    level = pl.col("_level")
    unknown = level.is_null() & pl.col("used")
    given = {
        "_level": _level(),
        "_class": (level == 3).fill_null(value=False).cum_sum(),
        "_type": level.is_in([3, 5]).fill_null(value=False).cum_sum(),
        "_known": ~unknown.any().over(*RECORD, "_class"),
    }
    offences = []
    for depth_here, group in ((3, "_class"), (5, "_type")):
        parts, count = sum_within("value", level == depth_here + 2, group)
        right = pl.when(pl.col("_known") & (level == depth_here)).then(parts)
        names = f"_right{group}", f"_count{group}"
        given |= dict(zip(names, (right, count), strict=True))
        offences.append(three_valued(pl.col("value"), pl.col(names[0]), HALF, pl.col(names[1])))
    return [replace(offence, given=given) for offence in offences]


@rule(
    "BD-003",
    on="t1_line",
    also=["t6_line"],
    using=_LEVELS,
    severity="warning",
    cells=["name"],
    message="“{name}”在表3 的款、项中找不到，不能核对它属于哪一级",
    hint="请写成与表3 相同的科目名称；类级科目写作“一、……”",
)
def subject_is_unknown(t1_line: FormTable) -> pl.Expr:
    """支出各行的科目名称应与表3 相同，类级科目前面写“一、”“二、”。

    | name                 | value | depth | deepest | codes |     |
    | 一、一般公共服务支出 | 1307  |       |         | 4     | ok  |
    | 行政运行             | 454   | 7     | 7       | 4     | ok  |
    | 一般公共服务支出     | 1307  |       | 3       | 4     | bad |
    | 行政运转             | 454   |       |         | 4     | bad |
    """
    return pl.col("name").is_not_null() & _level().is_null() & (pl.col("codes") > 0)


def _classes(table: str) -> dict[str, Lookup]:
    """The sum of the numbered rows of a balance, and how many they are."""
    values = pl.col("value").filter(_NUMBERED)
    known = pl.when(values.null_count() == 0, values.len() > 0).then(values.sum())
    return {
        "classes": Lookup(table, known, WHOLE),
        "count": Lookup(table, _NUMBERED.sum().cast(pl.Int64), _COUNT),
    }


@rule(
    "BD-003",
    on="t1",
    using=_classes("t1_line"),
    cells=["year_expense"],
    message="本年支出合计为 {left}，各类合计为 {right}，相差 {gap}",
    hint="请核对本年支出合计和“一、……”各类",
)
def expense_is_all_classes(t1: FormTable) -> Offence:
    """表1 本年支出合计等于各类之和。

    | year_expense | classes | count |     |
    | 1307         | 1307    | 1     | ok  |
    | 1307         | 1306    | 1     | ok  |
    | 1307         | 1304    | 1     | bad |
    """
    return _classes_add_up()


@rule(
    "BD-003",
    on="t6",
    using=_classes("t6_line"),
    cells=["year_expense"],
    message="本年支出合计为 {left}，各类合计为 {right}，相差 {gap}",
    hint="请核对本年支出合计和“一、……”各类",
)
def allocated_expense_is_all_classes(t6: FormTable) -> Offence:
    """表6 本年支出合计等于各类之和。

    | year_expense | classes | count |     |
    | 1307         | 1307    | 1     | ok  |
    | 1307         | 1304    | 1     | bad |
    """
    return _classes_add_up()


def _classes_add_up() -> Offence:
    return three_valued(pl.col("year_expense"), pl.col("classes"), HALF, pl.col("count"))


@rule(
    "BD-004",
    on="t1",
    using={"revenue": _whole("t2", "total", None), "units": _units("t2", None)},
    cells=["income_total"],
    message="收入总计为 {left}，表2 收入总计为 {right}，相差 {gap}",
    hint="请核对表1 和表2，两张表的收入总计必须相等",
)
def income_equals_table_2(t1: FormTable) -> Offence:
    """表2 收入总计等于表1 收入总计。

    | income_total | revenue | units |     |
    | 1307         | 1307    | 1     | ok  |
    | 1307         | 1305    | 1     | bad |
    """
    return three_valued(pl.col("income_total"), pl.col("revenue"), HALF, pl.col("units"))


@rule("BD-004", on="t2", also=["t4", "t5"], hint="请核对这一行的总计、小计和各项资金来源")
def total_is_all_sources(t2: FormTable) -> list[Equation]:
    """表2、表4、表5 每行：总计等于各项资金来源之和，政府预算拨款小计等于三项拨款之和。

    | total | fiscal | general | fund | capital | special | service | business | upper | affiliated | other | carry_in |     |
    | 1307  | 1307   | 1307    | 0    | 0       | 0       | 0       | 0        | 0     | 0          | 0     | 0        | ok  |
    | 1307  | 1300   | 1300    | 0    | 0       | 0       | 0       | 0        | 0     | 0          | 0     | 7        | ok  |
    | 1307  | 1307   | 1300    | 0    | 0       | 0       | 0       | 0        | 0     | 0          | 0     | 0        | bad |
    | 1317  | 1307   | 1307    | 0    | 0       | 0       | 0       | 0        | 0     | 0          | 0     | 0        | bad |
    """
    return [
        Equation("fiscal == general + fund + capital"),
        Equation(
            "total == fiscal + special + service + business + upper + affiliated + other + carry_in"
        ),
    ]


@rule(
    "BD-007",
    on="t1",
    using={"spending": _whole("t3", "total"), "units": _units("t3")},
    cells=["year_expense"],
    message="本年支出合计为 {left}，表3 支出总计为 {right}，相差 {gap}",
    hint="请核对表1 和表3；表3 含结转下年的，等于表1 支出总计",
)
def expense_equals_table_3(t1: FormTable) -> Offence:
    """表3 支出总计等于表1 本年支出合计；含结转下年的，等于表1 支出总计。

    | year_expense | expense_total | spending | units |     |
    | 1300         | 1307          | 1300     | 1     | ok  |
    | 1300         | 1307          | 1307     | 1     | ok  |
    | 1300         | 1307          | 1303     | 1     | bad |
    """
    spending, year = pl.col("spending"), pl.col("year_expense")
    whole = pl.col("expense_total")
    nearer = pl.when((whole - spending).abs() < (year - spending).abs()).then(whole).otherwise(year)
    found = three_valued(nearer, spending, HALF, pl.col("units"))
    return replace(found, details={**found.details, "left": year})


@rule(
    "BD-007",
    on="t4",
    using={"basic": _whole("t3", "basic"), "units": _units("t3")},
    cells=["total"],
    message="表4 总计为 {left}，表3 基本支出为 {right}，相差 {gap}",
    hint="请核对表3 和表4",
)
def table_4_is_basic_expense(t4: FormTable) -> Offence:
    """表4 总计等于表3 基本支出。问题标在表4 的第一行。

    | record | unit | total | basic | units |     |
    | 1      | 甲站 | 454   | 454   | 1     | ok  |
    | 2      | 甲站 | 200   | 454   | 2     | bad |
    | 2      | 乙站 | 250   | 454   | 2     | ok  |
    """
    return _first_total(heading(), pl.col("basic"))


@rule(
    "BD-007",
    on="t5",
    using={"project": _whole("t3", "project"), "units": _units("t3")},
    cells=["total"],
    message="表5 总计为 {left}，表3 项目支出为 {right}，相差 {gap}",
    hint="请核对表3 和表5",
)
def table_5_is_project_expense(t5: FormTable) -> Offence:
    """表5 总计等于表3 项目支出。问题标在表5 的第一行。

    | record | unit | name     | total | project | units |     |
    | 1      | 甲站 |          | 853   | 853     | 1     | ok  |
    | 1      |      | 网格巡查 | 853   | 853     | 1     | ok  |
    | 2      | 甲站 |          | 850   | 853     | 1     | bad |
    """
    return _first_total(heading("name"), pl.col("project"))


def _first_total(headings: pl.Expr, expected: pl.Expr) -> Offence:
    """The sum over the units of a table, said at the first of them, against another table's."""
    total, count = sum_within("total", headings)
    left = pl.when(is_first(headings)).then(total)
    return three_valued(left, expected, HALF, count + pl.col("units") - 1)


@rule(
    "BD-008",
    on="t6",
    using={"t7": _top("t7", "total"), "t10": _top("t10", "total"), "t11": _top("t11", "total")},
    cells=["expense_total"],
    message="支出总计为 {left}，表7、表10、表11 合计为 {right}，相差 {gap}",
    hint="请核对表6 和表7、表10、表11；没有发生额的表填 0",
)
def allocations_equal_tables_7_10_11(t6: FormTable) -> Offence:
    """表6 支出总计等于表7、表10、表11 支出总计之和。

    | expense_total | t7   | t10 | t11 |     |
    | 1307          | 1307 | 0   | 0   | ok  |
    | 1307          | 1300 | 4   | 1   | ok  |
    | 1307          | 1300 | 0   | 0   | bad |
    """
    parts = pl.col("t7") + pl.col("t10") + pl.col("t11")
    return three_valued(pl.col("expense_total"), parts, HALF, 3)


@rule(
    "BD-009",
    on="t8",
    using={
        "t7_total": _top("t7", "total"),
        "t7_basic": _top("t7", "basic"),
        "t7_project": _top("t7", "project"),
    },
    cells=["total"],
    message="表8 {column}为 {left}，表7 {column}为 {right}，相差 {gap}",
    hint="两张表是同一笔支出的两种分类，合计必须相等，请核对",
)
def economic_equals_functional(t8: FormTable) -> list[Offence]:
    """表8（按经济分类）的支出总计、基本支出、项目支出与表7（按功能分类）相等。问题标在表8 的第一行。

    | record | unit | total | t7_total | basic | t7_basic |     |
    | 1      | 甲局 | 1307  | 1307     | 454   | 454      | ok  |
    | 1      | 甲站 | 1300  | 1307     | 454   | 454      | ok  |
    | 2      | 甲局 | 1305  | 1307     | 454   | 454      | bad |
    | 3      | 甲局 | 1307  | 1307     | 454   | 456      | bad |
    """
    return _tops_equal(t8, "t7_")


def _tops_equal(
    table: FormTable, prefix: str, units: pl.Expr | int = 1, where: pl.Expr | None = None
) -> list[Offence]:
    """The first row of a table against what was looked up under `prefix`, column by column."""
    first = is_first(heading())
    judged = first if where is None else first & where
    return [
        at_field(
            three_valued(
                pl.when(judged).then(pl.col(name)), pl.col(prefix + name), HALF, units, **words
            ),
            name,
        )
        for name, words in columns_of(table, "total", "basic", "project")
    ]


@rule(
    "BD-009",
    on="t7",
    using={
        "t3_total": _whole("t3", "total"),
        "t3_basic": _whole("t3", "basic"),
        "t3_project": _whole("t3", "project"),
        "units": _units("t3"),
        "income": _own("t1", "income_total"),
        "general": _own("t1", "general"),
    },
    cells=["total"],
    message="表7 {column}为 {left}，表3 {column}为 {right}，相差 {gap}",
    hint="全部收入都是一般公共预算拨款的，表7 与表3 必须相等，请核对",
)
def functional_equals_table_3(t7: FormTable) -> list[Offence]:
    """没有其他资金（表1 收入总计全部是一般公共预算拨款）时，表7 与表3 相等。问题标在表7 的第一行。

    | record | unit | total | t3_total | units | income | general |     |
    | 1      | 甲局 | 1307  | 1307     | 1     | 1307   | 1307    | ok  |
    | 2      | 甲局 | 1307  | 1310     | 1     | 1307   | 1307    | bad |
    | 3      | 甲局 | 1307  | 1310     | 1     | 1310   | 1307    | ok  |
    """
    only = pl.col("income") == pl.col("general")
    return _tops_equal(t7, "t3_", pl.col("units"), only)
