"""What parts leave behind for the rest of a run: in memory as long as it is little, else on the disk."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO

import polars as pl

from xltool.checking.findings_json import unpacked
from xltool.checking.parts import Part, Table
from xltool.rules.findings import Finding

_IN_MEMORY = 64 * 1024 * 1024  # bytes; what is more lies in a file without a name
Slot = tuple[int, int]  # where something lies: its offset and its length


def _file() -> IO[bytes]:
    return SpooledTemporaryFile(_IN_MEMORY)


@dataclass
class Drawers:
    """The findings of workbooks by their numbers, and the frames of parts by tables.

    `narrow` and `rows` hold, for each table, the slots of its frames by the numbers of the workbooks
    that the frames begin with.
    """

    _stored: IO[bytes] = field(default_factory=_file)
    _findings: dict[int, Slot] = field(default_factory=dict)
    narrow: dict[Table, dict[int, Slot]] = field(default_factory=dict)
    rows: dict[Table, dict[int, Slot]] = field(default_factory=dict)

    def __enter__(self) -> Drawers:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stored.close()

    def put(self, first: int, part: Part) -> None:
        """Put a part away whose first workbook has this number."""
        for number, judged in enumerate(part.judged, first):
            text = f"[{json.dumps(judged.sheets)},{judged.findings}]"
            self._findings[number] = self._put(text.encode("ascii"))
        for found, frames in ((self.narrow, part.narrow), (self.rows, part.rows)):
            for table, frame in frames.items():
                found.setdefault(table, {})[first] = self._put(_as_bytes(frame))

    def findings(self, number: int, file: str) -> tuple[list[str], list[Finding]]:
        """The form sheets of a workbook in their order, and its findings in no order."""
        text = self._get(self._findings[number]).decode("ascii")
        sheets, found = json.loads(text)
        return sheets, unpacked(found, file, number)

    def frame(self, slots: dict[int, Slot]) -> pl.DataFrame:
        """The frames at these slots as one, by the numbers of their workbooks, its rows numbered anew."""
        return pl.concat(list(self._frames(slots)), how="vertical_relaxed").with_columns(
            row=pl.int_range(pl.len(), dtype=pl.UInt32)
        )

    def _frames(self, slots: dict[int, Slot]) -> Iterator[pl.DataFrame]:
        for first, slot in sorted(slots.items()):
            frame = pl.read_ipc(io.BytesIO(self._get(slot)))
            yield frame.with_columns((pl.col("workbook") + first).cast(pl.UInt32))

    def _put(self, content: bytes) -> Slot:
        offset = self._stored.seek(0, io.SEEK_END)
        self._stored.write(content)
        return offset, len(content)

    def _get(self, slot: Slot) -> bytes:
        offset, length = slot
        self._stored.seek(offset)
        return self._stored.read(length)


def _as_bytes(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc(buffer, compression="lz4")
    return buffer.getvalue()
