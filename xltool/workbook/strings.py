"""The texts of an .xlsx: its table of shared strings, and strings that are put together of runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from xltool.workbook.parts import parse


@dataclass(frozen=True)
class SharedStrings:
    """The shared strings of a workbook by their numbers, worked out when first asked for."""

    xml: bytes = b""

    @cached_property
    def texts(self) -> list[str]:
        """Each string as plain text."""
        return [rich_text(item) for item in self._items]

    @cached_property
    def struck(self) -> dict[int, str]:
        """The struck-out text of those that have some."""
        if b"strike" not in self.xml:
            return {}
        found = ((number, struck_text(item)) for number, item in enumerate(self._items))
        return {number: text for number, text in found if text}

    @cached_property
    def _items(self) -> list[etree._Element]:
        return list(children(parse(self.xml), "si")) if self.xml else []


def local(name: str | bytes | bytearray | etree.QName) -> str:
    """A tag or the name of an attribute without its namespace."""
    return str(name).rpartition("}")[2]


def children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """The children of this name, whatever their namespace."""
    return (child for child in element if isinstance(child.tag, str) and local(child.tag) == name)


def rich_text(element: etree._Element) -> str:
    """The text of a string, its runs joined; not how it is pronounced."""
    found = []
    for child in element:
        if isinstance(child.tag, str) and local(child.tag) == "t":
            found.append("".join(map(str, child.itertext())))
        elif isinstance(child.tag, str) and local(child.tag) == "r":
            found.append(rich_text(child))
    return "".join(found)


def struck_text(element: etree._Element) -> str:
    """The text of the runs that are struck out."""
    return "".join(
        rich_text(run)
        for run in children(element, "r")
        if any(is_struck(font) for font in children(run, "rPr"))
    )


def is_struck(font: etree._Element) -> bool:
    """True if the properties of a font strike the text out."""
    return any(child.get("val", "1") in ("1", "true") for child in children(font, "strike"))
