"""Official workbooks: the issued ones of the built-in forms, stripped of all that is ours."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from xltool.form.layout import a1
from xltool.form.own_sheets import CHECKS, GUIDE
from xltool.office import seal
from xltool.office.campaign import Campaign
from xltool.office.seal import Issue
from xltool.write.submission import write_submission

LISTS = "下拉"  # the hidden sheet with the lists that are too long to be written out


def blank_official(campaign: Campaign, out: Path, sheets: int = 2) -> Path:
    """Write the blank workbook of a campaign's form as a ministry would hand it out.

    No sheet, name or seal of ours; nothing prefilled; the lists written out or on a hidden sheet; the
    protection of the cells stays.
    """
    form, layout = campaign.form, campaign.layout
    records: list[dict[str, str]] = [{} for _ in range(1 if layout.single else sheets)]
    issue = Issue(form.id, form.version, layout.digest, campaign.fy, "", "", "", "", records)
    write_submission(out, form, layout, issue, "")
    book = openpyxl.load_workbook(out)
    lists = _lists(book)
    for name in (GUIDE, CHECKS, seal.SHEET):
        del book[name]
    for sheet in book.worksheets:
        _without_what_makes_rows_grow(sheet)
    for name in list(book.defined_names):
        del book.defined_names[name]
    vars(book)["custom_doc_props"].props.clear()  # the stubs do not know them
    _write_lists(book, lists)
    book.security = None
    book.save(out)
    return out


def _without_what_makes_rows_grow(sheet: Worksheet) -> None:
    """Take away our thin column beside the form, and our filter."""
    for row in sheet.iter_rows():
        for cell in row:
            if str(cell.value).startswith("=IFERROR(REPT(CHAR(10)"):
                cell.value = None
                sheet.column_dimensions.pop(get_column_letter(cell.column or 1), None)
    sheet.auto_filter.ref = None


def _lists(book: Workbook) -> dict[str, list[str]]:
    """The entries of each dropdown list by its defined name."""
    found = {}
    for name, defined in book.defined_names.items():
        for title, area in defined.destinations:
            cells = book[title][area.replace("$", "")]
            rows = cells if isinstance(cells, tuple) else ((cells,),)
            found[name] = [str(cell.value) for row in rows for cell in row]
    return found


def _write_lists(book: Workbook, lists: dict[str, list[str]]) -> None:
    column = 0
    for sheet in list(book.worksheets):
        for rule in sheet.data_validations.dataValidation:
            choices = lists.get(str(rule.formula1 or "").removeprefix("="))
            if not choices:
                continue
            text = ",".join(choices)
            if column % 2 == 0 and len(text) < 200:
                rule.formula1 = f'"{text}"'
            else:
                rule.formula1 = _put_list(book, column, choices)
            column += 1


def _put_list(book: Workbook, column: int, choices: list[str]) -> str:
    if LISTS not in book.sheetnames:
        book.create_sheet(LISTS).sheet_state = "hidden"
    for row, choice in enumerate(choices, 1):
        book[LISTS].cell(row, column + 1, choice)
    letters = a1(0, column).rstrip("1")
    return f"{LISTS}!${letters}$1:${letters}${len(choices)}"
