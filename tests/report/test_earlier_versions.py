"""Checked or merged after a later one, an earlier version changes nothing of where its unit stands; it is told."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from commands import Run, Xltool, in_this_process
from helpers import answers, edit, fill_unit, make_campaign
from mutations import cell

from xltool.office.campaign import load_campaign
from xltool.write.filling import fill
from xltool.write.issuing import issue

xltool = pytest.fixture(in_this_process)
UNIT = "238001"


@dataclass
class Office:
    """A campaign at the command line, and the returns of one of its units."""

    xltool: Xltool
    folder: Path
    returns: Path

    def run(self, *words: object) -> Run:
        return self.xltool(*words, "--campaign", self.folder)

    @property
    def stands(self) -> tuple[str, str, str]:
        """State, times returned and file of the unit."""
        text = self.xltool("status", self.folder, "--format", "csv").out.lstrip("\ufeff")
        (row,) = (row for row in csv.DictReader(text.splitlines()) if row["单位代码"] == UNIT)
        return row["状态"], row["退回次数"], row["文件"]

    @property
    def log(self) -> bytes:
        return (self.folder / "检查记录.csv").read_bytes()


@pytest.fixture
def office(tmp_path: Path, xltool: Xltool) -> Office:
    """The unit handed in a faulty one, got a copy back, and mended it."""
    campaign = make_campaign("target", tmp_path / "office", units=(UNIT,))
    returns = tmp_path / "returns"
    returns.mkdir()
    data = answers("target", UNIT)
    good = data["projects"][0]["项目概况"]
    data["projects"][0]["项目概况"] = ""
    fill_unit(campaign, UNIT, data, returns / "first.xlsx")
    found = Office(xltool, campaign.folder, returns)
    found.run("check", returns / "first.xlsx", "--return", tmp_path / "back")
    (copy,) = (tmp_path / "back").iterdir()
    data["projects"][0]["项目概况"] = good
    source = returns / "second.json"
    source.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    fill(copy, source, returns / "second.xlsx", campaign)
    source.unlink()
    return found


def test_an_earlier_version_changes_no_status(office: Office) -> None:
    first, second = (office.returns / f"{name}.xlsx" for name in ("first", "second"))
    assert office.stands == ("已退回（第 1 次）", "1", "first.xlsx")
    assert office.run("check", second).code == 0
    assert office.stands == ("通过", "1", "second.xlsx")
    run = office.run("check", first)
    assert (run.code, f"first.xlsx 是 {UNIT} 较早的一份" in run.out.replace("\n", "")) == (1, True)
    assert "重新交回" not in run.out
    assert office.stands == ("通过", "1", "second.xlsx")
    before = office.log
    office.run("check", first)
    office.run("check", first, second)
    office.run("check", second)
    assert office.stands == ("通过", "1", "second.xlsx")
    after = office.log
    for some in ((first,), (first, second), (second,)):
        office.run("check", *some)
    assert (office.log == after, after.startswith(before)) == (True, True)
    text = office.xltool("status", office.folder, "--format", "remind").out
    assert f"【{UNIT} " not in text


def test_both_in_one_run_say_the_same_as_one_after_the_other(
    office: Office, tmp_path: Path
) -> None:
    twin = tmp_path / "twin"
    shutil.copytree(office.folder, twin)
    other = Office(office.xltool, twin, office.returns)
    other.run("check", office.returns)
    office.run("check", office.returns / "second.xlsx")
    office.run("check", office.returns / "first.xlsx")
    assert office.stands == other.stands == ("通过", "1", "second.xlsx")


def test_a_later_issue_counts_in_place_of_an_earlier(office: Office) -> None:
    campaign = load_campaign(office.folder)
    settings = office.folder / "campaign.toml"
    settings.write_text(settings.read_text("utf-8").replace("spare = 2", "spare = 3"), "utf-8")
    campaign = load_campaign(office.folder)
    issue(campaign, (UNIT,))
    campaign = load_campaign(office.folder)
    fill_unit(campaign, UNIT, answers("target", UNIT), office.returns / "third.xlsx")
    office.run("check", office.returns / "third.xlsx")
    run = office.run("check", office.returns / "second.xlsx")
    assert f"second.xlsx 是 {UNIT} 较早的一份" in run.out.replace("\n", "")
    assert office.stands == ("通过", "1", "third.xlsx")


def test_a_merge_of_an_earlier_version_is_told(office: Office, tmp_path: Path) -> None:
    """It merges what it is given, and status goes on to say what was handed in later."""
    first, second = (office.returns / f"{name}.xlsx" for name in ("first", "second"))
    settings = office.folder / "campaign.toml"
    settings.write_text(settings.read_text("utf-8") + '[severity]\n"TXT-001" = "off"\n', "utf-8")
    office.run("check", second)
    merged = office.run("merge", first, "--out", tmp_path / "merged", "--accept-warnings")
    assert merged.code == 0
    assert f"注意：first.xlsx 是 {UNIT} 较早的一份" in merged.out
    assert office.stands == ("通过", "1", "second.xlsx")
    before = office.log
    office.run("merge", first, "--out", tmp_path / "merged", "--accept-warnings")
    assert office.log == before
    office.run("merge", first, second, "--out", tmp_path / "merged", "--accept-warnings")
    assert office.stands == ("已合并", "1", "second.xlsx")


def test_of_several_last_ones_none_of_the_earlier_is_one(office: Office, tmp_path: Path) -> None:
    """Two that were filled in the same copy contradict each other; what came before them does not count."""
    second, third = (office.returns / f"{name}.xlsx" for name in ("second", "third"))
    edit(second, cell("B8", "另一种写法"), third)
    run = office.run("check", office.returns)
    assert run.code == 1
    assert (office.stands[0], sorted(office.stands[2].split("、"))) == (
        "交了 2 份",
        ["second.xlsx", "third.xlsx"],
    )
    before = office.log
    office.run("check", office.returns)
    office.run("check", office.returns / "first.xlsx")
    office.run("check", office.returns)
    assert office.stands[0] == "交了 2 份"
    once = office.log
    office.run("check", office.returns / "first.xlsx")
    office.run("check", office.returns)
    assert (office.log == once, once.startswith(before)) == (True, True)
    merged = office.run("merge", office.returns, "--out", tmp_path / "merged")
    assert "first.xlsx：已取另一份，未合并（本单位后来交了 second.xlsx、third.xlsx）" in merged.out
    assert (
        "second.xlsx：与另一份冲突，未合并（同一单位交了 2 份：second.xlsx、third.xlsx）"
        in merged.out
    )
