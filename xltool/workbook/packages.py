"""A zipped workbook (.xlsx, .xlsm, .xlsb, .ods) before calamine sees it: sizes, and what it holds.

Sizes are looked at before anything is unpacked; sheets that claim to be huge are refused before
calamine, which allocates what they claim.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from lxml import etree

from xltool.form.layout import Position
from xltool.office.limits import MB, Limits
from xltool.workbook import ods, xlsb
from xltool.workbook.agreement import Strings
from xltool.workbook.appearance import (
    Appearance,
    OddCells,
    Styles,
    column_letters,
    column_number,
)
from xltool.workbook.foreign import refuse_members, refuse_package
from xltool.workbook.parts import Parts
from xltool.workbook.refusals import (
    BROKEN_ARCHIVE,
    BROKEN_CONTENT,
    FEWER_ROWS,
    LESS,
    REPAIR,
    UnreadableError,
)
from xltool.workbook.rewriting import AmbiguousError, rewritten, shared_strings
from xltool.workbook.spelling import filled_cells, is_usual_part

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
# a tag and what follows it; linear, since no part runs past the next "<"
_TAG = re.compile(rb"<(?:\w+:)?(c|f|v)(?=[\s/>])([^<]*+)")
_ADDRESS = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_ANY_FORMULA = re.compile(rb"<(?:\w+:)?f(?=[\s/>])")
# a cell that begins with its formula, as they all do in an orderly file
_FORMULA_CELL = re.compile(rb"<(?:\w+:)?c\s([^<]*+)<(?:\w+:)?f(?=[\s/>])([^<]*+)")
_SHARED = "…".encode()  # in place of a formula that stands at another cell
_STRINGS = "xl/sharedStrings.xml"
_CUSTOM = "custom-properties"
_SPREADSHEET_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
# parts with programs in them: VBA, the macros of Excel 4, controls; Basic and scripts in .ods
_MACROS = re.compile(r".*/vbaProject\.bin|xl/(?:macrosheets|activeX)/.*|(?:Basic|Scripts)/.+", re.I)
_LINKS = re.compile(r"xl/(?:externalLinks/[^/]*|connections)\.(?:xml|bin)", re.I)

Mark = Literal["macros", "links", "dde"]  # what a workbook has beside its sheets


@dataclass(frozen=True)
class SheetDetails:
    """What calamine does not tell of one sheet; `appearance` is None for other files than .xlsx.

    `filled` is the number of cells of an .xlsx that hold something.
    """

    appearance: Appearance | None = None
    known: OddCells | None = None  # the odd cells where they were found without the XML
    filled: int = 0

    @cached_property
    def odd(self) -> OddCells:
        """Error values and formulas; worked out when asked for: of most sheets nobody asks."""
        if self.known is not None:
            return self.known
        return _odd_cells(self.appearance.xml) if self.appearance else OddCells()


@dataclass(frozen=True, slots=True)
class Package:
    """What a file holds beside the values: details by sheet, custom properties, marks.

    `content` is the package in the usual spelling, where the file itself has another one: the values
    are to be read from it. `strings` gives the shared strings of an .xlsx.
    """

    details: Mapping[str, SheetDetails] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    content: bytes | None = None
    strings: Strings = tuple


def inspect(path: Path, limits: Limits) -> Package:
    """Inspect a zipped workbook: its sizes first, then what it holds.

    Raises UnreadableError if it is none or beyond the limits.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > limits.parts:
                raise UnreadableError(
                    f"文件内部有 {len(members)} 个部件，超过 {limits.parts} 个的限制", LESS
                )
            size = sum(member.file_size for member in members)  # no reader unpacks more than that
            if size > limits.unpacked_bytes:
                unpacked, limit = size // MB, limits.unpacked_bytes // MB
                raise UnreadableError(f"文件解压后有 {unpacked} MB，超过 {limit} MB 的限制", LESS)
            refuse_members(members)
            names = set(archive.namelist())
            refuse_package(names, archive.read)
            marks = tuple(_marks(archive, names))
            if "mimetype" in names and archive.read("mimetype").strip().startswith(
                _SPREADSHEET_ODS
            ):
                odd = ods.odd_cells(archive.read("content.xml"))
                details = {name: SheetDetails(known=cells) for name, cells in odd.items()}
                return Package(details, _ods_properties(archive, names), marks)
            if "[Content_Types].xml" not in names:
                if any(name.startswith("xl/") for name in names):
                    raise UnreadableError("文件不完整，缺少内部的目录", REPAIR)
                raise UnreadableError("是压缩文件，不是工作簿", "请解压后交其中的工作簿")
            parts = Parts(archive)
            if parts.workbook.endswith(".bin"):
                return Package(_xlsb_details(parts), _xlsx_properties(parts), marks)
            return _xlsx(parts, marks, limits)
    except AmbiguousError as error:
        raise UnreadableError(str(error)) from error
    except BROKEN_ARCHIVE as error:
        raise UnreadableError("文件已损坏，或没有传输完整", REPAIR) from error
    except BROKEN_CONTENT as error:
        raise UnreadableError("文件已损坏", REPAIR) from error


def _marks(archive: zipfile.ZipFile, names: set[str]) -> Iterator[Mark]:
    if any(map(_MACROS.fullmatch, names)):
        yield "macros"
    links = [name for name in names if _LINKS.fullmatch(name)]
    if links:
        yield "links"
    if any(b"ddeLink" in archive.read(name) for name in links):
        yield "dde"


def _xml(archive: zipfile.ZipFile, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(archive.read(name), parser)


def _xlsx(parts: Parts, marks: tuple[Mark, ...], limits: Limits) -> Package:
    """What an .xlsx holds; one in unusual spelling is put into the usual one first."""
    if not parts.workbook:
        raise UnreadableError("文件已损坏，找不到工作簿的目录", REPAIR)
    details = _usual_details(parts, limits)
    if details is not None and _are_usual(parts):
        return _package(parts, details, marks)
    content = rewritten(parts)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = Parts(archive)
        details = _usual_details(parts, limits)
        if details is None:
            raise AmbiguousError("文件内部的写法特殊，无法确认内容")
        return replace(_package(parts, details, marks), content=content)


def _usual_details(parts: Parts, limits: Limits) -> dict[str, SheetDetails] | None:
    """The details by sheet; None if the XML of a sheet is in unusual spelling."""
    styles = Styles(parts.read("xl/styles.xml") if "xl/styles.xml" in parts else b"")
    details = {}
    for name, xml in _sheets(parts, limits).items():
        filled = filled_cells(xml)
        if filled is None:
            return None
        _refuse_huge(xml, name, limits)
        details[name] = SheetDetails(Appearance(xml, styles), filled=filled)
    return details


def _package(parts: Parts, details: Mapping[str, SheetDetails], marks: tuple[Mark, ...]) -> Package:
    table = parts.read(_STRINGS) if _STRINGS in parts else b""
    strings = cache(lambda: shared_strings(table))
    return Package(details, _xlsx_properties(parts), marks, strings=strings)


def _sheets(parts: Parts, limits: Limits) -> dict[str, bytes]:
    """The XML of each worksheet by its name. A part is read once, however many sheets claim it.

    Raises KeyError for a worksheet whose part is not there.
    """
    relations = parts.relations(parts.workbook)
    listed = list(parts.xml(parts.workbook).iter("{*}sheet"))
    refuse_many(len(listed), limits)
    found: dict[str, bytes] = {}
    taken: set[str] = set()
    for sheet in listed:
        ids = (v for k, v in sheet.attrib.items() if str(k).endswith("}id"))
        relation = relations.get(str(next(ids, "")))
        if relation is not None and relation.kind == "worksheet" and relation.target not in taken:
            taken.add(relation.target)
            found[str(sheet.get("name", ""))] = parts.read(relation.target)
    return found


def _are_usual(parts: Parts) -> bool:
    """True if the fast readers find the parts of this package, and know how they are spelt."""
    names = ("xl/workbook.xml", "xl/styles.xml", _STRINGS)
    return parts.has_usual_names and all(is_usual_part(parts.read(n)) for n in names if n in parts)


def _xlsb_details(parts: Parts) -> dict[str, SheetDetails]:
    relations = parts.relations(parts.workbook)
    return {
        name: SheetDetails(known=xlsb.odd_cells(parts.read(relations[relation].target)))
        for name, relation in xlsb.sheets(parts.read(parts.workbook)).items()
        if relation in relations and relations[relation].target in parts
    }


def refuse_many(sheets: int, limits: Limits) -> None:
    """Raise UnreadableError for too many sheets."""
    if sheets > limits.sheets:
        raise UnreadableError(f"有 {sheets} 张工作表，超过 {limits.sheets} 张的限制", LESS)


def _refuse_huge(xml: bytes, name: str, limits: Limits) -> None:
    """Calamine would allocate every cell up to the last one that holds something."""
    seldom, place = _far_places(limits)
    if not seldom.search(xml):
        return
    for match in place.finditer(xml):
        column = column_number(match[1])
        if int(match[2]) > limits.rows or column >= limits.columns:
            raise UnreadableError(too_large(name, limits), FEWER_ROWS)


@cache
def _far_places(limits: Limits) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """What places beyond the limits have: so many letters or digits. In most files none; then them."""
    letters, digits = len(column_letters(limits.columns)), len(str(limits.rows))
    seldom = rf'r="(?:[A-Z]{{{letters}}}|[A-Z]{{0,3}}\d{{{digits}}})'
    place = rf"([A-Z]{{0,3}}+)(?:(?<=[A-Z]{{{letters}}})|(?=\d{{{digits}}}))(\d{{1,9}})"
    cell = rf'<c r="{place}"[^/>]*+>'  # one that holds something
    return re.compile(seldom.encode()), re.compile(cell.encode())


def too_large(name: str, limits: Limits) -> str:
    """What is wrong with a sheet beyond the limits."""
    return f"工作表“{name}”过大，超过 {limits.rows} 行或 {limits.columns} 列的限制"


def _odd_cells(xml: bytes) -> OddCells:
    """Error values and formulas by their places; most sheets have neither."""
    if b't="e"' in xml:
        return _odd_cells_one_by_one(xml)
    formulas = len(_ANY_FORMULA.findall(xml))
    if formulas == 0:
        return OddCells()
    found = [
        (address, match[2].partition(b">")[2])
        for match in _FORMULA_CELL.finditer(xml)
        if (address := _ADDRESS.search(match[1]))
    ]
    if len(found) != formulas:  # something stands between a cell and its formula
        return _odd_cells_one_by_one(xml)
    return OddCells({}, {_place(address): _unescape(text or _SHARED) for address, text in found})


def _place(address: re.Match[bytes]) -> Position:
    return int(address[2]) - 1, column_number(address[1])


def _odd_cells_one_by_one(xml: bytes) -> OddCells:
    """The same by looking at every tag."""
    odd = OddCells()
    place: Position | None = None
    is_error = False
    for match in _TAG.finditer(xml):
        attributes, _, content = match[2].partition(b">")
        if match[1] == b"c":
            address = _ADDRESS.search(attributes)
            place = _place(address) if address else None
            is_error = b't="e"' in attributes
        elif place is not None and match[1] == b"f":
            odd.formulas[place] = _unescape(content or _SHARED)
        elif place is not None and is_error:
            odd.errors[place] = content.decode("utf-8", "replace")
    return odd


def _unescape(text: bytes) -> str:
    words = text.decode("utf-8", "replace")
    if "&" not in words:  # the most
        return f"={words}"
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        words = words.replace(entity, character)
    return f"={words}"


def _xlsx_properties(parts: Parts) -> dict[str, str]:
    name = next((r.target for r in parts.relations("").values() if r.kind == _CUSTOM), "")
    if name not in parts:
        return {}
    return {
        str(element.get("name")): "".join(str(text) for text in element.itertext())
        for element in parts.xml(name)
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
