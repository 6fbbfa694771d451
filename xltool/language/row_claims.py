"""What must hold of the rows of a table, checked live: rows filled as a whole, levels with a row, sums.

The rule itself judges with polars; this is the same thing as an Excel formula over the blocks of a
sheet and as a verdict on plain values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from xltool.fields import cell_formulas
from xltool.fields.kinds import Field
from xltool.language.claims import Claim
from xltool.language.verdicts import FAILS, HOLDS, ROUNDS, SILENT
from xltool.prose.text import normalise

Range = str  # the cells of one column of some rows: `'项目1'!$C$12:$C$21`
Row = Sequence[str | None]  # what stands in the columns of a claim, None where blank
Level = Literal["lv1", "lv2"]


@dataclass(frozen=True)
class RowsClaim:
    """`whole`: a row in use is filled in all `names`. `real`: some row is in use and not wholly marked.

    `marks` are the words for 不适用; with `some` a marked row will do. `levels` are the 二级 whose rows
    count together; without them all rows of the table do. Of a `whole` row `also` holds, and while none
    of the cells of the table in the columns `gate` has anything in it, nothing is said.
    """

    kind: Literal["whole", "real", "some"]
    words: str
    names: tuple[str, ...]
    marks: tuple[str, ...] = ()
    levels: frozenset[str] = frozenset()
    also: Claim | None = None
    gate: tuple[str, ...] = ()
    by: Level = "lv2"

    @property
    def columns(self) -> tuple[str, ...]:
        """What it looks at; a finding is about the first of them."""
        return self.names

    def grade(
        self, runs: Sequence[Sequence[Range]], fields: Sequence[Field], _level: str = ""
    ) -> str:
        """The part of an array formula that grades `real` and `some`; each run of rows by its columns."""
        found = "+".join(f"SUM({self._counts(ranges, fields)})" for ranges in runs)
        return f"IF({found}>0,{HOLDS},{FAILS})"

    def _counts(self, ranges: Sequence[Range], fields: Sequence[Field]) -> str:
        """1 for each row that will do."""
        if self.kind == "some":
            return f"IF({cell_formulas.count_filled(ranges, fields)}>0,1,0)"
        return _is_real(ranges, fields, self.marks)

    def judge(self, rows: Sequence[Row], _level: str = "") -> int:
        """The grade of all its rows."""
        used = [row for row in rows if any(text is not None for text in row)]
        if self.kind == "real":
            used = [row for row in used if not _is_marked(row, self.marks)]
        return HOLDS if used else FAILS


@dataclass(frozen=True)
class SumClaim:
    """The figures in a column of the rows of a level add up to what is `due` there, by its text.

    Rows in use by their `names` and not wholly marked need a figure: while one is lacking, nothing is
    said. With `rounds` it holds up to rounding, in the envelope of so many parts (docs/domain.md §0.2).
    """

    words: str
    column: str
    names: tuple[str, ...]
    marks: tuple[str, ...]
    due: Mapping[str, int]
    by: Level
    half: Decimal = Decimal("0.005")
    rounds: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """What it looks at; a finding is about the first of them."""
        return (self.column, *self.names)

    @property
    def levels(self) -> frozenset[str]:
        """The levels that it is about, each by itself."""
        return frozenset(self.due)

    def grade(self, runs: Sequence[Sequence[Range]], fields: Sequence[Field], level: str) -> str:
        """The part of an array formula that grades it; each run of rows by its columns."""
        lacking, count, total = [], [], []
        for figures, *names in runs:
            usable = cell_formulas.usable(figures, fields[0])
            real = _is_real(names, fields[1:], self.marks)
            lacking.append(f"SUM({real}*(1-{usable}))")
            count.append(f"SUM({usable}*1)")
            total.append(f"SUM(IF({usable},{figures},0))")
        number = "+".join(count)
        gap = f"ABS(ROUND({'+'.join(total)}-{self.due[level]},6))"
        loose = f"IF({gap}<={self.half}*({number}+1),{ROUNDS},{FAILS})" if self.rounds else FAILS
        grade = f"IF({gap}<={self.half},{HOLDS},{loose})"
        return f"IF((({'+'.join(lacking)})>0)+(({number})=0),{SILENT},{grade})"

    def judge(self, rows: Sequence[Row], level: str) -> int:
        """The grade of the rows of one level."""
        figures = [Decimal(figure) for figure, *_ in rows if figure is not None]
        lacking = any(
            figure is None and any(names) and not _is_marked(names, self.marks)
            for figure, *names in rows
        )
        if lacking or not figures:
            return SILENT
        gap = abs(sum(figures, Decimal(-self.due[level])))
        if gap <= self.half:
            return HOLDS
        return ROUNDS if self.rounds and gap <= self.half * (len(figures) + 1) else FAILS


def _is_real(ranges: Sequence[Range], fields: Sequence[Field], marks: Sequence[str]) -> str:
    """1 for each row in use that is not wholly marked, else 0."""
    marked = "+".join(cell_formulas.says(cell_formulas.stripped(cells), marks) for cells in ranges)
    return f"IF({cell_formulas.count_filled(ranges, fields)}>0,IF({marked}<{len(ranges)},1,0),0)"


def _is_marked(row: Row, marks: Sequence[str]) -> bool:
    return all(normalise(text or "") in marks for text in row)
