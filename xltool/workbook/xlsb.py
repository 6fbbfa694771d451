"""What calamine does not tell of an .xlsb: where its formulas and error values stand.

The parts of such a workbook are streams of records ([MS-XLSB]); of a cell only its kind is looked at.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from xltool.workbook.odd_cells import OddCells
from xltool.workbook.xls import ERRORS, UNKNOWN

_ROW, _ERROR, _SHEET = 0, 3, 156
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


def odd_cells(sheet: bytes) -> OddCells:
    """The odd cells of a sheet; those before the fault where it is not as it should be."""
    odd, row = OddCells(), 0
    try:
        for kind, data in _records(sheet):
            if kind == _ROW:
                (row,) = struct.unpack_from("<I", data)
            elif kind == _ERROR or kind in _FORMULAS:
                column, code = struct.unpack_from("<I4xB", data)
                if kind in _FORMULAS:
                    odd.formulas[row, column] = UNKNOWN
                if kind in (_ERROR, _FORMULA_ERROR):
                    odd.errors[row, column] = ERRORS.get(code, "#VALUE!")
    except (struct.error, IndexError):
        pass
    return odd


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
