"""The rows of all submissions of a run as one data set, in an order that nothing but they themselves sets.

A merge may hold a million rows, so nothing is copied that can stay where it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from xltool.checking.drawers import Drawers, in_turn
from xltool.form.model import Form, TableView
from xltool.merging.data_set import KEY, PROVENANCE, SUBMISSION, DataSet, Tables, schema_of
from xltool.merging.fates import Fate

_AT_ONCE = 20  # parts whose rows are gathered together
_OF_WORKBOOK = ("district", "unit_code", "issue_id", "file", "sha256")  # where a row comes from


def gathered(drawers: Drawers, form: Form, fates: Mapping[int, Fate]) -> DataSet:
    """The data set of these submissions, given by their numbers in the run."""
    numbers = sorted(fates, key=lambda number: fates[number].order)
    departments = _departments(fates.values())
    columns = {name: [getattr(fates[n], name) for n in numbers] for name in SUBMISSION}
    columns["department"] = [departments[_department(fates[n])] for n in numbers]
    frame = pl.DataFrame(columns, schema=SUBMISSION)
    origin = frame.select(_OF_WORKBOOK).with_columns(
        workbook=pl.Series(numbers, dtype=pl.UInt32), place=pl.int_range(pl.len(), dtype=pl.UInt32)
    )
    tables = Tables(form.tables, lambda name: _pieces(drawers, form, form.tables[name], origin))
    return DataSet(form, frame, tables)


def _department(fate: Fate) -> tuple[str, str]:
    return fate.district, fate.department_code


def _departments(fates: Iterable[Fate]) -> dict[tuple[str, str], str]:
    """District and code → the one name of a department: the most frequent, of several such the first."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for fate in fates:
        counts.setdefault(_department(fate), Counter())[fate.department] += 1
    return {
        key: min(found, key=lambda name: (not name, -found[name], name)) if key[1] else ""
        for key, found in counts.items()
    }


def _pieces(
    drawers: Drawers, form: Form, table: TableView, origin: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """The rows of a table that are of the workbooks in `origin`, each with where it comes from.

    Where workbooks were read in the order of the data set, they come some at a time, else at once.
    """
    schema = schema_of(form, table.name)
    yield pl.DataFrame(schema=schema)
    stored = sorted(drawers.rows.get((form.id, table.name), ()))
    is_sorted = origin["workbook"].is_sorted() and in_turn(stored)
    step = _AT_ONCE if is_sorted else max(1, len(stored))
    for first in range(0, len(stored), step):
        yield _rows(drawers.frame(stored[first : first + step]), table, origin, schema)


def _rows(
    found: pl.DataFrame, table: TableView, origin: pl.DataFrame, schema: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    """Rows of a table in the order of their workbooks in `origin`, without those of others."""
    names = {"@sheet": "sheet", "@line": "line", "@cells": "cells", "@typed": "typed"}
    found = found.rename(names)
    own = [name for name in table.fields if name not in PROVENANCE]
    found = found.select("workbook", *names.values(), "record", *own)
    places = found.select("workbook").join(
        origin.select("workbook", "place"), on="workbook", how="left", maintain_order="left"
    )["place"]
    if places.null_count():  # else nothing need be copied
        found, places = found.filter(places.is_not_null()), places.drop_nulls()
    order = pl.DataFrame([places, found["record"], found["line"]])
    if not _is_sorted(order):
        rows = order.select(pl.arg_sort_by(order.columns, maintain_order=True)).to_series()
        found, places = found[rows], places[rows]
    whole = found.with_columns(origin.sort("place").select(_OF_WORKBOOK)[places])
    return whole.select(pl.col(name).cast(kind) for name, kind in schema.items())


def _is_sorted(place: pl.DataFrame) -> bool:
    """Whether each row stands where it belongs, those without a line first."""
    filled = place.select(pl.all().cast(pl.Int64).fill_null(-1))
    before, after = filled[:-1], filled[1:]
    found = pl.repeat(value=True, n=len(after), eager=True)
    for name in reversed(place.columns):
        found = (before[name] < after[name]) | ((before[name] == after[name]) & found)
    return bool(found.all())


def held_records(data: DataSet, fates: Iterable[Fate]) -> pl.DataFrame:
    """The records that are held back: all of some submissions, a few of others; without repeats."""
    some = list(fates)
    schema = {**dict.fromkeys(KEY, pl.String()), "record": pl.Int64()}
    single = pl.DataFrame(
        [
            (f.district, f.unit_code, f.sha256, record)
            for f in some
            if f.outcome == "partly"
            for record in f.held
        ],
        schema=schema,
        orient="row",
    )
    whole = pl.DataFrame(
        [
            (f.district, f.unit_code, f.sha256)
            for f in some
            if f.outcome in ("conflict", "superseded")
        ],
        schema=dict.fromkeys(KEY, pl.String()),
        orient="row",
    )
    if whole.is_empty():
        return single
    found = data.records.join(whole, on=KEY, how="semi")
    return pl.concat([single, found]).unique(maintain_order=True)
