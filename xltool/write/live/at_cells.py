"""What 填报检查 tells of a problem that was found: whether the rule still fails at its very cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from xlsxwriter.utility import xl_cell_to_rowcol

from xltool.form.layout import Position
from xltool.form.own_sheets import CHECKS
from xltool.language.formulas import beyond_excel
from xltool.write.live.page import FIRST, Line

At = tuple[str, Position]  # a cell, with the name of its sheet


@dataclass(frozen=True, slots=True)
class Watch:
    """A formula, for any sheet, that shows the sign of a rule at a cell, and the sign that it shows now."""

    formula: str
    now: str

    @property
    def fails(self) -> bool:
        """True while the rule fails."""
        return self.now in ("✘", "！")


def watch(lines: Sequence[Line], code: str, cells: Sequence[At]) -> Watch | None:
    """What watches a rule at one of some cells: the first that fails, else the first; None without any.

    `lines` are those of 填报检查, in their order.
    """
    found = list(_watches(lines, code, cells))
    return next((one for one in found if one.fails), next(iter(found), None))


def _watches(lines: Sequence[Line], code: str, cells: Sequence[At]) -> Iterator[Watch]:
    for number, line in enumerate(lines, FIRST):
        if line.check.code != code:
            continue
        for sheet, place in cells:
            if sheet == line.place.name and any(_holds(area, place) for area in line.check.area):
                yield _watch(line, place, number)


def _watch(line: Line, place: Position, row: int) -> Watch:
    """What watches one cell of a line: the line itself, where it is about one row only."""
    whole = Watch(f"='{CHECKS}'!$A${row + 1}", line.verdict)
    if line.check.alone is None:
        return whole
    begun = f"'{CHECKS}'!{line.begun}" if line.place.optional else ""
    alone = replace(line, check=line.check.alone(place), begun=begun)
    return whole if beyond_excel(alone.formula) else Watch(alone.formula, alone.verdict)


def _holds(area: str, place: Position) -> bool:
    """True for a cell of an area."""
    first, _, last = area.partition(":")
    (top, left), (bottom, right) = xl_cell_to_rowcol(first), xl_cell_to_rowcol(last or first)
    return bool(top <= place[0] <= bottom and left <= place[1] <= right)
