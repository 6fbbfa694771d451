"""What neither a cell nor the name of a file can bear: control and direction characters, texts without end."""

from __future__ import annotations

import re

CELL = 32_767  # characters of a cell, Excel's own limit
_NO_CHARACTERS = "".join(
    chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)
)
_UNBEARABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ud800-\udfff"
    f"{_NO_CHARACTERS}]"
)
_NO_NAME = re.compile(r'[\\/:*?"<>|\s]+')
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u206f\ufeff]")
_OF_WINDOWS = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")  # names of its devices
_LONGEST = 60  # characters of a name: with code and suffix under 255 bytes


def unbearable(text: str, most: int = CELL) -> str:
    """Return in Chinese why no cell bears a text, and what to do: the end of a sentence about it; else nothing."""
    if len(text) > most:
        return f"有 {len(text)} 字，最多 {most} 字；请写短一些"
    if found := _UNBEARABLE.search(text):
        return f"里有看不见的控制字符（U+{ord(found[0]):04X}）；请删去后重新输入"
    return ""


def file_name(text: str) -> str:
    """Return a text as part of a file's name on any system: at most 60 characters, none that is refused."""
    plain = _NO_NAME.sub("_", _INVISIBLE.sub("", _UNBEARABLE.sub("", text)).strip())
    short = plain[:_LONGEST].strip(" .")
    return f"_{short}" if _OF_WINDOWS.fullmatch(short) else short
