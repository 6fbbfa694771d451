"""One workbook in many spellings that mean the same: what other programs write, and may write."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

Members = dict[str, bytes]
Spelling = Callable[[Members], Members]

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_STRICT = {
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": b"http://purl.oclc.org/ooxml/officeDocument/relationships",
}


def respelt(path: Path, spelling: Spelling, out: Path) -> Path:
    """The workbook in another spelling."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in spelling(members).items():
            archive.writestr(name, content)
    return out


def _in_parts(change: Callable[[bytes], bytes], pattern: str = r"xl/.*\.xml") -> Spelling:
    def spelling(members: Members) -> Members:
        return {
            name: change(content) if re.fullmatch(pattern, name) else content
            for name, content in members.items()
        }

    return spelling


def _in_sheets(change: Callable[[bytes], bytes]) -> Spelling:
    return _in_parts(change, _SHEET.pattern)


def _in_tags(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Change the tags of some XML, not its texts."""
    return lambda xml: re.sub(rb"<[A-Za-z][^<>]*>", lambda tag: change(tag[0]), xml)


def _strict(members: Members) -> Members:
    def change(xml: bytes) -> bytes:
        for transitional, strict in _STRICT.items():
            xml = xml.replace(transitional, strict)
        return xml

    changed = _in_parts(change)(members)
    for name in ("_rels/.rels", "xl/_rels/workbook.xml.rels"):
        changed[name] = change(changed[name])
    return changed


def _without_addresses(xml: bytes) -> bytes:
    """Cells and rows without `r`: blank ones stand where the numbering has gaps."""
    data = re.search(rb"<sheetData>(.*)</sheetData>", xml, re.DOTALL)
    if data is None:
        return xml
    rows, last = [], 0
    for row in re.finditer(rb'<row r="(\d+)"([^>]*?)(?:/>|>(.*?)</row>)', data[1], re.DOTALL):
        rows += [b"<row/>"] * (int(row[1]) - last - 1)
        last = int(row[1])
        cells, column = [], 0
        for cell in re.finditer(rb'<c r="([A-Z]+)\d+"', row[3] or b""):
            number = _number(cell[1])
            cells.append((cell.start(), b"<c/>" * (number - column - 1)))
            column = number
        content = row[3] or b""
        for start, gap in reversed(cells):
            content = content[:start] + gap + content[start:]
        content = re.sub(rb'<c r="[A-Z]+\d+"', b"<c", content)
        rows.append(b"<row" + row[2] + b">" + content + b"</row>")
    return xml[: data.start(1)] + b"".join(rows) + xml[data.end(1) :]


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _prefixed(xml: bytes) -> bytes:
    """Every element with the prefix x."""
    xml = re.sub(rb'(<\w+[^<>]*?\s)xmlns="', rb'\1xmlns:x="', xml, count=1)
    return re.sub(rb"<(/?)(?=[A-Za-z])(?![A-Za-z0-9]+:)", rb"<\1x:", xml)


def _renamed(names: Mapping[str, str]) -> Spelling:
    """Other names of parts, with the relations and types that say so."""

    def spelling(members: Members) -> Members:
        found = {}
        for name, content in members.items():
            text = content
            if name.endswith(".rels") or name == "[Content_Types].xml":
                for old, new in names.items():
                    text = text.replace(Path(old).name.encode(), Path(new).name.encode())
            found[names.get(name, name)] = text
        return found

    return spelling


def _targets(before: bytes, after: bytes) -> Spelling:
    return _in_parts(lambda xml: xml.replace(before, after), r"xl/_rels/workbook\.xml\.rels")


def _cut_up(xml: bytes) -> bytes:
    """Values with a comment in the middle."""
    return re.sub(rb"<v>(\d)(\d[\d.]*)</v>", rb"<v>\1<!-- -->\2</v>", xml)


def _in_cdata(xml: bytes) -> bytes:
    return re.sub(rb"<v>(\d[\d.]*)</v>", rb"<v><![CDATA[\1]]></v>", xml)


def _utf16(xml: bytes) -> bytes:
    text = re.sub(r"<\?xml.*?\?>", "", xml.decode("utf-8"))
    return f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16")


SPELLINGS: Mapping[str, Spelling] = {
    "strict": _strict,
    "no addresses": _in_sheets(_without_addresses),
    "single quotes": _in_parts(_in_tags(lambda tag: re.sub(rb'"([^"\']*)"', rb"'\1'", tag))),
    "spaces around =": _in_parts(_in_tags(lambda tag: re.sub(rb'(\w)="', rb'\1 = "', tag))),
    "capitals in part names": lambda members: {
        name.replace("worksheets/sheet", "Worksheets/SHEET"): content
        for name, content in members.items()
    },
    "backslashes in part names": lambda members: {
        name.replace("/", "\\") if _SHEET.fullmatch(name) else name: content
        for name, content in members.items()
    },
    "small letters in addresses": _in_sheets(
        lambda xml: re.sub(rb'<c r="([A-Z]+)', lambda m: b'<c r="' + m[1].lower(), xml)
    ),
    "a prefix": _in_parts(_prefixed, r"xl/(?:workbook|styles|sharedStrings|worksheets/[^/]+)\.xml"),
    "workbook2.xml": _renamed(
        {
            "xl/workbook.xml": "xl/workbook2.xml",
            "xl/_rels/workbook.xml.rels": "xl/_rels/workbook2.xml.rels",
        }
    ),
    "./ in targets": _targets(b'Target="worksheets/', b'Target="./worksheets/'),
    "../xl/ in targets": _targets(b'Target="worksheets/', b'Target="../xl/worksheets/'),
    "UTF-16": _in_parts(_utf16, r"xl/(?:workbook|styles|sharedStrings|worksheets/[^/]+)\.xml"),
    "comments in values": _in_sheets(_cut_up),
    "CDATA": _in_sheets(_in_cdata),
}
