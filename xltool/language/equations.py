"""An equation such as `amount_total == amount_fiscal + amount_other`, written once.

It becomes a polars expression (the check), an Excel formula (the live check in the template), a
verdict on plain values (the value cached with that formula) and words (message and guide). The
tolerance is half a unit in the last shown place, and the rounding envelope (docs/domain.md §0.2).

Beside fields of the record, both sides may use `round(x, 2)` and `sum(task.amount)`, the sum over
the record's rows of another table; that sum's column is named `task.amount`. A sum over no value
at all is null, unless another sum of the equation has a value: then it counts as 0, as in Excel.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

import polars as pl

from xltool.fields import cell_formulas
from xltool.fields.kinds import Field
from xltool.fields.tables import CONTEXT, half_unit
from xltool.language.syntax import (
    OPERATORS,
    Cells,
    evaluate,
    excel_of,
    known,
    names_in,
    parse,
    words_of,
)
from xltool.language.verdicts import FAILS, HOLDS, ROUNDS, SILENT, Verdict, sign_formula

_RELATIONS = (ast.Eq, ast.LtE)


def as_written(address: Callable[[str], str]) -> Cells:
    """The fields by nothing but their cells."""
    return Cells(address, lambda word: f"(LEN({address(word)})>0)")


def as_seen(
    address: Callable[[str], str], fields: Mapping[str, Field], context: Mapping[str, Any]
) -> Cells:
    """The fields as the reader has them, and the context."""

    def value(word: str) -> str:
        return (
            str(context[word])
            if word in context
            else cell_formulas.value(address(word), fields[word])
        )

    return Cells(value, lambda word: cell_formulas.filled(address(word), fields[word]))


class Equation:
    """`left == right` or `left <= right` over the fields of one record, perhaps only `when`.

    Raises ValueError when the text is no such equation: rules are written by us or by a form
    author, and a form with a broken rule must not load.
    """

    def __init__(self, text: str, when: str | None = None):
        self.text = text
        self.when = when
        tree = parse(text)
        if not (
            isinstance(tree, ast.Compare)
            and len(tree.ops) == 1
            and isinstance(tree.ops[0], _RELATIONS)
        ):
            raise ValueError(f"not an equation: {text}")
        self._left, self._right = tree.left, tree.comparators[0]
        self._relation = type(tree.ops[0])
        if any(isinstance(n, ast.Constant) and isinstance(n.value, str) for n in ast.walk(tree)):
            raise ValueError(f"not an equation: {text}")
        self._when = parse(when) if when else None
        for part in (self._left, self._right, self._when):
            if part is not None:
                excel_of(part, as_written(str))  # refuses what is not allowed

    @cached_property
    def sums(self) -> list[tuple[str, str]]:
        """(table, field) of the sums over rows of another table."""
        words = [*self.names, *(names_in(self._when) if self._when else [])]
        return [(word.split(".")[0], word.split(".")[1]) for word in words if "." in word]

    @cached_property
    def names(self) -> list[str]:
        """The fields of both sides, left first."""
        return list(dict.fromkeys([*names_in(self._left), *names_in(self._right)]))

    @cached_property
    def all_names(self) -> list[str]:
        """The fields of both sides and of the condition, without context such as `fy`."""
        condition = names_in(self._when) if self._when else []
        return [n for n in dict.fromkeys([*self.names, *condition]) if n not in CONTEXT]

    def offends(self, fields: Mapping[str, Field]) -> pl.Expr:
        """True where the equation fails beyond the tolerance; null where an input is null."""
        gap: pl.Expr = self._gap(self._column)
        return gap > self._allowed(fields)

    def rounds(self, fields: Mapping[str, Field]) -> pl.Expr:
        """True where it holds only because the parts are rounded (the info `ROUND`)."""
        gap: pl.Expr = self._gap(self._column)
        return (gap > self._tight(fields)) & (gap <= self._allowed(fields))

    def left(self) -> pl.Expr:
        """The value of the left side."""
        value: pl.Expr = evaluate(self._left, self._column)
        return value

    def right(self) -> pl.Expr:
        """The value of the right side: what the left should be."""
        value: pl.Expr = evaluate(self._right, self._column)
        return value

    def result(self, values: Mapping[str, Any]) -> Any:
        """The right side worked out from one record's values: what a computed cell should show.

        None where an input is missing or the division is by zero.
        """
        try:
            return evaluate(self._right, known({**values, **self._empty_sums(values)}))
        except (LookupError, ArithmeticError):
            return None

    def judge(self, values: Mapping[str, Any], fields: Mapping[str, Field]) -> Verdict:
        """The verdict on one record's values (amounts as Decimal, dates as date)."""
        if any(values.get(name) is None for name in self.all_names):
            return ""
        if self._when is not None and not evaluate(self._when, values.__getitem__):
            return ""
        expected = self.result(values)
        if expected is None:
            return ""
        gap = evaluate(self._left, values.__getitem__) - expected
        gap = abs(gap) if self._relation is ast.Eq else gap
        if gap <= self._tight(fields):
            return "✔"
        return "≈" if gap <= self._allowed(fields) else "✘"

    def grade(
        self, address: Callable[[str], str], fields: Mapping[str, Field], context: Mapping[str, Any]
    ) -> str:
        """The part of a formula that grades it (`cell_formulas.VERDICTS`); `address` gives a field's cell."""
        cells = as_seen(address, fields, context)
        left, right = excel_of(self._left, cells), excel_of(self._right, cells)
        gap = f"ROUND({left}-({right}),6)"
        gap = f"ABS({gap})" if self._relation is ast.Eq else gap
        tight, allowed = self._tight(fields), self._allowed(fields)
        loose = f"IF({gap}<={allowed},{ROUNDS},{FAILS})" if allowed > tight else str(FAILS)
        grade = f"IF({gap}<={tight},{HOLDS},{loose})"
        if self._when is not None:
            grade = f"IF({excel_of(self._when, cells)},{grade},{SILENT})"
        usable = "*".join(
            cell_formulas.usable(address(word), fields[word]) for word in self.all_names
        )
        return f"IF({usable},{grade},{SILENT})"

    def excel(
        self, address: Callable[[str], str], fields: Mapping[str, Field], context: Mapping[str, Any]
    ) -> str:
        """The formula that shows the verdict; `address` gives a field's cell, `context` e.g. fy."""
        return sign_formula(self.grade(address, fields, context))

    def right_excel(self, address: Callable[[str], str]) -> str:
        """The right side as the formula of a computed cell; blank while an input is missing."""
        names = list(dict.fromkeys(names_in(self._right)))
        blank = [f'{address(n)}=""' for n in names if "." not in n]
        if sums := [address(n) for n in names if "." in n]:
            blank.append(f"COUNT({','.join(sums)})=0")
        value = excel_of(self._right, as_written(address))
        return f'=IFERROR(IF(OR({",".join(blank)}),"",{value}),"")' if blank else f"={value}"

    def words(self, label: Callable[[str], str]) -> str:
        """The equation in the words of the form."""
        symbol = OPERATORS[self._relation][2]
        return words_of(self._left, label) + symbol + words_of(self._right, label)

    def _column(self, name: str) -> pl.Expr:
        """The column of a name."""
        if "." not in name:
            return pl.col(name)
        sums = [pl.col(f"{table}.{field}") for table, field in self.sums]
        return pl.when(pl.any_horizontal(c.is_not_null() for c in sums)).then(
            pl.col(name).fill_null(0)
        )

    def _empty_sums(self, values: Mapping[str, Any]) -> dict[str, Decimal]:
        """0 for each sum without a value, where another one has a value."""
        names = [f"{table}.{field}" for table, field in self.sums]
        empty = [name for name in names if values.get(name) is None]
        return dict.fromkeys(empty if len(empty) < len(names) else [], Decimal(0))

    def _gap(self, resolve: Callable[[str], Any]) -> Any:
        gap = evaluate(self._left, resolve) - evaluate(self._right, resolve)
        gap = gap.abs() if self._relation is ast.Eq else gap
        if self._when is None:
            return gap
        return pl.when(evaluate(self._when, resolve)).then(gap)

    def _tight(self, fields: Mapping[str, Field]) -> Decimal:
        """hu(A) for an equation, hu(A) + hu(B) for an inequality."""
        names = names_in(self._left) if self._relation is ast.Eq else self.names
        return sum((half_unit(fields[n]) for n in names if "." not in n), Decimal(0))

    def _allowed(self, fields: Mapping[str, Field]) -> Decimal:
        """hu(A) + Σ hu(Bᵢ): the rounding envelope; an inequality has no further one."""
        if any(isinstance(n, ast.Call) for n in ast.walk(self._right)):
            return self._tight(fields)  # rounding is part of the equation itself
        return sum((half_unit(fields[n]) for n in self.names), Decimal(0))
