"""The data set as Parquet files, from which a later merge takes it up again."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import polars as pl

from xltool.errors import OfficeError
from xltool.form.model import Form
from xltool.merging.data_set import PROVENANCE, SUBMISSION, DataSet, Tables

DATA = "data"  # what was merged
CONFLICTS = "conflicts"  # what was not, because submissions contradict each other
SUBMISSIONS = "submission.parquet"


def save(data: DataSet, folder: Path) -> None:
    """Write a file for each table and one of the submissions, into a folder for each outcome."""
    for part, place in (
        (data.merged, folder / DATA),
        (data.having(pl.col("outcome") != "merged"), folder / CONFLICTS),
    ):
        if part.submissions.is_empty() and place != folder / DATA:
            continue
        place.mkdir(parents=True)
        _write(part.submissions, place / SUBMISSIONS)
        for name, frame in part.tables.items():
            _write(frame, place / f"{name}.parquet")


def _write(frame: pl.DataFrame, path: Path) -> None:
    """Write a file of a result. What the system refuses is an OSError: polars may not say that it was it."""
    content = io.BytesIO()
    frame.write_parquet(content)
    path.write_bytes(content.getbuffer())


def is_result(path: Path) -> bool:
    """True for a folder that an earlier merge wrote."""
    return path.is_dir() and (path / DATA / SUBMISSIONS).is_file()


def forms_of(path: Path) -> list[str]:
    """The ids of the forms of an earlier merge result. Raises OfficeError when it is damaged."""
    try:
        frame = pl.read_parquet(path / DATA / SUBMISSIONS, columns=["form"])
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _damaged(path) from error
    return frame["form"].unique().sort().to_list()


def load(path: Path, form: Form) -> list[DataSet]:
    """An earlier merge result: what it merged, and what it left open.

    Tables are read when they are asked for. Raises OfficeError, then too, when its files are damaged or
    of another form.
    """
    folders = [path / DATA, *([path / CONFLICTS] if (path / CONFLICTS).exists() else [])]
    return [
        DataSet(
            form,
            _parquet(path, folder / SUBMISSIONS, SUBMISSION),
            Tables(form.tables, partial(_table, path, folder, form)),
        )
        for folder in folders
    ]


def _table(path: Path, folder: Path, form: Form, name: str) -> pl.DataFrame:
    schema = {n: field.kind.dtype(field) for n, field in form.tables[name].fields.items()}
    return _parquet(path, folder / f"{name}.parquet", {**PROVENANCE, **schema})


def _parquet(path: Path, file: Path, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """One file of a result. Raises OfficeError where it is damaged."""
    try:
        frame = pl.read_parquet(file)
        if "waived" in schema and "waived" not in frame.columns:  # from before it was noted
            frame = frame.with_columns(pl.lit(None, pl.String).alias("waived"))
        return frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items())
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> OfficeError:
    return OfficeError("合并结果已损坏，或由另一版本生成；请重新合并", path)
