"""What the clerk sees on 填报检查 and on the form while typing, in LibreOffice."""

from __future__ import annotations

from collections.abc import Iterator
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
    assert link.startswith(("=IF($F6=0;", "=IF($F6=0,"))
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
    document.type_in("项目1", "B5", "")
    assert [(line[0], line[3]) for line in still_open(document)] == [("✘", "B5"), ("！", "C12")]


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
        rows = document.area(CHECKS, f"A{FIRST + 1}:E{FIRST + 60}")
    found = [(row[1], row[3]) for row in rows if (row[0], row[4]) == ("✘", "TPL-007")]
    assert found == [(sheet, cell)]
    findings = check_files(campaign, path)
    assert [(f.sheet, f.cell) for f in findings if f.code in ("TPL-007", "TPL-002")] == found
