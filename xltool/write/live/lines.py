"""What a live check is: a line of 填报检查, and the form sheet that it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Protocol

from xltool.fields.reading import Raw
from xltool.fields.remarks import Severity
from xltool.form.layout import Sheet, a1
from xltool.language.verdicts import Verdict

RawAt = Callable[[tuple[int, int]], Raw]  # what stands in a cell, by 0-based row and column


@dataclass(frozen=True, slots=True)
class Mark:
    """Cells of the form that are coloured: where a formula is true, or else while the line fails.

    `formula` is that of the first cell. One that is too long for that is given as `column`, the formula
    of all cells at once. What is `to_fill` is coloured only once the unit has typed something on the sheet.
    """

    cells: str
    formula: str = ""
    column: str = ""
    to_fill: bool = False


class Judge(Protocol):
    """Gives the verdict of a line."""

    def __call__(self, raw: RawAt, others: Mapping[str, RawAt] = ..., /) -> Verdict:
        """Return it for what stands in the cells of its sheet, and of others by their names."""


@dataclass(frozen=True, slots=True)
class LiveCheck:
    """One line of 填报检查: the rule, in words, the cell it is about, its formula.

    `area` are all the cells that a finding of the rule would be about; `judge` gives the verdict on
    what stands in the cells of the sheet. `alone` gives the same check of one of several rows, for a cell
    of the area; None where the line is about one row, or about rows together. `whereabouts` is the formula of the
    address to go to, where that is not always `cell`.
    """

    code: str
    severity: Severity
    words: str
    cell: str
    area: tuple[str, ...]
    formula: str
    judge: Judge
    marks: tuple[Mark, ...] = ()
    alone: Callable[[tuple[int, int]], LiveCheck] | None = None
    whereabouts: str = ""


@dataclass(frozen=True)
class Place:
    """A form sheet as formulas see it. `optional`: a spare sheet, silent until something is typed.

    `raw` gives what a cell holds now, by 0-based row and column; `inputs` are the record's own fields
    that the unit fills, `given` the cells of rows that the office filled; `beside` are the other sheets
    that its lines may look at.
    """

    name: str
    sheet: Sheet
    optional: bool
    inputs: tuple[str, ...]
    raw: RawAt
    beside: tuple[Sheet, ...] = ()
    given: Set[tuple[int, int]] = frozenset()

    def at(self, row: int, column: int, last: int | None = None) -> str:
        """A cell, or the cells down to row `last`, with the sheet: `'项目1'!$B$6:$B$9`."""
        return cells_at(self.name, row, column, last)


def cells_at(name: str, row: int, column: int, last: int | None = None) -> str:
    """A cell of the sheet of this name, or the cells down to row `last`."""
    quoted = name.replace("'", "''")
    letters = a1(0, column).rstrip("1")
    span = f":${letters}${last + 1}" if last is not None and last != row else ""
    return f"'{quoted}'!${letters}${row + 1}{span}"
