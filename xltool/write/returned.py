"""The copy that goes back to a unit: its own values, every problem marked, all else as issued.

It is written anew from the seal, so whatever the unit broke (protection, validations, moved rows)
is restored; the seal itself is the one that was issued.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count
from pathlib import Path

from xltool.errors import OfficeError
from xltool.fields.reading import Raw, Value
from xltool.files import folder_beside
from xltool.form.edition import Edition
from xltool.form.layout import Position, Sheet, a1
from xltool.form.own_sheets import FRONT
from xltool.office.campaign import Campaign
from xltool.office.lists import with_lists
from xltool.office.seal import Issue
from xltool.prose.text import printable
from xltool.publishing import being_made, publish
from xltool.returns.extracting import Row
from xltool.returns.submissions import Batch, Submission
from xltool.rules.findings import Finding, Found
from xltool.write.book import is_as_written
from xltool.write.carried_over import NotCarriedError, carried_over
from xltool.write.front_states import FrontLine
from xltool.write.sheet_content import open_cells_of
from xltool.write.submission import Contents, write_submission

Target = tuple[int, Position]  # a cell, by the number of its sheet in the workbook


@dataclass(frozen=True)
class Copy:
    """A copy that goes back, for the place `path`; `number` is that of its submission."""

    number: int
    path: Path
    submission: Submission
    edition: Edition
    issue: Issue
    contents: Contents

    def write(self, path: Path, campaign: Campaign | None) -> None:
        """Write it to `path`, as the campaign wants its workbooks: its password, its severities."""
        form = with_lists(self.edition.form, campaign.folder if campaign else None)
        form = form.with_severities(campaign.severities if campaign else {})
        password = campaign.password if campaign else ""
        write_submission(
            path,
            form,
            self.edition.layout,
            self.issue,
            self.submission.seal_text,
            password,
            self.contents,
        )


def write_returned(batch: Batch, verdict: Found, folder: Path) -> tuple[dict[int, Path], list[str]]:
    """Write a copy to send back for each submission with errors or warnings of the unit; see `returned_copies`.

    Returns the files in `folder` by the numbers of their submissions, and a line in Chinese for each
    submission of which no copy can be written.
    """
    copies, notes = returned_copies(batch, verdict, folder)
    write_copies(copies, folder, batch.campaign)
    return {copy.number: copy.path for copy in copies}, notes


def write_copies(copies: Sequence[Copy], folder: Path, campaign: Campaign | None) -> None:
    """Write copies into their folder: all appear at once, and what else lies there stays.

    Raises OfficeError while another run writes there, and OSError where the system refuses: a full disk,
    a file open elsewhere; the folder is as before then.
    """
    if not copies:
        return
    with being_made(folder, "写退回件到这里"), folder_beside(folder) as new:
        for copy in copies:
            copy.write(new / copy.path.name, campaign)
        publish(new, folder, [copy.path.name for copy in copies])


def returned_copies(batch: Batch, verdict: Found, folder: Path) -> tuple[list[Copy], list[str]]:
    """The copies to send back, for each submission with errors or warnings; nothing is written.

    They say what the unit is to mend; where an error is the office's own, there is no copy before that is
    mended. Each is made by the form and layout that its own seal names, of an earlier issue by the newest (`carried_over`). Returns them, and a line in Chinese
    for each submission of which no copy can be made: because it has no valid seal, or because its
    rows have no room in the form. Raises OfficeError where a file stands in the place of a copy that
    is not the copy of an earlier run, untouched.
    """
    copies: list[Copy] = []
    notes: list[str] = []
    taken: set[str] = set()
    faulty = [
        number
        for number, submission in enumerate(batch.submissions)
        if submission.same_as is None and any(_is_to_mend(f) for f in verdict.of(number))
    ]
    for number, submission in batch.whole(faulty):
        told = verdict.of(number)
        name = Path(submission.file).name
        if submission.seal == "superseded":
            try:
                carried = carried_over(submission, told, batch)
            except NotCarriedError as error:
                notes.append(f"{name}：{error}，未生成退回件")
                continue
            submission, told = carried.submission, carried.findings  # noqa: PLW2901
        if any(f.severity == "error" and not f.is_the_units for f in told):
            notes.append(f"{name}：待本级处理，未生成退回件；请先更正预填的内容，重新下发")
            continue
        findings = [f for f in told if _is_to_mend(f) or (f.severity == "info" and f.mended)]
        edition, issue = submission.edition, submission.issue
        if edition is None or issue is None or submission.seal not in ("ok", "unlisted"):
            notes.append(f"{name}：没有可用的签发信息，未生成退回件，请让单位用原表重填")
            continue
        contents = _contents(submission, edition, issue, findings)
        if contents is None:
            notes.append(
                f"{name}：有内容放不进原表（多出的行或工作表），未生成退回件，请让单位用原表重填"
            )
            continue
        path = folder / _free_name(Path(name).stem, submission.sha256, taken)
        if os.path.lexists(path) and not is_as_written(path, FRONT):
            raise OfficeError(
                "这里已有同名的文件，不是以前写出的退回件，或者写出后改过，不会覆盖；"
                "请移走，或用另一个文件夹",
                path,
            )
        copies.append(Copy(number, path, submission, edition, issue, contents))
    return copies, notes


def _is_to_mend(finding: Finding) -> bool:
    """True for an error or a warning of the unit; an error of the office keeps the copy back."""
    return finding.severity != "info" and (finding.is_the_units or finding.severity == "error")


def _free_name(stem: str, sha256: str, taken: set[str]) -> str:
    """A name for a copy that no other copy of the run has; notes that it is taken.

    Names that some system takes for one (by case, by how accents are stored) or that look alike count
    as one.
    """
    further = (f"_{sha256[:8]}_{number}" for number in count(2))
    for mark in chain(("", f"_{sha256[:8]}"), further):
        name = f"{stem}{mark}.xlsx"
        key = unicodedata.normalize("NFC", printable(name)).casefold()
        if key not in taken:
            taken.add(key)
            return name
    raise AssertionError("there is no end of numbers")


@dataclass
class _Placed:
    """Where the unit's values stand in the copy: by sheet and position, and where a cell of theirs is now."""

    values: list[dict[Position, Value | Raw]]
    where: dict[tuple[str, str], Target] = field(default_factory=dict)


def _contents(
    submission: Submission, edition: Edition, issue: Issue, findings: Sequence[Finding]
) -> Contents | None:
    """The unit's values and findings at their positions in the layout; None without room."""
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
