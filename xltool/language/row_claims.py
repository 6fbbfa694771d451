"""What must hold of the rows of a table: rows filled as a whole, levels with a row, sums of a level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from xltool.fields import cell_formulas
from xltool.fields.field import Field
from xltool.fields.measures import normalised
from xltool.language.claims import Claim
from xltool.language.excel import Address
from xltool.language.functions import Content
from xltool.language.statements import Label, Level, LevelStatement, RowStatement
from xltool.language.values import BLANK
from xltool.language.verdicts import FAILS, HOLDS, ROUNDS, SILENT, VERDICTS, Verdict
from xltool.prose.text import normalise

__all__ = ["Level", "RowsClaim", "SomeRow", "SumClaim", "WholeRow"]

_POINTS = pl.Decimal(24, 2)


@dataclass(frozen=True)
class WholeRow(RowStatement):
    """A row in use is filled in all `names`; of such a row `also` holds.

    While none of the cells of the table in the columns `only_with` has anything in it, nothing is said.
    """

    said: str
    names: tuple[str, ...]
    also: Claim | None = None
    only_with: tuple[str, ...] = ()

    blanks_only = True

    @property
    def all_names(self) -> list[str]:
        """The fields that must be filled, then those of what must also hold."""
        return list(dict.fromkeys([*self.names, *(self.also.all_names if self.also else ())]))

    @property
    def demanded(self) -> list[str]:
        """The fields of which one is to be fixed where it fails."""
        return list(dict.fromkeys([*self.names, *(self.also.demanded if self.also else ())]))

    @property
    def to_fill(self) -> Sequence[str]:
        """The fields that must be filled."""
        return self.names

    @property
    def gate(self) -> tuple[str, ...]:
        """The columns without anything in which it says nothing at all."""
        return self.only_with

    def message(self, fields: Mapping[str, Field]) -> str:  # noqa: ARG002
        """Return a message that says what the row must be like."""
        return "这一行没有填全；应满足：{equation}"

    def words(self, label: Label) -> str:  # noqa: ARG002
        """Return it as it was said."""
        return self.said

    def offends(self, fields: Mapping[str, Field]) -> pl.Expr:  # noqa: ARG002
        """Return the rows in use that lack something; what cannot be read is something."""
        unread = pl.col("unreadable")
        blank = [pl.col(n).is_null() & ~unread.list.contains(n) for n in self.names]
        bad = pl.any_horizontal(blank)
        if self.also:
            bad = bad | self.also.offends().fill_null(value=False)
        if self.only_with:
            some = [pl.col(n).is_not_null() | unread.list.contains(n) for n in self.only_with]
            bad = bad & pl.any_horizontal(some).any().over("workbook", "record")
        return pl.col("used") & bad

    def is_live(self, fields: Mapping[str, Field], cells: Sequence[str], optional: bool) -> bool:  # noqa: ARG002
        """Return whether the row may stay blank and the unit fills all its cells."""
        return optional and all(fields[name].filled_by == "unit" for name in self.names)

    def coloured(self, fields: Mapping[str, Field], is_rows: bool, row: Sequence[str]) -> list[str]:  # noqa: ARG002
        """Return the cells to fill, of a row that may stay blank."""
        return list(self.names) if _typed(fields, row) else []

    def in_use(self, address: Address, fields: Mapping[str, Field], row: Sequence[str]) -> str:
        """Return the formula that counts the filled cells of the row."""
        return _count(_typed(fields, row), address, fields)

    def grade(
        self,
        address: Address,
        fields: Mapping[str, Field],
        context: Mapping[str, Any],
        row: Sequence[str] = (),
    ) -> str:
        """Return the piece of a formula that grades it."""
        holds = self.also.grade(address, fields, context) if self.also else str(HOLDS)
        count = _count(self.names, address, fields)
        grade = f"IF({count}<{len(self.names)},{FAILS},{holds})"
        used = self.in_use(address, fields, row)
        return f"IF({used}>0,{grade},{SILENT})" if _typed(fields, row) else grade

    def judge(
        self,
        values: Mapping[str, Any],
        fields: Mapping[str, Field] | None = None,
        row: Sequence[str] = (),
    ) -> Verdict:
        """Return the verdict on one row."""
        cells = [_content(values, name) for name in _typed(fields or {}, row)]
        if cells and not any(cell.is_filled for cell in cells):
            return ""
        if self.also and self.also.judge(values) == VERDICTS[FAILS]:
            return VERDICTS[FAILS]
        filled = all(_content(values, name).is_filled for name in self.names)
        return VERDICTS[HOLDS if filled else FAILS]


@dataclass(frozen=True)
class SomeRow(LevelStatement):
    """Some row of the levels is in use, and not all of its cells `names` are marked as 不适用.

    `marks` are the words for 不适用; with `marked_will_do` a marked row is enough.
    """

    said: str
    names: tuple[str, ...]
    marks: tuple[str, ...] = ()
    levels: frozenset[str] = frozenset()
    by: Level = "lv2"
    each_level: bool = False
    marked_will_do: bool = False

    @property
    def all_names(self) -> list[str]:
        """The cells of a row."""
        return list(self.names)

    def message(self, fields: Mapping[str, Field]) -> str:  # noqa: ARG002
        """Return a message that says which rows there must be."""
        return f"应满足：{self.said.replace('{level}', f'{{{self.by}}}')}"

    def words(self, label: Label) -> str:  # noqa: ARG002
        """Return it as it was said; {level} stands for the levels."""
        return self.said

    def offends(self, fields: Mapping[str, Field]) -> pl.Expr:
        """Return the first row of each group of rows of which none will do."""
        within, groups = self._within(), self._groups(fields)
        found = (within & self._will_do()).any().over(groups)
        first = pl.when(within).then(pl.col("row")).min().over(groups)
        return within & ~found & (pl.col("row") == first)

    @property
    def _any_row_will_do(self) -> bool:
        """True if no row in use is passed over."""
        return self.marked_will_do or not self.marks

    def _will_do(self) -> pl.Expr:
        used = pl.any_horizontal(pl.col(name).is_not_null() for name in self.names)
        if self._any_row_will_do:
            return used
        marks = [normalised(name).is_in(self.marks).fill_null(value=False) for name in self.names]
        return used & ~pl.all_horizontal(marks)

    def grade(
        self,
        runs: Sequence[Address],
        fields: Mapping[str, Field],
        names: Sequence[str],
        level: str,  # noqa: ARG002
    ) -> str:
        """Return the part of an array formula that grades a level."""
        found = "+".join(f"SUM({self._counts(address, fields, names)})" for address in runs)
        return f"IF({found}>0,{HOLDS},{FAILS})"

    def _counts(self, address: Address, fields: Mapping[str, Field], names: Sequence[str]) -> str:
        """1 for each row that will do."""
        if self._any_row_will_do:
            return f"IF({_count(names, address, fields)}>0,1,0)"
        return _is_real(address, fields, names, self.marks)

    def judge(
        self,
        rows: Sequence[Mapping[str, Content]],
        names: Sequence[str],
        level: str,  # noqa: ARG002
    ) -> Verdict:
        """Return the verdict on all rows of a level."""
        used = [row for row in rows if any(row[name].is_filled for name in names)]
        if not self._any_row_will_do:
            used = [row for row in used if not _is_marked(row, names, self.marks)]
        return VERDICTS[HOLDS if used else FAILS]


@dataclass(frozen=True)
class SumClaim(LevelStatement):
    """The figures in a column of the rows of a level add up to what is `due` there, by its text.

    Rows in use by their `names` and not wholly marked need a figure: while one is lacking, nothing is
    said. With `rounding` it holds up to the envelope of so many rounded parts (docs/domain.md §0.2).
    """

    said: str
    column: str
    names: tuple[str, ...]
    marks: tuple[str, ...]
    due: Mapping[str, int]
    by: Level
    half: Decimal = Decimal("0.005")
    rounding: bool = True

    each_level = True

    @property
    def all_names(self) -> list[str]:
        """The column of the figures, then the cells that say whether a row is in use."""
        return [self.column, *self.names]

    @property
    def levels(self) -> frozenset[str]:  # type: ignore[override]
        """The levels that it is about, each by itself."""
        return frozenset(self.due)

    @property
    def spans_rows(self) -> bool:
        """True: its finding stands at the first row with a figure."""
        return True

    def words(self, label: Label) -> str:  # noqa: ARG002
        """Return it as it was said; {level} stands for the level."""
        return self.said

    def offends(self, fields: Mapping[str, Field]) -> pl.Expr:
        """Return the first row with a figure of each level whose figures do not add up."""
        return self._gap(fields) > self._allowed(fields)

    def rounds(self, fields: Mapping[str, Field]) -> pl.Expr | None:
        """Return the same where they do but for rounding."""
        if not self.rounding:
            return None
        gap = self._gap(fields)
        return (gap > self._half) & (gap <= self._allowed(fields))

    def details(self, fields: Mapping[str, Field]) -> dict[str, pl.Expr]:
        """Return the sum and what is due."""
        return {"left": self._total(fields), "right": self._printed()}

    @property
    def _half(self) -> pl.Expr:
        return pl.lit(self.half)

    def _gap(self, fields: Mapping[str, Field]) -> pl.Expr:
        """By how much they differ, on the row of the finding; null elsewhere."""
        figure = pl.col(self.column)
        first = pl.when(figure.is_not_null()).then(pl.col("row")).min().over(self._groups(fields))
        return pl.when(pl.col("row") == first).then((self._total(fields) - self._printed()).abs())

    def _total(self, fields: Mapping[str, Field]) -> pl.Expr:
        """The sum of a level; null while a row in use lacks its figure, or where none has one."""
        figure, groups = pl.col(self.column), self._groups(fields)
        used = pl.any_horizontal(pl.col(name).is_not_null() for name in self.names)
        marks = [normalised(name).is_in(self.marks).fill_null(value=False) for name in self.names]
        lacking = (used & ~pl.all_horizontal(marks) & figure.is_null()).any().over(groups)
        count = figure.count().over(groups)
        return pl.when(~lacking & (count > 0)).then(figure.sum().over(groups))

    def _printed(self) -> pl.Expr:
        """What is due on a row's level."""
        levels, due = list(self.due), [Decimal(figure) for figure in self.due.values()]
        return pl.col(self.by).replace_strict(
            levels, pl.Series(due, dtype=_POINTS), default=None, return_dtype=_POINTS
        )

    def _allowed(self, fields: Mapping[str, Field]) -> pl.Expr:
        if not self.rounding:
            return self._half
        count = pl.col(self.column).count().over(self._groups(fields))
        return self._half * (count + 1).cast(pl.Decimal(24, 0))

    def grade(
        self, runs: Sequence[Address], fields: Mapping[str, Field], names: Sequence[str], level: str
    ) -> str:
        """Return the part of an array formula that grades a level."""
        lacking, count, total = [], [], []
        others = [name for name in names if name != self.column]
        for address in runs:
            figures, field = address(self.column), fields[self.column]
            usable = field.kind.usable(figures, field)
            real = _is_real(address, fields, others, self.marks)
            lacking.append(f"SUM({real}*(1-{usable}))")
            count.append(f"SUM({usable}*1)")
            total.append(f"SUM(IF({usable},{figures},0))")
        number = "+".join(count)
        gap = f"ABS(ROUND({'+'.join(total)}-{self.due[level]},6))"
        loose = f"IF({gap}<={self.half}*({number}+1),{ROUNDS},{FAILS})" if self.rounding else FAILS
        grade = f"IF({gap}<={self.half},{HOLDS},{loose})"
        return f"IF((({'+'.join(lacking)})>0)+(({number})=0),{SILENT},{grade})"

    def judge(
        self, rows: Sequence[Mapping[str, Content]], names: Sequence[str], level: str
    ) -> Verdict:
        """Return the verdict on the rows of one level."""
        others = [name for name in names if name != self.column]
        figures = [row[self.column].value for row in rows if row[self.column].value is not None]
        lacking = any(
            row[self.column].value is None
            and any(row[name].is_filled for name in others)
            and not _is_marked(row, others, self.marks)
            for row in rows
        )
        if lacking or not figures:
            return VERDICTS[SILENT]
        gap = abs(sum(figures, Decimal(-self.due[level])))
        if gap <= self.half:
            return VERDICTS[HOLDS]
        rounds = self.rounding and gap <= self.half * (len(figures) + 1)
        return VERDICTS[ROUNDS if rounds else FAILS]


def RowsClaim(  # noqa: N802
    kind: str,
    words: str,
    names: Sequence[str],
    marks: Sequence[str] = (),
    levels: frozenset[str] = frozenset(),
    also: Claim | None = None,
    gate: Sequence[str] = (),
    by: Level = "lv2",
) -> WholeRow | SomeRow:
    """Return a statement on rows under its name of earlier versions: `whole`, `real` or `some`."""
    if kind == "whole":
        return WholeRow(words, tuple(names), also, tuple(gate))
    will_do = kind == "some"
    return SomeRow(words, tuple(names), tuple(marks), levels, by, marked_will_do=will_do)


def _typed(fields: Mapping[str, Field], row: Sequence[str]) -> list[str]:
    """The cells of a row but those that the workbook works out by itself."""
    return [name for name in row if name not in fields or not fields[name].computed]


def _content(values: Mapping[str, Any], name: str) -> Content:
    found = values.get(name)
    if isinstance(found, Content):
        return found
    return BLANK if found is None else Content(found)


def _count(names: Sequence[str], address: Address, fields: Mapping[str, Field]) -> str:
    """The formula that counts the filled cells of a row."""
    return cell_formulas.count_filled([address(n) for n in names], [fields[n] for n in names])


def _is_real(
    address: Address, fields: Mapping[str, Field], names: Sequence[str], marks: Sequence[str]
) -> str:
    """1 for each row in use that is not wholly marked, else 0."""
    marked = "+".join(
        cell_formulas.says(cell_formulas.stripped(address(name)), marks) for name in names
    )
    return f"IF({_count(names, address, fields)}>0,IF({marked}<{len(names)},1,0),0)"


def _is_marked(row: Mapping[str, Content], names: Sequence[str], marks: Sequence[str]) -> bool:
    return all(normalise(row[name].text) in marks for name in names)
