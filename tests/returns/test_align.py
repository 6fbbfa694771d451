"""Rows and columns that moved: values are still read, and findings name the physical cells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from helpers import Found, answers, check_files, edit, fill_unit, places
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from xltool.office.campaign import Campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file


def wrong(target: Campaign, folder: Path) -> Path:
    """A return with a wrong sum (B5) and a blank target value (D14)."""
    data = answers("target", "226002")
    data["projects"][0]["财政拨款资金"] = "1.00"
    data["projects"][0]["indicators"][0]["目标值"] = ""
    return fill_unit(target, "226002", data, folder / "wrong.xlsx")


def test_findings_without_movement(target: Campaign, tmp_path: Path) -> None:
    assert places(check_files(target, wrong(target, tmp_path))) == [
        ("AMT-001", "项目1", "B5"),
        ("IND-004", "项目1", "D14"),
    ]


def test_a_column_inserted_in_front(target: Campaign, tmp_path: Path) -> None:
    def insert(book: Workbook) -> None:
        sheet = book["项目1"]
        for area in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(area))
        sheet.insert_cols(1)

    path = edit(wrong(target, tmp_path), insert, tmp_path / "moved.xlsx")
    found = check_files(target, path)
    assert places(found) == [
        ("TPL-004", "项目1", "A1"),
        ("AMT-001", "项目1", "C5"),
        ("IND-004", "项目1", "E14"),
    ]
    assert found[0].message == "表格位置被移动：A 列处插入了 1 列"


def test_rows_inserted_in_front(target: Campaign, tmp_path: Path) -> None:
    def insert(book: Workbook) -> None:
        book["项目1"].insert_rows(1, 2)

    path = edit(wrong(target, tmp_path), insert, tmp_path / "moved.xlsx")
    found = check_files(target, path)
    assert places(found) == [
        ("TPL-004", "项目1", "A1"),
        ("AMT-001", "项目1", "B7"),
        ("IND-004", "项目1", "D16"),
    ]
    assert found[0].message == "表格位置被移动：插入了第 1–2 行"


def test_what_was_typed_in_an_inserted_row_is_read(
    declaration: Campaign, good_declaration: Path, tmp_path: Path
) -> None:
    def insert(book: Workbook) -> None:
        sheet = book["项目1"]
        sheet.insert_rows(13)
        for column, text in zip(
            "ABCDE",
            ("产出指标", "*数量指标", "新增网格数量", "≥3个", "反映新增网格的数量"),
            strict=True,
        ):
            sheet[f"{column}13"] = text

    path = edit(good_declaration, insert, tmp_path / "moved.xlsx")
    submission = read_file(path, settings_for(declaration, None))
    (row,) = [row for row in submission.rows if row.values.get("lv3") == "新增网格数量"]
    assert (row.values["lv2"], row.cells["target"]) == ("*数量指标", "D13")
    assert places(check_files(declaration, path)) == [("TPL-004", "项目1", "A22")]


def test_what_moved_is_told_of_its_own_project(target: Campaign, tmp_path: Path) -> None:
    data = answers("target", "226001")
    names = [project["项目名称"] for project in data["projects"]]
    assert len(names) > 1

    def change(book: Workbook) -> None:
        book["项目2"].insert_rows(1)
        book.create_sheet("草稿")

    path = fill_unit(target, "226001", data, tmp_path / "a.xlsx")
    path = edit(path, change, tmp_path / "moved.xlsx")
    found = [f for f in check_files(target, path) if f.code in ("TPL-016", "TPL-004")]
    assert [(f.code, f.sheet, f.record) for f in found] == [
        ("TPL-004", "项目2", names[1]),
        ("TPL-016", "草稿", "草稿"),
    ]


def unmerged(book: Workbook) -> Worksheet:
    """The form sheet with no cells merged: rows and columns can then be moved about."""
    sheet = book["项目1"]
    for area in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(area))
    return sheet


def rearranged(
    campaign: Campaign, folder: Path, change: Callable[[Worksheet], object], name: str = "m.xlsx"
) -> tuple[list[Found], list[str]]:
    """The findings on a rearranged copy of the wrong return, and the messages of TPL-004."""
    path = edit(wrong(campaign, folder), lambda book: change(unmerged(book)), folder / name)
    found = check_files(campaign, path)
    return places(found, least="error"), [f.message for f in found if f.code == "TPL-004"]


def put(sheet: Worksheet, rows: list[list[Any]]) -> None:
    """Write rows over a sheet."""
    for row, values in enumerate(rows, 1):
        for column, value in enumerate(values, 1):
            sheet.cell(row, column).value = value


def test_a_column_inserted_before_the_last(target: Campaign, tmp_path: Path) -> None:
    assert rearranged(target, tmp_path, lambda sheet: sheet.insert_cols(5)) == (
        [("TPL-004", "项目1", "E1"), ("AMT-001", "项目1", "B5"), ("IND-004", "项目1", "D14")],
        ["表格位置被移动：E 列处插入了 1 列"],
    )


def test_columns_that_changed_places(target: Campaign, tmp_path: Path) -> None:
    def swap(sheet: Worksheet) -> None:
        put(sheet, [[*row[:3], row[4], row[3]] for row in sheet.iter_rows(values_only=True)])

    assert rearranged(target, tmp_path, swap) == (
        [("TPL-004", "项目1", "E1"), ("AMT-001", "项目1", "B5"), ("IND-004", "项目1", "E14")],
        ["表格位置被移动：下发时的 D 列移到了 E 列"],
    )


def test_the_last_column_is_gone(target: Campaign, tmp_path: Path) -> None:
    found, messages = rearranged(target, tmp_path, lambda sheet: sheet.delete_cols(5))
    assert messages == ["表格位置被移动：少了 1 列（下发时的 E 列）"]
    assert found == [("TPL-004", "项目1", "E1")]  # a row with a cell that is gone is not judged


def test_a_row_that_changed_its_place(target: Campaign, tmp_path: Path) -> None:
    def move(sheet: Worksheet) -> None:
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        put(sheet, [*rows[:4], *rows[5:12], rows[4], *rows[12:]])

    assert rearranged(target, tmp_path, move) == (
        [("TPL-004", "项目1", "A12"), ("AMT-001", "项目1", "B12"), ("IND-004", "项目1", "D14")],
        [
            "表格位置被移动：下发时的第 5 行，“项目总金额（万元） 本年度项目金额（万元）”移到了第 12 行"
        ],
    )


def test_blocks_in_another_order(target: Campaign, tmp_path: Path) -> None:
    def move(sheet: Worksheet) -> None:
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        put(sheet, [*rows[:46], *rows[59:64], *rows[46:59]])

    path = edit(wrong(target, tmp_path), lambda book: move(unmerged(book)), tmp_path / "m.xlsx")
    before = read_file(wrong(target, tmp_path), settings_for(target, None))
    after = read_file(path, settings_for(target, None))
    levels = [
        {tuple(row.values.items()) for row in found.rows if row.used} for found in (before, after)
    ]
    assert levels[0] == levels[1]
    assert [fact.detail for fact in after.sheets if fact.state == "shifted"] == [
        "下发时的第 60 行，“满意度”移到了第 47 行"
    ]


def test_a_copied_row_is_no_indicator(target: Campaign, tmp_path: Path) -> None:
    def copy(sheet: Worksheet) -> None:
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        put(sheet, [*rows[:24], rows[1], *rows[24:]])

    assert rearranged(target, tmp_path, copy) == (
        [("AMT-001", "项目1", "B5"), ("IND-004", "项目1", "D14"), ("TPL-004", "项目1", "A25")],
        ["表格位置被移动：插入了第 25 行，其中的内容没有读取"],
    )


def test_text_where_nothing_is_to_stand(target: Campaign, tmp_path: Path) -> None:
    def scribble(sheet: Worksheet) -> None:
        sheet["C5"] = "不含税"
        sheet["H3"] = "已阅"

    path = edit(wrong(target, tmp_path), lambda book: scribble(unmerged(book)), tmp_path / "m.xlsx")
    found = [
        (f.code, f.severity, f.cell, f.message)
        for f in check_files(target, path)
        if f.code in ("TPL-002", "TPL-016")
    ]
    assert found == [
        ("TPL-002", "error", "C5", "锁定的内容被改动：应为“（空白）”，现为“不含税”"),
        ("TPL-016", "warning", "H3", "表格之外还有内容，没有读取：H3“已阅”"),
    ]


def test_labels_with_other_spacing(target: Campaign, tmp_path: Path) -> None:
    """They are changes, but the form is known by them and read, wherever its rows went."""

    def change(book: Workbook) -> None:
        sheet = book["项目1"]
        sheet["A2"], sheet["A5"] = "项 目 名称：", "项 目 总金额(万元)："
        sheet.insert_rows(1, 2)

    found = check_files(target, edit(wrong(target, tmp_path), change, tmp_path / "m.xlsx"))
    assert places(found) == [
        ("TPL-004", "项目1", "A1"),
        ("TPL-002", "项目1", "A4"),
        ("TPL-002", "项目1", "A7"),
        ("AMT-001", "项目1", "B7"),
        ("IND-004", "项目1", "D16"),
    ]


def test_a_form_pasted_into_another_workbook(target: Campaign, tmp_path: Path) -> None:
    """Its values only, without seal, merges and the other sheets: known by its labels, and checked."""
    form = openpyxl.load_workbook(wrong(target, tmp_path))["项目1"]
    book = Workbook()
    book.worksheets[0].title = "封面"
    pasted = book.create_sheet("表")
    for row in form.iter_rows(values_only=True):
        pasted.append(row)
    book.save(tmp_path / "pasted.xlsx")
    found = check_files(target, tmp_path / "pasted.xlsx")
    assert places(found) == [
        ("TPL-001", "", ""),
        ("AMT-001", "表", "B5"),
        ("IND-004", "表", "D14"),
        ("TPL-016", "封面", ""),
    ]
    assert found[0].message == "找不到签发信息：这不是下发的原表，或隐藏的签发页被删除"
