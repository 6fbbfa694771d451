"""Open an untrusted file: values through calamine, facts through one small pass over the sheet XML.

How the sheets look (formats, validations, merges) is worked out later, by those who ask (`looks`).
Nothing here trusts the file: sizes are looked at before anything is unpacked, sheets that claim
to be huge are refused before calamine (which allocates what it is told) sees them. What still
crashes or hangs does so in the worker process that `read` runs this in.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import python_calamine
from lxml import etree

from xltool.fields import Raw
from xltool.limits import MB, Limits
from xltool.looks import Look, Place, Styles, column_letters, column_number
from xltool.text import unify_breaks

_NS = {
    "main": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "rel": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
}
# a tag and what follows it; linear, since no part runs past the next "<"
_TAG = re.compile(rb"<(?:\w+:)?(c|f|v)(?=[\s/>])([^<]*+)")
_ADDRESS = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_ANY_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_SPREADSHEET_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


class UnreadableError(Exception):
    """The file cannot be read; the message says why, in Chinese, for the unit (TPL-008)."""


@dataclass(frozen=True)
class SheetData:
    """One sheet: its cells from A1 on, and what calamine does not tell about them."""

    name: str
    grid: list[list[Raw]]
    errors: Mapping[Place, str] = field(default_factory=dict)
    formulas: Mapping[Place, str] = field(default_factory=dict)
    look: Look | None = None  # None for kinds of file that are not looked into

    def raw(self, row: int, column: int) -> Raw:
        """The content of a cell; None beyond the used area."""
        if 0 <= row < len(self.grid) and 0 <= column < len(self.grid[row]):
            return self.grid[row][column]
        return None

    def text(self, row: int, column: int) -> str:
        """The content of a cell as text, for comparison with labels."""
        raw = self.raw(row, column)
        return (
            unify_breaks(raw).strip() if isinstance(raw, str) else "" if raw is None else str(raw)
        )

    def with_columns(self, columns: Mapping[int, int]) -> SheetData:
        """The sheet with columns put elsewhere: new column → column here."""
        width = max(columns) + 1
        back = {old: new for new, old in columns.items()}
        grid = [
            [self.raw(row, columns[c]) if c in columns else None for c in range(width)]
            for row in range(len(self.grid))
        ]
        errors = {(r, back[c]): text for (r, c), text in self.errors.items() if c in back}
        formulas = {(r, back[c]): text for (r, c), text in self.formulas.items() if c in back}
        return SheetData(self.name, grid, errors, formulas, self.look)


@dataclass(frozen=True)
class WorkbookData:
    """A workbook as read: sheets in their order (hidden ones too) and custom properties."""

    sheets: list[SheetData]
    properties: Mapping[str, str]

    def sheet(self, name: str) -> SheetData | None:
        """A sheet by name."""
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


def open_workbook(path: Path, limits: Limits) -> WorkbookData:
    """Read a workbook of any kind that calamine opens.

    Raises UnreadableError for everything that is no readable workbook or beyond the limits.
    """
    size = path.stat().st_size
    if size == 0:
        raise UnreadableError("文件是空的（0 字节）")
    if size > limits.file_bytes:
        raise UnreadableError(f"文件有 {size // MB} MB，超过 {limits.file_bytes // MB} MB 的限制")
    with path.open("rb") as file:
        head = file.read(8)
        if head.startswith(_OLE) and _ENCRYPTED in file.read(MB):
            raise UnreadableError("文件已加密")
    facts: dict[str, _Facts] = {}
    properties: dict[str, str] = {}
    if head.startswith(b"PK"):
        facts, properties = _look_into_zip(path, limits)
    elif not head.startswith(_OLE):
        raise UnreadableError("不是 Excel、WPS 或 LibreOffice 的工作簿")
    return WorkbookData(_values(path, facts, limits), properties)


@dataclass(frozen=True, slots=True)
class _Facts:
    errors: dict[Place, str]
    formulas: dict[Place, str]
    look: Look | None = None


def _values(path: Path, facts: Mapping[str, _Facts], limits: Limits) -> list[SheetData]:
    try:
        # by handle: a name in another encoding (from a Windows archive) is no path for calamine
        with path.open("rb") as file, python_calamine.CalamineWorkbook.from_filelike(file) as book:
            _refuse_many(len(book.sheet_names), limits)
            sheets = []
            for name in book.sheet_names:
                sheet = book.get_sheet_by_name(name)
                if sheet.total_height >= limits.rows or sheet.total_width >= limits.columns:
                    raise UnreadableError(_too_large(name, limits))
                rows = sheet.to_python(skip_empty_area=False)
                grid = [[_plain(value) for value in row] for row in rows]
                fact = facts.get(name, _Facts({}, {}))
                sheets.append(SheetData(name, grid, fact.errors, fact.formulas, fact.look))
            return sheets
    except python_calamine.PasswordError as error:
        raise UnreadableError("文件已加密") from error
    except (UnreadableError, MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # calamine panics are no Exception
        raise UnreadableError("文件已损坏，或不是工作簿") from error


def _plain(value: Any) -> Raw:
    """Calamine's value as ours: '' is None, durations and times are text."""
    if value == "":
        return None
    if isinstance(value, (timedelta, time)):
        return str(value)
    if isinstance(value, (str, int, float, bool, date, datetime)):
        return value
    return str(value)


def _look_into_zip(path: Path, limits: Limits) -> tuple[dict[str, _Facts], dict[str, str]]:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > limits.parts:
                raise UnreadableError(
                    f"文件内部有 {len(parts)} 个部件，超过 {limits.parts} 个的限制"
                )
            size = sum(part.file_size for part in parts)  # and no reader unpacks more than that
            if size > limits.unpacked_bytes:
                unpacked, limit = size // MB, limits.unpacked_bytes // MB
                raise UnreadableError(f"文件解压后有 {unpacked} MB，超过 {limit} MB 的限制")
            if any(part.flag_bits & 1 for part in parts):
                raise UnreadableError("文件已加密")
            names = set(archive.namelist())
            if "mimetype" in names and archive.read("mimetype").strip().startswith(
                _SPREADSHEET_ODS
            ):
                return {}, _ods_properties(archive, names)
            if "xl/workbook.xml" in names:
                return _xlsx_facts(archive, names, limits), _xlsx_properties(archive, names)
            if "[Content_Types].xml" not in names:
                raise UnreadableError("是压缩文件，不是工作簿；请解压后交其中的工作簿")
            return {}, {}
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise UnreadableError("文件已损坏，或没有传输完整") from error
    except (zlib.error, etree.XMLSyntaxError, ValueError, KeyError) as error:
        raise UnreadableError("文件已损坏") from error


def _xml(archive: zipfile.ZipFile, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(archive.read(name), parser)


def _xlsx_facts(archive: zipfile.ZipFile, names: set[str], limits: Limits) -> dict[str, _Facts]:
    targets = {}
    if "xl/_rels/workbook.xml.rels" in names:
        for relation in _xml(archive, "xl/_rels/workbook.xml.rels"):
            if isinstance(relation.tag, str):
                targets[relation.get("Id")] = str(relation.get("Target", "")).lstrip("/")
    facts = {}
    styles = Styles(archive.read("xl/styles.xml") if "xl/styles.xml" in names else b"")
    sheets = list(_xml(archive, "xl/workbook.xml").iter("{*}sheet"))
    _refuse_many(len(sheets), limits)
    for sheet in sheets:
        target = targets.get(sheet.get(f"{{{_NS['rel']}}}id"), "")
        part = target if target.startswith("xl/") else f"xl/{target}"
        if part in names:
            look, name = Look(archive.read(part), styles), sheet.get("name", "")
            _refuse_huge(look.xml, name, limits)
            facts[name] = _Facts(*_odd_cells(look.xml), look)
            names = names - {part}  # a part is read once, however many sheets claim it
    return facts


def _refuse_many(sheets: int, limits: Limits) -> None:
    if sheets > limits.sheets:
        raise UnreadableError(f"有 {sheets} 张工作表，超过 {limits.sheets} 张的限制")


def _refuse_huge(xml: bytes, name: str, limits: Limits) -> None:
    """Calamine would allocate every cell up to the last one."""
    for match in _far_places(limits).finditer(xml):
        column = column_number(match[1])
        if int(match[2]) > limits.rows or column >= limits.columns:
            raise UnreadableError(_too_large(name, limits))


@cache
def _far_places(limits: Limits) -> re.Pattern[bytes]:
    """Places with as many letters or digits as those beyond the limits have: in most files none."""
    letters, digits = len(column_letters(limits.columns)), len(str(limits.rows))
    place = rf"([A-Z]{{0,3}}+)(?:(?<=[A-Z]{{{letters}}})|(?=\d{{{digits}}}))(\d{{1,9}})"
    return re.compile(rf'<(?:\w+:)?(?:c|row)\s[^<>]*?\br="{place}"'.encode())


def _too_large(name: str, limits: Limits) -> str:
    return f"工作表“{name}”过大，超过 {limits.rows} 行或 {limits.columns} 列的限制"


def _odd_cells(xml: bytes) -> tuple[dict[Place, str], dict[Place, str]]:
    """Error values and formulas by their places; most sheets have neither."""
    errors: dict[Place, str] = {}
    formulas: dict[Place, str] = {}
    if b't="e"' not in xml and not _ANY_FORMULA.search(xml):
        return errors, formulas
    place: Place | None = None
    is_error = False
    for match in _TAG.finditer(xml):
        attributes, _, content = match[2].partition(b">")
        if match[1] == b"c":
            address = _ADDRESS.search(attributes)
            place = (int(address[2]) - 1, column_number(address[1])) if address else None
            is_error = b't="e"' in attributes
        elif place is not None and match[1] == b"f":
            formulas[place] = _unescape(content or b"\xe2\x80\xa6")
        elif place is not None and is_error:
            errors[place] = content.decode("utf-8", "replace")
    return errors, formulas


def _unescape(text: bytes) -> str:
    words = text.decode("utf-8", "replace")
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        words = words.replace(entity, character)
    return f"={words}"


def _xlsx_properties(archive: zipfile.ZipFile, names: set[str]) -> dict[str, str]:
    if "docProps/custom.xml" not in names:
        return {}
    root = _xml(archive, "docProps/custom.xml")
    return {
        str(element.get("name")): "".join(str(text) for text in element.itertext())
        for element in root
        if isinstance(element.tag, str)
    }


def _ods_properties(archive: zipfile.ZipFile, names: set[str]) -> dict[str, str]:
    if "meta.xml" not in names:
        return {}
    found = {}
    for element in _xml(archive, "meta.xml").iter("{*}user-defined"):
        for key, name in element.attrib.items():
            if str(key).endswith("}name"):
                found[str(name)] = element.text or ""
    return found
