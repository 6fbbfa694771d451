"""Rows that grow with the text that is typed into merged cells, which no program does by itself.

Beside the form, outside of what is printed, stands a thin cell with as many line breaks as the text
needs lines: the row has no height of its own, so that its height follows that cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from xltool.fields.kinds import Field
from xltool.form.layout import Cell, Position, a1
from xltool.form.model import Form
from xltool.write.book import characters_in, text_height
from xltool.write.sheet_content import MAX_HEIGHT, SIZE, Room

WIDTH = 0.4  # of the column beside the form, in characters
_SIZES = (
    SIZE,
    10.0,
    9.0,
)  # of the font: the largest in which a text of the limit fits, or the last
_UNLIMITED = 2000  # characters for which a text without limit has room
_MOST = 60  # line breaks: Excel takes no more than 409 points


@dataclass(frozen=True)
class GrowingText:
    """A cell whose text makes its row grow: its address, its width in characters, the size of its font."""

    address: str
    width: float
    size: float

    @classmethod
    def of(cls, room: Room, cell: Cell, field: Field) -> GrowingText | None:
        """The text of an open cell outside of tables, None if its row is high enough for the limit."""
        limit = field.max_chars or (_UNLIMITED if field.multiline else 0)
        if not (field.kind.free and limit and cell.rows == 1 and room.may_grow(cell.row)):
            return None
        width = room.width(cell)
        if _height(limit, width, SIZE) <= room.height(cell.row)[0]:
            return None
        fits = (size for size in _SIZES if _height(limit, width, size) <= MAX_HEIGHT)
        return cls(a1(cell.row, cell.column), width, next(fits, _SIZES[-1]))

    @property
    def breaks(self) -> str:
        """The formula of the line breaks that the text needs, each character as wide as a Chinese one."""
        text = self.address
        full = characters_in(self.width, self.size)
        return f'INT(LEN({text})/{full})+LEN({text})-LEN(SUBSTITUTE({text},CHAR(10),""))'

    def breaks_now(self, text: str) -> int:
        """What the formula gives for a text."""
        return len(text) // characters_in(self.width, self.size) + text.count("\n")


def texts_that_grow(form: Form, room: Room) -> dict[Position, GrowingText]:
    """The open cells outside of tables whose rows grow with them; not beside what the office filled."""
    sheet, prefilled = room.sheet, room.content.prefilled
    given = {
        cell.row for name, cell in sheet.fields.items() if isinstance(prefilled.get(name), str)
    }
    found = {}
    for name, cell in sheet.fields.items():
        field = form.field(sheet.record, name)
        is_open = field.filled_by == "unit" and name not in prefilled
        if is_open and cell.words is None and cell.row not in given:
            text = GrowingText.of(room, cell, field)
            if text is not None:
                found[cell.row, cell.column] = text
    return found


def rows_that_grow(form: Form, room: Room) -> set[int]:
    """The rows of a blank sheet that grow while it is filled; of one that is filled, none will any more."""
    if room.content.values:
        return set()
    return {row for row, _ in texts_that_grow(form, room)} | room.loose_rows


@lru_cache(maxsize=1024)
def _height(characters: int, width: float, size: float) -> float:
    """The points that so many Chinese characters need."""
    return text_height("字" * characters, width, size)


def least_breaks(room: Room, row: int, size: float) -> int:
    """Return the line breaks of a row that is blank, with a font of this size."""
    return round(room.lines(row) * SIZE / size) - 1


def line_breaks(least: int, cells: Sequence[GrowingText]) -> str:
    """Return the formula of the line breaks beside a row; `least` are those of a blank one."""
    counts = ",".join(cell.breaks for cell in cells)
    return f'=IFERROR(REPT(CHAR(10),MIN({_MOST},MAX({least},{counts}))),"")'


def breaks_now(least: int, cells: Sequence[GrowingText], texts: Sequence[str]) -> str:
    """Return what the formula shows for these texts."""
    counts = [cell.breaks_now(text) for cell, text in zip(cells, texts, strict=True)]
    return "\n" * min(_MOST, max(least, *counts))
