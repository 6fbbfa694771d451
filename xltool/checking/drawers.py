"""What parts leave behind for the rest of a run: in memory as long as it is little, else on the disk."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from tempfile import SpooledTemporaryFile, gettempdir
from typing import IO, NamedTuple

import polars as pl

from xltool.checking.findings_json import unpacked
from xltool.checking.parts import KnownPart, Part, Table
from xltool.errors import OfficeError, os_words
from xltool.rules.findings import Finding

_IN_MEMORY = 16 * 1024 * 1024  # bytes; what is more lies in a file without a name
Slot = tuple[int, int]  # where something lies: its offset and its length


class Stored(NamedTuple):
    """A frame that was put away: the numbers of its first and its last workbook, and where it lies.

    One without rows has -1 for both. `numbers` are those of its workbooks by their places in the part, where
    the frame still has these.
    """

    first: int
    last: int
    slot: Slot
    numbers: Sequence[int | None] = ()


def in_turn(frames: Sequence[Stored]) -> bool:
    """True where each frame has other workbooks than the one before, with higher numbers."""
    filled = sorted(frame for frame in frames if frame.last >= 0)
    return all(before.last < after.first for before, after in pairwise(filled))


@dataclass
class AtHand:
    """Findings that were asked for, the first ones of a run: its report asks for them several times.

    There is `room` for so many, counting a workbook without any as one.
    """

    room: int = 10_000
    _known: dict[int | None, Sequence[Finding]] = field(default_factory=dict)

    def get(self, number: int | None) -> Sequence[Finding] | None:
        """Those of a workbook by its number; None where they are not at hand."""
        return self._known.get(number)

    def put(self, number: int | None, findings: Sequence[Finding]) -> None:
        """Keep them at hand, if there is room."""
        wanted = max(len(findings), 1)
        if wanted <= self.room:
            self.room -= wanted
            self._known[number] = findings


def _file() -> IO[bytes]:
    return SpooledTemporaryFile(_IN_MEMORY)


@dataclass
class Drawers:
    """The findings of workbooks by their numbers, and the frames of parts by tables.

    `narrow` and `rows` say where the frames of each table lie.
    """

    _stored: IO[bytes] = field(default_factory=_file)
    _findings: dict[int, Slot] = field(default_factory=dict)
    narrow: dict[Table, list[Stored]] = field(default_factory=dict)
    rows: dict[Table, list[Stored]] = field(default_factory=dict)
    _seals: dict[int, Slot] = field(default_factory=dict)

    def __enter__(self) -> Drawers:
        return self

    def __exit__(self, *exception: object) -> None:
        with suppress(OSError):  # nobody wants it any more
            self._stored.close()

    def put(self, numbers: Sequence[int | None], part: Part | KnownPart) -> None:
        """Put a part away whose workbooks have these numbers; None for one that is not wanted."""
        for number, judged in zip(numbers, part.judged, strict=True):
            if number is not None:
                text = f"[{json.dumps(judged.sheets)},{judged.findings}]"
                self._findings[number] = self._put(text.encode("ascii"))
        for table, narrow in part.narrow.items():
            self.narrow.setdefault(table, []).append(self._stored_frame(narrow, numbers))
        if isinstance(part, KnownPart):  # neither its rows nor its seals were kept
            return
        for table, rows in part.rows.items():
            self.rows.setdefault(table, []).append(self._stored_frame(rows, numbers))
        for number, seal in zip(numbers, part.seals, strict=False):
            if number is not None and seal:
                self._seals[number] = self._put(seal.encode())

    def findings(self, number: int, file: str) -> tuple[list[str], list[Finding]]:
        """The form sheets of a workbook in their order, and its findings in no order."""
        text = self._get(self._findings[number]).decode("ascii")
        sheets, found = json.loads(text)
        return sheets, unpacked(found, file, number)

    def seal(self, number: int) -> str:
        """The seal of a workbook, where rows were wanted; empty without one."""
        slot = self._seals.get(number)
        return self._get(slot).decode() if slot else ""

    def frame(self, stored: Sequence[Stored]) -> pl.DataFrame:
        """These frames as one, by the numbers of their workbooks, its rows numbered anew."""
        frames = [self._frame(each) for each in sorted(stored)]
        whole = pl.concat(frames, how="vertical_relaxed")
        if not whole["workbook"].is_sorted():  # kept parts lie between each other
            whole = whole.sort("workbook", maintain_order=True)
        return whole.with_columns(row=pl.int_range(pl.len(), dtype=pl.UInt32))

    def _frame(self, stored: Stored) -> pl.DataFrame:
        frame = pl.read_ipc(io.BytesIO(self._get(stored.slot)))
        return _numbered(frame, stored.numbers) if stored.numbers else frame

    def _stored_frame(self, frame: pl.DataFrame | bytes, numbers: Sequence[int | None]) -> Stored:
        """Put a frame away; one that comes as bytes is not looked at."""
        if isinstance(frame, bytes):
            there = [number for number in numbers if number is not None]
            return Stored(min(there), max(there), self._put(frame), tuple(numbers))
        own = _numbered(frame, numbers)
        found = own["workbook"].unique().sort()
        ends = (-1, -1) if found.is_empty() else (int(found[0]), int(found[-1]))
        return Stored(*ends, self._put(as_bytes(own)))

    def _put(self, content: bytes) -> Slot:
        with _room():
            offset = self._stored.seek(0, io.SEEK_END)
            self._stored.write(content)
        return offset, len(content)

    def _get(self, slot: Slot) -> bytes:
        offset, length = slot
        with _room():  # what was written last goes out now
            self._stored.seek(offset)
            return self._stored.read(length)


@contextmanager
def _room() -> Iterator[None]:
    """Raise OfficeError where the disk for temporary files has no room."""
    try:
        yield
    except OSError as error:
        words = f"放临时文件的地方{os_words(error)}；请腾出空间，或用环境变量 TMPDIR 指定别的文件夹"
        raise OfficeError(words, gettempdir()) from error


def _numbered(frame: pl.DataFrame, numbers: Sequence[int | None]) -> pl.DataFrame:
    """A frame with the numbers of its workbooks in the run instead of their places in the part."""
    known = pl.Series(numbers, dtype=pl.UInt32)
    return frame.with_columns(workbook=known.gather(frame["workbook"])).drop_nulls("workbook")


def as_bytes(frame: pl.DataFrame) -> bytes:
    """A frame in Arrow's form for files, compressed."""
    buffer = io.BytesIO()
    frame.write_ipc(buffer, compression="lz4")
    return buffer.getvalue()
