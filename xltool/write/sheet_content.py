"""What stands on one form sheet, and how high its rows are for it."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from xltool.fields.reading import Raw, Value
from xltool.form.layout import Cell, Position, Sheet
from xltool.form.model import Form
from xltool.rules.findings import Finding
from xltool.write.book import TITLE, text_height

SIZE = 10.5  # of the font, where a text is not too long for it
MAX_HEIGHT = 409.0  # Excel's limit for a row

LINE = 15.5  # points of a line that a row offers
_ONE_LINE = 19.0  # points that one line of text takes at most
_ROW = 14.5  # points of a row that has no height of its own
_INDENT = 2  # characters that the indent of a cell takes, generously


@dataclass(frozen=True)
class SheetContent:
    """What stands on one form sheet.

    `name` is the sheet's; `prefilled` are the values of the record's own fields that the office
    gave, by field. The others are by 0-based (row, column) of the layout: `values` what the unit
    filled, `findings` what is wrong there, `prefilled_rows` what the office gave in rows,
    `computed` the values of computed cells, `worded` what printed texts with fields in them say.
    """

    name: str
    prefilled: Mapping[str, Value]
    values: Mapping[Position, Value | Raw]
    findings: Mapping[Position, list[Finding]]
    prefilled_rows: Mapping[Position, Value] = field(default_factory=dict)
    computed: Mapping[Position, Value] = field(default_factory=dict)
    worded: Mapping[Position, str] = field(default_factory=dict)


def open_cells_of(
    form: Form,
    sheet: Sheet,
    prefilled: Container[str],
    lines: Mapping[str, Sequence[Mapping[str, str]]],
) -> set[Position]:
    """The cells of a form sheet that the unit may fill: all but those that others fill.

    Others are the system, the workbook, and the office, which `prefilled` these fields of the record and
    these `lines` of further tables. A printed text is open where one of its fields is.
    """
    fields = form.tables[sheet.record].fields
    given = sheet.place_lines(lines)
    own = {
        (cell.row, cell.column)
        for name, cell in sheet.fields.items()
        if fields[name].filled_by == "unit" and name not in prefilled
    }
    return own | {
        place
        for place, (block, name) in sheet.block_cells.items()
        if form.field(block.table, name).filled_by == "unit" and place not in given
    }


class Room:
    """The room that the texts of a form sheet need."""

    def __init__(self, sheet: Sheet, content: SheetContent):
        self.sheet = sheet
        self.content = content
        self.cells = {(cell.row, cell.column): cell for cell in sheet.cells}
        self.in_blocks = {row for block in sheet.blocks for row in block.span}
        self._beside: dict[int, list[Cell]] = {}  # printed keys, or all cells outside of blocks
        for cell in sheet.cells:
            if cell.rows == 1 and (cell.kind == "key" or cell.row not in self.in_blocks):
                self._beside.setdefault(cell.row, []).append(cell)
        self._texts: dict[int, dict[Position, str]] = {}  # those in rows of blocks
        for place, value in {**content.prefilled_rows, **content.values}.items():
            if isinstance(value, str) and place[0] in self.in_blocks:
                self._texts.setdefault(place[0], {})[place] = value

    def height(self, row: int) -> tuple[float, bool]:
        """Points of a row, and whether it gets this height: else the program that opens it decides.

        A blank indicator row has none: it grows by itself when the unit types a long text. Merged
        cells do not grow, so a layout may offer `lines` for the rows of a block. A row whose `height`
        the layout gives grows for what was filled in only, not for what is printed.
        """
        inside = row in self.in_blocks
        given = self.sheet.heights.get(row)
        if given is not None:
            return min(max(given, self._filled(row)), MAX_HEIGHT), True
        needed = self._in_block(row) if inside else self._outside(row)
        return max(_ROW, min(needed, MAX_HEIGHT)), not inside or needed > _ONE_LINE

    @property
    def loose_rows(self) -> set[int]:
        """The rows of tables without a height of their own: that of what is filled in."""
        return self.in_blocks - {*self.sheet.lines, *self.sheet.heights}

    def width(self, cell: Cell) -> float:
        """Characters that a cell has room for in a line."""
        indent = _INDENT if cell.kind == "field" else 0
        return sum(self.sheet.widths[cell.column : cell.column + cell.columns]) - indent

    def lines(self, row: int) -> int:
        """The lines of text that a row offers when it is blank."""
        return max(1, round(self.sheet.lines.get(row, 1)))

    def needs(self, cell: Cell, text: str, size: float = SIZE) -> float:
        """Points that a text needs in a cell at a size of the font."""
        return text_height(text, self.width(cell), size)

    def value(self, cell: Cell) -> Value | Raw:
        """What stands in an input cell."""
        place = (cell.row, cell.column)
        if cell.words is not None:
            return self.content.worded[place]
        if cell.name in self.content.prefilled and cell.name in self.sheet.fields:
            return self.content.prefilled[cell.name]
        return self.content.prefilled_rows.get(place, self.content.values.get(place))

    def _in_block(self, row: int) -> float:
        """Points that a row of a block needs for its long texts."""
        keys = [self._own(cell) for cell in self._beside.get(row, ())]
        return max([self.sheet.lines.get(row, 0) * LINE, self._filled(row), *keys])

    def _filled(self, row: int) -> float:
        """Points that the texts need that somebody filled in."""
        texts = [self.needs(self.cells[p], t) for p, t in self._texts.get(row, {}).items()]
        own = [self._own(c) for c in self._beside.get(row, ()) if c.kind == "field"]
        return max([0.0, *texts, *own])

    def _outside(self, row: int) -> float:
        """Points that a row outside of blocks needs."""
        texts = [self._own(cell) for cell in self._beside.get(row, ())]
        return max([self.sheet.lines.get(row, 1) * LINE, *texts])

    def _own(self, cell: Cell) -> float:
        """Points that what stands in a cell needs, if it is a text."""
        text = cell.text if cell.kind != "field" else self.value(cell)
        size = TITLE if cell.kind == "title" else SIZE
        return self.needs(cell, text, size) if isinstance(text, str) and text else 0
