"""The typed frames that the rules look at: one for each table, over all submissions of a part.

Every row of a frame finds back to its submission and its cells: row n of a frame is row n of the
list of rows that it was made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, overload

import polars as pl

from xltool.checking.checks import look_up
from xltool.checking.mix_ups import Owners
from xltool.errors import OfficeError
from xltool.fields.reading import Value
from xltool.fields.tables import CONTEXT
from xltool.form.edition import Edition, Recipe
from xltool.form.model import TableView
from xltool.office.campaign import Campaign
from xltool.office.roster import Unit
from xltool.returns.extracting import CellFact, Row, Subject
from xltool.returns.submissions import Sender, Submission
from xltool.rules.declaring import Reference
from xltool.rules.lists import lookup_of

ROSTER = -1  # in place of a submission's number: what is about the roster as a whole

_AT_ONCE = 1000  # rows that are held at once where they are made for a frame only

Rows = Sequence[tuple[int, Row]]  # rows of a table, each with the number of its submission


@dataclass(frozen=True)
class Made(Sequence[tuple[int, Row]]):
    """Rows that are made, by their places, when somebody asks for them: nobody holds them."""

    number: int
    made: Callable[[int], tuple[int, Row]]

    def __len__(self) -> int:
        return self.number

    @overload
    def __getitem__(self, index: int) -> tuple[int, Row]: ...

    @overload
    def __getitem__(self, index: slice) -> Rows: ...

    def __getitem__(self, index: int | slice) -> tuple[int, Row] | Rows:
        if isinstance(index, slice):
            return [self.made(n) for n in range(*index.indices(self.number))]
        return self.made(index)


@dataclass(frozen=True)
class Frames:
    """Makes the frames of some submissions. Those that rules look things up in are made once.

    `submissions` are those that are judged, by their numbers; `owners` know what belongs to other
    units of the campaign, None without one.
    """

    submissions: Sequence[tuple[int, Submission]]
    campaign: Campaign | None = None
    owners: Owners | None = None
    _made: dict[tuple[int, str], pl.DataFrame] = field(default_factory=dict, repr=False)

    def rows(self, edition: Edition, table: str) -> Rows:
        """The rows of one table of one edition, each with the number of its submission."""
        return self._rows.get((edition.recipe, table), ())

    @cached_property
    def _rows(self) -> Mapping[tuple[Recipe, str], Rows]:
        """The rows of all tables, by edition and table.

        By the recipe: an edition that was made again after many others is another object.
        """
        found: dict[tuple[Recipe, str], list[tuple[int, Row]]] = {}
        for number, submission in self.submissions:
            if submission.edition is None:
                continue
            by_table: dict[str, list[tuple[int, Row]]] = {}
            for row in submission.rows:
                by_table.setdefault(row.table, []).append((number, row))
            for table, rows in by_table.items():  # few: a recipe is long to look up
                found.setdefault((submission.edition.recipe, table), []).extend(rows)
        return found

    def source(self, edition: Edition, table: str | Reference) -> pl.DataFrame | None:
        """The frame that a rule looks something up in: a table of the form, or a list of the campaign.

        Returns None when the campaign's folder has no such list. Raises OfficeError for one without which
        nobody can judge.
        """
        if isinstance(table, Reference):
            return self._list(table)
        return self.of_table(edition, edition.form.tables[table])

    def of_table(self, edition: Edition, table: TableView) -> pl.DataFrame:
        """The frame of a table of an edition, made once."""
        key = id(edition), table.name
        if key not in self._made:
            frame = self.frame(table, self.rows(edition, table.name))
            self._made[key] = self._with_entries(table, frame)
        return self._made[key]

    def _list(self, wanted: Reference) -> pl.DataFrame | None:
        if self.campaign is None:
            return None
        found = self.campaign.reference(wanted)
        if found is None and wanted.needed:
            raise OfficeError(
                "找不到这个文件；栏目的可选项取自它", self.campaign.folder / wanted.file
            )
        return found

    def _with_entries(self, table: TableView, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with what the office's lists say where a field is looked up in one."""
        for name in table.looked_up:
            wanted = lookup_of(table.name, table.fields, name)
            source = self._list(wanted.table) if isinstance(wanted.table, Reference) else None
            if source is not None:
                frame = frame.with_columns(look_up(wanted, source, frame).alias(name))
        return frame

    def fact_rows(self, table: str) -> list[tuple[int, Row]]:
        """The rows of the fact tables of sheets and cells, with the numbers of their submissions."""
        if table == "sheet":
            return [(n, row) for n, found in self.submissions for row in _sheet_rows(found)]
        return [(n, _cell_row(f)) for n, found in self.submissions for f in self._cells(found)]

    def _cells(self, found: Submission) -> Iterator[CellFact]:
        yield from found.cells
        if self.owners is not None and self.campaign is not None:
            yield from self.owners.projects_of_others(found, self.campaign.units)

    def frame(self, table: TableView, rows: Rows) -> pl.DataFrame:
        """Make a typed frame of rows; row n of the frame is rows[n].

        It has a column for each field of the table, and the context columns (`fields.tables.CONTEXT`).
        """
        only = [row for _, row in rows]
        values = [row.values for row in only]
        columns: dict[str, Sequence[Any] | pl.Series] = {
            name: [each.get(name) for each in values] for name in table.fields
        }
        columns |= {
            "row": range(len(rows)),
            "record": [row.record for row in only],
            "used": [row.used for row in only],
            "unreadable": _lists([row.unreadable for row in only]),
            **self._sender_columns([number for number, _ in rows]),
        }
        schema = {name: column.kind.dtype(column) for name, column in table.fields.items()}
        schema |= CONTEXT
        return pl.DataFrame({name: columns[name] for name in schema}, schema=schema, strict=True)

    def frame_of_many(self, table: TableView, rows: Rows) -> pl.DataFrame:
        """The same of rows that are made when somebody asks for them, some at a time."""
        pieces = [
            self.frame(table, rows[first : first + _AT_ONCE])
            for first in range(0, len(rows), _AT_ONCE)
        ]
        return pl.concat(pieces).with_columns(row=pl.int_range(pl.len(), dtype=pl.UInt32))

    def _sender_columns(self, numbers: Sequence[int]) -> dict[str, pl.Series]:
        """What rows have of their submissions, by the numbers of these."""
        places = self._places
        rows = pl.Series([places[number] for number in numbers], dtype=pl.UInt32)
        return {name: column.gather(rows) for name, column in self._senders.items()}

    @cached_property
    def _places(self) -> Mapping[int, int]:
        """Where each submission, and the roster, stands in `_senders`, by its number."""
        numbers = [ROSTER, *(number for number, _ in self.submissions)]
        return {number: place for place, number in enumerate(numbers)}

    @cached_property
    def _senders(self) -> Mapping[str, pl.Series]:
        """What the submissions say of themselves: worked out once for all their rows."""
        senders = [None, *(submission.told_apart for _, submission in self.submissions)]
        units = [self._unit(sender) for sender in senders]
        columns: dict[str, Sequence[Any]] = {
            "workbook": [None, *(number for number, _ in self.submissions)],
            "unit_code": [self._sent(sender, "unit") for sender in senders],
            "fy": [self._year(sender) for sender in senders],
            "district": [self._district(sender) for sender in senders],
            "department_code": [self._sent(sender, "department_code") for sender in senders],
            "roster_unit": [unit.unit_name if unit else None for unit in units],
            "roster_department": [(unit.department or None) if unit else None for unit in units],
        }
        return {name: pl.Series(values, dtype=CONTEXT[name]) for name, values in columns.items()}

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


def _lists(names: Sequence[Sequence[str]]) -> pl.Series:
    """A column of lists of texts: nearly all are alike or empty, and polars makes a series of each."""
    numbers: dict[tuple[str, ...], int] = {(): 0}
    places = [numbers.setdefault(tuple(some), len(numbers)) if some else 0 for some in names]
    distinct = pl.Series([list(some) for some in numbers], dtype=CONTEXT["unreadable"])
    return distinct.gather(places)


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
    subject = Subject(fact.cell, fact.field, fact.label, fact.is_issued)
    return Row("cell", fact.sheet, fact.record, values, subject=subject)
