"""A statement as polars expressions: what `check` works out for whole columns at once."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from functools import reduce
from typing import Any

import polars as pl

from xltool.language.functions import FUNCTIONS, OPERATORS
from xltool.language.nodes import Call, Choice, Node, Visitor


class _Polars(Visitor[Any]):
    """An expression; of a constant the constant itself."""

    def __init__(self, column: Callable[[str], pl.Expr]) -> None:
        self._column = column

    def name(self, name: str) -> pl.Expr:
        return self._column(name)

    def constant(self, value: int | str) -> int | str:
        return value

    def operation(self, sign: str, left: Any, right: Any) -> Any:
        return OPERATORS[sign].polars(left, right)

    def junction(self, word: str, parts: list[Any]) -> Any:
        return reduce(operator.and_ if word == "and" else operator.or_, parts)

    def negation(self, part: Any) -> Any:
        return ~part

    def call(self, call: Call) -> pl.Expr:
        return FUNCTIONS[call.function].polars(self.visit(call.argument), *call.constants)

    def choice(self, choice: Choice) -> pl.Expr:
        return chosen(*map(self.visit, (choice.met, choice.condition, choice.otherwise)))


def chosen(met: Any, condition: pl.Expr, otherwise: Any) -> pl.Expr:
    """Return one of two values; null where the condition cannot be told."""
    parts = [pl.lit(Decimal(part)) if isinstance(part, int) else part for part in (met, otherwise)]
    return pl.when(condition).then(parts[0]).when(~condition).then(parts[1])


def polars_of(node: Node, column: Callable[[str], pl.Expr] = pl.col) -> Any:
    """Return a node as a polars expression; `column` gives the expression of a name."""
    return _Polars(column).visit(node)
