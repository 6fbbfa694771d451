"""Whether a package is spelt as spreadsheet programs usually spell it.

The fast readers know one spelling of the XML; whoever writes another (Strict Open XML, cells without
an address, single quotes, other part names) is read by way of `rewriting`, which puts it into this
one. The patterns here prove the spelling of every byte, piece by piece (`sheet_pieces`).
"""

from __future__ import annotations

import re
from functools import lru_cache

_MAIN = b'"http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
# no other namespace for some cells: fast readers do not look at it
_ATTRIBUTES = rb'(?: (?!xmlns=)[A-Za-z0-9:]+="[^"<]*+")*+'
_NAMESPACE = b' xmlns="'  # of the whole part
_TEXT = rb"<t(?:/>|" + rb'(?: xml:space="preserve")?>[^<]*+</t>)'
_CELL = (
    rb'<c r="[A-Z]{1,3}+[1-9][0-9]{0,6}+"' + _ATTRIBUTES + rb"(?:/>|>"
    rb"(?:<f" + _ATTRIBUTES + rb"(?:/>|>[^<]*+</f>))?+"
    rb"(?:<v(?:/>|>[^<]*+</v>)|<is>" + _TEXT + rb"</is>)?+</c>)"
)
_ROW = rb'<row r="[0-9]+"' + _ATTRIBUTES
_BLANK_ROWS = rb"\s*+(?:" + _ROW + rb"/>\s*+)*+"
# a row without its end, and rows without cells before it
_ROW_WITH_CELLS = re.compile(_BLANK_ROWS + _ROW + rb">(?:" + _CELL + rb"\s*+)*+")
_ROWS_WITHOUT_CELLS = re.compile(_BLANK_ROWS)
# elements and text only; the value of an attribute in double quotes, right behind its name and =
_TAGS = re.compile(
    rb"""[^<]*+(?:<[A-Za-z/][^<>="']*+(?:(?<=[\w.:-])="[^"<]*+"[^<>="']*+)*+>[^<]*+)*+"""
)
_LARGE = 20_000  # bytes: what is larger is not kept
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


def is_usual_row(xml: bytes, *, has_cells: bool) -> bool:
    """True for a row of a worksheet without its `</row>`, with rows without cells before it, spelt as usual.

    Without cells: for such rows only.
    """
    pattern = _ROW_WITH_CELLS if has_cells else _ROWS_WITHOUT_CELLS
    return pattern.fullmatch(xml) is not None and _NO_INDEX.search(xml) is None and _is_sound(xml)


def begins_as_usual(xml: bytes) -> bool:
    """True for what stands before the cells of a worksheet, or for a part, if it is spelt as usual."""
    return _is_sound(xml) and _is_usual(xml)


_kept_usual = lru_cache(maxsize=64)(begins_as_usual)  # many returns have the same styles


def ends_as_usual(xml: bytes) -> bool:
    """True for what follows the cells, if it is spelt as usual."""
    return _is_sound(xml) and _is_usual(xml, begins=False)


def is_usual_part(xml: bytes) -> bool:
    """True if the XML of another part (the list of sheets, styles, strings) is spelt as usual."""
    return _kept_usual(xml) if len(xml) < _LARGE else begins_as_usual(xml)


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
    return xml.count(_NAMESPACE) == begins and _TAGS.fullmatch(xml) is not None
