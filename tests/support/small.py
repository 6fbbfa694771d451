"""Small campaigns with fixed contents: one unit, few rows, the test key."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from helpers import TEST_KEY

from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign, load_campaign
from xltool.write.issuing import issue

UNIT = "106001"
ROSTER = [
    ["单位代码", "单位名称", "主管部门", "部门代码"],
    [UNIT, "云岭区政务服务中心", "云岭区政务服务局", "106"],
]
PROJECTS = {
    "futian_2022_declaration": [
        [
            *("单位代码", "项目编码", "项目名称", "实施期限", "项目类型", "分配方式"),
            *("项目总金额（中期规划，万元）", "本年度项目金额（万元）"),
        ],
        [
            *(UNIT, "440399271061500100008", "政务大厅运行", "3", "15 履职类项目", "项目法"),
            *("207.00", "69.00"),
        ],
    ],
    "futian_2024_declaration": [
        [
            *("单位代码", "项目编码", "项目名称", "实施期限", "项目类型", "分配方式"),
            *("项目总金额（中期规划，万元）", "本年度项目金额（万元）", "政策依据"),
        ],
        [
            *(UNIT, "440399271063100100008", "数据应用课题研究", "3", "31 履职类项目", "项目法"),
            *("207.00", "69.00", "三定方案"),
        ],
    ],
    "longgang_2023_budget": [["单位代码"]],
    "longgang_2023_unit": [["单位代码"]],
    "national_2015_declaration": [["单位代码", "项目名称"], [UNIT, "图书文献采购"]],
    "longhua_2021_selfeval": [
        ["单位代码", "项目名称", "项目金额", "预期目标", "年度资金总额.年初预算数"],
        [UNIT, "图书文献采购", "2600000.00", "采购图书5.2万册。", "2600000.00"],
    ],
    "longhua_2021_target": [["单位代码", "项目名称"], [UNIT, "图书文献采购"]],
}


def small_campaign(
    form: str,
    folder: Path,
    settings: str = "",
    spare: int = 1,
    roster: Sequence[Sequence[str]] = ROSTER,
    projects: Sequence[Sequence[str]] | None = None,
) -> Campaign:
    """Write, load and issue a campaign; `settings` is appended to campaign.toml."""
    small_folder(form, folder, settings, spare, roster, projects)
    campaign = load_campaign(folder)
    issue(campaign)
    return campaign


def small_folder(
    form: str,
    folder: Path,
    settings: str = "",
    spare: int = 1,
    roster: Sequence[Sequence[str]] = ROSTER,
    projects: Sequence[Sequence[str]] | None = None,
) -> None:
    """Write a campaign: its settings, its lists, its key."""
    folder.mkdir(parents=True, exist_ok=True)
    toml = f'form = "{form}"\nyear = 2027\ntitle = "填报"\nspare = {spare}\n{settings}\n'
    (folder / "campaign.toml").write_text(toml, encoding="utf-8")
    write_csv(folder / "units.csv", roster)
    write_csv(folder / "projects.csv", PROJECTS[form] if projects is None else projects)
    put_key(folder)


def put_key(folder: Path, key: bytes = TEST_KEY) -> None:
    """Put the office's key into a campaign folder."""
    path = folder / KEY_FILE
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(key)
    public = seal.public_text(seal.load_key(path).public_key())
    path.with_suffix(".pub").write_text(public + "\n", encoding="ascii")


def write_csv(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """A CSV file as Excel saves it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
