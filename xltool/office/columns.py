"""The columns of an office's list: which are missing, and which was probably meant by another name."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from xltool.errors import OfficeError
from xltool.prose.looks import look
from xltool.prose.nearest import nearest_of


def column_mistakes(
    there: Collection[str], required: Collection[str], others: Collection[str], path: Path
) -> Iterator[OfficeError]:
    """Yield the columns that a list lacks, with the one that probably was to be it.

    `there` are its headings that mean nothing yet; `required` and `others` those that nothing stands for, which
    it must have, and may have.
    """
    unknown = list(there)
    for name in required:
        meant = nearest_of(name, unknown) or _same_look(name, unknown)
        if meant:
            unknown.remove(meant)
            step = f"，是不是写成了“{meant}”？请改这一列的列名"
        else:
            step = "；请补上这一列"
        yield OfficeError(f"缺少列“{name}”{step}", path, 1)
    for name in others:
        if meant := nearest_of(name, unknown) or _same_look(name, unknown):
            unknown.remove(meant)
            words = f"没有列“{meant}”，是不是“{name}”？请改列名；不要的请删去这一列"
            yield OfficeError(words, path, 1)


def _same_look(name: str, there: Collection[str]) -> str | None:
    return next((word for word in there if look(word) == look(name)), None)
