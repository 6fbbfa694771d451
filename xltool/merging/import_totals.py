"""Totals of the import file: what went into the pieces is what the data set has, or nothing is published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

import polars as pl

from xltool.form.model import Form
from xltool.merging.data_set import RECORD, DataSet
from xltool.office.import_map import Column

_EXACT = Context(prec=60)  # digits: more than any sum has


class TotalsError(Exception):
    """The pieces of an import file do not have what the data set has: a bug of ours."""


@dataclass(frozen=True, slots=True)
class _Amount:
    """A column of amounts: its place, and by what its figures are multiplied when they are written."""

    place: int
    column: Column
    factor: Decimal


class Totals:
    """How many records and lines some pieces of a sheet have, and the sum of each column of amounts."""

    def __init__(self, columns: Sequence[Column], form: Form) -> None:
        self._amounts = _amounts(columns, form)
        self.begin()

    def begin(self) -> None:
        """Forget what was counted."""
        self.records = self.lines = 0
        self.sums = [Decimal(0)] * len(self._amounts)

    def add(self, cells: Sequence[Any]) -> None:
        """Count a line as it is written."""
        self.lines += 1
        for number, amount in enumerate(self._amounts):
            cell = cells[amount.place]
            if cell is not None:
                self.sums[number] = _EXACT.add(self.sums[number], Decimal(cell))

    def take(self, other: Totals) -> None:
        """Count what another piece of the sheet has."""
        self.records += other.records
        self.lines += other.lines
        pairs = zip(self.sums, other.sums, strict=True)
        self.sums = [_EXACT.add(one, another) for one, another in pairs]


def check(sheet: str, columns: Sequence[Column], pieces: Iterable[Totals], data: DataSet) -> None:
    """Raise TotalsError where the pieces of a sheet together do not have what the data set has."""
    written = Totals(columns, data.form)
    for piece in pieces:
        written.take(piece)
    titles = [columns[amount.place].title for amount in _amounts(columns, data.form)]
    found = [written.records, written.lines, *written.sums]
    wanted = _wanted(columns, data)
    for title, one, other in zip(["records", "lines", *titles], found, wanted, strict=True):
        if one != other:
            raise TotalsError(f"{sheet}: {title}: {one} written, {other} in the data set")


def _amounts(columns: Sequence[Column], form: Form) -> list[_Amount]:
    """The columns of amounts."""
    found = []
    for place, column in enumerate(columns):
        if column.table and column.part is None:
            field = form.field(column.table, column.field)
            if field.kind.amounts:
                factor = column.format.factor if column.format else Decimal(1)
                found.append(_Amount(place, column, factor))
    return found


def _wanted(columns: Sequence[Column], data: DataSet) -> list[Any]:
    """The totals as the tables of the data set have them: not by the way that the lines are made."""
    records = data.tables[data.form.record_table.name].select(RECORD)
    tables = dict.fromkeys(column.table for column in columns if column.table)
    repeated = records.with_columns(pl.lit(1, pl.Int64).alias("@lines"))
    for rows in (name for name in tables if data.form.tables[name].is_rows):
        counts = data.tables[rows].group_by(RECORD).agg(pl.len().cast(pl.Int64).alias("@lines"))
        repeated = records.join(counts, on=RECORD, how="left").with_columns(
            pl.col("@lines").fill_null(1)
        )
    sums = [_sum(amount, data, repeated) for amount in _amounts(columns, data.form)]
    return [len(records), repeated["@lines"].sum(), *sums]


def _sum(amount: _Amount, data: DataSet, repeated: pl.DataFrame) -> Decimal:
    """The sum of an amount in all lines: that of a record stands in each of its lines."""
    column = amount.column
    rows = data.tables[column.table].select(*RECORD, column.field)
    if data.form.tables[column.table].is_rows:
        rows = rows.with_columns(pl.lit(1, pl.Int64).alias("@lines"))
    else:
        rows = rows.join(repeated, on=RECORD, how="left")
    total = Decimal(0)
    for times, part in rows.group_by("@lines").agg(pl.col(column.field).sum()).iter_rows():
        total = _EXACT.add(total, _EXACT.multiply(part, Decimal(times)))
    return _EXACT.multiply(total, amount.factor)
