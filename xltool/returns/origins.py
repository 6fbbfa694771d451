"""Where the values of a row stood, and what was typed there, as short texts that travel with the row.

A merge keeps them, so that each value of its result can be traced to a cell.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from xltool.fields.reading import Value, shown
from xltool.returns.extracting import Row

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Places:
    """Packs the cells of rows of one table: the addresses of its fields in their order, with commas.

    Rows that stand where they were issued share their addresses, so that each text is made once.
    """

    def __init__(self, fields: Iterable[str]) -> None:
        self._fields = tuple(fields)
        self._packed: dict[int, tuple[Mapping[str, str], str]] = {}
        self._unpacked: dict[str, dict[str, str]] = {}

    def packed(self, cells: Mapping[str, str]) -> str:
        """The addresses as one text; a field without a cell has none."""
        if (known := self._packed.get(id(cells))) is not None:
            return known[1]
        text = ",".join(cells.get(name, "") for name in self._fields)
        self._packed[id(cells)] = cells, text  # held, so that no other object gets its number
        return text

    def unpacked(self, text: str | None) -> Mapping[str, str]:
        """The cells by field, of a text that `packed` made; fields without a cell are left out."""
        text = text or ""
        if text not in self._unpacked:
            pairs = zip(self._fields, text.split(","), strict=False)
            self._unpacked[text] = {name: cell for name, cell in pairs if cell}
        return self._unpacked[text]


def line_of(cell: str) -> int | None:
    """The number of the line of an address; None without one."""
    digits = cell.lstrip(_LETTERS)
    return int(digits) if digits else None


def typed(row: Row) -> str | None:
    """What stood in the cells of a row where that is not the plain text of its value, as JSON; else None."""
    found = {
        name: text
        for name, raw in row.raw.items()
        if raw is not None and (text := shown(raw)) != plain(row.values.get(name))
    }
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")) if found else None


def typed_of(text: str | None, field: str, value: Value) -> str:
    """What was typed into the cell of a field, by the text that `typed` made of its row and its value."""
    found = json.loads(text) if text else {}
    return str(found.get(field, plain(value)))


def plain(value: Value) -> str:
    """The plain text of a value: numbers without needless decimals, days as yyyy-mm-dd."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return "" if value is None else str(value)


def cells_of(fields: Sequence[str], text: str | None) -> Mapping[str, str]:
    """The cells by field, of one text."""
    return Places(fields).unpacked(text)
