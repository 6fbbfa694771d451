"""Merging: only what is accepted, conflicts listed, the output whole or not there."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from helpers import answers, edit, fill_unit, own_copy
from merges import all_returns, files, frames, lines, outcomes, saved_at, units_in
from mutations import added
from openpyxl.workbook import Workbook

from xltool import publishing
from xltool.errors import OfficeError
from xltool.merging import stores
from xltool.merging.merge import MergeResult, merge
from xltool.office.campaign import KEY_FILE, Campaign
from xltool.office.decisions import Decision, add_decisions
from xltool.office.lower import key_id

pytestmark = pytest.mark.usefixtures("parts_made_here")


@pytest.fixture(scope="module")
def returns(declaration: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the correct returns of all five units."""
    return all_returns(declaration, tmp_path_factory.mktemp("returns"))


@pytest.fixture
def campaign(declaration: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The same campaign, in which nothing was merged or decided yet."""
    return own_copy(declaration, tmp_path_factory.mktemp("own") / "campaign")


def variant(campaign: Campaign, unit: str, out: Path, text: str = "另一种写法") -> Path:
    """Another correct return of a unit."""
    data = answers("declaration", unit)
    data["projects"][0]["测算依据"] += text
    return fill_unit(campaign, unit, data, out)


def by_file(result: MergeResult) -> dict[str, tuple[str, str]]:
    """What became of each file, and what is said of it."""
    return {entry.file: (entry.outcome, entry.detail) for entry in result.entries}


def lasting(folder: Path) -> dict[str, bytes]:
    """The files of a result that do not tell which merge wrote it."""
    return {
        name: content
        for name, content in files(folder).items()
        if name not in ("manifest.json", "manifest.sig", "变更.csv")
    }


def test_what_is_written(campaign: Campaign, returns: Path, tmp_path: Path) -> None:
    result = merge([returns], tmp_path / "out", campaign)
    assert outcomes(result) == [(unit, f"{unit}.xlsx", "merged") for unit in campaign.units]
    assert (result.folder, result.changed) == (tmp_path / "out", True)
    office = key_id(campaign.public_key or "")
    assert list(files(tmp_path / "out")) == [
        *("data/indicator.parquet", "data/project.parquet", "data/submission.parquet"),
        "datapackage.json",
        *("manifest.json", "manifest.sig"),
        *("proof/acceptance.parquet", "proof/seen.parquet", "proof/submission.parquet"),
        f"settings/{office}/project_type.parquet",
        f"settings/{office}/settings.json",
        *("变更.csv", "合并清单.csv", "对账.csv", "导入文件.xlsx", "汇总表.xlsx"),
    ]
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert list(manifest["files"]) == [
        name for name in files(tmp_path / "out") if not name.startswith("manifest")
    ]
    assert (result.number, manifest["number"]) == (1, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_second_run_changes_nothing(campaign: Campaign, returns: Path, tmp_path: Path) -> None:
    merge([returns], tmp_path / "out", campaign)
    before = files(tmp_path / "out")
    record = lines(campaign.folder / "合并记录.csv")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    result = merge([returns], tmp_path / "out", campaign)
    assert (result.changed, result.number) == (False, 1)
    assert files(tmp_path / "out") == before
    assert lines(campaign.folder / "合并记录.csv") == record
    assert [line[:1] for line in record] == [["编号"], ["1"]]
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == times


def test_units_that_are_no_longer_in_it_are_named(
    campaign: Campaign, returns: Path, tmp_path: Path
) -> None:
    """Who merges the mended copies alone is told that the others are gone from the result."""
    merge([returns], tmp_path / "out", campaign)
    some = sorted(returns.iterdir())[3:]
    words = (
        "上次合并过、这次不在其中的 3 个单位已从结果中去掉：106001 云岭区政务服务和数据管理局（本级）、"
        "106002 云岭区政务服务中心、106003 云岭区大数据运营服务中心；要保留的，请与其余的表一起合并"
    )
    elsewhere = merge(some, tmp_path / "elsewhere", campaign)
    assert words not in elsewhere.notes
    assert merge(some, tmp_path / "out", campaign).notes[-1] == words
    assert words not in merge([returns], tmp_path / "out", campaign).notes


def test_the_order_of_paths_does_not_matter(
    campaign: Campaign, returns: Path, tmp_path: Path
) -> None:
    paths = sorted(returns.iterdir())
    merge(paths, tmp_path / "a", campaign)
    merge(paths[::-1], tmp_path / "b", campaign)
    assert lasting(tmp_path / "a") == lasting(tmp_path / "b")


def test_errors_stay_out(campaign: Campaign, returns: Path, tmp_path: Path) -> None:
    def spoil(book: Workbook) -> None:
        book["项目1"]["B10"] = None
        book["项目2"]["E2"] = "改名"

    bad = edit(returns / "131002.xlsx", spoil, tmp_path / "bad.xlsx")
    result = merge([returns / "106001.xlsx", bad], tmp_path / "out", campaign)
    assert outcomes(result) == [
        ("106001", "106001.xlsx", "merged"),
        ("131002", "bad.xlsx", "errors"),
    ]
    assert result.entries[1].detail == "2 处错误：TPL-002、TXT-005"
    assert units_in(tmp_path / "out") == ["106001"]
    name = {code: unit.unit_name for code, unit in campaign.units.items()}
    good, digest = (
        hashlib.sha256(path.read_bytes()).hexdigest() for path in (returns / "106001.xlsx", bad)
    )
    errors = "2 处错误：TPL-002、TXT-005"
    assert lines(tmp_path / "out" / "合并清单.csv") == [
        ["行政区划", "单位代码", "单位名称", "文件", "结果", "说明", "sha256"],
        ["440399", "106001", name["106001"], "106001.xlsx", "已合并", "", good],
        ["440399", "131002", name["131002"], "bad.xlsx", "有错误，未合并", errors, digest],
        *(
            ["440399", unit, name[unit], "", "未交", "", ""]
            for unit in ("106002", "106003", "131001")
        ),
    ]


def test_warnings_need_to_be_accepted(campaign: Campaign, returns: Path, tmp_path: Path) -> None:
    def too_long(book: Workbook) -> None:
        book["项目1"]["E12"] = f"反映{book['项目1']['C12'].value}".ljust(41, "长")

    path = edit(returns / "131002.xlsx", too_long, tmp_path / "a.xlsx")
    result = merge([path], tmp_path / "out", campaign)
    assert outcomes(result) == [("131002", "a.xlsx", "warnings")]
    assert result.entries[0].detail == "1 处提醒：TXT-002"
    assert result.folder is None
    assert not (tmp_path / "out").exists()
    result = merge([path], tmp_path / "out", campaign, accept_warnings=True)
    assert outcomes(result) == [("131002", "a.xlsx", "merged")]
    assert frames(tmp_path / "out", "proof")["submission"]["warnings"].to_list() == [1]
    result = merge([path], tmp_path / "out", campaign)
    assert outcomes(result) == [("131002", "a.xlsx", "merged")]
    assert not result.changed


def test_a_copy_counts_once(campaign: Campaign, returns: Path, tmp_path: Path) -> None:
    shutil.copyfile(returns / "131002.xlsx", tmp_path / "z.xlsx")
    result = merge([returns / "131002.xlsx", tmp_path / "z.xlsx"], tmp_path / "out", campaign)
    assert by_file(result) == {"131002.xlsx": ("merged", ""), "z.xlsx": ("copy", "131002.xlsx")}
    assert units_in(tmp_path / "out") == ["131002"]
    assert len(frames(tmp_path / "out")["project"]) == 3


@pytest.fixture
def two(campaign: Campaign, returns: Path, tmp_path: Path) -> list[Path]:
    """Two different returns of unit 131002, the second one saved later, and one of 106003."""
    new = variant(campaign, "131002", tmp_path / "new.xlsx")
    saved_at(new, "2026-11-03T09:30:00Z", new)
    old = saved_at(returns / "131002.xlsx", "2026-11-02T17:00:00Z", tmp_path / "old.xlsx")
    return [old, new, returns / "106003.xlsx"]


def test_a_conflict_is_listed(campaign: Campaign, two: list[Path], tmp_path: Path) -> None:
    result = merge(two, tmp_path / "out", campaign)
    conflict = ("conflict", "同一单位交了 2 份：new.xlsx、old.xlsx")
    assert by_file(result) == {
        "106003.xlsx": ("merged", ""),
        "new.xlsx": conflict,
        "old.xlsx": conflict,
    }
    assert not result.is_complete
    assert units_in(tmp_path / "out") == ["106003"]
    assert units_in(tmp_path / "out", "conflicts") == ["131002", "131002"]
    assert frames(tmp_path / "out")["project"]["unit_code"].unique().to_list() == ["106003"]
    rows = frames(tmp_path / "out", "conflicts")["project"]
    assert sorted(rows["file"].to_list()) == ["new.xlsx"] * 3 + ["old.xlsx"] * 3


@pytest.mark.parametrize("swap", [False, True])
def test_the_newest_by_the_time_of_saving(
    campaign: Campaign, two: list[Path], tmp_path: Path, swap: bool
) -> None:
    """The time of the files says the contrary, and plays no part."""
    os.utime(two[0], (1_900_000_000, 1_900_000_000))
    os.utime(two[1], (1_800_000_000, 1_800_000_000))
    if swap:
        saved_at(two[0], "2026-11-04T08:00:00Z", two[0])
        os.utime(two[0], (1_700_000_000, 1_700_000_000))
    winner, loser = ("old.xlsx", "new.xlsx") if swap else ("new.xlsx", "old.xlsx")
    result = merge(two, tmp_path / "out", campaign, prefer="newest")
    assert by_file(result) == {
        "106003.xlsx": ("merged", ""),
        winner: ("merged", ""),
        loser: ("superseded", f"按取舍选用另一份：{winner}"),
    }
    assert result.is_complete
    rows = frames(tmp_path / "out")["project"].filter(pl.col("unit_code") == "131002")
    assert rows["file"].to_list() == [winner] * 3
    ledger = [line[3:6] for line in lines(tmp_path / "out" / "合并清单.csv")]
    assert [loser, "已取另一份，未合并", f"按取舍选用另一份：{winner}"] in ledger
    assert [winner, "已合并", ""] in ledger


def test_a_faulty_second_version_is_a_conflict(
    campaign: Campaign, two: list[Path], tmp_path: Path
) -> None:
    """It may be the one that the unit means: what is right in the other is not merged in its place."""

    def spoil(book: Workbook) -> None:
        book["项目1"]["B10"] = None

    edit(two[1], spoil, two[1])
    result = merge(two[:2], tmp_path / "out", campaign)
    assert sorted(outcomes(result)) == [
        ("131002", "new.xlsx", "errors"),
        ("131002", "old.xlsx", "conflict"),
    ]
    (old,) = (entry for entry in result.entries if entry.file == "old.xlsx")
    office = own_copy(campaign, tmp_path / "office")
    add_decisions(office.folder, [Decision("440399", "131002", "", old.sha256)])
    result = merge(two[:2], tmp_path / "out", office)
    assert sorted(outcomes(result)) == [
        ("131002", "new.xlsx", "superseded"),
        ("131002", "old.xlsx", "merged"),
    ]


def test_a_conflict_between_results(campaign: Campaign, two: list[Path], tmp_path: Path) -> None:
    merge([two[0], two[2]], tmp_path / "a", campaign)
    merge([two[1]], tmp_path / "b", campaign)
    result = merge([tmp_path / "a", tmp_path / "b"], tmp_path / "out", campaign)
    assert [entry[2] for entry in outcomes(result)] == ["merged", "conflict", "conflict"]
    newest = merge([tmp_path / "a", tmp_path / "b"], tmp_path / "n", campaign, prefer="newest")
    assert sorted(outcomes(newest)) == [
        ("106003", "106003.xlsx", "merged"),
        ("131002", "new.xlsx", "merged"),
        ("131002", "old.xlsx", "superseded"),
    ]


def test_a_conflict_stays_one_in_later_merges(
    campaign: Campaign, two: list[Path], tmp_path: Path
) -> None:
    """merge(merge(a, b), c) = merge(a, b, c), also where a, b and c are of one unit."""
    third = variant(campaign, "131002", tmp_path / "third.xlsx", "第三种写法")
    merge(two, tmp_path / "ab", campaign)
    merge([tmp_path / "ab", third], tmp_path / "ab_c", campaign)
    merge([*two, third], tmp_path / "abc", campaign)
    for name in ("abc", "ab_c"):
        assert units_in(tmp_path / name) == ["106003"]
        assert units_in(tmp_path / name, "conflicts") == ["131002"] * 3
    assert lasting(tmp_path / "abc") == lasting(tmp_path / "ab_c")


def test_a_code_of_two_units_stays_out_of_later_merges(
    campaign: Campaign, returns: Path, tmp_path: Path
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
        paths.append(fill_unit(campaign, unit, data, tmp_path / f"{unit}.xlsx"))
    both = merge(
        [*paths, returns / "131002.xlsx"], tmp_path / "both", campaign, accept_warnings=True
    )
    detail = "与其他单位的表冲突：XW-004 项目编码 440399271063100100777（106002.xlsx、106003.xlsx）"
    expected = {
        "106002.xlsx": ("partly", detail),
        "106003.xlsx": ("partly", detail),
        "131002.xlsx": ("merged", ""),
    }
    assert by_file(both) == expected
    for path in paths:
        alone = merge([path], tmp_path / path.stem, campaign)
        assert by_file(alone) == {path.name: ("merged", "")}
    results = [tmp_path / path.stem for path in paths]
    later = merge([*results, returns / "131002.xlsx"], tmp_path / "later", campaign)
    assert by_file(later) == expected
    for name in ("both", "later"):
        assert units_in(tmp_path / name) == ["106002", "106003", "131002"]
        codes = frames(tmp_path / name)["project"]["project_code"].to_list()
        assert "440399271063100100777" not in codes
        held = frames(tmp_path / name, "conflicts")["project"]
        assert held.select("unit_code", "project_code").rows() == [
            ("106002", "440399271063100100777"),
            ("106003", "440399271063100100777"),
        ]
    assert lasting(tmp_path / "both") == lasting(tmp_path / "later")


def test_a_failing_write_leaves_the_old_result(
    campaign: Campaign, returns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge([returns / "131002.xlsx"], tmp_path / "out", campaign)
    before = files(tmp_path / "out")

    def half(data: Any, folder: Path) -> None:
        (folder / "data").mkdir()
        (folder / "data" / "submission.parquet").write_bytes(b"half")
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(stores, "save", half)
        with pytest.raises(OSError, match="disk full"):
            merge([returns], tmp_path / "out", campaign)
    assert files(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert merge([returns], tmp_path / "out", campaign).changed


def test_a_failing_exchange_leaves_the_old_result(
    campaign: Campaign, returns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge([returns / "131002.xlsx"], tmp_path / "out", campaign)
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
            merge([returns], tmp_path / "out", campaign)
    assert files(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


REFUSED = "输出文件夹里有别的文件，不会覆盖；请换一个空文件夹"


def test_other_folders_are_not_touched(campaign: Campaign, returns: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(OfficeError) as error:
        merge([returns], tmp_path, campaign)
    assert (error.value.message, error.value.path) == (REFUSED, tmp_path)
    assert files(tmp_path) == {"letter.txt": b"dear"}


@pytest.mark.parametrize("name", ["备注.txt", "data/备注.txt"])
def test_a_file_of_somebody_else_in_a_result_is_not_lost(
    campaign: Campaign, returns: Path, tmp_path: Path, name: str
) -> None:
    """It stays where it is, beside the files of the next merge."""
    merge([returns / "131002.xlsx"], tmp_path / "out", campaign)
    (tmp_path / "out" / name).write_text("dear", encoding="utf-8")
    assert merge([returns], tmp_path / "out", campaign).number == 2
    assert files(tmp_path / "out")[name] == b"dear"
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["number"], name in manifest["files"]) == (2, False)
    assert len(units_in(tmp_path / "out", "proof")) == 5


def test_one_form_at_a_time(
    campaign: Campaign,
    target: Campaign,
    good_declaration: Path,
    good_target: Path,
    tmp_path: Path,
) -> None:
    other = own_copy(target, tmp_path / "target")
    merge([good_target], tmp_path / "b", other)
    message = "一次只能合并一种表：本次填报是 futian_2024_declaration，这里还有 longhua_2021_target"
    with pytest.raises(OfficeError) as error:
        merge([good_declaration, good_target], tmp_path / "out", campaign)
    assert str(error.value) == message
    with pytest.raises(OfficeError) as error:
        merge([good_declaration, tmp_path / "b"], tmp_path / "out", campaign)
    message = "合并结果是 longhua_2021_target 的，本次填报是 futian_2024_declaration"
    assert (error.value.message, error.value.path) == (message, tmp_path / "b")
    assert not (tmp_path / "out").exists()


def test_a_damaged_result(campaign: Campaign, returns: Path, tmp_path: Path) -> None:
    merge([returns], tmp_path / "a", campaign)
    (tmp_path / "a" / "data" / "project.parquet").write_bytes(b"PAR1")
    message = "合并结果与写出时不同：改动过的 {}；请向报送的单位重新索取"
    with pytest.raises(OfficeError) as error:
        merge([tmp_path / "a"], tmp_path / "out", campaign)
    assert error.value.message == message.format("data/project.parquet")
    (tmp_path / "a" / "data" / "submission.parquet").write_bytes(b"PAR1")
    with pytest.raises(OfficeError) as error:
        merge([tmp_path / "a"], tmp_path / "out", campaign)
    assert error.value.message == message.format("data/project.parquet、data/submission.parquet")


def test_nothing_is_merged_without_a_campaign(good_declaration: Path, tmp_path: Path) -> None:
    with pytest.raises(OfficeError) as error:
        merge([good_declaration], tmp_path / "out")
    assert str(error.value) == (
        "没有签发公钥（填报文件夹的 keys/office.pub），不能核对签发，没有合并；"
        "请用 --campaign 指明下发时的填报文件夹，公钥遗失的请从备份恢复"
    )


def test_without_the_private_key_nothing_is_signed(
    campaign: Campaign, good_declaration: Path, tmp_path: Path
) -> None:
    (campaign.folder / KEY_FILE).unlink()
    result = merge([good_declaration], tmp_path / "out", campaign)
    assert list(result.notes) == [
        "没有签发密钥（keys/office.key），合并结果没有签名，上级不会接收；"
        "请在有密钥的电脑上合并后报送"
    ]
    assert "manifest.sig" not in files(tmp_path / "out")
