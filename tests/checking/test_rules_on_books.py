"""Shared rules on the workbook itself, on every form: each single change is found at its cell, and
nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from failing import fails_to_read
from helpers import check_files, edit
from kits import ALONE, KITS, Kit, by_path
from mutations import BookChange, nothing
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from test_mutations_files import carry, resealed


@dataclass(frozen=True)
class Spots:
    """Where a form is changed: its cells, and the text that goes there.

    `label`: a printed label; `limited`: the first cell of the sheet with an input limit; `as_text`: a
    cell and what is read all the same; `level`: a printed 二级指标 and one of another 一级; `row`: one
    among the indicators.
    """

    label: str
    limited: str
    as_text: tuple[str, str]
    row: int
    level: tuple[str, str] = ("", "")


SPOTS = {
    "A": Spots("A9", "B3", ("B5", "260.00"), 24, ("B14", "经济效益")),
    "B": Spots("A27", "F6", ("F6", "296"), 39, ("C29", "经济效益")),
    "C": Spots("A55", "B5", ("B51", "7"), 36),
    "D": Spots("A7", "B5", ("B5", "否 "), 21, ("B11", "经济效益")),
    "E": Spots("A9", "B5", ("B5", "否 "), 22, ("B12", "经济效益指标")),
    "F": Spots("F8", "F4", ("F4", "2521300.40"), 21, ("C11", "经济效益指标")),
    "G": Spots("A9", "C5", ("E7", "860"), 23, ("C13", "经济效益指标")),
}


def changes(kit: Kit) -> dict[str, tuple[BookChange, list[str]]]:
    """The changes of a workbook by code, and what each must lead to."""
    spots, name = SPOTS[kit.letter], kit.sheet

    def cell(address: str, value: object) -> BookChange:
        return lambda book: setattr(book[name][address], "value", value)

    def page(change: Callable[[Any], object]) -> BookChange:
        return lambda book: change(book[name])

    return {
        "nothing": (nothing, []),
        "TPL-002": (cell(spots.label, "说明"), [f"TPL-002 error {name}!{spots.label}"]),
        "TPL-016 extra": (lambda book: book.create_sheet("草稿"), ["TPL-016 info 草稿"]),
        "TPL-003 renamed": (
            page(lambda sheet: setattr(sheet, "title", "改名")),
            ["TPL-003 warning 改名"],
        ),
        "TPL-003 missing": (lambda book: book.remove(book[name]), ["TPL-003 error"]),
        "TPL-004": (
            page(lambda sheet: sheet.insert_rows(spots.row)),
            [f"TPL-004 error {name}!A{spots.row}"],
        ),
        "TPL-005": (
            page(lambda sheet: setattr(sheet.data_validations, "dataValidation", [])),
            [f"TPL-005 warning {name}!{spots.limited}"],
        ),
        "TPL-006": (cell(*spots.as_text), [f"TPL-006 warning {name}!{spots.as_text[0]}"]),
        "TPL-007": (cell(kit.long[1], "=A1"), [f"TPL-007 error {name}!{kit.long[1]}"]),
        "TPL-009": (page(lambda sheet: sheet.protection.disable()), [f"TPL-009 info {name}"]),
        "TPL-010": (
            page(lambda sheet: setattr(sheet.row_dimensions[spots.row], "hidden", True)),
            [f"TPL-010 warning {name}!A{spots.row}"],
        ),
        "TPL-012": (
            page(lambda sheet: setattr(sheet[kit.long[1]], "number_format", ";;;")),
            [f"TPL-012 warning {name}!{kit.long[1]}"],
        ),
        "TPL-014": (
            page(lambda sheet: setattr(sheet[kit.long[1]], "font", Font(strike=True))),
            [f"TPL-014 warning {name}!{kit.long[1]}"],
        ),
        "TPL-016 comment": (
            page(lambda sheet: setattr(sheet[kit.long[1]], "comment", Comment("见附件", "经办"))),
            [f"TPL-016 info {name}!{kit.long[1]}"],
        ),
        "TPL-016 outside": (cell("A400", "备注"), [f"TPL-016 warning {name}!A400"]),
        **(
            {}
            if not spots.level[0]
            else {
                "TPL-011": (
                    cell(spots.level[0], "效率"),
                    [f"TPL-011 error {name}!{spots.level[0]}"],
                ),
                "IND-005": (cell(*spots.level), [f"IND-005 error {name}!{spots.level[0]}"]),
            }
        ),
    }


@pytest.mark.parametrize("letter", KITS)
def test_workbooks(tmp_path: Path, letter: str) -> None:
    kit = KITS[letter]
    campaign = kit.campaign(tmp_path / "office", ALONE)
    good = kit.fill(campaign, kit.data(), tmp_path / "good.xlsx")
    table = changes(kit)
    paths = [
        edit(good, change, tmp_path / f"{number}.xlsx")
        for number, (change, _) in enumerate(table.values())
    ]
    found = by_path(check_files(campaign, *paths), paths)
    expected = {name: lines for name, (_, lines) in table.items()}
    assert dict(zip(table, found, strict=True)) == expected


UNSEALED, NO_WORKBOOK, NO_FORM = "TPL-001 error", "TPL-008 error", "TPL-013 error"
FAILURE, UNPLACED = "TPL-015 error", "TPL-017 warning"


@pytest.mark.parametrize("letter", KITS)
def test_no_workbook_of_ours(tmp_path: Path, letter: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """TPL-001, 008, 013, 015: nothing tells which form it is, so all forms have these in common."""
    kit = KITS[letter]
    campaign = kit.campaign(tmp_path / "office")
    good = kit.fill(campaign, kit.data(), tmp_path / "good.xlsx")
    unsealed, other = edit(good, carry(""), tmp_path / "a.xlsx"), tmp_path / "b.xlsx"
    other.write_text("项目名称,项目总金额\n图书采购,260.00\n", encoding="gb18030")
    book = Workbook()
    book.worksheets[0].append(["姓名", "电话"])
    book.save(tmp_path / "c.xlsx")
    paths = [unsealed, other, tmp_path / "c.xlsx"]
    found = by_path(check_files(campaign, *paths), paths)
    assert found == [[UNSEALED], [NO_WORKBOOK], [NO_FORM]]
    fails_to_read(monkeypatch)
    assert by_path(check_files(campaign, good), [good]) == [[FAILURE]]


@pytest.mark.parametrize("letter", KITS)
def test_content_without_a_place(tmp_path: Path, letter: str) -> None:
    """What the seal of a copy says of an earlier issue is told, sheet by sheet."""
    kit = KITS[letter]
    campaign = kit.campaign(tmp_path / "office", ALONE)
    good = kit.fill(campaign, kit.data(), tmp_path / "good.xlsx")
    left = [["旧表", "no_room", "B7 任务名称“活动”"], [kit.sheet, "locked", "E2 联系人“林”"]]
    key = campaign.folder / "keys" / "office.key"
    copy = resealed(good, tmp_path / "copy.xlsx", key, round=1, unplaced=left)
    found = check_files(campaign, copy)
    assert sorted((f.code, f.severity, f.sheet, f.cell, f.message) for f in found) == sorted(
        ("TPL-017", "warning", sheet, "", f"原“{sheet}”的内容没有带入（{why}")
        for sheet, why in (
            ("旧表", "新表的行数不够）：B7 任务名称“活动”"),
            (kit.sheet, "新表中由财政部门或系统填写）：E2 联系人“林”"),
        )
    )


def declared(letter: str) -> list[str]:
    """The lines that these tests expect somewhere on a form."""
    lines = [line for _, lines in changes(KITS[letter]).values() for line in lines]
    return [*lines, UNSEALED, NO_WORKBOOK, NO_FORM, FAILURE, UNPLACED]
