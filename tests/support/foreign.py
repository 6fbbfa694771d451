"""Files of other programs, as small as they can be: none is a workbook that may be read."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SECTOR = 512
_END, _FREE, _TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_SMALLEST = 4096  # bytes of a stream that has sectors of its own


def packed(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def patched(content: bytes, at: int, number: int) -> bytes:
    """A zip archive with a number in the headers of all members; `at` counts from the version needed."""
    for mark, first in ((b"PK\x03\x04", 4), (b"PK\x01\x02", 6)):
        pieces = content.split(mark)
        place = first + at - len(mark)
        whole = [p[:place] + struct.pack("<H", number) + p[place + 2 :] for p in pieces[1:]]
        content = mark.join([pieces[0], *whole])
    return content


def encrypted_zip(content: bytes) -> bytes:
    """An archive that says that its members are encrypted."""
    return patched(content, 2, 1)


def of_method(content: bytes, method: int) -> bytes:
    """An archive that says that its members are compressed in that way."""
    return patched(content, 4, method)


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file with these streams in its root, each padded to sectors of its own."""
    names = list(streams)
    table: list[int] = []
    data = b""
    entries = [_entry("Root Entry", 5, child=1 if names else _FREE)]
    for number, name in enumerate(names, 1):
        content = streams[name].ljust(_SMALLEST, b"\0")
        content += b"\0" * (-len(content) % _SECTOR)
        first, count = len(table), len(content) // _SECTOR
        table += [*range(first + 1, first + count), _END]
        right = number + 1 if number < len(names) else _FREE
        entries.append(_entry(name, 2, right=right, first=first, size=len(content)))
        data += content
    listed = b"".join(entries)
    listed += b"\0" * (-len(listed) % _SECTOR)
    directory, count = len(table), len(listed) // _SECTOR
    table += [*range(directory + 1, directory + count), _END]
    at = len(table)
    table.append(_TABLE)
    head = struct.pack(
        *("<8s16sHHHHH6sIIIIIIIII", OLE, b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, 1, directory, 0),
        *(_SMALLEST, _END, 0, _END, 0),
    )
    head += struct.pack("<109I", at, *[_FREE] * 108)
    numbers = struct.pack("<128I", *table, *[_FREE] * (128 - len(table)))
    return head + data + listed + numbers


def _entry(
    name: str, kind: int, right: int = _FREE, child: int = _FREE, first: int = 0, size: int = 0
) -> bytes:
    text = name.encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, kind, 1)
    return (
        head
        + struct.pack("<III", _FREE, right, child)
        + bytes(36)
        + struct.pack("<IQ", first, size)
    )


def encrypted_xls() -> bytes:
    """The head of an .xls with a password: behind FILEPASS all is encrypted."""
    book = struct.pack("<HHHH12x", 0x809, 16, 0x600, 5) + struct.pack("<HH54x", 0x2F, 54)
    return compound({"Workbook": book + struct.pack("<HH2x", 0xE1, 2)})


def encrypted_ods() -> bytes:
    """An .ods with a password: its content is encrypted, its list of parts is not."""
    manifest = (
        b'<manifest:manifest><manifest:file-entry manifest:full-path="content.xml">'
        b"<manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
    )
    members = {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}
    return packed({**members, "content.xml": b"\x93\x05", "META-INF/manifest.xml": manifest})
