"""What a unit filled in an earlier issue, carried over into the newest one: nobody types twice.

Values go by what they are, never by where they stood: by field, by project, by the keys of their row (一级,
二级 or whatever a block prints), by what the office prefilled in the row; other rows keep their places, or
their order where there is less room. What has no place in the new form is signed into the seal of the copy, so
that it is told in full (TPL-017) until it is dealt with. The new workbook is then judged as if it had come back
so: that says what else is to be filled or mended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from xltool.checking.running import check
from xltool.errors import OfficeError
from xltool.fields.field import Field
from xltool.fields.reading import Raw, Value
from xltool.form.differences import told_differences
from xltool.form.edition import Edition
from xltool.form.layout import Position, Sheet, a1
from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign
from xltool.office.seal import Issue, Unplaced
from xltool.returns.as_issued import as_issued
from xltool.returns.explanations import Explanation
from xltool.returns.extracting import Row
from xltool.returns.submissions import Batch, Submission
from xltool.rules.findings import Finding
from xltool.write.front_states import CARRIED
from xltool.write.seating import Seat, Texts, new_records, seated
from xltool.write.sheet_content import open_cells_of

_OPINIONS = ("OPI-001", "OPI-002")  # of the office, on what came back
_LONGEST_CONTENT = 30_000  # what a cell of the front page can hold, with the words around it


@dataclass(frozen=True)
class CarriedOver:
    """The newest workbook of a unit with its values, as if it had come back so, and what is to be said of it."""

    submission: Submission
    findings: Sequence[Finding]


class NotCarriedError(Exception):
    """A return cannot be carried over; the text says in Chinese why, and what to do."""


def carried_over(old: Submission, told: Sequence[Finding], batch: Batch) -> CarriedOver:
    """Carry a return of an earlier issue over into the newest one; `told` is what was found in it.

    Raises NotCarriedError where there is no newest one to carry it into.
    """
    campaign, then = batch.campaign, old.edition
    if campaign is None or then is None or old.issue is None:
        raise NotCarriedError("没有可用的签发信息，请让单位用最新下发的表重填")
    carrying = _Carrying(old, then, old.issue, campaign.edition, _newest(old, campaign))
    carrying.run()
    issue = replace(carrying.issue, unplaced=[*old.issue.unplaced, *carrying.left])
    new = as_issued(campaign.edition, issue, old.file, carrying.values)
    new.sha256, new.seal_text = old.sha256, _sealed(issue, campaign)
    new.explanations = [carrying.explanation(each) for each in old.explanations]
    found = check(Batch([new], campaign, day=batch.day)).of(0)
    changes = told_differences(then, campaign.edition)
    return CarriedOver(new, [*_said(carrying, told, changes), *_kept(carrying, told, found)])


def _newest(old: Submission, campaign: Campaign) -> Issue:
    """What the unit was issued last."""
    unit = campaign.units.get(old.unit or "")
    if unit is None:
        raise NotCarriedError("单位不在名册中，请核对 units.csv")
    issue = campaign.issue_for(unit)
    if issue.issue_id != campaign.issue_ids.get(unit.unit_code):
        raise NotCarriedError(
            f"最近一次下发后设置或名单又改过；请先重新下发（xltool issue --unit {unit.unit_code}）"
        )
    return issue


def _sealed(issue: Issue, campaign: Campaign) -> str:
    """The seal of the new workbook."""
    contents = [content for _, _, content in issue.unplaced]
    lengths = [len(content) for content in contents]
    is_bearable = len(contents) <= seal.MOST_UNPLACED and sum(lengths) <= seal.LONGEST_UNPLACED
    if not is_bearable or max(lengths, default=0) > _LONGEST_CONTENT:
        raise NotCarriedError(f"放不进最新的表的内容太多（{len(contents)} 处）；请让单位用它重填")
    try:
        return seal.sign(issue, seal.load_key(campaign.folder / KEY_FILE))
    except OfficeError as error:
        raise NotCarriedError(f"不能写出最新下发的表（{error.message}）") from error


def _said(carrying: _Carrying, told: Sequence[Finding], changes: str) -> list[Finding]:
    """The lines on what was carried over, and what changed."""
    done = f"已填的 {carrying.count} 处内容已带入最新下发的表，请核对后交回，不必重填。新表的变化：{changes}"
    return [replace(f, mended=done, hint="") for f in told if f.code == CARRIED]


def _kept(carrying: _Carrying, told: Sequence[Finding], found: Sequence[Finding]) -> list[Finding]:
    """What is found in the new workbook, and of what was found in the old one what only others know."""
    together = {rule.code for rule in carrying.now.form.rules if rule.together}
    others = [f for f in told if f.code in together or f.code in _OPINIONS]
    return [*(carrying.moved(f) for f in others), *(f for f in found if f.code not in _OPINIONS)]


@dataclass
class _Carrying:
    """Carries one return over. `values` are those of each new form sheet by position."""

    old: Submission
    then: Edition
    issued: Issue
    now: Edition
    issue: Issue
    values: list[dict[Position, Value | Raw]] = field(default_factory=list)
    unplaced: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    where: dict[tuple[str, str], tuple[int, Position]] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        layout, records = self.now.layout, self.issue.records
        self.pages = layout.pages(len(records))
        self.values = [{} for _ in self.pages]
        self.open_cells = [
            open_cells_of(
                self.now.form, layout.sheets[part], records[record], self.issue.lines_of(record)
            )
            for _, record, part in self.pages
        ]
        self.records = new_records(self.old, self.issued, self.then.form, self.now, self.issue)

    def run(self) -> None:
        """Carry everything over."""
        for row in self.old.rows:
            if not self.then.form.tables[row.table].is_rows:
                self.fields(row)
        lines: dict[tuple[int, str], list[Row]] = {}
        for row in self.old.rows:
            if self.then.form.tables[row.table].is_rows and row.used:
                lines.setdefault((row.record, row.table), []).append(row)
        for (record, table), some in lines.items():
            self.rows(record, table, some)

    def fields(self, row: Row) -> None:
        """The fields of a record, each into its cell, on whichever sheet it stands now."""
        record = self.records[row.record]
        for name, place in row.places.items():
            if not self.is_theirs(row, place):
                continue
            found = [
                (number, sheet.fields[name])
                for number, sheet in self.sheets_of(record)
                if sheet.record == row.table and name in sheet.fields
            ]
            targets = [(number, (cell.row, cell.column)) for number, cell in found]
            why = "no_project" if record is None else "no_field"
            self.put(row, name, targets[0] if targets else None, why)

    def rows(self, record: int, table: str, rows: Sequence[Row]) -> None:
        """The rows of a table: each into the seat with its keys and with what the office prefilled there."""
        new = self.records[record]
        seats = self.seats(new, table)
        found = seated(rows, seats, self.given, self.place_among)
        for row, seat in zip(rows, found, strict=True):
            for name, place in (row.places or dict.fromkeys(row.cells)).items():
                if place is not None and not self.is_theirs(row, place):
                    continue
                is_there = seat is not None and name in seat.block.columns
                target = (
                    (seat.number, (seat.row, seat.block.columns[name]))
                    if seat and is_there
                    else None
                )
                has_room = any(each.fits(row) for each in seats)
                why = (
                    "no_project"
                    if new is None
                    else "no_field"
                    if seat
                    else "no_room"
                    if has_room
                    else "no_row"
                )
                self.put(row, name, target, why)

    def put(self, row: Row, name: str, target: tuple[int, Position] | None, why: str) -> None:
        """Put what stands in a field of a row into its new cell; what has none, or is locked there, is left."""
        column = self.then.form.tables[row.table].fields[name]
        value = row.raw.get(name) if name in row.unreadable else row.values[name]
        if value is None or column.filled_by != "unit":
            return
        tables = self.now.form.tables
        new = tables[row.table].fields.get(name) if row.table in tables else None
        if target is None or new is None:
            self.leave(row, name, value, why)
            return
        number, place = target
        if place not in self.open_cells[number]:
            self.leave(row, name, value, "locked")
            return
        if type(new.kind) is not type(column.kind):
            value = _shown(column, value)
        cells, sheet = self.values[number], self.now.layout.sheets[self.pages[number].part]
        worded = sheet.worded_at.get(place)
        cells[place] = worded.filled(new, cells.get(place), value) if worded else value
        self.where[row.sheet, row.cells[name]] = target
        self.count += 1

    def leave(self, row: Row, name: str, value: Value | Raw, why: str) -> None:
        """Note what has no place; what stood in one row goes together."""
        column = self.then.form.tables[row.table].fields[name]
        words = f"{column.short_label}“{_shown(column, value)}”"
        is_line = self.then.form.tables[row.table].is_rows
        cells = [row.cells[n] for n in row.places or row.cells]
        cell = min(cells, key=_column) if is_line else row.cells[name]
        self.unplaced.setdefault((row.sheet, cell, why), []).append(words)

    @property
    def left(self) -> list[Unplaced]:
        """What has no place, in full: it stands nowhere else in the copy."""
        return [
            [sheet, why, f"{cell} {'；'.join(words)}"]
            for (sheet, cell, why), words in self.unplaced.items()
        ]

    def moved(self, finding: Finding) -> Finding:
        """A finding at the cell where its value stands now."""
        found = self.now_at(finding.sheet, (finding.cell, *finding.cells))
        if found is None:
            return replace(finding, sheet="", cell="", cells=())
        sheet, cell = found
        return replace(finding, sheet=sheet, cell=cell, cells=(cell,))

    def explanation(self, said: Explanation) -> Explanation:
        """What the unit said of a warning, at the cell where its value stands now."""
        sheet, cell = self.now_at(said.sheet, (said.cell,)) or (said.sheet, said.cell)
        return replace(said, sheet=sheet, cell=cell, area="")

    def now_at(self, sheet: str, cells: Sequence[str]) -> tuple[str, str] | None:
        """The sheet and the cell where the first of some values stands now that was carried over."""
        found = (self.where[sheet, cell] for cell in cells if (sheet, cell) in self.where)
        number, place = next(found, (0, None))
        return None if place is None else (self.pages[number].name, a1(*place))

    def is_theirs(self, row: Row, place: Position) -> bool:
        """True for a cell that the unit could fill as it was issued."""
        record = self.old.records[row.record]
        sheet = self.then.layout.sheets[row.part]
        if record is None:  # a sheet that the unit copied
            return True
        known, lines = self.issued.records[record], self.issued.lines_of(record)
        return place in open_cells_of(self.then.form, sheet, known, lines)

    def given(self, row: Row) -> Texts:
        """What the office had prefilled in a row of a block."""
        record = self.old.records[row.record]
        if record is None:
            return {}
        sheet = self.then.layout.sheets[row.part]
        texts = sheet.place_lines(self.issued.lines_of(record))
        return {name: texts[place] for name, place in row.places.items() if place in texts}

    def place_among(self, row: Row) -> int | None:
        """Which of the rows with its keys a row was; None for one that the unit inserted."""
        if not row.places:
            return None
        sheet, at = self.then.layout.sheets[row.part], next(iter(row.places.values()))[0]
        blocks = [block for block in sheet.blocks if block.table == row.table]
        own = next(block for block in blocks if at in block.span)
        places = [r for block in blocks if block.keys == own.keys for r in block.span]
        return places.index(at)

    def sheets_of(self, record: int | None) -> list[tuple[int, Sheet]]:
        """The new form sheets of a record, with their numbers."""
        sheets = self.now.layout.sheets
        return [
            (n, sheets[page.part]) for n, page in enumerate(self.pages) if page.record == record
        ]

    def seats(self, record: int | None, table: str) -> list[Seat]:
        """The rows that the new workbook has for a table of a record, in their order."""
        seats = []
        for number, sheet in self.sheets_of(record):
            texts = sheet.place_lines(self.issue.lines_of(record or 0))
            for block in sheet.blocks:
                for row in block.span if block.table == table else ():
                    here = {n: texts[row, c] for n, c in block.columns.items() if (row, c) in texts}
                    seats.append(Seat(number, row, block, here))
        return seats


def _column(address: str) -> tuple[int, str]:
    letters = address.rstrip("0123456789")
    return len(letters), letters


def _shown(column: Field, value: Value | Raw) -> str:
    return value if isinstance(value, str) else column.show(value)  # type: ignore[arg-type]
