"""The letters of columns and their numbers."""

from __future__ import annotations

from xltool.form.layout import a1


def column_letters(column: int) -> str:
    """The letters of a 0-based column."""
    return a1(0, column)[:-1]


def column_number(letters: bytes) -> int:
    """The 0-based number of a column: A is 0."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
