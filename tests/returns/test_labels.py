"""Sheets that cannot be of a form are known by their labels, before they are matched."""

from __future__ import annotations

from random import Random

import pytest

from xltool.fields.reading import Raw
from xltool.form.edition import Recipe, edition_of
from xltool.form.layout import Cell, Sheet
from xltool.form.loading import form_ids
from xltool.returns.identifying import Settings, _recognise
from xltool.returns.labels import Labels
from xltool.returns.row_matching import match_sheet
from xltool.workbook.opening import SheetData, WorkbookData

FORMS = {form_id: edition_of(Recipe(form_id)) for form_id in form_ids()}
SHEETS = {f"{name} {n}": s for name, e in FORMS.items() for n, s in enumerate(e.layout.sheets)}


def issued(sheet: Sheet) -> list[list[Raw]]:
    """The cells of a sheet as it is issued, without values."""
    grid: list[list[Raw]] = [[None] * len(sheet.widths) for _ in range(sheet.height)]
    for cell in sheet.locked:
        grid[cell.row][cell.column] = cell.text
    return grid


def rebuilt(grid: list[list[Raw]], random: Random) -> list[list[Raw]]:
    """The cells after a unit has had its way with them: some labels gone, rows and columns moved."""
    share = random.choice([0.0, 0.2, 0.4, 0.5, 0.6])
    grid = [[None if random.random() < share else raw for raw in row] for row in grid]
    if random.random() < 0.5:
        grid.insert(random.randrange(len(grid)), [])
    if random.random() < 0.5:
        random.shuffle(grid)
    if random.random() < 0.5:
        grid = [[f" {raw}：" if isinstance(raw, str) else raw for raw in row] for row in grid]
    return [[f"{'x' * 9}", *row] for row in grid] if random.random() < 0.3 else grid


@pytest.mark.parametrize("name", SHEETS)
def test_what_matches_is_never_refused(name: str) -> None:
    random = Random(name)
    sheet = SHEETS[name]
    assert Labels(SheetData("", issued(sheet))).may_be(sheet)
    matching = 0
    for _ in range(25):
        data = SheetData("", rebuilt(issued(sheet), random))
        for other in (sheet, random.choice(list(SHEETS.values()))):
            if match_sheet(data, other) is not None:
                matching += 1
                assert Labels(data).may_be(other)
    assert matching


def test_labels_that_are_stored_as_numbers_count() -> None:
    sheet = Sheet("r", "n", (1.0,), tuple(_cells("1", "2", "名称")), ())
    assert Labels(SheetData("", [[1.0], [2], [None]])).may_be(sheet)
    assert not Labels(SheetData("", [[True], [2], [None]])).may_be(sheet)


@pytest.mark.parametrize("form_id", FORMS)
def test_each_form_is_recognised_by_its_labels(form_id: str) -> None:
    sheets = [SheetData(sheet.name, issued(sheet)) for sheet in FORMS[form_id].layout.sheets]
    found = _recognise(WorkbookData(sheets, {}), Settings(fy=2000))
    assert found is not None
    assert found.recipe == FORMS[form_id].recipe


def test_a_workbook_that_is_none_of_ours_is_not_matched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xltool.returns.identifying.match_sheet", _refuse)
    sheets = [SheetData("Sheet1", [["Name", "单位名称"], ["x", 1.0]])]
    assert _recognise(WorkbookData(sheets, {}), Settings()) is None


def _refuse(data: SheetData, sheet: Sheet) -> None:
    raise AssertionError(data, sheet)


def _cells(*texts: str) -> list[Cell]:
    return [Cell("label", row, 0, text=text) for row, text in enumerate(texts)]
