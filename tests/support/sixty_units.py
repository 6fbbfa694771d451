"""A campaign of sixty units that fill in one project each: what a district office sees in three weeks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpers import EXAMPLES, TEST_KEY, answers

from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign, load_campaign
from xltool.write.filling import fill
from xltool.write.issuing import issue

UNITS = [f"3010{number:02}" for number in range(1, 61)]
_SETTINGS = """\
form = "longhua_2021_target"
year = 2027
title = "云岭区 2027 年项目支出绩效目标填报"
district = "440399"
contact = "云岭区财政局绩效科 0000-88880000"
deadline = 2026-12-15
spare = 0

# the units of this test type the same texts
[severity]
"""
_COPIES = ("DUP-001", "DUP-002", "XW-008", "IND-013")


def office_of_sixty(folder: Path) -> Campaign:
    """The campaign's folder, issued."""
    folder.mkdir(parents=True)
    settings = _SETTINGS + "".join(f'"{code}" = "off"\n' for code in _COPIES)
    (folder / "campaign.toml").write_text(settings, encoding="utf-8")
    roster = [
        f"{unit},云岭区第{number}图书馆,云岭区文化体育局,301"
        for number, unit in enumerate(UNITS, 1)
    ]
    write_list(folder / "units.csv", ["单位代码,单位名称,主管部门,部门代码", *roster])
    projects = [f"{unit},图书文献采购" for unit in UNITS]
    write_list(folder / "projects.csv", ["单位代码,项目名称", *projects])
    key = folder / KEY_FILE
    key.parent.mkdir()
    key.write_bytes(TEST_KEY)
    public = seal.public_text(seal.load_key(key).public_key())
    key.with_suffix(".pub").write_text(public + "\n", encoding="ascii")
    campaign = load_campaign(folder)
    issue(campaign)
    return campaign


def write_list(path: Path, lines: list[str]) -> None:
    """Write a list of the office as Excel saves it."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")


def hand_in(
    campaign: Campaign,
    unit: str,
    out: Path,
    change: Callable[[dict[str, Any]], object] | None = None,
) -> Path:
    """Fill a unit's workbook with right answers, changed by `change`, which is given the project."""
    data = answers("target", "226002")
    project = data["projects"][0]
    if change is not None:
        change(project)
    data = {"form": data["form"], "unit": unit, "projects": [project]}
    source = out.with_suffix(".json")
    source.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    fill(campaign.folder / "issued" / campaign.units[unit].file_name, source, out, campaign)
    source.unlink()
    return out


__all__ = ["EXAMPLES", "UNITS", "hand_in", "office_of_sixty", "write_list"]
