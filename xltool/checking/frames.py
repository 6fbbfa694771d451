"""The typed frames that the rules look at: one for each table, over all submissions of a run.

Every row of a frame finds back to its submission and its cells: row n of a frame is row n of the
list of rows that it was made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from xltool.checking.mix_ups import MixUps
from xltool.fields.reading import Value
from xltool.fields.tables import CONTEXT
from xltool.form.model import TableView
from xltool.office.campaign import PUBLIC_KEY, Campaign
from xltool.office.roster import Unit
from xltool.office.seal import Issue
from xltool.returns.extracting import CellFact, Row, Subject
from xltool.returns.submissions import Batch, Submission
from xltool.rules.declaring import Reference

ROSTER = -1  # in place of a submission's number: what is about the roster as a whole
_NAMED = 10  # units that a message names


@dataclass(frozen=True)
class Frames:
    """Makes the frames of a batch. Those that rules look things up in are made once."""

    batch: Batch
    _made: dict[tuple[str, str], pl.DataFrame] = field(default_factory=dict, repr=False)

    def rows(self, form: str, table: str) -> Sequence[tuple[int, Row]]:
        """The rows of one table of one form, each with the number of its submission in the batch.

        They are those of all editions of the form.
        """
        return self._rows.get((form, table), ())

    @cached_property
    def _rows(self) -> Mapping[tuple[str, str], Sequence[tuple[int, Row]]]:
        """The rows of all tables, by form and table."""
        found: dict[tuple[str, str], list[tuple[int, Row]]] = {}
        for number, submission in self.batch.counted():
            if submission.form is not None:
                for row in submission.rows:
                    found.setdefault((submission.form, row.table), []).append((number, row))
        return found

    def source(self, form: str, table: str | Reference) -> pl.DataFrame | None:
        """The frame that a rule looks something up in: a table of the form, or a list of the campaign.

        Returns None when the campaign's folder has no such list.
        """
        if isinstance(table, Reference):
            return self.batch.campaign.reference(table) if self.batch.campaign else None
        if (form, table) not in self._made:
            rows = self.rows(form, table)
            self._made[form, table] = self.frame(self.batch.forms[form].tables[table], rows)
        return self._made[form, table]

    def fact_rows(self, table: str) -> list[tuple[int, Row]]:
        """The rows of a fact table (`submission`, `roster`, `sheet`, `cell`) with their submissions."""
        if table == "roster":
            return [(ROSTER, row) for row in self._roster_rows()]
        if table == "submission":
            return [
                (n, self._submission_row(found)) for n, found in enumerate(self.batch.submissions)
            ]
        if table == "sheet":
            return [(n, row) for n, found in self.batch.counted() for row in _sheet_rows(found)]
        return [
            (n, _cell_row(fact)) for n, found in self.batch.counted() for fact in self._cells(found)
        ]

    def _cells(self, found: Submission) -> Iterator[CellFact]:
        yield from found.cells
        if self._mix_ups is not None:
            yield from self._mix_ups.projects_of_others(found)

    @cached_property
    def _mix_ups(self) -> MixUps | None:
        return MixUps(self.batch.campaign) if self.batch.campaign else None

    def _named_by(self, found: Submission) -> str | None:
        """The other unit of the roster that the file name means, in words."""
        if self._mix_ups is None or found.unit is None:
            return None
        unit = self._mix_ups.unit_named_by(found.file, found.unit)
        return f"{unit.unit_code} {unit.unit_name}" if unit else None

    def _roster_rows(self) -> list[Row]:
        """The roster against what came back, once the deadline has passed."""
        campaign = self.batch.campaign
        if campaign is None or campaign.deadline is None or self.batch.day <= campaign.deadline:
            return []
        came = {found.unit for _, found in self.batch.counted()}
        missing = [unit for code, unit in campaign.units.items() if code not in came]
        names = [f"{unit.unit_code} {unit.unit_name}" for unit in missing]
        values: dict[str, Value] = {
            "missing": "、".join(names[:_NAMED]) + ("等" if len(names) > _NAMED else ""),
            "count": len(names),
            "deadline": campaign.deadline,
        }
        return [Row("roster", "", 0, values, subject=Subject(""))]

    @property
    def _log_words(self) -> str:
        """Where the traceback of a failure lies."""
        return f" {self.batch.log}" if self.batch.log else "（没有写下）"

    def _submission_row(self, found: Submission) -> Row:
        known = (
            found.unit in self.batch.campaign.units if self.batch.campaign and found.unit else None
        )
        is_read = found.problem is None and found.same_as is None
        superseded = found.seal == "superseded" and found.issue is not None
        issued = found.issue.issue_id if superseded and found.issue else found.issued
        values: dict[str, Value] = {
            "file": Path(found.file).name,
            "form_id": found.form,
            "sha256": found.sha256,
            "problem": found.problem,
            "remedy": found.remedy,
            "failure": found.failure and self._log_words,
            "same_as": found.same_as,
            "seal": self._seal(found) if is_read else None,
            "unverified": unverified(self.batch.campaign) if is_read else None,
            "issued": issued,
            "expected": found.expected,
            "named_by": self._named_by(found),
            "in_roster": None if known is None else "是" if known else "否",
            "campaign_fy": self.batch.campaign.fy if self.batch.campaign else None,
        }
        return Row("submission", "", 0, values, subject=Subject(""))

    def _seal(self, found: Submission) -> str:
        """The state of a seal, as the office takes it."""
        campaign = self.batch.campaign
        is_taken = found.seal == "missing" and campaign is not None and campaign.unsealed
        return "unsealed" if is_taken else found.seal

    def frame(self, table: TableView, rows: Sequence[tuple[int, Row]]) -> pl.DataFrame:
        """Make a typed frame of rows; row n of the frame is rows[n].

        It has a column for each field of the table, and the context columns (`fields.tables.CONTEXT`).
        """
        columns: dict[str, Sequence[Any] | pl.Series] = {
            name: [row.values.get(name) for _, row in rows] for name in table.fields
        }
        columns |= {
            "row": range(len(rows)),
            "record": [row.record for _, row in rows],
            "used": [row.used for _, row in rows],
            "unreadable": _lists([row.unreadable for _, row in rows]),
            **self._issue_columns([number for number, _ in rows]),
        }
        schema = {name: column.kind.dtype(column) for name, column in table.fields.items()}
        schema |= CONTEXT
        return pl.DataFrame({name: columns[name] for name in schema}, schema=schema, strict=True)

    def _issue_columns(self, numbers: Sequence[int]) -> dict[str, pl.Series]:
        """What rows have of their submissions, by the numbers of these: worked out once for each."""
        places = {number: place for place, number in enumerate(dict.fromkeys(numbers))}
        issues = [None if n == ROSTER else self.batch.submissions[n].issue for n in places]
        units = [self._unit(issue) for issue in issues]
        columns: dict[str, Sequence[Any]] = {
            "workbook": [None if number == ROSTER else number for number in places],
            "unit_code": [self._issued(issue, "unit") for issue in issues],
            "fy": [self._year(issue) for issue in issues],
            "district": [self._district(issue) for issue in issues],
            "department_code": [self._issued(issue, "department_code") for issue in issues],
            "roster_unit": [unit.unit_name if unit else None for unit in units],
            "roster_department": [(unit.department or None) if unit else None for unit in units],
        }
        rows = pl.Series([places[number] for number in numbers], dtype=pl.UInt32)
        return {
            name: pl.Series(values, dtype=CONTEXT[name]).gather(rows)
            for name, values in columns.items()
        }

    def _unit(self, issue: Issue | None) -> Unit | None:
        return self.batch.campaign.units.get(issue.unit) if self.batch.campaign and issue else None

    def _issued(self, issue: Issue | None, name: str) -> str | None:
        return (getattr(issue, name) or None) if issue else None

    def _year(self, issue: Issue | None) -> int | None:
        if issue is not None:
            return issue.fy
        return self.batch.campaign.fy if self.batch.campaign else None

    def _district(self, issue: Issue | None) -> str | None:
        if self.batch.campaign and self.batch.campaign.district:
            return self.batch.campaign.district
        return self._issued(issue, "district")


def _lists(names: Sequence[Sequence[str]]) -> pl.Series:
    """A column of lists of texts: nearly all are alike, and polars makes a series of each."""
    numbers: dict[tuple[str, ...], int] = {}
    places = [numbers.setdefault(tuple(some), len(numbers)) for some in names]
    distinct = pl.Series([list(some) for some in numbers], dtype=CONTEXT["unreadable"])
    return distinct.gather(places)


def unverified(campaign: Campaign | None) -> str | None:
    """Why the seals of a run are not verified; None where they are."""
    if campaign is None:
        return "没有指明填报文件夹（--campaign）"
    return None if campaign.public_key else f"填报文件夹里没有 {PUBLIC_KEY.as_posix()}"


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
        "wanted": fact.wanted,
    }
    subject = Subject(fact.cell, fact.field, fact.label)
    return Row("cell", fact.sheet, fact.record, values, subject=subject)
