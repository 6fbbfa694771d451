"""What a unit says of a warning: the column 说明 of 退回修改 and of 填报检查, read from what came back.

Our own sheets are as untrusted as the forms: one that was renamed is known by its headings, a line by the rule
and the cell that it names, wherever it stands, and what stands in its 说明 is a text without control characters,
of so many characters, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xltool.form.layout import a1
from xltool.form.own_sheets import (
    AREA,
    CHECKS,
    EXPLAINED_HEADS,
    EXPLAINED_IN,
    EXPLANATION,
    FRONT,
    LONGEST_EXPLANATION,
)
from xltool.prose.text import printable
from xltool.prose.unseen import seen
from xltool.workbook.opening import SheetData, WorkbookData

_CODE = re.compile(r"[A-Z]{2,3}-\d{3}")
_IN_WORDS = re.compile(r"（([A-Z]{2,3}-\d{3})）$")  # behind the words of a problem
_CELL = r"[A-Z]{1,3}[1-9]\d{0,6}"
_ADDRESS = re.compile(f"{_CELL}|")
_AREAS = re.compile(f"{_CELL}(:{_CELL})?( {_CELL}(:{_CELL})?)*")
_SHEET, _PLACE, _RULE, _PROBLEM = "工作表", "位置", "规则", "问题"
_PAGES = {
    FRONT: _PROBLEM,
    CHECKS: _RULE,
}  # our sheets, each with a heading that the other one lacks
_SAID_IN = f'<c r="{a1(0, EXPLAINED_IN).rstrip("1")}'.encode()  # how a cell of the column begins
_MOST_ROWS = 20_000  # of our own sheets that are looked at
_HEAD_ROWS = 30  # among which the headings stand


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a unit says of what a rule found at a cell. On `page` it stands, one of our own sheets.

    A line of 填报检查 is about all cells of an `area`: `C12:C73 D12:D73`. One of 退回修改 has the `words` of what was
    found: they tell apart what one rule found several times at one place.
    """

    code: str
    sheet: str
    cell: str
    text: str
    page: str = FRONT
    area: str = ""
    words: str = ""


def explanations(workbook: WorkbookData) -> list[Explanation]:
    """The explanations in a workbook, each line once: those of 退回修改 first."""
    found: dict[tuple[str, ...], Explanation] = {}
    for name, heading in _PAGES.items():
        data = workbook.sheet(name) or _renamed(workbook, heading)
        for each in _on(data, name) if data is not None else ():
            found.setdefault((name, each.code, each.sheet, each.cell, each.words), each)
    return list(found.values())


def _renamed(workbook: WorkbookData, heading: str) -> SheetData | None:
    """The sheet that has the headings of one of ours, under another name; None where there is none."""
    others = (data for data in workbook.sheets if data.name not in _PAGES)
    return next((data for data in others if heading in _headings(data)[1]), None)


def explains_nothing(name: str, xml: bytes) -> bool:
    """True for 填报检查 as it was issued, given its XML: it need not be read, and it is the largest sheet.

    Nothing was typed where explanations stand, the headings still do. Of all else, somebody has to look.
    """
    if name != CHECKS:
        return False
    # each cell of the column, from behind its letter on; one that holds something has an end of its own
    cells = (cell.partition(b">") for cell in xml.split(_SAID_IN)[1:])
    typed = (not (tag.endswith(b"/") or rest.startswith(b"<f")) for tag, _, rest in cells)
    return sum(typed) == EXPLAINED_HEADS


def _on(data: SheetData, page: str) -> Iterator[Explanation]:
    """The explanations on one of our sheets, which was issued as `page`, whatever the unit did to it."""
    head, columns = _headings(data)
    if EXPLANATION not in columns:
        return
    for row in range(head + 1, min(len(data.grid), _MOST_ROWS)):
        if data.raw(row, columns[EXPLANATION]) is None:  # as on most lines: nothing is said there
            continue
        text = _text(data, row, columns[EXPLANATION])
        code = _code(data, row, columns)
        cell = data.text(row, columns[_PLACE]).upper()
        if text and code and _ADDRESS.fullmatch(cell):
            area = data.text(row, columns[AREA]) if AREA in columns else ""
            area = area if _AREAS.fullmatch(area) else ""
            place = data.text(row, columns[_SHEET]), cell
            yield Explanation(code, *place, text, page, area, _words(data, row, columns))


def _headings(data: SheetData) -> tuple[int, Mapping[str, int]]:
    """The row of the headings, and the column of each; none where it has lost them."""
    for row in range(min(len(data.grid), _HEAD_ROWS)):
        texts = [raw for raw in data.grid[row] if type(raw) is str]
        if not any(EXPLANATION in text for text in texts):  # as in most rows of most sheets
            continue
        columns = {data.text(row, column): column for column in range(len(data.grid[row]))}
        if {_SHEET, _PLACE, EXPLANATION} <= columns.keys():
            return row, columns
    return 0, {}


def _code(data: SheetData, row: int, columns: Mapping[str, int]) -> str:
    """The rule of a line: in a column of its own, or behind the words."""
    own = data.text(row, columns[_RULE]) if _RULE in columns else ""
    if _CODE.fullmatch(own):
        return own
    found = _IN_WORDS.search(data.text(row, columns[_PROBLEM])) if _PROBLEM in columns else None
    return found[1] if found else ""


def _words(data: SheetData, row: int, columns: Mapping[str, int]) -> str:
    """The words of a problem, without its rule; none where there is no such column."""
    return _IN_WORDS.sub("", data.text(row, columns[_PROBLEM])) if _PROBLEM in columns else ""


def _text(data: SheetData, row: int, column: int) -> str:
    """An explanation in one line; none where a formula stands, or an error."""
    if (row, column) in data.formulas or (row, column) in data.errors:
        return ""
    words = printable(seen(data.text(row, column))).replace("�", "").split()
    text = " ".join(words)
    if len(text) > LONGEST_EXPLANATION:
        text = text[: LONGEST_EXPLANATION - 1] + "…"
    return text
