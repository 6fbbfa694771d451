"""Pieces of Excel formulas about what stands in a cell: its text, its length, its digits.

What a formula sees in the cells of a field (is something there, can it be used, what is its value)
the field's kind says, made of these. They agree with the reader but for a number or a date that stands
there as text: the reader makes sense of it and remarks it, no formula of all three programs does, so
it is not usable there.

The pieces work on one cell and, in an array formula, on a whole range: no AND, no OR (they would
make one value of a range), and no MATCH or COUNTIF on texts (there `*` and `?` match anything).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from xltool.prose.text import CJK

if TYPE_CHECKING:
    from xltool.fields.field import Field

_BREAK = "CHAR(10)"
_DIGITS = "0123456789０１２３４５６７８９"
APOSTROPHES = ("'", "’", "‘")  # before digits: they make a text of them
_FEW = 4  # cells
_LITERAL = 255  # characters of a text in a formula


def stripped(cell: str) -> str:
    """Return the formula of a text without line breaks and outer spaces, runs of spaces as one."""
    return f"TRIM({_spaced(cell)})"


def length(cell: str) -> str:
    """Return the formula of a length in 字 (docs/domain.md §0.4): outer spaces do not count, inner ones all do.

    TRIM would also shorten inner runs of spaces. So: from the first character of the trimmed text to
    the last occurrence of its last one.
    """
    text, bare = _spaced(cell), stripped(cell)
    first = f"FIND(LEFT({bare},1),{text})"
    last = f"RIGHT({bare},1)"
    times = f'LEN({text})-LEN(SUBSTITUTE({text},{last},""))'
    end = f"FIND({_BREAK},SUBSTITUTE({text},{last},{_BREAK},{times}))"
    return f"IF(LEN({bare})=0,0,{end}-{first}+1)"


def is_one_of(text: str, words: Iterable[str]) -> str:
    """Return the formula that is true for a text that is one of the words, to the letter.

    The text must be without line breaks.
    """
    joined = f"&{_BREAK}&".join(literal(word) for word in words)
    return f"ISNUMBER(FIND({_BREAK}&{text}&{_BREAK},{_BREAK}&{joined}&{_BREAK}))"


def says(text: str, words: Iterable[str]) -> str:
    """Return the formula that is true for a stripped text that is one of the words.

    Inside Chinese words spaces do not count: that is how texts are compared (docs/domain.md §0.4).
    """
    chinese = [word for word in words if re.fullmatch(f"{CJK}+", word)]
    others = [word for word in words if word not in chinese]
    tests = [
        is_one_of(found, listed)
        for found, listed in ((without(text, " "), chinese), (text, others))
        if listed
    ]
    return f"(({'+'.join(tests)})>0)"


def is_code(cell: str, digits: int) -> str:
    """Return the formula that is true for so many digits.

    Spaces, apostrophes and full-width digits are read all the same.
    """
    bare = without(_spaced(cell), (" ", *APOSTROPHES))
    return f"(LEN({bare})={digits})*(LEN({without(bare, _DIGITS)})=0)"


def code_part(cell: str, start: int, count: int) -> str:
    """Return the formula of `count` digits of a code as a number, from the `start`-th on."""
    text = f"MID({without(_spaced(cell), (' ', *APOSTROPHES))},{start},{count})"
    for digit, wide in zip(_DIGITS[:10], _DIGITS[10:], strict=True):
        text = f'SUBSTITUTE({text},"{wide}","{digit}")'
    return f"VALUE({text})"


def without(text: str, characters: Iterable[str]) -> str:
    """Return the formula of a text less some characters."""
    for character in characters:
        text = f'SUBSTITUTE({text},{literal(character)},"")'
    return text


def count_filled(cells: Sequence[str], fields: Sequence[Field]) -> str:
    """Return the formula of how many of some cells hold something, readable or not.

    Numbers are looked at together, as <12.00><><—>: a formula has no room for each by itself.
    """
    pairs = list(zip(cells, fields, strict=True))
    numbers = [(c, f) for c, f in pairs if f.kind.numeric]
    parts = [f.kind.filled(c, f) for c, f in pairs if not f.kind.numeric]
    if len(numbers) < _FEW:
        return "+".join([f.kind.filled(c, f) for c, f in pairs]) or "0"
    text = without(_spaced('"<"&' + '&"><"&'.join(cell for cell, _ in numbers) + '&">"'), " ")
    for word in {word: None for _, field in numbers for word in field.kind.blanks}:
        text = f'SUBSTITUTE({text},{literal(f"<{word}>")},"<>")'
    blank = f'(LEN({text})-LEN(SUBSTITUTE({text},"<>","")))/2'
    return "+".join([f"({len(numbers)}-{blank})", *parts])


def any_filled(cells: Sequence[str], fields: Sequence[Field]) -> str:
    """Return the formula that is true where anything stands in some cells. It has no IF.

    Strokes and the like in cells of numbers are blanks: they are taken out of all numbers together.
    """
    by_blanks: dict[tuple[str, ...], list[str]] = {}
    for cell, field in zip(cells, fields, strict=True):
        by_blanks.setdefault(tuple(field.kind.blanks), []).append(cell)
    texts = [
        without("&".join(some), sorted(set("".join(blanks)))) for blanks, some in by_blanks.items()
    ]
    return f"(LEN({stripped('&'.join(texts))})>0)"


def _spaced(cell: str) -> str:
    """The text without line breaks and tabs, every space a plain one."""
    text = f'SUBSTITUTE(SUBSTITUTE({cell},{_BREAK},""),CHAR(13),"")'
    for space in ("CHAR(9)", '"\u00a0"', '"\u3000"'):
        text = f'SUBSTITUTE({text},{space}," ")'
    return text


def literal(text: str) -> str:
    """Return a text as formulas write it, in pieces that Excel takes."""
    pieces = [text[n : n + _LITERAL] for n in range(0, len(text), _LITERAL)] or [""]
    return "&".join('"' + piece.replace('"', '""') + '"' for piece in pieces)
