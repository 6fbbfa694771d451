"""Zip files that share parts with the one before: what is the same is not compressed again."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from io import BytesIO

_HEADER = 30  # bytes before the name of a part


@dataclass(frozen=True)
class _Packed:
    """A part as it stands in a zip file: its text, its entry and its compressed bytes."""

    text: str
    entry: zipfile.ZipInfo
    content: bytes


class Packer:
    """Makes zip files as XlsxWriter does, one after the other."""

    def __init__(self) -> None:
        self._last: dict[str, _Packed] = {}

    def packed(self, parts: Iterable[tuple[str, str]]) -> bytes:
        """Return a zip file of parts: names and texts."""
        target = BytesIO()
        with PackedArchive(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in parts:
                last = self._last.get(name)
                if last and last.text == text:
                    archive.put(copy(last.entry), last.content)
                    continue
                entry = zipfile.ZipInfo(name)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, text.encode())
                target.seek(entry.header_offset + _HEADER + len(name.encode()))
                self._last[name] = _Packed(text, entry, target.read())
        return target.getvalue()


class PackedArchive(zipfile.ZipFile):
    """A zip file that takes what is compressed already."""

    def put(self, entry: zipfile.ZipInfo, content: bytes) -> None:
        """Add the entry of another zip file, which becomes this one's, with its compressed content."""
        assert self.fp is not None  # noqa: S101  # for mypy: it is open
        entry.header_offset = self.fp.tell()
        self.fp.write(entry.FileHeader(zip64=False))
        self.fp.write(content)
        self.filelist.append(entry)
        self.NameToInfo[entry.filename] = entry
        self.start_dir = self.fp.tell()
        self._didModify = True
