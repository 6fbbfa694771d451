"""What lines of 填报检查 take from other tables: sums over their rows, wherever in the workbook they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from xltool.fields.field import Field
from xltool.form.formula_places import TablePlaces
from xltool.form.layout import Sheet
from xltool.form.model import Form
from xltool.language.computing import inputs_behind
from xltool.language.conditions import sum_in_excel, sum_of_rows
from xltool.language.excel import Lines
from xltool.language.functions import Cell, Content
from xltool.language.nodes import Column, names_in
from xltool.language.values import BLANK, UNREADABLE, TypedRow
from xltool.write.live.lines import Place, RawAt, cells_at


@dataclass(frozen=True)
class Sum(Cell):
    """A sum as formulas write it; `known` is true where it can be used."""

    known: str = ""

    @cached_property
    def usable(self) -> str:
        """The formula that is true where it can be used."""
        return self.known


@dataclass(frozen=True)
class Elsewhere:
    """The tables that lines about a form sheet may look at, there and on other sheets.

    A line is silent as long as a number that counts stands there as text: when it comes back, it is read
    all the same.
    """

    form: Form
    place: Place

    @property
    def sheets(self) -> Sequence[Sheet]:
        """The sheets on which they stand."""
        return (self.place.sheet, *self.place.beside)

    def has(self, column: Column) -> bool:
        """True if the table of a column stands there."""
        return any(column.table in sheet.tables for sheet in self.sheets)

    def cell(self, column: Column) -> Cell:
        """The sum of a column as formulas write it."""
        places = TablePlaces(self.form, self.sheets, self._written)
        lines, numbers = places.lines(column.table), self._numbers(column)
        if column.where is None:
            cells = places.cells(column.table, column.field)
            value, known = f"SUM({cells})", f"(COUNT({cells})>0)"
        else:
            value, count = sum_in_excel(column, places.lines)
            known = f"({count}>0)" if count else ""
        unread = [cell for one in lines for cell in _unread(one, numbers)]
        clean = f"(SUM({','.join(unread)})=0)" if unread else ""
        return Sum(value, known="*".join(filter(None, (known, clean))) or "1")

    def content(self, column: Column, raw: RawAt, others: Mapping[str, RawAt]) -> Content:
        """What its formula gives where these contents stand on this sheet and on the others by name."""
        rows = list(self._rows(column.table, raw, others))
        cells = [row[name] for row in rows for name in self._numbers(column) if name in row]
        if any(cell.is_filled and cell.value is None for cell in cells):
            return UNREADABLE
        values = [{name: row[name].value for name in row} for row in rows]
        if column.where is not None:
            total = sum_of_rows(column, values)
        else:
            found = [row[column.field] for row in values if row.get(column.field) is not None]
            total = sum(found, Decimal(0)) if found else None
        return BLANK if total is None else Content(total)

    def _numbers(self, column: Column) -> list[str]:
        """The fields whose numbers count in it, those from which others are worked out among them."""
        fields = self.form.tables[column.table].fields
        names = [column.field, *names_in(column.where)]
        behind = [*names, *inputs_behind(names, fields)]
        return [name for name in dict.fromkeys(behind) if fields[name].kind.numeric]

    def _rows(
        self, table: str, raw: RawAt, others: Mapping[str, RawAt]
    ) -> Iterator[Mapping[str, Content]]:
        """The rows of a table that are in use; of a record table the one record."""
        fields = self.form.tables[table].fields
        for sheet in self.sheets:
            look = raw if sheet is self.place.sheet else others[sheet.name]
            if sheet.record == table:
                cells = sheet.fields.items()
                held = {n: cell.piece(n, look((cell.row, cell.column))) for n, cell in cells}
                yield TypedRow(held, fields)
            for block in sheet.blocks:
                for row in block.span if block.table == table else ():
                    held = {name: look((row, place)) for name, place in block.columns.items()}
                    contents = TypedRow({**block.keys, **held}, fields)
                    if block.always or any(_is_typed(fields[n], contents[n]) for n in held):
                        yield contents

    def _written(self, sheet: Sheet, column: int, first: int, last: int) -> str:
        name = self.place.name if sheet is self.place.sheet else sheet.name
        return cells_at(name, first, column, last)


def _is_typed(field: Field, content: Content) -> bool:
    """Whether a cell holds anything that the workbook did not work out."""
    return content.is_filled and not (field.computed or field.looked_up)


def _unread(lines: Lines, names: Sequence[str]) -> Iterator[str]:
    """What is 1 where something stands in a cell that formulas cannot use, for each of some columns."""
    for cell in (lines.cell(name) for name in names if name in lines.fields):
        if not (cell.field and cell.field.computed):
            yield f"{cell.filled}*(1-{cell.usable})"
