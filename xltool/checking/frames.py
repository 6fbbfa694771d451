"""The typed frames that the rules look at: one for each table, over all submissions of a part.

Every row of a frame finds back to its submission and its cells: row n of a frame is row n of the
list of rows that it was made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from xltool.checking.mix_ups import MixUps
from xltool.fields.reading import Value
from xltool.fields.tables import CONTEXT
from xltool.form.edition import Edition
from xltool.form.model import TableView
from xltool.office.campaign import Campaign
from xltool.office.roster import Unit
from xltool.returns.extracting import CellFact, Row, Subject
from xltool.returns.submissions import Sender, Submission
from xltool.rules.declaring import Reference

ROSTER = -1  # in place of a submission's number: what is about the roster as a whole

Rows = Sequence[tuple[int, Row]]  # rows of a table, each with the number of its submission


@dataclass(frozen=True)
class Frames:
    """Makes the frames of some submissions. Those that rules look things up in are made once.

    `submissions` are those that are judged, by their numbers; `mix_ups` knows what belongs to other
    units of the campaign, None without one.
    """

    submissions: Sequence[tuple[int, Submission]]
    campaign: Campaign | None = None
    mix_ups: MixUps | None = None
    _made: dict[tuple[int, str], pl.DataFrame] = field(default_factory=dict, repr=False)

    def rows(self, edition: Edition, table: str) -> list[tuple[int, Row]]:
        """The rows of one table of one edition, each with the number of its submission."""
        return [
            (number, row)
            for number, submission in self.submissions
            # by the recipe: an edition that was made again after many others is another object
            if submission.edition is not None and submission.edition.recipe == edition.recipe
            for row in submission.rows
            if row.table == table
        ]

    def source(self, edition: Edition, table: str | Reference) -> pl.DataFrame | None:
        """The frame that a rule looks something up in: a table of the form, or a list of the campaign.

        Returns None when the campaign's folder has no such list.
        """
        if isinstance(table, Reference):
            return self.campaign.reference(table) if self.campaign else None
        key = id(edition), table
        if key not in self._made:
            self._made[key] = self.frame(edition.form.tables[table], self.rows(edition, table))
        return self._made[key]

    def fact_rows(self, table: str) -> list[tuple[int, Row]]:
        """The rows of the fact tables of sheets and cells, with the numbers of their submissions."""
        if table == "sheet":
            return [(n, row) for n, found in self.submissions for row in _sheet_rows(found)]
        return [(n, _cell_row(f)) for n, found in self.submissions for f in self._cells(found)]

    def _cells(self, found: Submission) -> Iterator[CellFact]:
        yield from found.cells
        if self.mix_ups is not None:
            yield from self.mix_ups.projects_of_others(found)

    def frame(self, table: TableView, rows: Rows) -> pl.DataFrame:
        """Make a typed frame of rows; row n of the frame is rows[n].

        It has a column for each field of the table, and the context columns (`fields.tables.CONTEXT`).
        """
        columns: dict[str, list[Any]] = {
            name: [row.values.get(name) for _, row in rows] for name in table.fields
        }
        senders: dict[int, Sender | None] = {n: found.sender for n, found in self.submissions}
        senders[ROSTER] = None
        units = {n: self._unit(sender) for n, sender in senders.items()}
        context: dict[str, list[Any]] = {
            "row": list(range(len(rows))),
            "record": [row.record for _, row in rows],
            "workbook": [None if number == ROSTER else number for number, _ in rows],
            "used": [row.used for _, row in rows],
            "unreadable": [row.unreadable for _, row in rows],
            "unit_code": [self._sent(senders[n], "unit") for n, _ in rows],
            "fy": [self._year(senders[n]) for n, _ in rows],
            "district": [self._district(senders[n]) for n, _ in rows],
            "department_code": [self._sent(senders[n], "department_code") for n, _ in rows],
            "roster_unit": [(u.unit_name if (u := units[n]) else None) for n, _ in rows],
            "roster_department": [
                (u.department or None if (u := units[n]) else None) for n, _ in rows
            ],
        }
        schema = {name: column.kind.dtype(column) for name, column in table.fields.items()}
        return pl.DataFrame({**columns, **context}, schema={**schema, **CONTEXT}, strict=True)

    def _unit(self, sender: Sender | None) -> Unit | None:
        return self.campaign.units.get(sender.unit) if self.campaign and sender else None

    def _sent(self, sender: Sender | None, name: str) -> str | None:
        return (getattr(sender, name) or None) if sender else None

    def _year(self, sender: Sender | None) -> int | None:
        if sender is not None:
            return sender.fy
        return self.campaign.fy if self.campaign else None

    def _district(self, sender: Sender | None) -> str | None:
        if self.campaign and self.campaign.district:
            return self.campaign.district
        return self._sent(sender, "district")


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
