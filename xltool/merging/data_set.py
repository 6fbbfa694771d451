"""A data set: the submissions that a merge took, with their rows, each with where its values come from.

It has one frame per table and one of the submissions. What it says depends on the returns alone: neither on
who merged them, nor when, nor in how many steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from xltool.form.model import Form

KEY = ("district", "unit_code", "sha256")  # of a submission, among those of one form and year
RECORD = (*KEY, "record")  # of a record: a project sheet of a workbook
PROVENANCE: dict[str, pl.DataType] = {
    "district": pl.String(),
    "unit_code": pl.String(),
    "issue_id": pl.String(),
    "file": pl.String(),
    "sha256": pl.String(),
    "sheet": pl.String(),
    "record": pl.Int64(),
    "line": pl.Int64(),
}
PLACES: dict[str, pl.DataType] = {  # see `returns.origins`
    "cells": pl.String(),
    "typed": pl.String(),
}
SUBMISSION: dict[str, pl.DataType] = {
    "form": pl.String(),
    "version": pl.String(),
    "fy": pl.Int64(),
    "district": pl.String(),
    "unit_code": pl.String(),
    "unit_name": pl.String(),
    "department_code": pl.String(),
    "department": pl.String(),
    "issue_id": pl.String(),
    "file": pl.String(),
    "sha256": pl.String(),
}


class Tables(Mapping[str, pl.DataFrame]):
    """Tables that are made when they are asked for, each time anew, in pieces: none is held here.

    `made` gives at least one piece of each.
    """

    def __init__(self, names: Iterable[str], made: Callable[[str], Iterator[pl.DataFrame]]) -> None:
        self._names = list(names)
        self._made = made

    def pieces(self, name: str) -> Iterator[pl.DataFrame]:
        """The rows of a table in their order, some at a time."""
        return self._made(name)

    def __getitem__(self, name: str) -> pl.DataFrame:
        return pl.concat(self.pieces(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@dataclass(frozen=True)
class DataSet:
    """Submissions of one form with their rows, by district, unit, submission, record and line."""

    form: Form
    submissions: pl.DataFrame
    tables: Mapping[str, pl.DataFrame]

    def pieces(self, table: str) -> Iterator[pl.DataFrame]:
        """The rows of a table in their order, some at a time: all of a province would be too many."""
        if isinstance(self.tables, Tables):
            return self.tables.pieces(table)
        return iter([self.tables[table]])

    def select(self, table: str, *columns: str | pl.Expr) -> pl.DataFrame:
        """Some columns of all rows of a table; what is worked out depends on one row at a time."""
        return pl.concat(piece.select(*columns) for piece in self.pieces(table))

    @property
    def records(self) -> pl.DataFrame:
        """All records: those of the main table, and the unit's own."""
        return pl.concat(
            [self.records_of(once=False), *([self.records_of(once=True)] if self.form.once else [])]
        )

    def records_of(self, *, once: bool) -> pl.DataFrame:
        """The records of the projects, or those of the units (`once`), in their order."""
        if not once:
            return self.select(self.form.record_table.name, *RECORD)
        names = [table.name for table in self.form.record_tables if table.name in self.form.once]
        found = pl.concat([self.select(name, *RECORD) for name in names])
        return found.unique(maintain_order=True)

    def of_records(self, records: pl.DataFrame, *, kept: bool) -> DataSet:
        """Only these records (`kept`), or all but these; and the submissions of which any is left.

        Of a submission that has no record at all none is left.
        """
        how: Literal["semi", "anti"] = "semi" if kept else "anti"
        left = self.records.join(records, on=RECORD, how=how).select(KEY).unique()
        chosen = self.submissions.join(left, on=KEY, how="semi", maintain_order="left")

        def made(name: str) -> Iterator[pl.DataFrame]:
            for piece in self.pieces(name):
                yield piece.join(records, on=RECORD, how=how, maintain_order="left")

        return DataSet(self.form, chosen, Tables(self.form.tables, made))


def schema_of(form: Form, table: str) -> dict[str, pl.DataType]:
    """The columns of a table of a data set, in their order."""
    fields = form.tables[table].fields
    own = {name: field.kind.dtype(field) for name, field in fields.items()}
    return {**PROVENANCE, **own, **PLACES}
