"""The XML of a sheet in pieces: what stands before its cells, each row, what follows them.

Most pieces are the same, byte for byte, in many returns: a blank row, a row of the checks, the limits
and formats behind the cells. What a piece says is worked out once and kept with its whole content, in
caches that are bounded in number and in size. What a sheet says is the sum of what its pieces say:
in the usual spelling no pattern that looks for cells runs past the end of a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from operator import attrgetter

from xltool.form.layout import Position
from xltool.workbook.columns import column_number
from xltool.workbook.spelling import begins_as_usual, ends_as_usual, is_usual_row

_BEGIN, _END, _ROW_END, _NO_CELLS = b"<sheetData>", b"</sheetData>", b"</row>", b"<sheetData/>"
# bytes, and cells of a row: what is larger is not kept
_LARGE_ROW, _LARGE_END = 16_000, 150_000
_MANY_CELLS, _LEAST_CELL = 200, len(b'<c r="A1"/>')
_FILLED = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^/>]*+>')  # a blank cell ends with its tag
STYLED = re.compile(rb'<c r="([A-Z]{1,3}\d{1,7})"(?:[^<>]*?\ss="(\d{1,6})")?')
ADDRESS = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
ANY_FORMULA = re.compile(rb"<(?:\w+:)?f(?=[\s/>])")
# a cell that begins with its formula, as they all do in an orderly file
FORMULA_CELL = re.compile(rb"<(?:\w+:)?c\s([^<]*+)<(?:\w+:)?f(?=[\s/>])([^<]*+)")
_WHOLE_NUMBER = re.compile(rb"<v>[0-9]{1,9}</v>")
# what would speak of cells outside of the rows; formulas stand there too, those of lists
_CELL_LIKE = re.compile(rb'<(?:\w+:)?(?:c|v|row)(?=[\s/>])|t="e"')

Formula = tuple[Position, bytes, bytes]  # its place, what stands in its tag, its text


def place_of(address: re.Match[bytes]) -> Position:
    """The place of an address, given its letters and its number as two groups."""
    return int(address[2]) - 1, column_number(address[1])


class Styled:
    """The index of the style of each cell of a row by its address. Rows with the same share one."""

    def __init__(self, cells: tuple[tuple[bytes, bytes], ...]) -> None:
        self.indexes: Mapping[bytes, bytes] = dict(cells)


_kept_styled = lru_cache(maxsize=512)(Styled)


class RowPiece:
    """What one row says, or several of which only the last has cells; without its `</row>`."""

    def __init__(self, xml: bytes, *, is_last: bool = False) -> None:
        self._xml = xml
        self.is_usual = is_usual_row(xml, has_cells=not is_last)
        # the addresses of cells that hold something; of an unusual row nothing is said
        self.filled: list[bytes] = _FILLED.findall(xml) if self.is_usual else []
        places = [_split(address) for address in self.filled]
        # the last row that a filled cell names, from 1 on, and the last column, from 0 on
        self.lowest = max((row for row, _ in places), default=0)
        self.rightmost = max((column for _, column in places), default=0)
        self.has_error = b't="e"' in xml
        # a row that says of itself that it is shown is not hidden
        shown = xml.count(b'hidden="0"') + xml.count(b'hidden="false"')
        self.may_be_hidden = xml.count(b"hidden") > shown

    @cached_property
    def styled(self) -> Styled:
        """The styles of the cells."""
        cells = tuple(STYLED.findall(self._xml))
        return _kept_styled(cells) if len(cells) < _MANY_CELLS else Styled(cells)

    @cached_property
    def without_value(self) -> int:
        """How many empty values and errors there are."""
        return sum(map(self._xml.count, (b"<v></v>", b"<v/>", b't="e"')))

    @cached_property
    def formulas(self) -> Sequence[Formula] | None:
        """The formulas; None if one of them does not stand at the beginning of its cell."""
        if b"f" not in self._xml:
            return ()
        found = [
            (place_of(address), *match[2].partition(b">")[::2])
            for match in FORMULA_CELL.finditer(self._xml)
            if (address := ADDRESS.search(match[1]))
        ]
        return found if len(found) == len(ANY_FORMULA.findall(self._xml)) else None


def _split(address: bytes) -> Position:
    letters = address.rstrip(b"0123456789")
    return int(address[len(letters) :]), column_number(letters)


_LOWEST, _RIGHTMOST = attrgetter("lowest"), attrgetter("rightmost")


class _Outside:
    """What stands before the cells, or behind them."""

    def __init__(self, xml: bytes, *, begins: bool) -> None:
        self.is_usual = begins_as_usual(xml) if begins else ends_as_usual(xml)
        self.has_cells = _CELL_LIKE.search(xml) is not None
        self.has_formulas = ANY_FORMULA.search(xml) is not None


_kept_skeleton = lru_cache(maxsize=1024)(RowPiece)


@lru_cache(maxsize=1024)
def _kept_row(xml: bytes) -> RowPiece:
    """A row, worked out of its skeleton: numbers of strings differ from return to return.

    Nothing that is said here of a row depends on them: one whole number of up to nine digits is as
    good as another, and no pattern looks for digits but those of addresses and styles.
    """
    return _kept_skeleton(_WHOLE_NUMBER.sub(b"<v>0</v>", xml))


_kept_outside = lru_cache(maxsize=128)(_Outside)


@dataclass(frozen=True)
class SheetPieces:
    """The rows of a sheet in the usual spelling, and whether anything outside of them looks like cells.

    `has_formulas`: there are formulas outside, those of a list of choices.
    """

    rows: Sequence[RowPiece]
    has_cells: bool
    has_formulas: bool

    @cached_property
    def filled(self) -> int:
        """How many cells hold something."""
        return sum(len(row.filled) for row in self.rows)

    @property
    def are_once(self) -> bool:
        """True if no two filled cells have the same address."""
        return len(set(chain.from_iterable(row.filled for row in self.rows))) == self.filled

    def is_within(self, rows: int, columns: int) -> bool:
        """True if no filled cell stands farther down or farther right."""
        lowest, rightmost = max(map(_LOWEST, self.rows)), max(map(_RIGHTMOST, self.rows))
        return bool(lowest <= rows and rightmost < columns)

    @property
    def without_value(self) -> int:
        """How many empty values and errors there are."""
        return sum(row.without_value for row in self.rows)

    @property
    def are_shown(self) -> bool:
        """True if no row is hidden."""
        return not any(row.may_be_hidden for row in self.rows)

    @property
    def styled(self) -> tuple[Styled, ...]:
        """The styles of the cells, row by row."""
        return tuple([row.styled for row in self.rows])

    def formulas(self) -> list[Formula] | None:
        """The formulas in their order; None if it takes a closer look to tell them."""
        found: list[Formula] = []
        for row in self.rows:
            if row.has_error or row.formulas is None:
                return None
            found += row.formulas
        return None if self.has_formulas else found


def styles_in(rows: Iterable[Styled]) -> Mapping[bytes, bytes]:
    """The index of the style of each cell of some rows by its address."""
    found: dict[bytes, bytes] = {}
    for row in rows:
        found.update(row.indexes)
    return found


def pieces_of(xml: bytes) -> SheetPieces | None:
    """The pieces of a worksheet; None if its XML is not spelt as usual.

    It is if every cell is, each with its address, and each filled one once.
    """
    start = xml.find(b"<sheetData")
    end = xml.find(_END, start)
    if start >= 0 and xml.startswith(_NO_CELLS, start):
        body, rest = b"", xml[start + len(_NO_CELLS) :]
    elif start >= 0 and end >= 0 and xml.startswith(_BEGIN, start):
        body, rest = xml[start + len(_BEGIN) : end], xml[end + len(_END) :]
    else:
        return None
    before, after = _outside(xml[:start], begins=True), _outside(rest, begins=False)
    *rows, last = body.split(_ROW_END)
    read = [_row(row) for row in rows] + [RowPiece(last, is_last=True)]
    if not (before.is_usual and after.is_usual and all(row.is_usual for row in read)):
        return None
    has_formulas = before.has_formulas or after.has_formulas
    pieces = SheetPieces(read, before.has_cells or after.has_cells, has_formulas)
    return pieces if pieces.are_once else None


def _row(xml: bytes) -> RowPiece:
    size = len(xml)
    is_small = size < _MANY_CELLS * _LEAST_CELL or (
        size < _LARGE_ROW and xml.count(b"<c ") < _MANY_CELLS
    )
    return _kept_row(xml) if is_small else RowPiece(xml)


def _outside(xml: bytes, *, begins: bool) -> _Outside:
    read = _kept_outside if len(xml) < _LARGE_END else _Outside
    return read(xml, begins=begins)
