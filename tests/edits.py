"""Edits that a unit makes to a filled workbook, in memory: thousands of them in a minute.

The workbook is taken as `open_workbook` gave it, changed, and read on from there. Each edit knows
where every cell of the changed sheet stood before, so that what is read can be compared with what
was typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import openpyxl
from helpers import FORMS, answers, fill_unit, make_campaign
from small import PROJECTS, UNIT, small_campaign

from xltool.batch import Submission
from xltool.campaign import Campaign
from xltool.extract import Row
from xltool.fields import Field, Raw, Value
from xltool.layout import Sheet
from xltool.looks import areas
from xltool.reading import Settings, settings_for, take
from xltool.workbook import SheetData, WorkbookData, open_workbook

Place = tuple[int, int]  # row and column, 0-based
Spot = tuple[str, int, int]  # the same on a sheet
Cells = Mapping[Spot, Raw]


@dataclass(frozen=True)
class Typed:
    """What the unit typed into one cell."""

    field: Field
    table: str
    value: Value


@dataclass(frozen=True)
class Filled:
    """A filled workbook: what stands in it, what of that the unit typed, and what may not change."""

    campaign: Campaign
    path: Path
    settings: Settings
    workbook: WorkbookData
    found: Submission
    inputs: frozenset[Spot]  # cells that are not locked
    locked: Mapping[Spot, Raw]  # cells of the form that are, with what stands there

    @cached_property
    def typed(self) -> dict[Spot, Typed]:
        """The inputs with what was read from them."""
        form, found = self.campaign.form, {}
        for row, name, spot in cells_of(self.found):
            if spot in self.inputs:
                column = form.field(row.table, name)
                found[spot] = Typed(column, row.table, row.values[name])
        return found

    @cached_property
    def sheets(self) -> dict[str, Sheet]:
        """The layouts of the form sheets by name."""
        names = self.campaign.layout.names(1)
        return dict(zip(names, self.campaign.layout.sheets, strict=True))

    def read(self, workbook: WorkbookData) -> Submission:
        """What is read of the workbook as it is now."""
        submission = Submission("a.xlsx", "0")
        take(submission, workbook, self.settings)
        return submission


def filled(example: str, folder: Path) -> Filled:
    """A filled workbook of a form of the examples: one record."""
    form = FORMS[example]
    if len(PROJECTS[form]) == 1:
        campaign = make_campaign(example, folder / "office")
        unit = min((folder / "office" / "issued").glob("*.xlsx")).name[:6]
        given = answers(example, unit)
    else:
        campaign, unit = small_campaign(form, folder / "office", spare=0), UNIT
        name = PROJECTS[form][1][PROJECTS[form][0].index("项目名称")]
        source = min(Path(__file__).parent.parent.glob(f"examples/{example}/answers/*.json")).stem
        project = {**answers(example, source)["projects"][0], "项目名称": name}
        project.pop("项目编码", None)
        given = {"projects": [project]}
    path = fill_unit(campaign, unit, given, folder / "filled.xlsx")
    settings = settings_for(campaign, None)
    workbook = open_workbook(path, settings.limits)
    found = Submission("a.xlsx", "0")
    take(found, workbook, settings)
    assert (found.seal, found.cells, found.sheets) == ("ok", [], [])
    names = campaign.layout.names(1)
    inputs, locked = _cells(path, names, workbook)
    return Filled(campaign, path, settings, workbook, found, frozenset(inputs), locked)


def _cells(
    path: Path, names: Sequence[str], workbook: WorkbookData
) -> tuple[set[Spot], dict[Spot, Raw]]:
    """The cells of form sheets that are not locked, and those that are and hold something."""
    inputs: set[Spot] = set()
    locked: dict[Spot, Raw] = {}
    book = openpyxl.load_workbook(path)
    for name in names:
        sheet, data = book[name], workbook.sheet(name)
        assert data is not None
        covered = {place for area in sheet.merged_cells.ranges for place in list(area.cells)[1:]}
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            if (cell.row, cell.column) in covered or not cell.has_style:
                continue
            spot = (name, *place_of(cell.coordinate))
            if not cell.protection.locked:
                inputs.add(spot)
            elif data.raw(*spot[1:]) is not None:
                locked[spot] = data.raw(*spot[1:])
    return inputs, locked


def cells_of(found: Submission) -> Iterator[tuple[Row, str, Spot]]:
    """Each field of each row with the cell that it was read from."""
    for row in found.rows:
        for name, address in row.cells.items():
            if name in row.raw:
                yield row, name, (row.sheet, *place_of(address))


def place_of(address: str) -> Place:
    """The place of an A1 address."""
    (area,) = areas(address)
    return area.top, area.left


@dataclass(frozen=True)
class Edited:
    """A workbook after an edit of one sheet: which old rows and columns stand there now."""

    workbook: WorkbookData
    sheet: str
    rows: Sequence[int | None]  # new row → old row, None for a new one
    columns: Sequence[int | None]
    retyped: Mapping[Place, Raw] = field(default_factory=dict)  # now

    def origin(self, spot: Spot) -> Spot | None:
        """Where a cell stood before."""
        name, row, column = spot
        if name != self.sheet:
            return spot
        old = (
            (self.rows[row : row + 1] or [None])[0],
            (self.columns[column : column + 1] or [None])[0],
        )
        return (name, old[0], old[1]) if old[0] is not None and old[1] is not None else None

    def now(self, spot: Spot) -> Spot | None:
        """Where a cell stands now; None if it is gone."""
        name, row, column = spot
        if name != self.sheet:
            return spot
        if row not in self.rows or column not in self.columns:
            return None
        return name, self.rows.index(row), self.columns.index(column)


def size(data: SheetData, layout: Sheet) -> Place:
    """Rows and columns of a sheet, with those of the form that are blank to the end."""
    width = max([len(layout.widths), *map(len, data.grid)])
    return max(len(data.grid), layout.height), width


def rearranged(
    base: Filled, name: str, rows: Sequence[int | None], columns: Sequence[int | None]
) -> Edited:
    """The workbook with rows and columns of one sheet inserted, deleted or moved."""
    data = sheet_of(base, name)
    grid = [[None if r is None or c is None else data.raw(r, c) for c in columns] for r in rows]
    back_row = {old: new for new, old in enumerate(rows) if old is not None}
    back_column = {old: new for new, old in enumerate(columns) if old is not None}

    def moved(found: Mapping[Place, str]) -> dict[Place, str]:
        return {
            (back_row[r], back_column[c]): text
            for (r, c), text in found.items()
            if r in back_row and c in back_column
        }

    sheet = SheetData(name, grid, moved(data.errors), moved(data.formulas), None)
    return Edited(with_sheet(base.workbook, sheet), name, rows, columns)


def retyped(base: Filled, name: str, place: Place, raw: Raw) -> Edited:
    """The workbook with another content in one cell."""
    data = sheet_of(base, name)
    height, width = size(data, base.sheets[name])
    grid = [[data.raw(r, c) for c in range(width)] for r in range(height)]
    grid[place[0]][place[1]] = raw
    formulas = {at: text for at, text in data.formulas.items() if at != place}
    sheet = replace(data, grid=grid, formulas=formulas)
    return Edited(with_sheet(base.workbook, sheet), name, range(height), range(width), {place: raw})


def sheet_of(base: Filled, name: str) -> SheetData:
    """One sheet of the workbook."""
    data = base.workbook.sheet(name)
    assert data is not None
    return data


def with_sheet(workbook: WorkbookData, sheet: SheetData) -> WorkbookData:
    """The workbook with another sheet of the same name."""
    sheets = [sheet if old.name == sheet.name else old for old in workbook.sheets]
    return WorkbookData(sheets, workbook.properties)
