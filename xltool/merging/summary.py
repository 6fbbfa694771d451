"""汇总表.xlsx: the data set for people."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from xltool.form.model import TableView
from xltool.merging.data_set import DataSet
from xltool.prose.targets import elements
from xltool.write.tables import Sheet, write_tables

SUMMARY_FILE = "汇总表.xlsx"
_ELEMENTS = {"target.sign": "计算符号", "target.number": "数值", "target.unit": "计量单位"}


def save(data: DataSet, folder: Path) -> None:
    """Write what was merged: projects, indicators, totals by unit and department, provenance."""
    data = data.merged
    form = data.form
    units = data.submissions.select("unit_code", "unit_name", "department", "fy")
    main = form.record_table
    named = "project_name" in main.fields
    sheets = []
    for table in form.tables.values():
        frame = data.tables[table.name].join(units, on="unit_code", how="left")
        lead, header = ["unit_code", "unit_name"], ["单位代码", "单位名称"]
        if named and table is not main:
            name = data.tables[main.name].select("sha256", "record", "project_name")
            frame = frame.join(name, on=["sha256", "record"], how="left")
            lead, header = [*lead, "project_name"], [*header, "项目名称"]
        frame = frame.sort("unit_code", "record", "line")
        lines, shown = _with_elements(table, frame)
        names = [*lead, *(n for n in shown if n not in lead), "file", "sheet", "line"]
        header += [shown[n] for n in names[len(lead) : -3]]
        header += ["来源文件", "来源工作表", "行"]
        rows = [[row[name] for name in names] for row in lines]
        sheets.append(Sheet(table.title, header, rows, wrap=True))
    sheets += _totals(data)
    sheets.append(_sources(data))
    write_tables(folder / SUMMARY_FILE, sheets)


def _with_elements(
    table: TableView, frame: pl.DataFrame
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The rows of a table, and its columns with their headings.

    A target value written as one text is followed by its sign, number and unit (docs/domain.md §8.2).
    """
    rows = frame.to_dicts()
    shown = {name: field.short_label for name, field in table.fields.items()}
    if not {"lv2", "target"} <= set(shown) or "target_unit" in shown:
        return rows, shown
    for row in rows:
        parts = elements(row["target"] or "", row["lv2"], row["fy"])
        row |= dict(zip(_ELEMENTS, map(_tidy, parts), strict=True))
    columns = list(shown.items())
    place = list(shown).index("target") + 1
    return rows, dict([*columns[:place], *_ELEMENTS.items(), *columns[place:]])


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
    units = data.submissions.select("unit_code", "unit_name", "department", "department_code")
    frame = data.tables[main.name].join(units, on="unit_code", how="left")
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
    rows = data.submissions.sort("unit_code").select(names).rows()
    return Sheet("来源", header, [list(row) for row in rows], wrap=True)
