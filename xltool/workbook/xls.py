"""What calamine does not tell of an .xls: where its formulas and error values stand, what cells there are.

An .xls is a compound file ([MS-CFB]) with a stream of records ([MS-XLS]). Only what is needed is
read, and every walk ends after as many steps as the file has sectors or records.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice

from xltool.workbook.agreement import Stated
from xltool.workbook.odd_cells import OddCells

_LAST = 0xFFFFFFF0  # numbers from here on are no sectors
_BIFF8 = 0x0600
_NUMBER, _RK, _MULRK, _LABELSST, _LABELS = 0x0203, 0x027E, 0x00BD, 0x00FD, (0x0204, 0x00D6)
_FILEPASS, _FIRST = 0x002F, 10  # [MS-XLS] 2.4.117; it is among so many first records
_FORMULA, _BOOLERR, _BOUNDSHEET, _BOF, _EOF = 0x0006, 0x0205, 0x0085, 0x0809, 0x000A
_RESULTS = {1: "value", 2: "error"}  # of a formula, where they are no number
UNKNOWN = "=…"  # formulas are stored as tokens: what they say is not worked out
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


_UNEXPECTED = (struct.error, IndexError, ValueError)  # what is not as it should be


class OldError(ValueError):
    """The book was written by Excel 95 or before."""


def compound(content: bytes) -> Compound | None:
    """The compound file; None if it is not as it should be.

    Whether such a file can be read at all is for calamine to say.
    """
    try:
        return Compound(content)
    except _UNEXPECTED:
        return None


def cells(book: bytes) -> dict[str, tuple[OddCells, Stated]]:
    """The odd cells of each sheet of a stream by its name, and all that it states.

    Raises OldError for a book of Excel 95 or before, ValueError for what is not as it should be.
    """
    try:
        return {name: _cells(book, at) for name, at in _sheets(book)}
    except (struct.error, IndexError) as error:
        raise ValueError from error


def needs_password(book: bytes) -> bool:
    """True if the records of the stream are encrypted."""
    return any(kind == _FILEPASS for kind, _ in islice(_records(book, 0), _FIRST))


def has_macros(content: bytes) -> bool:
    """True if the compound file has a storage for macros."""
    return "_VBA_PROJECT_CUR".encode("utf-16-le") in content


class Compound:
    """A compound file: sectors that are chained by a table, which is itself in sectors."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        shift, self.mini_shift = struct.unpack_from("<HH", content, 30)
        self.size = 1 << min(shift, 16)  # bytes of a sector
        self.most = len(content) // self.size + 1  # sectors
        self.following: list[int] = []
        for number in islice(self.tables(), self.most):
            self.following += self.numbers(number)

    @property
    def book(self) -> bytes:
        """The stream with the records of the workbook; empty where there is none, or it is damaged."""
        try:
            return self.stream("workbook", "book")
        except _UNEXPECTED:
            return b""

    @property
    def root_names(self) -> set[str]:
        """The names of what lies directly in the root, in small letters; as far as they can be read."""
        try:
            (directory,) = struct.unpack_from("<I", self.content, 48)
            entries = self.chain(directory)
            waiting, found = [struct.unpack_from("<I", entries, 76)[0]], dict[int, str]()
            while waiting:
                number = waiting.pop()
                if number in found or (number + 1) * 128 > len(entries):
                    continue
                found[number] = _name(entries, number * 128)
                waiting += struct.unpack_from("<II", entries, number * 128 + 68)
        except _UNEXPECTED:
            return set()
        return set(found.values())

    def sector(self, number: int) -> bytes:
        """The bytes of one sector, fewer at the end of the file."""
        return self.content[(number + 1) * self.size : (number + 2) * self.size]

    def numbers(self, number: int) -> tuple[int, ...]:
        """A sector as numbers of sectors."""
        return struct.unpack(f"<{self.size // 4}I", self.sector(number).ljust(self.size, b"\xff"))

    def tables(self) -> Iterator[int]:
        """The sectors with the table: the first of them are listed in the header."""
        listed = struct.unpack_from("<109I", self.content, 76)
        (more,) = struct.unpack_from("<I", self.content, 68)
        for _ in range(self.most):
            yield from (number for number in listed if number < _LAST)
            if more >= _LAST:
                return
            numbers = self.numbers(more)
            listed, more = numbers[:-1], numbers[-1]

    def chain(self, first: int) -> bytes:
        """What the sectors from `first` on hold together."""
        found = []
        for _ in range(self.most):
            if first >= _LAST:
                break
            found.append(self.sector(first))
            first = self.following[first]
        return b"".join(found)

    def stream(self, *names: str) -> bytes:
        """The first stream with one of these names. Raises ValueError if there is none."""
        directory, _, cutoff, minis = struct.unpack_from("<IIII", self.content, 48)
        entries = self.chain(directory)
        streams: dict[str, tuple[int, int]] = {}
        for at in range(0, len(entries) - 127, 128):
            streams.setdefault(_name(entries, at), struct.unpack_from("<II", entries, at + 116))
        wanted = [streams[name] for name in names if name in streams]
        if not wanted:
            raise ValueError(names)
        first, length = wanted[0]
        if length < cutoff and "root entry" in streams:
            return self.small(first, self.chain(streams["root entry"][0]), self.chain(minis))[
                :length
            ]
        return self.chain(first)[:length]

    def small(self, first: int, holder: bytes, table: bytes) -> bytes:
        """A short stream: it lies in pieces in another one, chained by a table of its own."""
        size, found = 1 << min(self.mini_shift, 16), []
        for _ in range(len(holder) // size + 1):
            if first >= _LAST:
                break
            found.append(holder[first * size : (first + 1) * size])
            (first,) = struct.unpack_from("<I", table, first * 4)
        return b"".join(found)


def _name(entries: bytes, at: int) -> str:
    """The name of an entry of the directory, in small letters."""
    (length,) = struct.unpack_from("<H", entries, at + 64)
    return entries[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace").lower()


def _records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of one sheet, or of the book itself, without those of charts in it."""
    depth = 0
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        depth += (kind == _BOF) - (kind == _EOF)
        if depth == 1:
            yield kind, book[at + 4 : at + 4 + length]
        elif depth == 0:
            return
        at += 4 + length


def _sheets(book: bytes) -> Iterator[tuple[str, int]]:
    """Name and place of each sheet. Raises OldError for a book of Excel 95 or before."""
    if struct.unpack_from("<H", book, 4)[0] != _BIFF8:
        raise OldError
    for kind, data in _records(book, 0):
        if kind == _BOUNDSHEET:
            at, length, is_wide = struct.unpack_from("<IxxBB", data)
            name = data[8 : 8 + length * 2] if is_wide & 1 else data[8 : 8 + length]
            yield name.decode("utf-16-le" if is_wide & 1 else "latin-1", "replace"), at


def _cells(book: bytes, at: int) -> tuple[OddCells, Stated]:
    odd, stated = OddCells(), Stated()
    for kind, data in _records(book, at):
        if kind in (_FORMULA, _BOOLERR):
            _result(kind, data, odd, stated)
        elif kind in (_NUMBER, _RK):
            stated.filled.add(struct.unpack_from("<HH", data))
        elif kind == _MULRK:
            row, first = struct.unpack_from("<HH", data)
            stated.filled |= {(row, first + n) for n in range((len(data) - 6) // 6)}
        elif kind == _LABELSST:
            row, column, number = struct.unpack_from("<HHxxI", data)
            stated.texts[row, column] = number
        elif kind in _LABELS:
            stated.texts[struct.unpack_from("<HH", data)] = None
    return odd, stated


def _result(kind: int, data: bytes, odd: OddCells, stated: Stated) -> None:
    """Note a formula with its result, or a cell that is true, false or an error."""
    if kind == _FORMULA:
        row, column, result, code, is_special = struct.unpack_from("<HHxxBxBxxxH", data)
        odd.formulas[row, column] = UNKNOWN
        what = _RESULTS.get(result, "text") if is_special == 0xFFFF else "value"
    else:
        row, column, code, is_error = struct.unpack_from("<HHxxBB", data)
        what = "error" if is_error else "value"
    if what == "error":
        odd.errors[row, column] = ERRORS.get(code, "#VALUE!")
    elif what == "value":
        stated.filled.add((row, column))
    else:
        stated.texts[row, column] = None
