"""What a formula sees in a cell: is something there, can it be used, what is its value.

Each function gives a piece of an Excel formula; the last three say the same of a raw value. They agree
with the reader (`fields`) but for a number or a date that stands there as text: the reader makes
sense of it and remarks it, no formula of all three programs does, so it is not usable here.

The pieces work on one cell and, in an array formula, on a whole range: no AND, no OR (they would
make one value of a range), and no MATCH or COUNTIF on texts (there `*` and `?` match anything).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from xltool.fields.kinds import Amount, Code, Date, Field, Integer, Number
from xltool.fields.reading import FIRST_DAY, LAST_DAY, NULL_TEXTS, Raw, Value
from xltool.fields.reading import shown as as_shown
from xltool.prose.text import CJK

_BREAK = "CHAR(10)"
_DIGITS = "0123456789０１２３４５６７８９"
_APOSTROPHES = ("'", "’", "‘")
_FEW = 4  # cells
_LITERAL = 255  # characters of a text in a formula


def stripped(cell: str) -> str:
    """The text without line breaks and outer spaces, runs of spaces as one."""
    return f"TRIM({_spaced(cell)})"


def length(cell: str) -> str:
    """Length in 字 (docs/domain.md §0.4): outer spaces do not count, inner ones all do.

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
    """True for a text (without line breaks) that is one of the words, to the letter."""
    joined = f"&{_BREAK}&".join(_literal(word) for word in words)
    return f"ISNUMBER(FIND({_BREAK}&{text}&{_BREAK},{_BREAK}&{joined}&{_BREAK}))"


def says(text: str, words: Iterable[str]) -> str:
    """True for a stripped text that is one of the words; inside Chinese ones spaces do not count.

    That is how texts are compared (docs/domain.md §0.4).
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
    """True for so many digits; spaces, apostrophes and full-width digits are read all the same."""
    bare = without(_spaced(cell), (" ", *_APOSTROPHES))
    return f"(LEN({bare})={digits})*(LEN({without(bare, _DIGITS)})=0)"


def code_part(cell: str, start: int, count: int) -> str:
    """Some digits of a code as a number, the first digit being 1."""
    text = f"MID({without(_spaced(cell), (' ', *_APOSTROPHES))},{start},{count})"
    for digit, wide in zip(_DIGITS[:10], _DIGITS[10:], strict=True):
        text = f'SUBSTITUTE({text},"{wide}","{digit}")'
    return f"VALUE({text})"


def without(text: str, characters: Iterable[str]) -> str:
    """The text less some characters."""
    for character in characters:
        text = f'SUBSTITUTE({text},{_literal(character)},"")'
    return text


def filled(cell: str, field: Field) -> str:
    """True where the reader finds something, readable or not."""
    words = _blanks(field)
    if not words:
        return f"(LEN({stripped(cell)})>0)"
    return f"NOT({is_one_of(stripped(cell), ('', *words))})"


def count_filled(cells: Sequence[str], fields: Sequence[Field]) -> str:
    """In how many of some cells, of a row each, the reader finds something, readable or not.

    Numbers are looked at together, as <12.00><><—>: a formula has no room for each by itself.
    """
    pairs = list(zip(cells, fields, strict=True))
    numbers = [(c, f) for c, f in pairs if isinstance(f.kind, Amount | Integer | Date)]
    parts = [filled(cell, field) for cell, field in pairs if (cell, field) not in numbers]
    if len(numbers) < _FEW:
        return "+".join([filled(cell, field) for cell, field in pairs]) or "0"
    text = without(_spaced('"<"&' + '&"><"&'.join(cell for cell, _ in numbers) + '&">"'), " ")
    for word in {word: None for _, field in numbers for word in _blanks(field)}:
        text = f'SUBSTITUTE({text},{_literal(f"<{word}>")},"<>")'
    blank = f'(LEN({text})-LEN(SUBSTITUTE({text},"<>","")))/2'
    return "+".join([f"({len(numbers)}-{blank})", *parts])


def usable(cell: str, field: Field) -> str:
    """True where a formula can use the value."""
    kind = field.kind
    if isinstance(kind, Amount):
        exact = f"(ROUND({cell},{max(field.places, 2)})={cell})*(ABS({cell})<1E+16)"
    elif isinstance(kind, Integer):
        ends = ((">=", field.minimum), ("<=", field.maximum))
        within = "".join(f"*({cell}{sign}{end})" for sign, end in ends if end is not None)
        exact = f"(INT({cell})={cell})*(ABS({cell})<1E+15){within}"
    elif isinstance(kind, Date):
        exact = f"({cell}>={FIRST_DAY})*({cell}<{LAST_DAY + 1})"
    else:
        return filled(cell, field)
    return f"IF(ISNUMBER({cell}),{exact},0)"


def value(cell: str, field: Field) -> str:
    """The value as the reader has it: amounts as shown, dates without their time, texts stripped."""
    kind = field.kind
    if isinstance(kind, Amount):
        return f"ROUND({cell},{field.places})" if field.places < 2 else cell
    if isinstance(kind, Date):
        return f"INT({cell})"
    return cell if isinstance(kind, Integer) else stripped(cell)


def _spaced(cell: str) -> str:
    """The text without line breaks and tabs, every space a plain one."""
    text = f'SUBSTITUTE(SUBSTITUTE({cell},{_BREAK},""),CHAR(13),"")'
    for space in ("CHAR(9)", '"\u00a0"', '"\u3000"'):
        text = f'SUBSTITUTE({text},{space}," ")'
    return text


def _literal(text: str) -> str:
    """A text as formulas write it, in pieces that Excel takes."""
    pieces = [text[n : n + _LITERAL] for n in range(0, len(text), _LITERAL)] or [""]
    return "&".join('"' + piece.replace('"', '""') + '"' for piece in pieces)


def _blanks(field: Field) -> tuple[str, ...]:
    """What the reader takes for nothing, beside a blank."""
    kind = field.kind
    if isinstance(kind, (Amount, Integer, Date)):
        marks = (*sorted(NULL_TEXTS - {""}), *_APOSTROPHES)
        return (*marks, "不适用") if isinstance(kind, Number) else marks
    return _APOSTROPHES if isinstance(kind, Code) else ()


# -- the same of a raw value -------------------------------------------------------------------------


def is_filled(raw: Raw, field: Field) -> bool:
    """True where the reader finds something, readable or not."""
    reading = field.read(raw)
    return reading.value is not None or reading.unreadable


def used_value(raw: Raw, field: Field) -> Value:
    """The value that a formula uses; None where it cannot."""
    if isinstance(field.kind, (Amount, Integer, Date)):
        number = isinstance(raw, (int, float, Decimal)) and not isinstance(raw, bool)
        if not number and not (isinstance(field.kind, Date) and isinstance(raw, date)):
            return None
    if isinstance(field.kind, Code) and not isinstance(raw, str):
        return as_shown(raw) or None
    return field.read(raw).value
