"""What the clerk sees on 填报检查 and on the form while typing, in LibreOffice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from helpers import check_files, edit, template
from office import Document, Office
from small import UNIT, small_campaign

from xltool.form.own_sheets import CHECKS
from xltool.office.campaign import Campaign
from xltool.write.live.open_lines import SHOWN
from xltool.write.live.page import FIRST

pytestmark = pytest.mark.office

OPEN = f"A6:E{5 + SHOWN}"  # the head: what is still open
Line = tuple[str, str, str, str, str]


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    return small_campaign("futian_2024_declaration", tmp_path_factory.mktemp("campaign"))


@pytest.fixture
def document(office: Office, campaign: Campaign) -> Iterator[Document]:
    with office.open(template(campaign, UNIT)) as opened:
        opened.recalculate()
        yield opened


def still_open(document: Document) -> list[Line]:
    """The lines of the head that say something."""
    rows = [tuple(str(cell).strip() for cell in row) for row in document.area(CHECKS, OPEN)]
    return [(a, b, c, d, e) for a, b, c, d, e in rows if a]


def warnings_of(document: Document, code: str, cell: str) -> list[int]:
    """The rows of the list that show a warning of a rule with this place, counted from 1."""
    rows = document.area(CHECKS, f"A{FIRST + 1}:E{FIRST + 60}")
    wanted = ("！", cell, code)
    return [n for n, row in enumerate(rows, FIRST + 1) if (row[0], row[3], row[4]) == wanted]


def all_lines(document: Document) -> list[Line]:
    """The lines below the head."""
    rows = document.area(CHECKS, f"A{FIRST + 1}:E{FIRST + 80}")
    return [(a, b, c, d, e) for a, b, c, d, e in ([str(x).strip() for x in row] for row in rows)]


def test_the_head_lists_what_is_open_and_gets_shorter(document: Document) -> None:
    first = [
        ("✘", "项目1", "是否新增项目要填", "B5", "TXT-001"),
        ("✘", "项目1", "测算依据要填", "B8", "TXT-001"),
    ]
    assert still_open(document)[:2] == first
    assert len(still_open(document)) == SHOWN
    assert document.type_in("项目1", "B5", "否")
    assert still_open(document)[0] == first[1]
    link = document.formula(CHECKS, "D6")
    assert link.startswith(("=IF($G6=0;", "=IF($G6=0,"))
    assert "HYPERLINK" in link


def test_warnings_come_after_errors(document: Document) -> None:
    document.type_in("项目1", "B5", "否")
    document.type_in("项目1", "B8", "按合同测算")
    document.type_in("项目1", "B10", "三年内建成")
    for row in (12, 22, 32, 42, 50, 66):
        for column, text in zip("CDE", ("名称", "5个", "说明"), strict=True):
            document.type_in("项目1", f"{column}{row}", text)
    document.type_in("项目1", "E12", "字" * 41)  # 40 is the limit: a warning
    assert still_open(document) == [
        ("！", "项目1", "指标：三级指标、指标值、指标解释不超过 40 字", "C12", "TXT-002")
    ]
    # a warning leads to where it is explained
    (row,) = warnings_of(document, "TXT-002", "C12")
    assert [document.text(CHECKS, f"F{n}") for n in (5, 6, 7)] == ["不改的", "写说明", " "]
    assert "#'填报检查'!F" in document.formula(CHECKS, "F6")
    assert document.type_in(CHECKS, f"F{row}", "名称由合同固定")
    assert document.text(CHECKS, "F6") == "已说明"
    document.type_in("项目1", "B5", "")
    assert [document.text(CHECKS, f"F{n}") for n in (6, 7)] == [" ", "已说明"]
    assert [(line[0], line[3]) for line in still_open(document)] == [("✘", "B5"), ("！", "C12")]


def test_what_the_unit_knows_of_a_new_project_it_types_itself(document: Document) -> None:
    """On a spare sheet; a listed project has what the office gave, locked."""
    said = "新增项目请填写。数字，单位万元，最多 2 位小数。"
    assert document.validation("项目2", "E6")["input_message"] == said
    assert document.type_in("项目2", "E2", "贯标培训")
    assert ("！", "项目2", "本年度项目金额（万元）要填", "E6", "AMT-012") in all_lines(document)
    assert document.type_in("项目2", "E6", "4")
    assert "AMT-012" not in [line[4] for line in all_lines(document) if line[0] in "！✘"]
    assert document.validation("项目1", "E6")["input_message"] == ""  # the office gave it
    assert not document.type_in("项目1", "E6", "1")


def test_a_row_grows_with_the_text_that_is_typed(
    office: Office, campaign: Campaign, tmp_path: Path
) -> None:
    """Merged cells do not grow by themselves: a thin cell beside the form makes their row."""
    source = template(campaign, UNIT)
    issued = openpyxl.load_workbook(source)["项目1"]
    assert issued.row_dimensions[8].height == 93
    assert (issued["F8"].protection.locked, issued.column_dimensions["F"].width < 2) == (True, True)
    with office.open(source) as document:
        assert document.key_in("项目1", "B8", "每月支付一次，全年十二次，单价由合同约定。" * 40)
        assert document.key_in("项目1", "B9", "建成。")
        document.save_as(tmp_path / "typed.xlsx")
    typed = openpyxl.load_workbook(tmp_path / "typed.xlsx")["项目1"]
    assert typed.row_dimensions[8].height > 200
    assert 80 < typed.row_dimensions[9].height < 110
    found = check_files(campaign, tmp_path / "typed.xlsx")
    assert [f for f in found if f.code.startswith("TPL-")] == []


def test_blank_rows_may_be_filtered_away(campaign: Campaign, tmp_path: Path) -> None:
    """The filter of the table of indicators hides them; a row in which something stands is not to be hidden."""
    issued = openpyxl.load_workbook(template(campaign, UNIT))["项目1"]
    assert issued.auto_filter.ref == "C11:C73"
    assert issued.protection.autoFilter is False  # not refused

    def hide(*rows: int) -> Callable[[openpyxl.Workbook], None]:
        def change(book: openpyxl.Workbook) -> None:
            for column, text in zip("CDE", ("大厅", "1个", "按合同"), strict=True):
                book["项目1"][f"{column}12"] = text
            for row in rows:
                book["项目1"].row_dimensions[row].hidden = True

        return change

    blank = edit(template(campaign, UNIT), hide(13, 14, 73), tmp_path / "blank.xlsx")
    assert [f for f in check_files(campaign, blank) if f.code.startswith("TPL-")] == []
    filled = edit(template(campaign, UNIT), hide(10, 12, 13), tmp_path / "filled.xlsx")
    (found,) = [f for f in check_files(campaign, filled) if f.code.startswith("TPL-")]
    assert (found.code, found.cell, found.message) == (
        "TPL-010",
        "A10",
        "填报区内有隐藏的行或列：第 10、12 行",
    )


@pytest.mark.parametrize(
    ("sheet", "cell", "pasted"),
    [
        ("项目1", "B8", "#N/A"),
        ("项目1", "D13", "#DIV/0!"),
        ("项目1", "E66", "#REF!"),
        ("项目2", "C12", "#VALUE!"),  # a spare sheet on which nothing else stands
        ("项目2", "B8", "#NAME?"),
    ],
)
def test_a_pasted_error_value_is_wrong(
    office: Office, campaign: Campaign, tmp_path: Path, sheet: str, cell: str, pasted: str
) -> None:
    def paste(book: openpyxl.Workbook) -> None:
        book[sheet][cell].value = pasted

    path = edit(template(campaign, UNIT), paste, tmp_path / "pasted.xlsx")
    with office.open(path) as document:
        document.recalculate()
        rows = document.area(CHECKS, f"A{FIRST + 1}:E{FIRST + 80}")
    found = [(row[1], row[3]) for row in rows if (row[0], row[4]) == ("✘", "TPL-007")]
    assert found == [(sheet, cell)]
    findings = check_files(campaign, path)
    assert [(f.sheet, f.cell) for f in findings if f.code in ("TPL-007", "TPL-002")] == found
