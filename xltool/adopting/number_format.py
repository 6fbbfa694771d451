"""What a number format says of the values of a cell."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_LOCAL = (
    "mm-dd-yy",
    "m/d/yy h:mm",
)  # what openpyxl calls the formats that each system shows its own way

Type = Literal["any", "text", "number", "date"]


class Shown(NamedTuple):
    """The type of values that a format shows, of numbers the places."""

    type: Type
    places: int = 0
    percent: bool = False
    pattern: str = ""  # of dates: how they are shown, where the format says so


def shown_by(number_format: str) -> Shown:
    """Return what a number format shows; General says nothing of the type."""
    if number_format.strip() == "@":
        return Shown("text")
    bare = _LITERAL.sub("", number_format.split(";", maxsplit=1)[0]).strip()
    if bare.lower() in ("general", ""):
        return Shown("any")
    if re.search(r"[yd]", bare, re.IGNORECASE):
        return Shown("date", pattern="" if bare in _LOCAL else _pattern(number_format))
    if re.search(r"[0#?]", bare):
        found = re.search(r"\.([0#?]+)", bare)
        return Shown("number", len(found[1]) if found else 0, "%" in bare)
    return Shown("any")


def _pattern(number_format: str) -> str:
    """How a format shows a day: `yyyy\\-mm\\-dd` and `[<=2958465]yyyymmdd;0` without what is no part of it."""
    first = re.sub(r"\[[^\]]*\]", "", number_format).split(";", maxsplit=1)[0]
    return re.sub(r'[\\"]|_.', "", first).replace("@", "").strip().lower()
