"""The fields of one official sheet, each with its label and name, and the rows that hold those of the record."""

from __future__ import annotations

from dataclasses import dataclass, field

from xltool.adopting.declaring import declare
from xltool.adopting.naming import KnownTable, pinyin_name, table_name, unused
from xltool.adopting.official import USUAL_HEIGHT, OfficialCell, OfficialSheet
from xltool.adopting.plan import (
    Element,
    FieldPlan,
    FormPlan,
    Item,
    RowPlan,
    SheetPlan,
    TablePlan,
)
from xltool.adopting.roles import Role, is_placeholder, roles_of
from xltool.adopting.tables import tables_of
from xltool.adopting.words import has_words, is_total, unit_in

_HEADLINE = 13.0  # points of a font that is larger than that of a table


@dataclass
class SheetFields:
    """Makes the rows of one sheet whose fields are those of its record; adds tables and fields to the form."""

    form: FormPlan
    sheet: OfficialSheet
    name: str
    plan: SheetPlan = field(init=False)

    def __post_init__(self) -> None:
        self.roles = roles_of(self.sheet)
        self.tables = tables_of(self.sheet, self.roles)
        self.unit = next(
            filter(None, (unit_in(c.text) for c in self.printed if "单位" in c.text)), None
        )
        self.plan = SheetPlan(self.sheet, self.name, self.record())

    @property
    def printed(self) -> list[OfficialCell]:
        """The printed cells, from top to bottom."""
        cells = sorted(self.sheet.cells, key=lambda cell: cell.place)
        return [cell for cell in cells if self.roles[cell.place] is Role.PRINTED]

    # -- names ----------------------------------------------------------------------------------------

    def record(self) -> TablePlan:
        """The record table of the sheet: the first one of a form is its main table."""
        if not self.form.tables:
            known = "project" if "{n}" in self.name or "项目" in self.form.title else "unit"
            return self.add_table(known, self.form.title, is_rows=False)
        return self.add_table(pinyin_name(self.sheet.name, "sheet"), self.sheet.name, is_rows=False)

    def add_table(self, name: str, title: str, *, is_rows: bool) -> TablePlan:
        """A new table of the form."""
        table = TablePlan(table_name(name, self.form.tables), title, is_rows)
        self.form.tables[table.name] = table
        return table

    def add_field(
        self,
        table: TablePlan,
        label: str,
        cell: OfficialCell,
        role: Role,
        like: KnownTable | None = None,
        told: str = "",
    ) -> FieldPlan:
        """A new field of a table, for a cell; `told` says what kind of value it is, if not the label."""
        height = sum(
            self.sheet.heights.get(row, USUAL_HEIGHT)
            for row in range(cell.row, cell.row + cell.rows)
        )
        unit = self.unit_beside(cell) or self.unit
        plan = declare(
            label, cell, role, height, unit, is_rows=table.is_rows, like=like, told=told or label
        )
        plan.name = unused(plan.name or pinyin_name(label, "field"), table.fields)
        if is_placeholder(cell.text):
            plan.doubts.append(f"原表印有“{cell.text}”，当作由单位改写的空格")
        table.fields[plan.name] = plan
        return plan

    def unit_beside(self, cell: OfficialCell) -> str | None:
        """The unit of money that a printed cell left of a cell or above it says: 项目资金（万元）."""
        left = [self.sheet.owners[cell.row, column] for column in range(cell.column)]
        above = [self.sheet.owners[row, cell.column] for row in range(cell.row)]
        near = [*reversed(left), *reversed(above)]
        stated = (unit_in(c.text) for c in near if self.roles[c.place] is Role.PRINTED)
        return next(filter(None, stated), None)

    # -- rows of the record ---------------------------------------------------------------------------

    def row(self, number: int, columns: range | None = None) -> RowPlan:
        """A row whose fields are those of the record, or the part of it in some columns."""
        plan = RowPlan(number, [])
        for cell in self.sheet.starting[number]:
            if columns is not None and cell.column not in columns:
                continue
            plan.items.append(self.item(cell, plan))
        return plan

    def item(self, cell: OfficialCell, row: RowPlan) -> Item:
        """The element for a cell outside of blocks."""
        role = self.roles[cell.place]
        if role is Role.PRINTED:
            return Item(self.element(cell), cell)
        if role is Role.NOTHING or self.is_corner(cell):
            return Item("empty", cell)
        label, above = self.label(cell), self.above(cell)
        told = above.text if above and is_total(label) else ""
        found = self.add_field(self.plan.record, label, cell, role, told=told)
        row.doubts += found.doubts
        return Item("field", cell, found.name)

    def is_corner(self, cell: OfficialCell) -> bool:
        """True for the blank beside the headings of a table."""
        return any(cell in part.heads for table in self.tables for part in table.parts)

    def element(self, cell: OfficialCell) -> Element:
        """What kind of printed text a cell is."""
        if any(cell in part.heads for table in self.tables for part in table.parts):
            return "head"
        if cell.bordered or not self.sheet.has_borders:
            beside = self.sheet.starting[cell.row]
            is_heading = len(beside) > 1 and all(
                self.roles[c.place] in (Role.PRINTED, Role.NOTHING) for c in beside
            )
            return "head" if is_heading and cell.rows == 1 else "label"
        spans_all = cell.columns == len(self.sheet.widths)
        return "title" if spans_all and cell.size > _HEADLINE else "text"

    def label(self, cell: OfficialCell) -> str:
        """The label of a field: what is printed left of it, or above it in a table."""
        left = self.beside(cell)
        above = self.above(cell)
        if left is None or (left.rows > cell.rows and above):
            return (above or cell).text or f"{self.sheet.name} {cell.address}"
        is_next = left.column + left.columns == cell.column
        return left.text if is_next or above is None else f"{left.text}的{above.text}"

    def beside(self, cell: OfficialCell) -> OfficialCell | None:
        """The printed words left of a cell; figures and strokes only where there are none."""
        left = [self.sheet.owners[cell.row, column] for column in range(cell.column - 1, -1, -1)]
        printed = [found for found in left if self.roles[found.place] is Role.PRINTED]
        words = [found for found in printed if has_words(found.text)]
        return next(iter(words or printed), None)

    def above(self, cell: OfficialCell) -> OfficialCell | None:
        """The heading of the column that a cell stands in."""
        for row in range(cell.row - 1, -1, -1):
            found = self.sheet.owners[row, cell.column]
            if (found.column, found.columns) != (cell.column, cell.columns):
                return None
            if self.roles[found.place] is Role.PRINTED:
                return found
        return None
