"""What a unit added to its workbook: comments, and content outside of the forms (docs/domain.md §10.1, TPL-016).

None of it is read, so it is told. Comments of our own are none of the unit's: those that were issued, and
the findings on the cells of a copy that was sent back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache

from xltool.form.edition import Edition
from xltool.form.layout import Position, Sheet, a1
from xltool.form.model import Form
from xltool.prose.text import name_key
from xltool.returns.row_matching import Outside
from xltool.returns.sheet_matching import Match, SheetFact
from xltool.workbook.opening import SheetData, WorkbookData

_NAMED, _QUOTED = 5, 20  # cells that a message names, characters that it quotes of each
_MARKED = re.compile(r"(?:【[A-Z]+(?:-\d+)?】[^\n]*。(?:\n|$))+")  # see `Finding.comment`


def additions(
    workbook: WorkbookData,
    edition: Edition,
    matches: Iterable[Match],
    ours: frozenset[str],
) -> Iterator[SheetFact]:
    """What stands on the form sheets, and on our own, that nobody issued.

    `ours` are the names of our own sheets around the form.
    """
    for match in matches:
        if match.rows.outside:
            first = match.rows.outside[0].cell
            words = _words(match.rows.outside)
            yield SheetFact(match.data.name, first, "", "beside", words)
        yield from _commented(match.data, _issued(edition, match.part))
    for data in workbook.sheets:
        if data.name in ours:
            yield from _commented(data, frozenset())


def issued_comments(form: Form, sheet: Sheet) -> Mapping[Position, str]:
    """The official comments on the cells of a layout."""
    found: dict[Position, str | None] = {}
    for name, cell in sheet.fields.items():
        place, comment = (cell.row, cell.column), form.field(sheet.record, name).comment
        found[place] = found.get(place) or comment
    for block in sheet.blocks:
        for name, column in block.columns.items():
            comment = form.field(block.table, name).comment
            found |= {(row, column): comment for row in block.span}
    return {place: comment for place, comment in found.items() if comment}


@lru_cache(maxsize=256)
def _issued(edition: Edition, part: int) -> Set[str]:
    """The keys of the official comments on a sheet."""
    issued = issued_comments(edition.form, edition.layout.sheets[part])
    return {name_key(text) for text in issued.values()}


def _commented(data: SheetData, issued: Set[str]) -> Iterator[SheetFact]:
    """The comments that are none of ours. A comment moves along with its cell: where it stands is no matter."""
    for place, text in sorted(data.comments.items()):
        if name_key(text) not in issued and not _MARKED.fullmatch(text):
            yield SheetFact(data.name, a1(*place), "", "commented", text)


def _words(outside: Sequence[Outside]) -> str:
    """Cells outside of the form in words: `A200“x”、J5“备注”`."""
    named = [
        f"{one.cell}“{one.text[:_QUOTED]}{'……' if len(one.text) > _QUOTED else ''}”"
        for one in outside[:_NAMED]
    ]
    more = f" 等 {len(outside)} 格" if len(outside) > _NAMED else ""
    return "、".join(named) + more
