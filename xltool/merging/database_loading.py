"""One load: what is new or different is written, all of it or nothing.

A submission is known by its identity; a digest of all that is stored of it tells whether it changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import polars as pl
import sqlalchemy as sa

from xltool.form.model import TableView
from xltool.merging.data_set import KEY, PLACES, PROVENANCE, DataSet
from xltool.merging.database_engines import PATIENCE, Database, opened, parsed, quoted, write
from xltool.merging.database_migrating import migrate
from xltool.merging.database_schema import (
    ELEMENTS,
    KEY_COLUMNS,
    NUMBER,
    SCHEMA,
    Schema,
    column_of,
    fields_of,
    has_elements,
    make_schema,
)
from xltool.prose.targets import elements

_AT_ONCE = 20_000  # rows that are worked out together
_DOOMED = "xltool_doomed"  # the keys of what is replaced


def loaded(data: DataSet, url: str, patience: float = PATIENCE) -> tuple[int, int, int]:
    """Load a data set: how many of its submissions are new, replaced and unchanged."""
    address = parsed(url)
    found = _submissions(data)
    with opened(address, patience) as database:
        schema = make_schema(data.form, database.kind)
        migrate(database, schema)
        there = _there(database, schema)
        known = found.join(there, on=KEY_COLUMNS, how="left", maintain_order="left")
        is_new = known["there"].is_null()
        is_same = (known["there"] == known["digest"]).fill_null(value=False)
        replaced = found.filter(~is_new & ~is_same)
        _remove(database, schema, replaced)
        changed = found.filter(~is_same)
        _add(database, schema, data, changed)
    return int(is_new.sum()), len(replaced), int(is_same.sum())


def _submissions(data: DataSet) -> pl.DataFrame:
    """The submissions as they are stored, with their `number` in the data set."""
    names = ["unit_name", "department_code", "department", "issue_id", "file", "sha256"]
    return data.submissions.select(
        "fy", pl.col("district").fill_null(""), "unit_code", "version", *names
    ).with_columns(_digests(data), pl.int_range(pl.len(), dtype=pl.UInt32).alias("number"))


def _digests(data: DataSet) -> pl.Series:
    """A digest of all that is stored of each submission."""
    own = ["form", "version", "fy", *KEY, "unit_name"]
    own += ["department_code", "department", "issue_id", "file"]
    digests = [
        hashlib.sha256(f"{SCHEMA} {text}\n".encode())
        for text in data.submissions.select(_json(own)).to_series()
    ]
    for name, table in data.form.tables.items():
        for piece in _pieces(data, name):
            shown = [
                n
                for n in piece.columns
                if n in {*table.fields, *PROVENANCE, *PLACES} - {*KEY, "issue_id", "file"}
            ]
            texts = piece.select("number", _json(shown)).iter_rows()
            for number, text in texts:
                digests[number].update(f"{name} {text}\n".encode())
    return pl.Series("digest", [digest.hexdigest() for digest in digests], dtype=pl.String)


def _json(names: list[str]) -> pl.Expr:
    return pl.struct(pl.col(names).cast(pl.String)).struct.json_encode().alias("json")


def _pieces(data: DataSet, name: str) -> Iterator[pl.DataFrame]:
    """The rows of a table, some at a time, with the `number` of their submission and their position."""
    numbers = data.submissions.select(KEY).with_row_index("number")
    frame = data.tables[name]
    place = (pl.int_range(pl.len(), dtype=pl.Int64) + 1).over([*KEY, "record"]).alias("position")
    positions = frame.select(place).to_series()
    start = 0
    for piece in frame.iter_slices(_AT_ONCE):
        own = positions.slice(start, len(piece))
        start += len(piece)
        yield piece.with_columns(own).join(
            numbers, on=KEY, how="inner", nulls_equal=True, maintain_order="left"
        )


def _there(database: Database, schema: Schema) -> pl.DataFrame:
    """The keys and digests of the submissions that the database holds."""
    columns = [schema.submission.c[name] for name in (*KEY_COLUMNS, "digest")]
    types = {"fy": pl.Int64, **dict.fromkeys([*KEY_COLUMNS[1:], "there"], pl.String)}
    return pl.DataFrame(write(database, sa.select(*columns)), schema=types, orient="row")


def _remove(database: Database, schema: Schema, replaced: pl.DataFrame) -> None:
    """Take out submissions with their rows."""
    if replaced.is_empty():
        return
    keys = [sa.Column(n, schema.submission.c[n].type, primary_key=True) for n in KEY_COLUMNS]
    doomed = sa.Table(_DOOMED, sa.MetaData(), *keys, prefixes=["TEMPORARY"])
    write(database, sa.schema.CreateTable(doomed))
    database.append(doomed, replaced.select(KEY_COLUMNS))
    for table in reversed(schema.tables):
        same = sa.and_(*(table.c[n] == doomed.c[n] for n in KEY_COLUMNS))
        write(database, sa.delete(table).where(sa.exists().where(same)))
    database.run(f"DROP TABLE {quoted(database, _DOOMED)}")


def _add(database: Database, schema: Schema, data: DataSet, changed: pl.DataFrame) -> None:
    """Add submissions with their rows."""
    if changed.is_empty():
        return
    database.append(schema.submission, changed)
    key = changed.select("number", *KEY_COLUMNS)
    for name, table in data.form.tables.items():
        for piece in _pieces(data, name):
            rows = _row_frame(piece, table, key)
            if not rows.is_empty():
                database.append(schema.rows[name], rows)


def _row_frame(piece: pl.DataFrame, table: TableView, key: pl.DataFrame) -> pl.DataFrame:
    """The rows of what changed, as they are stored."""
    fields = {
        column_of(name): _as_stored(name, field.kind.dtype(field))
        for name, field in fields_of(table).items()
    }
    place = [n for n in (*PROVENANCE, *PLACES) if n not in KEY and n in piece.columns]
    lines = piece.select("number", "position", *place, **fields).join(
        key, on="number", how="inner", maintain_order="left"
    )
    return lines.with_columns(_elements(lines)) if has_elements(table) else lines


def _as_stored(name: str, dtype: pl.DataType) -> pl.Expr:
    """A field in one of the types that databases have, else as text."""
    known = isinstance(dtype, pl.Decimal) or dtype.is_integer() or dtype == pl.Date
    return pl.col(name) if known else pl.col(name).cast(pl.String)


def _elements(lines: pl.DataFrame) -> list[pl.Series]:
    """Sign, number and unit of each target value, as 汇总表 has them; the number as one, too."""
    parts = [_parts(*row) for row in lines.select("target", "lv2", "fy").iter_rows()]
    columns: Mapping[str, list[Any]] = {
        name: [part[k] for part in parts] for k, name in enumerate((*ELEMENTS, NUMBER))
    }
    return [
        pl.Series(name, values, dtype=pl.Float64 if name == NUMBER else pl.String)
        for name, values in columns.items()
    ]


@lru_cache(maxsize=10_000)
def _parts(
    target: str | None, lv2: str | None, fy: int
) -> tuple[str | None, str | None, str | None, float | None]:
    op, value, unit = elements(target or "", lv2, fy)
    return (
        op or None,
        _text(value),
        unit or None,
        float(value) if isinstance(value, Decimal) else None,
    )


def _text(value: Decimal | date | str) -> str | None:
    return str(value) or None
