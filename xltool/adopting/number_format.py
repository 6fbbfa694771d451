"""What a number format says of the values of a cell."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')

Type = Literal["any", "text", "number", "date"]


class Shown(NamedTuple):
    """The type of values that a format shows, and of numbers the places."""

    type: Type
    places: int = 0
    percent: bool = False


def shown_by(number_format: str) -> Shown:
    """Return what a number format shows; General says nothing of the type."""
    if number_format.strip() == "@":
        return Shown("text")
    bare = _LITERAL.sub("", number_format.split(";", maxsplit=1)[0]).strip()
    if bare.lower() in ("general", ""):
        return Shown("any")
    if re.search(r"[yd]", bare, re.IGNORECASE):
        return Shown("date")
    if re.search(r"[0#?]", bare):
        found = re.search(r"\.([0#?]+)", bare)
        return Shown("number", len(found[1]) if found else 0, "%" in bare)
    return Shown("any")
