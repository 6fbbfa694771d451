"""A layout: the sheets of a form, their cells, and the address of every field.

It depends on the form, the year and the rows offered, never on a unit, so one layout serves a whole
campaign. The writer puts values where it says, and the reader finds them there.
`layout_xml.render` makes it from `layout.xml.j2`.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import Any, Literal, NamedTuple

from xltool.fields.field import Field
from xltool.fields.reading import Raw, Value
from xltool.form.printed_words import Words
from xltool.prose.text import label_key

Position = tuple[
    int, int
]  # 0-based (row, column) of a cell, in the layout or on a sheet as it says

Picker = Callable[[Sequence[Any]], tuple[Any, ...]]  # of all cells of a sheet, row after row

CellKind = Literal["title", "label", "head", "text", "field", "key", "empty"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the layout, 0-based; `rows` × `columns` is its merged size.

    A field that stands in a printed text has its `words` in the cell, perhaps with other fields. The cell
    is a field without a name then, and `text` shows what it holds.
    """

    kind: CellKind
    row: int
    column: int
    rows: int = 1
    columns: int = 1
    text: str = ""  # of labels and keys
    name: str = ""  # of fields and keys
    align: str = "left"  # of texts
    words: Words | None = None

    @property
    def address(self) -> str:
        """The A1 address of its top left corner."""
        return a1(self.row, self.column)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the record that stand in it; a field of a block is addressed through the block."""
        if self.words is not None:
            return self.words.names
        return (self.name,) if self.kind == "field" and self.name else ()

    def piece(self, name: str, raw: Raw) -> Raw:
        """What it holds of a field: all, or what stands between the words; None where nobody can tell."""
        return raw if self.words is None else (self.words.pieces(raw) or {}).get(name)

    def filled(self, column: Field, held: Raw, value: Value | Raw) -> Value | Raw:
        """What it holds when a field is filled and `held` stood there before."""
        if self.words is None:
            return value
        piece = value if isinstance(value, (str, float)) else column.show(value)
        return self.words.joined({**(self.words.pieces(held) or {}), column.name: piece})

    def piece_formula(self, name: str, address: str) -> str:
        """The formula of what it holds of a field; `address` is that of the cell."""
        return address if self.words is None else self.words.piece_formula(name, address)


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of a table that belong to a record: `rows` of them from row `first` on (0-based).

    `keys` are values that all of these rows share (`lv2` → 数量指标); `printed` gives the columns of
    the keys that are printed, `columns` those of the fields. With `always`, each row must be
    filled, as the printed lines of a table are; without it, a row may stay blank.
    """

    table: str
    keys: Mapping[str, str]
    first: int
    rows: int
    columns: Mapping[str, int]  # field → column
    printed: Mapping[str, int] = field(default_factory=dict)  # key → column
    always: bool = False

    @property
    def span(self) -> range:
        """Its rows, 0-based."""
        return range(self.first, self.first + self.rows)


@dataclass(frozen=True)
class Sheet:
    """One form sheet, of the record table `record`. With {n} in its `name`, each record has one.

    `widths` are those of the columns, in characters; `lines` the lines of text that a row offers,
    `heights` the points that it has instead, whatever is printed there; `repeat` the first and last
    row that are printed on every page; before each row in `breaks` a new page begins. Tables may
    stand side by side, so several blocks may have a row in common.
    """

    record: str
    name: str
    widths: tuple[float, ...]
    cells: tuple[Cell, ...]
    blocks: tuple[Block, ...]
    lines: Mapping[int, float] = field(default_factory=dict)  # row → text lines it offers
    heights: Mapping[int, float] = field(default_factory=dict)  # row → points
    repeat: tuple[int, int] | None = None  # rows printed on every page
    breaks: tuple[int, ...] = ()

    @property
    def is_repeated(self) -> bool:
        """True if each project has one."""
        return "{n}" in self.name

    @property
    def tables(self) -> set[str]:
        """The tables that stand on it."""
        return {self.record, *(block.table for block in self.blocks)}

    @cached_property
    def height(self) -> int:
        """Number of rows."""
        return max(cell.row + cell.rows for cell in self.cells)

    @cached_property
    def fields(self) -> dict[str, Cell]:
        """The cells of the record's own fields, by field; those of blocks are in `block_cells`."""
        return {name: cell for cell in self.cells for name in cell.fields}

    @cached_property
    def worded(self) -> tuple[Cell, ...]:
        """The cells with fields in a printed text."""
        return tuple(cell for cell in self.cells if cell.words is not None)

    @cached_property
    def worded_at(self) -> dict[Position, Cell]:
        """The same by their positions."""
        return {(cell.row, cell.column): cell for cell in self.worded}

    @cached_property
    def block_cells(self) -> dict[Position, tuple[Block, str]]:
        """The block and the field of each cell of a block, by position."""
        return {
            (row, column): (block, name)
            for block in self.blocks
            for row in block.span
            for name, column in block.columns.items()
        }

    @cached_property
    def locked(self) -> tuple[Cell, ...]:
        """The cells with printed text: titles, labels, headings, texts and keys."""
        return tuple(cell for cell in self.cells if cell.kind not in ("field", "empty"))

    @cached_property
    def printed_texts(self) -> tuple[str, ...]:
        """The texts of the locked cells, in their order."""
        return tuple(cell.text for cell in self.locked)

    @cached_property
    def label_counts(self) -> Counter[str]:
        """How often each printed text stands on the sheet, by what is compared of it (`label_key`)."""
        return Counter(map(label_key, self.printed_texts))

    @cached_property
    def pick_texts(self) -> Picker:
        """Picks what stands in the locked cells, in their order."""
        return self._picker((cell.row, cell.column) for cell in self.locked)

    @cached_property
    def pick_voids(self) -> Picker:
        """Picks what stands in the `voids`, in their order."""
        return self._picker(self.voids)

    def frame(self, grid: Sequence[Sequence[Any]]) -> list[Any]:
        """The cells of the form on a sheet in one list, row after row; None where the grid ends before."""
        width, rows = len(self.widths), grid[: self.height]
        if set(map(len, rows)) != {width}:
            blank = [None] * width
            rows = [row[:width] if len(row) >= width else [*row, *blank][:width] for row in rows]
        found = list(chain.from_iterable(rows))
        return found + [None] * (self.height * width - len(found))

    def _picker(self, places: Iterable[Position]) -> Picker:
        width = len(self.widths)
        return picker([row * width + column for row, column in places])

    @cached_property
    def keys(self) -> dict[Position, Cell]:
        """The printed cell of a key, by each position that it covers: it may be merged downward."""
        return {
            (row, cell.column): cell
            for cell in self.cells
            if cell.kind == "key"
            for row in range(cell.row, cell.row + cell.rows)
        }

    @cached_property
    def texts(self) -> dict[str, set[Position]]:
        """The positions of each printed text."""
        found: dict[str, set[Position]] = {}
        for cell in self.locked:
            found.setdefault(cell.text, set()).add((cell.row, cell.column))
        return found

    @cached_property
    def voids(self) -> tuple[Position, ...]:
        """The positions that hold neither text nor input: empty, or covered by a merged cell."""
        taken = {(cell.row, cell.column) for cell in self.cells if cell.kind != "empty"}
        taken |= self.block_cells.keys()
        places = ((r, c) for r in range(self.height) for c in range(len(self.widths)))
        return tuple(place for place in places if place not in taken)

    def place_lines(self, lines: Mapping[str, Sequence[Mapping[str, str]]]) -> dict[Position, str]:
        """Return the text of each cell that the office prefills in blocks, by position.

        `lines` are the prefilled rows of each table, as texts by field. Each goes into the next
        free row of the block with its keys. Raises ValueError with the values of a row for which
        there is no such block, or no room in it.
        """
        places: dict[Position, str] = {}
        taken: set[tuple[int, int]] = set()  # row, place of the block among its table's
        for table in {block.table for block in self.blocks} & set(lines):
            blocks = list(enumerate(b for b in self.blocks if b.table == table))
            for line in lines[table]:
                rows = (
                    (number, block, row)
                    for number, block in blocks
                    if all(line.get(name, text) == text for name, text in block.keys.items())
                    for row in block.span
                    if (row, number) not in taken
                )
                number, block, row = next(rows, (0, None, 0))
                if block is None:
                    raise ValueError("、".join(line.values()))
                taken.add((row, number))
                places |= {(row, c): line[n] for n, c in block.columns.items() if line.get(n)}
            taken.clear()
        return places

    @cached_property
    def locked_rows(self) -> dict[int, tuple[Cell, ...]]:
        """The printed cells by row; by these the rows of a returned sheet are matched."""
        rows: dict[int, list[Cell]] = {}
        for cell in self.locked:
            rows.setdefault(cell.row, []).append(cell)
        return {row: tuple(cells) for row, cells in rows.items()}


class Page(NamedTuple):
    """One sheet of a workbook: its name, the record that it shows, its sheet of the layout by number."""

    name: str
    record: int
    part: int


@dataclass(frozen=True)
class Layout:
    """All sheets of a form.

    Either one sheet is repeated for every record, or there are several and one record, or both: then
    record 0 is the unit's own, and each further one fills a copy of the sheet that is repeated.
    `digest` changes when any cell moves or any label changes; the seal of a workbook holds it.
    """

    sheets: tuple[Sheet, ...]
    paper: str = "A4"
    orientation: str = "portrait"

    @cached_property
    def digest(self) -> str:
        """16 hexadecimal digits of a hash of all that a returned workbook is compared with."""
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
                        [b.table, dict(b.keys), b.first, b.rows, dict(b.columns), b.always]
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
    def single(self) -> bool:
        """True if a workbook holds exactly one record."""
        return not any(sheet.is_repeated for sheet in self.sheets)

    @property
    def first_project(self) -> int:
        """The number of the first record that is not the unit's own."""
        return 0 if self.single or len(self.sheets) == 1 else 1

    def pages(self, records: int) -> list[Page]:
        """Return the sheets of a workbook with a number of records, in its order."""
        first = self.first_project
        return [
            Page(sheet.name.format(n=record - first + 1), record, part)
            for part, sheet in enumerate(self.sheets)
            for record in (range(first, records) if sheet.is_repeated else (0,))
        ]

    def names(self, records: int) -> list[str]:
        """Return the names of the sheets for a number of records: 项目1, 项目2, …"""
        return [page.name for page in self.pages(records)]

    def numbers(self, records: int) -> dict[tuple[int, int], int]:
        """Return the place of each sheet in the workbook, by its record and its part."""
        return {(page.record, page.part): n for n, page in enumerate(self.pages(records))}

    @property
    def record_sheet(self) -> Sheet:
        """The sheet that is repeated, else the first one."""
        return next((sheet for sheet in self.sheets if sheet.is_repeated), self.sheets[0])


def picker(places: Sequence[int]) -> Picker:
    """Return a function that gives what stands at these places of a list, all at once."""
    if len(places) < 2:  # itemgetter gives no tuple then
        return lambda cells: tuple(cells[place] for place in places)
    return itemgetter(*places)


def a1(row: int, column: int) -> str:
    """Return the A1 address of a 0-based row and column."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"
