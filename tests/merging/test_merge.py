"""Merging: only what is accepted, conflicts listed, the output whole or not there."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from helpers import answers, edit, fill_unit
from merges import all_returns, files, frames, outcomes, parts_here
from mutations import added
from openpyxl.workbook import Workbook

from xltool import publishing
from xltool.checking import running
from xltool.errors import OfficeError
from xltool.merging import stores
from xltool.merging.merge import merge
from xltool.office.campaign import Campaign


@pytest.fixture(autouse=True)
def _parts_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "made_here", parts_here)


@pytest.fixture(scope="module")
def returns(declaration: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the correct returns of all five units."""
    return all_returns(declaration, tmp_path_factory.mktemp("returns"))


def variant(campaign: Campaign, unit: str, out: Path, text: str = "另一种写法") -> Path:
    """Another correct return of a unit."""
    data = answers("declaration", unit)
    data["projects"][0]["测算依据"] += text
    return fill_unit(campaign, unit, data, out)


def test_what_is_written(declaration: Campaign, returns: Path, tmp_path: Path) -> None:
    result = merge([returns], tmp_path / "out", declaration)
    assert outcomes(result) == [(unit, f"{unit}.xlsx", "merged") for unit in declaration.units]
    assert (result.folder, result.changed) == (tmp_path / "out", True)
    assert list(files(tmp_path / "out")) == [
        *("data/indicator.parquet", "data/project.parquet", "data/submission.parquet"),
        *("合并清单.csv", "导入文件.xlsx", "汇总表.xlsx"),
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_second_run_changes_nothing(declaration: Campaign, returns: Path, tmp_path: Path) -> None:
    merge([returns], tmp_path / "out", declaration)
    before = files(tmp_path / "out")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    result = merge([returns], tmp_path / "out", declaration)
    assert not result.changed
    assert files(tmp_path / "out") == before
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == times


def test_the_order_of_paths_does_not_matter(
    declaration: Campaign, returns: Path, tmp_path: Path
) -> None:
    paths = sorted(returns.iterdir())
    merge(paths, tmp_path / "a", declaration)
    merge(paths[::-1], tmp_path / "b", declaration)
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_errors_stay_out(declaration: Campaign, returns: Path, tmp_path: Path) -> None:
    def spoil(book: Workbook) -> None:
        book["项目1"]["B10"] = None
        book["项目2"]["E2"] = "改名"

    bad = edit(returns / "131002.xlsx", spoil, tmp_path / "bad.xlsx")
    result = merge([returns / "106001.xlsx", bad], tmp_path / "out", declaration)
    assert outcomes(result) == [
        ("106001", "106001.xlsx", "merged"),
        ("131002", "bad.xlsx", "errors"),
    ]
    assert result.entries[1].detail == "2 处错误：TPL-002、TXT-005"
    assert frames(tmp_path / "out")["submission"]["unit_code"].to_list() == ["106001"]
    with (tmp_path / "out" / "合并清单.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[:4] for row in rows] == [
        ["单位代码", "文件", "结果", "说明"],
        ["106001", "106001.xlsx", "已合并", ""],
        ["131002", "bad.xlsx", "有错误，未合并", "2 处错误：TPL-002、TXT-005"],
    ]
    assert rows[2][4] == hashlib.sha256(bad.read_bytes()).hexdigest()


def test_warnings_need_to_be_accepted(declaration: Campaign, returns: Path, tmp_path: Path) -> None:
    def too_long(book: Workbook) -> None:
        book["项目1"]["E12"] = f"反映{book['项目1']['C12'].value}".ljust(41, "长")

    path = edit(returns / "131002.xlsx", too_long, tmp_path / "a.xlsx")
    result = merge([path], tmp_path / "out", declaration)
    assert outcomes(result) == [("131002", "a.xlsx", "warnings")]
    assert result.entries[0].detail == "1 处提醒：TXT-002"
    assert result.folder is None
    assert not (tmp_path / "out").exists()
    result = merge([path], tmp_path / "out", declaration, accept_warnings=True)
    assert outcomes(result) == [("131002", "a.xlsx", "merged")]
    assert frames(tmp_path / "out")["submission"]["warnings"].to_list() == [1]


def test_a_copy_counts_once(declaration: Campaign, returns: Path, tmp_path: Path) -> None:
    shutil.copyfile(returns / "131002.xlsx", tmp_path / "z.xlsx")
    result = merge([returns / "131002.xlsx", tmp_path / "z.xlsx"], tmp_path / "out", declaration)
    assert outcomes(result) == [("131002", "131002.xlsx", "merged"), ("131002", "z.xlsx", "copy")]
    assert result.entries[1].detail == "131002.xlsx"
    assert len(frames(tmp_path / "out")["project"]) == 3


@pytest.fixture
def two(declaration: Campaign, returns: Path, tmp_path: Path) -> list[Path]:
    """Two different returns of unit 131002, the second one newer, and one of 106003."""
    new = variant(declaration, "131002", tmp_path / "new.xlsx")
    old = shutil.copyfile(returns / "131002.xlsx", tmp_path / "old.xlsx")
    os.utime(old, (1_800_000_000, 1_800_000_000))
    os.utime(new, (1_800_000_100, 1_800_000_100))
    return [old, new, returns / "106003.xlsx"]


def test_a_conflict_is_listed(declaration: Campaign, two: list[Path], tmp_path: Path) -> None:
    result = merge(two, tmp_path / "out", declaration)
    assert outcomes(result) == [
        ("106003", "106003.xlsx", "merged"),
        ("131002", "new.xlsx", "conflict"),
        ("131002", "old.xlsx", "conflict"),
    ]
    assert [entry.detail for entry in result.entries[1:]] == ["new.xlsx、old.xlsx"] * 2
    assert frames(tmp_path / "out")["project"]["unit_code"].unique().to_list() == ["106003"]


@pytest.mark.parametrize("swap", [False, True])
def test_the_newest_by_the_time_of_the_file(
    declaration: Campaign, two: list[Path], tmp_path: Path, swap: bool
) -> None:
    if swap:
        os.utime(two[0], (1_900_000_000, 1_900_000_000))
    winner, loser = ("old.xlsx", "new.xlsx") if swap else ("new.xlsx", "old.xlsx")
    result = merge(two, tmp_path / "out", declaration, prefer="newest")
    assert sorted(outcomes(result)) == sorted(
        [
            ("106003", "106003.xlsx", "merged"),
            ("131002", winner, "merged"),
            ("131002", loser, "superseded"),
        ]
    )
    rows = frames(tmp_path / "out")["project"].filter(pl.col("unit_code") == "131002")
    assert rows["file"].to_list() == [winner] * 3
    ledger = (tmp_path / "out" / "合并清单.csv").read_text(encoding="utf-8-sig")
    assert f"131002,{loser},已被较新的一份取代，未合并,new.xlsx、old.xlsx," in ledger
    assert f"131002,{winner},已合并,new.xlsx、old.xlsx," in ledger


def test_a_faulty_second_version_is_no_conflict(
    declaration: Campaign, two: list[Path], tmp_path: Path
) -> None:
    def spoil(book: Workbook) -> None:
        book["项目1"]["B10"] = None

    edit(two[1], spoil, two[1])
    result = merge(two[:2], tmp_path / "out", declaration)
    assert outcomes(result) == [("131002", "new.xlsx", "errors"), ("131002", "old.xlsx", "merged")]


def test_a_conflict_between_results(declaration: Campaign, two: list[Path], tmp_path: Path) -> None:
    merge([two[0], two[2]], tmp_path / "a", declaration)
    merge([two[1]], tmp_path / "b", declaration)
    result = merge([tmp_path / "a", tmp_path / "b"], tmp_path / "out", declaration)
    assert [entry[2] for entry in outcomes(result)] == ["merged", "conflict", "conflict"]
    newest = merge([tmp_path / "a", tmp_path / "b"], tmp_path / "n", declaration, prefer="newest")
    assert sorted(outcomes(newest)) == [
        ("106003", "106003.xlsx", "merged"),
        ("131002", "new.xlsx", "merged"),
        ("131002", "old.xlsx", "superseded"),
    ]


def test_a_conflict_stays_one_in_later_merges(
    declaration: Campaign, two: list[Path], tmp_path: Path
) -> None:
    """merge(merge(a, b), c) = merge(a, b, c), also where a, b and c are of one unit."""
    third = variant(declaration, "131002", tmp_path / "third.xlsx", "第三种写法")
    merge(two, tmp_path / "ab", declaration)
    merge([tmp_path / "ab", third], tmp_path / "ab_c", declaration)
    merge([*two, third], tmp_path / "abc", declaration)
    assert frames(tmp_path / "abc")["submission"]["unit_code"].to_list() == ["106003"]
    assert frames(tmp_path / "ab_c")["submission"]["unit_code"].to_list() == ["106003"]


def test_a_code_of_two_units_stays_out_of_later_merges(
    declaration: Campaign, returns: Path, tmp_path: Path
) -> None:
    """Rules across units hold between results as well: XW-004 as in one merge of everything."""
    paths = []
    for unit in ("106002", "106003"):
        data = answers("declaration", unit)
        new = {
            "项目编码": "440399271063100100777",
            "项目名称": f"新项目{unit}",
            "是否新增项目": "是",
        }
        added(new)(data)
        paths.append(fill_unit(declaration, unit, data, tmp_path / f"{unit}.xlsx"))
    both = merge([*paths, returns / "131002.xlsx"], tmp_path / "both", declaration)
    assert [entry[2] for entry in outcomes(both)] == ["errors", "errors", "merged"]
    for path in paths:
        merge([path], tmp_path / path.stem, declaration)
    results = [tmp_path / path.stem for path in paths]
    merge([*results, returns / "131002.xlsx"], tmp_path / "later", declaration)
    assert frames(tmp_path / "later")["submission"]["unit_code"].to_list() == ["131002"]


def test_a_failing_write_leaves_the_old_result(
    declaration: Campaign, returns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge([returns / "131002.xlsx"], tmp_path / "out", declaration)
    before = files(tmp_path / "out")

    def half(data: Any, folder: Path) -> None:
        (folder / "data").mkdir()
        (folder / "data" / "submission.parquet").write_bytes(b"half")
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(stores, "save", half)
        with pytest.raises(OSError, match="disk full"):
            merge([returns], tmp_path / "out", declaration)
    assert files(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert merge([returns], tmp_path / "out", declaration).changed


def test_a_failing_exchange_leaves_the_old_result(
    declaration: Campaign, returns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge([returns / "131002.xlsx"], tmp_path / "out", declaration)
    before = files(tmp_path / "out")
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if Path(target).name == "out" and self.parent.suffix != ".old":
            raise PermissionError("in use")
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "_exchanged", lambda *_: False)  # as elsewhere than on Linux
        patch.setattr(Path, "rename", refuse)
        with pytest.raises(PermissionError, match="in use"):
            merge([returns], tmp_path / "out", declaration)
    assert files(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_other_folders_are_not_touched(
    declaration: Campaign, returns: Path, tmp_path: Path
) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(OfficeError, match=r"输出文件夹里有别的文件，不会覆盖；请换一个空文件夹"):
        merge([returns], tmp_path, declaration)
    assert files(tmp_path) == {"letter.txt": b"dear"}


def test_one_form_at_a_time(
    declaration: Campaign,
    target: Campaign,
    good_declaration: Path,
    good_target: Path,
    tmp_path: Path,
) -> None:
    merge([good_declaration], tmp_path / "a", declaration)
    merge([good_target], tmp_path / "b", target)
    message = r"一次只能合并一种表，这里有：futian_2024_declaration、longhua_2021_target"
    for paths in ([good_declaration, good_target], [tmp_path / "a", tmp_path / "b"]):
        with pytest.raises(OfficeError, match=message):
            merge(paths, tmp_path / "out", declaration)
    assert not (tmp_path / "out").exists()


def test_a_damaged_result(declaration: Campaign, returns: Path, tmp_path: Path) -> None:
    merge([returns], tmp_path / "a", declaration)
    (tmp_path / "a" / "data" / "project.parquet").write_bytes(b"PAR1")
    with pytest.raises(OfficeError, match=r"合并结果已损坏，或由另一版本生成"):
        merge([tmp_path / "a"], tmp_path / "out", declaration)
    (tmp_path / "a" / "data" / "submission.parquet").write_bytes(b"PAR1")
    with pytest.raises(OfficeError, match=r"合并结果已损坏，或由另一版本生成"):
        merge([tmp_path / "a"], tmp_path / "out", declaration)
