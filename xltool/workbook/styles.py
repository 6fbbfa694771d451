"""The styles of an .xlsx: number formats, locks, struck-out fonts, by the index that cells name."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from itertools import islice
from typing import NamedTuple

from xltool.workbook.attributes import ATTRIBUTES, MOST, attributes_of, found_by, number_in
from xltool.workbook.number_formats import is_harmless
from xltool.workbook.parts import parse
from xltool.workbook.strings import children, is_struck

_STYLE = re.compile(rb"<(?:\w+:)?(xf|protection)\s" + ATTRIBUTES)
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s" + ATTRIBUTES)
_FORMAT_NUMBER = re.compile(rb'\bnumFmtId="(\d{1,9})"')
_FONT_NUMBER = re.compile(rb'\bfontId="(\d{1,9})"')
_UNLOCKED = re.compile(rb'\blocked="(?:0|false)"')

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
    12: "# ?/?",
    13: "# ??/??",
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
_LARGE = 100_000  # bytes: what is larger is not kept
_LONGEST_FORMAT = 255  # characters, Excel's limit


class Style(NamedTuple):
    """What a cell's style says: its number format (see `plain_format`), and if it is locked."""

    number_format: str
    is_locked: bool


class Styles:
    """The styles of a workbook by their index, worked out when first asked for."""

    def __init__(self, xml: bytes) -> None:
        self._xml = xml
        self.is_large = len(xml) >= _LARGE

    def __getitem__(self, index: int) -> Style | None:
        """The style of an index; None if there is no such one."""
        return self._styles[index] if index < len(self._styles) else None

    @cached_property
    def odd_formats(self) -> dict[int, str]:
        """The number formats that may show another thing than is stored, by the index of the style."""
        codes = {number: self._code(number) for number in {*self._codes, *_BUILTIN}}
        odd = {number: code for number, code in codes.items() if not is_harmless(code)}
        named = (b'"%d"' % number for number in odd)
        if not any(b"numFmtId=" + number in self._section for number in named):
            return {}  # the most
        found = enumerate(self._numbers)
        return {n: odd[number] for n, (number, _) in found if number in odd}

    @cached_property
    def struck(self) -> set[int]:
        """The indexes of the styles that strike the text out."""
        if b"strike" not in self._xml:
            return set()
        fonts = [font for table in children(parse(self._xml), "fonts") for font in table]
        struck = {n for n, font in enumerate(fonts) if is_struck(font)}
        return {n for n, (_, font) in enumerate(self._numbers) if font in struck}

    @cached_property
    def _numbers(self) -> list[tuple[int, int]]:
        """The numbers of format and font of each style."""
        found = (m[2] for m in _STYLE.finditer(self._section) if m[1] == b"xf")
        tags = islice(found, MOST)
        return [(_number(_FORMAT_NUMBER, tag), _number(_FONT_NUMBER, tag)) for tag in tags]

    @cached_property
    def _section(self) -> bytes:
        return self._xml[self._xml.find(b"cellXfs") : self._xml.rfind(b"cellXfs")]

    @cached_property
    def _styles(self) -> list[Style]:
        styles: list[Style] = []
        for match in islice(_STYLE.finditer(self._section), MOST):
            tag, text = match.groups()
            if tag == b"xf":
                styles.append(Style(self._format(_number(_FORMAT_NUMBER, text)), is_locked=True))
            elif styles and _UNLOCKED.search(text):
                styles[-1] = styles[-1]._replace(is_locked=False)
        return styles

    def _format(self, number: int) -> str:
        if number in self._codes or number in _BUILTIN:
            return plain_format(self._code(number))
        return f"内置格式 {number}"

    def _code(self, number: int) -> str:
        """The format of a number; of one that depends on the locale (a date) the ordinary one."""
        return self._codes.get(number) or _BUILTIN.get(number, "General")

    @cached_property
    def _codes(self) -> dict[int, str]:
        found = map(attributes_of, found_by(_FORMAT, self._xml))
        return {number_in(a, "numFmtId"): a.get("formatCode", "") for a in found}


_kept_styles = lru_cache(maxsize=32)(Styles)


def styles_of(xml: bytes) -> Styles:
    """The styles that the XML of this part has. Many returns have the same: they are read once."""
    return _kept_styles(xml) if len(xml) < _LARGE else Styles(xml)


def _number(pattern: re.Pattern[bytes], tag: bytes) -> int:
    """The number that a tag names; 0 where it names none."""
    found = pattern.search(tag)
    return int(found[1]) if found else 0


@lru_cache(maxsize=1024)
def plain_format(code: str) -> str:
    """A number format without what programs write differently: `yyyy\\-mm\\-dd;@` is yyyy-mm-dd."""
    first = code[:_LONGEST_FORMAT].split(";", 1)[0]
    return _TRIMMINGS.sub(r"\1\2", first).strip().lower() or code
