"""The merged data set on disk: Parquet, the import file, 汇总表.

A data set is one frame per table plus `submission`; every row carries its provenance (file, sha256,
sheet, row, unit, issue id).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from xltool.errors import OfficeError
from xltool.form.model import Form, TableView
from xltool.office.roster import field_by_label
from xltool.prose.targets import elements
from xltool.write.tables import Sheet, write_tables

DATA = "data"  # what was merged
CONFLICTS = "conflicts"  # what was not, because submissions contradict each other
SUBMISSIONS = "submission.parquet"
IMPORT_FILE = "导入文件.xlsx"
SUMMARY_FILE = "汇总表.xlsx"
PROVENANCE: dict[str, pl.DataType] = {
    "form": pl.String(),
    "unit_code": pl.String(),
    "issue_id": pl.String(),
    "file": pl.String(),
    "sha256": pl.String(),
    "sheet": pl.String(),
    "record": pl.Int64(),
    "line": pl.Int64(),
}
SUBMISSION: dict[str, pl.DataType] = {
    "form": pl.String(),
    "fy": pl.Int64(),
    "unit_code": pl.String(),
    "unit_name": pl.String(),
    "department_code": pl.String(),
    "department": pl.String(),
    "issue_id": pl.String(),
    "file": pl.String(),
    "sha256": pl.String(),
    "modified": pl.Float64(),
    "warnings": pl.Int64(),
    "accepted_by": pl.String(),
    "accepted_reason": pl.String(),
    "accepted_at": pl.String(),
    "outcome": pl.String(),
    "detail": pl.String(),
}


_ELEMENTS = {"target.sign": "计算符号", "target.number": "数值", "target.unit": "计量单位"}


@dataclass(frozen=True)
class DataSet:
    """The submissions of one form that may be merged, with their rows.

    Those in conflict are kept too, with their `outcome`: a later merge must see them again.
    """

    form: Form
    submissions: pl.DataFrame
    tables: Mapping[str, pl.DataFrame]

    def having(self, condition: pl.Expr) -> DataSet:
        """The submissions for which a condition holds, with their rows."""
        chosen = self.submissions.filter(condition)
        key = ["form", "unit_code", "sha256"]
        tables = {
            name: frame.join(chosen.select(key), on=key, how="semi")
            for name, frame in self.tables.items()
        }
        return DataSet(self.form, chosen, tables)


def save(data: DataSet, folder: Path) -> None:
    """Write everything into an empty folder."""
    merged = data.having(pl.col("outcome") == "merged")
    for part, place in (
        (merged, folder / DATA),
        (data.having(pl.col("outcome") != "merged"), folder / CONFLICTS),
    ):
        if part.submissions.is_empty() and place != folder / DATA:
            continue
        place.mkdir(parents=True)
        part.submissions.write_parquet(place / SUBMISSIONS)
        for name, frame in part.tables.items():
            frame.write_parquet(place / f"{name}.parquet")
    write_import_file(merged, folder / IMPORT_FILE)
    write_summary(merged, folder / SUMMARY_FILE)


def write_import_file(data: DataSet, path: Path) -> None:
    """The file that the finance system imports: one heading row, values only.

    The column map is `import.csv` beside the layout (column, field, and perhaps the sheet); a column
    without field stays empty, because the system fills it. One line per row of the other table that
    the columns name, the record repeated (docs/domain.md §8.4).
    """
    sheets = [
        Sheet(name, [column.title for column in columns], _lines(data, columns))
        for name, columns in _column_map(data.form).items()
    ]
    write_tables(path, sheets, bare=True)


def _lines(data: DataSet, columns: Sequence[Column]) -> list[list[Any]]:
    """The lines of one sheet of the import file, by unit and record."""
    key = ["form", "unit_code", "sha256", "record"]
    tables = {column.table: data.form.tables[column.table] for column in columns if column.table}
    frame = data.tables[data.form.record_table.name].select(*key).sort("unit_code", "record")
    for name, table in tables.items():
        wanted = {c.field: f"{name}.{c.field}" for c in columns if c.table == name}
        order = ["line"] if table.is_rows else []
        rows = data.tables[name].select(*key, *order, *wanted).rename(wanted)
        frame = frame.join(rows, on=key, how="left", maintain_order="left_right")
        if table.is_rows:
            frame = frame.sort("unit_code", "record", "line", maintain_order=True)
    names = [f"{column.table}.{column.field}" if column.table else None for column in columns]
    return [[row[name] if name else None for name in names] for row in frame.to_dicts()]


def write_summary(data: DataSet, path: Path) -> None:
    """汇总表: projects, indicators, totals by unit and department, provenance."""
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
    write_tables(path, sheets)


def _with_elements(
    table: TableView, frame: pl.DataFrame
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The rows of a table, and its columns with their headings.

    After a target value in one text come its sign, number and unit (docs/domain.md §8.2).
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
    header += ["接受提醒的审核人", "理由", "时间"]
    names = ["unit_code", "unit_name", "form", "fy", "issue_id", "file", "sha256", "warnings"]
    names += ["accepted_by", "accepted_reason", "accepted_at"]
    rows = data.submissions.sort("unit_code").select(names).rows()
    return Sheet("来源", header, [list(row) for row in rows], wrap=True)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the import file: its heading, and the field that it shows, if any."""

    title: str
    table: str = ""
    field: str = ""


def _column_map(form: Form) -> dict[str, list[Column]]:
    """The columns of each sheet of the import file, from `import.csv` beside the layout."""
    path = form.folder / "import.csv"
    sheets: dict[str, list[Column]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))[1:]
    except OSError:
        raise OfficeError("找不到导入文件的列对照表", path) from None
    for number, line in enumerate(lines, 2):
        title, word, sheet = [*line, "", "", ""][:3]
        sheets.setdefault(sheet or "Sheet1", []).append(_column(form, title, word, path, number))
    return sheets


def _column(form: Form, title: str, word: str, path: Path, line: int) -> Column:
    """One line of the column map; `word` is a label, a field, or `table.field`."""
    if not word:
        return Column(title)
    name, _, rest = word.partition(".")
    tables = [form.tables[name]] if rest and name in form.tables else list(form.tables.values())
    for table in tables:
        field = field_by_label(table.fields, rest or word)
        if field is not None:
            return Column(title, table.name, field)
    raise OfficeError(f"“{word}”不是本表的栏目", path, line)
