"""What must hold of the rows of a table, checked live: rows filled as a whole, levels with a row.

The rule itself judges with polars; this is the same thing as an Excel formula over the blocks of a
sheet and as a verdict on plain values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from xltool import seen
from xltool.claims import Claim
from xltool.fields import Field
from xltool.seen import FAILS, HOLDS
from xltool.text import normalise

Range = str  # the cells of one column of a block: `'项目1'!$C$12:$C$21`


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

    def grade(self, blocks: Sequence[Sequence[Range]], fields: Sequence[Field]) -> str:
        """The part of an array formula that grades `real` and `some`; each block as the ranges of `names`."""
        found = "+".join(f"SUM({self._counts(ranges, fields)})" for ranges in blocks)
        return f"IF({found}>0,{HOLDS},{FAILS})"

    def _counts(self, ranges: Sequence[Range], fields: Sequence[Field]) -> str:
        """1 for each row that will do."""
        filled = seen.count_filled(ranges, fields)
        if self.kind == "some":
            return f"IF({filled}>0,1,0)"
        marked = "+".join(seen.says(seen.stripped(cells), self.marks) for cells in ranges)
        return f"IF({filled}>0,IF({marked}<{len(ranges)},1,0),0)"

    def judge(self, rows: Sequence[Sequence[str | None]]) -> int:
        """The grade of the rows of all its blocks: the texts of its `names`, None where blank."""
        used = [row for row in rows if any(text is not None for text in row)]
        if self.kind == "real":
            used = [r for r in used if not all(normalise(t or "") in self.marks for t in r)]
        return HOLDS if used else FAILS
