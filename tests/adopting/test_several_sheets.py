"""Officials of several sheets: those that are alike are one, a unit's own stand beside them; .xls files."""

from __future__ import annotations

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
