"""The functions and signs of the language: what each is in polars, in Excel, on plain values, in words.

`year(x)`, `round(x, 2)`, `sum(task.amount)` (over the record's rows of another table),
`filled(x)` (something stands there, readable or not), `given(x)` (and not 无 or 不适用),
`says(x, "无", "/")` (one of these words, as texts are compared), `listed(x, "是", "否")` (one of these, to
the letter), `fits(x, 40)` (a text of at most so many 字), `digits(x, 21)` (a code of so many digits),
`part(x, 7, 2)` (two digits of it from the 7th on, as a number), `acceptable(x)` (what stands there is of
the field's kind and within its bounds).

In Excel nothing is an AND or OR: a formula over whole columns must keep its rows apart.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

import polars as pl

from xltool.fields import cell_formulas, measures
from xltool.fields.field import Field
from xltool.language import comparing
from xltool.language.nodes import Column, Name, Node
from xltool.prose.nothing import NOTHING_GIVEN, PUNCTUATION
from xltool.prose.text import length, normalise


@dataclass(frozen=True)
class Cell:
    """A cell, or a column of cells, as formulas write it; of a field as its kind reads it."""

    address: str
    field: Field | None = None

    @cached_property
    def value(self) -> str:
        """The formula of its value."""
        return self.field.kind.value(self.address, self.field) if self.field else self.address

    @cached_property
    def filled(self) -> str:
        """The formula that is true where something stands there."""
        if self.field is None:
            return f"(LEN({self.address})>0)"
        return self.field.kind.filled(self.address, self.field)

    @cached_property
    def usable(self) -> str:
        """The formula that is true where its value can be used."""
        return self.field.kind.usable(self.address, self.field) if self.field else self.filled

    @cached_property
    def acceptable(self) -> str:
        """The formula that is true where its value is within the bounds of the field."""
        return self.field.kind.acceptable(self.address, self.field) if self.field else self.filled


@dataclass(frozen=True, slots=True)
class Content:
    """What a statement sees in one cell.

    `value` is None where nothing stands there, or nothing that formulas can use: then `typed` says
    what does. `acceptable`: the value is within the bounds of the field.
    """

    value: Any = None
    typed: str = ""
    acceptable: bool = True

    @property
    def is_filled(self) -> bool:
        """True where something stands there, readable or not."""
        return self.value is not None or self.typed != ""

    @property
    def text(self) -> str:
        """What stands there, as text."""
        return self.typed if self.value is None else str(self.value)


@dataclass(frozen=True, slots=True)
class Function:
    """One function: how each backend writes it. Its first argument is given, then the constants.

    `polars` takes and returns expressions. A function about a cell (`of` is `Name`) takes a `Cell` in
    `excel` and a `Content` in `values`; any other takes what those backends made of its argument.
    `words` takes the argument in words. `about_blanks`: it says something of a blank cell, too.
    """

    polars: Callable[..., pl.Expr]
    excel: Callable[..., str]
    values: Callable[..., Any]
    words: Callable[..., str]
    of: type | None = Name  # None: any node
    constants: tuple[type, ...] = ()
    any_number: bool = False  # of constants of the one type
    about_blanks: bool = False

    @property
    def is_about_a_cell(self) -> bool:
        """True if its argument is a field of the row and not a value."""
        return self.of is Name

    def accepts(self, argument: Node, constants: tuple[int | str, ...]) -> bool:
        """Return whether it can be called so."""
        expected = self.constants * (len(constants) if self.any_number else 1)
        fits = self.of is None or isinstance(argument, self.of)
        return fits and [type(constant) for constant in constants] == [*expected]


# -- polars ------------------------------------------------------------------------------------------


def _name(column: pl.Expr) -> str:
    return column.meta.output_name()


def _given_in_polars(column: pl.Expr) -> pl.Expr:
    bare = column.str.replace_all(f"[{PUNCTUATION}]", "").str.strip_chars()
    return column.is_not_null() & ~bare.is_in(NOTHING_GIVEN).fill_null(False)


def _rounded_in_polars(column: pl.Expr, places: int) -> pl.Expr:
    """四舍五入, not banker's rounding (docs/domain.md §0.2)."""
    return column.round(places, mode="half_away_from_zero").cast(pl.Decimal(38, places))


def _quotient_in_polars(left: Any, right: Any) -> pl.Expr:
    """Null where polars would refuse to divide by 0.

    16 decimals: enough for 四舍五入 to 2 places to be exact for any amount of money in 元.
    """
    above = left if isinstance(left, pl.Expr) else pl.lit(left)
    return above.cast(pl.Decimal(38, 16)) / pl.when(right != 0).then(right)


def _product_in_polars(left: Any, right: Any) -> pl.Expr:
    """With 6 decimals: polars would round the product to the decimals of its factors, and not 四舍五入."""
    if isinstance(left, pl.Expr) and isinstance(right, pl.Expr):
        left = left.cast(pl.Decimal(38, 6))
    product: pl.Expr = left * right
    return product


# -- plain values ------------------------------------------------------------------------------------


def _is_given(content: Content) -> bool:
    bare = re.sub(f"[{PUNCTUATION}]", "", content.text).strip()
    return content.is_filled and bare not in NOTHING_GIVEN


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _year(day: date) -> int:
    return day.year


# -- the table ---------------------------------------------------------------------------------------

COMPARED = (
    "compared with"  # a comparison in the condition of a sum: nobody can write it as a function
)

FUNCTIONS: Mapping[str, Function] = {
    "year": Function(
        polars=lambda column: column.dt.year(),
        excel=lambda value: f"YEAR({value})",
        values=_year,
        words=lambda word: f"{word}的年份",
        of=None,
    ),
    "sum": Function(
        polars=lambda column: column,
        excel=lambda value: f"SUM({value})",
        values=lambda value: value,
        words=lambda word: f"各行{word}之和",
        of=Column,
    ),
    "round": Function(
        polars=_rounded_in_polars,
        excel=lambda value, places: f"ROUND({value},{places})",
        values=_rounded,
        words=lambda word, _: f"四舍五入（{word}）",
        of=None,
        constants=(int,),
    ),
    "filled": Function(
        polars=lambda column: column.is_not_null(),
        excel=lambda cell: cell.filled,
        values=lambda content: content.is_filled,
        words=lambda word: f"{word}已填写",
        about_blanks=True,
    ),
    "given": Function(
        polars=_given_in_polars,
        excel=lambda cell: (
            f"{cell.filled}*NOT("
            f"{cell_formulas.is_one_of(cell_formulas.without(cell.value, PUNCTUATION), NOTHING_GIVEN)})"
        ),
        values=_is_given,
        words=lambda word: f"{word}已填写",
        about_blanks=True,
    ),
    "says": Function(
        polars=lambda column, *words: (
            measures.normalised(_name(column)).is_in(words).fill_null(False)
        ),
        excel=lambda cell, *words: cell_formulas.says(cell.value, words),
        values=lambda content, *words: content.is_filled and normalise(content.text) in words,
        words=lambda word, *words: f"{word}是{'、'.join(f'“{text}”' for text in words)}",
        constants=(str,),
        any_number=True,
        about_blanks=True,
    ),
    "listed": Function(
        polars=lambda column, *words: column.is_in(words).fill_null(False),
        excel=lambda cell, *words: cell_formulas.is_one_of(cell.value, words),
        values=lambda content, *words: content.text in words,
        words=lambda word, *_: f"{word}是可选项中的值",
        constants=(str,),
        any_number=True,
        about_blanks=True,
    ),
    "fits": Function(
        polars=lambda column, limit: measures.length(_name(column)) <= limit,
        excel=lambda cell, limit: f"{cell_formulas.length(cell.address)}<={limit}",
        values=lambda content, limit: length(content.text) <= limit,
        words=lambda word, limit: f"{word}不超过 {limit} 字",
        constants=(int,),
        about_blanks=True,
    ),
    "digits": Function(
        polars=lambda column, count: column.str.contains(f"^[0-9]{{{count}}}$"),
        excel=lambda cell, count: cell_formulas.is_code(cell.value, count),
        values=lambda content, count: (
            re.fullmatch(f"[0-9]{{{count}}}", content.text, re.ASCII) is not None
        ),
        words=lambda word, _: f"{word}是规定位数的数字",
        constants=(int,),
    ),
    "part": Function(
        polars=lambda column, first, count: column.str.slice(first - 1, count).cast(
            pl.Int64, strict=False
        ),
        excel=lambda cell, first, count: cell_formulas.code_part(cell.value, first, count),
        values=lambda content, first, count: int(content.text[first - 1 : first - 1 + count]),
        words=lambda word, first, count: f"{word}第 {first}–{first + count - 1} 位",
        constants=(int, int),
    ),
    COMPARED: Function(
        polars=comparing.in_polars,
        excel=comparing.in_excel,
        values=comparing.on_content,
        words=comparing.in_words,
    ),
    "acceptable": Function(
        polars=lambda column: column.is_not_null(),
        excel=lambda cell: cell.acceptable,
        values=lambda content: content.value is not None and content.acceptable,
        words=lambda word: f"{word}符合栏目的要求",
        about_blanks=True,
    ),
}
FOR_AUTHORS = tuple(name for name in FUNCTIONS if name != COMPARED)
ABOUT_BLANKS = frozenset(name for name, function in FUNCTIONS.items() if function.about_blanks)


@dataclass(frozen=True, slots=True)
class Operator:
    """A sign between two sides: how each backend writes it."""

    polars: Callable[[Any, Any], Any]
    excel: str
    values: Callable[[Any, Any], Any]
    words: str


def _same(function: Callable[[Any, Any], Any], excel: str, words: str) -> Operator:
    """An operator that polars and Python spell alike."""
    return Operator(function, excel, function, words)


OPERATORS: Mapping[str, Operator] = {
    "+": _same(operator.add, "+", " ＋ "),
    "-": _same(operator.sub, "-", " － "),
    "*": Operator(_product_in_polars, "*", operator.mul, " × "),
    "/": Operator(_quotient_in_polars, "/", operator.truediv, " ÷ "),
    "==": _same(operator.eq, "=", " ＝ "),
    "!=": _same(operator.ne, "<>", " ≠ "),
    "<=": _same(operator.le, "<=", " ≤ "),
    ">=": _same(operator.ge, ">=", " ≥ "),
    "<": _same(operator.lt, "<", " ＜ "),
    ">": _same(operator.gt, ">", " ＞ "),
}
