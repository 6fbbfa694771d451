"""Warnings are accepted by unit and rule, or by a line of 审核记录.csv that names the cells: nothing else is."""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from commands import Run, Xltool, in_this_process, refused
from helpers import answers, fill_unit, make_campaign

UNITS = ("226001", "238001")
HEAD = (
    "时间",
    "审核人",
    "理由",
    "单位代码",
    "文件",
    "sha256",
    "提醒",
    "规则",
    "位置",
    "说明",
    "摘要",
)
xltool = pytest.fixture(in_this_process)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign, and the returns of two units that have the same two warnings each."""
    folder = tmp_path_factory.mktemp("accepting")
    campaign = make_campaign("target", folder / "office", units=UNITS)
    (folder / "returns").mkdir()
    for unit in UNITS:
        data = answers("target", unit)
        data["projects"][0]["indicators"][0]["指标内容"] = "长" * 41
        data["projects"][0]["项目概况"] = data["projects"][0]["项目概况"].rstrip("。") + "（"
        fill_unit(campaign, unit, data, folder / "returns" / f"{unit}.xlsx")
        (folder / "returns" / f"{unit}.json").unlink()
    return folder


@pytest.fixture
def folder(origin: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(origin, tmp_path / "work")
    return tmp_path / "work"


class Merging:
    """Merges the returns again and again."""

    def __init__(self, folder: Path, xltool: Xltool) -> None:
        self.folder, self.run = folder, xltool

    def __call__(self, *options: str) -> Run:
        """One merge."""
        words = [self.folder / "returns", "--campaign", self.folder / "office"]
        return self.run("merge", *words, "--out", self.folder / "out", *options)

    @property
    def record(self) -> list[Mapping[str, str]]:
        """The lines of the record."""
        path = self.folder / "office" / "审核记录.csv"
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def digest(self, unit: str) -> str:
        """The SHA-256 of a return."""
        return hashlib.sha256((self.folder / "returns" / f"{unit}.xlsx").read_bytes()).hexdigest()


ACCEPT = ("--accept-warnings", "--reviewer", "甲", "--reason", "已核对")


def test_by_unit_and_rule(folder: Path, xltool: Xltool) -> None:
    merge = Merging(folder, xltool)
    both = "有提醒，未经审核接受，未合并（2 处提醒：TXT-002、TXT-008）"
    assert merge().out.splitlines()[:2] == [f"{unit}.xlsx：{both}" for unit in UNITS]
    some = merge(*ACCEPT, "--unit", "226001", "--rule", "txt-002")
    rest = "有提醒，未经审核接受，未合并（另有 1 处提醒没有接受过：TXT-008；请审核）"
    assert some.out.splitlines()[:2] == [f"226001.xlsx：{rest}", f"238001.xlsx：{both}"]
    kept = ("审核人", "理由", "单位代码", "提醒", "规则", "位置")
    assert [tuple(row[name] for name in kept) for row in merge.record] == [
        ("甲", "已核对", "226001", "1", "TXT-002", "项目1!C14")
    ]
    assert merge().out == some.out  # it is remembered, and nothing else is
    both_rules = ("--rule", "TXT-002", "--rule", "TXT-008")
    done = merge(*ACCEPT, "--unit", "226001", *both_rules)
    assert (done.code, done.out.splitlines()[0]) == (1, f"238001.xlsx：{both}")
    all_units = merge(*ACCEPT, *both_rules)
    assert (all_units.code, len(merge.record)) == (0, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--unit", "226001"),
            "--unit 和 --rule 与 --accept-warnings 一起使用：只接受这些单位、这些规则的提醒",
        ),
        (
            ("--rule", "TXT-002"),
            "--unit 和 --rule 与 --accept-warnings 一起使用：只接受这些单位、这些规则的提醒",
        ),
        ((*ACCEPT, "--unit", "22600l"), "--unit 22600l 不在 units.csv 中，是不是 226002？"),
        ((*ACCEPT, "--rule", "TXT-02"), "--rule TXT-02 不是这张表的规则，是不是 TXT-022？"),
    ],
)
def test_what_is_refused(
    folder: Path, xltool: Xltool, options: tuple[str, ...], message: str
) -> None:
    refused(Merging(folder, xltool)(*options), message)
    assert not (folder / "office" / "审核记录.csv").exists()


def by_hand(merge: Merging, **columns: str) -> None:
    """Write a line into the record, as a reviewer does."""
    row = {"审核人": "乙", "sha256": merge.digest("226001"), **columns}
    with (merge.folder / "office" / "审核记录.csv").open(
        "w", encoding="gb18030", newline=""
    ) as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)


def test_a_line_by_hand_names_rules_and_cells_of_a_file(folder: Path, xltool: Xltool) -> None:
    merge = Merging(folder, xltool)
    by_hand(merge, 规则="TXT-002", 位置="项目1！C14")
    assert merge().out.splitlines()[0] == (
        "226001.xlsx：有提醒，未经审核接受，未合并（另有 1 处提醒没有接受过：TXT-008；请审核）"
    )
    by_hand(merge, 规则="TXT-002、TXT-008", 位置="项目1!C14、项目1!B8")
    assert merge().out.splitlines()[0].startswith("238001.xlsx：有提醒")
    assert merge(*ACCEPT).code == 0
    assert [(row["审核人"], row["规则"]) for row in merge.record] == [
        ("乙", "TXT-002、TXT-008"),
        ("甲", "TXT-002、TXT-008"),
    ]
    assert tuple(merge.record[0]) == HEAD


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"sha256": "甲.xlsx"}, "sha256 应为所审核文件的 sha256（检查记录.csv 里有）"),
        ({"审核人": ""}, "审核人必须填写"),
        ({"规则": ""}, "规则必须填写"),
        ({"规则": "TXT-2"}, "规则“TXT-2”应为规则编号，如 IND-001"),
    ],
)
def test_a_wrong_line_by_hand(
    folder: Path, xltool: Xltool, columns: dict[str, str], message: str
) -> None:
    merge = Merging(folder, xltool)
    by_hand(merge, **{"规则": "TXT-002", "位置": "项目1!C14", **columns})
    refused(merge(), f"{folder / 'office' / '审核记录.csv'} 第 2 行：{message}")
