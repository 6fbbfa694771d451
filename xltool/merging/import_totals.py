"""Totals of the import file: what went into the pieces is what the data set has, or nothing is published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

import polars as pl

from xltool.form.model import Form
from xltool.merging.data_set import RECORD, DataSet
from xltool.office.import_map import Column, is_of_units

_EXACT = Context(prec=60)  # digits: more than any sum has
_TIMES = "@times"  # in how many lines a record stands


class TotalsError(Exception):
    """The pieces of an import file do not have what the data set has: a bug of ours."""


@dataclass(frozen=True, slots=True)
class _Amount:
    """A column of amounts: its place, and by what its figures are multiplied when they are written."""

    place: int
    column: Column
    factor: Decimal


class Totals:
    """How many records and lines a piece of a sheet has, and the sum of each column of amounts."""

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


def check(sheet: str, columns: Sequence[Column], pieces: Iterable[Totals], data: DataSet) -> None:
    """Raise TotalsError where the pieces of a sheet together do not have what the data set has."""
    amounts = _amounts(columns, data.form)
    records = lines = 0
    sums = [Decimal(0)] * len(amounts)
    for piece in pieces:
        records, lines = records + piece.records, lines + piece.lines
        sums = [_EXACT.add(one, other) for one, other in zip(sums, piece.sums, strict=True)]
    titles = ["records", "lines", *(amount.column.title for amount in amounts)]
    written = [records, lines, *sums]
    for title, one, other in zip(titles, written, _wanted(columns, data), strict=True):
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
    """The totals as the tables of the data set have them: not by the way that the lines are made.

    An amount of a record stands in each of its lines. At most one of the tables has rows of records.
    """
    records = data.records_of(once=is_of_units(columns, data.form))
    tables = dict.fromkeys(column.table for column in columns if column.table)
    rows = [name for name in tables if data.form.tables[name].is_rows]
    repeated = records.with_columns(pl.lit(1, pl.Int64).alias(_TIMES))
    for name in rows:
        counts = pl.concat(
            piece.group_by(RECORD).agg(pl.len().cast(pl.Int64).alias(_TIMES))
            for piece in data.pieces(name)
        )
        counts = counts.group_by(RECORD).agg(pl.col(_TIMES).sum())
        repeated = records.join(counts, on=RECORD, how="left").fill_null(1)
    amounts = _amounts(columns, data.form)
    sums: dict[tuple[str, str], Decimal] = {}
    for name in tables:
        fields = list(dict.fromkeys(a.column.field for a in amounts if a.column.table == name))
        if fields:
            once = pl.lit(1, pl.Int64).alias(_TIMES)
            found = data.select(name, *RECORD, *fields)
            found = (
                found.with_columns(once)
                if name in rows
                else found.join(repeated, on=RECORD, how="left")
            )
            sums |= {(name, field): total for field, total in _sums(found, fields).items()}
    totals = [
        _EXACT.multiply(sums[amount.column.table, amount.column.field], amount.factor)
        for amount in amounts
    ]
    return [len(records), repeated[_TIMES].sum(), *totals]


def _sums(rows: pl.DataFrame, fields: Sequence[str]) -> dict[str, Decimal]:
    """The sum of each field in all lines."""
    sums = dict.fromkeys(fields, Decimal(0))
    grouped = rows.group_by(_TIMES).agg(pl.col(field).sum() for field in fields)
    for times, *parts in grouped.iter_rows():
        for field, part in zip(fields, parts, strict=True):
            sums[field] = _EXACT.add(sums[field], _EXACT.multiply(part, Decimal(times)))
    return sums
