"""The data set as Parquet files, from which a later merge takes it up again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from xltool.errors import OfficeError
from xltool.form.model import Form
from xltool.merging.data_set import PROVENANCE, SUBMISSION, DataSet

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
        part.submissions.write_parquet(place / SUBMISSIONS)
        for name, frame in part.tables.items():
            frame.write_parquet(place / f"{name}.parquet")


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

    Raises OfficeError when its files are damaged or of another form.
    """
    parts = []
    try:
        for folder in (path / DATA, path / CONFLICTS):
            if folder == path / CONFLICTS and not folder.exists():
                continue
            tables = {}
            for name, table in form.tables.items():
                schema = {n: f.kind.dtype(f) for n, f in table.fields.items()}
                tables[name] = _parquet(folder / f"{name}.parquet", {**PROVENANCE, **schema})
            parts.append(DataSet(form, _parquet(folder / SUBMISSIONS, SUBMISSION), tables))
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _damaged(path) from error
    return parts


def _parquet(path: Path, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    frame = pl.read_parquet(path)
    if "waived" in schema and "waived" not in frame.columns:  # a result from before it was noted
        frame = frame.with_columns(pl.lit(None, pl.String).alias("waived"))
    return frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def _damaged(path: Path) -> OfficeError:
    return OfficeError("合并结果已损坏，或由另一版本生成；请重新合并", path)
