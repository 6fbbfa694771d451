"""What calamine does not tell of an .ods: where its formulas and error values stand.

One pass over content.xml; linear, since no part of the pattern runs past the next "<".
"""

from __future__ import annotations

import re
from html import unescape

from xltool.workbook.odd_cells import OddCells

_TOKEN = re.compile(
    rb"<(table:table|table:table-row|table:(?:covered-)?table-cell|text:p)(?=[\s/>])([^<]*+)"
)
_NAME = re.compile(rb'\btable:name="([^"]*)"')
_FORMULA = re.compile(rb'\btable:formula="([^"]*)"')
_COLUMNS = re.compile(rb'\btable:number-columns-repeated="(\d{1,9})"')
_ROWS = re.compile(rb'\btable:number-rows-repeated="(\d{1,9})"')
_DIALECT = re.compile(r"^\w+:(?==)")  # of:=1+1


def odd_cells(xml: bytes) -> dict[str, OddCells]:
    """The odd cells of each sheet, by its name. A cell that is repeated counts once."""
    found: dict[str, OddCells] = {}
    odd, row, below, column, is_error = OddCells(), 0, 0, 0, False
    for match in _TOKEN.finditer(xml):
        tag, text = match.groups()
        if tag == b"table:table":
            odd, below = OddCells(), 0
            found.setdefault(_text(_NAME, text), odd)
        elif tag == b"table:table-row":
            row, column, below = below, 0, below + _count(_ROWS, text)
        elif tag == b"text:p":
            if is_error:
                words = text.partition(b">")[2].decode("utf-8", "replace")
                odd.errors.setdefault((row, column - 1), words)
        else:
            is_error = b'calcext:value-type="error"' in text
            if b"table:formula" in text:
                odd.formulas[row, column] = _DIALECT.sub("", _text(_FORMULA, text))
            column += 1 if is_error else _count(_COLUMNS, text)
    return found


def _text(pattern: re.Pattern[bytes], attributes: bytes) -> str:
    match = pattern.search(attributes)
    return unescape(match[1].decode("utf-8", "replace")) if match else ""


def _count(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    match = pattern.search(attributes)
    return int(match[1]) if match else 1
