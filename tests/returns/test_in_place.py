"""A sheet on which nothing moved is read at once: the same comes of it as of reading it cell by cell."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest
from edits import Filled, filled, sheet_of, with_sheet
from helpers import FORMS

from xltool.fields.reading import Raw
from xltool.form.layout import Position, Sheet
from xltool.returns import in_place
from xltool.returns.extracting import Reader
from xltool.returns.submissions import Submission
from xltool.workbook.odd_cells import OddCells
from xltool.workbook.opening import SheetData, WorkbookData

EDITS = 15  # of each form
JUNK: tuple[Raw, ...] = (
    *(None, "", "  ", "\u200b", "\n", "无", "—", "甲", "12.5", "3月1日", "=DISPIMG(1)", "是"),
    *(0, 7, 3.25, 45000, 1e300, True, date(2026, 3, 1), datetime(2026, 3, 1, 8)),
)


@pytest.fixture(scope="module", params=FORMS)
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """A filled workbook of each form."""
    return filled(request.param, tmp_path_factory.mktemp(request.param))


def test_both_ways_read_the_same(base: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    workbooks = [base.workbook, *edited(base)]
    at_once = [base.read(workbook) for workbook in workbooks]
    monkeypatch.setattr(in_place, "stands_still", lambda *_: False)
    one_by_one = [base.read(workbook) for workbook in workbooks]
    assert [told(found) for found in at_once] == [told(found) for found in one_by_one]


def test_the_quick_way_is_taken(base: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: Reader) -> None:
        raise AssertionError

    monkeypatch.setattr(Reader, "labels", never)
    assert base.read(base.workbook).rows == base.found.rows


def test_rows_are_not_shared_between_returns(base: Filled) -> None:
    for row in base.read(base.workbook).rows:
        row.values.clear()
        row.unreadable.append("x")
    assert base.read(base.workbook).rows == base.found.rows


def told(found: Submission) -> list[object]:
    """All that was read, the order of the fields too."""
    orders = [[list(row.values), list(row.raw), list(row.cells)] for row in found.rows]
    return [found.rows, found.cells, found.sheets, found.records, orders]


def edited(base: Filled) -> Iterator[WorkbookData]:
    """The workbook with other things in a few cells of one sheet, and things odd about others."""
    chance = random.Random(20261128)
    for _ in range(EDITS):
        name, layout = chance.choice(list(base.sheets.items()))
        yield with_sheet(base.workbook, changed(sheet_of(base, name), layout, chance))


def changed(data: SheetData, layout: Sheet, chance: random.Random) -> SheetData:
    places = [(r, c) for r in range(layout.height) for c in range(len(layout.widths))]
    texts = [f"{cell.text} " for cell in layout.locked] + [cell.text for cell in layout.locked]
    grid = [list(row) for row in data.grid]
    few = chance.choice((1, 3, 30))
    for row, column in chance.sample(places, few):
        if row < len(grid) and column < len(grid[row]):
            grid[row][column] = chance.choice([*JUNK, chance.choice(texts)])
    if chance.random() < 0.3:
        grid = [row[: chance.randrange(1, len(row) + 1)] for row in grid]
    odd = data.details.odd

    def some(text: str) -> dict[Position, str]:
        return dict.fromkeys(chance.sample(places, chance.choice((0, 2))), text)

    known = OddCells(
        errors=odd.errors | some("#REF!"),
        formulas=odd.formulas | some("=1+1"),
        pictures=odd.pictures | some(""),
        formats=odd.formats | some("#,##0,"),
        struck=odd.struck | some(""),
    )
    return replace(data, grid=grid, details=replace(data.details, known=known))
