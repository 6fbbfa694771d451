"""What must hold of the rows of a table, checked live: rows filled as a whole, levels with a row.

The rule itself judges with polars; this is the same thing as an Excel formula over the blocks of a
sheet and as a verdict on plain values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from xltool.expression import Verdict

Range = str  # the cells of one column of a block: `'项目1'!$C$12:$C$21`


@dataclass(frozen=True)
class RowsClaim:
    """`whole`: a row in use is filled in all `names`. `real`: some row is in use and not wholly marked.

    `marks` are the words for 不适用; with `some` a marked row will do. `levels` are the 二级 taken
    together; without them each block is judged by itself.
    """

    kind: Literal["whole", "real", "some"]
    words: str
    names: tuple[str, ...]
    marks: tuple[str, ...] = ()
    levels: frozenset[str] | None = None

    def excel(self, blocks: Sequence[Sequence[Range]]) -> str:
        """The formula; each block is given as the ranges of its `names`."""
        count = len(self.names)
        if self.kind == "whole":
            filled = [_sum(f"({_filled(r)})" for r in ranges) for ranges in blocks]
            partly = "+".join(f"SUMPRODUCT(({f}>0)*({f}<{count}))" for f in filled)
            used = "+".join(f"SUMPRODUCT({f})" for f in filled)
            return f'=IF({partly}>0,"✘",IF({used}>0,"✔",""))'
        parts = []
        for ranges in blocks:
            filled_cells = _sum(f"({_filled(r)})" for r in ranges)
            marked = _sum(f"ISNUMBER(MATCH(TRIM({r}),{self._list},0))" for r in ranges)
            real = f"({filled_cells}>0)*({marked}<{count})"
            parts.append(
                f"SUMPRODUCT({filled_cells})" if self.kind == "some" else f"SUMPRODUCT({real})"
            )
        return f'=IF({"+".join(parts)}>0,"✔","✘")'

    @property
    def _list(self) -> str:
        return "{" + ",".join(f'"{word}"' for word in self.marks) + "}"

    def judge(self, rows: Sequence[Sequence[str | None]]) -> Verdict:
        """The verdict on the rows of all its blocks: the texts of its `names`, None where blank."""
        used = [row for row in rows if any(text is not None for text in row)]
        if self.kind == "whole":
            if any(text is None for row in used for text in row):
                return "✘"
            return "✔" if used else ""
        if self.kind == "some":
            return "✔" if used else "✘"
        real = [row for row in used if not all((t or "").strip() in self.marks for t in row)]
        return "✔" if real else "✘"


def _filled(cells: Range) -> str:
    """For each cell of a range: is something written there?"""
    return f'LEN(TRIM(SUBSTITUTE(SUBSTITUTE({cells},CHAR(10),""),"\u3000"," ")))>0'


def _sum(terms: Iterable[str]) -> str:
    return "(" + "+".join(terms) + ")"
