"""Issuing again says who handed in the earlier workbooks, and what is to be done with these."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import Xltool, in_this_process
from helpers import answers, fill_unit, make_campaign

xltool = pytest.fixture(in_this_process)
UNITS = ("226002", "238001", "226001")


def test_who_handed_in_an_earlier_issue_is_told(tmp_path: Path, xltool: Xltool) -> None:
    campaign = make_campaign("target", tmp_path / "office", units=UNITS)
    office, back = campaign.folder, tmp_path / "back"
    back.mkdir()
    for unit in UNITS[:2]:
        fill_unit(campaign, unit, answers("target", unit), back / f"{unit}.xlsx")
    xltool("check", back, "--campaign", office)

    def told() -> list[str]:
        run = xltool("issue", office, "-q")
        assert run.code == 0
        return [line for line in run.err.splitlines() if "已经交过" in line]

    assert told() == []  # nothing has changed: it is the same workbook
    settings = office / "campaign.toml"
    settings.write_text(settings.read_text("utf-8").replace("spare = 2", "spare = 3"), "utf-8")
    names = "、".join(f"{unit} {campaign.units[unit].unit_name}" for unit in UNITS[:2])
    assert told() == [
        f"注意：重新下发的有 2 个单位已经交过早先下发的表（{names}），不必重填："
        "请用 xltool check --return 把已填的内容带进新表，发给单位"
    ]
    assert told() == []  # it was told when they were issued
    run = xltool("check", back, "--campaign", office, "--return", tmp_path / "copies")
    assert len([*(tmp_path / "copies").iterdir()]) == 2, run.err
