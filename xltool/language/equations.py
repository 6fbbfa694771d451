"""An equation such as `amount_total == amount_fiscal + amount_other`, or an inequality of amounts.

The tolerance is half a unit in the last shown place, and the rounding envelope (docs/domain.md §0.2).
Beside fields of the record, both sides may use `round(x, 2)` and `sum(task.amount)`, the sum over
the record's rows of another table; that sum's column is named `task.amount`. A sum over no value
at all is null, unless another sum of the equation has a value: then it counts as 0, as in Excel.

An equation is also how a computed cell is worked out (`computed=…`), and the rule on it: there the law
for blanks holds (`blanks`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

import polars as pl

from xltool.fields.field import Field
from xltool.fields.tables import CONTEXT, half_unit
from xltool.language.blanks import (
    blank_with_any_blank,
    has_sum,
    meaning_of,
    worked_out_in_excel,
    worked_out_in_polars,
    worked_out_value,
)
from xltool.language.computing import is_clouded, usable
from xltool.language.excel import Address, Tables, cells_of, excel_of
from xltool.language.functions import OPERATORS, Content
from xltool.language.nodes import (
    Choice,
    Column,
    Constant,
    Name,
    Node,
    Operation,
    calls_in,
    columns_in,
    names_in,
    singles_in,
    sums_in,
)
from xltool.language.parser import StatementError, parse
from xltool.language.polars import polars_of
from xltool.language.statements import Label, RowStatement
from xltool.language.values import RowContents, value_of
from xltool.language.verdicts import FAILS, HOLDS, ROUNDS, SILENT, Verdict
from xltool.language.words import words_of

FIGURES = "{figures}"  # in a message: the equation in words, with its figures
_MANY = 6  # fields with figures that a message has room for


class Equation(RowStatement):
    """`left == right` or `left <= right` over the fields of one record, perhaps only `when`.

    Raises ValueError when the text is no such equation: rules are written by us or by a form
    author, and a form with a broken rule must not load.
    """

    def __init__(self, text: str, when: str | None = None) -> None:
        self.text = text
        self.when = when
        self._left, self._right, self._is_equal = _sides(text)
        self._when = parse(when) if when else None

    @cached_property
    def columns(self) -> Sequence[Column]:
        """The columns of other tables, those that it adds up and the others."""
        return [c for n in (self._left, self._right, self._when) for c in columns_in(n)]

    @property
    def singles(self) -> Sequence[Column]:
        """Those among them that it does not add up."""
        return [c for n in (self._left, self._right, self._when) for c in singles_in(n)]

    @cached_property
    def _sums(self) -> list[str]:
        """The names of the sums over rows of another table."""
        return [c.name for n in (self._left, self._right, self._when) for c in sums_in(n)]

    @cached_property
    def names(self) -> list[str]:
        """The fields of both sides, left first."""
        return list(dict.fromkeys([*names_in(self._left), *names_in(self._right)]))

    @cached_property
    def all_names(self) -> list[str]:
        """The fields of both sides and of the condition, without context such as `fy`."""
        words = dict.fromkeys([*self.names, *names_in(self._when)])
        return [word for word in words if word not in CONTEXT]

    @cached_property
    def meaning(self) -> tuple[str, str, bool, str]:
        """What it has in common with an equation that says the same in another order."""
        when = meaning_of(self._when) if self._when is not None else ""
        return meaning_of(self._left), meaning_of(self._right), self._is_equal, when

    @property
    def adds(self) -> bool:
        """Return whether anything is added up on its right side: there a blank may count as 0."""
        return has_sum(self._right)

    def says_how(self, fields: Mapping[str, Field]) -> bool:
        """Return whether it says of a computed cell what the cell works out."""
        column = fields.get(self._left.name) if isinstance(self._left, Name) else None
        if column is None or not column.computed:
            return False
        return self.meaning == equation_of(column.name, column.computed).meaning

    # -- polars --------------------------------------------------------------------------------------

    def offends(self, fields: Mapping[str, Field]) -> pl.Expr:
        """Return where the equation fails beyond the tolerance; null where an input is null."""
        return self._gap(fields) > self._allowed(fields)

    def rounds(self, fields: Mapping[str, Field]) -> pl.Expr:
        """Return where it holds only because the parts are rounded (the info `ROUND`)."""
        gap = self._gap(fields)
        return (gap > self._tight(fields)) & (gap <= self._allowed(fields))

    def left(self) -> pl.Expr:
        """Return the value of the left side."""
        value: pl.Expr = polars_of(self._left, self._column)
        return value

    def right(self) -> pl.Expr:
        """Return the value of the right side: what the left should be."""
        value: pl.Expr = polars_of(self._right, self._column)
        return value

    def worked_out(self) -> pl.Expr:
        """Return the value of the right side as a computed cell works it out."""
        value: pl.Expr = worked_out_in_polars(self._right)
        return value

    def details(self, fields: Mapping[str, Field]) -> dict[str, pl.Expr]:
        """Return both sides, and by how much they differ."""
        left, right = self.left(), self._wanted(fields)
        return {"left": left, "right": right, "gap": (left - right).abs()}

    def _column(self, name: str) -> pl.Expr:
        """The column of a name."""
        if name not in self._sums:
            return pl.col(name)
        known = pl.any_horizontal(pl.col(name).is_not_null() for name in self._sums)
        return pl.when(known).then(pl.col(name).fill_null(0))

    def _wanted(self, fields: Mapping[str, Field]) -> pl.Expr:
        return self.worked_out() if self.says_how(fields) else self.right()

    def _gap(self, fields: Mapping[str, Field]) -> pl.Expr:
        gap = self.left() - self._wanted(fields)
        gap = gap.abs() if self._is_equal else gap
        if self._when is None:
            return gap
        return pl.when(polars_of(self._when, self._column)).then(gap)

    # -- plain values --------------------------------------------------------------------------------

    def result(self, values: Mapping[str, Any]) -> Any:
        """Return the right side worked out from one record's values: what a computed cell shows.

        None for a blank, and where it is unknown.
        """
        if all(values.get(name) is None for name in self._parts):
            return self._result_of_blanks  # most rows of most returns
        return None if self.is_unknown(values) else self._worked_out(values)

    @cached_property
    def _result_of_blanks(self) -> Any:
        return self._worked_out({})

    def _worked_out(self, values: Mapping[str, Any]) -> Any:
        try:
            return worked_out_value(self._right, RowContents(values).__getitem__)
        except ArithmeticError:
            return None

    def is_unknown(self, values: Mapping[str, Any]) -> bool:
        """Return whether a part of the right side holds something that cannot be read."""
        contents = [values.get(name) for name in self._parts]
        return any(isinstance(c, Content) and c.value is None and c.is_filled for c in contents)

    @cached_property
    def _parts(self) -> list[str]:
        return list(dict.fromkeys(names_in(self._right)))

    def judge(
        self,
        values: Mapping[str, Any],
        fields: Mapping[str, Field] | None = None,
        row: Sequence[str] = (),  # noqa: ARG002
    ) -> Verdict:
        """Return the verdict on one record's values (amounts as Decimal, dates as date)."""
        contents = RowContents(values)
        if fields is None or contents.lacks(self.all_names):
            return ""
        if is_clouded(self.all_names, contents, fields):
            return ""
        if self._when is not None and not value_of(self._when, contents.__getitem__):
            return ""
        expected = self.result(values)
        if expected is None:
            return ""
        gap = value_of(self._left, contents.__getitem__) - expected
        gap = abs(gap) if self._is_equal else gap
        if gap <= self._tight(fields):
            return "✔"
        return "≈" if gap <= self._allowed(fields) else "✘"

    # -- Excel ---------------------------------------------------------------------------------------

    def grade(
        self,
        address: Address,
        fields: Mapping[str, Field],
        context: Mapping[str, Any],
        row: Sequence[str] = (),  # noqa: ARG002
    ) -> str:
        """Return the piece of a formula that grades it."""
        cell = cells_of(address, fields, context)
        gap = f"ROUND({excel_of(self._left, cell)}-({excel_of(self._right, cell)}),6)"
        gap = f"ABS({gap})" if self._is_equal else gap
        tight, allowed = self._tight(fields), self._allowed(fields)
        loose = f"IF({gap}<={allowed},{ROUNDS},{FAILS})" if allowed > tight else str(FAILS)
        grade = f"IF({gap}<={tight},{HOLDS},{loose})"
        if self._when is not None:
            grade = f"IF({excel_of(self._when, cell)},{grade},{SILENT})"
        return f"IF({usable(self.all_names, cell, fields)},{grade},{SILENT})"

    def right_excel(
        self, address: Address, tables: Tables = lambda _: (), *, former: bool = False
    ) -> str:
        """Return the right side as the formula of a computed cell; it shows nothing for a blank.

        `tables` gives the rows of other tables. `former`: as it was before the law for blanks.
        """
        if former:
            return blank_with_any_blank(self._right, address)
        return worked_out_in_excel(self._right, address, tables)

    def is_live(self, fields: Mapping[str, Field], cells: Sequence[str], optional: bool) -> bool:
        """Return whether it can be checked live; not what the workbook works out by the same words."""
        return super().is_live(fields, cells, optional) and not self.says_how(fields)

    # -- words ---------------------------------------------------------------------------------------

    def words(self, label: Label) -> str:
        """Return the equation in the words of the form."""
        symbol = OPERATORS["==" if self._is_equal else "<="].words
        return words_of(self._left, label) + symbol + words_of(self._right, label)

    def message(self, fields: Mapping[str, Field]) -> str:
        """Return a message that shows the equation with all figures in it, and by how much it is missed.

        Of a long sum it shows what it comes to.
        """
        if len(self.names) > _MANY and isinstance(self._left, Name) and self._left.name in fields:
            name, count = self._left.name, len(self.names) - 1
            return f"{{{name}.label}}为 {{{name}}}，其余 {count} 项合计为 {{right}}，{self._missed}"
        return f"应满足 {FIGURES}，{self._missed}"

    def rounding_message(self, fields: Mapping[str, Field]) -> str:  # noqa: ARG002
        """Return a message that shows all figures, and by how much they differ."""
        return f"{FIGURES}，{self._missed}"

    @property
    def _missed(self) -> str:
        return "相差 {gap}" if self._is_equal else "超出 {gap}"

    # -- tolerance -----------------------------------------------------------------------------------

    def _tight(self, fields: Mapping[str, Field]) -> Decimal:
        """Half a unit of the left side; nothing for an inequality, which either holds or does not."""
        if not self._is_equal:
            return Decimal(0)
        return _half_units(names_in(self._left), fields)

    def _allowed(self, fields: Mapping[str, Field]) -> Decimal:
        """The rounding envelope: half a unit of each field, of both sides."""
        if self._is_equal and calls_in(self._right):
            return self._tight(fields)  # rounding is part of the equation itself
        return _half_units(self.names, fields)


def _half_units(names: Sequence[str], fields: Mapping[str, Field]) -> Decimal:
    """Half a unit of each of these fields; those of other tables add none."""
    return sum((half_unit(fields[name]) for name in names if name in fields), Decimal(0))


@lru_cache(maxsize=1024)
def equation_of(name: str, formula: str) -> Equation:
    """Return the equation `name == formula` of a computed cell, parsed once. Raises what `Equation` raises."""
    return Equation(f"{name} == ({formula})")


def _sides(text: str) -> tuple[Node, Node, bool]:
    """Left and right side, and whether they are to be equal. Raises StatementError."""
    tree = parse(text)
    if not isinstance(tree, Operation) or tree.sign not in ("==", "<="):
        raise StatementError(f"“{text}”不是等式：Equation 只用 == 或 <=，别的写成 Claim")
    if _has_text(tree):
        raise StatementError(f"“{text}”里有文字：Equation 只比较数，文字写成 Claim")
    return tree.left, tree.right, tree.sign == "=="


def _has_text(node: Node) -> bool:
    """True where a text in quotes stands anywhere in a node."""
    match node:
        case Constant(value=value):
            return isinstance(value, str)
        case Operation(left=left, right=right):
            return _has_text(left) or _has_text(right)
        case Choice(met=met, condition=condition, otherwise=otherwise):
            return any(map(_has_text, (met, condition, otherwise)))
    return False
