"""How a message quotes what a unit wrote: at most some thirty characters, around the place that is meant."""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST = 30  # characters of a text in a message, without the dots
_WORD = re.compile(r"[0-9A-Za-z.,%]")  # what is not cut through: numbers, Latin words
_CLOSING = "，。；！？,;"
_REACH = 8  # characters within which a border is looked for


def quoted(text: str, start: int = 0, end: int | None = None, most: int = MOST) -> str:
    """Return a text in one line, a long one cut to `most` characters, with … where something is left out.

    What stands from `start` to `end` is what the message is about: the part that is shown has it in its
    middle (its beginning, where it is longer itself). It is cut where a clause ends, if one ends nearby, and never
    through a number or a Latin word.
    """
    line = re.sub(r"\s", " ", text)
    if len(line) <= most:
        return line
    end = start if end is None else min(end, start + most)
    first = max(0, min(start - (most - (end - start)) // 2, len(line) - most))
    first = _border(line, first, min(first + _REACH, start))
    last = first + most
    last = len(line) if last >= len(line) else _border(line, last, max(last - _REACH, end))
    cut = line[first:last].strip()
    return ("…" if first else "") + cut + ("…" if last < len(line) else "")


def first_difference(one: str, other: str) -> int:
    """Return the place from which on two texts differ."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def named(names: Sequence[str], what: str, most: int = 3, length: int = 12) -> str:
    """Return names in one text: the first few, none too long, and how many there are: 甲、乙等 5 个项目."""
    few = "、".join(quoted(name, most=length) for name in names[:most])
    return few if len(names) <= most else f"{few}等 {len(names)} {what}"


def _border(line: str, place: int, limit: int) -> int:
    """The place nearest to one, on the way to a limit, that ends a clause; else one that cuts no word."""
    step = 1 if limit >= place else -1
    nearby = range(place, limit + step, step)
    if place in (0, len(line)):
        return place
    clauses = (n for n in nearby if line[n - 1 if step > 0 else n] in _CLOSING)
    words = (n for n in nearby if not (_WORD.match(line[n - 1]) and _WORD.match(line[n])))
    return next(clauses, next(words, place))
