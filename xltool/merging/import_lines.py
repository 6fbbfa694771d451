"""The lines of one sheet of the import file, for any run of the records, each made when it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from typing import Any

import polars as pl

from xltool.errors import OfficeError
from xltool.merging.data_set import KEY, RECORD, DataSet
from xltool.merging.import_totals import Totals
from xltool.office.import_formats import PLAIN, Cell, InexactError
from xltool.office.import_map import Column, is_of_units
from xltool.office.import_plan import MAP_FILE
from xltool.prose.targets import elements
from xltool.write.tables import Lines, Sheet

_AT_ONCE = 1_000  # records whose lines are worked out together
_GROUPED = 20_000  # rows that are grouped together
_LEVEL = "lv2"  # of an indicator: it decides what 万 means in a target value
_ORDER = ("district", "unit_code", "record", "sha256")

Cells = Sequence[Any]


class Piece:
    """Some of the records as a sheet. `totals` are those of the lines that were last gone through."""

    def __init__(
        self, sheet: SheetLines, made: Callable[[Totals], Iterator[Cells]], lines: int
    ) -> None:
        self.totals = Totals(sheet.columns, sheet.form)
        titles = [column.title for column in sheet.columns]
        self.sheet = Sheet(sheet.name, titles, Lines(lines, partial(made, self.totals)))


class SheetLines:
    """One sheet of the import file. The records stand by district, unit and record.

    One line per row of the other table that the columns name, the record repeated (docs/domain.md §8.4);
    `lines` say how many each record has: as many as it has rows, but one at least.
    """

    def __init__(self, name: str, columns: Sequence[Column], data: DataSet) -> None:
        self.name, self.columns, self.form = name, columns, data.form
        self._tables: dict[str, pl.DataFrame] = {}  # by name, with what is written of them
        for column in columns:
            if column.table and column.table not in self._tables:
                self._tables[column.table] = self._written(data, column.table)
        context = {"fy", *(column.field for column in columns if not column.table)} - {""}
        told = data.submissions.select(*KEY, *(pl.col(n).alias(f".{n}") for n in sorted(context)))
        records = data.records_of(once=is_of_units(columns, data.form))
        self._records = records.sort(_ORDER).join(told, on=KEY, how="left", maintain_order="left")
        self.lines = pl.repeat(1, len(records), dtype=pl.Int64, eager=True)
        for table, rows in self._tables.items():
            places = _places(rows, table)
            self._records = self._records.join(places, on=RECORD, how="left", maintain_order="left")
            self.lines *= self._records[f"{table}:rows"].fill_null(1)

    def _written(self, data: DataSet, table: str) -> pl.DataFrame:
        """A table with the columns that are written of it, and those that they depend on."""
        view = self.form.tables[table]
        fields = {column.field for column in self.columns if column.table == table}
        fields |= {_LEVEL} & set(view.fields)
        named = [pl.col(field).alias(f"{table}.{field}") for field in sorted(fields)]
        return data.select(table, *RECORD, *(["line"] if view.is_rows else []), *named)

    def part(self, first: int, records: int) -> Piece:
        """The sheet with some of the records."""
        made = partial(self._made, first, records)
        return Piece(self, made, int(self.lines.slice(first, records).sum()))

    def _made(self, first: int, records: int, totals: Totals) -> Iterator[Cells]:
        totals.begin()
        shown = len(self.columns)
        special = list(self._special())
        for piece in self._records.slice(first, records).iter_slices(_AT_ONCE):
            totals.records += len(piece)
            for line in self._lines(piece).iter_rows():
                cells = list(line[:shown])
                for place, writer in special:
                    cells[place] = writer(line)
                totals.add(cells)
                yield cells

    def _special(self) -> Iterator[tuple[int, Callable[[Cells], Any]]]:
        """The columns whose cells are worked out, by their places: each from a line of `_lines`."""
        year = len(self.columns)
        levels = count(year + 1)
        for place, column in enumerate(self.columns):
            if column.part is not None:
                yield place, partial(_part, column, column.part, (place, next(levels), year))
            elif column.format is not None:
                yield place, partial(_of_field, column, place)

    def _lines(self, records: pl.DataFrame) -> pl.DataFrame:
        """The lines of a few records: the columns, then what parts of target values depend on.

        That is the year, and for each such part the second level of its indicator.
        """
        frame = records
        for name, table in self._tables.items():
            first = records[f"{name}:first"]
            last = (first + records[f"{name}:rows"]).max()
            rows = table[first.min() or 0 : last or 0]
            frame = frame.join(rows, on=RECORD, how="left", maintain_order="left_right")
            if "line" in rows.columns:
                frame = frame.sort(*_ORDER, "line", maintain_order=True)
        shown = [_shown(column).alias(str(place)) for place, column in enumerate(self.columns)]
        levels = [
            (pl.col(level) if (level := f"{c.table}.{_LEVEL}") in frame.columns else pl.lit(None))
            for c in self.columns
            if c.part is not None
        ]
        levels = [level.alias(f"level {number}") for number, level in enumerate(levels)]
        return frame.select(*shown, pl.col(".fy"), *levels)


def _shown(column: Column) -> pl.Expr:
    """What a column shows, before it is formatted."""
    if column.field:
        return pl.col(f"{column.table}.{column.field}")
    return pl.lit(column.constant or None, pl.String())


def _part(column: Column, part: int, places: tuple[int, int, int], line: Cells) -> Any:
    """A part of a target value; `places` are those of its text, the second level and the year."""
    text, lv2, fy = (line[place] for place in places)
    value = elements(text or "", lv2, fy)[part]
    return _formatted(column, value) if column.format else value or None


def _of_field(column: Column, place: int, line: Cells) -> str | None:
    """The value at a place of a line, as the format of the column says."""
    return _formatted(column, line[place])


def _formatted(column: Column, value: Cell) -> str | None:
    """A value as the format of the column says. Raises OfficeError where it does not fit."""
    shape = column.format or PLAIN
    try:
        return shape.written(value)
    except InexactError as error:
        raise OfficeError(
            f"导入文件的列“{column.title}”（格式 {shape.word}）写不下 {error}，没有合并；"
            f"请在 {MAP_FILE} 里改用小数位数更多的格式"
        ) from None


def _places(rows: pl.DataFrame, table: str) -> pl.DataFrame:
    """Where the rows of each record stand in a table: its first one, and how many there are."""
    numbered = rows.select(*RECORD, pl.int_range(pl.len()).alias("place"))
    pieces = numbered.iter_slices(_GROUPED) if len(numbered) else iter([numbered])
    found = pl.concat(  # to group all at once would take as much room again
        piece.group_by(RECORD).agg(pl.col("place").min(), pl.len().cast(pl.Int64).alias("rows"))
        for piece in pieces
    )
    return found.group_by(RECORD).agg(
        pl.col("place").min().alias(f"{table}:first"), pl.col("rows").sum().alias(f"{table}:rows")
    )
