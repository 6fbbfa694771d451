"""The merged data set on disk: Parquet, the import file, 汇总表.

A data set is one frame per table plus `submission`; every row carries its provenance (file, sha256,
sheet, row, unit, issue id).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from xltool.errors import OfficeError
from xltool.forms import Form
from xltool.roster import field_by_label
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
    "outcome": pl.String(),
    "detail": pl.String(),
}


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
    """The file that the finance system imports: one sheet, one heading row, values only.

    The column map is `import.csv` beside the layout (column, field); a column without field stays
    empty, because the system fills it. One line per indicator, the project repeated (DOMAIN §8.4).
    """
    columns = _column_map(data.form)
    main = data.form.record_table
    project = data.tables[main.name]
    child = next((t for t in data.form.tables.values() if t is not main), None)
    keys = ["form", "unit_code", "sha256", "record"]
    frame = project.sort("unit_code", "record")
    if child is not None:
        rows = data.tables[child.name].drop("file", "issue_id", "sheet")
        frame = frame.join(rows, on=keys, how="left", suffix="_child").sort(
            "unit_code", "record", "line_child", maintain_order=True
        )
    table = [[row[name] if name else None for _, name in columns] for row in frame.to_dicts()]
    write_tables(path, [Sheet("Sheet1", [title for title, _ in columns], table)], bare=True)


def write_summary(data: DataSet, path: Path) -> None:
    """汇总表: projects, indicators, totals by unit and department, provenance."""
    form = data.form
    units = data.submissions.select("unit_code", "unit_name", "department")
    sheets = []
    for table in form.tables.values():
        frame = data.tables[table.name].join(units, on="unit_code", how="left")
        main = table is form.record_table
        if not main:
            project = data.tables[form.record_table.name]
            name = project.select("sha256", "record", "project_name")
            frame = frame.join(name, on=["sha256", "record"], how="left")
        frame = frame.sort("unit_code", "record", "line")
        lead = ["unit_code", "unit_name"] + ([] if main else ["project_name"])
        header = ["单位代码", "单位名称"] + ([] if main else ["项目名称"])
        names = [*lead, *table.fields, "file", "sheet", "line"]
        header += [field.short_label for field in table.fields.values()] + [
            "来源文件",
            "来源工作表",
            "行",
        ]
        rows = [[row[name] for name in names] for row in frame.select(names).to_dicts()]
        sheets.append(Sheet("项目" if main else "指标", header, rows))
    sheets += _totals(data)
    sheets.append(_sources(data))
    write_tables(path, sheets)


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
        sheets.append(Sheet(title, [*heads, "项目数", *labels], [*rows, totals]))
    return sheets


def _sources(data: DataSet) -> Sheet:
    header = ["单位代码", "单位名称", "表", "年度", "签发编号", "文件", "sha256", "提醒数"]
    names = ["unit_code", "unit_name", "form", "fy", "issue_id", "file", "sha256", "warnings"]
    rows = data.submissions.sort("unit_code").select(names).rows()
    return Sheet("来源", header, [list(row) for row in rows])


def _column_map(form: Form) -> list[tuple[str, str | None]]:
    """(heading, field or None) of the import file, from `import.csv` beside the layout."""
    path = form.folder / "import.csv"
    fields = {name: f for table in form.tables.values() for name, f in table.fields.items()}
    columns: list[tuple[str, str | None]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))[1:]
    except OSError:
        raise OfficeError("找不到导入文件的列对照表", path) from None
    for number, line in enumerate(lines, 2):
        title, word = [*line, "", ""][:2]
        name = field_by_label(fields, word) if word else None
        if word and name is None:
            raise OfficeError(f"“{word}”不是本表的栏目", path, number)
        columns.append((title, name))
    return columns
