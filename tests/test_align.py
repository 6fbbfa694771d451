"""Rows and columns that moved: values are still read, and findings name the physical cells."""

from __future__ import annotations

from pathlib import Path

from helpers import answers, check_files, edit, fill_unit, places
from openpyxl.workbook import Workbook

from xltool.campaign import Campaign
from xltool.reading import read_file, settings_for


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
    assert found[0].message == "表格位置被移动：表格最前面插入了 2 行"


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
    found = [f for f in check_files(target, path) if f.code in ("TPL-003", "TPL-004")]
    assert [(f.code, f.sheet, f.record) for f in found] == [
        ("TPL-004", "项目2", names[1]),
        ("TPL-003", "草稿", "草稿"),
    ]
