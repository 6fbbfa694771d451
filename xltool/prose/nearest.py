"""The word that somebody probably meant, of those that there are."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the word that was probably meant as the end of a sentence; nothing where none is near."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"，是不是 {near[0]}？" if near and near[0] != word else ""
