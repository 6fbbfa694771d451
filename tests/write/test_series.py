"""Issuing by several processes: the same files, or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from small import small_campaign

from xltool.office.campaign import Campaign
from xltool.workbook import workers
from xltool.write import series
from xltool.write.issuing import issue

ROSTER = [["单位代码", "单位名称"], *([f"10600{n}", f"甲{n}中心"] for n in range(1, 8))]


@pytest.fixture
def campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Campaign:
    """Seven units, of which three make a batch; each is worth a process."""
    settings = 'district = "440399"\n[severity]\n"OA-006" = "warning"'
    monkeypatch.setattr(series, "_EACH", 1)
    monkeypatch.setattr(series, "_BATCH", 3)
    return small_campaign(
        "longgang_2023_unit", tmp_path / "a", settings, roster=ROSTER, projects=[["单位代码"]]
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_files_whatever_the_number_of_processes(campaign: Campaign) -> None:
    seen: list[tuple[int, int]] = []
    several = issue(campaign, out=campaign.folder / "b", jobs=2, progress=lambda *n: seen.append(n))
    one = issue(campaign, out=campaign.folder / "c", jobs=1)
    assert [item.unit.unit_code for item in several] == list(campaign.units)
    assert [(i.issue_id, i.sha256) for i in several] == [(i.issue_id, i.sha256) for i in one]
    assert contents(campaign.folder / "b") == contents(campaign.folder / "c")
    assert seen[0] == (0, 7)
    assert seen[-1] == (7, 7)
    assert not list(campaign.folder.glob(".xltool-*.tmp"))


def test_what_no_process_could_do_is_done_here(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = workers.run

    def killed(function: Callable[..., Any], tasks: Sequence[Any], *limits: Any) -> list[Any]:
        return ["killed", *run(function, tasks[1:], *limits)]

    monkeypatch.setattr(workers, "run", killed)
    issue(campaign, out=campaign.folder / "b", jobs=2)
    monkeypatch.undo()
    issue(campaign, out=campaign.folder / "c", jobs=1)
    assert contents(campaign.folder / "b") == contents(campaign.folder / "c")


def test_an_interrupted_run_leaves_nothing(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> list[Any]:
        raise KeyboardInterrupt

    before = sorted(path.name for path in campaign.folder.iterdir())
    monkeypatch.setattr(workers, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        issue(campaign, out=campaign.folder / "b", jobs=2)
    assert sorted(path.name for path in campaign.folder.iterdir()) == before


def test_few_units_are_not_worth_processes(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series, "_EACH", 4)
    monkeypatch.setattr(workers, "run", lambda *_: pytest.fail("no process is worth it"))
    assert len(issue(campaign, out=campaign.folder / "b", jobs=8)) == 7
