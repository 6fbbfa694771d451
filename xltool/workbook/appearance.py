"""How a sheet of an .xlsx looks beside its values: protection, merges, validations, formats.

An `Appearance` keeps the XML of its sheet and works out only what somebody asks for: most sheets of most
files nobody asks about. The patterns are linear, since none runs past the next `<`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import NamedTuple

from xltool.form.layout import Position
from xltool.workbook.attributes import (
    ATTRIBUTES,
    MOST,
    attributes_of,
    found_by,
    is_true,
    number_in,
)
from xltool.workbook.columns import column_letters, column_number
from xltool.workbook.sheet_pieces import STYLED, SheetPieces, styles_in
from xltool.workbook.styles import Style, Styles

_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s" + ATTRIBUTES)
_COLUMN = re.compile(rb"<(?:\w+:)?col\s" + ATTRIBUTES)
_ROW = re.compile(rb"<(?:\w+:)?row\s" + ATTRIBUTES)
_PROTECTION = re.compile(rb"<(?:\w+:)?sheetProtection\s" + ATTRIBUTES)
# Excel writes the place of a list on another sheet as an element (x14), else as an attribute
_VALIDATION = re.compile(rb"<(?:\w+:)?(?:dataValidation\s" + ATTRIBUTES + rb"|sqref>([^<]*+))")
_TYPE, _PLACE = re.compile(rb'\btype="([^"]*)"'), re.compile(rb'\bsqref="([^"]*)"')
_LARGE = 150_000  # bytes: what is larger is not kept
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")


class Area(NamedTuple):
    """A rectangle of cells, 0-based, its last row and column included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Appearance:
    """How one sheet looks; all rows and columns are those of the file, 0-based.

    `pieces` are those of its XML, where they say all that it says of cells.
    """

    xml: bytes
    styles: Styles
    pieces: SheetPieces | None = None

    @cached_property
    def is_protected(self) -> bool:
        """True if the sheet is protected."""
        return self.ending.is_protected

    @cached_property
    def merged(self) -> Set[Area]:
        """The merged areas."""
        return self.ending.merged

    @cached_property
    def hidden_rows(self) -> set[int]:
        """Rows that are hidden."""
        if self.pieces is not None and self.pieces.are_shown:
            return set()
        if b'hidden="1"' not in self.xml and b'hidden="true"' not in self.xml:
            return set()
        found = map(attributes_of, (m[1] for m in _ROW.finditer(self.xml) if b"hidden" in m[1]))
        return {number_in(a, "r") - 1 for a in found if is_true(a.get("hidden"))}

    @cached_property
    def hidden_columns(self) -> list[range]:
        """Columns that are hidden."""
        if b"hidden" not in self._before:
            return []
        found = map(attributes_of, found_by(_COLUMN, self._before))
        return [
            range(number_in(a, "min") - 1, number_in(a, "max"))
            for a in found
            if is_true(a.get("hidden"))
        ]

    def styles_of(self, column: int, rows: Iterable[int]) -> list[Style | None]:
        """The styles of some cells of a column; None where the file does not say."""
        letters = column_letters(column)
        keys = [f"{letters}{row + 1}".encode() for row in rows]
        indexes = map(self.style_indexes.get, keys)
        return [None if index is None else self.styles[int(index or b"0")] for index in indexes]

    def odd_formats(self) -> dict[Position, str]:
        """The cells whose number format may show another thing than is stored, with the format."""
        odd = self.styles.odd_formats
        return {place: odd[style] for place, style in self._of_style(odd)}

    def struck(self) -> dict[Position, str]:
        """The cells whose style strikes the text out."""
        return {place: "" for place, _ in self._of_style(self.styles.struck)}

    def _of_style(self, wanted: Collection[int]) -> Iterator[tuple[Position, int]]:
        """The cells with one of these styles; to most sheets nothing needs to be looked at."""
        if not wanted:
            return
        for address, index in self.style_indexes.items():
            if (style := int(index or b"0")) in wanted:
                area = next(areas(address.decode()))
                yield (area.top, area.left), style

    def validations(self, places: Mapping[int, Iterable[int]]) -> dict[Position, str]:
        """The type of validation of those places that have one; see `Ending.validations`."""
        return self.ending.validations(places)

    @cached_property
    def style_indexes(self) -> Mapping[bytes, bytes]:
        """The index of the style of each cell by its address, as the file spells them."""
        if self.pieces is not None:
            return styles_in(self.pieces.styled)
        return dict(STYLED.findall(self.xml))

    @cached_property
    def _before(self) -> bytes:
        """What stands before the cells."""
        return self.xml[: max(0, self.xml.find(b"sheetData"))]

    @cached_property
    def ending(self) -> Ending:
        """What stands after the cells."""
        xml = self.xml[max(0, self.xml.rfind(b"sheetData")) :]
        return _kept_ending(xml) if len(xml) < _LARGE else Ending(xml)


class Ending:
    """What stands after the cells of a sheet. Many returns have the same: it is worked out once."""

    def __init__(self, xml: bytes) -> None:
        self._xml = xml
        self.is_large = len(xml) >= _LARGE

    @cached_property
    def is_protected(self) -> bool:
        """True if the sheet is protected."""
        found = _PROTECTION.search(self._xml)
        return found is not None and is_true(attributes_of(found[1]).get("sheet"))

    @cached_property
    def merged(self) -> frozenset[Area]:
        """The merged areas."""
        found = map(attributes_of, found_by(_MERGE, self._xml))
        return frozenset(area for a in found for area in areas(a.get("ref", "")))

    @cached_property
    def validated(self) -> tuple[tuple[str, Area], ...]:
        """The types and areas of validations that restrict what may be typed."""
        return _validated(self._xml)

    def validations(self, places: Mapping[int, Iterable[int]]) -> dict[Position, str]:
        """The type of validation (list, decimal, date …) of those places that have one.

        `places` are rows by column. Each place is taken off once it is found, so that many
        overlapping ranges cost no more than many small ones.
        """
        waiting = {column: sorted(rows) for column, rows in places.items()}
        found: dict[Position, str] = {}
        for kind, area in islice(self.validated, MOST):
            for column, rows in waiting.items():
                if area.left <= column <= area.right:
                    first, end = bisect_left(rows, area.top), bisect_right(rows, area.bottom)
                    found.update(((row, column), kind) for row in rows[first:end])
                    del rows[first:end]
        return found


_kept_ending = lru_cache(maxsize=128)(Ending)


def _validated(xml: bytes) -> tuple[tuple[str, Area], ...]:
    found: list[tuple[str, Area]] = []
    kind = "none"
    for match in islice(_VALIDATION.finditer(xml), MOST):
        text, place = match.groups(b"")
        if text and b'type="' not in text:
            kind = "none"
            continue
        if text:  # of all attributes, prompts among them, only two are looked at
            kind = _first_of(_TYPE, text).decode("utf-8", "replace")
            place = _first_of(_PLACE, text)
        where = place.decode("utf-8", "replace")
        if where and kind != "none":
            found += ((kind, area) for area in islice(areas(where), MOST))
            kind = "none"  # other elements have places too
        if len(found) > MOST:
            break
    return tuple(found)


def _first_of(pattern: re.Pattern[bytes], text: bytes) -> bytes:
    found = pattern.search(text)
    return found[1] if found else b""


def areas(text: str) -> Iterator[Area]:
    """The areas of a list such as `B5 C12:C20`."""
    for match in _AREA.finditer(text):
        left, top, right, bottom = match.groups("")
        yield Area(
            int(top) - 1,
            column_number(left.encode()),
            int(bottom or top) - 1,
            column_number((right or left).encode()),
        )
