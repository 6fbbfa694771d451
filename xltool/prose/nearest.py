"""The word that somebody probably meant, of those that there are."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_CLOSE = 0.6


def nearest_of(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was probably meant, even where that is the word itself; None where none is near.

    Where none is spelt like it, it is the only one that the word is part of: 数量 for 数量指标.
    """
    words = list(known)
    if close := get_close_matches(word, words, n=1, cutoff=_CLOSE):
        return close[0]
    wider = [each for each in words if word and word in each]
    return wider[0] if len(wider) == 1 else None


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the word that was probably meant as the end of a sentence; nothing where none is near."""
    near = nearest_of(word, known)
    return f"，是不是 {near}？" if near is not None and near != word else ""
