"""What stands in a copy that goes back: the unit's values and the findings, at their positions in the layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from xltool.fields.reading import Raw, Value
from xltool.form.edition import Edition
from xltool.form.layout import Position, Sheet, a1
from xltool.office.seal import Issue
from xltool.returns.extracting import Row
from xltool.returns.submissions import Submission
from xltool.rules.findings import Finding
from xltool.write.front_states import FrontLine
from xltool.write.sheet_content import open_cells_of
from xltool.write.submission import Contents

Target = tuple[int, Position]  # a cell, by the number of its sheet in the workbook


@dataclass
class _Placed:
    """Where the unit's values stand in the copy: by sheet and position, and where a cell of theirs is now."""

    values: list[dict[Position, Value | Raw]]
    where: dict[tuple[str, str], Target] = field(default_factory=dict)


def contents_of(
    submission: Submission, edition: Edition, issue: Issue, findings: Sequence[Finding]
) -> Contents | None:
    """Return the unit's values and findings at their positions in the layout; None without room."""
    placed = _placed(submission, edition, issue)
    if placed is None:
        return None
    sheets = _Sheets(edition, issue, placed)
    marked: list[dict[Position, list[Finding]]] = [{} for _ in placed.values]
    front = []
    for finding in findings:
        line, target = sheets.line(finding)
        front.append(line)
        if target is not None:
            marked[target[0]].setdefault(target[1], []).append(finding)
    return Contents(placed.values, marked, front)


def _placed(submission: Submission, edition: Edition, issue: Issue) -> _Placed | None:
    """Where all that was read stands in the layout; None without room."""
    form, layout = edition.form, edition.layout
    numbers = _numbers(submission, [form.is_known(record) for record in issue.records])
    sheets = layout.numbers(len(issue.records))
    placed = _Placed([{} for _ in layout.pages(len(issue.records))])
    for row in submission.rows:
        number = numbers[row.record]
        if number is None:
            return None
        sheet = sheets[number, row.part]
        places = row.places
        if not places and row.used:
            taken = {place[0] for place in placed.values[sheet]} | _rows_of(submission, row)
            places = _room(layout.sheets[row.part], row, taken)
            if not places:
                return None
        for name, place in places.items():
            value = row.values[name] if name not in row.unreadable else row.raw.get(name)
            column = form.tables[row.table].fields[name]
            if value is not None and column.filled_by == "unit":
                cells, cell = placed.values[sheet], layout.sheets[row.part].worded_at.get(place)
                cells[place] = cell.filled(column, cells.get(place), value) if cell else value
            placed.where[row.sheet, row.cells[name]] = (sheet, place)
    return placed


class _Sheets:
    """The form sheets of a copy, for the lines of its first page."""

    def __init__(self, edition: Edition, issue: Issue, placed: _Placed):
        form, layout = edition.form, edition.layout
        pages = layout.pages(len(issue.records))
        self.placed = placed
        self.names = [page.name for page in pages]
        self.layouts = [layout.sheets[page.part] for page in pages]
        self.open_cells = [
            open_cells_of(form, layout.sheets[part], issue.records[record], issue.lines_of(record))
            for _, record, part in pages
        ]
        self.spare = {
            name
            for name, record, part in pages
            if layout.sheets[part].is_repeated and not form.is_known(issue.records[record])
        }

    def line(self, finding: Finding) -> tuple[FrontLine, Target | None]:
        """The line of a finding, at its place in the copy, and the cell to mark: none where nothing is to mend."""
        found = [self.placed.where.get((finding.sheet, c)) for c in (finding.cell, *finding.cells)]
        targets = list(dict.fromkeys(target for target in found if target is not None))
        to_fill = [(sheet, place) for sheet, place in targets if place in self.open_cells[sheet]]
        if any(self._is_lost(target) for target in to_fill):
            finding = replace(finding, mended="")
        if targets:
            sheet, place = (*to_fill, *targets)[0]
            finding = replace(finding, sheet=self.names[sheet], cell=a1(*place))
        line = FrontLine(finding, self._named(to_fill), self._named(targets))
        if line.section == "refill":
            return self._put_back(line), None
        return line, to_fill[0] if line.section == "mend" and to_fill else None

    def _named(self, targets: Sequence[Target]) -> list[tuple[str, Position]]:
        return [(self.names[sheet], place) for sheet, place in targets]

    def _is_lost(self, target: Target) -> bool:
        """True for a printed text of which nobody can tell what the unit filled between its words."""
        sheet, place = target
        return place in self.layouts[sheet].worded_at and place not in self.placed.values[sheet]

    def _put_back(self, line: FrontLine) -> FrontLine:
        """The line of a sheet that was put back, with where to begin; a spare one need not be filled again."""
        name = line.finding.expected
        if name in self.spare:
            mended = f"“{name}”已补回；是备用的空表，不用的可以不填"
            return FrontLine(replace(line.finding, sheet=name, mended=mended, refill=""))
        first = min(self.open_cells[self.names.index(name)])  # a form sheet has some
        return FrontLine(replace(line.finding, sheet=name, cell=a1(*first)), [(name, first)])


def _room(sheet: Sheet, row: Row, taken: set[int]) -> dict[str, Position]:
    """Positions in the layout for a row that the unit inserted, by field; none without room."""
    for block in sheet.blocks:
        if block.table != row.table or not _fits(block.keys, row):
            continue
        free = next((r for r in block.span if r not in taken), None)
        if free is not None:
            return {name: (free, column) for name, column in block.columns.items()}
    return {}


def _numbers(submission: Submission, known: Sequence[bool]) -> list[int | None]:
    """The issued record for each record read; a sheet that the unit copied takes a spare one."""
    used = {number for number in submission.records if number is not None}
    spare = [n for n, is_one in enumerate(known) if not is_one and n not in used]
    return [
        number if number is not None else spare.pop(0) if spare else None
        for number in submission.records
    ]


def _fits(keys: Mapping[str, str], row: Row) -> bool:
    """True if a row has the values that its block shares."""
    return all(row.values.get(name) == text for name, text in keys.items())


def _rows_of(submission: Submission, wanted: Row) -> set[int]:
    """The layout rows of its sheet that other used rows of the table already take."""
    return {
        place[0]
        for row in submission.rows
        if (row.record, row.part, row.table) == (wanted.record, wanted.part, wanted.table)
        and row.used
        for place in row.places.values()
    }
