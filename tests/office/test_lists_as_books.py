"""The office's lists as workbooks, and as CSV of other programs."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from small import PROJECTS, ROSTER, put_key

from xltool.errors import OfficeError
from xltool.office.campaign import Campaign, load_campaign
from xltool.office.csv_files import append_csv, read_csv

FORM = "futian_2024_declaration"
UNIT = ROSTER[1][0]


def book(
    path: Path, rows: Sequence[Sequence[object]], hidden: Sequence[Sequence[object]] | None = None
) -> None:
    """A workbook with these rows on its first visible sheet; `hidden` ones on a sheet before it."""
    found = openpyxl.Workbook()
    sheet = found.active
    assert sheet is not None
    for row in rows:
        sheet.append([*row])
    if hidden is not None:
        other = found.create_sheet("旧", 0)
        other.sheet_state = "hidden"
        for row in hidden:
            other.append(row)
        found.active = 1
    found.save(path)


def office(folder: Path) -> Path:
    """A folder with settings and a key, but without lists."""
    folder.mkdir()
    (folder / "campaign.toml").write_text(f'form = "{FORM}"\nyear = 2027\n', encoding="utf-8")
    put_key(folder)
    return folder


def values(campaign: Campaign) -> list[dict[str, str]]:
    """What is prefilled of the projects of the unit."""
    return [dict(project.values) for project in campaign.projects[UNIT]]


def test_workbooks_say_what_csv_says(tmp_path: Path) -> None:
    plain, books = office(tmp_path / "csv"), office(tmp_path / "xlsx")
    for name, rows in (("units", ROSTER), ("projects", PROJECTS[FORM])):
        with (plain / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    book(books / "units.xlsx", [[], *[[*row] for row in ROSTER]], [["别的"]])
    typed = [*PROJECTS[FORM][1][:6], 207, 69.0, PROJECTS[FORM][1][8]]
    typed[3] = 3
    book(books / "projects.xlsx", [[*PROJECTS[FORM][0]], [], typed])
    one, two = load_campaign(plain), load_campaign(books)
    assert one.roster == two.roster
    assert values(one) == values(two)
    assert two.projects[UNIT][0].line == 3
    assert two.projects[UNIT][0].path == books / "projects.xlsx"


WRONG: dict[str, tuple[list[list[object]], str]] = {
    "a number": (
        [[*PROJECTS[FORM][0]], [UNIT, 440399271063100100008, "甲"]],
        " 第 2 行：项目编码“4.403992710631e+20”变成了科学计数，末尾的数字已经丢失；请先把这一列设为文本，再重新输入",
    ),
    "an error": (
        [[*PROJECTS[FORM][0]], [UNIT, "440399271063100100008", "#N/A"]],
        " 第 2 行：C2 是错误值 #N/A；请改正",
    ),
    "a column": (
        [["单位代码", "项目编号"], [UNIT, "440399271063100100008"]],
        " 第 1 行：列“项目编号”不是「二级项目支出绩效目标申报表」的栏目，是不是“项目编码”？请改列名，不要的请删去这一列",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_workbooks(tmp_path: Path, name: str) -> None:
    folder = office(tmp_path / "office")
    rows, message = WRONG[name]
    book(folder / "units.xlsx", [[*row] for row in ROSTER])
    book(folder / "projects.xlsx", rows)
    with pytest.raises(OfficeError) as error:
        _ = load_campaign(folder).projects
    assert str(error.value) == f"{folder / 'projects.xlsx'}{message}"


def test_two_lists_of_a_name_and_no_workbook(tmp_path: Path) -> None:
    folder = office(tmp_path / "office")
    (folder / "units.xlsx").write_bytes(b"no workbook")
    with pytest.raises(OfficeError) as error:
        _ = load_campaign(folder).units
    assert str(error.value) == (
        f"{folder / 'units.xlsx'}：是文本文件（如 CSV），不是工作簿；请用 Excel 打开后另存为 .xlsx 或 CSV UTF-8"
    )
    (folder / "units.csv").write_text("", encoding="utf-8")
    with pytest.raises(OfficeError) as error:
        _ = load_campaign(folder).units
    assert str(error.value) == (
        f"{folder}：units.csv 和 units.xlsx 都有，不知道用哪一个；请移走一个"
    )


TEXTS = {
    "semicolons": ("单位代码;单位名称\r\n1;甲,乙\r\n", "utf-8"),
    "tabs": ("单位代码\t单位名称\r\n1\t甲,乙\r\n", "gb18030"),
    "Unicode text": ("单位代码\t单位名称\r\n1\t甲,乙\r\n", "utf-16"),
    "commas": ('单位代码,单位名称\r\n1,"甲,乙"\r\n', "utf-8-sig"),
    "blank cells after the last column": ('单位代码,单位名称\r\n1,"甲,乙",,,\r\n', "utf-8"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_other_programs_write(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.csv"
    text, encoding = TEXTS[name]
    path.write_bytes(text.encode(encoding))
    assert read_csv(path) == [(2, {"单位代码": "1", "单位名称": "甲,乙"})]
    append_csv(path, ("单位代码", "单位名称"), [("2", "丙;丁")])
    assert read_csv(path)[1:] == [(3, {"单位代码": "2", "单位名称": "丙;丁"})]
    assert path.read_bytes().decode(encoding).count("单位代码") == 1


TITLES: dict[str, list[list[str]]] = {
    "a title": [["2027年单位名册"]],
    "a title over all columns": [["2027年单位名册（区直，街道）", "", ""]],
    "a title and what follows": [["2027年单位名册"], [], ["填报日期：2026-11-01"]],
    "a blank line": [[]],
}


@pytest.mark.parametrize("name", TITLES)
@pytest.mark.parametrize("is_book", [False, True])
def test_titles_above_the_headings_are_passed_over(
    name: str, is_book: bool, tmp_path: Path
) -> None:
    folder, rows = office(tmp_path / "office"), [*TITLES[name], *map(list, ROSTER)]
    if is_book:
        book(folder / "units.xlsx", rows)
    else:
        with (folder / "units.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    (unit,) = load_campaign(folder).units.values()
    assert (unit.unit_code, unit.unit_name) == tuple(ROSTER[1][:2])
    assert unit.line == len(TITLES[name]) + 2


def test_a_list_of_one_column_has_no_titles(tmp_path: Path) -> None:
    path = tmp_path / "词.csv"
    path.write_text("词\n甲\n乙\n", encoding="utf-8")
    assert [row for _, row in read_csv(path)] == [{"词": "甲"}, {"词": "乙"}]


def test_an_empty_first_sheet_is_passed_over(tmp_path: Path) -> None:
    folder = office(tmp_path / "office")
    found = openpyxl.Workbook()
    sheet = found.create_sheet("名册")
    for row in ROSTER:
        sheet.append([*row])
    found.save(folder / "units.xlsx")
    assert list(load_campaign(folder).units) == [UNIT]
    openpyxl.Workbook().save(folder / "units.xlsx")
    with pytest.raises(OfficeError, match="文件是空的，第一行应为列名；请补上"):
        load_campaign(folder).units  # noqa: B018


def test_a_row_that_is_too_short(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n1\n", encoding="utf-8")
    assert read_csv(path) == [(2, {"a": "1", "b": "", "c": ""})]
