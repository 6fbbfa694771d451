"""Where formulas find what they work with: on a form sheet itself, or on others of the workbook.

A sheet that stands once in a workbook sees all others that do; one of which each project has its own sees
itself alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from xltool.fields.cell_formulas import literal
from xltool.fields.field import Field
from xltool.form.adjoining import Run, runs_of
from xltool.form.layout import Block, Layout, Sheet, a1
from xltool.form.model import Form
from xltool.language.excel import Lines

# how a formula writes cells: the sheet, the 0-based column, the first and the last row
Written = Callable[[Sheet, int, int, int], str]


def sheets_seen(layout: Layout, sheet: Sheet) -> list[Sheet]:
    """Return the sheets that formulas about a sheet may look at."""
    if sheet.is_repeated:
        return [sheet]
    return [other for other in layout.sheets if not other.is_repeated]


def tables_seen_of(layout: Layout, sheet: Sheet) -> set[str]:
    """Return the tables that stand on other sheets than this one and that its formulas may look at."""
    others = [other for other in sheets_seen(layout, sheet) if other is not sheet]
    return {name for other in others for name in other.tables}


@dataclass(frozen=True)
class TablePlaces:
    """The cells of tables on some sheets, as formulas in one place write them."""

    form: Form
    sheets: Sequence[Sheet]
    written: Written

    def cells(self, table: str, name: str) -> str:
        """All cells of a field, adjoining ones as one range: the arguments of SUM."""
        return ",".join(self._cells(table, name))

    def lines(self, table: str) -> list[Lines]:
        """The rows of a table, wherever they stand."""
        return [self._lines(sheet, run) for sheet in self.sheets for run in _runs(sheet, table)]

    def _cells(self, table: str, name: str) -> Iterator[str]:
        for sheet in self.sheets:
            if sheet.record == table and name in sheet.fields:
                cell = sheet.fields[name]
                written = self.written(sheet, cell.column, cell.row, cell.row)
                yield cell.piece_formula(name, written)
            blocks = [b for b in sheet.blocks if b.table == table and name in b.columns]
            for run in runs_of(blocks, [name]):
                yield self.written(sheet, run.columns[name], run.first, run.last)

    def _lines(self, sheet: Sheet, run: Run) -> Lines:
        fields, block = self.form.tables[run.block.table].fields, run.block

        def address(name: str) -> str:
            if name in run.columns:
                return self.written(sheet, run.columns[name], run.first, run.last)
            return literal(block.keys[name])

        known = {name: fields[name] for name in (*block.keys, *run.columns)}
        return Lines(address, known, () if block.always else _typed(fields, block))


@dataclass(frozen=True)
class FormulaPlaces:
    """What names mean in the formula of a cell of `sheet`.

    `row` is the 0-based row of a cell in a block, with the `columns` of the block by field; None for a field
    of the record itself. The name of a sheet stands only before cells of another one.
    """

    form: Form
    layout: Layout
    sheet: Sheet
    row: int | None = None
    columns: Mapping[str, int] | None = None

    @property
    def tables(self) -> TablePlaces:
        """The cells of tables, on this sheet or others."""
        return TablePlaces(self.form, sheets_seen(self.layout, self.sheet), self._written)

    def address(self, name: str) -> str:
        """The cell of a field; of `task.amount` all cells."""
        if "." in name:
            return self.tables.cells(*name.split("."))
        if self.row is not None and self.columns and name in self.columns:
            return a1(self.row, self.columns[name])
        return self.sheet.fields[name].piece_formula(name, self.sheet.fields[name].address)

    def _written(self, sheet: Sheet, column: int, first: int, last: int) -> str:
        cells = a1(first, column)
        if (first, column) in sheet.block_cells:
            cells = f"{cells}:{a1(last, column)}"
        if sheet is self.sheet:
            return cells
        quoted = sheet.name.replace("'", "''")
        return f"'{quoted}'!{cells}"


def _runs(sheet: Sheet, table: str) -> list[Run]:
    """The rows of a table on a sheet, apart where they share other keys."""
    blocks = (block for block in sheet.blocks if block.table == table)
    return runs_of(blocks, same=lambda block: (block.always, tuple(block.keys.items())))


def _typed(fields: Mapping[str, Field], block: Block) -> list[str]:
    """The columns of a block that tell whether a row is in use: all that the workbook does not fill."""
    return [name for name in block.columns if not (fields[name].computed or fields[name].looked_up)]
