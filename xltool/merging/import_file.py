"""导入文件.xlsx: what the finance system imports."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xltool.errors import OfficeError
from xltool.form.model import Form
from xltool.merging.data_set import DataSet
from xltool.office.roster import field_by_label
from xltool.write.tables import Sheet, write_tables

IMPORT_FILE = "导入文件.xlsx"


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


def save(data: DataSet, folder: Path) -> None:
    """Write what was merged as the finance system imports it: one heading row, values only.

    The column map is `import.csv` beside the layout (column, field, and perhaps the sheet); a column
    without field stays empty, because the system fills it. One line per row of the other table that
    the columns name, the record repeated (docs/domain.md §8.4).
    """
    sheets = [
        Sheet(name, [column.title for column in columns], _lines(data.merged, columns))
        for name, columns in _column_map(data.form).items()
    ]
    write_tables(folder / IMPORT_FILE, sheets, bare=True)


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
