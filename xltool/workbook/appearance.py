"""How a sheet of an .xlsx looks beside its values: protection, merges, validations, formats.

An `Appearance` keeps the XML of its sheet and works out only what somebody asks for: most sheets of most
files nobody asks about. The patterns are linear, since none runs past the next `<`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from itertools import islice
from typing import NamedTuple

from xltool.form.layout import Position, a1

_ATTRIBUTES = rb"([^<]*+)"  # and what follows the tag: ">" may stand in a value, "<" may not
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s" + _ATTRIBUTES)
_COLUMN = re.compile(rb"<(?:\w+:)?col\s" + _ATTRIBUTES)
_ROW = re.compile(rb"<(?:\w+:)?row\s" + _ATTRIBUTES)
_PROTECTION = re.compile(rb"<(?:\w+:)?sheetProtection\s" + _ATTRIBUTES)
# Excel writes the place of a list on another sheet as an element (x14), else as an attribute
_VALIDATION = re.compile(rb"<(?:\w+:)?(?:dataValidation\s" + _ATTRIBUTES + rb"|sqref>([^<]*+))")
_STYLED = re.compile(rb'<c r="([A-Z]{1,3}\d{1,7})"(?:[^<>]*?\ss="(\d{1,6})")?')
_STYLE = re.compile(rb"<(?:\w+:)?(xf|protection)\s" + _ATTRIBUTES)
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s" + _ATTRIBUTES)
_ATTRIBUTE = re.compile(rb'(\w+)="([^"]*)"')
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")

# What the ids without a code of their own mean (ECMA-376 18.8.30); dates depend on the locale.
_BUILTIN = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    14: "yyyy/m/d",
    22: "yyyy/m/d h:mm",
    37: "#,##0",
    38: "#,##0",
    39: "#,##0.00",
    40: "#,##0.00",
    41: "#,##0",
    43: "#,##0.00",
    49: "@",
}
# what does not change how a number is shown: locale, colour, currency; quotes; escapes; padding
_TRIMMINGS = re.compile(r'\[[^\]]*\]|"([^"]*)"|\\(.)|[_*].')
_MOST = 100_000  # styles, merges, validations: no form has a thousandth of that
_LONGEST_FORMAT = 255  # characters, Excel's limit


@dataclass(frozen=True, slots=True)
class OddCells:
    """The cells of a sheet that hold an error value (#REF!) or a formula (=1+1), by their places."""

    errors: dict[Position, str] = field(default_factory=dict)
    formulas: dict[Position, str] = field(default_factory=dict)


class Area(NamedTuple):
    """A rectangle of cells, 0-based, its last row and column included."""

    top: int
    left: int
    bottom: int
    right: int


class Style(NamedTuple):
    """What a cell's style says: its number format (see `plain_format`), and if it is locked."""

    number_format: str
    is_locked: bool


class Styles:
    """The styles of a workbook by their index, worked out when first asked for."""

    def __init__(self, xml: bytes) -> None:
        self._xml = xml

    def __getitem__(self, index: int) -> Style | None:
        """The style of an index; None if there is no such one."""
        return self._styles[index] if index < len(self._styles) else None

    @cached_property
    def _styles(self) -> list[Style]:
        section = self._xml[self._xml.find(b"cellXfs") : self._xml.rfind(b"cellXfs")]
        styles: list[Style] = []
        for match in islice(_STYLE.finditer(section), _MOST):
            tag, text = match.groups()
            attributes = _attributes(text)
            if tag == b"xf":
                styles.append(Style(self._format(_number(attributes, "numFmtId")), is_locked=True))
            elif styles and attributes.get("locked") in ("0", "false"):
                styles[-1] = styles[-1]._replace(is_locked=False)
        return styles

    def _format(self, number: int) -> str:
        return self._codes.get(number) or plain_format(_BUILTIN.get(number, f"内置格式 {number}"))

    @cached_property
    def _codes(self) -> dict[int, str]:
        found = map(_attributes, _found(_FORMAT, self._xml))
        return {_number(a, "numFmtId"): plain_format(a.get("formatCode", "")) for a in found}


@dataclass(frozen=True)
class Appearance:
    """How one sheet looks; all rows and columns are those of the file, 0-based."""

    xml: bytes
    styles: Styles

    @cached_property
    def is_protected(self) -> bool:
        """True if the sheet is protected."""
        found = _PROTECTION.search(self._after)
        return found is not None and _is_true(_attributes(found[1]).get("sheet"))

    @cached_property
    def merged(self) -> set[Area]:
        """The merged areas."""
        found = map(_attributes, _found(_MERGE, self._after))
        return {area for a in found for area in areas(a.get("ref", ""))}

    @cached_property
    def hidden_rows(self) -> set[int]:
        """Rows that are hidden."""
        if b'hidden="1"' not in self.xml and b'hidden="true"' not in self.xml:
            return set()
        found = map(_attributes, (m[1] for m in _ROW.finditer(self.xml) if b"hidden" in m[1]))
        return {_number(a, "r") - 1 for a in found if _is_true(a.get("hidden"))}

    @cached_property
    def hidden_columns(self) -> list[range]:
        """Columns that are hidden."""
        found = map(_attributes, _found(_COLUMN, self._before))
        return [
            range(_number(a, "min") - 1, _number(a, "max"))
            for a in found
            if _is_true(a.get("hidden"))
        ]

    def styles_of(self, column: int, rows: Iterable[int]) -> list[Style | None]:
        """The styles of some cells of a column; None where the file does not say."""
        letters = column_letters(column)
        keys = [f"{letters}{row + 1}".encode() for row in rows]
        indexes = map(self._style_indexes.get, keys)
        return [None if index is None else self.styles[int(index or b"0")] for index in indexes]

    def validations(self, places: Mapping[int, Iterable[int]]) -> dict[Position, str]:
        """The type of validation (list, decimal, date …) of those places that have one.

        `places` are rows by column. Each place is taken off once it is found, so that many
        overlapping ranges cost no more than many small ones.
        """
        waiting = {column: sorted(rows) for column, rows in places.items()}
        found: dict[Position, str] = {}
        for kind, area in islice(self._validated(), _MOST):
            for column, rows in waiting.items():
                if area.left <= column <= area.right:
                    first, end = bisect_left(rows, area.top), bisect_right(rows, area.bottom)
                    found.update(((row, column), kind) for row in rows[first:end])
                    del rows[first:end]
        return found

    @cached_property
    def _style_indexes(self) -> Mapping[bytes, bytes]:
        return dict(_STYLED.findall(self.xml))

    def _validated(self) -> Iterator[tuple[str, Area]]:
        """The types and areas of validations that restrict what may be typed."""
        kind = "none"
        for match in islice(_VALIDATION.finditer(self._after), _MOST):
            text, place = match.groups(b"")
            if text and b'type="' not in text:
                kind = "none"
                continue
            where = place.decode("utf-8", "replace")
            if text:
                attributes = _attributes(text)
                kind, where = attributes.get("type", "none"), attributes.get("sqref", "")
            if where and kind != "none":
                yield from ((kind, area) for area in areas(where))
                kind = "none"  # other elements have places too

    @cached_property
    def _before(self) -> bytes:
        """What stands before the cells."""
        return self.xml[: max(0, self.xml.find(b"sheetData"))]

    @cached_property
    def _after(self) -> bytes:
        """What stands after the cells."""
        return self.xml[max(0, self.xml.rfind(b"sheetData")) :]


def plain_format(code: str) -> str:
    """A number format without what programs write differently: `yyyy\\-mm\\-dd;@` is yyyy-mm-dd."""
    first = code[:_LONGEST_FORMAT].split(";", 1)[0]
    return _TRIMMINGS.sub(r"\1\2", first).strip().lower()


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


def column_letters(column: int) -> str:
    """The letters of a 0-based column."""
    return a1(0, column)[:-1]


def column_number(letters: bytes) -> int:
    """The 0-based number of a column: A is 0."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _found(pattern: re.Pattern[bytes], xml: bytes) -> Iterator[bytes]:
    return (match[1] for match in islice(pattern.finditer(xml), _MOST))


def _attributes(text: bytes) -> dict[str, str]:
    return {
        name.decode(): _unescape(value.decode("utf-8", "replace"))
        for name, value in _ATTRIBUTE.findall(text)
    }


def _unescape(text: str) -> str:
    """The value of an attribute; as it stands where it holds a character that there is not."""
    try:
        return unescape(text)
    except (ValueError, OverflowError):  # a number of thousands of digits
        return text


def _number(attributes: Mapping[str, str], name: str) -> int:
    """A number among the attributes; 0 where there is none."""
    text = attributes.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _is_true(text: str | None) -> bool:
    return text in ("1", "true")
