"""The cells of a sheet that hold or show something else than a plain value, by their places.

Most sheets have none, and then a look for a few bytes tells so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial

from xltool.form.layout import Position
from xltool.workbook.appearance import Appearance
from xltool.workbook.attributes import unescaped
from xltool.workbook.columns import column_letters, column_number
from xltool.workbook.sheet_pieces import (
    ADDRESS,
    ANY_FORMULA,
    FORMULA_CELL,
    Formula,
    place_of,
)
from xltool.workbook.strings import SharedStrings

# a tag and what follows it; linear, since no part runs past the next "<"
_TAG = re.compile(rb"<(?:\w+:)?(c|f|v)(?=[\s/>])([^<]*+)")
_END = re.compile(rb"</(?:\w+:)?sheetData[\s>]")  # behind it stand the formulas of lists
_ELSEWHERE = "=…"  # in place of a formula that stands at another cell
_SHARED_NUMBER = re.compile(rb'\bsi="(\d{1,9})"')
_REFERENCE = re.compile(r"(?<![A-Za-z0-9_.$])(\$?)([A-Z]{1,3})(\$?)(\d{1,7})(?![A-Za-z0-9_.(])")
_SHARED_STRING = re.compile(
    rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*?\st="s"[^>]*+>(?:<f[^<]*+(?:</f>)?+)?+<v>(\d{1,9})<'
)


@dataclass(frozen=True, slots=True)
class OddCells:
    """What is odd about cells, by their places.

    `errors` are error values (#REF!), `formulas` formulas (=1+1), `pictures` pictures in a cell (Excel
    365 stores an error value beside them), `formats` number formats that may show another thing than
    is stored, `struck` struck-out texts ("" where the whole cell is struck out).
    """

    errors: dict[Position, str] = field(default_factory=dict)
    formulas: dict[Position, str] = field(default_factory=dict)
    pictures: dict[Position, str] = field(default_factory=dict)
    formats: dict[Position, str] = field(default_factory=dict)
    struck: dict[Position, str] = field(default_factory=dict)

    def in_columns(self, columns: Mapping[int, int]) -> OddCells:
        """The same with columns put elsewhere: column here → new column; others are left out."""
        return OddCells(
            **{
                one.name: {
                    (row, columns[column]): text
                    for (row, column), text in getattr(self, one.name).items()
                    if column in columns
                }
                for one in fields(self)
            }
        )


def odd_cells(appearance: Appearance, strings: SharedStrings) -> OddCells:
    """What is odd about the cells of a sheet of an .xlsx in the usual spelling."""
    known = appearance.pieces.formulas() if appearance.pieces else None
    odd = _contents(appearance.xml) if known is None else OddCells(formulas=_formulas(known))
    odd.formats.update(appearance.odd_formats())
    odd.struck.update(appearance.struck())
    if strings.struck:
        for match in _SHARED_STRING.finditer(appearance.xml):
            text = strings.struck.get(int(match[3]))
            if text is not None:
                odd.struck.setdefault(place_of(match), text)
    return odd


def _contents(xml: bytes) -> OddCells:
    """Error values and formulas."""
    if b't="e"' in xml:
        return _contents_one_by_one(xml)
    formulas = len(ANY_FORMULA.findall(xml))
    if formulas == 0:
        return OddCells()
    found = [
        (place_of(address), *match[2].partition(b">")[::2])
        for match in FORMULA_CELL.finditer(xml)
        if (address := ADDRESS.search(match[1]))
    ]
    if len(found) != formulas:  # something stands between a cell and its formula
        return _contents_one_by_one(xml)
    return OddCells(formulas=_formulas(found))


def _formulas(found: Iterable[Formula]) -> dict[Position, str]:
    """The formulas of cells in their order; those that others share are moved."""
    shared = _Shared()
    return {place: shared.formula(place, tag, text) for place, tag, text in found}


def _contents_one_by_one(xml: bytes) -> OddCells:
    """The same by looking at every tag."""
    odd = OddCells()
    place: Position | None = None
    is_error = False
    shared = _Shared()
    end = _END.search(xml)
    for match in _TAG.finditer(xml, 0, end.start() if end else len(xml)):
        attributes, _, content = match[2].partition(b">")
        if match[1] == b"c":
            address = ADDRESS.search(attributes)
            place = place_of(address) if address else None
            is_error = b't="e"' in attributes
            if place is not None and is_error and b' vm="' in attributes:
                odd.pictures[place] = ""
        elif place is not None and match[1] == b"f":
            odd.formulas[place] = shared.formula(place, attributes, content)
        elif place is not None and is_error:
            odd.errors[place] = content.decode("utf-8", "replace")
    return odd


class _Shared:
    """Formulas that stand at one cell only and count for others too, each in its own place."""

    def __init__(self) -> None:
        self._first: dict[bytes, tuple[Position, str]] = {}

    def formula(self, place: Position, attributes: bytes, content: bytes) -> str:
        """The formula of a cell, given what stands in its tag and in its element."""
        number = _SHARED_NUMBER.search(attributes)
        if content:
            text = "=" + unescaped(content.decode("utf-8", "replace"))
            if number is not None:
                self._first[number[1]] = place, text
            return text
        (row, column), text = self._first.get(number[1] if number else b"", (place, _ELSEWHERE))
        return moved(text, place[0] - row, place[1] - column)


def moved(formula: str, rows: int, columns: int) -> str:
    """The formula with its relative addresses so many rows and columns further on."""
    if not rows and not columns:
        return formula
    pieces = formula.split('"')  # every other one is a text
    pieces[::2] = [_REFERENCE.sub(partial(_moved, rows, columns), piece) for piece in pieces[::2]]
    return '"'.join(pieces)


def _moved(rows: int, columns: int, match: re.Match[str]) -> str:
    fixed_column, letters, fixed_row, number = match.groups()
    if not fixed_column:
        letters = column_letters(max(0, column_number(letters.encode()) + columns))
    if not fixed_row:
        number = str(max(1, int(number) + rows))
    return f"{fixed_column}{letters}{fixed_row}{number}"
