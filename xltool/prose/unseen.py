"""Characters that nobody sees: what pasting brings along, or what somebody hides a text with.

They are those that Unicode lets every program ignore (Default_Ignorable_Code_Point, Unicode 15), and
those that look like a space but are none: spaces of other widths, the fillers of Hangul, the blank
pattern of Braille. The no-break space and the wide space of Chinese are spaces like any other: units
type them.
"""

from __future__ import annotations

import re

# Default_Ignorable_Code_Point, less the fillers of Hangul, which take the room of a character.
_IGNORABLE = (
    *(0xAD, 0x34F, 0x61C, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x200B, 0x2010)),
    *(*range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10), 0xFEFF),
    *(*range(0xFFF0, 0xFFF9), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B)),
    *range(0xE0000, 0xE1000),
)
_LAST_BLOCK = 0x1000  # characters: for a pattern they are a range
_BLANK = (
    *(0x115F, 0x1160, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x2800, 0x3164, 0xFFA0),
)

INVISIBLE = "".join(map(chr, _IGNORABLE))
LOOK_LIKE_SPACE = "".join(map(chr, _BLANK))
TYPED_SPACES = " \t\n\u00a0\u3000"  # that a unit may well have typed
ODD = f"{INVISIBLE[:-_LAST_BLOCK]}{LOOK_LIKE_SPACE}\U000e0000-\U000e0fff"  # for a set of a pattern
_ODD = re.compile(f"[{ODD}]")
_TAKEN_OUT = str.maketrans(LOOK_LIKE_SPACE, " " * len(LOOK_LIKE_SPACE), INVISIBLE)


def seen(text: str) -> str:
    """Return a text as it is seen: without invisible characters, any odd space as a plain one.

    Outer spaces go where something was taken out; a text with nothing odd in it is returned as it is.
    """
    if text.isascii() or not _ODD.search(text):
        return text
    return text.translate(_TAKEN_OUT).strip(TYPED_SPACES)
