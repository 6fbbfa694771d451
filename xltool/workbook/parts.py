"""The parts of a zipped workbook by their names, as every program finds them: by relations.

Part names are compared without regard to case, `\\` counts as `/`, and a target may hold `./` and
`../` (ECMA-376 part 2, §6.2.2 and annex A).
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from lxml import etree

from xltool.workbook.attributes import is_true

_WORKBOOKS = ("xl/workbook.xml", "xl/workbook.bin")  # where it lies if no relation says where
_LARGE = 20_000  # bytes: what is larger is not kept
_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    remove_comments=True,
    remove_pis=True,
)


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part leads to: the last word of the relation's type, and the name of the other part."""

    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The sheets that a workbook lists, each by its name and the id of its relation.

    `counts_from_1904` is True where the numbers of days begin four years later.
    """

    sheets: tuple[tuple[str, str], ...]
    counts_from_1904: bool


class Parts:
    """The parts of an open package. Raises KeyError for a part that is not there."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._contents: dict[str, bytes] = {}
        self._relations: dict[str, Mapping[str, Relation]] = {}

    @cached_property
    def _members(self) -> Mapping[str, str]:
        return {part_key(name): name for name in self._archive.namelist()}

    def __contains__(self, part: str) -> bool:
        return part_key(part) in self._members

    def read(self, part: str) -> bytes:
        """The bytes of a part; no more than it says that it has, however much is packed there."""
        if part not in self._contents:
            member = self._archive.getinfo(self._members[part_key(part)])
            with self._archive.open(member) as file:
                self._contents[part] = file.read(member.file_size + 1)
        return self._contents[part]

    def xml(self, part: str) -> etree._Element:
        """The root element of a part, without comments and processing instructions.

        Raises etree.XMLSyntaxError for a part that is no XML.
        """
        return parse(self.read(part))

    def relations(self, part: str) -> Mapping[str, Relation]:
        """The relations of a part (of the package itself: "") by their ids, the external ones left out."""
        if part not in self._relations:
            self._relations[part] = self._related(part)
        return self._relations[part]

    def _related(self, part: str) -> Mapping[str, Relation]:
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        if rels not in self:
            return {}
        xml = self.read(rels)
        return _kept_relations(xml, folder) if len(xml) < _LARGE else _relations(xml, folder)

    @cached_property
    def workbook(self) -> str:
        """The name of the part with the list of sheets; "" where the package has none."""
        for relation in self.relations("").values():
            if relation.kind == "officeDocument" and relation.target in self:
                return relation.target
        return next((name for name in _WORKBOOKS if name in self), "")

    @cached_property
    def listing(self) -> Listing:
        """What the workbook says of its sheets. Raises what `parse` raises."""
        xml = self.read(self.workbook)
        return _kept_listing(xml) if len(xml) < _LARGE else _listing(xml)

    @cached_property
    def has_usual_names(self) -> bool:
        """True if the workbook and its sheets bear, to the letter, names that every reader finds."""
        names = set(self._archive.namelist())
        targets = [relation.target for relation in self.relations(self.workbook).values()]
        wanted = [target for target in targets if target in self]
        return (
            self.workbook == "xl/workbook.xml"
            and {self.workbook, *wanted} <= names
            and (b"./" not in self.read("xl/_rels/workbook.xml.rels"))
        )


def _relations(xml: bytes, folder: str) -> Mapping[str, Relation]:
    """The relations that stand in some XML, of a part in a folder."""
    return {
        str(element.get("Id")): Relation(_kind(element), _target(folder, element))
        for element in parse(xml)
        if element.get("TargetMode") != "External" and element.get("Target")
    }


def _listing(xml: bytes) -> Listing:
    """What the XML of a workbook says of its sheets."""
    root = parse(xml)
    sheets = []
    for sheet in root.iter("{*}sheet"):
        ids = (value for key, value in sheet.attrib.items() if str(key).endswith("}id"))
        sheets.append((str(sheet.get("name", "")), str(next(ids, ""))))
    later = any(
        is_true(child.get("date1904"))
        for child in root
        if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == "workbookPr"
    )
    return Listing(tuple(sheets), later)


_kept_listing = lru_cache(maxsize=64)(_listing)
_kept_relations = lru_cache(maxsize=256)(_relations)  # many returns have the same


def parse(xml: bytes) -> etree._Element:
    """The root element of some XML.

    Raises ValueError for XML with a document type: no spreadsheet program writes one, and entities of
    its own could mean anything.
    """
    root = etree.fromstring(xml, _PARSER)
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("a document type")
    return root


def part_key(name: str) -> str:
    """The name under which equal part names are equal."""
    return name.replace("\\", "/").lstrip("/").lower()


def _kind(element: etree._Element) -> str:
    return str(element.get("Type", "")).rsplit("/", 1)[-1]


def _target(folder: str, element: etree._Element) -> str:
    target = str(element.get("Target")).replace("\\", "/")
    whole = target if target.startswith("/") else posixpath.join("/", folder, target)
    return posixpath.normpath(whole).lstrip("/")
