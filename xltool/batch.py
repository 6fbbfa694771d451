"""The submissions of one run, and the typed frames that the rules look at.

Every row of a frame finds back to its submission and its cells: row n of a frame is row n of the
list of rows that it was made of.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from xltool.align import SheetFact
from xltool.campaign import Campaign
from xltool.errors import OfficeError
from xltool.extract import CellFact, Row, Subject
from xltool.fields import Value
from xltool.forms import Form, TableView, load_form
from xltool.layout import Layout
from xltool.roster import Unit
from xltool.rules import Reference
from xltool.schema import CONTEXT
from xltool.seal import Issue
from xltool.template import render

ROSTER = -1  # in place of a submission's number: what is about the roster as a whole
_NAMED = 10  # units that a message names


def today() -> date:
    """The day on which deadlines are judged: XLTOOL_TODAY=yyyy-mm-dd, to repeat a past check, or now.

    Raises OfficeError when the variable holds something else.
    """
    given = os.environ.get("XLTOOL_TODAY")
    try:
        return date.fromisoformat(given) if given else date.today()
    except ValueError:
        raise OfficeError(
            f"环境变量 XLTOOL_TODAY 应为 2026-12-15 这样的日期，现为“{given}”"
        ) from None


@dataclass
class Submission:
    """One returned workbook as read. `problem` is set and nothing else if it could not be read.

    `seal` is one of the states of `facts.Submission`; `issue` is what its seal says, None without
    one; `issued` is the same in words. `rows` are those of all tables.
    """

    file: str
    sha256: str = ""
    modified: float = 0.0  # seconds since the epoch: which of two files is newer
    problem: str | None = None
    form: str | None = None
    seal: str = "missing"
    seal_text: str = ""
    issue: Issue | None = None
    issued: str = "内容无法确认"
    expected: str = ""
    same_as: str | None = None
    rows: list[Row] = field(default_factory=list)
    cells: list[CellFact] = field(default_factory=list)
    sheets: list[SheetFact] = field(default_factory=list)
    records: list[int | None] = field(default_factory=list)  # issued number of each record

    @property
    def unit(self) -> str | None:
        """The unit that the workbook was issued to."""
        return self.issue.unit if self.issue else None


@dataclass(frozen=True)
class Batch:
    """All submissions of a run, and the frames of their rows."""

    submissions: list[Submission]
    campaign: Campaign | None = None
    notes: list[str] = field(default_factory=list)  # on what was left aside
    day: date = field(default_factory=today)
    _frames: dict[tuple[str, str], pl.DataFrame] = field(default_factory=dict, repr=False)

    def counted(self) -> list[tuple[int, Submission]]:
        """The submissions that count: readable, and no copies of another."""
        return [
            (number, submission)
            for number, submission in enumerate(self.submissions)
            if submission.problem is None and submission.same_as is None
        ]

    @cached_property
    def forms(self) -> dict[str, Form]:
        """The forms that occur, as the campaign or the seal adapts them."""
        found: dict[str, Form] = {}
        for _, submission in self.counted():
            if submission.form and submission.form not in found:
                found[submission.form] = form_of(submission, self.campaign)
        return found

    def rows(self, form: str, table: str) -> list[tuple[int, Row]]:
        """The rows of one table of one form with the number of their submission."""
        return [
            (number, row)
            for number, submission in self.counted()
            if submission.form == form
            for row in submission.rows
            if row.table == table
        ]

    def source(self, form: str, table: str | Reference) -> pl.DataFrame | None:
        """What a rule looks something up in: a table of the form, or a list of the campaign's folder.

        None when the campaign has no such list.
        """
        if isinstance(table, Reference):
            return self.campaign.reference(table) if self.campaign else None
        if (form, table) not in self._frames:
            rows = self.rows(form, table)
            self._frames[form, table] = self.frame(self.forms[form].tables[table], rows)
        return self._frames[form, table]

    def fact_rows(self, table: str) -> list[tuple[int, Row]]:
        """The rows of a fact table: of the submissions themselves, their odd sheets, odd cells."""
        if table == "roster":
            return [(ROSTER, row) for row in self._roster_rows()]
        if table == "submission":
            return [(n, self._submission_row(found)) for n, found in enumerate(self.submissions)]
        if table == "sheet":
            return [(n, row) for n, found in self.counted() for row in _sheet_rows(found)]
        return [(n, _cell_row(fact)) for n, found in self.counted() for fact in found.cells]

    def _roster_rows(self) -> list[Row]:
        """The roster against what came back, once the deadline has passed."""
        campaign = self.campaign
        if campaign is None or campaign.deadline is None or self.day <= campaign.deadline:
            return []
        came = {found.unit for _, found in self.counted()}
        missing = [unit for code, unit in campaign.units.items() if code not in came]
        names = [f"{unit.unit_code} {unit.unit_name}" for unit in missing]
        values: dict[str, Value] = {
            "missing": "、".join(names[:_NAMED]) + ("等" if len(names) > _NAMED else ""),
            "count": len(names),
            "deadline": campaign.deadline,
        }
        return [Row("roster", "", 0, values, subject=Subject(""))]

    def _submission_row(self, found: Submission) -> Row:
        known = found.unit in self.campaign.units if self.campaign and found.unit else None
        superseded = found.seal == "superseded" and found.issue is not None
        issued = found.issue.issue_id if superseded and found.issue else found.issued
        values: dict[str, Value] = {
            "file": Path(found.file).name,
            "form_id": found.form,
            "sha256": found.sha256,
            "problem": found.problem,
            "same_as": found.same_as,
            "seal": found.seal if found.problem is None and found.same_as is None else None,
            "issued": issued,
            "expected": found.expected,
            "in_roster": None if known is None else "是" if known else "否",
            "campaign_fy": self.campaign.fy if self.campaign else None,
        }
        return Row("submission", "", 0, values, subject=Subject(""))

    def frame(self, table: TableView, rows: Sequence[tuple[int, Row]]) -> pl.DataFrame:
        """A typed frame: the fields of the table and the context columns; row n is rows[n]."""
        columns: dict[str, list[Any]] = {
            name: [row.values.get(name) for _, row in rows] for name in table.fields
        }
        issues = {n: self.submissions[n].issue if n != ROSTER else None for n, _ in rows}
        units = {n: self._unit(issue) for n, issue in issues.items()}
        context: dict[str, list[Any]] = {
            "row": list(range(len(rows))),
            "record": [row.record for _, row in rows],
            "workbook": [None if number == ROSTER else number for number, _ in rows],
            "used": [row.used for _, row in rows],
            "unreadable": [row.unreadable for _, row in rows],
            "unit_code": [self._said(issues[n], "unit") for n, _ in rows],
            "fy": [self._year(issues[n]) for n, _ in rows],
            "district": [self._district(issues[n]) for n, _ in rows],
            "department_code": [self._said(issues[n], "department_code") for n, _ in rows],
            "roster_unit": [(u.unit_name if (u := units[n]) else None) for n, _ in rows],
            "roster_department": [
                (u.department or None if (u := units[n]) else None) for n, _ in rows
            ],
        }
        schema = {name: column.kind.dtype(column) for name, column in table.fields.items()}
        return pl.DataFrame({**columns, **context}, schema={**schema, **CONTEXT}, strict=True)

    def _unit(self, issue: Issue | None) -> Unit | None:
        return self.campaign.units.get(issue.unit) if self.campaign and issue else None

    def _said(self, issue: Issue | None, name: str) -> str | None:
        return (getattr(issue, name) or None) if issue else None

    def _year(self, issue: Issue | None) -> int | None:
        if issue is not None:
            return issue.fy
        return self.campaign.fy if self.campaign else None

    def _district(self, issue: Issue | None) -> str | None:
        if self.campaign and self.campaign.district:
            return self.campaign.district
        return self._said(issue, "district")


def _sheet_rows(found: Submission) -> Iterator[Row]:
    """The facts on sheets, each with the record that stands there; a sheet of no record has none."""
    records = {row.sheet: row.record for row in found.rows}
    for fact in found.sheets:
        values: dict[str, Value] = {
            "sheet": fact.sheet,
            "expected": fact.expected,
            "state": fact.state,
            "detail": fact.detail,
        }
        record = records.get(fact.sheet, len(found.records))
        yield Row("sheet", fact.sheet, record, values, subject=Subject(fact.cell))


def _cell_row(fact: CellFact) -> Row:
    values: dict[str, Value] = {
        "label": fact.label,
        "remark": fact.remark,
        "expected": fact.expected,
        "found": fact.found,
        "value": fact.value,
    }
    subject = Subject(fact.cell, fact.field, fact.label)
    return Row("cell", fact.sheet, fact.record, values, subject=subject)


def form_of(submission: Submission, campaign: Campaign | None) -> Form:
    """The form of a submission as its campaign has it."""
    if campaign is not None and submission.form == campaign.form.id:
        return campaign.form
    if submission.form is None:
        raise ValueError(submission.file)
    own = campaign.folder if campaign else None
    issue = submission.issue
    return adapted(
        submission.form,
        own,
        canonical(issue.changes if issue else {}),
        canonical(issue.rows if issue else {}),
        issue.fy if issue else 2000,
    )[0]


@lru_cache(maxsize=64)
def adapted(form: str, own: Path | None, changes: str, rows: str, fy: int) -> tuple[Form, Layout]:
    """A form and its layout of a year as a campaign adapts them, once per process."""
    found = load_form(form, own).adapted(json.loads(changes), json.loads(rows))
    return found, render(found, fy)


def canonical(value: Any) -> str:
    """Settings as text, the same for the same settings: what caches are keyed by."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
