"""Rows that grow with the text that is typed into them.

A row with a height of its own would cut off a text that is longer, so none with an open text has one
unless it is high enough for the limit. What is typed into a merged cell makes no row higher, in no
program: for that, a thin cell stands beside the form, outside of what is printed, with as many line
breaks as the text needs lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from xltool.form.layout import Cell, Position, a1
from xltool.form.model import Form
from xltool.write.book import characters_in, text_height
from xltool.write.sheet_content import LINE, MAX_HEIGHT, SIZE, Room

WIDTH = 0.4  # of the column beside the form, in characters
_SIZES = (
    SIZE,
    10.0,
    9.0,
)  # of the font: the largest in which a text of the limit fits, or the last
_UNLIMITED = 2000  # characters for which a text without limit has room,
_UNLIMITED_LINE = 200  # if it is one of a few words, or one of many
_MOST = 60  # line breaks: Excel takes no more than 409 points


@dataclass(frozen=True)
class GrowingText:
    """A cell whose text makes its row grow: its place, its width in characters, the size of its font."""

    place: Position
    width: float
    size: float

    @classmethod
    def of(cls, room: Room, cell: Cell, limit: int) -> GrowingText:
        """The text of a cell that takes so many characters."""
        width = room.width(cell)
        fits = (size for size in _SIZES if _height(limit, width, size) <= MAX_HEIGHT)
        return cls((cell.row, cell.column), width, next(fits, _SIZES[-1]))

    @property
    def breaks(self) -> str:
        """The formula of the line breaks that the text needs, each character as wide as a Chinese one."""
        text = a1(*self.place)
        full = characters_in(self.width, self.size)
        return f'INT(LEN({text})/{full})+LEN({text})-LEN(SUBSTITUTE({text},CHAR(10),""))'

    def breaks_now(self, text: str) -> int:
        """What the formula gives for a text."""
        return len(text) // characters_in(self.width, self.size) + text.count("\n")


@dataclass(frozen=True)
class GrowingRow:
    """A row that grows: the texts that no program makes room for by itself, and the breaks of a blank one."""

    texts: tuple[GrowingText, ...]
    least: int

    @property
    def has_helper(self) -> bool:
        """True if a cell beside the form keeps it as high as it has to be."""
        return bool(self.texts) or self.least > 0

    @property
    def size(self) -> float:
        """The size of the font beside it: the largest of its texts."""
        return max((text.size for text in self.texts), default=SIZE)

    @property
    def formula(self) -> str:
        """The formula of the line breaks beside it."""
        counts = ",".join([str(self.least), *(text.breaks for text in self.texts)])
        return f'=IFERROR(REPT(CHAR(10),MIN({_MOST},MAX({counts}))),"")'

    def breaks(self, room: Room) -> str:
        """The line breaks beside it now."""
        shown = ((text, room.value(room.cells[text.place])) for text in self.texts)
        counts = [text.breaks_now(value) for text, value in shown if isinstance(value, str)]
        return "\n" * min(_MOST, max([self.least, *counts]))


def growing_rows(form: Form, room: Room) -> dict[int, GrowingRow]:
    """The rows of a sheet that grow while somebody types: those with an open text that may need more room.

    Which these are does not depend on what the office filled beside it, but for the heights in tables.
    """
    texts: dict[int, list[GrowingText]] = {}
    for row, limits in _limits(form, room).items():
        within = row in room.in_blocks
        if within and not room.height(row)[1] and all(cell.columns == 1 for cell, _ in limits):
            continue  # without a height of its own
        texts[row] = [
            GrowingText.of(room, cell, limit)
            for cell, limit in limits
            if not within or cell.columns > 1
        ]
        texts[row] += [] if within else _given(room, row, texts[row])
    return {row: GrowingRow(tuple(found), _least(room, row, found)) for row, found in texts.items()}


def _limits(form: Form, room: Room) -> dict[int, list[tuple[Cell, int]]]:
    """By row, its open cells with free text for whose limit it offers no room, with the limit."""
    sheet, content = room.sheet, room.content
    fields = [
        (cell, form.field(sheet.record, name))
        for name, cell in sheet.fields.items()
        if cell.words is None and name not in content.prefilled
    ]
    fields += [
        (room.cells[place], form.field(block.table, name))
        for place, (block, name) in sheet.block_cells.items()
        if place not in content.prefilled_rows
    ]
    found: dict[int, list[tuple[Cell, int]]] = {}
    for cell, field in fields:
        if not (field.filled_by == "unit" and field.kind.free and cell.rows == 1):
            continue
        is_long = field.multiline and cell.row not in room.in_blocks
        limit = field.max_chars or (_UNLIMITED if is_long else _UNLIMITED_LINE)
        offered = room.lines(cell.row) * LINE
        if cell.row not in sheet.heights and _height(limit, room.width(cell), SIZE) > offered:
            found.setdefault(cell.row, []).append((cell, limit))
    return found


def _given(room: Room, row: int, beside: Sequence[GrowingText]) -> list[GrowingText]:
    """The texts that the office filled in merged cells beside these, which keep their room."""
    open_places = {text.place for text in beside}
    return [
        GrowingText((row, cell.column), room.width(cell), SIZE)
        for name, cell in room.sheet.fields.items()
        if cell.row == row and cell.rows == 1 and cell.columns > 1 and cell.words is None
        if (row, cell.column) not in open_places
        and isinstance(room.content.prefilled.get(name), str)
    ]


def rows_that_grow(
    form: Form, room: Room, growing: Mapping[int, GrowingRow] | None = None
) -> set[int]:
    """The rows of a blank sheet that grow while it is filled; of one that is filled, none will any more.

    `growing` is what `growing_rows` gives, where somebody has it already.
    """
    if room.content.values:
        return set()
    known = growing_rows(form, room) if growing is None else growing
    return set(known) | room.loose_rows


@lru_cache(maxsize=1024)
def _height(characters: int, width: float, size: float) -> float:
    """The points that so many Chinese characters need."""
    return text_height("字" * characters, width, size)


def _least(room: Room, row: int, texts: Sequence[GrowingText]) -> int:
    """The line breaks of a row that is blank, in the font of these texts."""
    size = max((text.size for text in texts), default=SIZE)
    return round(room.lines(row) * SIZE / size) - 1
