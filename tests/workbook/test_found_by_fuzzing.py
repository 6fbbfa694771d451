"""Small inputs that once ended a run, or were read as something else: tests/tools/fuzz_reading.py."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path

import pytest
from hostile import MAIN, xlsx

from xltool.office import seal
from xltool.returns.identifying import Settings
from xltool.returns.reading import read_file
from xltool.workbook.limits import Limits
from xltool.workbook.opening import open_workbook
from xltool.write.book import open_book

STRINGS = f'<sst xmlns="{MAIN}"><si><t>a</t></si><si><t></t></si></sst>'


@pytest.mark.parametrize("index", ["9" * 5000, "1" + "0" * 20, "4294967296"])
def test_a_shared_string_whose_number_is_too_long(tmp_path: Path, index: str) -> None:
    """Calamine reads it as the first one; Python refuses to make a number of 5,000 digits."""
    cells = f'<c r="A1" t="s"><v>{index}</v></c><c r="B1" t="s"><v>1</v></c>'
    path = xlsx(tmp_path / "a.xlsx", f'<row r="1">{cells}</row>', STRINGS)
    found = read_file(path, Settings(limits=Limits()))
    assert found.problem == "工作表“甲”的 A1 指向一段不存在的文字"


def test_the_last_shared_string_is_read(tmp_path: Path) -> None:
    cells = '<c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c>'
    path = xlsx(tmp_path / "a.xlsx", f'<row r="1">{cells}</row>', STRINGS)
    assert open_workbook(path, Limits()).sheets[0].grid[0][0] == "a"


def forged(**values: object) -> str:
    """A seal that somebody made up and signed with a key of his own; JSON may escape anything."""
    issue = {
        "form": "longhua_2021_target",
        "version": "1",
        "layout": "",
        "fy": 2027,
        "district": "",
        "unit": "1",
        "unit_name": "",
        "department_code": "",
        "records": [],
    }
    payload = json.dumps({**issue, **values}, ensure_ascii=True).encode()
    key = seal.new_key()
    parts = [
        base64.b64encode(part).decode() for part in (key.sign(payload), zlib.compress(payload))
    ]
    return ".".join(["xltool-seal-1", seal.public_text(key.public_key()), *parts])


def test_a_seal_with_half_a_character_is_none() -> None:
    """The id of the issue is worked out of its bytes, when it is merged: there it would fail."""
    assert seal.unseal(forged()) is not None
    assert seal.unseal(forged(changes={"total": {"label": "\ud800"}})) is None
    assert seal.unseal(forged(rows={"\ud800": 1})) is None


ROW = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1</v></c></row>'


@pytest.mark.parametrize(
    ("rows", "strings"),
    [
        (ROW.replace('<row r="1"', '<row xmlns="3"'), STRINGS),
        (ROW.replace('<row r="1"', '<row r="1" xmlns="3"'), STRINGS),
        (ROW.replace('r="B1"', 'r="B1" xmlns="3"'), STRINGS),
        (ROW.replace('r="B1"', 'xmlns="3" r="B1"'), STRINGS),
        (ROW.replace("<v>1", '<v xmlns="3">1'), STRINGS),
        (ROW, STRINGS.replace("<si>", '<si xmlns="3">', 1)),
        (ROW, STRINGS.replace("<t>a", '<t xmlns="3">a')),
    ],
)
def test_what_is_put_into_another_namespace_is_no_cell(
    tmp_path: Path, rows: str, strings: str
) -> None:
    """Fast readers take it for one, others (openpyxl, LibreOffice) do not see it."""
    path = xlsx(tmp_path / "a.xlsx", rows, strings)
    found = read_file(path, Settings(limits=Limits()))
    assert found.problem is not None
    assert "命名空间" in found.problem


def test_a_number_that_no_cell_can_hold_is_sent_back_as_text(tmp_path: Path) -> None:
    """`1e999` is infinite for every reader; the returned copy shows it, and can be written."""
    with open_book(tmp_path / "a.xlsx", protect=False) as book:
        page = book.sheet("甲")
        for row, value in enumerate((float("inf"), float("-inf"), float("nan"), 1.5)):
            book.put(page, row, 0, value, book.format())
    written = open_workbook(tmp_path / "a.xlsx", Limits()).sheets[0].grid
    assert [row[0] for row in written] == ["inf", "-inf", "nan", 1.5]
