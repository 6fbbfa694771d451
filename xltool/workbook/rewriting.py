"""A package in unusual spelling, put into the usual one: the complete reader.

Any legal spelling of SpreadsheetML is read with lxml, by relations: Strict Open XML, any prefix,
any encoding, cells without an address, text cut up by comments or CDATA. What comes out is a small
package that the ordinary readers know. Nothing is guessed: what means different things to different
programs (an address twice, a shared string that is not there) is refused.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from xltool.workbook.columns import column_letters, column_number
from xltool.workbook.parts import Parts, Relation
from xltool.workbook.strings import children, local, rich_text, struck_text

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")
_DEFAULT_TYPES = {
    "rels": "application/vnd.openxmlformats-package.relationships+xml",
    "xml": "application/xml",
}
_OF_FORMULA = ("t", "si", "ref")  # by these a formula counts for other cells too
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


_CONTENT = {"row", "c", "v", "f", "is", "si", "r", "t"}  # what cells and strings are made of


class AmbiguousError(Exception):
    """The package means different things to different programs; the message says what, in Chinese."""


@dataclass
class _Written:
    """The package as it is put together."""

    archive: zipfile.ZipFile
    types: list[tuple[str, str]]

    def put(self, part: str, root: etree._Element, kind: str) -> None:
        """Write a part, and remember its content type."""
        content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        self.put_bytes(part, content, kind)

    def put_bytes(self, part: str, content: bytes, kind: str) -> None:
        """Write a part that is bytes already."""
        self.archive.writestr(part, content)
        self.types.append((part, kind))


def rewritten(parts: Parts) -> bytes:
    """The package in the usual spelling, with the same sheets, values, formulas, formats and limits.

    Raises AmbiguousError where programs would read different things, KeyError and
    etree.XMLSyntaxError for a damaged package.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        written = _Written(archive, [])
        relations = parts.relations(parts.workbook)
        strings = _first(relations, "sharedStrings")
        table = _Strings(parts.xml(strings) if strings in parts else None)
        _write_copy(parts, _first(relations, "styles"), "xl/styles.xml", "styles", written)
        _write_sheets(parts, written, table)
        _write_properties(parts, written)
        _write_frame(written)
    return out.getvalue()


def _first(relations: Mapping[str, Relation], kind: str) -> str:
    return next((r.target for r in relations.values() if r.kind == kind), "")


def _root(name: str, space: str = MAIN) -> etree._Element:
    """The root of a new part: its namespace is the default one."""
    names: Any = {None: space}
    return etree.Element(f"{{{space}}}{name}", nsmap=names)


def _copy(element: etree._Element, parent: etree._Element | None = None) -> etree._Element:
    """An element with all that is in it, every name in the usual namespace and without a prefix."""
    name = f"{{{MAIN}}}{local(element.tag)}"
    copy = _root(local(element.tag)) if parent is None else etree.SubElement(parent, name)
    copy.text = element.text
    for key, value in element.attrib.items():
        if not str(key).startswith("{") or key == _SPACE:
            copy.set(key, value)
    for child in element:
        if isinstance(child.tag, str):
            _copy(child, copy)
    return copy


def _write_copy(parts: Parts, part: str, name: str, kind: str, written: _Written) -> None:
    if part and part in parts:
        written.put(name, _copy(parts.xml(part)), kind)


class _Strings:
    """The table of shared strings: each as plain text, or as runs where some are struck out."""

    def __init__(self, old: etree._Element | None) -> None:
        self.root = _root("sst")
        if old is not None:
            _refuse_foreign(old, "文字表")
        for item in children(old, "si") if old is not None else ():
            self.add(item)
        self.count = len(self.root)  # that cells of the file may name

    def add(self, item: etree._Element) -> int:
        """Add a string; returns its number."""
        new = etree.SubElement(self.root, f"{{{MAIN}}}si")
        if struck_text(item):
            for run in children(item, "r"):
                _copy(run, new)
        else:
            _put_text(new, rich_text(item))
        return len(self.root) - 1


def _put_text(parent: etree._Element, text: str) -> None:
    inner = etree.SubElement(parent, f"{{{MAIN}}}t")
    inner.text = text
    if text != text.strip():
        inner.set(_SPACE, "preserve")


def _write_sheets(parts: Parts, written: _Written, strings: _Strings) -> None:
    """The list of sheets, and each worksheet; a sheet of another kind (a chart) stands there empty."""
    old = parts.xml(parts.workbook)
    relations = parts.relations(parts.workbook)
    book = _root("workbook")
    for properties in children(old, "workbookPr"):
        _copy(properties, book)
    listed = etree.SubElement(book, f"{{{MAIN}}}sheets")
    links = _root("Relationships", f"{_PACKAGE}/relationships")
    for number, sheet in enumerate(_each_sheet(old), 1):
        name = str(sheet.get("name", ""))
        ids = [str(value) for key, value in sheet.attrib.items() if local(key) == "id"]
        relation = relations.get(ids[0]) if ids else None
        attributes = {"name": name, "sheetId": str(number)}
        if state := sheet.get("state"):
            attributes["state"] = str(state)
        entry = etree.SubElement(listed, f"{{{MAIN}}}sheet", attributes)
        entry.set(f"{{{_RELATIONS}}}id", f"rId{number}")
        part = f"xl/worksheets/sheet{number}.xml"
        _relate(
            links, number, f"{_OFFICE}/relationships/worksheet", f"worksheets/sheet{number}.xml"
        )
        if relation is not None and relation.kind == "worksheet":
            root = _sheet(parts.xml(relation.target), name, strings)
        else:
            root = _root("worksheet")
            etree.SubElement(root, f"{{{MAIN}}}sheetData")
        written.put(part, root, "worksheet")
    written.put("xl/sharedStrings.xml", strings.root, "sharedStrings")
    names = {"styles": "styles.xml", "sharedStrings": "sharedStrings.xml"}
    for number, (kind, target) in enumerate(names.items(), len(listed) + 1):
        if any(part == f"xl/{target}" for part, _ in written.types):
            _relate(links, number, f"{_OFFICE}/relationships/{kind}", target)
    written.put("xl/workbook.xml", book, "sheet.main")
    content = etree.tostring(links, xml_declaration=True, encoding="UTF-8", standalone=True)
    written.archive.writestr("xl/_rels/workbook.xml.rels", content)


def _each_sheet(book: etree._Element) -> Iterator[etree._Element]:
    for listed in children(book, "sheets"):
        yield from children(listed, "sheet")


def _relate(links: etree._Element, number: int, kind: str, target: str) -> None:
    name = f"{{{_PACKAGE}/relationships}}Relationship"
    etree.SubElement(links, name, {"Id": f"rId{number}", "Type": kind, "Target": target})


def _sheet(old: etree._Element, name: str, strings: _Strings) -> etree._Element:
    """A worksheet in the usual spelling."""
    root = _root("worksheet")
    for child in old:
        if isinstance(child.tag, str):
            if local(child.tag) == "sheetData":
                _cells(child, etree.SubElement(root, f"{{{MAIN}}}sheetData"), name, strings)
            else:
                _copy(child, root)
    return root


def _cells(old: etree._Element, data: etree._Element, name: str, strings: _Strings) -> None:
    """The rows and cells; those without an address follow the one before."""
    _refuse_foreign(old, f"工作表“{name}”")
    taken: set[tuple[int, int]] = set()
    row = 0
    for line in children(old, "row"):
        row = _number(line.get("r"), row + 1)
        new = etree.SubElement(data, f"{{{MAIN}}}row", {"r": str(row)})
        for key in ("hidden", "ht", "customHeight", "s", "customFormat"):
            if (value := line.get(key)) is not None:
                new.set(key, value)
        column = -1
        for cell in children(line, "c"):
            place = _place(cell.get("r"), (row, column + 1), name)
            column = place[1]
            if place in taken:
                address = f"{column_letters(column)}{place[0]}"
                raise AmbiguousError(f"工作表“{name}”的 {address} 出现了两次，各程序读出的不同")
            taken.add(place)
            _cell(cell, new, place, name, strings)


def _refuse_foreign(data: etree._Element, where: str) -> None:
    """Raise AmbiguousError for cells or strings in another namespace: some readers see them, others do not."""
    own = etree.QName(data).namespace
    for element in data.iter():
        is_content = isinstance(element.tag, str) and local(element.tag) in _CONTENT
        if is_content and etree.QName(element).namespace != own:
            raise AmbiguousError(f"{where}里有的内容写在别的命名空间里，各程序读出的不同")


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else otherwise


def _place(text: str | None, otherwise: tuple[int, int], name: str) -> tuple[int, int]:
    """The row (from 1) and column (from 0) of an address; without one, where the cell follows."""
    if text is None:
        return otherwise
    match = _ADDRESS.fullmatch(text.strip())
    if match is None:
        raise AmbiguousError(f"工作表“{name}”里有单元格的地址是“{text[:20]}”，无法确认是哪一格")
    return int(match[2]), column_number(match[1].upper().encode())


def _cell(
    old: etree._Element, row: etree._Element, place: tuple[int, int], name: str, strings: _Strings
) -> None:
    """One cell: its kind, style, formula and value, text in one piece."""
    address = f"{column_letters(place[1])}{place[0]}"
    new = etree.SubElement(row, f"{{{MAIN}}}c", {"r": address})
    kind = old.get("t")
    inner = {local(child.tag): child for child in old}
    value = "" if "v" not in inner else "".join(map(str, inner["v"].itertext()))
    if kind == "s" and value.strip() and not _is_index(value, strings.count):
        raise AmbiguousError(f"工作表“{name}”的 {address} 指向一段不存在的文字")
    if (style := old.get("s")) is not None:
        new.set("s", style)
    if (formula := inner.get("f")) is not None:
        kept = {str(k): str(v) for k, v in formula.attrib.items() if k in _OF_FORMULA}
        etree.SubElement(new, f"{{{MAIN}}}f", kept).text = "".join(map(str, formula.itertext()))
    if kind == "inlineStr" and "is" in inner and struck_text(inner["is"]):
        new.set("t", "s")
        etree.SubElement(new, f"{{{MAIN}}}v").text = str(strings.add(inner["is"]))
    elif kind == "inlineStr" and "is" in inner:
        new.set("t", kind)
        _put_text(etree.SubElement(new, f"{{{MAIN}}}is"), rich_text(inner["is"]))
    elif value.strip() or (value and kind == "str"):
        if kind is not None and kind != "inlineStr":
            new.set("t", kind)
        etree.SubElement(new, f"{{{MAIN}}}v").text = value
    if (meta := old.get("vm")) is not None:
        new.set("vm", meta)


def _is_index(text: str, count: int) -> bool:
    digits = text.strip()
    return digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits) < count


def _write_properties(parts: Parts, written: _Written) -> None:
    """The custom properties, in which the seal may be."""
    for relation in parts.relations("").values():
        if relation.kind == "custom-properties" and relation.target in parts:
            written.put_bytes("docProps/custom.xml", parts.read(relation.target), "custom")


def _write_frame(written: _Written) -> None:
    """The content types, and the relations of the package itself."""
    space = f"{_PACKAGE}/content-types"
    types = _root("Types", space)
    for extension, kind in (
        ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
        ("xml", "application/xml"),
    ):
        etree.SubElement(
            types, f"{{{space}}}Default", {"Extension": extension, "ContentType": kind}
        )
    base = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    for part, kind in written.types:
        if kind != "custom":
            attributes = {"PartName": f"/{part}", "ContentType": f"{base}.{kind}+xml"}
            etree.SubElement(types, f"{{{space}}}Override", attributes)
    links = _root("Relationships", f"{_PACKAGE}/relationships")
    _relate(links, 1, f"{_OFFICE}/relationships/officeDocument", "xl/workbook.xml")
    if any(kind == "custom" for _, kind in written.types):
        _relate(links, 2, f"{_OFFICE}/relationships/custom-properties", "docProps/custom.xml")
    for name, root in (("[Content_Types].xml", types), ("_rels/.rels", links)):
        content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        written.archive.writestr(name, content)
