"""Whether the two readers saw the same cells: the values of calamine against the XML of the sheet.

Values and details are read apart. Here they are held against each other: each cell to which the XML
gives a value has one for calamine, and no other has. Only for XML in the usual spelling.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import unescape

from xltool.fields.reading import Raw
from xltool.workbook.appearance import column_letters, column_number

_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})([0-9]{1,7})"([^>]*+)>'
    rb"(?:<f[^<]*+(?:</f>)?+)?+(?:<v>([^<]*+)|<is><t[^>]*+>([^<]*+))"
)
_FORMULA = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^/>]*+><f')
_LONGEST_BLANK = 1000  # bytes: nobody types as many spaces
Strings = Callable[[], Sequence[str]]  # the shared strings, worked out when they are needed


def disagreement(
    xml: bytes, filled: int, grid: Sequence[Sequence[Raw]], strings: Strings
) -> str | None:
    """The address of a cell that only one of the two readers gives a value; None if they agree.

    `filled` is the number of cells that hold something by the XML: where it is that of the values
    read, no cell needs to be looked at.
    """
    read_by_calamine = sum(len(row) - row.count(None) for row in grid)
    if filled in (read_by_calamine, read_by_calamine + _without_value(xml)):
        return None
    stated = {
        (int(match[2]) - 1, column_number(match[1]))
        for match in _CELL.finditer(xml)
        if _holds_something(match, strings)
    }
    read = {
        (r, c)
        for r, row in enumerate(grid)
        for c, cell in enumerate(row)
        if cell is not None and str(cell).strip()
    }
    # a formula without a value is 0 for calamine; that it is a formula is known by itself
    formulas = {(int(m[2]) - 1, column_number(m[1])) for m in _FORMULA.finditer(xml)}
    different = sorted((stated ^ read) - formulas)
    return f"{column_letters(different[0][1])}{different[0][0] + 1}" if different else None


def _without_value(xml: bytes) -> int:
    """How many filled cells have an empty text or an error: calamine gives those as nothing."""
    return xml.count(b"<v></v>") + xml.count(b"<v/>") + xml.count(b't="e"')


def _holds_something(match: re.Match[bytes], strings: Strings) -> bool:
    """True for a value that is no blank text and no error: calamine gives those as nothing."""
    attributes, value, inline = match[3], match[4], match[5]
    if value is None:
        return not _is_blank(inline or b"")
    if b't="e"' in attributes:
        return False
    if b't="s"' in attributes:
        return bool(value) and _is_filled(value, strings())
    return not _is_blank(value)


def _is_filled(index: bytes, strings: Sequence[str]) -> bool:
    """True for a shared string that holds something, and for one that is not there."""
    number = int(index)
    return number >= len(strings) or bool(strings[number].strip())


def _is_blank(xml: bytes) -> bool:
    """True for a text of nothing but space, however it is written: `&#12288;` is one."""
    return not unescape(xml[:_LONGEST_BLANK].decode("utf-8", "replace")).strip()
