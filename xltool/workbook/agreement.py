"""Whether the two readers saw the same cells: the values of calamine against what the file states.

Values and details are read apart. Here they are held against each other: each cell to which the file
gives a value has one for calamine, and no other has. For an .xlsx the XML is looked at, which must be
in the usual spelling; of other kinds of file the pass over the details notes what cells there are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape

from xltool.fields.reading import Raw
from xltool.form.layout import Position, a1
from xltool.workbook.appearance import Appearance
from xltool.workbook.columns import column_letters, column_number
from xltool.workbook.strings import SharedStrings

_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})([0-9]{1,7})"([^>]*+)>'
    rb"(?:<f[^<]*+(?:</f>)?+)?+(?:<v>([^<]*+)|<is><t[^>]*+>([^<]*+))"
)
_FORMULA = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^/>]*+><f')
_LONGEST_BLANK = 1000  # bytes: nobody types as many spaces


@dataclass(slots=True)
class Stated:
    """The cells that a sheet of an .xlsb, .xls or .ods states, by their places.

    `filled` hold a value for certain. `texts` hold a text, which may be empty: by the number of the
    shared string, or None where it is not shared.
    """

    filled: set[Position] = field(default_factory=set)
    texts: dict[Position, int | None] = field(default_factory=dict)


def unread(stated: Stated, grid: Sequence[Sequence[Raw]]) -> str | None:
    """The address of a cell that only one of the two readers knows; None if they agree.

    A cell with an error counts for neither. That a shared text is not empty is known where another
    cell shows it.
    """
    read = {
        (r, c)
        for r, row in enumerate(grid)
        for c, cell in enumerate(row)
        if cell is not None and str(cell).strip()
    }
    shown = {number for place, number in stated.texts.items() if place in read} - {None}
    lost = {place for place, number in stated.texts.items() if number in shown} - read
    odd = sorted(lost | (stated.filled - read) | (read - stated.filled - stated.texts.keys()))
    return a1(*odd[0]) if odd else None


def disagreement(
    looks: Appearance, filled: int, grid: Sequence[Sequence[Raw]], strings: SharedStrings
) -> str | None:
    """The address of a cell that only one of the two readers gives a value; None if they agree.

    `filled` is the number of cells that hold something by the XML: where it is that of the values
    read, no cell needs to be looked at.
    """
    xml, read_by_calamine = looks.xml, sum(len(row) - row.count(None) for row in grid)
    if filled == read_by_calamine or filled == read_by_calamine + without_value(looks):
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


def without_value(looks: Appearance) -> int:
    """How many filled cells have an empty text or an error: calamine gives those as nothing."""
    if looks.pieces is not None:
        return looks.pieces.without_value
    xml = looks.xml
    return xml.count(b"<v></v>") + xml.count(b"<v/>") + xml.count(b't="e"')


def _holds_something(match: re.Match[bytes], strings: SharedStrings) -> bool:
    """True for a value that is no blank text and no error: calamine gives those as nothing."""
    attributes, value, inline = match[3], match[4], match[5]
    if value is None:
        return not _is_blank(inline or b"")
    if b't="e"' in attributes:
        return False
    if b't="s"' in attributes:
        return bool(value) and _is_filled(value, strings.texts)
    return not _is_blank(value)


def _is_filled(index: bytes, strings: Sequence[str]) -> bool:
    """True for a shared string that holds something, and for one that is not there."""
    number = int(index)
    return number >= len(strings) or bool(strings[number].strip())


def _is_blank(xml: bytes) -> bool:
    """True for a text of nothing but space, however it is written: `&#12288;` is one."""
    return not unescape(xml[:_LONGEST_BLANK].decode("utf-8", "replace")).strip()
