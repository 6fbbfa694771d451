"""导入文件.xlsx: what the finance system imports; several files where Excel's rows do not suffice."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from xltool.errors import OfficeError
from xltool.form.model import Form
from xltool.merging.data_set import RECORD, DataSet
from xltool.office.roster import field_by_label
from xltool.write.tables import ROWS, Lines, Sheet, write_tables

_NAME, _SUFFIX = "导入文件", ".xlsx"
_AT_ONCE = 1_000  # records whose lines are worked out together


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


def save(data: DataSet, folder: Path, rows: int = ROWS) -> None:
    """Write what was merged as the finance system imports it: one heading row, values only.

    The column map is `import.csv` beside the layout (column, field, and perhaps the sheet); a column
    without field stays empty, because the system fills it. One line per row of the other table that
    the columns name, the record repeated (docs/domain.md §8.4). No sheet has more than `rows` lines: what
    is more goes into another file, with whole records.
    """
    sheets = [_Sheet(name, columns, data) for name, columns in _column_map(data.form).items()]
    for number, (first, count) in enumerate(_shares([sheet.lines for sheet in sheets], rows), 1):
        lists = [sheet.part(first, count) for sheet in sheets]
        write_tables(folder / file_name(number), lists, bare=True)


def file_name(number: int) -> str:
    """The name of an import file; the first has no number."""
    return f"{_NAME}-{number}{_SUFFIX}" if number > 1 else _NAME + _SUFFIX


def files_in(folder: Path) -> int:
    """How many import files a merge wrote into a folder."""
    return len(list(folder.glob(f"{_NAME}*{_SUFFIX}")))


def _shares(lines: Sequence[pl.Series], rows: int) -> Iterator[tuple[int, int]]:
    """(first, count) of the records of each file; `lines` say for each sheet how many lines a record has.

    As many records as fit, but one at least.
    """
    ends = [each.cum_sum() for each in lines]
    first, records = 0, len(ends[0])
    while True:
        before = [int(end[first - 1]) if first else 0 for end in ends]
        fitting = min(
            int(end.search_sorted(done + rows, side="right"))
            for end, done in zip(ends, before, strict=True)
        )
        following = min(max(fitting, first + 1), records)
        yield first, following - first
        if following >= records:
            return
        first = following


class _Sheet:
    """One sheet of the import file, for any run of the records, which stand by unit and record.

    `lines` say how many lines each record has: as many as it has rows, but one at least.
    """

    def __init__(self, name: str, columns: Sequence[Column], data: DataSet) -> None:
        self._name, self._columns, self._data = name, columns, data
        self._tables = list(dict.fromkeys(column.table for column in columns if column.table))
        records = data.tables[data.form.record_table.name].select(RECORD)
        self._records = records.sort("district", "unit_code", "record")
        self.lines = pl.repeat(1, len(records), dtype=pl.Int64, eager=True)
        for table in self._tables:
            places = _places(data.tables[table], table)
            self._records = self._records.join(places, on=RECORD, how="left", maintain_order="left")
            self.lines *= self._records[f"{table}:rows"].fill_null(1)

    def part(self, first: int, records: int) -> Sheet:
        """The sheet with some of the records."""
        titles = [column.title for column in self._columns]
        made = partial(self._made, first, records)
        return Sheet(self._name, titles, Lines(int(self.lines.slice(first, records).sum()), made))

    def _made(self, first: int, records: int) -> Iterator[Sequence[Any]]:
        for piece in self._records.slice(first, records).iter_slices(_AT_ONCE):
            yield from self._lines(piece).iter_rows()

    def _lines(self, records: pl.DataFrame) -> pl.DataFrame:
        """The lines of a few records."""
        frame = records.select(RECORD)
        for name in self._tables:
            wanted = {c.field: f"{name}.{c.field}" for c in self._columns if c.table == name}
            is_rows = self._data.form.tables[name].is_rows
            order = ["line"] if is_rows else []
            first = records[f"{name}:first"]
            last = (first + records[f"{name}:rows"]).max()
            rows = self._data.tables[name][first.min() or 0 : last or 0]
            rows = rows.select(*RECORD, *order, *wanted).rename(wanted)
            frame = frame.join(rows, on=RECORD, how="left", maintain_order="left_right")
            if is_rows:
                frame = frame.sort("district", "unit_code", "record", "line", maintain_order=True)
        return frame.select(
            (pl.col(f"{c.table}.{c.field}") if c.table else pl.lit(None)).alias(str(n))
            for n, c in enumerate(self._columns)
        )


def _places(rows: pl.DataFrame, table: str) -> pl.DataFrame:
    """Where the rows of each record stand in a table: its first one, and how many there are."""
    numbered = rows.select(*RECORD, pl.int_range(pl.len()).alias("place"))
    first, count = pl.col("place").min(), pl.len().cast(pl.Int64)
    return numbered.group_by(RECORD).agg(
        first.alias(f"{table}:first"), count.alias(f"{table}:rows")
    )
