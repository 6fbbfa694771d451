"""The files of a result from which a later merge takes it up again."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

from xltool.errors import OfficeError
from xltool.form.model import Form
from xltool.merging.data_set import SUBMISSION, DataSet, Tables, schema_of

DATA = "data"  # what was merged
CONFLICTS = "conflicts"  # what was held back, because returns contradict each other
SUBMISSIONS = "submission"
_GROUP = 20_000  # rows that a reader fetches at once


def save(data: DataSet, folder: Path) -> None:
    """Write a file for each table and one of the submissions."""
    folder.mkdir(parents=True)
    write(data.submissions.select(*SUBMISSION), folder, SUBMISSIONS)
    for name in data.tables:
        rows = partial(_columns_of, data.pieces(name))
        source = register_io_source(rows, schema=schema_of(data.form, name))
        content = io.BytesIO()
        source.sink_parquet(content, row_group_size=_GROUP)
        _put(content, folder, name)


def _columns_of(
    pieces: Iterator[pl.DataFrame], columns: Sequence[str] | None, *_: object
) -> Iterator[pl.DataFrame]:
    """Pieces of a table, with the columns that polars asks for."""
    for piece in pieces:
        yield piece if columns is None else piece.select(columns)


def write(frame: pl.DataFrame, folder: Path, name: str) -> None:
    """Write a file of a result."""
    content = io.BytesIO()
    frame.write_parquet(content, row_group_size=_GROUP)
    _put(content, folder, name)


def _put(content: io.BytesIO, folder: Path, name: str) -> None:
    """Write a file. What the system refuses is an OSError: polars might not say that it was it."""
    (folder / f"{name}.parquet").write_bytes(content.getbuffer())


def load(folder: Path, form: Form) -> DataSet:
    """The data set in a folder; tables are read when they are asked for.

    Raises OfficeError, then too, for files that are damaged or of another form.
    """
    submissions = read(folder, SUBMISSIONS, SUBMISSION)
    return DataSet(form, submissions, Tables(form.tables, partial(_table, folder, form)))


def _table(folder: Path, form: Form, name: str) -> Iterator[pl.DataFrame]:
    return pieces(folder, name, schema_of(form, name))


def read(folder: Path, name: str, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """One file of a result. Raises OfficeError where it is damaged."""
    return pl.concat(pieces(folder, name, schema))


def pieces(
    folder: Path,
    name: str,
    schema: Mapping[str, pl.DataType],
    places: Sequence[tuple[int, int]] | None = None,
) -> Iterator[pl.DataFrame]:
    """Pieces of one file of a result: from a row on, so many; all rows where no `places` are given.

    Raises OfficeError where it is damaged.
    """
    path = folder / f"{name}.parquet"
    try:
        rows = pl.scan_parquet(path, glob=False)
        if places is None:
            count = rows.select(pl.len()).collect().item()
            places = [(first, _GROUP) for first in range(0, max(1, count), _GROUP)]
        for first, count in places:
            piece = rows.slice(first, count).select(
                pl.col(column).cast(kind) for column, kind in schema.items()
            )
            yield piece.collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise OfficeError("合并结果已损坏，或由另一版本生成；请重新合并", path) from error
