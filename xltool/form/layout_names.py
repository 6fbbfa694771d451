"""What a layout may name: plain data of its form, and one function that looks up a label.

A template may come from outside, and the sandbox that it runs in is only as good as what it is given. So
it gets texts, numbers and collections of these, copied: no module, no path, and nothing with methods
of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from xltool.form.model import Form

_VALUES = (str, int, float, bool, type(None))


class _NotPlainError(Exception):
    """A value is no plain data, or holds something that is none."""


def names(form: Form, fy: int) -> dict[str, Any]:
    """The names that a layout of a form may use for a budget year (`fy`), with their values.

    `form.module` has the constants of the validator: its names in capitals whose values are plain.
    """
    labels = {
        table.name: {name: str(field.label) for name, field in table.fields.items()}
        for table in form.tables.values()
    }

    def label(table: str, name: str) -> str:
        """The printed label of a field. Raises LookupError for an unknown name."""
        if table not in labels:
            raise LookupError(f"没有数据表 {table}，可用：{'、'.join(labels)}")
        if name not in labels[table]:
            raise LookupError(f"数据表 {table} 没有字段 {name}")
        return labels[table][name]

    module = _constants(vars(form.module))
    catalogue = next((t.catalogue for t in form.tables.values() if t.catalogue), ())
    return {
        "form": {"id": form.id, "title": form.title, "version": form.version, "module": module},
        "fy": fy,
        "rows": _plain(form.capacity),
        "catalogue": _plain(catalogue),
        "label": label,
    }


def _constants(names: Mapping[str, object]) -> dict[str, Any]:
    """The names in capitals whose values are plain."""
    found = {}
    for name, value in names.items():
        if name.isupper() and not name.startswith("_"):
            try:
                found[name] = _plain(value)
            except _NotPlainError:
                continue
    return found


def _plain(value: object) -> Any:
    """A copy of plain data, of Python's own types only. Raises _NotPlainError for anything else."""
    if type(value) in _VALUES:
        return value
    if isinstance(value, (list, tuple)):
        return tuple(map(_plain, value))
    if isinstance(value, (dict, MappingProxyType)):
        return {_plain(key): _plain(item) for key, item in value.items()}
    raise _NotPlainError
