"""部门预算各表的名称、编码和注（docs/domain.md §10.8）：科目编码、科目名称、单位名称、“三公”科目、无发生额。"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import polars as pl
from xltool.validators.shared.budget_tables import (
    HALF,
    RECORD,
    WHOLE,
    WITH_DEPARTMENT,
    department_row,
    depth,
    heading,
    section,
    subject_key,
    sum_within,
)

from xltool.fields.measures import name_key, name_key_of
from xltool.prose.text import name_key as key_of
from xltool.rules import FormTable, Lookup, Offence, at_most, rule

_LISTS = Path(__file__).parent / "lists"
ECONOMIC = "部门预算支出经济分类科目.csv"
FUNCTIONAL = "支出功能分类科目.csv"
_ALSO = ("t3", "t4", "t7", "t10", "t11")


@cache
def subjects(file: str) -> dict[str, str]:
    """科目编码 → 科目名称 of a list in `validators/lists`."""
    with (_LISTS / file).open(encoding="utf-8", newline="") as lines:
        return {row["科目编码"]: row["科目名称"] for row in csv.DictReader(lines)}


def _official(table: FormTable) -> pl.Expr:
    """The name that the list has for the code; null for a code that it does not know."""
    known = subjects(ECONOMIC if table.name == "t8" else FUNCTIONAL)
    return pl.col("code").replace_strict(known, default=None, return_dtype=pl.String)


def _named_otherwise(table: FormTable) -> pl.Expr:
    """True where the list has another name for the code."""
    known = subjects(ECONOMIC if table.name == "t8" else FUNCTIONAL)
    keys = {code: key_of(name) for code, name in known.items()}
    official = pl.col("code").replace_strict(keys, default=None, return_dtype=pl.String)
    return official != subject_key()


_ITEMS = {
    "30212": ("abroad", "因公出国(境)费"),
    "30217": ("reception", "公务接待费"),
    "30231": ("vehicle_run", "公务用车运行维护费"),
    "31013": ("vehicle_buy", "公务用车购置费"),
}
_THIS_YEAR = pl.col("year").str.starts_with(pl.col("fy").cast(pl.String))


@rule(
    "BD-012",
    on="t8",
    using={
        name: Lookup("t9", pl.col(name).filter(_THIS_YEAR).sum(), WHOLE)
        for name, _ in _ITEMS.values()
    },
    cells=["total"],
    message="{code}“{name}”合计为 {left}，大于表9 本年{item} {right}",
    hint="一般公共预算安排的“三公”科目不能大于表9 的相应项目，请核对两张表",
)
def subject_within_three_public(t8: FormTable) -> Offence:
    """表8 中 30212、30217、30231、31013 四个科目不大于表9 本年的因公出国（境）、公务接待、用车运行、用车购置。

    编码与名称不符的（BD-014）不比较。

    | code  | name               | total | abroad | reception | vehicle_run | vehicle_buy |     |
    | 30217 | 公务接待费         | 2     | 0      | 2         | 4           | 0           | ok  |
    | 30231 | 公务用车运行维护费 | 5     | 0      | 2         | 4           | 0           | ok  |
    | 30212 | 因公出国（境）费用 | 6     | 4      | 2         | 4           | 0           | bad |
    | 31013 | 公务用车购置       | 18    | 4      | 2         | 4           | 0           | bad |
    """
    code = pl.col("code")
    total, count = sum_within("total", code.is_not_null(), code)
    first = pl.col("row") == pl.col("row").min().over(*RECORD, code)
    limit = pl.coalesce([pl.when(code == c).then(pl.col(n)) for c, (n, _) in _ITEMS.items()])
    item = pl.coalesce([pl.when(code == c).then(pl.lit(w)) for c, (_, w) in _ITEMS.items()])
    found = at_most(total, limit, HALF, count)
    counts = first & ~_named_otherwise(t8)
    rounds = None if found.rounds is None else found.rounds & counts
    return Offence(found.bad & counts, {**found.details, "item": item}, rounds=rounds)


@rule(
    "BD-013",
    on="t8",
    also=_ALSO,
    cells=["code"],
    message="科目编码 {code}（{name}）重复，上面已有“{other}”",
    hint="同一单位的一张表里每个科目只列一行，请核对编码",
)
def code_is_repeated(t8: FormTable) -> Offence:
    """同一单位的一张表里，科目编码不能重复。

    | unit | code  | name       |     |
    | 甲站 |       |            | ok  |
    |      | 30209 | 物业管理费 | ok  |
    |      | 30209 | 差旅费     | bad |
    | 乙站 |       |            | ok  |
    |      | 30209 | 物业管理费 | ok  |
    """
    group = (*RECORD, section(), pl.col("code"))
    first = pl.col("row") == pl.col("row").min().over(group)
    other = pl.col("name").first().over(group)
    return Offence(pl.col("code").is_not_null() & ~first, {"other": other})


@rule(
    "BD-013",
    on="t8",
    also=_ALSO,
    cells=["code"],
    message="科目编码 {code} 排在 {before} 之后，顺序不对",
    hint="请按科目编码从小到大排列，款列在所属的类下面，项列在所属的款下面",
)
def code_is_out_of_order(t8: FormTable) -> Offence:
    """同一单位的一张表里，科目编码从小到大排列。

    | unit | code    |     |
    | 甲站 |         | ok  |
    |      | 201     | ok  |
    |      | 20136   | ok  |
    |      | 2013602 | ok  |
    |      | 2013601 | bad |
    |      | 204     | ok  |
    """
    before = pl.col("code").shift(1).forward_fill().over(*RECORD, section())
    return Offence(pl.col("code") < before, {"before": before})


@rule(
    "BD-013",
    on="t8",
    also=_ALSO,
    cells=["code"],
    message="科目编码“{code}”应为{allowed}位数字",
    hint="类 3 位、款 5 位、项 7 位（经济分类只到款），请核对",
)
def code_has_wrong_length(t8: FormTable) -> Offence:
    """科目编码是数字：类 3 位，款 5 位，功能分类的项 7 位。

    | code    |     |
    | 302     | ok  |
    | 30209   | ok  |
    | 3020    | bad |
    | 3020901 | bad |
    """
    lengths = ["3", "5"] if t8.name == "t8" else ["3", "5", "7"]
    whole = pl.col("code").str.contains(r"^\d+$")
    fits = whole & depth().cast(pl.String).is_in(lengths)
    return Offence(~fits, {"allowed": pl.lit("、".join(lengths))})


@rule(
    "BD-014",
    on="t8",
    also=_ALSO,
    cells=["name", "code"],
    message="科目 {code} 的名称应为“{official}”，现为“{name}”",
    hint="请核对编码和名称，可能是上下错了一行",
)
def name_differs_from_list(t8: FormTable) -> Offence:
    """科目编码与科目名称必须与科目表一致：表8 用部门预算支出经济分类，其余用支出功能分类。

    科目表里没有的编码不判断；全角、半角括号和空格不计较。

    | code  | name           |     |
    | 30209 | 物业管理费     | ok  |
    | 30213 | 维修(护)费     | ok  |
    | 30209 | 差旅费         | bad |
    | 30298 | 其他没有的科目 | ok  |
    """
    return Offence(_named_otherwise(t8), {"official": _official(t8)})


_UNIT_KEYS = Lookup("t3", name_key("unit").filter(heading()).implode(), pl.List(pl.String()))
_DEPARTMENT = Lookup("t7", pl.col("unit").filter(heading()).first(), pl.String())


@rule(
    "BD-015",
    on="t7",
    also=["t2", "t4", "t5", "t8", "t9", "t10", "t11"],
    using={"units": _UNIT_KEYS, "department": _DEPARTMENT},
    cells=["unit"],
    message="预算单位“{unit}”与其他表不同：{expected}",
    hint="部门和单位的名称在各张表中必须一致，请核对",
)
def unit_is_named_otherwise(t7: FormTable) -> Offence:
    """部门、单位的名称在各张表中相同。单位与表3 比，部门与名册比（没有名册的与表7 比）。

    空格和全角半角括号不计较。

    | record | unit   | units     | department | roster_department |     |
    | 1      | 甲局   | 甲站 乙站 | 甲局       | 甲局              | ok  |
    | 1      | 甲站   | 甲站 乙站 | 甲局       | 甲局              | ok  |
    | 1      | 乙 站  | 甲站 乙站 | 甲局       | 甲局              | ok  |
    | 2      | 甲局委 | 甲站      | 甲局委     | 甲局              | bad |
    | 2      | 甲站站 | 甲站      | 甲局委     | 甲局              | bad |
    """
    by = {"t2": None, "t5": "name", "t9": None}.get(t7.name, "code")
    units, office = pl.col("units"), pl.coalesce("roster_department", "department")
    is_department = department_row() if t7.name in WITH_DEPARTMENT else pl.lit(value=False)
    unlisted = heading(by) & ~is_department & ~units.list.contains(name_key("unit"))
    misnamed = is_department & (name_key("unit") != name_key_of(office))
    expected = pl.when(is_department).then(pl.format("部门应为“{}”", office))
    listed = pl.format("表3 中是“{}”", units.list.join("”“"))
    return Offence(unlisted | misnamed, {"expected": expected.otherwise(listed)})


_AMOUNTS = {
    "t9_head": ("t9", ("total", "abroad", "reception", "vehicle_buy", "vehicle_run")),
    "t10_head": ("t10", ("total", "basic", "project")),
    "t11_head": ("t11", ("total", "basic", "project")),
}
_NOTE = "本表本年无发生额"


def _turnover(names: tuple[str, ...]) -> pl.Expr:
    """The sum of everything in a table without regard to sign; null where nothing is filled."""
    values = pl.concat_list([pl.col(n).abs() for n in names]).explode().drop_nulls()
    return pl.when(values.len() > 0).then(values.sum())


_TURNOVER = {
    table: Lookup(table, _turnover(names), pl.Decimal(38, 0)) for table, names in _AMOUNTS.values()
}


def _turnover_of(table: FormTable) -> pl.Expr:
    return pl.col(_AMOUNTS[table.name][0])


def _says_nothing() -> pl.Expr:
    return pl.col("note").str.contains(_NOTE, literal=True).fill_null(value=False)


@rule(
    "BD-016",
    on="t10_head",
    also=["t9_head", "t11_head"],
    using=_TURNOVER,
    cells=["note"],
    message="本表金额全部为 0，没有注明“本表本年无发生额。”",
    hint="请在“注”中写明“本表本年无发生额。”",
)
def empty_table_without_note(t10_head: FormTable) -> pl.Expr:
    """金额全部为 0 的表要注明“本表本年无发生额。”。

    | note               | t10 | t9 | t11 |     |
    | 本表本年无发生额。 | 0   | 4  | 0   | ok  |
    |                    | 12  | 4  | 0   | ok  |
    |                    | 0   | 4  | 0   | bad |
    """
    return (_turnover_of(t10_head) == 0) & ~_says_nothing()


@rule(
    "BD-016",
    on="t10_head",
    also=["t9_head", "t11_head"],
    using=_TURNOVER,
    cells=["note"],
    message="注明了“本表本年无发生额”，表中却有金额",
    hint="请核对：有金额的删去这句注，没有的把金额改为 0",
)
def note_without_empty_table(t10_head: FormTable) -> pl.Expr:
    """注明“本表本年无发生额”的表，金额必须全部为 0。

    | note               | t10 | t9 | t11 |     |
    | 本表本年无发生额。 | 0   | 4  | 0   | ok  |
    | 无。               | 12  | 4  | 0   | ok  |
    | 本表本年无发生额。 | 12  | 4  | 0   | bad |
    """
    return (_turnover_of(t10_head) > 0) & _says_nothing()
