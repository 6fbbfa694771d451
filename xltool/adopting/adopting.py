"""`xltool form adopt`: an official workbook becomes the files of a form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xltool.adopting.building import build_sheet, sheets_apart
from xltool.adopting.computing import settle_formulas
from xltool.adopting.layout_text import layout_text
from xltool.adopting.official import Official
from xltool.adopting.plan import FormPlan, SheetPlan
from xltool.adopting.reading import read_official
from xltool.adopting.validator_text import import_text, validator_text
from xltool.errors import OfficeError
from xltool.office.own_forms import IMPORT, LAYOUT, form_files, write_form


@dataclass(frozen=True)
class Adopted:
    """The files that were written, and what a person is to look at."""

    files: list[Path]
    doubts: list[str]


def adopt(path: Path, form_id: str, folder: Path, year: int) -> Adopted:
    """Write the files of a form that says what an official workbook says, into a campaign's folder.

    Raises OfficeError where the workbook cannot be read, where it has no cell that a unit could fill,
    for an id that is none, and where one of the files is there already.
    """
    form_files(folder, form_id)
    official = read_official(path)
    plan = plan_of(official, path.stem)
    files = {
        LAYOUT: layout_text(plan),
        IMPORT: import_text(plan),
        "validator.py": validator_text(plan, path.name, year),
    }
    return Adopted(write_form(folder, form_id, files), list(_doubts(plan, official)))


def plan_of(official: Official, name: str) -> FormPlan:
    """Return the form that an official workbook is; `name` is that of its file."""
    plan = FormPlan(_title(official, name))
    sheets = [sheet for sheet in official.sheets if any(cell.text for cell in sheet.cells)]
    named = sheets_apart(sheets)
    has_projects = any("{n}" in sheet_name for sheet_name, _ in named)
    built: dict[str, SheetPlan] = {}
    for sheet_name, sheet in sorted(named, key=lambda entry: "{n}" not in entry[0]):
        before = set(plan.tables)  # the record of the projects comes first
        built[sheet_name] = build_sheet(plan, sheet, sheet_name)
        if has_projects and "{n}" not in sheet_name:
            plan.once += [table for table in plan.tables if table not in before]
    plan.sheets = [built[sheet_name] for sheet_name, _ in named]
    for sheet_plan in plan.sheets:
        settle_formulas(sheet_plan, plan.tables)
    if not any(table.fields for table in plan.tables.values()):
        raise OfficeError("没有找到要填写的单元格；请确认这是空白表样，填写的格子带边框或没有锁定")
    return plan


def _title(official: Official, name: str) -> str:
    """The title of the form: the largest print at the top of its first sheet, else the file's name."""
    for sheet in official.sheets[:1]:
        top = [cell for cell in sheet.cells if cell.text and cell.row < 4 and cell.columns > 1]
        large = [cell for cell in top if not cell.bordered and cell.size > 13]
        if large:
            return " ".join(max(large, key=lambda cell: cell.size).text.split())
    return name


def _doubts(plan: FormPlan, official: Official) -> Iterator[str]:
    """What the adopted form is unsure of, with its place in the official workbook."""
    for sheet in plan.sheets:
        for cell in sheet.sheet.cells:
            if cell.comment and all(
                cell is not c
                for t in plan.tables.values()
                for f in t.fields.values()
                for c in f.cells
            ):
                where = f"{sheet.sheet.name}!{cell.address}"
                yield f"{where} {cell.text}：印好的格子上的批注没有转，请写进栏目的 comment"
        for table in plan.tables.values():
            for field in table.fields.values():
                here = [c for c in field.cells if sheet.sheet.owners.get(c.place) is c]
                for doubt in dict.fromkeys(field.doubts):
                    if here:
                        where = f"{sheet.sheet.name}!{here[0].address}"
                        yield f"{where} {field.label}：{doubt}"
    for name in official.hidden:
        yield f"隐藏的工作表“{name}”没有转，其中的下拉列表已写进校验文件"
