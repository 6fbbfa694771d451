"""The sheets of an official workbook as the plan of a form."""

from __future__ import annotations

from collections.abc import Iterable

from xltool.adopting.official import OfficialSheet
from xltool.adopting.plan import FormPlan, SheetPlan
from xltool.adopting.roles import Role, roles_of
from xltool.adopting.sheet_fields import SheetFields
from xltool.adopting.table_body import TableBody

_BRACES = str.maketrans("{}", "（）")  # in the name of a sheet, {n} is the number of a project


def build_sheet(form: FormPlan, sheet: OfficialSheet, name: str) -> SheetPlan:
    """Return the plan of a sheet, called `name` in the layout; its tables are added to the form."""
    own = SheetFields(form, sheet, name)
    row = 0
    for table in own.tables:
        own.plan.nodes += [own.row(n) for n in range(row, table.first)]
        own.plan.nodes += TableBody(own, table).nodes()
        row = table.last + 1
    own.plan.nodes += [own.row(n) for n in range(row, sheet.height)]
    return own.plan


def sheets_apart(sheets: Iterable[OfficialSheet]) -> list[tuple[str, OfficialSheet]]:
    """The sheets with their names in the layout: 项目1 … 项目n that are alike are one, 项目{n}."""
    found: list[tuple[str, OfficialSheet]] = []
    for sheet in sheets:
        stem = sheet.name.rstrip("0123456789")
        number = sheet.name.removeprefix(stem)
        if number and stem:
            name = f"{stem}{{n}}"
            is_first = all("{n}" not in known for known, _ in found)
            if number == "1" and is_first and _has_twin(sheet, stem, sheets):
                found.append((name, sheet))
                continue
            if any(known == name and is_alike(other, sheet) for known, other in found):
                continue
        found.append((sheet.name.translate(_BRACES), sheet))
    return found


def _has_twin(sheet: OfficialSheet, stem: str, sheets: Iterable[OfficialSheet]) -> bool:
    twins = [other for other in sheets if other.name == f"{stem}2"]
    return (bool(twins) and is_alike(sheet, twins[0])) or (not twins and stem.endswith("项目"))


def is_alike(one: OfficialSheet, other: OfficialSheet) -> bool:
    """True if two sheets are the same form: the same texts and spans at the same places."""

    def frame(sheet: OfficialSheet) -> list[tuple[object, ...]]:
        roles = roles_of(sheet)
        return sorted(
            (c.place, c.rows, c.columns, c.text if roles[c.place] is Role.PRINTED else "")
            for c in sheet.cells
        )

    return one.height == other.height and frame(one) == frame(other)
