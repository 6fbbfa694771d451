"""汇总表.xlsx: the data set for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from xltool.form.model import TableView
from xltool.merging.data_set import KEY, RECORD, DataSet
from xltool.prose.targets import elements
from xltool.write.tables import Lines, Sheet, write_tables

SUMMARY_FILE = "汇总表.xlsx"
_AT_ONCE = 10_000  # rows that are worked out together
_LEAD = {"unit_code": "单位代码", "unit_name": "单位名称"}
_ELEMENTS = ["计算符号", "数值", "计量单位"]
_SOURCE = {"file": "来源文件", "sheet": "来源工作表", "line": "行"}


def save(data: DataSet, folder: Path) -> None:
    """Write what was merged: projects, indicators, totals by unit and department, provenance."""
    data = data.merged
    sheets = [_rows(data, table) for table in data.form.tables.values()]
    write_tables(folder / SUMMARY_FILE, [*sheets, *_totals(data), _sources(data)])


def _rows(data: DataSet, table: TableView) -> Sheet:
    """The rows of a table with what names them, by unit and record.

    A target value written as one text is followed by its sign, number and unit (docs/domain.md §8.2).
    """
    main = data.form.record_table
    named = "project_name" in main.fields and table is not main
    lead = _LEAD | ({"project_name": "项目名称"} if named else {})
    own = {n: field.short_label for n, field in table.fields.items() if n not in lead}
    shown = [*lead.items(), *own.items(), *_SOURCE.items()]
    header = [title for _, title in shown]
    has_elements = {"lv2", "target"} <= set(table.fields) and "target_unit" not in table.fields
    place = [name for name, _ in shown].index("target") + 1 if has_elements else 0
    if has_elements:
        header[place:place] = _ELEMENTS
    made = partial(_made, data, table.name, [name for name, _ in shown], named, place)
    return Sheet(table.title, header, Lines(len(data.tables[table.name]), made), wrap=True)


def _made(
    data: DataSet, table: str, shown: Sequence[str], named: bool, place: int
) -> Iterator[Sequence[Any]]:
    """The rows of a table in these columns, with the elements of the target value at a place, if any."""
    units = data.submissions.select(*KEY, "unit_name", "fy")
    names = data.tables[data.form.record_table.name]
    for piece in data.tables[table].iter_slices(_AT_ONCE):
        rows = piece.join(units, on=KEY, how="left", maintain_order="left")
        if named:
            key = ["sha256", "record"]
            name = names.select(*key, "project_name")
            rows = rows.join(name, on=RECORD, how="left", maintain_order="left")
        wanted = [*shown, *(("target", "lv2", "fy") if place else ())]
        lines = rows.select(pl.col(n).alias(str(k)) for k, n in enumerate(wanted)).iter_rows()
        yield from _with_elements(lines, place) if place else lines


def _with_elements(lines: Iterable[tuple[Any, ...]], place: int) -> Iterator[tuple[Any, ...]]:
    """Lines that end with the target value, the second level and the year, with the elements instead."""
    for *line, target, lv2, fy in lines:
        line[place:place] = map(_tidy, elements(target or "", lv2, fy))
        yield tuple(line)


def _tidy(value: Decimal | date | str) -> Any:
    """An element as a cell: whole numbers without decimals, nothing where there is none."""
    if not isinstance(value, Decimal):
        return value or None
    places = -int(value.as_tuple().exponent)
    return int(value) if places <= 0 else value if places <= 2 else str(value)


def _totals(data: DataSet) -> list[Sheet]:
    """Amounts by unit and by department, exact decimals."""
    main = data.form.record_table
    amounts = [name for name, field in main.fields.items() if field.unit]
    labels = [main.fields[name].short_label for name in amounts]
    units = data.submissions.select(*KEY, "unit_name", "department", "department_code")
    frame = data.tables[main.name].join(units, on=KEY, how="left")
    sheets = []
    for title, keys, heads in (
        ("单位合计", ["unit_code", "unit_name"], ["单位代码", "单位名称"]),
        ("部门合计", ["department_code", "department"], ["部门代码", "主管部门"]),
    ):
        sums = (
            frame.group_by(keys)
            .agg(pl.len().alias("count"), *(pl.col(name).sum() for name in amounts))
            .sort(keys)
        )
        rows = [list(row) for row in sums.rows()]
        totals: list[Any] = ["合计", "", sum(row[2] for row in rows)]
        totals += [sum((row[3 + n] for row in rows), Decimal(0)) for n in range(len(amounts))]
        sheets.append(Sheet(title, [*heads, "项目数", *labels], [*rows, totals], wrap=True))
    return sheets


def _sources(data: DataSet) -> Sheet:
    header = ["单位代码", "单位名称", "表", "年度", "签发编号", "文件", "sha256", "提醒数"]
    header += ["接受提醒的审核人", "理由", "时间", "豁免"]
    names = ["unit_code", "unit_name", "form", "fy", "issue_id", "file", "sha256", "warnings"]
    names += ["accepted_by", "accepted_reason", "accepted_at", "waived"]
    rows = data.submissions.sort("unit_code").select(names)
    return Sheet("来源", header, Lines(len(rows), rows.iter_rows), wrap=True)
