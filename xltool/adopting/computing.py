"""The formulas of an official workbook as `computed` of the fields that stand in their cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xltool.adopting.formulas import Names, computed_text
from xltool.adopting.official import OfficialSheet
from xltool.adopting.plan import FieldPlan, SheetPlan, TablePlan
from xltool.form.layout import Position

_NUMBER = re.compile(r"\d+(?:\.\d+)?")

Placed = Mapping[Position, tuple[str, str, bool]]  # of each field: table, name, is it one of rows


def names_for(sheet: OfficialSheet, placed: Placed, table: str, row: int | None) -> Names:
    """Return how cells are called in a formula of a field of a table; `row` is that of rows."""
    of_field: dict[tuple[str, str], set[Position]] = {}
    for place, (owner, name, _) in placed.items():
        of_field.setdefault((owner, name), set()).add(place)

    def names(places: Sequence[Position]) -> list[str] | None:
        owners = dict.fromkeys(
            sheet.owners[place].place if place in sheet.owners else place for place in places
        )
        if constant := _printed_number(sheet, list(owners)):
            return [constant]
        meant = [place for place in owners if place in placed]
        texts = [sheet.owners[p].stated for p in owners if p not in placed and p in sheet.owners]
        if not meant or "number" in texts or "formula" in texts:
            return None
        terms: dict[str, None] = {}
        for place in meant:
            owner, name, is_rows = placed[place]
            own = place[0] == row if is_rows else row is None
            if owner == table and own:
                terms[name] = None
            elif is_rows and row is None and of_field[owner, name] <= set(meant):
                terms[f"sum({owner}.{name})"] = None
            else:
                return None
        return list(terms)

    return names


def _printed_number(sheet: OfficialSheet, places: Sequence[Position]) -> str | None:
    """The number that the form prints into the only one of some cells: as good as one in the formula."""
    (cell, *others) = [sheet.owners.get(place) for place in places]
    is_number = cell is not None and cell.stated == "number" and not others
    return cell.text if cell and is_number and _NUMBER.fullmatch(cell.text) else None


@dataclass(frozen=True)
class _Formulas:
    """The fields of one sheet whose cells hold formulas."""

    plan: SheetPlan
    placed: Placed

    def settle(self, table: TablePlan, field: FieldPlan) -> None:
        """Say how a field is worked out, if all its cells say the same and the language can."""
        cells = [c for c in field.cells if c.stated == "formula"]
        mine = [c for c in cells if self.plan.sheet.owners.get(c.place) is c]
        if not mine:
            return
        found = {
            computed_text(
                cell.text,
                names_for(
                    self.plan.sheet, self.placed, table.name, cell.row if table.is_rows else None
                ),
            )
            for cell in mine
        }
        text = next(iter(found))
        if len(found) == 1 and text and field.kind in ("amount", "number"):
            for needless in ("required", "filled_by"):
                field.options.pop(needless, None)
            field.options["computed"] = text
            return
        field.options["filled_by"] = "system"
        shown = mine[0].text
        field.doubts.append(f"原表 {mine[0].address} 的公式没有照搬：{shown}")


def settle_formulas(plan: SheetPlan, tables: Mapping[str, TablePlan]) -> None:
    """Make the formulas of a sheet into `computed` of its fields."""
    here = plan.sheet.owners
    placed = {
        cell.place: (table.name, field.name, table.is_rows)
        for table in tables.values()
        for field in table.fields.values()
        for cell in field.cells
        if here.get(cell.place) is cell
    }
    formulas = _Formulas(plan, placed)
    for table in tables.values():
        for field in table.fields.values():
            formulas.settle(table, field)
