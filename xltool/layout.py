"""A layout: the sheets of a form, their cells, and the address of every field.

It depends on the form and on the rows offered, never on a unit, so one layout serves a whole
campaign. The same object tells the writer where to put a value and the reader where to find it.
`template` makes it from `layout.xml.j2`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

CellKind = Literal["title", "label", "head", "text", "field", "key", "empty"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the layout, 0-based; `rows` × `columns` is its merged size."""

    kind: CellKind
    row: int
    column: int
    rows: int = 1
    columns: int = 1
    text: str = ""  # of labels and keys
    name: str = ""  # of fields and keys

    @property
    def address(self) -> str:
        """The A1 address of the top left cell."""
        return a1(self.row, self.column)


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of a child table: `rows` repetitions from `first` on, with constant `keys`."""

    table: str
    keys: Mapping[str, str]
    first: int
    rows: int
    columns: Mapping[str, int]  # field → column


@dataclass(frozen=True)
class Sheet:
    """One form sheet. `name` may contain {n}: one such sheet per record."""

    record: str
    name: str
    widths: tuple[float, ...]
    cells: tuple[Cell, ...]
    blocks: tuple[Block, ...]
    lines: Mapping[int, float] = field(default_factory=dict)  # row → text lines it offers
    repeat: tuple[int, int] | None = None  # rows printed on every page

    @cached_property
    def height(self) -> int:
        """Number of rows."""
        return max(cell.row + cell.rows for cell in self.cells)

    @cached_property
    def fields(self) -> dict[str, Cell]:
        """The cells of the record's own fields."""
        return {cell.name: cell for cell in self.cells if cell.kind == "field" and cell.name}

    @cached_property
    def locked(self) -> tuple[Cell, ...]:
        """The cells with printed text."""
        return tuple(cell for cell in self.cells if cell.kind not in ("field", "empty"))

    @cached_property
    def keys(self) -> dict[tuple[int, str], Cell]:
        """(row, key name) → the printed cell that holds the key of this row, perhaps merged down."""
        return {
            (row, cell.name): cell
            for cell in self.cells
            if cell.kind == "key"
            for row in range(cell.row, cell.row + cell.rows)
        }

    @cached_property
    def locked_rows(self) -> dict[int, tuple[Cell, ...]]:
        """The printed cells by row: the anchors of the alignment."""
        rows: dict[int, list[Cell]] = {}
        for cell in self.locked:
            rows.setdefault(cell.row, []).append(cell)
        return {row: tuple(cells) for row, cells in rows.items()}


@dataclass(frozen=True)
class Layout:
    """All sheets of a form, and a digest that changes when any cell moves or any label changes."""

    sheets: tuple[Sheet, ...]
    paper: str = "A4"
    orientation: str = "portrait"

    @cached_property
    def digest(self) -> str:
        """16 hexadecimal digits over everything that a returned workbook is compared with."""
        content = json.dumps(
            [
                [
                    sheet.record,
                    sheet.name,
                    [
                        [c.kind, c.row, c.column, c.rows, c.columns, c.text, c.name]
                        for c in sheet.cells
                    ],
                    [
                        [b.table, dict(b.keys), b.first, b.rows, dict(b.columns)]
                        for b in sheet.blocks
                    ],
                ]
                for sheet in self.sheets
            ],
            ensure_ascii=False,
            sort_keys=True,
        )
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    @property
    def record_sheet(self) -> Sheet:
        """The sheet that is repeated for every record."""
        return self.sheets[0]


def a1(row: int, column: int) -> str:
    """0-based row and column as an A1 address."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"
