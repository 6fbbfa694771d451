"""What is issued: the same bytes every time, locked but for the unit's cells, ready to print."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from helpers import FORMS, make_campaign, template
from openpyxl.worksheet.worksheet import Worksheet
from small import UNIT, small_campaign

from xltool.errors import OfficeError
from xltool.office import seal
from xltool.office.campaign import Campaign, load_campaign
from xltool.write.issuing import Issued, issue
from xltool.write.live.open_lines import SHOWN
from xltool.write.live.page import FIRST


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.slow
@pytest.mark.parametrize("example", FORMS)
def test_issuing_twice_gives_the_same_bytes(tmp_path: Path, example: str) -> None:
    first = make_campaign(example, tmp_path / "a")
    second = make_campaign(example, tmp_path / "b")
    found = contents(first.folder / "issued")
    assert len(found) == len(first.units) + 1
    assert contents(second.folder / "issued") == found
    issue(load_campaign(first.folder))
    assert contents(first.folder / "issued") == found


def test_another_key_gives_another_seal(tmp_path: Path) -> None:
    campaign = make_campaign("target", tmp_path)
    before = contents(tmp_path / "issued")
    seal.save_key(seal.new_key(), tmp_path / "keys" / "office.key")
    issue(campaign)
    after = contents(tmp_path / "issued")
    assert set(after) == set(before)
    assert all(after[name] != before[name] for name in before)


def test_manifest(declaration: Campaign) -> None:
    with (declaration.folder / "issued" / "manifest.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    assert [(row["单位代码"], row["单位名称"], row["文件"], row["项目数"]) for row in rows] == [
        (
            "106001",
            "云岭区政务服务和数据管理局（本级）",
            "106001_云岭区政务服务和数据管理局（本级）.xlsx",
            "6",
        ),
        ("106002", "云岭区政务服务中心", "106002_云岭区政务服务中心.xlsx", "4"),
        ("106003", "云岭区大数据运营服务中心", "106003_云岭区大数据运营服务中心.xlsx", "3"),
        (
            "131001",
            "云岭区城市管理和综合执法局（本级）",
            "131001_云岭区城市管理和综合执法局（本级）.xlsx",
            "4",
        ),
        ("131002", "云岭区数字化城管指挥中心", "131002_云岭区数字化城管指挥中心.xlsx", "3"),
    ]
    for row in rows:
        issued = declaration.issue_for(declaration.units[row["单位代码"]])
        assert row["签发编号"] == issued.issue_id
        assert re.fullmatch("[0-9a-f]{64}", row["sha256"])


def test_one_unit_again_keeps_the_others_in_the_manifest(tmp_path: Path) -> None:
    campaign = make_campaign("target", tmp_path)
    before = contents(tmp_path / "issued")
    lines: list[tuple[int, int]] = []
    (issued,) = issue(campaign, ["226002"], progress=lambda done, all_: lines.append((done, all_)))
    assert (issued.unit.unit_code, issued.projects, lines) == ("226002", 3, [(0, 1), (1, 1)])
    assert contents(tmp_path / "issued") == before


def test_into_another_folder(tmp_path: Path) -> None:
    campaign = make_campaign("target", tmp_path)
    issue(campaign, ["238001"], out=tmp_path / "out" / "deep")
    assert list(contents(tmp_path / "out" / "deep")) == [
        "238001_云岭区生态环境监测站.xlsx",
        "manifest.csv",
    ]


def test_mistakes_come_before_anything_is_written(tmp_path: Path) -> None:
    campaign = make_campaign("target", tmp_path)
    with pytest.raises(OfficeError, match=r"单位代码“999999”不在 units.csv 中"):
        issue(campaign, ["226002", "999999"], out=tmp_path / "out")
    (tmp_path / "keys" / "office.key").unlink()
    with pytest.raises(OfficeError, match=r"找不到签发密钥"):
        issue(campaign, (), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_unit_with_a_row_too_many_keeps_the_others_from_being_written(tmp_path: Path) -> None:
    campaign = make_campaign("unit", tmp_path)
    first, *_, last = campaign.units
    listed = f"单位代码,单位名称\n{first},甲\n{last},乙\n{last},丙\n"
    (tmp_path / "projects.csv").write_text(listed, encoding="utf-8")
    with pytest.raises(
        OfficeError, match=f"第 4 行：单位 {last} 第 3 行已有；这种表每个单位只能有一行"
    ):
        issue(load_campaign(tmp_path), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def archives(issued: Sequence[Issued]) -> list[Path]:
    return list(dict.fromkeys(item.archive for item in issued if item.archive))


def test_zips_by_department(tmp_path: Path) -> None:
    campaign = make_campaign("target", tmp_path)
    paths = archives(issue(campaign, zip_by="department"))
    assert [path.name for path in paths] == [
        "云岭区社会治理工作局.zip",
        "云岭区文化体育局.zip",
        "云岭区生态环境局.zip",
    ]
    before = [path.read_bytes() for path in paths]
    with zipfile.ZipFile(paths[1]) as archive:
        assert archive.namelist() == [
            "226001_云岭区公共文化体育中心.xlsx",
            "226002_云岭区图书馆.xlsx",
        ]
        assert archive.read("226002_云岭区图书馆.xlsx") == template(campaign, "226002").read_bytes()
    again = archives(issue(campaign, zip_by="department"))
    assert [path.read_bytes() for path in again] == before
    with pytest.raises(OfficeError, match=r"单位 215001 在 units.csv 中没有填写分包所用的列"):
        issue(campaign, zip_by="district")
    assert [path.read_bytes() for path in again] == before


def test_file_names_are_safe(tmp_path: Path) -> None:
    roster = [["单位代码", "单位名称"], ["1", '../a\\b:c*d?e"f<g>h|i\tj'], ["2", "长" * 200]]
    campaign = small_campaign(
        "longhua_2021_target", tmp_path, roster=roster, projects=[["单位代码"]]
    )
    assert sorted(path.name for path in (campaign.folder / "issued").iterdir()) == [
        "1__a_b_c_d_e_f_g_h_i_j.xlsx",
        f"2_{'长' * 60}.xlsx",
        "manifest.csv",
    ]


# -- the workbook ------------------------------------------------------------------------------


def book_of(campaign: Campaign, unit: str) -> Any:
    return openpyxl.load_workbook(template(campaign, unit))


def test_sheets_and_their_order(declaration: Campaign) -> None:
    book = book_of(declaration, "131002")
    assert [(sheet.title, sheet.sheet_state) for sheet in book.worksheets] == [
        ("填报说明", "visible"),
        ("填报检查", "visible"),
        *[(f"项目{n}", "visible") for n in range(1, 6)],
        ("_xltool", "veryHidden"),
    ]
    assert book.security.lockStructure
    assert book.active.title == "填报说明"


# the cells that a unit may fill, per form: on a sheet of a known project, and more on a spare one
OPEN = {
    "declaration": (
        ["B5:C5", "B8:E8", "B9:E9", "B10:E10", "C12:E73"],
        ["B2:C2", "E2:E2", "B4:C4", "E4:E4", "E5:E5", "B6:C6", "E6:E6", "B7:E7"],
    ),
    "target": (
        [
            *("B3:C3", "E3:E3", "B4:C4", "E4:E4", "B5:C5", "E5:E5", "B6:C6", "E6:E6", "B7:C7"),
            *("E7:E7", "B8:E8", "B9:E9", "B10:C10", "E10:E10", "B11:E11", "B12:E12", "C14:E64"),
        ],
        ["B2:C2"],
    ),
}


NEW_ONLY = ("B4", "E4", "E5", "B6", "E6", "B7")  # of a declaration, on spare sheets only


def cells_of(sheet: Worksheet, areas: list[str]) -> set[str]:
    return {cell.coordinate for area in areas for row in sheet[area] for cell in row}


def to_explain(checks: Worksheet) -> set[str]:
    """The cells for explanations, beside the lines that may warn."""
    rows = checks.iter_rows(min_row=FIRST + 1, max_col=1)
    signs = {cell.row: str(getattr(cell.value, "text", "")) for (cell,) in rows}
    found = {f"F{row}" for row, formula in signs.items() if '"！"' in formula}
    assert len(found) > 10
    return found


@pytest.mark.parametrize(
    ("example", "unit", "known", "spare"),
    [("declaration", "131002", 3, 2), ("target", "226002", 3, 2)],
)
def test_everything_is_locked_but_the_inputs(
    request: pytest.FixtureRequest, example: str, unit: str, known: int, spare: int
) -> None:
    book = book_of(request.getfixturevalue(example), unit)
    for sheet in book.worksheets:
        assert sheet.protection.sheet
        # False: what the sheet's users are still allowed to do
        assert not sheet.protection.formatColumns
        assert not sheet.protection.formatRows
        assert sheet.protection.formatCells
        assert sheet.protection.insertRows
        assert sheet.protection.deleteRows
        assert sheet.protection.sort
        expected: set[str] = set()
        if sheet.title.startswith("项目"):
            areas = OPEN[example][0] + (OPEN[example][1] if int(sheet.title[2:]) > known else [])
            expected = cells_of(sheet, areas)
        elif sheet.title == "填报检查":
            expected = to_explain(sheet)
        unlocked = {
            cell.coordinate
            for row in sheet.iter_rows()
            for cell in row
            if not cell.protection.locked
        }
        assert unlocked == expected
        assert not any(
            dimension.protection and not dimension.protection.locked
            for dimension in sheet.column_dimensions.values()
        )
    assert len(book.worksheets) == known + spare + 3


@pytest.mark.parametrize(("example", "unit"), [("declaration", "131002"), ("target", "226002")])
def test_every_input_has_a_validation(
    request: pytest.FixtureRequest, example: str, unit: str
) -> None:
    book = book_of(request.getfixturevalue(example), unit)
    for sheet in book.worksheets:
        validated: list[str] = []
        for validation in sheet.data_validations.dataValidation:
            if not validation.prompt.startswith("由系统带出"):  # a locked cell that says so
                validated += str(validation.sqref).split()
            assert validation.showInputMessage
            assert 0 < len(validation.promptTitle) <= 32
            assert 0 < len(validation.prompt) <= 255
            assert 0 < len(validation.error) <= 224
        merged = {cell for area in sheet.merged_cells.ranges for cell in list(area.cells)[1:]}
        unlocked = [
            cell.coordinate
            for row in sheet.iter_rows()
            for cell in row
            if not cell.protection.locked and (cell.row, cell.column) not in merged
        ]
        assert sorted(validated) == sorted(unlocked)


def validation_at(sheet: Worksheet, cell: str) -> Any:
    return next(v for v in sheet.data_validations.dataValidation if str(v.sqref) == cell)


def test_dropdowns_go_through_defined_names(declaration: Campaign, target: Campaign) -> None:
    for campaign, unit, cell, name, values in (
        (declaration, "131002", "B5", "xl_project_is_new", ["是", "否"]),
        (target, "226002", "B3", "xl_project_project_type", ["一般性项目", "政府投资项目"]),
    ):
        book = book_of(campaign, unit)
        validation = validation_at(book["项目1"], cell)
        assert (validation.type, validation.formula1) == ("list", name)
        ((title, area),) = book.defined_names[name].destinations
        assert title == "_xltool"
        assert [row[0].value for row in book[title][area]] == values


def test_validations_say_what_may_be_typed(target: Campaign) -> None:
    sheet = book_of(target, "226002")["项目1"]
    found = {
        cell: (v.type, v.operator, v.formula1, v.formula2, v.errorStyle, v.prompt)
        for cell in ("B4", "B5", "B3", "B8", "D14")
        for v in [validation_at(sheet, cell)]
    }
    assert found == {
        "B4": ("date", None, "36526", "73050", None, "必填。日期，如 2027-01-01。"),
        "B5": (
            *("decimal", "greaterThanOrEqual", "0", None, None),
            "必填。数字，单位万元，最多 2 位小数。",
        ),
        "B3": (
            *("list", None, "xl_project_project_type", None, "warning"),
            "必填。从下拉列表中选择：一般性项目／政府投资项目。",
        ),
        "B8": (None, None, None, None, None, "必填。不超过 2000 字。"),
        "D14": (
            None,
            None,
            None,
            None,
            None,
            "不超过 40 字，如：≥95%、20次、≤3天、≤32万元、12月31日前。",
        ),
    }


def test_the_official_comments(declaration: Campaign, target: Campaign) -> None:
    book = book_of(declaration, "131002")
    expected = {
        "B2": "(限40字以内)",
        "E2": "(限40字以内)",
        "B3": "导入模板无需填写",
        "E3": "系统自动带出，无需填写",
        "B4": "导入模板无需填写",
        "E4": "系统自动带入，无需填写",
        "E5": "系统自动带入，无需填写",
        "B7": "系统自动带出，无需填写",
        **dict.fromkeys(("B6", "E6"), "由系统自动汇总二级项目，无需手工录入"),
        "B9": "(限2000字以内)\n新增项目年度目标为必填项",
        "B10": "(限2000字以内)\n多年度项目长期目标为必填项",
    }
    for sheet in book.worksheets:
        comments = {
            cell.coordinate: cell.comment.text
            for row in sheet.iter_rows()
            for cell in row
            if cell.comment
        }
        is_spare = sheet.title in ("项目4", "项目5")  # there the unit fills these
        filled = NEW_ONLY if is_spare else ()
        given = {cell: text for cell, text in expected.items() if cell not in filled}
        assert comments == (given if sheet.title.startswith("项目") else {})
    for sheet in book_of(target, "226002").worksheets:
        assert not any(cell.comment for row in sheet.iter_rows() for cell in row)


def test_prefilled_values_and_their_formats(declaration: Campaign) -> None:
    sheet = book_of(declaration, "131002")["项目1"]
    assert {
        cell: (sheet[cell].value, sheet[cell].number_format)
        for cell in ("B2", "E2", "B3", "E3", "B4", "E4", "E5", "B6", "E6", "B5", "C12")
    } == {
        "B2": ("440399251313100400052", "@"),
        "E2": ("城市部件事件信息采集", "@"),
        "B3": ("云岭区数字化城管指挥中心", "@"),
        "E3": ("云岭区城市管理和综合执法局", "@"),
        "B4": (5, "0"),
        "E4": ("31 履职类项目", "@"),
        "E5": ("因素法和项目法", "@"),
        "B6": (5040.7, "#,##0.00"),
        "E6": (1008.14, "#,##0.00"),
        "B5": (None, "@"),
        "C12": (None, "@"),
    }


@pytest.mark.parametrize(
    ("example", "unit", "head", "last"),
    [("declaration", "131002", 11, 73), ("target", "226002", 13, 64)],
)
def test_print_setup(
    request: pytest.FixtureRequest, example: str, unit: str, head: int, last: int
) -> None:
    book = book_of(request.getfixturevalue(example), unit)
    for sheet in book.worksheets[:-1]:
        assert sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        # one page wide (1 is the format's default), as many high as needed
        assert sheet.page_setup.fitToWidth in (None, 1)
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.page_setup.orientation == "portrait"
    sheet = book["项目1"]
    assert sheet.print_title_rows == f"${head}:${head}"
    assert sheet.print_area == f"'项目1'!$A$1:$E${last}"


def formulas(book: Any) -> Iterator[tuple[str, str]]:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield sheet.title, cell.coordinate


@pytest.mark.parametrize(("example", "unit"), [("declaration", "131002"), ("target", "226002")])
def test_live_checks_carry_their_values(
    request: pytest.FixtureRequest, example: str, unit: str
) -> None:
    campaign = request.getfixturevalue(example)
    book = book_of(campaign, unit)
    values = openpyxl.load_workbook(template(campaign, unit), data_only=True)
    everywhere = list(formulas(book))
    found = [(sheet, cell) for sheet, cell in everywhere if sheet == "填报检查"]
    # beside the form what makes rows grow, else none
    assert {cell[0] for sheet, cell in everywhere if sheet != "填报检查"} == {"F"}
    checks: Any = values["填报检查"]
    lines = [row for row in checks.iter_rows(min_row=FIRST + 1, values_only=True) if row[4]]
    below = [cell for _, cell in found if int(cell[1:]) > FIRST]
    assert [cell for cell in below if cell.startswith("A")] == [
        f"A{n}" for n in range(FIRST + 1, FIRST + 1 + len(lines))
    ]
    # a hidden cell beside the first line of each sheet tells whether the unit has begun with it
    assert [
        (checks.cell(int(cell[1:]), 2).value, checks[cell].value)
        for cell in below
        if cell.startswith("G")
    ] == [(f"项目{n}", 0) for n in range(1, 6)]
    with zipfile.ZipFile(template(campaign, unit)) as archive:
        xml = archive.read("xl/worksheets/sheet2.xml").decode()
    # every formula has a cached value, if only the empty text
    assert len(re.findall(r"</f><v>", xml)) + len(re.findall(r"</f><v/>", xml)) == len(found)
    assert "".join(str(row[0].value) for row in checks[f"A6:A{5 + SHOWN}"]) == "✘" * SHOWN
    open_ones = sum(row[0] == "✘" for row in lines)
    assert open_ones > 0
    assert checks["A2"].value == f"还有 {open_ones} 处需要修改（标 ✘ 的）。"
    assert {row[0] or "" for row in lines if row[1] in ("项目4", "项目5")} == {""}
    blanks = {row[0] for row in lines if row[1] == "项目1" and row[4] == "TXT-001"}
    assert blanks - {None} == {"✔", "✘"}
    for row in checks.iter_rows(min_row=FIRST + 1, max_row=FIRST + len(lines)):
        if row[4].value == "TPL-007":  # a formula leads to the first error value
            spare = row[1].value in ("项目4", "项目5")
            first = "B2" if spare else {"declaration": "B5", "target": "B3"}[example]
            assert row[3].value == first
            continue
        place = row[3].hyperlink.location
        assert (row[3].hyperlink.target, place) == (None, f"'{row[1].value}'!{row[3].value}")


def test_password(tmp_path: Path) -> None:
    campaign = small_campaign("longhua_2021_target", tmp_path / "a", 'password = "abc"')
    book = book_of(campaign, UNIT)
    assert book.security.workbookPassword
    assert all(sheet.protection.password for sheet in book.worksheets)
    plain = book_of(small_campaign("longhua_2021_target", tmp_path / "b"), UNIT)
    assert not plain.security.workbookPassword
    assert not any(sheet.protection.password for sheet in plain.worksheets)
