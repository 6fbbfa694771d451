"""Whose a finding is: the unit's, if it touches what the unit filled or can fill, else the office's own.

What the office prefilled, and what the workbook works out of nothing else, stands in locked cells: a unit
that is told of it can mend nothing. Nor can it fill a cell that the office locked and left blank, whatever
else it filled. A locked cell that came back altered is the unit's doing. It is decided here, once, for each
finding that `judging` makes; everybody else reads `Finding.whose`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from xltool.checking.checks import Check, lookups
from xltool.form.computed_cells import computed_fields
from xltool.form.edition import Edition
from xltool.form.layout import Position
from xltool.form.model import TableView
from xltool.language.nodes import Column, names_in
from xltool.returns.extracting import Row, prefilled_of
from xltool.returns.submissions import Submission
from xltool.rules.findings import Whose

Place = tuple[str, str]  # a table, and one of its fields
_Prefills = tuple[Mapping[str, str], Mapping[Position, str]]  # of a record, and in its rows
_OWN = ""  # in place of a table: the row itself


@dataclass(frozen=True)
class Touched:
    """What a check looks at: fields of its own row, and fields of other tables."""

    own: Sequence[str]
    others: Sequence[Place]


class Hands(Protocol):
    """Who filled what in the rows that are judged; each row comes with the number of its submission."""

    def is_theirs(self, number: int, row: Row, name: str) -> bool:
        """True for a field whose cell the unit can fill, or filled although it is locked."""

    def behind(self, number: int, row: Row, touched: Touched) -> Sequence[str] | None:
        """The fields of a row that are theirs behind what is touched; None where nothing at all is theirs.

        None are left where only other rows are.
        """

    def is_closed_to_them(self, number: int, row: Row, name: str) -> bool:
        """True for a field that is blank, in a cell that nobody can fill but the office."""

    def not_theirs(self, number: int, row: Row, names: Sequence[str]) -> Sequence[str]:
        """Those fields of a row of which nothing is theirs, nor anything that they are worked out of."""


class TheirHands:
    """Nobody knows what was issued: all that stands there is the unit's."""

    def is_theirs(self, number: int, row: Row, name: str) -> bool:  # noqa: ARG002
        """True for every cell."""
        return name in row.cells

    def behind(self, number: int, row: Row, touched: Touched) -> Sequence[str] | None:  # noqa: ARG002
        """Whatever it is, it is theirs."""
        return ()

    def is_closed_to_them(self, number: int, row: Row, name: str) -> bool:  # noqa: ARG002
        """None is."""
        return False

    def not_theirs(self, number: int, row: Row, names: Sequence[str]) -> Sequence[str]:  # noqa: ARG002
        """None is."""
        return ()


def owner_of(
    hands: Hands, number: int, row: Row, check: Check, table: TableView, at: str | None
) -> tuple[Whose, Sequence[str]]:
    """Whose a finding of a check at a row is, and the fields behind it that the unit can change.

    The latter only where none of the check's own cells are the unit's; `at` is the field whose cell the finding
    belongs to, where it varies.
    """
    if check.rule.of_office:
        return "office", ()
    if row.subject is not None:
        return ("office" if row.subject.is_issued else "unit"), ()
    names = check.cells if at is None else (at, *check.cells)
    place = next((name for name in names if name in row.cells), None)
    if place is not None and hands.is_closed_to_them(number, row, place):
        return "office", ()
    if not row.cells or any(hands.is_theirs(number, row, name) for name in names):
        return "unit", ()
    behind = hands.behind(number, row, touched_by(check, table))
    return ("office", ()) if behind is None else ("unit", behind)


def touched_by(check: Check, table: TableView) -> Touched:
    """What a check on a table looks at."""
    names = [*check.cells, *_roots(check.bad, *check.given.values())]
    names += check.statement.all_names if check.statement else []
    others = [place for column in check.columns for place in _of_column(column)]
    for lookup in lookups(check).values():
        names += _roots(*(pl.col(key) if isinstance(key, str) else key for key in lookup.by))
        if isinstance(lookup.table, str):
            others += [(lookup.table, name) for name in _roots(lookup.value)]
    return Touched(
        [name for name in dict.fromkeys(names) if name in table.fields],
        list(dict.fromkeys(others)),
    )


@dataclass(frozen=True)
class IssuedHands:
    """What the unit filled in submissions that were read, by their numbers: all but what stands as issued."""

    submissions: Mapping[int, Submission]
    _prefills: dict[tuple[int, int, int], _Prefills] = field(default_factory=dict)

    def is_theirs(self, number: int, row: Row, name: str) -> bool:
        """True but for locked cells that stand as issued; without a seal nobody knows of any."""
        found = self.submissions[number]
        issue, edition = found.issue, found.edition
        if issue is None or edition is None or name not in row.cells:
            return name in row.cells
        if not row.places:  # the unit inserted it
            return True
        sheet = edition.layout.sheets[row.part]
        if name not in row.places:  # a printed key
            block, _ = sheet.block_cells[next(iter(row.places.values()))]
            return block.keys.get(name) != row.values.get(name)
        column = edition.form.tables[row.table].fields[name]
        if column.computed or column.looked_up:
            return name in row.overwritten
        record = found.records[row.record]  # None for a sheet that the unit copied
        is_systems = column.filled_by == "system" and record is not None
        return not (is_systems or name in self._given(edition, number, row))

    def behind(self, number: int, row: Row, touched: Touched) -> Sequence[str] | None:
        """What is theirs, with all that computed and looked-up cells are worked out of.

        Of a row that is in use only because the unit filled it, all that it filled.
        """
        edition = self.submissions[number].edition
        if edition is None:
            return ()
        own, others = _worked_out(row.table, touched, edition.form.tables)
        own = [*own, *self._put_there(edition, number, row)]
        here = [name for name in own if self.is_theirs(number, row, name)]
        if here:
            return here
        return () if self._elsewhere(number, row, others, edition.form.once) else None

    def is_closed_to_them(self, number: int, row: Row, name: str) -> bool:
        """True for a locked cell without a value that is worked out of nothing.

        Where other rows of its table were given one, its row is none to be filled: the unit may empty it.
        """
        found = self.submissions[number]
        issue, edition = found.issue, found.edition
        if issue is None or edition is None or row.values.get(name) is not None:
            return False
        column = edition.form.tables[row.table].fields[name]
        if column.computed or column.looked_up or self.is_theirs(number, row, name):
            return False
        return not any(line.get(name) for all_ in issue.lines for line in all_.get(row.table, ()))

    def not_theirs(self, number: int, row: Row, names: Sequence[str]) -> Sequence[str]:
        """As `behind` has it, of each field by itself."""
        edition = self.submissions[number].edition
        if edition is None:
            return ()
        put_there = self._put_there(edition, number, row)
        if any(self.is_theirs(number, row, name) for name in put_there):
            return ()  # the whole row is there because of the unit
        alone = [Touched((n,), ()) for n in names if not self.is_theirs(number, row, n)]
        return [one.own[0] for one in alone if self.behind(number, row, one) is None]

    def _put_there(self, edition: Edition, number: int, row: Row) -> Iterator[str]:
        """The fields that somebody filled in a row that is in use for no other reason."""
        if edition.form.tables[row.table].is_rows and not self._given(edition, number, row):
            yield from (name for name, raw in row.raw.items() if raw is not None)

    def _elsewhere(
        self, number: int, row: Row, places: Iterable[Place], once: frozenset[str]
    ) -> bool:
        """True if one of the places is theirs in some row of the record; the unit's own rows are of all."""
        fields: dict[str, list[str]] = {}
        for table, name in places:
            fields.setdefault(table, []).append(name)
        return bool(fields) and any(
            self.is_theirs(number, other, name)
            for other in self.submissions[number].rows
            if other.record == row.record or {row.table, other.table} & once
            for name in fields.get(other.table, ())
        )

    def _given(self, edition: Edition, number: int, row: Row) -> Collection[str]:
        """The fields of a row that the office prefilled."""
        key = number, row.record, row.part
        found, sheet = self.submissions[number], edition.layout.sheets[row.part]
        if found.issue is None:
            return ()
        if key not in self._prefills:
            record = found.records[row.record]
            texts = {} if record is None else found.issue.lines_of(record)
            own = prefilled_of(edition.form, found.issue, record)
            self._prefills[key] = own, sheet.place_lines(texts)
        own, lines = self._prefills[key]
        inside = {name for name, place in row.places.items() if place in lines} if lines else ()
        return {*own, *inside} if row.table == sheet.record else inside


def _worked_out(
    table: str, touched: Touched, tables: Mapping[str, TableView]
) -> tuple[list[str], list[Place]]:
    """Fields of a row of a table, and of other tables, with those that they are worked out of."""
    found = dict.fromkeys([*((_OWN, name) for name in touched.own), *touched.others])
    waiting = list(found)
    while waiting:
        at, name = waiting.pop()
        there = tables.get(table if at == _OWN else at)
        beside, columns = _inputs(there, name) if there else ((), ())
        new = [
            place for place in [*((at, each) for each in beside), *columns] if place not in found
        ]
        found.update(dict.fromkeys(new))
        waiting += new
    own = [name for at, name in found if at == _OWN]
    return own, [place for place in found if place[0] != _OWN]


def _inputs(table: TableView, name: str) -> tuple[Sequence[str], Sequence[Place]]:
    """What one field is worked out of: fields of its row, and of other tables."""
    column = table.fields.get(name)
    if column is not None and column.looked_up:
        return (column.looked_up,), ()
    for computed, equation in computed_fields(table):
        if computed.name == name:
            columns = [place for each in equation.columns for place in _of_column(each)]
            return [n for n in equation.all_names if n in table.fields], columns
    return (), ()


def _of_column(column: Column) -> list[Place]:
    """A column of another table, and the fields that say which of its rows count."""
    return [(column.table, name) for name in (column.field, *names_in(column.where))]


def _roots(*expressions: pl.Expr) -> list[str]:
    return [name for expression in expressions for name in expression.meta.root_names()]
