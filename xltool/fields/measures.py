"""What rules measure of texts and dates, as polars expressions of columns (docs/domain.md §0.4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import polars as pl

from xltool.fields.distinct import distinct
from xltool.prose.text import CJK, CLOSING, SPACES


def judged(
    function: Callable[..., str | None],
    *columns: str,
    meaning: Callable[..., Any] | None = None,
    where: pl.Expr | None = None,
) -> pl.Expr:
    """Return what a Python function says of some text columns: a String column, null where it says None.

    It is called once for each distinct row, with one `str | None` for each column; with `where`, only
    for rows on which that is true. With a `meaning`, that is called with the columns instead, and
    `function` with what it returns, unless that is None: functions that share a `meaning` share its
    work. The same function is not asked again about the same columns, so both must be pure.
    """

    def judge(rows: pl.Series) -> pl.Series:
        return distinct(rows).said(function, meaning).alias(rows.name)

    asked = pl.struct(*columns)
    if where is not None:
        asked = pl.when(where).then(asked)
    return asked.map_batches(judge, return_dtype=pl.String(), is_elementwise=True)


def year(column: str) -> pl.Expr:
    """Return the calendar year of a date column, as Int32."""
    return pl.col(column).dt.year()


def length(column: str) -> pl.Expr:
    """Return the length of a text column in 字, UInt32: without outer spaces and line breaks."""
    return _bare(column).str.len_chars()


def gbk_length(column: str) -> pl.Expr:
    """Return the bytes of a text column in a Chinese database.

    A full-width character counts 2, an ASCII one 1 (docs/domain.md §8.3), a rare one 4.
    """
    bare = _bare(column)
    ascii_ones = bare.str.count_matches(r"[\x00-\x7f]")
    rare_ones = bare.str.count_matches(r"[\x{10000}-\x{10ffff}]")
    return bare.str.len_chars() * 2 - ascii_ones + rare_ones * 2


def normalised(column: str) -> pl.Expr:
    """Return the text under which two cells are equal: `text.normalise` for a column (docs/domain.md §0.4)."""
    return _once(_normalised, column)


def name_key(column: str) -> pl.Expr:
    """Return the key under which names of units and projects are equal: `text.name_key` for a column."""
    return _once(name_key_of, column)


def _once(measure: Callable[[pl.Expr], pl.Expr], column: str) -> pl.Expr:
    """A measure of a text column, taken once for all rules that use it."""

    def take(rows: pl.Series) -> pl.Series:
        return distinct(rows).measured(measure).alias(rows.name)

    return pl.struct(column).map_batches(take, return_dtype=pl.String(), is_elementwise=True)


def some_of(names: pl.Expr, group: pl.Expr | Iterable[str], what: str, most: int = 10) -> pl.Expr:
    """Return the names of a group in one text, on each of its rows: the first few, and how many there are.

    `what` is what they are names of, such as 单位. A name that a thousand rows share must not be a
    thousand names on each of them.
    """
    listed = names.head(most).str.join("、")
    more = (
        pl.when(names.len() > most)
        .then(pl.format(f"等 {{}} 个{what}", names.len()))
        .otherwise(pl.lit(""))
    )
    return (listed + more).over(group)


def _normalised(text: pl.Expr) -> pl.Expr:
    has_space = text.str.contains(_rust(SPACES))  # few texts have
    return pl.when(has_space).then(_without_odd_spaces(text)).otherwise(text)


def _without_odd_spaces(text: pl.Expr) -> pl.Expr:
    spaced = text.str.replace_all(f"{_rust(SPACES)}+", " ").str.strip_chars(" ")
    gap = f"({_rust(CJK)}) ({_rust(CJK)})"  # twice: matches may not overlap
    joined = spaced.str.replace_all(gap, "$1$2").str.replace_all(gap, "$1$2")
    return joined.str.replace_all(f" ({CLOSING})", "$1")


def name_key_of(text: pl.Expr) -> pl.Expr:
    """Return the `name_key` of a text that is no column."""
    is_odd = text.str.contains(f"{_rust(SPACES)}|[（）“”：]")  # few texts are
    return pl.when(is_odd).then(_narrowed(text)).otherwise(text)


def _narrowed(text: pl.Expr) -> pl.Expr:
    bare = text.str.replace_all(f"{_rust(SPACES)}+", "")
    for wide, narrow in (("（", "("), ("）", ")"), ("“", '"'), ("”", '"'), ("：", ":")):
        bare = bare.str.replace_all(wide, narrow, literal=True)
    return bare


def _rust(pattern: str) -> str:
    r"""A character class as polars writes it: ``\u3000`` is ``\u{3000}`` there."""
    return re.sub(r"\\[ux]([0-9a-f]{2,4})", r"\\u{\1}", pattern)


def _bare(column: str) -> pl.Expr:
    return (
        pl.col(column).str.strip_chars(" \t\n\u00a0\u3000").str.replace_all("\n", "", literal=True)
    )
