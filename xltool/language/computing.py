"""What computed cells are worked out from, as far as it stands beside them.

Programs differ in what they make of a number that stands there as text: a line that uses the result says
nothing while there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from xltool.fields.field import Field
from xltool.fields.tables import CONTEXT
from xltool.language.functions import Cell, Content
from xltool.language.nodes import names_in
from xltool.language.parser import parse


def inputs_behind(names: Iterable[str], fields: Mapping[str, Field]) -> list[str]:
    """Return the fields of the row that computed ones among `names` are worked out from, each once."""
    found: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        field = fields.get(waiting.pop())
        inputs = names_in(parse(field.computed)) if field and field.computed else []
        new = [n for n in inputs if "." not in n and n not in CONTEXT and n not in found]
        found |= dict.fromkeys(new)
        waiting += new
    return [name for name in found if name in fields and not fields[name].computed]


def usable(names: Iterable[str], cell: Callable[[str], Cell], fields: Mapping[str, Field]) -> str:
    """Return the formula that is true where all of these can be used, and what is behind them."""
    names = list(names)
    behind = (cell(name) for name in inputs_behind(names, fields))
    return "*".join(
        [
            *(cell(name).usable for name in names),
            *(f"(1-{one.filled}*(1-{one.usable}))" for one in behind),
        ]
    )


def is_clouded(
    names: Iterable[str], contents: Mapping[str, Content], fields: Mapping[str, Field]
) -> bool:
    """Return whether something behind these stands there that formulas cannot use."""
    behind = (contents[name] for name in inputs_behind(names, fields))
    return any(content.is_filled and content.value is None for content in behind)
