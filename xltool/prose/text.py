"""Text as the forms mean it: comparison keys and lengths (docs/domain.md §0.4)."""

from __future__ import annotations

import re

from xltool.prose.unseen import seen

# what counts as white space, spelled out so that Python and polars mean the same
SPACES = r"[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
CJK = r"[\u3400-\u9fff]"
CLOSING = "[，。；：、）”》]"

_SPACE = re.compile(f"{SPACES}+")
BREAKS, WRITTEN_BREAK = "\r\u2028\u2029", "_x000"  # one of these stands in each kind of line break
_BREAK = re.compile(r"\r\n?|\u2028|\u2029|_x000[dD]_\n?")
_CJK_GAP = re.compile(f"(?<={CJK}) (?={CJK})| (?={CLOSING})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_NAME_WIDTH = str.maketrans("（）“”：", '()"":')


def unify_breaks(text: str) -> str:
    r"""Every kind of line break becomes ``\n``; nothing else changes."""
    for sign in (*BREAKS, WRITTEN_BREAK):
        if sign in text:
            return _BREAK.sub("\n", text)
    return text


def normalise(text: str) -> str:
    """The form in which two texts are compared: spaces collapsed, none between Chinese characters.

    NFKC is deliberately not used: it would turn `（` into `(` (docs/domain.md §0.4).
    """
    return _CJK_GAP.sub("", _SPACE.sub(" ", unify_breaks(text)).strip(" "))


def label_key(text: str) -> str:
    """A printed label without spaces, stars, width differences and its closing colon.

    `项目编码：` and `项目编码` meet here, so do `项目总金额（万元）` and `项目总金额 (万元)`.
    """
    return name_key(text).strip(":*")


def name_key(text: str) -> str:
    """The key under which names of units and projects are equal (docs/domain.md §0.4).

    Characters that nobody sees make no difference.
    """
    return _SPACE.sub("", seen(unify_breaks(text))).translate(_NAME_WIDTH)


def length(text: str) -> int:
    """Length in 字: code points after strip, line breaks not counted (docs/domain.md §0.4)."""
    return len(unify_breaks(text).strip("\u00a0\u3000 \t\n").replace("\n", ""))


def gbk_length(text: str) -> int:
    """Bytes in a Chinese database: full-width 2, ASCII 1, rare ones 4 (docs/domain.md §0.4, §8.3).

    Rare characters and emoji lie outside GBK; GB18030, its successor, takes 4 bytes for them.
    """
    bare = unify_breaks(text).strip("\u00a0\u3000 \t\n").replace("\n", "")
    return sum(1 if c.isascii() else 2 if c <= "\uffff" else 4 for c in bare)


def display_width(text: str) -> int:
    """Width in half-width characters, for column widths and row heights."""
    return sum(1 if character.isascii() else 2 for character in text)


def printable(text: str) -> str:
    """Text from outside without control and direction characters, which could drive a terminal."""
    return _CONTROL.sub("�", text.replace("\n", " "))
