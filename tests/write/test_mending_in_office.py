"""The clerk mends a returned copy in LibreOffice: marks go, the list empties, and what is sent back passes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from helpers import check_files, edit
from office import Document, Office
from test_returned import faulty, give_back, handed_in, listed

from xltool.office.campaign import Campaign

FRONT = "退回修改"

pytestmark = pytest.mark.office


def states(document: Document) -> list[str]:
    """What the first page says of the whole, then of each finding; after `put` nothing is worked out by itself."""
    document.recalculate()
    rows = document.area(FRONT, "A6:B16")
    return [document.text(FRONT, "A2"), *(str(row[0]) for row in rows if row[0] and row[1])]


def typed(path: Path, sheet: str) -> Iterator[tuple[str, str, list[list[str | float]]]]:
    """What the unit typed on a sheet, to be typed again."""
    page: Any = openpyxl.load_workbook(path)[sheet]
    for row in page.iter_rows():
        for cell in row:
            if cell.value is not None and not cell.protection.locked:
                yield sheet, cell.coordinate, [[cell.value]]


def test_marks_go_and_the_list_empties(
    office: Office, declaration: Campaign, tmp_path: Path
) -> None:
    def break_more(book: Any) -> None:
        book["项目1"]["A9"] = "2027年目标："  # locked
        book["项目2"]["D12"] = "若干"  # no live rule finds it
        book.remove(book["项目3"])

    whole = handed_in(declaration, tmp_path, faulty)
    path = edit(whole, break_more, tmp_path / "a.xlsx")
    (back,), _, _ = give_back(declaration, tmp_path / "back", path)
    assert [row[:4] for row in listed(back)[1:] if isinstance(row, tuple)] == [
        ("待改", "错误", "项目1", "B10"),
        ("请核对", "提醒", "项目2", "D12"),
        ("请核对", "提醒", "项目2", "E12"),
        ("待填", "错误", "项目3", "B5"),
        ("已恢复", "错误", "项目1", "A9"),
    ]
    with office.open(back) as document:
        left = ["待改", "请核对", "请核对", "待填", "已恢复"]
        assert document.text(FRONT, "A2") == "还有 2 处要改，2 处提醒请核对。"
        assert states(document) == ["还有 2 处要改，2 处提醒请核对。", *left]
        assert document.type_in("项目1", "B10", "建成网格化的城市管理。")
        assert document.text(FRONT, "A2") == "还有 1 处要改，2 处提醒请核对。"
        left = ["✔", "请核对", "请核对", "待填", "已恢复"]
        assert states(document) == ["还有 1 处要改，2 处提醒请核对。", *left]
        document.put(list(typed(whole, "项目3")))
        left = ["✔", "请核对", "请核对", "✔", "已恢复"]
        words = "没有必须改的了。2 处提醒请核对，属实的可以不改，核对后请交回。"
        assert states(document) == [words, *left]
        assert document.type_in("项目2", "E12", "反映视频识别算法的维护")
        assert document.type_in("项目2", "D12", "≥3个")
        left = ["✔", "已改，待核", "✔", "✔", "已恢复"]
        assert states(document) == ["已全部改完，请交回。", *left]
        # as it was: to be looked at again
        assert document.type_in("项目2", "D12", "若干")
        left = ["✔", "请核对", "✔", "✔", "已恢复"]
        words = "没有必须改的了。1 处提醒请核对，属实的可以不改，核对后请交回。"
        assert states(document) == [words, *left]
        assert document.type_in("项目2", "D12", "≥3个")
        # what was right and is broken now: the live checks say so
        assert document.clear("项目1", "B8")
        words = "下面要改的都改过了，但“填报检查”还有 1 处需要修改。"
        assert states(document) == [words, "✔", "已改，待核", "✔", "✔", "已恢复"]
        document.put([row for row in typed(whole, "项目1") if row[1] == "B8"])
        assert states(document)[0] == "已全部改完，请交回。"
        document.save_as(tmp_path / "mended.xlsx")
        document.save_as(tmp_path / "mended.ods")
    assert check_files(declaration, tmp_path / "mended.xlsx") == []
    assert [f.code for f in check_files(declaration, tmp_path / "mended.ods")] == ["TPL-009"]


def test_nothing_that_a_unit_wrote_becomes_a_formula(
    office: Office, declaration: Campaign, tmp_path: Path
) -> None:
    """What the list compares with stands in cells: quotes, signs, lengths of texts do not matter."""
    texts = ['=1+1&"', "'+1", "甲" * 300, "@SUM(A1)", "1.50", '"";A1', "{=1}", "-1"]
    rows = range(12, 12 + len(texts))

    def change(book: Any) -> None:
        for row, text in zip(rows, texts, strict=True):
            book["项目1"][f"C{row}"].value = "=1" if text.startswith("=") else f"指标{row}"
            cell = book["项目1"][f"E{row}"]
            cell.value, cell.data_type = f"{text}　XX" if text != "甲" * 300 else text, "s"
            book["项目1"][f"D{row}"] = "若干"

    path = edit(handed_in(declaration, tmp_path), change, tmp_path / "a.xlsx")
    (back,), _, _ = give_back(declaration, tmp_path / "back", path)
    book: Any = openpyxl.load_workbook(back)
    formulas = {
        str(cell.value) for row in book[FRONT].iter_rows() for cell in row if cell.data_type == "f"
    }
    assert [text for text in texts for formula in formulas if text in formula] == []
    with office.open(back) as document:
        before = [row[0] for row in document.area(FRONT, "A6:A40")]
        document.recalculate()
        assert [row[0] for row in document.area(FRONT, "A6:A40")] == before
