"""Whether a package is spelt as spreadsheet programs usually spell it.

The fast readers know one spelling of the XML; whoever writes another (Strict Open XML, cells without
an address, single quotes, other part names) is read by way of `rewriting`, which puts it into this
one. The patterns here prove the spelling of every byte between the first and the last cell.
"""

from __future__ import annotations

import re
from functools import lru_cache

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
_FILLED = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^/>]*+>')  # a blank cell ends with its tag
# elements and text only; the value of an attribute in double quotes, right behind its name and =
_TAGS = re.compile(
    rb"""[^<]*+(?:<[A-Za-z/][^<>="']*+(?:(?<=[\w.:-])="[^"<]*+"[^<>="']*+)*+>[^<]*+)*+"""
)
_LARGE = 300_000  # bytes: what is larger is not kept
_CONTROLS = bytes(n for n in range(32) if n not in b"\t\n\r")
# those with so many digits that a value beyond Unicode, or half a character, may be meant are odd too
_USUAL_NUMBER = rb"9|1[03]|[3-9][0-9]|[1-9][0-9]{2,3}|[1-4][0-9]{4}"
_USUAL_HEX = rb"9|[aAdD]|[2-9A-Fa-f][0-9A-Fa-f]|[1-9A-Ca-c][0-9A-Fa-f]{2,3}"
_ODD_REFERENCE = re.compile(
    rb"&(?!(?:amp|lt|gt|quot|apos|#(?:" + _USUAL_NUMBER + rb")|#x(?:" + _USUAL_HEX + rb"));)"
)
# a cell with a shared string that it names by no number, or by one that no table has: −1, x and
# twenty nines are read as the first one
_NO_INDEX = re.compile(rb't="s"[^>]*+>(?:<f[^<]*+(?:</f>)?+)?+<v>(?![0-9]{1,9}+</v>)')


def filled_cells(xml: bytes) -> int | None:
    """How many cells of a worksheet hold something; None if its XML is not spelt as usual.

    It is if every cell is, each with its address, and each filled one once.
    """
    start = xml.find(b"<sheetData")
    cells = _CELLS.match(xml, start) if start >= 0 else None
    if cells is None or _NO_INDEX.search(xml, start, cells.end()):
        return None
    if not _is_sound(xml[: cells.end()]) or not _is_usual(xml[:start]):
        return None
    rest = xml[cells.end() :]
    ends_as_usual = _ends_as_usual if len(rest) < _LARGE else _ends_as_usual.__wrapped__
    if not ends_as_usual(rest):
        return None
    filled = _FILLED.findall(xml, start, cells.end())
    return len(filled) if len(filled) == len(set(filled)) else None


@lru_cache(maxsize=128)
def _ends_as_usual(xml: bytes) -> bool:
    """True for what follows the cells, if it is spelt as usual; the same in many returns of a form."""
    return _is_sound(xml) and _is_usual(xml, begins=False)


def is_usual_part(xml: bytes) -> bool:
    """True if the XML of another part (the list of sheets, styles, strings) is spelt as usual."""
    return _is_sound(xml) and _is_usual(xml)


def _is_sound(xml: bytes) -> bool:
    """True for UTF-8 without control characters, in which every `&` is one of the usual references.

    What is not sound is no XML to strict readers, Excel among them, though fast ones read on.
    """
    try:
        xml.decode()
    except UnicodeDecodeError:
        return False
    return len(xml.translate(None, _CONTROLS)) == len(xml) and _ODD_REFERENCE.search(xml) is None


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
    return _TAGS.fullmatch(xml) is not None
