"""变更.csv: what changed since the last merge, value by value; and the same against last year's result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from xltool.fields.reading import Value
from xltool.form.model import Form, TableView
from xltool.merging.data_set import DataSet
from xltool.merging.parquet import DATA, load
from xltool.returns.origins import cells_of, plain

CHANGES = "变更.csv"
_HEADER = (
    *("变化", "行政区划", "单位代码", "单位名称", "项目", "表", "序号", "栏目", "原值", "现值"),
    *("来源文件", "工作表", "单元格"),
)
Row = Mapping[str, Value]
Place = tuple[str, str, str, int]  # district, unit, project, its place among those of this name


def changes_since(previous: Path | None, data: DataSet, form: Form) -> Iterator[list[str]]:
    """The lines of the file, its headings first; without an earlier result there are no others."""
    yield list(_HEADER)
    if previous is None:
        return
    before = load(previous / DATA, form)
    names = _units(before) | _units(data)
    for table in form.tables.values():
        old, new = _placed(before, table), _placed(data, table)
        for key in sorted({*old, *new}):
            for word, field, was, now, row in _differences(old.get(key), new.get(key), table):
                district, unit, project, number = key
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


def _placed(data: DataSet, table: TableView) -> dict[Place, Row]:
    """The rows of a table by unit, project and their order in it."""
    form = data.form
    main = data.tables[form.record_table.name]
    key = ["district", "unit_code", "sha256", "record"]
    name = "project_code" if "project_code" in main.columns else "project_name"
    if name in main.columns:
        title = pl.coalesce(
            *(pl.col(column) for column in (name, "project_name") if column in main.columns),
            pl.lit(""),
        )
    else:
        title = pl.lit("")
    titles = main.select(*key, title.alias("@project"))
    rows = data.tables[table.name].join(titles, on=key, how="left", maintain_order="left")
    found: dict[Place, Row] = {}
    counts: dict[tuple[str, str, str], int] = {}
    for row in rows.iter_rows(named=True):
        place = row["district"], row["unit_code"], row["@project"] or ""
        number = counts.get(place, 0)
        counts[place] = number + 1
        found[(*place, number)] = row
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
