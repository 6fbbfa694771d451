"""Large lists: written row by row, numbered where Excel's rows do not suffice."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from xltool.write import tables
from xltool.write.tables import Lines, Sheet, write_tables

ROWS: list[list[Any]] = [
    ["<r>5 < 6 & 7</r>", 1, Decimal("1.20"), date(2027, 9, 30)],
    ["=1+1", None, None, None],
    [" 甲\n乙 ", 12, Decimal(3), None],
    ["https://example.org", 0, None, None],
]
HEAD = ["文字", "数", "金额", "日期"]


def everything(path: Path) -> list[Any]:
    """What a reader sees of a workbook: values, looks, widths, heights, filters."""
    book: Any = openpyxl.load_workbook(path)
    return [
        (
            page.title,
            [
                [(c.value, c.data_type, c.number_format, c.border.left.style) for c in row]
                for row in page.iter_rows()
            ],
            {name: column.width for name, column in page.column_dimensions.items()},
            {number: row.height for number, row in page.row_dimensions.items()},
            (page.auto_filter.ref, page.freeze_panes, page.print_title_rows),
        )
        for page in book
    ]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every list is a large one."""
    monkeypatch.setattr(tables, "_HELD", 0)


@pytest.mark.parametrize("wrap", [True, False])
@pytest.mark.parametrize("bare", [True, False])
def test_a_large_list_says_what_a_small_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrap: bool, bare: bool
) -> None:
    sheets = [Sheet("表", HEAD, ROWS, wrap), Sheet("空", HEAD, [], wrap)]
    write_tables(tmp_path / "small.xlsx", sheets, bare)
    monkeypatch.setattr(tables, "_HELD", 0)
    write_tables(tmp_path / "large.xlsx", sheets, bare)
    assert everything(tmp_path / "large.xlsx") == everything(tmp_path / "small.xlsx")


@pytest.mark.usefixtures("large")
def test_an_escape_in_a_large_list_is_escaped(tmp_path: Path) -> None:
    """Excel takes _x003C_ for <, in cells as in shared strings; openpyxl in shared ones only."""
    write_tables(tmp_path / "a.xlsx", [Sheet("表", ["列"], [["_x003C_r>\x01"]])])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert b"<t>_x005F_x003C_r&gt;_x0001_</t>" in archive.read("xl/worksheets/sheet1.xml")


@pytest.mark.usefixtures("large")
def test_a_large_list_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_tables(tmp_path / name, [Sheet("表", HEAD, ROWS)])
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx"]


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("row", [["长" * 32_768], [object()]])
def test_a_large_list_that_is_refused_leaves_nothing(tmp_path: Path, row: list[Any]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        write_tables(tmp_path / "a.xlsx", [Sheet("表", ["列"], [["甲"], row])])
    assert list(tmp_path.iterdir()) == []


def test_rows_are_made_when_they_are_written(tmp_path: Path) -> None:
    def made() -> Iterator[Sequence[Any]]:
        return ([f"第{n}行", n] for n in range(5))

    write_tables(tmp_path / "a.xlsx", [Sheet("表", ["行", "数"], Lines(5, made))])
    write_tables(tmp_path / "b.xlsx", [Sheet("表", ["行", "数"], list(made()))])
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@pytest.mark.parametrize("held", [0, 1_000])
def test_a_list_beyond_the_rows_of_a_sheet_goes_on_in_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    monkeypatch.setattr(tables, "_HELD", held)
    monkeypatch.setattr(tables, "ROWS", 3)
    long = "名" * 31
    rows = [[f"第{n}行"] for n in range(7)]
    sheets = [
        Sheet("表", ["列"], rows),
        Sheet("表 (2)", ["列"], rows[:3]),
        Sheet(long, ["列"], rows),
    ]
    write_tables(tmp_path / "a.xlsx", sheets)
    book: Any = openpyxl.load_workbook(tmp_path / "a.xlsx")
    found = {page.title: [cell.value for (cell,) in page.iter_rows()] for page in book}
    assert list(found) == [
        "表",
        "表 (3)",
        "表 (4)",
        "表 (2)",
        long,
        *(f"{'名' * 27} ({n})" for n in (2, 3)),
    ]
    assert found["表"] == ["列", "第0行", "第1行", "第2行"]
    assert found["表 (3)"] == ["列", "第3行", "第4行", "第5行"]
    assert found["表 (4)"] == ["列", "第6行"]
    assert [page.auto_filter.ref for page in book][:3] == ["A1:A4", "A1:A4", "A1:A2"]
