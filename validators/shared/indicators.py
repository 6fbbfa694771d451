"""指标行：几张表共有的字段和规则（docs/domain.md §1.1、§1.2、§10.4）。"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import and_, or_

import polars as pl

from xltool.fields.measures import judged, name_key, normalised
from xltool.language.claims import Claim
from xltool.language.row_claims import SomeRow, WholeRow
from xltool.prose.nothing import MEANT, NOT_APPLICABLE, NOT_APPLICABLE_WORDS
from xltool.prose.writing_flaws import NOTHING_BEGINS, placeholder
from xltool.rules import FormTable, Offence, rule

# Good target values, for prompts and 填报说明; a test holds them against the rules.
TARGET_EXAMPLES = ("≥95%", "20次", "≤3天", "≤32万元", "12月31日前")


def one_set(indicator: FormTable) -> tuple[str, ...]:
    """The columns that make a set of indicators: one project, in one period where there are two."""
    return ("workbook", "record", *(("period",) if "period" in indicator.fields else ()))


def group(indicator: FormTable) -> tuple[str, ...]:
    """The columns that make a group: one 二级指标 of one set."""
    return (*one_set(indicator), "lv1", "lv2")


# what makes no other name of a name: its number before it, empty brackets and punctuation behind it
_NUMBERED = r"^(?:[(]?\d{1,2}[)、．]|\d{1,2}\.(?P<digit>\D))"
_CLOSING = r"(?:\(\)|\[\]|【】|\"\"|[。．.；;，,、：:！!…])+$"


def same_name(name: str) -> pl.Expr:
    """The key under which two names on indicator rows are the same: 培训次数 and 培训次数（）。."""
    bare = name_key(name).str.replace(_NUMBERED, "${digit}").str.replace(_CLOSING, "")
    return pl.when(bare != "").then(bare)


def row_inputs(indicator: FormTable) -> list[str]:
    """The cells of a row that the unit fills: name, value and, where the form has it, a note."""
    return [name for name in ("lv3", "target", "note") if name in indicator.fields]


def is_not_applicable(name: str) -> pl.Expr:
    """True where the cell says 不适用."""
    return normalised(name) == NOT_APPLICABLE


def is_written(name: str) -> pl.Expr:
    """True but where a word stands for a text still to be written: 略, 待定."""
    likely = pl.col(name).str.contains(NOTHING_BEGINS)  # most texts need not be looked at
    return judged(placeholder, name, where=likely).is_null()


def is_marked_row(indicator: FormTable) -> pl.Expr:
    """True where the whole row says 不适用, also in other words (IND-003)."""
    marks = [
        normalised(name).is_in(NOT_APPLICABLE_WORDS).fill_null(False)
        for name in row_inputs(indicator)
    ]
    return reduce(and_, marks)


def text_of_marked_row(indicator: FormTable) -> str:
    """The condition of a `Claim` that the whole row says 不适用, also in other words."""
    words = ", ".join(f'"{word}"' for word in NOT_APPLICABLE_WORDS)
    return " and ".join(f"says({name}, {words})" for name in row_inputs(indicator))


def text_of_real_row(indicator: FormTable) -> str:
    """The condition of a `Claim` that something other than 不适用 stands in the row."""
    filled = " or ".join(f"filled({name})" for name in row_inputs(indicator))
    return f"({filled}) and not ({text_of_marked_row(indicator)})"


live_marks, live_real = text_of_marked_row, text_of_real_row  # their names in earlier versions


def needed_row(
    indicator: FormTable, words: str, levels: Iterable[str], *, each: bool = False
) -> SomeRow:
    """Return the statement that these 二级指标 have a real row among them, or `each` of them has one."""
    names = tuple(row_inputs(indicator))
    return SomeRow(words, names, NOT_APPLICABLE_WORDS, frozenset(levels), each_level=each)


def is_real_row(indicator: FormTable) -> pl.Expr:
    """True where something other than 不适用 stands in the row.

    A row that is partly filled or partly 不适用 counts: it has its own finding (IND-002, IND-004).
    """
    used = reduce(or_, [pl.col(name).is_not_null() for name in row_inputs(indicator)])
    return used & ~is_marked_row(indicator)


def group_is_empty(indicator: FormTable) -> pl.Expr:
    """True where the 二级指标 of this project has no real row at all."""
    return ~is_real_row(indicator).any().over(group(indicator))


def _first_where(names: list[str], conditions: list[pl.Expr]) -> pl.Expr:
    """The name of the first field whose condition holds."""
    choices = [
        pl.when(condition).then(pl.lit(name))
        for name, condition in zip(names, conditions, strict=True)
    ]
    return pl.coalesce(choices)


def first_of_group(indicator: FormTable) -> pl.Expr:
    """True on the first row of each 二级指标 of each project: where a finding about it belongs."""
    return pl.col("row") == pl.col("row").min().over(group(indicator))


@rule(
    "IND-002",
    on="indicator",
    cells=["lv3", "target", "note"],
    message="同一行里有的填“不适用”，有的填了内容",
    hint="不适用的，整行都填“不适用”；适用的，整行都填具体内容",
)
def partly_not_applicable(indicator: FormTable) -> Offence:
    """“不适用”要么整行都填，要么整行都不填。

    | lv3      | target | note           |     |
    | 不适用   | 不适用 | 不适用         | ok  |
    | 培训次数 | ≥2次   | 反映培训情况   | ok  |
    | 不适用   | ≥2次   | 不适用         | bad |
    """
    names = row_inputs(indicator)
    marks = [is_not_applicable(name) for name in names]
    # the finding stands at the odd one out: the single 不适用, else the first cell that is none
    single = pl.sum_horizontal(*marks) == 1
    chosen = [(mark == single) for mark in marks]
    same = _all_or_none(indicator)
    return Offence(same.offends(), at=_first_where(names, chosen), live=[same])


def _all_or_none(indicator: FormTable) -> Claim:
    """Return the statement of IND-002; a blank cell is no content."""
    names = row_inputs(indicator)
    marked = " or ".join(f'says({name}, "{NOT_APPLICABLE}")' for name in names)
    words = ", ".join(f'"{word}"' for word in NOT_APPLICABLE_WORDS)
    content = " or ".join(f"filled({name}) and not says({name}, {words})" for name in names)
    said = "“不适用”整行都填，或者整行都不填"
    return Claim(f"not ({content})", when=marked, said=said)


@rule(
    "IND-003",
    on="indicator",
    cells=["lv3", "target", "note"],
    severity="warning",
    message="{written}应写作“不适用”",
    hint="请统一填“不适用”",
)
def written_otherwise(indicator: FormTable) -> Offence:
    """整行都不适用的，请统一写“不适用”，不要写“不适合”“无”“/”等。

    | lv3      | target | note         |     |
    | 不适用   | 不适用 | 不适用       | ok  |
    | 不适用   | 不适合 | 不适用       | bad |
    | /        | /      | /            | bad |
    | 培训次数 | ≥2次   | 无           | ok  |
    """
    names = row_inputs(indicator)
    others = [normalised(name).is_in(MEANT) for name in names]
    at = _first_where(names, others)
    words = [
        pl.when(other).then(pl.format("“{}”", pl.col(name)))
        for name, other in zip(names, others, strict=True)
    ]
    odd = is_marked_row(indicator) & reduce(or_, others)
    return Offence(odd, {"written": pl.coalesce(words)}, at=at)


@rule(
    "IND-004",
    on="indicator",
    cells=["lv3", "target", "note"],
    message="这一行指标没有填完整：缺{missing}",
    hint="请补全；这一行不需要的，请整行清空",
)
def partly_filled(indicator: FormTable) -> Offence:
    """填了的指标行，各栏都要填；整行空白的行不算。

    | lv3      | target | note         |     |
    | 培训次数 | ≥2次   | 反映培训情况 | ok  |
    | 培训次数 |        | 反映培训情况 | bad |
    """
    names = row_inputs(indicator)
    blanks = [pl.col(name).is_null() & ~pl.col("unreadable").list.contains(name) for name in names]
    labels = [
        pl.when(blank).then(pl.lit(f"、{indicator.fields[name].short_label}")).otherwise(pl.lit(""))
        for name, blank in zip(names, blanks, strict=True)
    ]
    missing = pl.concat_str(labels).str.strip_prefix("、")
    whole = WholeRow("填了的行各栏都填完整", tuple(names))
    bad, at = whole.offends(indicator.fields), _first_where(names, blanks)
    return Offence(bad, {"missing": missing}, at, live=[whole])


@rule(
    "IND-005",
    on="indicator",
    cells=["lv2", "lv1"],
    message="二级指标“{lv2}”不属于一级指标“{lv1}”",
    hint="请按表中列出的对应关系填写",
)
def pair_not_in_catalogue(indicator: FormTable) -> pl.Expr:
    """一级指标与二级指标的搭配必须是本表列出的。

    框架里根本没有的指标由 TPL-011 指出，这里只看搭配。

    | lv1      | lv2               |     |
    | 产出指标 | *数量指标         | ok  |
    | 效益指标 | *数量指标         | bad |
    """
    pairs = {(lv1, lv2) for lv1, lv2, _ in indicator.catalogue}
    known1, known2 = {a for a, _ in pairs}, {b for _, b in pairs}
    key = pl.concat_str("lv1", pl.lit("\x1f"), "lv2")
    listed = key.is_in([f"{a}\x1f{b}" for a, b in sorted(pairs)])
    return pl.col("lv1").is_in(sorted(known1)) & pl.col("lv2").is_in(sorted(known2)) & ~listed


@rule(
    "IND-007",
    on="indicator",
    cells=["lv3"],
    message="{lv3.label}“{lv3}”在“{lv2}”中重复",
    hint="请合并或改名，同一二级指标下的名称不能相同",
)
def duplicate_indicator(indicator: FormTable) -> pl.Expr:
    """同一项目、同一二级指标下，指标名称不能重复。

    名称前的序号，末尾的标点和空括号，空格和全角半角括号，都不算区别。

    | lv2       | lv3            |     |
    | *数量指标 | 培训次数       | bad |
    | *数量指标 | 培训次数       | bad |
    | *质量指标 | 培训次数       | ok  |
    | *时效指标 | 不适用         | ok  |
    | *时效指标 | 不适用         | ok  |
    | *成本指标 | 培训总成本     | bad |
    | *成本指标 | 培训总成本。   | bad |
    | 经济效益  | 节约资金（）   | bad |
    | 经济效益  | 节约资金       | bad |
    | 社会效益  | 1.服务群众人数 | bad |
    | 社会效益  | 2、服务群众人数；| bad |
    | 生态效益  | 植树棵数（春） | ok  |
    | 生态效益  | 植树棵数（秋） | ok  |
    | 可持续    | 3.5万吨水厂    | ok  |
    | 可持续    | 5万吨水厂      | ok  |
    | 其他      | 不便填写       | ok  |
    | 其他      | 不便填写       | ok  |
    """
    key = same_name("lv3")
    repeated = key.len().over(*group(indicator), key) > 1
    named = pl.col("lv3").is_not_null() & ~is_not_applicable("lv3")
    written = is_written("lv3")  # 不便填写 is no name: TXT-007 speaks of it
    return repeated & named & written & ~is_marked_row(indicator)
