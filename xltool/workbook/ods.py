"""What calamine does not tell of an .ods: its formulas and error values, and what cells it states.

One pass over content.xml, whatever its prefixes are. Calamine takes no white space between cells, which
means nothing (OpenDocument 1.3 part 3, §3.18) but which some programs write: `tidied` takes it out.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from lxml import etree

from xltool.form.layout import Position
from xltool.workbook.agreement import Stated
from xltool.workbook.odd_cells import OddCells
from xltool.workbook.refusals import FEWER_ROWS, UnreadableError
from xltool.workbook.strings import local

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _TEXT, _OFFICE = (f"{{{_OASIS}{name}:1.0}}" for name in ("table", "text", "office"))
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_DIALECT = re.compile(r"^\w+:(?==)")  # of:=1+1
_SPACED = re.compile(rb">\s+<(?:\w+:)?(?:table-cell|covered-table-cell|table-row)\b")
_MOST = 1_000_000  # cells that hold something
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


def cells(xml: bytes) -> dict[str, tuple[OddCells, Stated]]:
    """The odd cells of each sheet by its name, and all that it states.

    Raises UnreadableError for more cells than any form has, and etree.XMLSyntaxError.
    """
    found: dict[str, tuple[OddCells, Stated]] = {}
    odd, stated = OddCells(), Stated()
    row, below, column = 0, 0, 0
    for event, element in _elements(xml):
        if element.tag == f"{_TABLE}table":
            if event == "start":
                odd, stated, below = OddCells(), Stated(), 0
                found.setdefault(str(element.get(f"{_TABLE}name", "")), (odd, stated))
        elif element.tag == f"{_TABLE}table-row":
            if event == "start":
                row, column, below = below, 0, below + _count(element, "rows")
            else:
                element.clear()
        elif event == "end":
            width = _count(element, "columns")
            _state(element, odd, stated, (row, column), (below - row, width))
            column += width
    return found


def tidied(xml: bytes) -> bytes | None:
    """The content without white space between cells; None where there is none.

    Raises etree.XMLSyntaxError.
    """
    if not _SPACED.search(xml):
        return None
    root = etree.fromstring(xml, _parser())
    for element in root.iter(f"{_TABLE}*", f"{_OFFICE}*"):
        if local(element.tag) != "annotation" and not (element.text or "").strip():
            element.text = None
        if not (element.tail or "").strip():
            element.tail = None
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def _elements(xml: bytes) -> Iterator[tuple[str, etree._Element]]:
    tags = (f"{_TABLE}table", f"{_TABLE}table-row", *_CELLS)
    yield from etree.iterparse(
        io.BytesIO(xml),
        events=("start", "end"),
        tag=tags,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )


def _state(
    element: etree._Element, odd: OddCells, stated: Stated, at: Position, size: tuple[int, int]
) -> None:
    """Note what a cell holds, in each of the places that it is repeated in."""
    formula = element.get(f"{_TABLE}formula")
    kind = str(element.get(f"{_OFFICE}value-type", ""))
    words = "\n".join("".join(map(str, p.itertext())) for p in element.iter(f"{_TEXT}p"))
    if formula is not None:
        odd.formulas[at] = _DIALECT.sub("", str(formula))
    if element.get(f"{_CALC}value-type") == "error":
        odd.errors[at] = words
    elif kind or words:
        if size[0] * size[1] + len(stated.filled) + len(stated.texts) > _MOST:
            many = f"工作表过大，有内容的单元格超过 {_MOST // 10_000} 万个"
            raise UnreadableError(many, FEWER_ROWS)
        places = ((at[0] + r, at[1] + c) for r in range(size[0]) for c in range(size[1]))
        if kind in ("", "string"):
            stated.texts |= dict.fromkeys(places)
        else:
            stated.filled |= set(places)


def _count(element: etree._Element, what: str) -> int:
    text = str(element.get(f"{_TABLE}number-{what}-repeated", "1"))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1
