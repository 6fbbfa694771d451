"""The office's lists in the cells of a form: dropdowns that depend on another cell, values looked up.

Such a list stands on a hidden sheet as three ranges with short names, since a validation has room for
255 characters: the entries of the first key, then those of the second one and so on; the keys; and for
each key the first of its entries, counted from 0, and how many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from xltool.errors import OfficeError
from xltool.fields.cell_formulas import stripped
from xltool.fields.field import Field
from xltool.fields.reading import Value
from xltool.form.model import Form, TableView

UNKNOWN = "（查不到，请核对）"  # what a cell shows whose key is not in the list
_WILD = ("~", "*", "?")  # MATCH takes them for more than themselves


@dataclass(frozen=True, slots=True)
class ListNames:
    """The defined names of a list that is sorted by keys."""

    entries: str
    keys: str
    spans: str

    def dropdown(self, key: str) -> str:
        """Return the formula of the entries that belong to what the cell `key` holds."""
        row = _match(_plain(key), self.keys)
        first, count = f"INDEX({self.spans},{row},1)", f"INDEX({self.spans},{row},2)"
        return f"=OFFSET({self.entries},{first},0,{count},1)"

    def entry(self, key: str) -> str:
        """Return the formula of the entry of what the cell `key` holds; blank where that is."""
        bare = stripped(key)
        found = f"INDEX({self.entries},{_match(_plain(bare), self.keys)})"
        return f'=IF(LEN({bare})=0,"",IFERROR({found},"{UNKNOWN}"))'


def list_names(form: Form, table: str, name: str) -> ListNames:
    """Return the names of the list of a field that depends on another one."""
    places = [(t.name, n) for t in form.tables.values() for n, f in t.fields.items() if f.key]
    number = places.index((table, name)) + 1
    return ListNames(f"xl_{number}", f"xl_{number}k", f"xl_{number}n")


def looked_up_values(table: TableView, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return what the cells of a row show that are looked up, by field; `values` are those of the row."""
    return {name: _entry(table.fields[name], values) for name in table.looked_up}


def _entry(field: Field, values: Mapping[str, Value]) -> str | None:
    key = values.get(field.looked_up or "")
    if key is None:
        return None
    return next(iter(field.entries.get(str(key), ())), UNKNOWN)


def key_address(field: Field, address: Callable[[str], str]) -> str:
    """Return the address of the cell that a field depends on.

    Raises OfficeError where the layout has no such cell on the same sheet or in the same row.
    """
    try:
        return address(field.key or "")
    except KeyError:
        raise OfficeError(
            f"栏目“{field.short_label}”（{field.name}）要按 {field.key} 取值，版面里同一行（同一张表）没有它"
        ) from None


def _plain(text: str) -> str:
    """The formula of a text whose characters MATCH takes for nothing but themselves."""
    for sign in _WILD:
        text = f'SUBSTITUTE({text},"{sign}","~{sign}")'
    return text


def _match(text: str, area: str) -> str:
    return f"MATCH({text},{area},0)"
