"""The office's own findings over the returns of a unit: open, changed, settled; in the copy and the merge."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from commands import Xltool, in_this_process
from helpers import answers, check_files, fill_unit, make_campaign
from mutations import described
from small import write_csv

from xltool.checking.running import check
from xltool.office.campaign import Campaign, load_campaign
from xltool.office.opinions import Shown, note_shown, read_shown
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.write.returned import write_returned

UNIT, PLACE, CELL = "106003", "项目1!B9", "B9"
TEXT = "请写明全年接入多少个系统"
HEAD = ["单位代码", "位置", "意见", "级别"]
xltool = pytest.fixture(in_this_process)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign, a correct return of a unit, and one with another goal of the year."""
    folder = tmp_path_factory.mktemp("opinions")
    campaign = make_campaign("declaration", folder / "office", units=[UNIT])
    data = answers("declaration", UNIT)
    fill_unit(campaign, UNIT, data, folder / "first.xlsx")
    data["projects"][0]["年度目标"] = "全年完成42个系统接入，按月核查数据质量。"
    fill_unit(campaign, UNIT, data, folder / "second.xlsx")
    return folder


@pytest.fixture
def folder(origin: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(origin, tmp_path / "work")
    return tmp_path / "work"


def office(folder: Path, *rows: list[str], head: list[str] = HEAD) -> Campaign:
    """The campaign with these opinions."""
    write_csv(folder / "office" / "意见.csv", [head, *rows])
    return load_campaign(folder / "office")


def opinions_on(campaign: Campaign, *paths: Path) -> list[str]:
    """What is told of the office's opinions."""
    found = [f for f in check_files(campaign, *paths) if f.code.startswith("OPI")]
    return described(found)


def test_an_opinion_holds_while_the_cell_does(folder: Path) -> None:
    first, second = folder / "first.xlsx", folder / "second.xlsx"
    campaign = office(folder, [UNIT, PLACE, TEXT, "错误"])
    is_open = [f"OPI-001 error {PLACE} | 本级意见：{TEXT}"]
    assert opinions_on(campaign, first) == is_open
    assert opinions_on(campaign, second) == is_open  # nobody was shown anything yet
    goal = answers("declaration", UNIT)["projects"][0]["年度目标"]
    key = (UNIT, PLACE, TEXT)
    note_shown(campaign.folder, [Shown(key, goal, "0a")], datetime(2026, 12, 3, 8, 30))
    assert opinions_on(campaign, first) == is_open
    assert opinions_on(campaign, second) == [
        f"OPI-003 info {PLACE} | 已改，待核：本级意见“{TEXT}”；原为“聚焦“目录清、数据准、用得上”…”，"
        "现为“全年完成42个系统接入…”"
    ]
    assert opinions_on(campaign, first, second) == is_open + opinions_on(campaign, second)
    # in other words it is another opinion, on what stands there now
    reworded = office(folder, [UNIT, PLACE, "请写明按月核查什么", "提醒"])
    assert opinions_on(reworded, second) == [
        f"OPI-002 warning {PLACE} | 本级意见：请写明按月核查什么"
    ]


def test_the_office_settles_or_limits_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTOOL_TODAY", "2026-12-03")
    first, second = folder / "first.xlsx", folder / "second.xlsx"
    more = [*HEAD, "有效期至", "文件", "状态"]
    sha256 = read_file(first, settings_for(load_campaign(folder / "office"), None)).sha256
    told = [f"OPI-001 error {PLACE} | 本级意见：{TEXT}"]
    cases = {("2026-12-03", "", ""): 2, ("2026-12-02", "", ""): 0, ("", "", "已解决"): 0}
    for columns, files in {**cases, ("", sha256, ""): 1}.items():
        campaign = office(folder, [UNIT, PLACE, TEXT, "错误", *columns], head=more)
        assert opinions_on(campaign, first, second) == told * files


def test_by_project_and_label_it_follows_the_project(folder: Path) -> None:
    head = ["单位代码", "项目", "栏目", "意见", "级别"]
    code = answers("declaration", UNIT)["projects"][0].get("项目编码", "440399261063100100004")
    for project in (code, "公共数据资源治理", "公共数据 资源治理"):
        campaign = office(folder, [UNIT, project, "年度目标", TEXT, "提醒"], head=head)
        assert opinions_on(campaign, folder / "first.xlsx") == [
            f"OPI-002 warning {PLACE} | 本级意见：{TEXT}"
        ]


def test_what_nobody_finds_is_told_to_the_office(folder: Path) -> None:
    campaign = office(folder, [UNIT, "项目9!B9", TEXT, "错误"])
    verdict = check(
        Batch([read_file(folder / "first.xlsx", settings_for(campaign, None))], campaign)
    )
    assert [f for f in verdict.findings if f.code.startswith("OPI")] == []
    assert verdict.notes == [
        f"意见.csv 第 2 行（{UNIT} 项目9!B9）：交回的表里没有这个项目或单元格，意见没有起作用；"
        "请核对“位置”或“项目”"
    ]


def test_a_cell_that_is_gone_is_to_be_looked_at_again(folder: Path) -> None:
    campaign = office(folder, [UNIT, "项目9!B9", TEXT, "错误"])
    shown = Shown((UNIT, "项目9!B9", TEXT), "全年", "0a")
    note_shown(campaign.folder, [shown], datetime(2026, 12, 3, 8, 30))
    assert opinions_on(campaign, folder / "first.xlsx") == [
        f"OPI-003 info | 已改，待核：本级意见“{TEXT}”；原为“全年”，现为“（已不在表中）”"
    ]


def test_it_is_marked_in_the_copy(folder: Path) -> None:
    campaign = office(folder, [UNIT, PLACE, TEXT, "错误"])
    batch = Batch([read_file(folder / "first.xlsx", settings_for(campaign, None))], campaign)
    written, notes = write_returned(batch, check(batch), folder / "back")
    assert notes == []
    book = openpyxl.load_workbook(written[0])
    comment = book["项目1"][CELL].comment
    assert comment is not None
    assert comment.text == f"【OPI-001】本级意见：{TEXT}。请按意见修改。"


def test_from_check_to_merge(folder: Path, xltool: Xltool) -> None:
    """The error blocks; once the cell is changed it waits for the office, and the record says what stood there."""
    campaign = office(folder, [UNIT, PLACE, TEXT, "错误"])
    own = ["--campaign", campaign.folder]
    blocked = xltool("merge", folder / "first.xlsx", *own, "--out", folder / "merged")
    assert (blocked.code, blocked.out.splitlines()[0]) == (
        2,
        "first.xlsx：有错误，未合并（1 处错误：OPI-001）",
    )
    goal = answers("declaration", UNIT)["projects"][0]["年度目标"]
    assert read_shown(campaign.folder) == {(UNIT, PLACE, TEXT): {goal}}
    assert xltool("check", folder / "first.xlsx", *own).code == 1
    changed = xltool("check", folder / "second.xlsx", *own)
    assert changed.code == 0
    note = "本级意见有 1 处已改，待核（OPI-003）：认可的，请在 意见.csv 的“状态”填“已解决”"
    merged = xltool(
        "merge", folder / "second.xlsx", *own, "--out", folder / "merged", "--accept-warnings"
    )
    assert merged.code == 0
    assert f"注意：{note}" in merged.out.splitlines()
    assert len(read_shown(campaign.folder)) == 1
