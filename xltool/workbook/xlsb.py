"""What calamine does not tell of an .xlsb: where its formulas and error values stand, what cells there are.

The parts of such a workbook are streams of records ([MS-XLSB]); of a cell only its kind is looked at.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from xltool.form.layout import Position
from xltool.workbook.agreement import Stated
from xltool.workbook.odd_cells import OddCells
from xltool.workbook.xls import ERRORS, UNKNOWN

_ROW, _ERROR, _STRING, _SHEET = 0, 3, 19, 156
# what the records of cells hold, by their kind; the short ones are those of a cell behind another
_CELLS = {
    1: "nothing",
    2: "value",
    3: "error",
    4: "value",
    5: "value",
    6: "text",
    7: "shared",
    8: "text",
    9: "value",
    10: "value",
    11: "error",
    62: "rich",
}
_SHORT = {
    12: "nothing",
    13: "value",
    14: "error",
    15: "value",
    16: "value",
    17: "text",
    18: "shared",
}
_FORMULAS = range(8, 12)  # with a text, a number, a truth value, an error
_FORMULA_ERROR = 11


def sheets(workbook: bytes) -> dict[str, str]:
    """Sheet name → the id of the relation that leads to its part."""
    found = {}
    try:
        for kind, data in _records(workbook):
            if kind == _SHEET:
                relation, after = _text(data, 8)
                found[_text(data, after)[0]] = relation
    except (struct.error, IndexError):
        pass  # whether such a file can be read at all is for calamine to say
    return found


def shared_strings(table: bytes) -> list[str]:
    """The shared strings of a workbook; those before the fault where there is one."""
    found = []
    try:
        for kind, data in _records(table):
            if kind == _STRING:
                found.append(_text(data, 1)[0])
    except (struct.error, IndexError):
        pass
    return found


def cells(sheet: bytes, strings: Sequence[str] = ()) -> tuple[OddCells, Stated]:
    """The odd cells of a sheet, and all that it states; those before the fault where there is one.

    A short cell says no column: it follows the one before. `strings` are the shared ones.
    """
    odd, stated, row, column = OddCells(), Stated(), 0, -1
    try:
        for kind, data in _records(sheet):
            if kind == _ROW:
                (row,), column = struct.unpack_from("<I", data), -1
            elif kind in _SHORT:
                column += 1
                _state(stated, _SHORT[kind], (row, column), data[3:], strings)
            elif kind in _CELLS:
                (column,) = struct.unpack_from("<I", data)
                _state(stated, _CELLS[kind], (row, column), data[8:], strings)
                if kind in _FORMULAS:
                    odd.formulas[row, column] = UNKNOWN
                if kind in (_ERROR, _FORMULA_ERROR):
                    odd.errors[row, column] = ERRORS.get(data[8], "#VALUE!")
    except (struct.error, IndexError):
        pass
    return odd, stated


def _state(
    stated: Stated, content: str, place: Position, data: bytes, strings: Sequence[str]
) -> None:
    """Note what a cell holds: a value, a text, a rich text, a shared text; or nothing, or an error."""
    if content in ("nothing", "error"):
        return
    text = "0"
    if content == "shared":
        (number,) = struct.unpack_from("<I", data)
        text = strings[number] if number < len(strings) else ""
    elif content != "value":
        text = _text(data, int(content == "rich"))[0]
    if text.strip():
        stated.filled.add(place)
    else:
        stated.texts[place] = None


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The kind and content of each record."""
    at = 0
    while at < len(content):
        kind = content[at]
        at += 1
        if kind & 0x80:
            kind = kind & 0x7F | (content[at] & 0x7F) << 7
            at += 1
        length = 0
        for shift in (0, 7, 14, 21):
            byte = content[at]
            at += 1
            length |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        if at + length > len(content):
            return  # it breaks off
        yield kind, content[at : at + length]
        at += length


def _text(data: bytes, at: int) -> tuple[str, int]:
    """A text, and where it ends."""
    (length,) = struct.unpack_from("<I", data, at)
    end = at + 4 + 2 * length
    return data[at + 4 : end].decode("utf-16-le", "replace"), end
