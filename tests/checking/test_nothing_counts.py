"""Of all the workbooks of a part none may count: the rules across workbooks see the others as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import Run, in_this_process
from helpers import answers, fill_unit, make_campaign

from xltool.office.campaign import load_campaign
from xltool.write.issuing import issue

UNITS = ["106001", "106002", "106003", "131001"]


@pytest.mark.parametrize("later", ["b", "0"])
@pytest.mark.parametrize("command", ["check", "merge"])
def test_a_part_of_an_earlier_issue(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    later: str,
) -> None:
    campaign = make_campaign("declaration", tmp_path / "office", units=UNITS)
    inbox = tmp_path / "back"
    inbox.mkdir()
    for folder in ("a", later):
        for unit in UNITS:
            data = answers("declaration", unit)
            fill_unit(campaign, unit, data, inbox / f"{folder}{unit}.xlsx")
        if folder == "a":
            settings = campaign.folder / "campaign.toml"
            rows = '\n[rows]\n"*数量指标" = 20\n'
            settings.write_text(settings.read_text(encoding="utf-8") + rows, encoding="utf-8")
            issue(load_campaign(campaign.folder))
            campaign = load_campaign(campaign.folder)
    for path in inbox.glob("*.json"):
        path.unlink()
    xltool = in_this_process(monkeypatch, capsys)
    words = [command, inbox, "--campaign", campaign.folder, "--jobs", "2"]
    run: Run = xltool(*words, *(["--out", tmp_path / "out"] if command == "merge" else []))
    assert run.code == 0, run.err
    said = {
        "check": "共 8 份：通过 4 份，未采用 4 份。提示 4 处。",
        "merge": f"第 1 次合并：合并 4 份，未合并 4 份，在 {tmp_path / 'out'}",
    }
    assert said[command] in run.out.splitlines()
