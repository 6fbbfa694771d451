"""A workbook that an earlier version issued has that version's formulas: they are no fault of the unit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from edits import Filled, filled, sheet_of, with_sheet

from xltool.form.computed_cells import formulas_of
from xltool.form.layout import Position
from xltool.workbook.odd_cells import OddCells
from xltool.workbook.opening import WorkbookData
from xltool.workbook.packages import SheetDetails

PAGE = "单位整体支出绩效目标表"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """A filled workbook with sums in its rows and over its rows."""
    return filled("unit", tmp_path_factory.mktemp("unit"))


def of_an_earlier_version(base: Filled, shown: dict[Position, Decimal | None]) -> WorkbookData:
    """The workbook with the formulas of earlier versions, and what these made of some blank cells."""
    data = sheet_of(base, PAGE)
    campaign = base.campaign
    former = formulas_of(campaign.form, campaign.layout, base.sheets[PAGE], former=True)
    width = len(base.sheets[PAGE].widths)
    assert former.keys() == {
        at for at in data.formulas if at[1] < width
    }  # not what makes rows grow
    assert any(data.formulas[at] != text for at, text in former.items())
    grid = [list(row) for row in data.grid]
    for (row, column), value in shown.items():
        grid[row][column] = None if value is None else float(value)
    details = SheetDetails(data.appearance, OddCells(dict(data.errors), former))
    return with_sheet(base.workbook, replace(data, grid=grid, details=details))


def test_what_they_gave_is_worked_out_by_the_law_of_today(base: Filled) -> None:
    """Earlier sums left out a row in which a part was blank: today the blank counts as 0."""
    first = next(row for row in base.found.rows if row.table == "task")
    total = next(row for row in base.found.rows if row.table == "unit")
    blank, amount = first.places["other"], first.places["amount"]
    whole, without = total.values["amount_total"], first.values["amount"]
    assert isinstance(whole, Decimal)
    assert isinstance(without, Decimal)
    shown = {blank: None, amount: None, total.places["amount_total"]: whole - without}
    found = base.read(of_an_earlier_version(base, shown))
    assert (found.cells, found.sheets) == ([], [])
    again = next(row for row in found.rows if row.table == "task")
    sums = next(row for row in found.rows if row.table == "unit")
    assert again.values["other"] is None
    assert again.values["amount"] == first.values["fiscal"]
    assert sums.values["amount_total"] == whole
