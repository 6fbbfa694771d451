"""The comments on the cells of an .xlsx: those that every program writes, and the threads of Excel 365."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from lxml import etree

from xltool.form.layout import Position
from xltool.workbook.appearance import areas
from xltool.workbook.parts import Parts, parse
from xltool.workbook.strings import children, local, rich_text

_KINDS = ("comments", "threadedComment")
_MOST = 10_000  # comments on a sheet
_LARGE = 100_000  # bytes of comments: more are not kept


def comment_parts(parts: Parts, sheet: str) -> tuple[bytes, ...]:
    """The XML of the comments on a worksheet, given the name of its part."""
    found = [r.target for r in parts.relations(sheet).values() if r.kind in _KINDS]
    return tuple(parts.read(target) for target in found if target in parts)


def comments_in(xmls: tuple[bytes, ...]) -> Mapping[Position, str]:
    """The comments by their places. What a thread says stands in place of the copy for older programs."""
    return _kept(xmls) if sum(map(len, xmls)) < _LARGE else _read(xmls)


def _read(xmls: tuple[bytes, ...]) -> Mapping[Position, str]:
    plain: dict[Position, list[str]] = {}
    threads: dict[Position, list[str]] = {}
    for xml in xmls:
        root = parse(xml)
        is_thread = local(root.tag).lower().startswith("threaded")
        for place, text in _each(root):
            (threads if is_thread else plain).setdefault(place, []).append(text)
    return {place: "\n".join(texts) for place, texts in {**plain, **threads}.items()}


_kept = lru_cache(maxsize=64)(_read)  # those that were issued are the same in many returns


def _each(root: etree._Element) -> Iterator[tuple[Position, str]]:
    for number, element in enumerate(root.iter("{*}comment", "{*}threadedComment")):
        if number >= _MOST:
            return
        area = next(areas(str(element.get("ref", "")).upper()), None)
        if area is None:
            continue
        for text in children(element, "text"):
            words = rich_text(text) or "".join(map(str, text.itertext()))
            words = re.sub(r"_x000[dD]_|\r\n?", "\n", words).strip()
            if words:
                yield (area.top, area.left), words
