"""Files that no unit would write on purpose: they crash, hang or deceive whatever opens them.

Each builder writes one file and takes a second at most: what is large is written compressed.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MB = 1024 * 1024
CELL = '<row r="1"><c r="A1"><v>1</v></c></row>'

Builder = Callable[[Path, Path], Path]  # where to write, a good workbook to begin with


def workbook(sheets: str = '<sheet name="甲" sheetId="1" r:id="rId1"/>', before: str = "") -> str:
    """The part that names the sheets."""
    return f'{before}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{sheets}</sheets></workbook>'


LINKS = (
    f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELATIONS}/worksheet" '
    f'Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{RELATIONS}/sharedStrings" '
    f'Target="sharedStrings.xml"/><Relationship Id="rId3" Type="{RELATIONS}/styles" '
    'Target="styles.xml"/></Relationships>'
)
ROOT = (
    f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" '
    f'Target="xl/workbook.xml"/><Relationship Id="rId2" Type="{RELATIONS}/custom-properties" '
    'Target="docProps/custom.xml"/></Relationships>'
)
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def parts(sheet: str = CELL, after: str = "", **others: str) -> dict[str, bytes]:
    """The parts of a minimal workbook around the content of <sheetData>; `others` by their stem."""
    names = {"workbook": "xl/workbook.xml", "strings": "xl/sharedStrings.xml"}
    names |= {"styles": "xl/styles.xml", "custom": "docProps/custom.xml"}
    found = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": ROOT,
        "xl/workbook.xml": workbook(),
        "xl/_rels/workbook.xml.rels": LINKS,
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData>'
        f"{after}</worksheet>",
    }
    found |= {names.get(stem, stem): text for stem, text in others.items()}
    return {name: text.encode() for name, text in found.items()}


def write(path: Path, members: dict[str, bytes]) -> Path:
    """An archive of these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def xlsx(path: Path, sheet: str = CELL, strings: str | None = None) -> Path:
    """A minimal workbook around the content of <sheetData>."""
    return write(path, parts(sheet, **({} if strings is None else {"strings": strings})))


def repeated(head: bytes, piece: bytes, times: int, tail: bytes) -> tuple[bytes, int, int]:
    """The deflated form of a long content, its length and its checksum, without compressing it all."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    begin = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.compress(tail) + packer.flush()
    checksum = zlib.crc32(head)
    for _ in range(times):
        checksum = zlib.crc32(piece, checksum)
    size = len(head) + len(piece) * times + len(tail)
    return begin + block * times + end, size, zlib.crc32(tail, checksum)


def with_long_part(
    path: Path, members: dict[str, bytes], name: str, content: tuple[bytes, int, int], lie: int = 0
) -> Path:
    """An archive with one more part that is already deflated; with `lie` it claims that length."""
    packed, size, checksum = content
    write(path, members)
    with zipfile.ZipFile(path, "a") as archive:
        info = zipfile.ZipInfo(name)
        archive.writestr(info, packed)
        # the part was stored as it is; now its entry says that it is deflated
        info.compress_type, info.file_size, info.CRC = zipfile.ZIP_DEFLATED, lie or size, checksum
        at = info.header_offset
    data = bytearray(path.read_bytes())
    data[at + 8 : at + 10] = struct.pack("<H", zipfile.ZIP_DEFLATED)
    data[at + 14 : at + 26] = struct.pack("<III", checksum, len(packed), lie or size)
    path.write_bytes(data)
    return path


def changed(path: Path, good: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """A good workbook with one part changed."""
    with zipfile.ZipFile(good) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    members[name] = change(members[name])
    return write(path, members)


FORM = "xl/worksheets/sheet3.xml"  # the first sheet of the form in an issued workbook


def many_strings(path: Path, good: Path) -> Path:
    """Six million texts."""
    head = f'<sst xmlns="{MAIN}">'.encode()
    content = repeated(head, b"<si><t>a</t></si>" * 10_000, 600, b"</sst>")
    return with_long_part(path, parts(), "xl/sharedStrings.xml", content)


def unclosed(path: Path, good: Path) -> Path:
    """A formula and unclosed cells: whoever looks for the end of each one looks for minutes."""
    return xlsx(path, '<f/><c r="A1">' * 400_000)


def far_corner(path: Path, good: Path) -> Path:
    """Two cells, the first and the last that a sheet can have: a dense grid needs terabytes."""
    return xlsx(path, f'{CELL}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def far_corner_in_small_letters(path: Path, good: Path) -> Path:
    """The same, written as no program writes it."""
    return xlsx(path, '<row><c r="A1"><v>1</v></c></row><row><c r="xfd1048576"><v>1</v></c></row>')


def far_corner_in_ods(path: Path, good: Path) -> Path:
    """The same in the other format: a cell that is repeated to the end."""
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    table = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
    content = (
        f'<office:document-content xmlns:office="{office}" xmlns:table="{table}"><office:body>'
        '<office:spreadsheet><table:table table:name="甲"><table:table-row '
        'table:number-rows-repeated="1048576"><table:table-cell office:value-type="float" '
        'office:value="1" table:number-columns-repeated="16384"/></table:table-row></table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    members = {
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": manifest.encode(),
        "content.xml": content.encode(),
    }
    return write(path, members)


def false_count(path: Path, good: Path) -> Path:
    """A table of texts that claims to be enormous."""
    text = f'<sst xmlns="{MAIN}" count="1" uniqueCount="9999999999999"><si><t>a</t></si></sst>'
    return xlsx(path, '<row r="1"><c r="A1" t="s"><v>0</v></c></row>', text)


def long_string(path: Path, good: Path) -> Path:
    """One text of 600 MB in a file of less than one."""
    content = repeated(f'<sst xmlns="{MAIN}"><si><t>'.encode(), b"a" * MB, 600, b"</t></si></sst>")
    return with_long_part(path, parts(), "xl/sharedStrings.xml", content)


def long_string_that_lies(path: Path, good: Path) -> Path:
    """The same, which claims to be 40 bytes long, with the checksum of these."""
    head = f'<sst xmlns="{MAIN}"><si><t>'.encode()
    packed, _, _ = repeated(head, b"a" * MB, 600, b"</t></si></sst>")
    content = (packed, 0, zlib.crc32(head[:40]))
    return with_long_part(path, parts(), "xl/sharedStrings.xml", content, lie=40)


def too_many_blank_rows(path: Path, good: Path) -> Path:
    """A sheet of 190 MB that holds nothing."""
    return blank_rows(path, good, 1660)


def blank_rows(path: Path, good: Path, times: int = 860) -> Path:
    """The same of 98 MB, just within the limits."""
    head = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode()
    content = repeated(head, b'<row r="7"/>' * 10_000, times, b"</sheetData></worksheet>")
    members = parts()
    del members["xl/worksheets/sheet1.xml"]
    return with_long_part(path, members, "xl/worksheets/sheet1.xml", content)


def blank_sheets(path: Path, good: Path) -> Path:
    """A large sheet that is named three hundred times: it takes minutes to read them all."""
    names = "".join(f'<sheet name="{n}" sheetId="{n + 1}" r:id="rId1"/>' for n in range(300))
    head = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode()
    content = repeated(head, b'<row r="7"/>' * 10_000, 800, b"</sheetData></worksheet>")
    members = parts(workbook=workbook(names))
    del members["xl/worksheets/sheet1.xml"]
    return with_long_part(path, members, "xl/worksheets/sheet1.xml", content)


def many_sheets(path: Path, good: Path) -> Path:
    """Ten thousand sheets."""
    names = "".join(f'<sheet name="{n}" sheetId="{n + 1}" r:id="rId1"/>' for n in range(10_000))
    return write(path, parts(workbook=workbook(names)))


def many_parts(path: Path, good: Path) -> Path:
    """Ten thousand parts."""
    return write(path, parts(**{f"xl/worksheets/sheet{n}.xml": "<a/>" for n in range(2, 10_002)}))


def nested_zip(path: Path, good: Path) -> Path:
    """An archive in an archive in an archive."""
    inner = path.with_suffix(".inner")
    content = good.read_bytes()
    for name in ("甲.xlsx", "乙.zip", "丙.zip"):
        content = write(inner, {name: content}).read_bytes()
    inner.unlink()
    path.write_bytes(content)
    return path


_LAUGHS = "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' if n else '<!ENTITY a0 "haha">' for n in range(12)
)
_DOCTYPE = f'<?xml version="1.0"?><!DOCTYPE x [{_LAUGHS}<!ENTITY f SYSTEM "file:///etc/passwd">]>'


def entities_in_the_workbook(path: Path, good: Path) -> Path:
    """Entities made of entities, as the name of a sheet, and one that is a file of ours."""
    sheets = '<sheet name="&a11;&f;" sheetId="1" r:id="rId1"/>'
    return write(path, parts(workbook=workbook(sheets, _DOCTYPE)))


def entities_in_strings(path: Path, good: Path) -> Path:
    """The same in a text."""
    strings = f'{_DOCTYPE}<sst xmlns="{MAIN}"><si><t>&a11;&f;</t></si></sst>'
    return xlsx(path, '<row r="1"><c r="A1" t="s"><v>0</v></c></row>', strings)


def entities_in_properties(path: Path, good: Path) -> Path:
    """The same in a document property."""
    custom = (
        f'{_DOCTYPE}<Properties><property name="xltool1"><a>&a11;&f;</a></property></Properties>'
    )
    return write(path, parts(custom=custom))


def deep_xml(path: Path, good: Path) -> Path:
    """A hundred thousand elements in each other, in every part that is parsed."""
    deep = "<a>" * 100_000 + "</a>" * 100_000
    return write(path, parts(deep, workbook=workbook(deep), custom=f"<b>{deep}</b>"))


def deep_sheet(path: Path, good: Path) -> Path:
    """The same in the sheet alone."""
    return xlsx(path, CELL + "<a>" * 100_000 + "</a>" * 100_000)


def elsewhere(path: Path, good: Path) -> Path:
    """Parts whose names lead out of the archive, and a sheet that is said to be such a one."""
    members = parts(**{"../../../tmp/xltool_hostile": "x", "/etc/xltool_hostile": "x"})
    links = members["xl/_rels/workbook.xml.rels"].decode()
    links = links.replace("worksheets/sheet1.xml", "../../../../../../etc/passwd")
    members["xl/_rels/workbook.xml.rels"] = links.encode()
    return write(path, members)


def many_merges(path: Path, good: Path) -> Path:
    """A good form with a hundred thousand merged areas."""
    areas = "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(1, 100_001))

    def change(xml: bytes) -> bytes:
        return xml.replace(b"</mergeCells>", areas.encode() + b"</mergeCells>")

    return changed(path, good, FORM, change)


def many_validations(path: Path, good: Path) -> Path:
    """A good form with a million validations, all of the same cells."""
    one = b'<dataValidation type="whole" sqref="A1:Z200"><formula1>1</formula1></dataValidation>'

    def change(xml: bytes) -> bytes:
        return xml.replace(b"</dataValidations>", one * 1_000_000 + b"</dataValidations>")

    return changed(path, good, FORM, change)


def many_styles(path: Path, good: Path) -> Path:
    """A good form with a million styles."""
    one = b'<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0"/>'

    def change(xml: bytes) -> bytes:
        return xml.replace(b"</cellXfs>", one * 1_000_000 + b"</cellXfs>")

    return changed(path, good, "xl/styles.xml", change)


def looping_ole(path: Path, good: Path) -> Path:
    """A compound file whose table of sectors leads back to where it came from."""
    table = struct.pack("<II", 0xFFFFFFFD, 1) + b"\xff" * 504  # sector 1 is followed by itself
    path.write_bytes(_ole_header() + table + b"\0" * 512)
    return path


def looping_list_of_tables(path: Path, good: Path) -> Path:
    """A compound file whose list of tables of sectors is followed by itself."""
    path.write_bytes(_ole_header(more_at=0, more=0xFFFFFFFF) + b"\0" * 1024)
    return path


def _ole_header(more_at: int = 0xFFFFFFFE, more: int = 0) -> bytes:
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
        more_at,
        more,
    )
    return (header + struct.pack("<I", 0) + b"\xff" * 432).ljust(512, b"\0")


SLOW, KILLED = "读取超过 8 秒", "内容异常，读取时耗尽内存或崩溃"


def packed_size_that_lies(path: Path, good: Path) -> Path:
    """A member that claims gigabytes of packed bytes: whoever asks for all of them has no memory."""
    with zipfile.ZipFile(good) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    name = "META-INF/manifest.xml"
    content = bytearray(write(path, {**members, name: b"<manifest/>"}).read_bytes())
    at = content.rindex(name.encode()) - 46  # its entry in the directory
    struct.pack_into("<I", content, at + 20, 0xFFFFFFF0)
    path.write_bytes(content)
    return path


BROKEN, DAMAGED = "文件已损坏，或不是工作簿", "文件已损坏"
LARGE = "工作表“甲”过大，超过 20000 行或 500 列的限制"

# each builder, and what may be said of its file; None: it is read and judged as what it is
EVERY: dict[Builder, tuple[str | None, ...]] = {
    blank_rows: (None, SLOW),
    blank_sheets: (SLOW,),
    deep_sheet: (DAMAGED,),
    deep_xml: (DAMAGED,),
    elsewhere: (DAMAGED,),
    entities_in_properties: (DAMAGED,),
    entities_in_strings: (DAMAGED,),
    entities_in_the_workbook: (DAMAGED,),
    false_count: (KILLED, BROKEN),
    far_corner: (LARGE,),
    far_corner_in_ods: ("工作表过大，有内容的单元格超过 100 万个",),
    far_corner_in_small_letters: (LARGE,),
    long_string: ("文件解压后有 600 MB，超过 100 MB 的限制",),
    long_string_that_lies: (DAMAGED,),
    looping_list_of_tables: (BROKEN,),
    looping_ole: (BROKEN,),
    many_merges: (None, SLOW),
    many_parts: ("文件内部有 10005 个部件，超过 2000 个的限制",),
    many_sheets: ("有 10000 张工作表，超过 300 张的限制",),
    many_strings: (None, SLOW),
    many_styles: (None, SLOW),
    many_validations: (None, SLOW),
    nested_zip: ("是压缩文件，不是工作簿",),
    packed_size_that_lies: ("文件已损坏，或没有传输完整",),
    too_many_blank_rows: ("文件解压后有 189 MB，超过 100 MB 的限制",),
    unclosed: (DAMAGED,),
}
