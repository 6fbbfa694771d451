"""`xltool merge --database`: the submissions that were merged, in a database.

A load is one transaction: each submission is replaced by its identity, and what the database holds already
is left as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xltool.errors import OfficeError
from xltool.form.model import Form
from xltool.merging import parquet
from xltool.merging.data_set import DataSet


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many submissions were new in the database, took the place of another one, were there already."""

    inserted: int
    replaced: int
    unchanged: int


def refuse_unknown(url: str) -> None:
    """Raise OfficeError for an address of no database, or where the extra `database` is not installed."""
    try:
        from xltool.merging.database_engines import parsed  # noqa: PLC0415  # what few have
    except ImportError as error:
        if (error.name or "").startswith("xltool"):
            raise
        raise OfficeError("--database 需要另外安装：pip install 'xltool[database]'") from None
    parsed(url)


def load(data: DataSet, url: str) -> Loaded:
    """Put the submissions of a data set into a database; others that it holds stay.

    Args:
        data: The data set.
        url: The address, as SQLAlchemy has it: `duckdb:///…`, `sqlite:///…` or `postgresql://…`.

    Raises:
        OfficeError: The database cannot be had, refuses, holds tables that are not ours or of a newer
            xltool, or the extra `database` is not installed. Nothing was written then.

    """
    refuse_unknown(url)
    from xltool.merging.database_loading import loaded  # noqa: PLC0415

    return Loaded(*loaded(data, url))


def load_result(folder: Path, form: Form, url: str) -> Loaded:
    """Put what a merge wrote into a folder into a database; see `load`."""
    return load(parquet.load(folder / parquet.DATA, form), url)
