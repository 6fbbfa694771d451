"""A zipped workbook (.xlsx, .xlsm, .xlsb, .ods) before calamine sees it: sizes, and what it holds.

Sizes are looked at before anything is unpacked; sheets that claim to be huge are refused before
calamine, which allocates what they claim.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Literal

from lxml import etree

from xltool.form.layout import Position
from xltool.workbook import ods, xlsb
from xltool.workbook.agreement import Stated
from xltool.workbook.appearance import Appearance
from xltool.workbook.columns import column_letters, column_number
from xltool.workbook.comments import comment_parts, comments_in
from xltool.workbook.foreign import refuse_members, refuse_package
from xltool.workbook.limits import MB, Limits
from xltool.workbook.odd_cells import OddCells, odd_cells
from xltool.workbook.parts import Parts
from xltool.workbook.refusals import (
    BROKEN_ARCHIVE,
    BROKEN_CONTENT,
    FEWER_ROWS,
    LESS,
    REPAIR,
    UnreadableError,
)
from xltool.workbook.rewriting import AmbiguousError, rewritten
from xltool.workbook.sheet_pieces import pieces_of
from xltool.workbook.spelling import is_usual_part
from xltool.workbook.strings import SharedStrings
from xltool.workbook.styles import styles_of

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRINGS = "xl/sharedStrings.xml"
_OTHER_SHEETS = ("chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet")
_CUSTOM = "custom-properties"
_CONTENT = "content.xml"
_SPREADSHEET_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
# parts with programs in them: VBA, the macros of Excel 4, controls; Basic and scripts in .ods
_MACROS = re.compile(r".*/vbaProject\.bin|xl/(?:macrosheets|activeX)/.*|(?:Basic|Scripts)/.+", re.I)
_LINKS = re.compile(r"xl/(?:externalLinks/[^/]*|connections)\.(?:xml|bin)", re.I)

_LARGE = 2 * MB  # of the XML of a sheet: the pieces of larger ones are not kept
Mark = Literal["macros", "links", "dde"]  # what a workbook has beside its sheets


_NO_STRINGS = SharedStrings()

# whether a worksheet, by its name and its XML, holds nothing that anybody wants to know
PassedOver = Callable[[str, bytes], bool]


def nothing(name: str, xml: bytes) -> bool:  # noqa: ARG001
    """Pass over no sheet."""
    return False


@dataclass(frozen=True)
class SheetDetails:
    """What calamine does not tell of one sheet; `appearance` is None for other files than .xlsx.

    `filled` is the number of cells of an .xlsx that hold something; `counts_from_1904` is True where
    the numbers of days begin four years later (workbooks from old Macs); `stated` are the cells of
    other kinds of file; `comments` stand on cells.
    """

    appearance: Appearance | None = None
    known: OddCells | None = None  # the odd cells where they were found without the XML
    filled: int = 0
    strings: SharedStrings = _NO_STRINGS
    counts_from_1904: bool = False
    stated: Stated | None = None
    comments: Mapping[Position, str] = field(default_factory=dict)

    @cached_property
    def odd(self) -> OddCells:
        """Error values, formulas and the like; worked out when asked for: of most sheets nobody asks."""
        if self.known is not None:
            return self.known
        return odd_cells(self.appearance, self.strings) if self.appearance else OddCells()


@dataclass(frozen=True, slots=True)
class Package:
    """What a file holds beside the values: details by sheet, custom properties, marks.

    `content` is the package in the usual spelling, where the file itself has another one: the values
    are to be read from it. The sheets that are `passed_over` are not to be read at all.
    """

    details: Mapping[str, SheetDetails] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    content: bytes | None = None
    passed_over: frozenset[str] = frozenset()


def inspect(content: bytes, limits: Limits, is_passed_over: PassedOver = nothing) -> Package:
    """Inspect a zipped workbook, given what its file holds: its sizes first, then what it holds.

    Raises UnreadableError if it is none or beyond the limits.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _refuse_sizes(members, len(content), limits)
            refuse_members(members)
            names = set(archive.namelist())
            refuse_package(names, archive.read)
            marks = tuple(_marks(archive, names))
            if "mimetype" in names and archive.read("mimetype").strip().startswith(
                _SPREADSHEET_ODS
            ):
                return _ods(archive, names, marks)
            if "[Content_Types].xml" not in names:
                if any(name.startswith("xl/") for name in names):
                    raise UnreadableError("文件不完整，缺少内部的目录", REPAIR)
                raise UnreadableError("是压缩文件，不是工作簿", "请解压后交其中的工作簿")
            parts = Parts(archive)
            if parts.workbook.endswith(".bin"):
                return Package(_xlsb_details(parts), _xlsx_properties(parts), marks)
            return _xlsx(parts, marks, limits, is_passed_over)
    except AmbiguousError as error:
        raise UnreadableError(str(error)) from error
    except BROKEN_ARCHIVE as error:
        raise UnreadableError("文件已损坏，或没有传输完整", REPAIR) from error
    except BROKEN_CONTENT as error:
        raise UnreadableError("文件已损坏", REPAIR) from error


def _refuse_sizes(members: Sequence[zipfile.ZipInfo], packed: int, limits: Limits) -> None:
    """Raise UnreadableError for too many members or too much in them, BadZipFile where more is claimed than packed."""
    if len(members) > limits.parts:
        raise UnreadableError(
            f"文件内部有 {len(members)} 个部件，超过 {limits.parts} 个的限制", LESS
        )
    size = sum(member.file_size for member in members)  # no reader unpacks more than that
    if size > limits.unpacked_bytes:
        unpacked, limit = size // MB, limits.unpacked_bytes // MB
        raise UnreadableError(f"文件解压后有 {unpacked} MB，超过 {limit} MB 的限制", LESS)
    if any(member.header_offset + member.compress_size > packed for member in members):
        raise zipfile.BadZipFile("a member claims more packed bytes than there are")


def _ods(archive: zipfile.ZipFile, names: set[str], marks: tuple[Mark, ...]) -> Package:
    """What an .ods holds."""
    xml = archive.read(_CONTENT)
    details = {
        name: SheetDetails(known=odd, stated=stated)
        for name, (odd, stated) in ods.cells(xml).items()
    }
    tidied = ods.tidied(xml)
    content = None if tidied is None else _with_part(archive, _CONTENT, tidied)
    return Package(details, _ods_properties(archive, names), marks, content)


def _with_part(archive: zipfile.ZipFile, part: str, content: bytes) -> bytes:
    """The package with another content of a part."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as written:
        for name in archive.namelist():
            written.writestr(name, content if name == part else archive.read(name))
    return out.getvalue()


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


def _xlsx(
    parts: Parts, marks: tuple[Mark, ...], limits: Limits, is_passed_over: PassedOver
) -> Package:
    """What an .xlsx holds; one in unusual spelling is put into the usual one first."""
    if not parts.workbook:
        raise UnreadableError("文件已损坏，找不到工作簿的目录", REPAIR)
    sheets = _worksheets(parts, limits)
    over = {name for name, part in sheets.items() if is_passed_over(name, parts.read(part))}
    read = {name: part for name, part in sheets.items() if name not in over}
    details, content = _usual_details(parts, read, limits), None
    if details is None or not _are_usual(parts):
        content = rewritten(parts)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            again = Parts(archive)
            details, over = _usual_details(again, _worksheets(again, limits), limits), set()
        if details is None:
            raise AmbiguousError("文件内部的写法特殊，无法确认内容")
    for name, part in sheets.items():
        if xmls := comment_parts(parts, part):
            found = details.get(name, SheetDetails())
            details[name] = replace(found, comments=comments_in(xmls))
    return Package(details, _xlsx_properties(parts), marks, content, frozenset(over))


def _usual_details(
    parts: Parts, sheets: Mapping[str, str], limits: Limits
) -> dict[str, SheetDetails] | None:
    """The details of some sheets, given their parts by name; None if the XML of one is in unusual spelling.

    Raises KeyError for a worksheet whose part is not there.
    """
    styles = styles_of(parts.read("xl/styles.xml") if "xl/styles.xml" in parts else b"")
    strings = SharedStrings(parts.read(_STRINGS) if _STRINGS in parts else b"")
    _ = styles.struck, strings.struck  # what is damaged is found here
    later = parts.listing.counts_from_1904
    details = {}
    for name, part in sheets.items():
        xml = parts.read(part)
        pieces = pieces_of(xml)
        if pieces is None:
            return None
        if pieces.has_cells or not pieces.is_within(limits.rows, limits.columns):
            _refuse_huge(xml, name, limits)
        is_told = not pieces.has_cells and len(xml) < _LARGE
        looks = Appearance(xml, styles, pieces if is_told else None)
        details[name] = SheetDetails(looks, None, pieces.filled, strings, later)
    return details


def _worksheets(parts: Parts, limits: Limits) -> dict[str, str]:
    """The part of each worksheet by its name; once, however many sheets claim it."""
    relations = parts.relations(parts.workbook)
    listed = parts.listing.sheets
    refuse_many(len(listed), limits)
    found: dict[str, str] = {}
    for name, relation_id in listed:
        relation = relations.get(relation_id)
        if relation is None or relation.kind != "worksheet":
            continue
        if relation.target not in found.values():
            found[name] = relation.target
    return found


def _are_usual(parts: Parts) -> bool:
    """True if the fast readers find the parts of this package, and know how they are spelt."""
    names = ("xl/workbook.xml", "xl/styles.xml", _STRINGS)
    return parts.has_usual_names and all(is_usual_part(parts.read(n)) for n in names if n in parts)


def _xlsb_details(parts: Parts) -> dict[str, SheetDetails]:
    relations = parts.relations(parts.workbook)
    if any(relation.kind in _OTHER_SHEETS for relation in relations.values()):
        raise UnreadableError("工作簿里有图表页或宏表，这样的 .xlsb 无法读取")
    tables = [r.target for r in relations.values() if r.kind == "sharedStrings"]
    strings = xlsb.shared_strings(parts.read(tables[0])) if tables and tables[0] in parts else []
    return {
        name: SheetDetails(known=odd, stated=stated)
        for name, relation in xlsb.sheets(parts.read(parts.workbook)).items()
        if relation in relations and relations[relation].target in parts
        for odd, stated in (xlsb.cells(parts.read(relations[relation].target), strings),)
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
