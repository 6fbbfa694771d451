"""What people see on a returned sheet is what is read, or it is told: formats, struck-out and invisible
text, pictures, days counted from 1904, and what the unit added around the form.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from helpers import check_files, edit, make_campaign, template
from hostile import FORM, write
from mutations import described
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook import Workbook

from xltool.checking.running import check
from xltool.office.campaign import Campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.write.returned import write_returned

GOAL, AMOUNT = "B12", "B5"


def with_xml(path: Path, out: Path, change: Callable[[str], str], part: str = FORM) -> Path:
    """A workbook with a part changed as text."""
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    changed = change(members[part].decode())
    assert changed != members[part].decode()
    return write(out, {**members, part: changed.encode()})


def found(
    campaign: Campaign, good: Path, tmp_path: Path, change: Callable[[Any], object]
) -> list[str]:
    """The lines on a good return after a change of its first form sheet."""
    path = edit(good, lambda book: change(book["项目1"]), tmp_path / "return.xlsx")
    return described(check_files(campaign, path))


def test_a_format_that_scales(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    """Both figures, once for each cell, in place of the changed format; also on an unsealed workbook."""

    def change(sheet: Any) -> None:
        sheet[AMOUNT].number_format = "0!.0000"

    line = (
        "TPL-012 warning 项目1!B5 | 项目总金额（万元）显示为 0.0260，实际存的是 260"
        "（数字格式“0!.0000”）"
    )
    assert found(target, good_target, tmp_path, change) == [line]
    unsealed = edit(
        tmp_path / "return.xlsx", lambda book: book.remove(book.worksheets[-1]), tmp_path / "u.xlsx"
    )
    assert line in described(check_files(target, unsealed))


def test_struck_out_cells_and_words(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["C14"] = CellRichText(
            TextBlock(InlineFont(strike=True), "购买电脑"),
            TextBlock(InlineFont(), "采购中文图书册数"),
        )
        sheet[AMOUNT].font = Font(strike=True)

    lines = found(target, good_target, tmp_path, change)
    assert [line for line in lines if "TPL-014" in line] == [
        "TPL-014 warning 项目1!B5 | 项目总金额（万元）里有加了删除线的内容：“260”",
        "TPL-014 warning 项目1!C14 | 指标内容里有加了删除线的内容：“购买电脑”",
    ]


@pytest.mark.parametrize("text", ["\u200b", "\u3164\u2800", "\u2003\u00ad", "\u202e\u2066"])
def test_nobody_sees_it_so_it_is_blank(
    target: Campaign, good_target: Path, tmp_path: Path, text: str
) -> None:
    def change(sheet: Any) -> None:
        sheet["B8"] = text

    assert found(target, good_target, tmp_path, change) == [
        "TXT-001 error 项目1!B8 | 项目概况没有填"
    ]


def test_two_names_that_look_alike_are_the_same(
    target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    def change(sheet: Any) -> None:
        sheet["C15"] = f"{sheet['C14'].value}\u200b"

    lines = [line.split(" |")[0] for line in found(target, good_target, tmp_path, change)]
    assert {"IND-007 error 项目1!C15", "TPL-006 warning 项目1!C15"} <= set(lines)


def test_a_picture_in_a_cell_is_no_error_value(
    target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    """Excel 365 stores #VALUE! and where to find the picture."""

    def change(xml: str) -> str:
        return re.sub(
            r'<c r="E14"( s="\d+")?[^>]*?(?:/>|>.*?</c>)',
            r'<c r="E14"\1 t="e" vm="1"><v>#VALUE!</v></c>',
            xml,
        )

    path = with_xml(good_target, tmp_path / "a.xlsx", change)
    assert described(check_files(target, path)) == [
        "TPL-007 error 项目1!E14 | 目标值来源里是图片，不是文字或数字"
    ]


def test_days_counted_from_1904(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    """As dates they are dates; as mere numbers they are read as the days that they are there."""

    def change(book: Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904
        book["项目1"]["E4"].number_format = "General"

    path = edit(good_target, change, tmp_path / "a.xlsx")
    assert described(check_files(target, path)) == [
        "TPL-006 warning 项目1!E4 | 计划完成日期存成了数字 45290，已读作 2027-12-31"
    ]


def test_comments_of_the_unit(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["B8"].comment = Comment("请看附件第 3 页", "经办")

    assert found(target, good_target, tmp_path, change) == [
        "TPL-016 info 项目1!B8 | 单元格上有批注：“请看附件第 3 页”"
    ]


def test_official_comments_are_none_of_the_unit(tmp_path: Path) -> None:
    """Those of the form, whoever saved them, are not told; one that was changed is."""
    campaign = make_campaign("declaration", tmp_path / "office")
    issued = template(campaign, next(iter(campaign.units)))

    def change(book: Workbook) -> None:
        sheet = book["项目1"]
        cell = next(c for row in sheet.iter_rows() for c in row if c.comment)
        assert cell.comment is not None
        cell.comment = Comment(f"{cell.comment.text}\n已核对", "xltool")

    settings = settings_for(campaign, None)

    def told(path: Path) -> list[str]:
        return [fact.state for fact in read_file(path, settings).sheets]

    assert told(issued) == []
    assert told(edit(issued, lambda _: None, tmp_path / "same.xlsx")) == []
    assert told(edit(issued, change, tmp_path / "changed.xlsx")) == ["commented"]


def test_what_stands_outside_of_the_form(
    target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    """It is that cell's finding; no row was inserted."""

    def change(sheet: Any) -> None:
        sheet["A200"], sheet["C201"], sheet["J5"] = "x", 12, "备注"

    assert found(target, good_target, tmp_path, change) == [
        "TPL-016 warning 项目1!J5 | 表格之外还有内容，没有读取：J5“备注”、A200“x”、C201“12”"
    ]


def test_the_returned_copy_names_what_it_leaves_out(
    target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    def change(book: Workbook) -> None:
        sheet = book["项目1"]
        sheet[AMOUNT] = 999
        sheet["B8"].comment = Comment("请看附件第 3 页", "经办")
        book.create_sheet("附件说明")["A1"] = "说明"

    path = edit(good_target, change, tmp_path / "return.xlsx")
    settings = settings_for(target, None)
    batch = Batch([read_file(path, settings)], target)
    (tmp_path / "back").mkdir()
    written, notes = write_returned(batch, check(batch), tmp_path / "back")
    assert notes == []
    front = openpyxl.load_workbook(written[0]).worksheets[0]
    texts = [str(cell.value) for row in front.iter_rows() for cell in row if cell.value]
    assert any("单元格上有批注：“请看附件第 3 页”" in text for text in texts)
    assert any("多出一张工作表“附件说明”，未读取" in text for text in texts)
    # handed in again, its own comments are no comments of the unit
    again = read_file(written[0], settings)
    assert [fact for fact in again.sheets if fact.state == "commented"] == []


FORMULAS: Mapping[str, tuple[object, list[str]]] = {
    "another one": ("=ROUND(1.00,2)", ["locked"]),
    "the same in small letters": (None, []),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_the_formula_of_a_computed_cell(tmp_path: Path, name: str) -> None:
    """It is compared with the issued one, whatever it gives."""
    campaign = make_campaign("unit", tmp_path / "office")
    issued = template(campaign, next(iter(campaign.units)))
    formula, expected = FORMULAS[name]

    def change(book: Workbook) -> None:
        sheet = book["单位整体支出绩效目标表"]
        cell = sheet["E20"]
        assert str(cell.value).startswith("=")
        cell.value = formula or str(cell.value).replace("SUM", "sum").replace(",", " , ")

    path = edit(issued, change, tmp_path / "a.xlsx")
    submission = read_file(path, settings_for(campaign, None))
    assert [(f.cell, f.remark) for f in submission.cells if f.remark == "locked"] == [
        ("E20", remark) for remark in expected
    ]


def test_a_number_over_a_formula_in_a_blank_row(tmp_path: Path) -> None:
    campaign = make_campaign("unit", tmp_path / "office")
    issued = template(campaign, next(iter(campaign.units)))

    def change(book: Workbook) -> None:
        book["单位整体支出绩效目标表"]["E20"] = 1234.5

    path = edit(issued, change, tmp_path / "a.xlsx")
    lines = [line for line in described(check_files(campaign, path)) if "TPL-002" in line]
    assert lines == [
        "TPL-002 error 单位整体支出绩效目标表!E20 | 锁定的内容被改动：总额应为“公式”，现为“1234.5”"
    ]


def test_a_label_that_is_digits_may_come_back_as_a_number(tmp_path: Path) -> None:
    """Programs store “10” as 10 when they write a sheet anew; it is the same label."""
    campaign = make_campaign("selfeval", tmp_path / "office")
    issued = template(campaign, next(iter(campaign.units)))
    changed = []

    def change(book: Workbook) -> None:
        for sheet in book.worksheets[1:-1]:
            for row in sheet.iter_rows():
                for cell in row:
                    if isinstance(cell.value, str) and cell.value.isdigit():
                        changed.append(cell.coordinate)
                        cell.value = int(cell.value)

    path = edit(issued, change, tmp_path / "a.xlsx")
    assert changed
    submission = read_file(path, settings_for(campaign, None))
    assert [(f.cell, f.found) for f in submission.cells if f.remark == "locked"] == []
