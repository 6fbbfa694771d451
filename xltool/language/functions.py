"""The functions of equations and claims: each of a value or a column, in an Excel formula, in words.

`year(x)`, `round(x, 2)`, `sum(task.amount)` (over the record's rows of another table; its column is
named `task.amount`), `filled(x)` (something is written there), `given(x)` (and not 无 or 不适用),
`says(x, "无", "/")` (one of these words, as texts are compared), `digits(x, 21)` (a code of so many
digits), `part(x, 7, 2)` (two digits of it from the 7th on, as a number).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl

from xltool.fields import cell_formulas
from xltool.fields.measures import normalised
from xltool.prose.text import normalise

# what units write where there is nothing, perhaps with one of the marks
NOTHING = ["无", "暂无", "没有", "不适用", "/", "—", "-"]
MARKS = "。.；;"


@dataclass(frozen=True, slots=True)
class Function:
    """One function. The first argument is a node `of` this kind, the others are constants.

    `value` takes the first argument's value or column, `excel` the formulas of its value and of
    whether something is there, `words` its words; each takes the constants too.
    """

    value: Callable[..., Any]
    excel: Callable[..., str]
    words: Callable[..., str]
    of: type[ast.expr] = ast.Name
    constants: tuple[type, ...] = ()
    any_number: bool = False  # of constants of the one type

    def accepts(self, first: ast.expr, constants: list[Any]) -> bool:
        """True if it can be called so."""
        expected = self.constants * (len(constants) if self.any_number else 1)
        return isinstance(first, self.of) and [type(c) for c in constants] == [*expected]


def _year(value: Any) -> Any:
    return value.year if isinstance(value, date) else value.dt.year()


def _rounded(value: Any, places: int) -> Any:
    """四舍五入, not banker's rounding (docs/domain.md §0.2)."""
    if isinstance(value, Decimal):
        return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return value.round(places, mode="half_away_from_zero").cast(pl.Decimal(38, places))


def _filled(value: Any) -> Any:
    return value.is_not_null() if isinstance(value, pl.Expr) else value is not None


def _given(value: Any) -> Any:
    """True where something is written that is not one of the words for nothing."""
    if isinstance(value, pl.Expr):
        bare = value.str.replace_all(f"[{MARKS}]", "").str.strip_chars()
        return value.is_not_null() & ~bare.is_in(NOTHING).fill_null(False)
    return value is not None and re.sub(f"[{MARKS}]", "", str(value)).strip() not in NOTHING


def _given_in_excel(value: str, filled: str) -> str:
    return f"{filled}*NOT({cell_formulas.is_one_of(cell_formulas.without(value, MARKS), NOTHING)})"


def _says(value: Any, *words: str) -> Any:
    if isinstance(value, pl.Expr):
        return normalised(value.meta.output_name()).is_in(words).fill_null(False)
    return value is not None and normalise(str(value)) in words


def _is_code(value: Any, digits: int) -> Any:
    pattern = f"^[0-9]{{{digits}}}$"
    if isinstance(value, pl.Expr):
        return value.str.contains(pattern)
    return re.fullmatch(pattern, str(value)) is not None


def _part(value: Any, first: int, count: int) -> Any:
    if isinstance(value, pl.Expr):
        return value.str.slice(first - 1, count).cast(pl.Int64, strict=False)
    return int(str(value)[first - 1 : first - 1 + count])


FUNCTIONS: Mapping[str, Function] = {
    "year": Function(
        _year, lambda value, _: f"YEAR({value})", lambda word: f"{word}的年份", of=ast.expr
    ),
    "sum": Function(
        lambda value: value,
        lambda value, _: f"SUM({value})",
        lambda word: f"各行{word}之和",
        of=ast.Attribute,
    ),
    "round": Function(
        _rounded,
        lambda value, _, places: f"ROUND({value},{places})",
        lambda word, _: f"四舍五入（{word}）",
        of=ast.expr,
        constants=(int,),
    ),
    "filled": Function(_filled, lambda _, filled: filled, lambda word: f"{word}已填写"),
    "given": Function(_given, _given_in_excel, lambda word: f"{word}已填写"),
    "says": Function(
        _says,
        lambda value, _, *words: cell_formulas.says(value, words),
        lambda word, *words: f"{word}是{'、'.join(f'“{text}”' for text in words)}",
        constants=(str,),
        any_number=True,
    ),
    "digits": Function(
        _is_code,
        lambda value, _, count: cell_formulas.is_code(value, count),
        lambda word, _: f"{word}是规定位数的数字",
        constants=(int,),
    ),
    "part": Function(
        _part,
        lambda value, _, first, count: cell_formulas.code_part(value, first, count),
        lambda word, first, count: f"{word}第 {first}–{first + count - 1} 位",
        constants=(int, int),
    ),
}
