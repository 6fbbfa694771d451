"""No value of a unit becomes a formula, a link, markup or a command in anything that is written."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from commands import process
from helpers import make_campaign
from raw_cells import with_texts

from xltool.form.own_sheets import CHECKS, FRONT
from xltool.office.campaign import Campaign

# What a unit may type into a text, an amount, a date, a choice, a value, a label of the form.
EVIL = [
    "=1+1",
    "=cmd|'/c calc'!A1",
    '=HYPERLINK("http://example.invalid","甲")',
    "+1+cmd|'/c calc'!A1",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "http://example.invalid/甲",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "]]></script><!--",
    "\x1b[31m红\x1b]0;标题\x07",
    "\u202e倒写",
]
CELLS = {
    "text": "B11",
    "amount": "B5",
    "date": "B4",
    "choice": "E3",
    "value": "D14",
    "label": "A10",
}
pytestmark = pytest.mark.slow
OURS = (CHECKS, FRONT)  # sheets with live formulas, in which no text of a unit stands
FORMULA_SIGNS = tuple("=+-@\t\r")


@pytest.fixture(scope="module")
def outputs(good_target: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with all that the commands write of evil returns, and what they print."""
    folder = tmp_path_factory.mktemp("outputs")
    office = make_campaign("target", folder / "office")
    back = folder / "交回"
    back.mkdir()
    for number, text in enumerate(EVIL):
        (back / f"{number}").mkdir()
        cells = dict.fromkeys(CELLS.values(), text)
        with_texts(good_target, back / f"{number}" / "all.xlsx", cells)
    for number in (0, 9):  # these can be merged
        with_texts(good_target, back / f"{number}" / "text.xlsx", {CELLS["text"]: EVIL[number]})
    with_texts(good_target, back / "0" / "amount.xlsx", {CELLS["amount"]: EVIL[0]})
    evil = back / "=1+1\x1b[31m\u202e红"
    evil.mkdir()
    shutil.copyfile(back / "0" / "amount.xlsx", evil / "@SUM(A1)\x1b[31m\u202e.xlsx")
    (evil / "-坏\x1b[31m.xlsx").write_bytes(b"x")
    (evil / "~$锁\x1b[31m.xlsx").write_bytes(b"x")
    last = folder / "last" / "=last\x1b[31m.xlsx"
    last.parent.mkdir()
    with_texts(good_target, last, {"B5": "不是数"})
    return folder, "\n".join(printed(office, folder, back, last))


def printed(office: Campaign, folder: Path, back: Path, last: Path) -> Iterator[str]:
    """Run every command that writes; what each one printed."""
    campaign = ("--campaign", office.folder)
    for words in (
        ("check", last, *campaign, "--return", folder / "back"),
        ("check", back, *campaign, "--format", "html", "-o", folder / "report.html"),
        ("check", back, *campaign, "--format", "xlsx", "-o", folder / "list.xlsx"),
        ("check", back, *campaign, "--format", "json", "-o", folder / "report.json"),
        ("merge", back, *campaign, "--out", folder / "none", "--accept-warnings"),
        ("merge", back / "0" / "text.xlsx", *campaign, "--out", folder / "merged", "--accept-warnings"),
        ("merge", back / "9" / "text.xlsx", *campaign, "--out", folder / "html", "--accept-warnings"),
        ("check", last, *campaign),
        ("status", office.folder),
        ("status", office.folder, "--format", "csv"),
        ("status", office.folder, "--format", "remind"),
    ):  # fmt: skip
        run = process(*words)
        assert run.code in (0, 1, 2), run.err
        assert "Traceback" not in run.err, run.err
        yield run.out + run.err


def test_nothing_printed_drives_a_terminal(outputs: tuple[Path, str]) -> None:
    _, text = outputs
    assert re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text) == []
    assert "=last�[31m.xlsx" in text  # the reminder names the file
    assert "未读取（锁文件）" in text
    assert "~$锁�[31m.xlsx" in "".join(text.split())


def test_no_cell_of_a_list_is_a_formula_or_a_link(outputs: tuple[Path, str]) -> None:
    folder, _ = outputs
    written = sorted(
        p for p in folder.rglob("*.xlsx") if "交回" not in p.parts and "last" not in p.parts
    )
    names = {path.name for path in written}
    assert {"list.xlsx", "导入文件.xlsx", "汇总表.xlsx"} <= names
    assert any(path.parent == folder / "back" for path in written)
    for path in written:
        for sheet in openpyxl.load_workbook(path):
            for cell in (cell for row in sheet.iter_rows() for cell in row):
                grows = str(cell.value).startswith("=IFERROR(REPT(CHAR(10),")  # beside the form
                assert cell.data_type != "f" or sheet.title in OURS or grows, (path, cell)
                assert cell.hyperlink is None or cell.hyperlink.target is None, (path, cell)


def test_no_field_of_a_csv_begins_like_a_formula(outputs: tuple[Path, str]) -> None:
    folder, text = outputs
    written = [
        p
        for p in folder.rglob("*.csv")
        if p.name in ("合并清单.csv", "检查记录.csv", "审核记录.csv")
    ]
    assert len(written) >= 3
    texts = [path.read_text("utf-8-sig") for path in written]
    texts.append(text[text.index("单位代码,单位名称,主管部门") :].split("\n【")[0])
    for content in texts:
        assert "\x1b" not in content
        for row in csv.reader(io.StringIO(content)):
            assert [field for field in row if field.startswith(FORMULA_SIGNS)] == []


def test_the_page_and_the_document_hold_texts(outputs: tuple[Path, str]) -> None:
    folder, _ = outputs
    page = (folder / "report.html").read_text("utf-8")
    assert "<img" not in page
    assert page.count("<script") == page.count("</script>") == 2
    assert "\x1b" not in page
    raw = (folder / "report.json").read_text("utf-8")
    assert "\x1b" not in raw
    messages = {finding["message"] for finding in json.loads(raw)["findings"]}
    assert f"项目总金额（万元）“{EVIL[8]}”不是数字" in messages
    assert f"项目总金额（万元）“{EVIL[11]}”不是数字" in messages
