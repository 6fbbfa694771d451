"""A project that several units claim is held back alone; the rest of their workbooks is merged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from commands import in_this_process
from districts import OURS, Region, region
from helpers import answers, fill_unit, own_copy
from merges import WRITTEN_AND_HELD, files, frames, lines, table, units_in
from mutations import added

from xltool.form.loading import load_form
from xltool.merging.conflicts import Clash, Decisions, settle_records
from xltool.merging.fates import Fate
from xltool.merging.merge import MergeResult, merge
from xltool.office.campaign import Campaign
from xltool.office.csv_files import write_csv
from xltool.office.decisions import DECISIONS, HEADER, Decision
from xltool.workbook.opening import digest

CODE = "440399271063100100777"
UNITS = ("106001", "106002")
DETAIL = f"与其他单位的表冲突：XW-004 项目编码 {CODE}（106001.xlsx、106002.xlsx）"


pytestmark = pytest.mark.usefixtures("parts_made_here")


@pytest.fixture(scope="module")
def three() -> Region:
    return region("declaration")


@pytest.fixture(scope="module")
def back(three: Region, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The returns of two units of a district that claim one new code, and of one that does not."""
    folder = tmp_path_factory.mktemp("back")
    campaign = three.districts[OURS].campaign
    for unit in (*UNITS, "131002"):
        data = answers("declaration", unit)
        if unit in UNITS:
            new = {"项目编码": CODE, "项目名称": f"新项目{unit}", "是否新增项目": "是"}
            added(new)(data)
        fill_unit(campaign, unit, data, folder / f"{unit}.xlsx").with_suffix(".json").unlink()
    return folder


@pytest.fixture
def district(three: Region, tmp_path: Path) -> Campaign:
    return own_copy(three.districts[OURS].campaign, tmp_path / "district")


def by_unit(result: MergeResult) -> dict[str, tuple[str, str]]:
    """What became of the return of each unit, and what is said of it."""
    return {entry.unit: (entry.outcome, entry.detail) for entry in result.entries}


PARTLY = {**dict.fromkeys(UNITS, ("partly", DETAIL)), "131002": ("merged", "")}


def test_only_what_is_claimed_twice_is_held_back(
    district: Campaign, back: Path, tmp_path: Path
) -> None:
    result = merge([back], tmp_path / "out", district, accept_warnings=True)
    assert by_unit(result) == PARTLY
    assert not result.is_complete
    assert units_in(tmp_path / "out") == ["106001", "106002", "131002"]
    counts = frames(tmp_path / "out")["project"].group_by("unit_code").len().sort("unit_code")
    assert counts.rows() == [("106001", 6), ("106002", 4), ("131002", 3)]
    merged, held = (frames(tmp_path / "out", part) for part in ("data", "conflicts"))
    assert CODE not in merged["project"]["project_code"].to_list()
    assert held["project"].select("unit_code", "project_code", "project_name").rows() == [
        (unit, CODE, f"新项目{unit}") for unit in UNITS
    ]
    records = held["project"].select("sha256", "record")
    assert (
        held["indicator"]
        .select("sha256", "record")
        .unique()
        .sort("sha256", "record")
        .equals(records.sort("sha256", "record"))
    )
    kept = merged["indicator"].join(records, on=["sha256", "record"], how="semi")
    assert kept.is_empty()
    assert [line[3:6] for line in lines(tmp_path / "out" / "合并清单.csv")[1:4]] == [
        ["106001.xlsx", "部分项目未合并", DETAIL],
        ["106002.xlsx", "部分项目未合并", DETAIL],
        ["131002.xlsx", "已合并", ""],
    ]
    sources = table(tmp_path / "out" / "汇总表.xlsx", "来源")
    assert [row[8] for row in sources] == ["结果", DETAIL, DETAIL, None]
    codes = {row[0] for row in table(tmp_path / "out" / "导入文件.xlsx", "Sheet1")}
    assert CODE not in codes
    remarks = {
        line[2]: line[4]
        for line in lines(tmp_path / "out" / "对账.csv")
        if line[0] == "单位" and line[2] in UNITS
    }
    assert remarks == dict.fromkeys(UNITS, "部分项目未合并")


def test_the_command_says_it_and_ends_with_1(
    district: Campaign,
    back: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    xltool = in_this_process(monkeypatch, capsys)
    words = ("merge", back, "--campaign", district.folder, "--out", tmp_path / "out")
    run = xltool(*words, "--accept-warnings")
    assert (run.code, run.err) == (1, "")
    assert run.out.splitlines() == [
        f"106001.xlsx：部分项目未合并（{DETAIL}）",
        f"106002.xlsx：部分项目未合并（{DETAIL}）",
        f"第 1 次合并：合并 3 份，未合并 0 份，在 {tmp_path / 'out'}",
        WRITTEN_AND_HELD,
    ]


def test_later_merges_see_what_is_held_back(
    three: Region, district: Campaign, back: Path, tmp_path: Path
) -> None:
    """At the district and at the city, until somebody decides."""
    merge([back], tmp_path / "below", district, accept_warnings=True)
    again = merge([tmp_path / "below"], tmp_path / "again", district)
    assert by_unit(again) == PARTLY
    for part in ("data", "conflicts"):
        assert files(tmp_path / "again" / part) == files(tmp_path / "below" / part)
    city = three.city(tmp_path / "city")
    above = merge([tmp_path / "below"], tmp_path / "all", city)
    assert by_unit(above) == PARTLY
    assert files(tmp_path / "all" / "conflicts") == files(tmp_path / "below" / "conflicts")
    chosen = digest(back / "106002.xlsx")
    write_csv(city.folder / DECISIONS, [HEADER, ["", "", CODE, chosen, "王五", "", ""]])
    decided = merge([tmp_path / "below"], tmp_path / "all", city)
    assert by_unit(decided) == {
        "106001": ("partly", DETAIL),
        "106002": ("merged", ""),
        "131002": ("merged", ""),
    }
    rows = frames(tmp_path / "all")["project"].filter(project_code=CODE)
    assert rows["unit_code"].to_list() == ["106002"]
    assert frames(tmp_path / "all", "conflicts")["project"]["unit_code"].to_list() == ["106001"]
    changes = [line[:5] for line in lines(tmp_path / "all" / "变更.csv")[1:]]
    assert changes[0][:3] == ["新增", OURS, "106002"]
    assert {line[4] for line in changes} == {CODE}


def test_a_return_that_comes_later_makes_it_a_conflict(
    district: Campaign, back: Path, tmp_path: Path
) -> None:
    """What was merged before is held back again, and is named as removed."""
    first = merge([back / "106001.xlsx"], tmp_path / "out", district, accept_warnings=True)
    assert by_unit(first) == {"106001": ("merged", "")}
    both = [back / "106001.xlsx", back / "106002.xlsx"]
    second = merge(both, tmp_path / "out", district, accept_warnings=True)
    assert by_unit(second) == dict.fromkeys(UNITS, ("partly", DETAIL))
    removed = [line for line in lines(tmp_path / "out" / "变更.csv") if line[0] == "删除"]
    assert {(line[2], line[4]) for line in removed} == {("106001", CODE)}


# -- forms whose tables must stay together --------------------------------------------------------


def test_a_form_that_is_whole_is_held_back_whole(
    district: Campaign, back: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_form("longgang_2023_budget").whole
    assert not district.form.whole
    whole = replace(district, form=replace(district.form, whole=True))
    result = merge([back], tmp_path / "out", whole, accept_warnings=True)
    assert by_unit(result) == {
        **dict.fromkeys(UNITS, ("conflict", DETAIL)),
        "131002": ("merged", ""),
    }
    assert units_in(tmp_path / "out") == ["131002"]
    assert units_in(tmp_path / "out", "conflicts") == list(UNITS)


A, B = (
    Fate(unit_code=unit, file=f"{unit}.xlsx", sha256=unit * 8, outcome="merged") for unit in "ab"
)
CLASHES = [Clash(0, 3, "XW-004", CODE, "项目编码"), Clash(1, 1, "XW-004", CODE, "项目编码")]
WORDS = f"与其他单位的表冲突：XW-004 项目编码 {CODE}（a.xlsx、b.xlsx）"


@pytest.mark.parametrize(
    ("records", "whole", "decided", "expected"),
    [
        ({0: [1, 2, 3], 1: [1, 2]}, False, "", [("partly", (3,)), ("partly", (1,))]),
        ({0: [1, 2, 3], 1: [1, 2]}, True, "", [("conflict", ()), ("conflict", ())]),
        ({0: [1, 2, 3], 1: [1]}, False, "", [("partly", (3,)), ("conflict", ())]),
        ({0: [1, 2, 3], 1: [1]}, False, "a" * 8, [("merged", ()), ("conflict", ())]),
        ({0: [1, 2, 3], 1: [1, 2]}, True, "b" * 8, [("conflict", ()), ("merged", ())]),
    ],
)
def test_what_is_held_back(
    records: dict[int, list[int]],
    whole: bool,
    decided: str,
    expected: list[tuple[str, tuple[int, ...]]],
) -> None:
    """The records, or the workbook where nothing else is in it or the form is whole."""
    decisions = Decisions([Decision("", "", CODE, decided)] if decided else [])
    found = settle_records({0: A, 1: B}, CLASHES, decisions, records, whole=whole)
    assert [(found[n].outcome, found[n].held) for n in (0, 1)] == expected
    assert [found[n].detail for n in (0, 1)] == [
        WORDS if outcome != "merged" else "" for outcome, _ in expected
    ]
