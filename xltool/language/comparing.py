"""A field compared with a text or a number in the condition of a sum: as polars, formula, value and words.

A comparison with a blank cell, or with one that holds something else than it should, does not hold. Texts
are the same to the letter. The formula has no IF: inside SUMPRODUCT, Excel would take of an IF one value for
all rows.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from xltool.fields.cell_formulas import literal

if TYPE_CHECKING:
    from xltool.language.functions import Cell, Content

Value = int | str

_SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_IN_EXCEL = {"==": "=", "!=": "<>"}
_OF_TEXTS = {"==": "为", "!=": "不为"}
_OF_NUMBERS = {"==": " ＝ ", "!=": " ≠ ", "<=": " ≤ ", ">=": " ≥ ", "<": " ＜ ", ">": " ＞ "}
_MIRRORED = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}


def compares(sign: str, value: Value) -> bool:
    """Return whether a field can be compared so: texts are equal or not, numbers larger too."""
    return sign in (_SIGNS if isinstance(value, int) else _OF_TEXTS)


def mirrored(sign: str) -> str:
    """Return the sign that says the same with the sides exchanged."""
    return _MIRRORED.get(sign, sign)


def in_polars(column: pl.Expr, sign: str, value: Value) -> pl.Expr:
    """Return the expression that is True where it holds, else False."""
    found: pl.Expr = _SIGNS[sign](column, value).fill_null(value=False)
    return found


def in_excel(cell: Cell, sign: str, value: Value) -> str:
    """Return the formula that is 1 where it holds, else 0."""
    if isinstance(value, int):
        compared = f"{cell.address}{_IN_EXCEL.get(sign, sign)}{value}"
        return f"(ISNUMBER({cell.address})*({compared}))"
    same = f"EXACT({cell.value},{literal(value)})"
    return f"({same}*1)" if sign == "==" else f"({cell.filled}*(1-{same}))"


def on_content(content: Content, sign: str, value: Value) -> bool:
    """Return whether it holds of what stands in a cell."""
    return content.value is not None and bool(_SIGNS[sign](content.value, value))


def in_words(word: str, sign: str, value: Value) -> str:
    """Return it in words: 类别为“货物类”."""
    if isinstance(value, int):
        return f"{word}{_OF_NUMBERS[sign]}{value}"
    return f"{word}{_OF_TEXTS[sign]}“{value}”"
