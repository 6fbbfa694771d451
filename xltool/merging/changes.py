"""变更.csv: what changed since the last merge, value by value; and the same against last year's result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from xltool.fields.reading import Value
from xltool.form.model import Form, TableView
from xltool.merging.data_set import RECORD, DataSet
from xltool.merging.parquet import DATA, load
from xltool.returns.origins import cells_of, plain

CHANGES = "变更.csv"
_HEADER = (
    *("变化", "行政区划", "单位代码", "单位名称", "项目", "表", "序号", "栏目", "原值", "现值"),
    *("来源文件", "工作表", "单元格"),
)
Row = Mapping[str, Value]
Place = tuple[str, str, str, int]  # district, unit, project, its place among those of this name
_PROJECT, _NUMBER, _HASH, _ROW = "@project", "@number", "@hash", "@row"
_UNIT = ("district", "unit_code")
_AT_ONCE = 500  # units whose rows are held as Python has them
_PLACE = ("district", "unit_code", _PROJECT, _NUMBER)


def changes_since(previous: Path | None, data: DataSet, form: Form) -> Iterator[list[str]]:
    """The lines of the file, its headings first; without an earlier result there are no others."""
    yield list(_HEADER)
    if previous is None:
        return
    before = load(previous / DATA, form)
    names = _units(before) | _units(data)
    for table in form.tables.values():
        old_places, new_places = _differing(_placed(before, table), _placed(data, table))
        differing = _rows(before, table, old_places), _rows(data, table, new_places)
        for old, new in _by_units(*differing):
            for key in sorted({*old, *new}):
                yield from _lines(key, old.get(key), new.get(key), table, names)


def gone_since(previous: Path, data: DataSet, form: Form) -> list[str]:
    """The units of an earlier result that are not in the data, each with its code and name.

    Raises OfficeError where the earlier result cannot be read.
    """
    before, now = _units(load(previous / DATA, form)), _units(data)
    return [f"{unit[1]} {name}" for unit, name in before.items() if unit not in now]


def _lines(
    key: Place,
    old: Row | None,
    new: Row | None,
    table: TableView,
    names: Mapping[tuple[str, str], str],
) -> Iterator[list[str]]:
    """A line for each value that differs in one place, or one for a row that is new or gone."""
    district, unit, project, number = key
    for word, field, was, now, row in _differences(old, new, table):
        sheet = str(row["sheet"] or "")
        cell = cells_of(list(table.fields), str(row["cells"] or "")).get(field, "")
        label = table.fields[field].short_label if field else ""
        where = [str(row["file"] or ""), sheet, cell] if word != "删除" else ["", "", ""]
        lead = [word, district, unit, names.get((district, unit), ""), project]
        yield [*lead, table.title, str(number + 1), label, was, now, *where]


def _units(data: DataSet) -> dict[tuple[str, str], str]:
    """District and code → name."""
    rows = data.submissions.select("district", "unit_code", "unit_name").rows()
    return {(district, unit): name for district, unit, name in rows}


def _placed(data: DataSet, table: TableView) -> pl.DataFrame:
    """The places of the rows of a table: the project's code or name, and their order in it.

    Each has the hash of its row, and the row's number in the table.
    """
    main = data.form.record_table
    names = [name for name in ("project_code", "project_name") if name in main.fields]
    title = pl.coalesce(*names, pl.lit("")).alias(_PROJECT)
    hashes = pl.concat(
        piece.select(*RECORD, piece.select(*table.fields).hash_rows().alias(_HASH))
        for piece in data.pieces(table.name)
    )
    titles = data.select(main.name, *RECORD, title)
    rows = hashes.join(titles, on=RECORD, how="left", maintain_order="left")
    rows = rows.with_columns(pl.col(_PROJECT).fill_null("")).with_row_index(_ROW)
    place = pl.int_range(pl.len()).over("district", "unit_code", _PROJECT).alias(_NUMBER)
    return rows.select(_ROW, "district", "unit_code", _PROJECT, place, _HASH)


def _differing(old: pl.DataFrame, new: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The places of the rows that are not the same in both."""
    key = [*_PLACE, _HASH]
    same = old.select(key).join(new.select(key), on=key, how="semi")
    before, now = (
        places.join(same, on=_PLACE, how="anti", maintain_order="left") for places in (old, new)
    )
    return before, now


def _rows(data: DataSet, table: TableView, places: pl.DataFrame) -> pl.DataFrame:
    """The rows of a table at some places, with what a line says of them."""
    kept = [*dict.fromkeys([*_PLACE, *table.fields, "file", "sheet", "cells"])]
    named = places.select(_ROW, _PROJECT, _NUMBER)
    found = []
    start = 0
    for piece in data.pieces(table.name):
        numbered = piece.with_row_index(_ROW, start)
        found.append(numbered.join(named, on=_ROW, maintain_order="left").select(kept))
        start += len(piece)
    return pl.concat(found)


def _by_units(
    old: pl.DataFrame, new: pl.DataFrame
) -> Iterator[tuple[dict[Place, Row], dict[Place, Row]]]:
    """The rows of a few units at a time, by their places: all of a province would be too many."""
    units = pl.concat([rows.select(_UNIT) for rows in (old, new)]).unique().sort(_UNIT)
    for some in units.iter_slices(_AT_ONCE):
        before, now = (rows.join(some, on=_UNIT, how="semi") for rows in (old, new))
        yield _by_place(before), _by_place(now)


def _by_place(rows: pl.DataFrame) -> dict[Place, Row]:
    found: dict[Any, Row] = {}
    for row in rows.iter_rows(named=True):
        found[tuple(row[name] for name in _PLACE)] = row
    return found


def _differences(
    old: Row | None, new: Row | None, table: TableView
) -> Iterator[tuple[str, str, str, str, Row]]:
    """(what, field, value before, value now, row) of two rows in the same place."""
    if old is None and new is not None:
        yield "新增", "", "", _words(new, table), new
    elif new is None and old is not None:
        yield "删除", "", _words(old, table), "", old
    elif old is not None and new is not None:
        for name in table.fields:
            was, now = plain(old[name]), plain(new[name])
            if was != now:
                yield "修改", name, was, now, new


def _words(row: Row, table: TableView) -> str:
    """A row in short: its first values."""
    values = [plain(row[name]) for name in table.fields]
    return "，".join(value for value in values if value)[:200]
