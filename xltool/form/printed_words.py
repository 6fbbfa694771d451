"""Printed words with fields between them, in one cell: 填报人：____　联系电话：____

The cell holds the words from the start, and what is filled stands between them. The reader takes the
values from behind the words. It does not mind which colon or which blanks stand there, nor that the unit
deleted the first words; those between two fields must be there, for they tell the fields apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from xltool.fields.cell_formulas import literal
from xltool.fields.reading import Raw

_COLONS = "：:"


@dataclass(frozen=True)
class Words:
    """Fields (`names`) and the words around them: `texts`, one more than fields, may begin and end blank."""

    texts: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def pattern(self) -> str:
        """The words with the names of the fields: 填报人：{filler}."""
        return self.joined({name: f"{{{name}}}" for name in self.names})

    def joined(self, pieces: Mapping[str, Raw]) -> str:
        """Return what the cell holds with these texts in it, by field; what is missing is blank."""
        found = [pieces.get(name) for name in self.names]
        values = ["" if piece is None else str(piece) for piece in found]
        return self.texts[0] + "".join(
            value + text for value, text in zip(values, self.texts[1:], strict=True)
        )

    def pieces(self, raw: Raw) -> Mapping[str, Raw] | None:
        """Return what a cell holds of each field; None where the fields cannot be told apart."""
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return {}
        if not isinstance(raw, str):
            return {self.names[0]: raw} if len(self.names) == 1 else None
        head, *between, tail = self._bare
        rest = raw.strip()
        rest = rest[found.end() :] if (found := head.match(rest)) else rest
        values = []
        for words in between:
            end = words.search(rest)
            if end is None:
                return None
            values.append(rest[: end.start()])
            rest = rest[end.end() :]
        if self.texts[-1] and (ending := tail.search(rest)) and ending.end() == len(rest):
            rest = rest[: ending.start()]
        stripped = (value.strip() or None for value in (*values, rest))
        return dict(zip(self.names, stripped, strict=True))

    def piece_formula(self, name: str, cell: str) -> str:
        """Return the formula of what a cell holds of a field: what stands there without the words.

        It wants the words as they are printed, with either colon.
        """
        number, words = self.names.index(name), [text.strip() for text in self.texts]
        text = f'SUBSTITUTE({cell},":","：")' if "：" in "".join(words) else cell
        if number:
            behind = f"FIND({literal(words[number])},{text})+{len(words[number])}"
            text = f"MID({text},{behind},32767)"
        elif words[0]:
            text = f'SUBSTITUTE({text},{literal(words[0])},"",1)'
        if number + 1 < len(self.names):
            text = f"LEFT({text},FIND({literal(words[number + 1])},{text})-1)"
        elif words[-1]:
            text = f'SUBSTITUTE({text},{literal(words[-1])},"",1)'
        return f'IFERROR({text},"")' if len(self.names) > 1 else text

    @cached_property
    def _bare(self) -> list[re.Pattern[str]]:
        """What finds the words, however they are spaced and with any colon or none at their end."""
        return [re.compile(_loosely("".join(text.split()))) for text in self.texts]


def _loosely(word: str) -> str:
    """The pattern of a word."""
    letters = [f"[{_COLONS}]" if letter in _COLONS else re.escape(letter) for letter in word]
    if len(letters) > 1 and word[-1] in _COLONS:
        *rest, colon = letters
        return r"\s*".join(rest) + rf"(?:\s*{colon})?"
    return r"\s*".join(letters)
