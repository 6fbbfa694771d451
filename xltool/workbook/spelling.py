"""Whether a package is spelt as spreadsheet programs usually spell it.

The fast readers know one spelling of the XML; whoever writes another (Strict Open XML, cells without
an address, single quotes, other part names) is read by way of `rewriting`, which puts it into this
one. The patterns here prove the spelling of every byte between the first and the last cell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_MAIN = b'"http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_ATTRIBUTES = rb'(?: [A-Za-z0-9:]+="[^"<]*+")*+'
_TEXT = rb"<t(?:/>|" + rb'(?: xml:space="preserve")?>[^<]*+</t>)'
_CELL = (
    rb'<c r="[A-Z]{1,3}+[1-9][0-9]{0,6}+"' + _ATTRIBUTES + rb"(?:/>|>"
    rb"(?:<f" + _ATTRIBUTES + rb"(?:/>|>[^<]*+</f>))?+"
    rb"(?:<v(?:/>|>[^<]*+</v>)|<is>" + _TEXT + rb"</is>)?+</c>)"
)
_ROW = rb'<row r="[0-9]+"' + _ATTRIBUTES + rb"(?:/>|>(?:" + _CELL + rb"\s*+)*+</row>)"
_CELLS = re.compile(rb"<sheetData(?:/>|>\s*+(?:" + _ROW + rb"\s*+)*+</sheetData>)")
_ADDRESS = re.compile(rb'<c r="([^"]*)"')
# in tags: a quote other than ", space around =; outside them: anything but elements and text
_UNUSUAL = re.compile(rb"""<[^<>]*?=\s*'|<[^<>"]*\s=|<[^<>"]*=\s|<!|<\?""")
_INDEX = re.compile(rb't="s"[^>]*+>(?:<f[^<]*+(?:</f>)?+)?+<v>([^<]*+)</v>')
_STRING = re.compile(rb"<si[\s/>]")


def is_usual_sheet(xml: bytes) -> bool:
    """True if the XML of a worksheet is spelt as usual, cell by cell, each address once."""
    start = xml.find(b"<sheetData")
    cells = _CELLS.match(xml, start) if start >= 0 else None
    if cells is None:
        return False
    if not _is_usual(xml[:start]) or not _is_usual(xml[cells.end() :], begins=False):
        return False
    addresses = _ADDRESS.findall(xml, start, cells.end())
    return len(addresses) == len(set(addresses))


def is_usual_part(xml: bytes) -> bool:
    """True if the XML of another part (the list of sheets, styles, strings) is spelt as usual."""
    return _is_usual(xml)


def _is_usual(xml: bytes, *, begins: bool = True) -> bool:
    """True for a part, or a piece of one, in UTF-8, with double quotes, elements and text only."""
    if begins:
        head, _, rest = xml.lstrip(b"\xef\xbb\xbf").lstrip().partition(b"?>")
        if head.startswith(b"<?xml"):
            if b"encoding" in head and b"utf-8" not in head.lower():
                return False
            xml = rest
        else:
            xml = head
        if _MAIN not in xml[:2000]:
            return False
    return _UNUSUAL.search(xml) is None


def are_within(sheets: Sequence[bytes], strings: bytes) -> bool:
    """True if every cell with a shared string names one that there is (−1 and x are read as the first)."""
    count = len(_STRING.findall(strings))
    named = {index for xml in sheets for index in _INDEX.findall(xml)} - {b""}
    return all(index.isdigit() and int(index) < count for index in named)
