"""Officials of several sheets: those that are alike are one, a unit's own stand beside them; lists elsewhere; .xls."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from office import Office
from openpyxl.workbook import Workbook
from provinces import declaration_with_plan, draw

from xltool.adopting.adopting import adopt
from xltool.adopting.diffing import diff
from xltool.form.layout_xml import render
from xltool.form.loading import load_form


def official(folder: Path, **sheets: list[list[str | None]]) -> Path:
    """A workbook with these sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        draw(book.create_sheet(name), 1, rows)
    path = folder / "official.xlsx"
    book.save(path)
    return path


UNIT: list[list[str | None]] = [["单位名称", None], ["年度总体目标", None]]
PROJECT: list[list[str | None]] = [["项目名称", None], ["项目概况", None]]


@pytest.mark.parametrize(
    ("sheets", "names", "once"),
    [
        ({"项目1": PROJECT, "项目2": PROJECT}, ["项目{n}"], set()),
        ({"表1": UNIT, "表2": PROJECT}, ["表1", "表2"], set()),
        ({"项目1": PROJECT, "项目2": UNIT}, ["项目1", "项目2"], set()),
        ({"单位": UNIT, "项目1": PROJECT, "项目2": PROJECT}, ["单位", "项目{n}"], {"danwei"}),
    ],
)
def test_sheets_that_are_alike_are_one(
    tmp_path: Path, sheets: dict[str, list[list[str | None]]], names: list[str], once: set[str]
) -> None:
    path = official(tmp_path, **sheets)
    adopt(path, "adopted", tmp_path, 2027)
    form = load_form("adopted", tmp_path)
    assert [sheet.name for sheet in render(form, 2027).sheets] == names
    assert form.once == once
    assert [str(difference) for difference in diff(path, form, 2027)] == []


def test_an_xls_file_goes_through_libreoffice(tmp_path: Path, office: Office) -> None:
    path = tmp_path / "official.xls"
    with office.open(declaration_with_plan(tmp_path).path) as document:
        document.save_as(path)
    adopt(path, "adopted", tmp_path, 2027)
    form = load_form("adopted", tmp_path)
    assert [str(difference) for difference in diff(path, form, 2027)] == []


EXTENDED = (
    '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" '
    'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
    '<x14:dataValidations count="1" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">'
    '<x14:dataValidation type="list" allowBlank="1"><x14:formula1><xm:f>选项!$A$1:$A$2</xm:f></x14:formula1>'
    "<xm:sqref>B2</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst></worksheet>"
)


def test_a_list_on_another_sheet_is_read_as_excel_writes_it(tmp_path: Path) -> None:
    plain = official(tmp_path, 表=UNIT, 选项=[["甲"], ["乙"]])
    path = tmp_path / "excel.xlsx"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                text = text.replace(b"</worksheet>", EXTENDED.encode())
            if name == "xl/workbook.xml":
                text = text.replace(b'sheetId="2" state="visible"', b'sheetId="2" state="hidden"')
            new.writestr(name, text)
    adopt(path, "adopted", tmp_path, 2027)
    form = load_form("adopted", tmp_path)
    assert form.field("unit", "goal_year").choices == ("甲", "乙")
    assert [str(difference) for difference in diff(path, form, 2027)] == []
