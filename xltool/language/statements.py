"""Statements: what must hold of a row, or of the rows of a level, written once.

A rule returns one, a kind of field declares its live tests with them. Each gives the check as polars
expressions, the live check as an Excel formula, the verdict on plain values, and words. There are
statements of each row (`RowStatement`: `Equation`, `Claim`, `WholeRow`) and of all rows of a level
together (`LevelStatement`: `SomeRow`, `SumClaim`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal, TypeGuard

import polars as pl

from xltool.fields.field import Field
from xltool.language.computing import inputs_behind
from xltool.language.excel import Address
from xltool.language.functions import Content
from xltool.language.nodes import Column
from xltool.language.verdicts import Verdict, sign_formula

Label = Callable[[str], str]  # field → its printed label
Level = Literal["lv1", "lv2"]


class Statement(ABC):
    """What every statement says of itself, whoever asks."""

    @property
    @abstractmethod
    def all_names(self) -> list[str]:
        """The fields that it looks at; a finding stands at the first of them."""

    @property
    def demanded(self) -> list[str]:
        """The fields of which one is to be fixed where it fails."""
        return self.all_names[:1]

    @property
    def columns(self) -> Sequence[Column]:
        """The columns of other tables of which it needs the sum, or the one value."""
        return ()

    @property
    def singles(self) -> Sequence[Column]:
        """Those among them of which it takes the one value that a record has, and no sum."""
        return ()

    @abstractmethod
    def offends(self, fields: Mapping[str, Field]) -> pl.Expr:
        """Return an expression that is True on the rows at which it fails; null or False else."""

    def rounds(self, fields: Mapping[str, Field]) -> pl.Expr | None:  # noqa: ARG002
        """Return an expression for the rows where it holds only because figures are rounded.

        None for a statement that knows no rounding (the info `ROUND` of docs/domain.md §0.2).
        """
        return None

    def details(self, fields: Mapping[str, Field]) -> dict[str, pl.Expr]:  # noqa: ARG002
        """Return the figures that a message about it may show: {left}, {right}, {gap}."""
        return {}

    def message(self, fields: Mapping[str, Field]) -> str:  # noqa: ARG002
        """Return the message where it fails, if its rule has none."""
        return ""

    def rounding_message(self, fields: Mapping[str, Field]) -> str:
        """Return the message where it holds only because figures are rounded."""
        return self.message(fields)

    @abstractmethod
    def words(self, label: Label) -> str:
        """Return it in the words of the form; `label` gives the printed label of a field."""


class RowStatement(Statement):
    """What must hold of each row.

    A row that may stay blank is given with `row`, the fields of its cells: some statements say
    something only of a row that is in use.
    """

    blanks_only: ClassVar[bool] = False  # of the coloured cells only the blank ones are coloured

    @abstractmethod
    def grade(
        self,
        address: Address,
        fields: Mapping[str, Field],
        context: Mapping[str, Any],
        row: Sequence[str] = (),
    ) -> str:
        """Return the piece of a formula that grades it (see `verdicts`).

        Takes what gives the cell of a field (or a column of cells, in an array formula), the fields,
        and the context as constants (`fy`).
        """

    @abstractmethod
    def judge(
        self,
        values: Mapping[str, Any],
        fields: Mapping[str, Field] | None = None,
        row: Sequence[str] = (),
    ) -> Verdict:
        """Return what its formula shows.

        Takes plain values by field (amounts as Decimal, days as date, None for a blank) or the
        `Content` of each cell, and the context among them.
        """

    def excel(
        self, address: Address, fields: Mapping[str, Field], context: Mapping[str, Any]
    ) -> str:
        """Return the whole formula that shows its verdict."""
        return sign_formula(self.grade(address, fields, context))

    def is_live(self, fields: Mapping[str, Field], cells: Sequence[str], optional: bool) -> bool:  # noqa: ARG002
        """Return whether it can be checked live on a row with these cells.

        Not what looks at cells of other rows and sheets. `optional`: the row may stay blank.
        """
        used = self.all_names
        return all(name in cells for name in (*used, *inputs_behind(used, fields)))

    def may_be_about(self, printed: Mapping[str, Content]) -> bool:  # noqa: ARG002
        """Return whether it can say anything of a row in which this is printed, by field."""
        return True

    def coloured(self, fields: Mapping[str, Field], is_rows: bool, row: Sequence[str]) -> list[str]:  # noqa: ARG002
        """Return the fields whose cells are coloured where it fails.

        `is_rows`: the table has rows, and is no record. What fails only because a form is not filled
        yet colours none: inputs are coloured already.
        """
        return self.all_names[:1]

    @property
    def to_fill(self) -> Sequence[str]:
        """The fields of which one is still to be filled where it fails; none where another thing is wrong."""
        return ()

    def in_use(self, address: Address, fields: Mapping[str, Field], row: Sequence[str]) -> str:  # noqa: ARG002
        """Return the formula that counts the filled cells of a row that may stay blank."""
        return ""

    @property
    def gate(self) -> tuple[str, ...]:
        """The columns of the table without anything in which it says nothing at all."""
        return ()


class LevelStatement(Statement):
    """What must hold of all rows of a level (一级 or 二级指标) together, or of a whole table.

    `levels` are those that it is about, by the column `by`; without any it is about all rows of the
    table. They count together, or with `each_level` each by itself. A form with several periods has
    them apart.
    """

    by: Level
    each_level: bool
    levels: frozenset[str]

    @abstractmethod
    def grade(
        self,
        runs: Sequence[Address],
        fields: Mapping[str, Field],
        names: Sequence[str],
        level: str,
    ) -> str:
        """Return the part of an array formula that grades a level.

        Takes for each run of adjoining rows what gives the column of a field, and the `names` among
        its fields that have a column.
        """

    @abstractmethod
    def judge(
        self, rows: Sequence[Mapping[str, Content]], names: Sequence[str], level: str
    ) -> Verdict:
        """Return what its formula shows for the rows of a level."""

    @property
    def spans_rows(self) -> bool:
        """True if a finding may stand at any row of the level, False if at its first one."""
        return False

    def _groups(self, fields: Mapping[str, Field]) -> list[str]:
        """The columns that make the rows that count together."""
        period = ["period"] if self.levels and "period" in fields else []
        return ["workbook", "record", *period, *([self.by] if self.each_level else [])]

    def _within(self) -> pl.Expr:
        """True on the rows that it is about."""
        return pl.col(self.by).is_in(sorted(self.levels)) if self.levels else pl.lit(value=True)


def of_rows(statement: Statement) -> TypeGuard[RowStatement]:
    """Return whether it is about each row."""
    return isinstance(statement, RowStatement)


def of_levels(statement: Statement) -> TypeGuard[LevelStatement]:
    """Return whether it is about the rows of a level together."""
    return isinstance(statement, LevelStatement)
