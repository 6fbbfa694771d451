"""Lines of the office's own decisions that have no effect are told, with file, line and why; none is passed over."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from commands import Xltool, in_this_process
from helpers import answers, fill_unit, make_campaign

from xltool.office.campaign import Campaign
from xltool.workbook.opening import digest

xltool = pytest.fixture(in_this_process)
UNIT, OTHER = "238001", "226002"
NOBODY = "0" * 64


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> tuple[Campaign, Mapping[str, Path]]:
    """A campaign; two returns of a unit, one with a warning, and one of another unit."""
    base = tmp_path_factory.mktemp("idle")
    campaign = make_campaign("target", base / "office", units=(UNIT, OTHER))
    back = {name: base / f"{name}.xlsx" for name in ("a", "b", "c")}
    data = answers("target", UNIT)
    fill_unit(campaign, UNIT, data, back["a"])
    data["projects"][0]["indicators"][0]["指标内容"] = "长" * 41
    fill_unit(campaign, UNIT, data, back["b"])
    fill_unit(campaign, OTHER, answers("target", OTHER), back["c"])
    for path in base.glob("*.json"):
        path.unlink()
    return campaign, back


def run(
    issued: tuple[Campaign, Mapping[str, Path]],
    folder: Path,
    xltool: Xltool,
    lists: Mapping[str, str],
    *names: str,
) -> tuple[list[str], str]:
    """The notes of a check and of a merge of some returns with these lists, and the state of the unit."""
    campaign, back = issued
    office = folder / "office"
    shutil.copytree(campaign.folder, office)
    for name, text in lists.items():
        (office / name).write_text(text, encoding="utf-8")
    paths = [back[name] for name in names]
    checked = xltool("check", *paths, "--campaign", office, "--format", "jsonl", "-q")
    status = xltool("status", office, "--format", "csv").out
    merged = xltool("merge", *paths, "--campaign", office, "--out", folder / "merged")
    notes = [line for line in checked.err.splitlines() if "没有起作用" in line]
    also = [line for line in merged.out.splitlines() if "没有起作用" in line]
    assert set(notes) <= set(also)
    state = next(row.split(",")[3] for row in status.splitlines() if row.startswith(UNIT))
    return also, state


def choices(*rows: str) -> str:
    return "\n".join(["行政区划,单位代码,项目编码,选用", *rows, ""])


@pytest.mark.parametrize("district", ["", "440399"])
def test_no_district_is_the_campaigns_own(
    issued: tuple[Campaign, Mapping[str, Path]], tmp_path: Path, xltool: Xltool, district: str
) -> None:
    lists = {"取舍.csv": choices(f"{district},{UNIT},,{digest(issued[1]['a'])}")}
    assert run(issued, tmp_path, xltool, lists, "a", "b") == ([], "通过")


@pytest.mark.parametrize(
    ("rows", "told", "state"),
    [
        (
            ["440301,{u},,{a}"],
            ["第 2 行没有起作用：行政区划“440301”不是本填报文件夹的（440399）；请改正，或留空"],
            "交了 2 份",
        ),
        (
            [",238002,,{a}"],
            ["第 2 行没有起作用：单位代码“238002”不在 units.csv 中，是不是 238001？"],
            "交了 2 份",
        ),
        (
            [",{u},,{a}", ",{u},,{b}"],
            [
                "第 2 行没有起作用：与第 3 行选用的不是同一份；请只留一行",
                "第 3 行没有起作用：与第 2 行选用的不是同一份；请只留一行",
            ],
            "交了 2 份",
        ),
        (
            [",{u},,{c}"],
            ["第 2 行没有起作用：选用的 c.xlsx 是 226002 的表，不是 238001 的；请核对“选用”"],
            "未采用",
        ),
    ],
)
def test_a_choice_that_decides_nothing_is_told(
    issued: tuple[Campaign, Mapping[str, Path]],
    tmp_path: Path,
    xltool: Xltool,
    rows: Sequence[str],
    told: Sequence[str],
    state: str,
) -> None:
    marks = {name: digest(path) for name, path in issued[1].items()}
    lists = {"取舍.csv": choices(*(row.format(u=UNIT, **marks) for row in rows))}
    notes, found = run(issued, tmp_path, xltool, lists, "a", "b", "c")
    assert (notes, found) == ([f"注意：取舍.csv {line}" for line in told], state)


def test_campaign_check_refuses_choices_of_nobody(
    issued: tuple[Campaign, Mapping[str, Path]], tmp_path: Path, xltool: Xltool
) -> None:
    office = tmp_path / "office"
    shutil.copytree(issued[0].folder, office)
    (office / "取舍.csv").write_text(
        choices(f"440301,{UNIT},,{NOBODY}", f",238002,,{NOBODY}", f",{UNIT},,{NOBODY}"), "utf-8"
    )
    said = xltool("campaign", "check", office)
    assert said.code == 2
    assert "取舍.csv:2: 行政区划“440301”不是本填报文件夹的（440399）；请改正，或留空" in said.err
    assert "取舍.csv:3: 单位代码“238002”不在 units.csv 中，是不是 238001？" in said.err
    assert "取舍.csv:4:" not in said.err


def test_waivers_opinions_and_acceptances_without_effect_are_told(
    issued: tuple[Campaign, Mapping[str, Path]], tmp_path: Path, xltool: Xltool
) -> None:
    mark = digest(issued[1]["b"])
    lists = {
        "waivers.csv": "规则,单位代码,项目,理由,有效期至,摘要\n"
        f"AMT-001,{UNIT},,尾差,,aebfcdhgkmln\n"
        f"AMT-001,{OTHER},,尾差,,aebfcdhgkmln\n",
        "意见.csv": "单位代码,位置,意见,级别,有效期至,文件,状态\n"
        f"{UNIT},项目1!B8,请写具体,提醒,2020-01-01,,\n"
        f"{UNIT},项目1!B8,请写清楚,提醒,,{NOBODY},\n"
        f"{UNIT},项目1!B8,请写明白,提醒,,{NOBODY},已解决\n"
        f"{OTHER},项目1!B8,请写具体,提醒,2020-01-01,,\n",
        "审核记录.csv": "审核人,sha256,规则,位置\n"
        f"张三,{mark},AMT-001,项目1!B9\n"
        f"张三,{mark},,\n"
        f"张三,{NOBODY},,\n",
    }
    notes, _ = run(issued, tmp_path, xltool, lists, "b")
    assert notes == [
        f"注意：waivers.csv 第 2 行（{UNIT} 的 AMT-001）没有起作用：这次没有这样的问题；不再需要的，请删去这一行",
        f"注意：意见.csv 第 2 行（{UNIT} 项目1!B8）没有起作用：已过有效期 2020-01-01",
        f"注意：意见.csv 第 3 行（{UNIT} 项目1!B8）没有起作用：只对另一份文件（sha256 00000000…）；"
        "对这份也有效的，请清空“文件”",
        "注意：审核记录.csv 第 2 行没有起作用：这份表没有它写的提醒（AMT-001、项目1!B9）；请核对",
        "注意：审核记录.csv 第 3 行没有起作用：没有填写“摘要”，也没有填写“位置”；请核对",
    ]
