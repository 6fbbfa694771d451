"""The copy for the unit: its values kept, problems marked, what it broke mended, sealed as before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from helpers import Data, answers, check_files, edit, fill_unit, places
from openpyxl.styles import Font

from xltool.checking.running import check
from xltool.office import seal
from xltool.office.campaign import Campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.rules.findings import Finding
from xltool.write.returned import write_returned

UNIT = "131002"


def give_back(
    campaign: Campaign | None, folder: Path, *paths: Path, with_warnings: bool = False
) -> tuple[list[Path], list[str], list[Finding]]:
    """Check files and write the returned copies: the copies, the notes, the findings."""
    settings = settings_for(campaign, None)
    batch = Batch([read_file(path, settings) for path in paths], campaign)
    verdict = check(batch)
    copies, notes = write_returned(batch, verdict, folder, with_warnings=with_warnings)
    written = list(copies.values())
    return written, notes, verdict.findings


def handed_in(campaign: Campaign, folder: Path, change: Callable[[Data], object] = len) -> Path:
    data = answers("declaration", UNIT)
    change(data)
    return fill_unit(campaign, UNIT, data, folder / "handed_in.xlsx")


def values(path: Path, sheet: str) -> dict[str, Any]:
    """The values of a form sheet by address."""
    page = openpyxl.load_workbook(path)[sheet]
    return {c.coordinate: c.value for row in page.iter_rows() for c in row if c.value is not None}


def listed(path: Path) -> list[Any]:
    """The list on the first page, from its headings on; a heading of a section as its text."""
    page = openpyxl.load_workbook(path, data_only=True)["退回修改"]
    rows = [row[:6] for row in page.iter_rows(min_row=5, values_only=True) if row[0]]
    return [row if row[1] else row[0] for row in rows]


def coloured_by_the_list(book: Any, sheet: str) -> dict[str, tuple[str, str]]:
    """The cells of a form sheet that are coloured while the first page says so, and when, and how."""
    return {
        str(area.sqref): (rule.formula[0], rule.dxf.fill.bgColor.rgb)
        for area in book[sheet].conditional_formatting
        for rule in area.rules
        if "退回修改" in rule.formula[0]
    }


def faulty(data: Data) -> None:
    """A blank goal (an error) and an indicator that is too long (a warning)."""
    data["projects"][0]["长期目标"] = ""
    data["projects"][1]["indicators"][0]["指标解释"] = "反映视频识别算法".ljust(41, "长")


def test_a_good_file_is_not_returned(
    declaration: Campaign, good_declaration: Path, tmp_path: Path
) -> None:
    assert give_back(declaration, tmp_path / "back", good_declaration) == ([], [], [])
    assert not (tmp_path / "back").exists()


def test_values_are_kept_and_problems_marked(declaration: Campaign, tmp_path: Path) -> None:
    path = handed_in(declaration, tmp_path, faulty)
    (back,), notes, findings = give_back(declaration, tmp_path / "back", path)
    assert (back, notes) == (tmp_path / "back" / "handed_in_退回1.xlsx", [])
    assert [(f.code, f.severity, f.sheet, f.cell) for f in findings] == [
        ("TXT-005", "error", "项目1", "B10"),
        ("TXT-002", "warning", "项目2", "E12"),
    ]
    for sheet in ("项目1", "项目2", "项目3", "项目4", "项目5", "填报说明"):
        assert values(back, sheet) == values(path, sheet)
    book = openpyxl.load_workbook(back)
    assert [sheet.title for sheet in book.worksheets] == [
        *(
            "退回修改",
            "填报说明",
            "填报检查",
            "项目1",
            "项目2",
            "项目3",
            "项目4",
            "项目5",
            "_xltool",
        )
    ]
    blank, long = book["项目1"]["B10"], book["项目2"]["E12"]
    assert (blank.fill.fgColor.rgb, long.fill.fgColor.rgb) == ("FFFFFBE6", "FFFFFBE6")
    assert coloured_by_the_list(book, "项目1") == {"B10": ("'退回修改'!$A$7=\"待改\"", "FFF8CBAD")}
    assert coloured_by_the_list(book, "项目2") == {
        "E12": ("'退回修改'!$A$8=\"请核对\"", "FFFFE699")
    }
    assert blank.comment.text == (
        "【TXT-005】实施期限 5 年，没有填长期目标。跨度多年的项目，长期目标为必填项，请填写。"
    )
    assert long.comment.text == "【TXT-002】指标解释有 41 字，限 40 字。请删减到 40 字以内。"
    marked = {
        (sheet.title, cell.coordinate)
        for sheet in book.worksheets[3:8]
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment and "【" in cell.comment.text
    }
    assert marked == {("项目1", "B10"), ("项目2", "E12")}


def test_the_first_sheet_lists_every_problem_with_a_link(
    declaration: Campaign, tmp_path: Path
) -> None:
    path = handed_in(declaration, tmp_path, faulty)
    (back,), _, _ = give_back(declaration, tmp_path / "back", path)
    book: Any = openpyxl.load_workbook(back)
    front = book["退回修改"]
    assert book.active.title == "退回修改"
    shown = openpyxl.load_workbook(back, data_only=True)["退回修改"]
    assert [row[0] for row in shown.iter_rows(max_row=4, values_only=True)] == [
        "退回修改",
        "还有 1 处要改，1 处提醒请核对。",
        "单位：131002 云岭区数字化城管指挥中心。改完后请于 2026 年 12 月 15 日前把本文件交回。"
        "有疑问请联系：云岭区财政局绩效科 0000-88880000。",
        "点“位置”可跳到单元格。有问题的单元格已着色，改好后颜色消失；单元格上的批注不会消失，不必删除。",
    ]
    assert listed(back) == [
        ("状态", "程度", "工作表", "位置", "问题", "怎么改"),
        "请修改：错误必须改正；提醒请核对，属实的可以不改，请写“说明”（2 处）",
        (
            *("待改", "错误", "项目1", "B10", "实施期限 5 年，没有填长期目标（TXT-005）"),
            "跨度多年的项目，长期目标为必填项，请填写",
        ),
        (
            *("请核对", "提醒", "项目2", "E12", "指标解释有 41 字，限 40 字（TXT-002）"),
            "请删减到 40 字以内",
        ),
    ]
    links = [
        (front[cell].hyperlink.target, front[cell].hyperlink.location) for cell in ("D7", "D8")
    ]
    assert links == [(None, "'项目1'!B10"), (None, "'项目2'!E12")]


def test_what_the_copy_mended_is_not_to_do(declaration: Campaign, tmp_path: Path) -> None:
    path = edit(handed_in(declaration, tmp_path), broken, tmp_path / "broken.xlsx")
    (back,), _, _ = give_back(declaration, tmp_path / "back", path)
    assert openpyxl.load_workbook(back, data_only=True)["退回修改"]["A2"].value == (
        "没有要您改的：下面各项已为您恢复，请核对后直接交回。"
    )
    assert listed(back)[1:] == [
        "已为您恢复，请核对，不必再改（3 处）",
        (
            *("已恢复", "错误", "项目1", "E2"),
            "锁定的内容被改动：项目名称应为“城市部件事件信息采集”，现为“别的名称”（TPL-002）",
            "已恢复原样；原样有误的，请联系财政部门",
        ),
        (
            *("已恢复", "错误", "项目1", "A9"),
            "锁定的内容被改动：应为“年度目标：”，现为“2027年目标：”（TPL-002）",
            "已恢复原样；原样有误的，请联系财政部门",
        ),
        (
            *("已恢复", "错误", "项目1", "A14", "表格位置被移动：插入了第 14 行（TPL-004）"),
            "行、列已恢复，内容放回原位，请核对；少的行、列是空的，请补填",
        ),
    ]


def test_what_was_hidden_restyled_or_added_is_not_to_do(
    declaration: Campaign, tmp_path: Path
) -> None:
    def change(book: Any) -> None:
        page = book["项目1"]
        page.data_validations.dataValidation = []
        page.row_dimensions[11].hidden = True
        page["C12"].font = Font(strike=True)
        page["G20"] = "边上写的"
        page["A9"] = "2027年目标："
        book["项目2"].title = "政务云"

    path = edit(handed_in(declaration, tmp_path), change, tmp_path / "changed.xlsx")
    (back,), _, findings = give_back(declaration, tmp_path / "back", path)
    assert {(f.code, f.mended) for f in findings if f.severity != "info"} == {
        ("TPL-002", "已恢复原样；原样有误的，请联系财政部门"),
        ("TPL-003", "已改回“项目2”"),
        ("TPL-005", "输入限制已恢复"),
        ("TPL-010", "已取消隐藏，请核对其中的内容"),
        ("TPL-014", "删除线已去掉，文字还在；不要的请删去"),
        ("TPL-016", "没有带入；要上报的内容，请填到表格里"),
    }
    assert {row[0] for row in listed(back)[2:]} == {"已恢复"}
    assert check_files(declaration, back) == []


def test_a_deleted_sheet_is_put_back_to_be_filled(declaration: Campaign, tmp_path: Path) -> None:
    def remove(book: Any) -> None:
        book.remove(book["项目2"])
        book.remove(book["项目5"])  # a spare one

    path = edit(handed_in(declaration, tmp_path), remove, tmp_path / "less.xlsx")
    (back,), _, _ = give_back(declaration, tmp_path / "back", path)
    assert listed(back)[1:] == [
        "已补回空表，请重填（1 处）",
        (
            *("待填", "错误", "项目2", "B5", "缺少工作表“项目2”（TPL-003）"),
            "“项目2”已补回空表，请重填",
        ),
        "已为您恢复，请核对，不必再改（1 处）",
        (
            *("已恢复", "错误", "项目5", None, "缺少工作表“项目5”（TPL-003）"),
            "“项目5”已补回；是备用的空表，不用的可以不填",
        ),
    ]


def test_the_copy_is_sealed_and_locked_again(declaration: Campaign, tmp_path: Path) -> None:
    def unlock(book: Any) -> None:
        for sheet in book.worksheets:
            sheet.protection.sheet = False
            sheet.data_validations.dataValidation = []
        book["项目1"]["B10"] = None

    path = edit(handed_in(declaration, tmp_path), unlock, tmp_path / "open.xlsx")
    (back,), _, _ = give_back(declaration, tmp_path / "back", path)
    before, after = (
        openpyxl.load_workbook(file)
        for file in (declaration.folder / "issued" / declaration.units[UNIT].file_name, back)
    )
    assert after.security.lockStructure
    assert all(sheet.protection.sheet for sheet in after.worksheets)
    assert after["_xltool"].sheet_state == "veryHidden"
    issues = [seal.unseal(book["_xltool"]["A1"].value) for book in (before, after)]
    assert [found and (found.issue.issue_id, found.issue.round) for found in issues] == [
        *((issues[0].issue.issue_id, number) for number in (0, 1) if issues[0])
    ]
    for name in ("项目1", "项目5"):
        assert {
            c.coordinate for row in after[name].iter_rows() for c in row if not c.protection.locked
        } == {
            c.coordinate for row in before[name].iter_rows() for c in row if not c.protection.locked
        }
        assert len(after[name].data_validations.dataValidation) == len(
            before[name].data_validations.dataValidation
        )


def broken(book: Any) -> None:
    """What people do to a workbook: unlock it, insert a row, rewrite labels, prefilled values."""
    sheet = book["项目1"]
    sheet.insert_rows(14)
    sheet["A9"] = "2027年目标："
    sheet["E2"] = "别的名称"
    book["填报说明"]["A1"] = "别的说明"
    book.remove(book["填报检查"])


def test_a_second_check_finds_only_what_the_unit_must_do(
    declaration: Campaign, tmp_path: Path
) -> None:
    path = edit(handed_in(declaration, tmp_path, faulty), broken, tmp_path / "broken.xlsx")
    (back,), notes, findings = give_back(declaration, tmp_path / "back", path)
    assert notes == []
    assert places(findings) == [
        ("TPL-002", "项目1", "E2"),
        ("TPL-002", "项目1", "A9"),
        ("TXT-005", "项目1", "B10"),
        ("TPL-004", "项目1", "A14"),
        ("TXT-002", "项目2", "E12"),
    ]
    again = check_files(declaration, back)
    assert places(again) == [("TXT-005", "项目1", "B10"), ("TXT-002", "项目2", "E12")]
    assert values(back, "填报说明")["A1"] == "云岭区 2027 年二级项目支出绩效目标申报"
    assert "填报检查" in openpyxl.load_workbook(back).sheetnames

    def mend(book: Any) -> None:
        book["项目1"]["B10"] = "建成网格化的城市管理。"
        book["项目2"]["E12"] = "反映视频识别算法的维护"

    assert check_files(declaration, edit(back, mend, tmp_path / "mended.xlsx")) == []


def test_a_value_in_an_inserted_row_is_kept(declaration: Campaign, tmp_path: Path) -> None:
    def insert(book: Any) -> None:
        sheet = book["项目1"]
        sheet.insert_rows(13)
        for column, text in zip("CDE", ("新增指标数", "≥3个", "反映新增的情况"), strict=True):
            sheet[f"{column}13"] = text

    path = edit(handed_in(declaration, tmp_path), insert, tmp_path / "inserted.xlsx")
    (back,), notes, findings = give_back(declaration, tmp_path / "back", path)
    assert (notes, places(findings)) == ([], [("TPL-004", "项目1", "A13")])
    rows = [
        row
        for row in openpyxl.load_workbook(back)["项目1"].iter_rows(
            min_row=12, max_col=5, values_only=True
        )
        if row[2] == "新增指标数"
    ]
    assert rows == [("产出指标", "*数量指标", "新增指标数", "≥3个", "反映新增的情况")]
    assert check_files(declaration, back) == []


def test_unreadable_values_are_kept_as_typed(target: Campaign, tmp_path: Path) -> None:
    def change(book: Any) -> None:
        sheet = book["项目1"]
        sheet["B5"], sheet["E5"], sheet["B4"] = "约三百万", 12.345, "明年初"
        sheet["B6"], sheet["E3"] = "=1+1", 2027

    good = fill_unit(target, "226002", answers("target", "226002"), tmp_path / "good.xlsx")
    path = edit(good, change, tmp_path / "a.xlsx")
    (back,), _, findings = give_back(target, tmp_path / "back", path)
    sheet = openpyxl.load_workbook(back)["项目1"]
    assert (sheet["B5"].value, sheet["E5"].value, sheet["B4"].value) == (
        "约三百万",
        12.345,
        "明年初",
    )
    assert sheet["E3"].value == "2027"
    assert not any(cell.data_type == "f" for row in sheet["A:E"] for cell in row)  # ours is beside
    unreadable = [
        f for f in findings if f.cell in ("B5", "E5", "B4", "B6") and f.severity == "error"
    ]
    assert {f.cell for f in unreadable} == {"B5", "E5", "B4", "B6"}
    assert all(sheet[f.cell].comment for f in unreadable)


def test_a_copied_sheet_goes_into_a_spare_one(declaration: Campaign, tmp_path: Path) -> None:
    def copy(book: Any) -> None:
        page = book.copy_worksheet(book["项目1"])
        page.title = "新项目"
        page["B2"], page["E2"], page["B5"] = "440399271313100400099", "新增的项目", "是"
        page["B10"] = None

    path = edit(handed_in(declaration, tmp_path), copy, tmp_path / "copied.xlsx")
    (back,), _, _ = give_back(declaration, tmp_path / "back", path)
    sheet = openpyxl.load_workbook(back)["项目4"]
    assert (sheet["B2"].value, sheet["E2"].value) == ("440399271313100400099", "新增的项目")
    assert (
        sheet["C12"].value
        == answers("declaration", UNIT)["projects"][0]["indicators"][0]["三级指标"]
    )


def test_what_cannot_be_returned_is_said(
    declaration: Campaign, good_declaration: Path, tmp_path: Path
) -> None:
    def unseal(book: Any) -> None:
        del book["_xltool"]
        for name in list(book.custom_doc_props.names):
            del book.custom_doc_props[name]

    def overfull(book: Any) -> None:
        sheet = book["项目1"]
        sheet.insert_rows(13, amount=12)
        for row in range(12, 34):
            for column in "CDE":
                sheet[f"{column}{row}"] = f"{row} 个"

    stranger = edit(good_declaration, unseal, tmp_path / "stranger.xlsx")
    full = edit(handed_in(declaration, tmp_path), overfull, tmp_path / "full.xlsx")
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04")
    written, notes, _ = give_back(
        declaration, tmp_path / "back", stranger, full, tmp_path / "broken.xlsx"
    )
    assert written == []
    assert notes == [
        "stranger.xlsx：没有可用的签发信息，未生成退回件，请让单位用原表重填",
        "full.xlsx：有内容放不进原表（多出的行或工作表），未生成退回件，请让单位用原表重填",
        "broken.xlsx：没有可用的签发信息，未生成退回件，请让单位用原表重填",
    ]


def test_two_files_of_one_name_are_both_written(declaration: Campaign, tmp_path: Path) -> None:
    for folder in "ab":
        (tmp_path / folder).mkdir()
    handed_in(declaration, tmp_path / "a", faulty)
    data = answers("declaration", "106001")
    faulty(data)
    fill_unit(declaration, "106001", data, tmp_path / "b" / "handed_in.xlsx")
    paths = [tmp_path / folder / "handed_in.xlsx" for folder in "ab"]
    written, notes, _ = give_back(declaration, tmp_path / "back", *paths)
    assert (len({path.name for path in written}), notes) == (2, [])
    names = [values(path, "退回修改")["A3"][:9] for path in written]
    assert names == [f"单位：{UNIT}", "单位：106001"]


def test_none_of_two_versions_goes_back(declaration: Campaign, tmp_path: Path) -> None:
    paths = []
    for name, change in (
        ("a", faulty),
        ("b", lambda data: data["projects"][2].update(长期目标="")),
    ):
        handed_in(declaration, tmp_path, change).rename(tmp_path / f"{name}.xlsx")
        paths.append(tmp_path / f"{name}.xlsx")
    written, notes, _ = give_back(declaration, tmp_path / "back", *paths)
    words = "本单位交了几份不同的表，未生成退回件；请先确认以哪一份为准"
    assert (written, notes) == ([], [f"a.xlsx：{words}", f"b.xlsx：{words}"])


def test_returning_twice_gives_the_same_bytes(declaration: Campaign, tmp_path: Path) -> None:
    path = handed_in(declaration, tmp_path, faulty)
    (first,), _, _ = give_back(declaration, tmp_path / "a", path)
    (second,), _, _ = give_back(declaration, tmp_path / "b", path)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("suffix", [".XLSX", ".xlsm", ""])
def test_the_copy_is_an_xlsx_whatever_came(
    declaration: Campaign, tmp_path: Path, suffix: str
) -> None:
    path = handed_in(declaration, tmp_path, faulty).rename(tmp_path / f"106{suffix}")
    (back,), _, _ = give_back(declaration, tmp_path / "back", path)
    assert back.name == "106_退回1.xlsx"
