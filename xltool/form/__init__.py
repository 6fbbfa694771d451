"""What a form is: its tables and rules, its layout, its computed cells, its catalogue of rules.

The names below are what the author of a form needs; a validator imports them from here and from nowhere else:

    from xltool.form import Equation, FormTable, Rows, Table, fields, rule

`fields` declares the fields of a table (`fields.text("项目名称")`), so that no field can take the place of what
declares the next one. Names are imported on first use: the rooms of the package are loaded by who needs them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xltool.fields import declaring as fields
    from xltool.fields.kinds import Field, Kind, LiveTest, Raw, Reading, Remark
    from xltool.fields.tables import Rows, Table
    from xltool.language.claims import Claim
    from xltool.language.equations import Equation
    from xltool.language.row_claims import SomeRow, WholeRow
    from xltool.rules import FormTable, Lookup, Offence, Reference, at_most, rule, three_valued

_WHERE = {
    "xltool.fields.declaring": ("fields",),
    "xltool.fields.kinds": ("Field", "Kind", "LiveTest", "Raw", "Reading", "Remark"),
    "xltool.fields.tables": ("Rows", "Table"),
    "xltool.language.claims": ("Claim",),
    "xltool.language.equations": ("Equation",),
    "xltool.language.row_claims": ("SomeRow", "WholeRow"),
    "xltool.rules": (
        *("FormTable", "Lookup", "Offence", "Reference", "at_most", "rule", "three_valued"),
    ),
}
_ROOMS = {name: room for room, names in _WHERE.items() for name in names}

__all__ = [
    "Claim",
    "Equation",
    "Field",
    "FormTable",
    "Kind",
    "LiveTest",
    "Lookup",
    "Offence",
    "Raw",
    "Reading",
    "Reference",
    "Remark",
    "Rows",
    "SomeRow",
    "Table",
    "WholeRow",
    "at_most",
    "fields",
    "rule",
    "three_valued",
]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module 'xltool.form' has no attribute {name!r}")
    room = importlib.import_module(_ROOMS[name])
    value = room if name == "fields" else getattr(room, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
