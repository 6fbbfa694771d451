"""Files that no unit would write on purpose: they crash, hang or deceive whatever opens them."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
WORKBOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
    '<sheets><sheet name="甲" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
LINKS = (
    f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELATIONS}/worksheet" '
    f'Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{RELATIONS}/sharedStrings" '
    'Target="sharedStrings.xml"/></Relationships>'
)


def xlsx(path: Path, sheet: str, strings: str | None = None) -> Path:
    """A minimal workbook around the content of <sheetData>."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", WORKBOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", LINKS)
        xml = f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>'
        archive.writestr("xl/worksheets/sheet1.xml", xml)
        if strings is not None:
            archive.writestr("xl/sharedStrings.xml", strings)
    return path


def slow(path: Path) -> Path:
    """A formula and unclosed cells: looking for the end of each one takes minutes altogether."""
    return xlsx(path, '<f/><c r="A1">' * 400_000)


def far_corner(path: Path) -> Path:
    """Two cells, the first and the last that a sheet can have: a dense grid needs terabytes."""
    return xlsx(
        path,
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    )


def far_corner_in_small_letters(path: Path) -> Path:
    """The same, written as no program writes it."""
    return xlsx(path, '<row><c r="A1"><v>1</v></c></row><row><c r="xfd1048576"><v>1</v></c></row>')


def false_count(path: Path) -> Path:
    """A table of texts that claims to be enormous."""
    text = f'<sst xmlns="{MAIN}" count="1" uniqueCount="9999999999999"><si><t>a</t></si></sst>'
    return xlsx(path, '<row r="1"><c r="A1" t="s"><v>0</v></c></row>', text)


def looping_ole(path: Path) -> Path:
    """A compound file whose table of sectors leads back to where it came from."""
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"",
        0x3E,  # version
        3,
        0xFFFE,  # byte order
        9,  # 512 bytes a sector
        6,
        b"",
        0,
        1,  # one sector of the table of sectors
        1,  # the directory begins in sector 1
        0,
        4096,
        0xFFFFFFFE,
        0,
        0xFFFFFFFE,
        0,
    )
    difat = struct.pack("<I", 0) + b"\xff" * 432
    table = struct.pack("<II", 0xFFFFFFFD, 1) + b"\xff" * 504  # sector 1 is followed by itself
    path.write_bytes((header + difat).ljust(512, b"\0") + table + b"\0" * 512)
    return path
