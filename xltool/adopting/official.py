"""What stands on the sheets of an official workbook, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from xltool.form.layout import Position, a1

Stated = Literal["text", "number", "date", "formula", ""]  # how a content is stored; "" is none

USUAL_HEIGHT = (
    14.25  # points of a row of ours that has no height of its own (`write.book.ROW_PIXELS`)
)
_NEAR = 0.5


@dataclass(frozen=True, slots=True)
class Limit:
    """A data validation: its `type` and bounds as Excel has them, `choices` of a list, its words."""

    type: str
    operator: str = ""
    first: str = ""
    second: str = ""
    choices: tuple[str, ...] = ()
    soft: bool = False  # other values are warned of only
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class OfficialCell:
    """One cell, 0-based, or a merged area of `rows` × `columns` cells.

    `text` is what it shows, without outer spaces; of a formula it is the formula itself.
    """

    row: int
    column: int
    rows: int = 1
    columns: int = 1
    text: str = ""
    stated: Stated = ""
    number_format: str = "General"
    locked: bool = True
    bordered: bool = False
    align: str = ""
    on_top: bool = False  # its text begins at the upper edge
    size: float = 11.0  # of the font
    comment: str = ""
    limit: Limit | None = None

    @property
    def address(self) -> str:
        """The A1 address of its top left corner."""
        return a1(self.row, self.column)

    @property
    def place(self) -> Position:
        """Its top left corner."""
        return self.row, self.column

    @property
    def bottom(self) -> int:
        """Its last row."""
        return self.row + self.rows - 1


@dataclass(frozen=True)
class OfficialSheet:
    """One sheet: its cells cover the whole area of `height` rows and one column for each width.

    `widths` are those of the columns in characters, as the file states them; `heights` those of the
    rows in points, where somebody set them: the others are left to the program that opens the file.
    """

    name: str
    widths: tuple[float, ...]
    heights: Mapping[int, float]
    height: int
    cells: tuple[OfficialCell, ...]
    protected: bool = False
    paper: str = "A4"
    orientation: str = "portrait"
    repeat: tuple[int, int] | None = None

    @cached_property
    def owners(self) -> dict[Position, OfficialCell]:
        """The cell at each position, merged areas included."""
        return {
            (row, column): cell
            for cell in self.cells
            for row in range(cell.row, cell.row + cell.rows)
            for column in range(cell.column, cell.column + cell.columns)
        }

    @cached_property
    def starting(self) -> dict[int, list[OfficialCell]]:
        """The cells that begin in each row, from left to right."""
        found: dict[int, list[OfficialCell]] = {row: [] for row in range(self.height)}
        for cell in sorted(self.cells, key=lambda cell: cell.place):
            found[cell.row].append(cell)
        return found

    def block_height(self, row: int) -> float | None:
        """The height that a row of a block is to have; None for that which rows of ours have anyway."""
        height = self.heights.get(row)
        return None if height is None or abs(height - USUAL_HEIGHT) < _NEAR else height

    @cached_property
    def has_borders(self) -> bool:
        """True if its tables are ruled."""
        return any(cell.bordered for cell in self.cells)


@dataclass(frozen=True)
class Official:
    """The visible sheets of an official workbook, and the names of the hidden ones."""

    sheets: tuple[OfficialSheet, ...]
    hidden: tuple[str, ...] = field(default=())
