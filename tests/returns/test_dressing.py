"""What a unit changes beside the values: limits, formats, merges, hidden rows, protection."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from helpers import FORMS, check_files, edit, make_campaign, template
from mutations import BookChange, Mutation, cell, described, each, nothing, sheet
from office import Office
from openpyxl.styles import Protection
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation

from xltool.office.campaign import Campaign


def both(*changes: BookChange) -> Callable[[Workbook], None]:
    """Several changes to one workbook."""

    def change(book: Workbook) -> None:
        for one in changes:
            one(book)

    return change


def unlimited(*cells: str, sheet: str = "项目1") -> BookChange:
    """Take the validations off some cells, as a paste does."""

    def change(book: Workbook) -> None:
        validations = book[sheet].data_validations
        kept = [v for v in validations.dataValidation if str(v.sqref) not in cells]
        assert len(kept) == len(validations.dataValidation) - len(cells)
        validations.dataValidation = kept

    return change


def limited(address: str, kind: Any, sheet: str = "项目1") -> BookChange:
    """Another validation in the place of the one that a cell has."""

    def change(book: Workbook) -> None:
        unlimited(address, sheet=sheet)(book)
        book[sheet].add_data_validation(DataValidation(kind, formula1="1", sqref=address))

    return change


def every(names: Iterable[Any], change: Callable[[Any, Any], object], sheet: str) -> BookChange:
    """Do the same to several things of a sheet."""

    def run(book: Workbook) -> None:
        for name in names:
            change(book[sheet], name)

    return run


def formatted(style: str, *cells: str, sheet: str = "项目1") -> BookChange:
    """Another number format, the value as it is."""
    return every(cells, lambda page, c: setattr(page[c], "number_format", style), sheet)


def locked(*cells: str) -> BookChange:
    """Lock some cells, as a paste from a label does."""
    return every(cells, lambda page, c: setattr(page[c], "protection", Protection()), "项目1")


def hidden_rows(*rows: int) -> BookChange:
    return every(rows, lambda page, r: setattr(page.row_dimensions[r], "hidden", True), "项目1")


def hidden_column(*letters: str) -> BookChange:
    return every(
        letters, lambda page, c: setattr(page.column_dimensions[c], "hidden", True), "项目1"
    )


def unmerged(*areas: str, sheet: str = "项目1") -> BookChange:
    return every(areas, lambda page, area: page.unmerge_cells(area), sheet)


def merged(*areas: str) -> BookChange:
    return every(areas, lambda page, area: page.merge_cells(area), "项目1")


def unprotected(book: Workbook) -> None:
    book["项目1"].protection.sheet = False


TARGET: list[Mutation[Workbook]] = [
    # TPL-005
    Mutation(
        "limit of an amount removed",
        unlimited("B5"),
        [
            "TPL-005 warning 项目1!B5 | 项目总金额（万元）的输入限制被改动：应为数字限制，现为没有限制"
        ],
    ),
    Mutation(
        "several limits removed",
        unlimited("E4", "B5", "B6"),
        [
            "TPL-005 warning 项目1!E4 | 计划完成日期的输入限制被改动：应为日期限制，现为没有限制"
            "；这样的单元格共 3 个：E4、B5、B6"
        ],
    ),
    Mutation(
        "limit changed",
        limited("B5", "list"),
        [
            "TPL-005 warning 项目1!B5 | 项目总金额（万元）的输入限制被改动：应为数字限制，现为下拉列表"
        ],
    ),
    Mutation(
        "limit of no known type",
        limited("B5", "custom"),
        [
            "TPL-005 warning 项目1!B5 | 项目总金额（万元）的输入限制被改动：应为数字限制，现为其他限制"
        ],
    ),
    Mutation(
        "all limits gone",
        sheet(lambda page: page.data_validations.dataValidation.clear()),
        [
            "TPL-005 warning 项目1!B3 | 项目类型的输入限制被改动：应为下拉列表，现为没有限制"
            "；这样的单元格共 11 个：B3、E3、B4、E4、B5 等"
        ],
    ),
    Mutation("prompt removed", unlimited("C14")),
    # TPL-009
    Mutation(
        "format of an amount",
        formatted("0", "B5"),
        ["TPL-009 info 项目1!B5 | 项目总金额（万元）的数字格式被改动：应为“#,##0.00”，现为“0”"],
    ),
    Mutation(
        "formats of many cells",
        formatted("General", "C14", "D14", "C15", "D15", "C16", "D16"),
        [
            "TPL-009 info 项目1!C14 | 指标内容的数字格式被改动：应为“文本”，现为“常规”"
            "；这样的单元格共 6 个：C14、D14、C15、D15、C16 等"
        ],
    ),
    Mutation("the same format in other words", formatted("yyyy\\-mm\\-dd;@", "B4", "E4")),
    Mutation("shown the same", formatted("#,##0.00_ ;[Red]\\-#,##0.00\\ ", "B5")),
    Mutation("format of a label", formatted("0", "A5")),
    Mutation(
        "input locked",
        locked("B5", "C14"),
        [
            "TPL-009 info 项目1!B5 | 项目总金额（万元）的单元格被锁定，不能再填写"
            "；这样的单元格共 2 个：B5、C14"
        ],
    ),
    Mutation(
        "protection off",
        unprotected,
        ["TPL-009 info 项目1 | 工作表“项目1”的保护已被取消"],
    ),
    # TPL-010
    Mutation(
        "row hidden",
        hidden_rows(15),
        ["TPL-010 warning 项目1!A15 | 填报区内有隐藏的行或列：第 15 行"],
    ),
    Mutation(
        "rows and a column hidden",
        both(hidden_rows(15, 16, 17, 20), hidden_column("E")),
        ["TPL-010 warning 项目1!A15 | 填报区内有隐藏的行或列：第 15–16 行、E 列"],
    ),
    Mutation(
        "columns hidden",
        hidden_column("C", "D"),
        ["TPL-010 warning 项目1!C1 | 填报区内有隐藏的行或列：C–D 列"],
    ),
    Mutation("hidden beside the form", both(hidden_rows(500), hidden_column("Z"))),
    Mutation(
        "unmerged",
        unmerged("A1:E1", "A14:A43"),
        ["TPL-010 warning 项目1!A1 | 合并单元格被改动：取消了 A1:E1、A14:A43"],
    ),
    Mutation(
        "merged",
        both(merged("C40:D40"), formatted("@", "D40")),
        ["TPL-010 warning 项目1!C40 | 合并单元格被改动：新增了 C40:D40"],
    ),
    Mutation(
        "merged otherwise",
        both(unmerged("A1:E1"), merged("A1:D1")),
        ["TPL-010 warning 项目1!A1 | 合并单元格被改动：取消了 A1:E1，新增了 A1:D1"],
    ),
    Mutation("merged beside the form", merged("G3:H9", "A100:C102")),
    # several things at once
    Mutation(
        "another kind of each",
        both(unprotected, hidden_rows(16), unmerged("A1:E1"), formatted("0", "B5"), locked("B6")),
        [
            "TPL-010 warning 项目1!A1 | 合并单元格被改动：取消了 A1:E1",
            "TPL-010 warning 项目1!A16 | 填报区内有隐藏的行或列：第 16 行",
            "TPL-009 info 项目1 | 工作表“项目1”的保护已被取消",
            "TPL-009 info 项目1!B5 | 项目总金额（万元）的数字格式被改动：应为“#,##0.00”，现为“0”",
            "TPL-009 info 项目1!B6 | 财政拨款资金（万元）的单元格被锁定，不能再填写",
        ],
    ),
    Mutation(
        "an odd value says that its format changed",
        both(cell("B4", 46388, "General"), formatted("General", "E4")),
        [
            "TPL-006 warning 项目1!B4 | 计划开始日期存成了数字 46388，已读作 2027-01-01",
            "TPL-006 warning 项目1!E4 | 计划完成日期存成了数字 46752，已读作 2027-12-31",
        ],
    ),
    Mutation(
        "what moved says that the rest moved along",
        both(sheet(lambda page: page.insert_rows(20)), unprotected, formatted("0", "B5")),
        ["TPL-004 error 项目1!A24 | 表格位置被移动：插入了第 24 行"],
    ),
    Mutation(
        "rows moved and hidden",
        both(sheet(lambda page: page.insert_rows(6)), hidden_rows(6, 60, 66)),
        [
            "TPL-004 error 项目1!A6 | 表格位置被移动：插入了第 6 行",
            "TPL-010 warning 项目1!A6 | 填报区内有隐藏的行或列：第 6 行",
        ],
    ),
    Mutation(
        "columns moved and hidden",
        both(sheet(lambda page: page.insert_cols(3)), hidden_column("B", "C", "F", "G")),
        [
            "TPL-004 error 项目1!C1 | 表格位置被移动：C 列处插入了 1 列",
            "TPL-010 warning 项目1!B1 | 填报区内有隐藏的行或列：B–C、F 列",
        ],
    ),
    # sheets that do not count
    Mutation(
        "spare sheet", both(unmerged("A1:E1", sheet="项目5"), formatted("0", "B5", sheet="项目5"))
    ),
]


@each(TARGET)
def test_target(
    target: Campaign, good_target: Path, tmp_path: Path, mutation: Mutation[Workbook]
) -> None:
    path = edit(good_target, mutation.apply, tmp_path / "return.xlsx")
    found = check_files(target, path)
    assert described(found, mutation.expected) == list(mutation.expected)


DECLARATION: list[Mutation[Workbook]] = [
    Mutation("saved by openpyxl", nothing),
    Mutation(
        "dropdown removed",
        unlimited("B5"),
        ["TPL-005 warning 项目1!B5 | 是否新增项目的输入限制被改动：应为下拉列表，现为没有限制"],
    ),
    Mutation(
        "dropdown pasted over a text",
        limited("B8", "list"),
        ["TPL-005 warning 项目1!B8 | 测算依据的输入限制被改动：应为没有限制，现为下拉列表"],
    ),
    Mutation(
        "goal limited as a number",
        limited("B9", "whole"),
        ["TPL-005 warning 项目1!B9 | 年度目标的输入限制被改动：应为字数限制，现为整数限制"],
    ),
    Mutation("prefilled cell formatted and unlocked", formatted("0", "E6", "B2")),
    Mutation(
        "two sheets",
        both(formatted("0", "B5"), formatted("0%", "D12", "D13", sheet="项目2")),
        [
            "TPL-009 info 项目1!B5 | 是否新增项目的数字格式被改动：应为“文本”，现为“0”",
            "TPL-009 info 项目2!D12 | 指标值的数字格式被改动：应为“文本”，现为“0%”"
            "；这样的单元格共 2 个：D12、D13",
        ],
    ),
    Mutation(
        "unmerged, hidden, unprotected",
        both(unmerged("B5:C5"), hidden_rows(10, 73), unprotected),
        [
            "TPL-010 warning 项目1!B5 | 合并单元格被改动：取消了 B5:C5",
            "TPL-010 warning 项目1!A10 | 填报区内有隐藏的行或列：第 10 行",
            "TPL-009 info 项目1 | 工作表“项目1”的保护已被取消",
        ],
    ),
]


@each(DECLARATION)
def test_declaration(
    declaration: Campaign, good_declaration: Path, tmp_path: Path, mutation: Mutation[Workbook]
) -> None:
    path = edit(good_declaration, mutation.apply, tmp_path / "return.xlsx")
    found = check_files(declaration, path)
    assert described(found, mutation.expected) == list(mutation.expected)


# Programs write the same thing in their own ways


@pytest.fixture(scope="module")
def changed(good_target: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A return with one change of each kind."""
    change = both(
        unlimited("B5"),
        limited("B6", "list"),
        formatted("0", "E6"),
        locked("E7"),
        hidden_rows(15),
        hidden_column("E"),
        unmerged("A1:E1"),
    )
    return edit(good_target, change, tmp_path_factory.mktemp("changed") / "changed.xlsx")


CHANGED = [
    "TPL-010 warning 项目1!A1",
    "TPL-005 warning 项目1!B5",
    "TPL-010 warning 项目1!A15",
    "TPL-009 info 项目1!E6",
    "TPL-009 info 项目1!E7",
]


def short(findings: Any) -> list[str]:
    return [line.split(" |")[0] for line in described(findings)]


@pytest.mark.parametrize(
    ("suffix", "expected"),
    [(".xlsx", CHANGED), (".ods", ["TPL-009 info"]), (".xls", ["TPL-009 info"])],
    ids=["xlsx", "ods", "xls"],
)
def test_changes_saved_by_libreoffice(
    office: Office,
    target: Campaign,
    changed: Path,
    tmp_path: Path,
    suffix: str,
    expected: list[str],
) -> None:
    assert short(check_files(target, changed)) == CHANGED
    saved = tmp_path / f"saved{suffix}"
    with office.open(changed) as document:
        document.save_as(saved)
    assert short(check_files(target, saved)) == expected


def test_saved_by_libreoffice_nothing_is_found(
    office: Office,
    target: Campaign,
    good_target: Path,
    declaration: Campaign,
    good_declaration: Path,
    tmp_path: Path,
) -> None:
    for campaign, good in ((target, good_target), (declaration, good_declaration)):
        saved, again = tmp_path / f"{good.stem}.xlsx", tmp_path / f"{good.stem}_again.xlsx"
        with office.open(good) as document:
            document.save_as(saved)
        assert check_files(campaign, saved) == []
        assert check_files(campaign, edit(saved, nothing, again)) == []


@pytest.mark.parametrize("example", FORMS)
def test_of_no_form_the_blank_template_gives_findings(
    office: Office, example: str, tmp_path: Path
) -> None:
    campaign = make_campaign(example, tmp_path / "campaign")
    issued = template(campaign, next(iter(campaign.units)))
    saved, again = tmp_path / "saved.xlsx", tmp_path / "again.xlsx"
    with office.open(issued) as document:
        document.save_as(saved)
    for path in (issued, saved, edit(issued, nothing, again)):
        codes = {finding.code for finding in check_files(campaign, path)}
        assert not codes & {"TPL-002", "TPL-005", "TPL-009", "TPL-010", "TPL-012", "TPL-016"}, (
            path.name
        )


def test_nothing_is_said_of_a_copied_sheet(
    target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    def change(book: Workbook) -> None:
        copied = book.copy_worksheet(book["项目1"])
        copied["B2"] = "另一个项目"
        copied.unmerge_cells("A1:E1")

    found = check_files(target, edit(good_target, change, tmp_path / "return.xlsx"))
    told = [line for line in short(found) if line.startswith("TPL")]
    assert told == ["TPL-003 warning 项目1 Copy"]
