"""Several data sets as one: the same submission counts once, in an order that the parts do not set.

A merge may hold a million rows, so nothing is copied that can stay where it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from xltool.form.model import Form
from xltool.merging.data_set import KEY, DataSet


def join(form: Form, parts: Sequence[DataSet]) -> DataSet:
    """One data set of several. The tables of the parts are asked for once, one after the other."""
    given = pl.concat([part.submissions for part in parts])
    submissions = given.sort("district", "unit_code", "sha256", "modified", "file").unique(
        KEY, keep="first", maintain_order=True
    )
    repeated = len(submissions) < len(given)
    tables = {
        name: _table(pl.concat([part.tables[name] for part in parts]), submissions, repeated)
        for name in form.tables
    }
    return DataSet(form, submissions, tables)


def _table(rows: pl.DataFrame, submissions: pl.DataFrame, repeated: bool) -> pl.DataFrame:
    """The rows of one table by submission, record and line; each once where some are `repeated`.

    The same file under two names counts under one.
    """
    own = _submission_of(rows, submissions)
    if own.null_count():
        rows, own = rows.filter(own.is_not_null()), own.drop_nulls()
    if repeated:
        rows = rows.with_columns(own).unique(maintain_order=True)
        own = rows.drop_in_place("submission")
    place = pl.DataFrame([own, rows["record"], rows["line"]])
    if _is_sorted(place):
        return rows
    return rows[place.select(pl.arg_sort_by(place.columns, maintain_order=True)).to_series()]


def _submission_of(rows: pl.DataFrame, submissions: pl.DataFrame) -> pl.Series:
    """The place of the submission of each row; null for one that does not count.

    Rows of a submission lie together, so that one of each run is looked up.
    """
    key = [*KEY, "file"]
    is_first = rows.select(
        pl.any_horizontal(pl.col(key) != pl.col(key).shift()).fill_null(value=True)
    ).to_series()
    numbers = submissions.select(key).with_row_index("submission")
    firsts = rows.select(key).filter(is_first)
    found = firsts.join(numbers, on=key, how="left", maintain_order="left")["submission"]
    return found[is_first.cum_sum() - 1]


def _is_sorted(place: pl.DataFrame) -> bool:
    """Whether each row stands where it belongs, those without a line first."""
    before, after = place.fill_null(-1)[:-1], place.fill_null(-1)[1:]
    found = pl.repeat(value=True, n=len(after), eager=True)
    for name in reversed(place.columns):
        found = (before[name] < after[name]) | ((before[name] == after[name]) & found)
    return bool(found.all())
