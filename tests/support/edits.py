"""Edits that a unit makes to a filled workbook, in memory: thousands of them in a minute.

The workbook is taken as `open_workbook` gave it, changed, and read on from there. Each edit knows
where every cell of the changed sheet stood before, so that what is read can be compared with what
was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import openpyxl
from helpers import FORMS, answers, fill_unit, make_campaign
from small import PROJECTS, UNIT, small_campaign

from xltool.fields.kinds import Field
from xltool.fields.reading import Raw, Value
from xltool.form.layout import Sheet, a1
from xltool.office.campaign import Campaign
from xltool.prose.text import label_key
from xltool.returns.extracting import Row
from xltool.returns.identifying import Settings, settings_for
from xltool.returns.reading import take
from xltool.returns.submissions import Submission
from xltool.workbook.appearance import Appearance, areas
from xltool.workbook.odd_cells import OddCells
from xltool.workbook.opening import SheetData, WorkbookData, open_workbook
from xltool.workbook.packages import SheetDetails
from xltool.workbook.styles import Styles

Place = tuple[int, int]  # row and column, 0-based
Spot = tuple[str, int, int]  # the same on a sheet
Keys = Mapping[str, Value]  # the levels of an indicator, the printed text of a line


@dataclass(frozen=True)
class Told:
    """Where a finding has to be: at one of these cells ("" for the sheet itself), in such words."""

    sheet: str
    cells: frozenset[str] = frozenset({""})
    words: str = ""
    unless_missing: str = ""  # a sheet: nothing more can be said if it is not recognised


@dataclass(frozen=True)
class Typed:
    """What the unit typed into one cell, and under which levels."""

    field: Field
    table: str
    value: Value
    keys: Keys


@dataclass(frozen=True, repr=False)
class Filled:
    """A filled workbook: what stands in it, what of that the unit typed, and what may not change."""

    campaign: Campaign
    path: Path
    settings: Settings
    workbook: WorkbookData
    found: Submission
    inputs: frozenset[Spot]  # cells that are not locked
    locked: Mapping[Spot, Raw]  # cells of the form that are, with what stands there

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        printer.text(f"<{self.campaign.form.id}>")

    @cached_property
    def typed(self) -> dict[Spot, Typed]:
        """The inputs with what was read from them."""
        form, found = self.campaign.form, {}
        for row, name, spot in cells_of(self.found):
            if spot in self.inputs:
                column = form.field(row.table, name)
                printed = self.keys & row.cells.keys() - row.raw.keys()
                keys = {key: row.values[key] for key in printed}
                found[spot] = Typed(column, row.table, row.values[name], keys)
        return found

    @cached_property
    def keys(self) -> frozenset[str]:
        """The names of fields that are printed as keys of rows."""
        layout = self.campaign.layout
        return frozenset(k for s in layout.sheets for block in s.blocks for k in block.keys)

    @cached_property
    def levels(self) -> frozenset[str]:
        """What may stand as such a key."""
        cells = (cell for sheet in self.campaign.layout.sheets for cell in sheet.locked)
        return frozenset(label_key(cell.text) for cell in cells if cell.kind == "key")

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
        source = min(Path(__file__).parents[2].glob(f"examples/{example}/answers/*.json")).stem
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


@dataclass(frozen=True, repr=False)
class Edited:
    """A workbook after an edit of one sheet: which old rows and columns stand there now.

    `told` is where a finding has to be. `copy_of` is the sheet that this one was copied from.
    """

    workbook: WorkbookData
    sheet: str
    rows: Sequence[int | None]  # new row → old row, None for a new one
    columns: Sequence[int | None]
    told: Told
    retyped: Mapping[Place, Raw] = field(default_factory=dict)  # now
    copy_of: str | None = None

    def __repr__(self) -> str:
        """What was done, without the workbook."""
        parts = [f"rows {_runs(self.rows)}", f"columns {_runs(self.columns)}"]
        parts += [f"{a1(*place)}={raw!r}" for place, raw in self.retyped.items()]
        return f"<{self.copy_of or ''}→{self.sheet}: {', '.join(parts)}>"

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        printer.text(repr(self))  # how hypothesis shows it

    def origin(self, spot: Spot) -> Spot | None:
        """Where the content of a cell stood before."""
        name, row, column = spot
        if name != self.sheet:
            return spot
        if row >= len(self.rows) or column >= len(self.columns):
            return None
        old_row, old_column = self.rows[row], self.columns[column]
        if old_row is None or old_column is None:
            return None
        return self.copy_of or name, old_row, old_column

    def is_copied(self, spot: Spot) -> bool:
        """True for a cell of a row or column that stands there more than once."""
        old = self.origin(spot)
        if old is None or spot[0] != self.sheet:
            return False
        return list(self.rows).count(old[1]) > 1 or list(self.columns).count(old[2]) > 1

    def now(self, spot: Spot) -> list[Spot]:
        """Where the content of a cell stands now."""
        name, row, column = spot
        places = [
            (self.sheet, r, c)
            for r, old_row in enumerate(self.rows)
            if old_row == row
            for c, old_column in enumerate(self.columns)
            if old_column == column
        ]
        if self.copy_of == name:
            return [spot, *places]
        return places if name == self.sheet else [spot]


def _runs(numbers: Sequence[int | None]) -> str:
    """Numbers in short, 1-based: `1–8 +1 9–64`."""
    runs: list[list[int]] = []
    for number in numbers:
        at = 0 if number is None else number + 1
        if runs and (runs[-1][1] + 1 == at if at else not runs[-1][1]):
            runs[-1][1:] = [at, runs[-1][2] + 1]
        else:
            runs.append([at, at, 1])
    return " ".join(f"{first}–{last}" if first else f"+{n}" for first, last, n in runs)


def size(data: SheetData, layout: Sheet) -> Place:
    """Rows and columns of a sheet, with those of the form that are blank to the end."""
    width = max([len(layout.widths), *map(len, data.grid)])
    return max(len(data.grid), layout.height), width


def rearranged(
    base: Filled, name: str, rows: Sequence[int | None], columns: Sequence[int | None], told: Told
) -> Edited:
    """The workbook with rows and columns of one sheet inserted, deleted or moved."""
    data = sheet_of(base, name)
    grid = [[None if r is None or c is None else data.raw(r, c) for c in columns] for r in rows]

    def moved(found: Mapping[Place, str]) -> dict[Place, str]:
        return {
            (r, c): found[old_row, old_column]
            for r, old_row in enumerate(rows)
            for c, old_column in enumerate(columns)
            if old_row is not None and old_column is not None and (old_row, old_column) in found
        }

    odd = OddCells(moved(data.errors), moved(data.formulas))
    sheet = SheetData(name, grid, SheetDetails(data.appearance, odd))
    return Edited(with_sheet(base.workbook, sheet), name, rows, columns, told)


def retyped(base: Filled, name: str, place: Place, raw: Raw) -> Edited:
    """The workbook with another content in one cell."""
    data = sheet_of(base, name)
    height, width = size(data, base.sheets[name])
    grid = [[data.raw(r, c) for c in range(width)] for r in range(height)]
    grid[place[0]][place[1]] = raw
    formulas = {at: text for at, text in data.formulas.items() if at != place}
    sheet = replace(
        data,
        grid=grid,
        details=SheetDetails(data.appearance, OddCells(dict(data.errors), formulas)),
    )
    told = Told(name, frozenset({a1(*place)}))
    workbook = with_sheet(base.workbook, sheet)
    return Edited(workbook, name, range(height), range(width), told, {place: raw})


def sheet_of(base: Filled, name: str) -> SheetData:
    """One sheet of the workbook."""
    data = base.workbook.sheet(name)
    assert data is not None
    return data


def with_sheet(workbook: WorkbookData, sheet: SheetData) -> WorkbookData:
    """The workbook with another sheet of the same name."""
    sheets = [sheet if old.name == sheet.name else old for old in workbook.sheets]
    return WorkbookData(sheets, workbook.properties)


def reformatted(base: Filled, name: str, place: Place, code: str) -> Edited:
    """The workbook with another number format for one cell, and its content as Excel reads it then.

    What is stored stays the same; a number with the format of a date is a date.
    """
    data = sheet_of(base, name)
    height, width = size(data, base.sheets[name])
    grid = [[data.raw(r, c) for c in range(width)] for r in range(height)]
    grid[place[0]][place[1]] = as_shown(data.raw(*place), is_date="y" in code)
    assert data.appearance is not None
    style, styles = _with_format(data.appearance.styles._xml, code)
    pattern = rf'(<c r="{a1(*place)}")(?: s="\d+")?'
    xml, changed = re.subn(
        pattern.encode(), rf'\1 s="{style}"'.encode(), data.appearance.xml, count=1
    )
    assert changed == 1
    sheet = replace(
        data, grid=grid, details=SheetDetails(Appearance(xml, Styles(styles)), data.details.odd)
    )
    told = Told(name, frozenset({a1(*place)}))
    workbook = with_sheet(base.workbook, sheet)
    return Edited(
        workbook, name, range(height), range(width), told, {place: grid[place[0]][place[1]]}
    )


def as_shown(raw: Raw, *, is_date: bool) -> Raw:
    """A stored number or date under another format: calamine tells them apart by the format."""
    if is_date and isinstance(raw, (int, float)):
        moment = datetime(1899, 12, 30) + timedelta(days=raw)
        return moment if moment.time() != time() else moment.date()
    if not is_date and isinstance(raw, date):
        return float((raw - date(1899, 12, 30)).days)
    return raw


def _with_format(xml: bytes, code: str) -> tuple[int, bytes]:
    """A style of its own with this format, open for input: its index, the styles with it."""
    head, tail = xml.split(b"</cellXfs>")
    index = head[head.index(b"<cellXfs") :].count(b"<xf ")
    head = head.replace(
        b"<cellXfs",
        f'<numFmts count="1"><numFmt numFmtId="999" formatCode="{escape(code)}"/></numFmts><cellXfs'.encode(),
    )
    style = b'<xf numFmtId="999" applyProtection="1"><protection locked="0"/></xf>'
    return index, head + style + b"</cellXfs>" + tail
