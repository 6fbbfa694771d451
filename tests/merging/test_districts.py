"""Three districts with equal unit codes: every total is exact, and only the returns decide what is merged."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from districts import DISTRICTS, OURS, Region, region
from helpers import own_copy
from merges import files, frames, lines, parts_here, table

from xltool.checking import running
from xltool.merging.merge import merge
from xltool.office.campaign import Campaign

pytestmark = pytest.mark.slow

AMOUNTS = {
    "declaration": ["项目总金额（中期规划，万元）", "本年度项目金额（万元）"],
    "target": [
        *(
            "项目总金额（万元）",
            "本年度项目金额（万元）",
            "财政拨款资金（万元）",
            "其他资金（万元）",
        ),
        *("中央转移支付资金（万元）", "政府购买服务资金（万元）", "固定资产采购金额"),
    ],
}
PROJECTS = {"declaration": 20, "target": 15}  # of a district


@pytest.fixture(autouse=True)
def _parts_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "made_here", parts_here)


@pytest.fixture(scope="module", params=sorted(AMOUNTS))
def example(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def three(example: str) -> Region:
    """The three districts of a form."""
    return region(example)


@pytest.fixture(scope="module")
def city(three: Region, tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    return three.city(tmp_path_factory.mktemp("city") / "city")


@pytest.fixture(scope="module")
def whole(three: Region, city: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the city makes of the three results at once."""
    out = tmp_path_factory.mktemp("whole") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "made_here", parts_here)
        result = merge(list(three.results.values()), out, city, accept_warnings=True)
    units = len(three.districts[OURS].campaign.units)
    assert [entry.outcome for entry in result.entries] == ["merged"] * 3 * units
    return out


# -- the totals, added up again from the returns --------------------------------------------------


@dataclass(frozen=True)
class Project:
    """A project as it stands in a return: whose it is, and its amounts."""

    district: str
    unit: str
    unit_name: str
    department: str
    department_name: str
    amounts: list[Decimal]


def projects_in(three: Region) -> Iterator[Project]:
    """All projects of all returns, read with openpyxl, and their units from units.csv."""
    for code, district in three.districts.items():
        path = district.campaign.folder / "units.csv"
        with path.open(encoding="utf-8-sig", newline="") as file:
            roster = {row["单位代码"]: row for row in csv.DictReader(file)}
        for path in sorted(district.returns.iterdir()):
            row = roster[path.stem]
            for page in openpyxl.load_workbook(path).worksheets:
                found = beside(page) if page.title.startswith("项目") else {}
                if found.get("项目名称"):
                    amounts = [Decimal(str(found[name] or 0)) for name in AMOUNTS[three.example]]
                    who = (row["单位名称"], row["部门代码"], row["主管部门"])
                    yield Project(code, path.stem, *who, amounts)


def beside(page: Any) -> dict[str, Any]:
    """What stands to the right of each text of a sheet; of several like it, of the first one."""
    found: dict[str, Any] = {}
    for row in page.iter_rows():
        for cell, following in pairwise(row):
            if isinstance(cell.value, str):
                found.setdefault(cell.value.rstrip("："), following.value)
    return found


def totals(three: Region, *names: str) -> list[list[Any]]:
    """The lines of a sheet of totals: what it adds up by, how many projects, their sums; and the last line."""
    found: dict[tuple[str, ...], list[Any]] = {}
    count = len(AMOUNTS[three.example])
    whole: list[Any] = [0, *[Decimal(0)] * count]
    for project in projects_in(three):
        line = found.setdefault(
            tuple(getattr(project, name) for name in names), [0, *[Decimal(0)] * count]
        )
        for sums in (line, whole):
            sums[0] += 1
            for place, amount in enumerate(project.amounts, 1):
                sums[place] += amount
    lead = ["合计", *[None] * (len(names) - 1)]
    return [*([*key, *found[key]] for key in sorted(found)), [*lead, *whole]]


def exact(rows: list[tuple[Any, ...]], lead: int) -> list[list[Any]]:
    """Lines of a sheet with their amounts as decimals."""
    return [
        [*row[:lead], row[lead], *(Decimal(str(value)) for value in row[lead + 1 :])]
        for row in rows
    ]


def test_every_total_is_what_the_returns_say(three: Region, whole: Path) -> None:
    path = whole / "汇总表.xlsx"
    labels = AMOUNTS[three.example]
    head, *rows = table(path, "单位合计")
    assert head == ("行政区划", "单位代码", "单位名称", "项目数", *labels)
    assert exact(rows, 3) == totals(three, "district", "unit", "unit_name")
    head, *rows = table(path, "部门合计")
    assert head == ("行政区划", "部门代码", "主管部门", "项目数", *labels)
    assert len(rows) == 3 * 3 + 1  # three departments in each district
    assert exact(rows, 3) == totals(three, "district", "department", "department_name")
    head, *rows = table(path, "地区合计")
    assert head == ("行政区划", "名称", "项目数", *labels)
    assert [row[1] for row in rows] == [*(DISTRICTS[code] for code in sorted(DISTRICTS)), None]
    without = [(row[0], *row[2:]) for row in rows]
    assert exact(without, 1) == totals(three, "district")
    assert rows[-1][2] == 3 * PROJECTS[three.example]


def test_equal_unit_codes_stay_apart(three: Region, whole: Path) -> None:
    units = list(three.districts[OURS].campaign.units)
    found = frames(whole)["submission"].select("district", "unit_code").rows()
    assert found == [(code, unit) for code in sorted(DISTRICTS) for unit in units]
    projects = frames(whole)["project"].group_by("district").len().sort("district").rows()
    assert projects == [(code, PROJECTS[three.example]) for code in sorted(DISTRICTS)]
    ledger = lines(whole / "合并清单.csv")[1:]
    assert [line[:2] for line in ledger] == [list(pair) for pair in found]
    assert {line[4] for line in ledger} == {"已合并"}


# -- trees and orders -----------------------------------------------------------------------------


def lasting(folder: Path) -> dict[str, bytes]:
    """The data and the import files of a result."""
    return {
        name: content
        for name, content in files(folder).items()
        if name.startswith(("data/", "conflicts/", "导入文件"))
    }


def said(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """汇总表 without who accepted warnings, why and when: this depends on who merged."""
    path = folder / "汇总表.xlsx"
    names = openpyxl.load_workbook(path).sheetnames
    found = {name: table(path, name) for name in names}
    head = found["来源"][0]
    assert head[10:13] == ("接受提醒的审核人", "理由", "时间")
    found["来源"] = [(*row[:10], *row[13:]) for row in found["来源"]]
    return found


TREES: dict[str, Any] = {
    "in another order": [2, 0, 1],
    "two and one": [[0, 1], 2],
    "the middle last": [[0, 2], 1],
    "one by one": [[[0], 1], 2],
    "twice": [[0, 1], [1, 2]],
    "as folders of folders": [[[2], [1]], [[0]]],
}


def merged_as(tree: Any, leaves: list[Path], out: Path, campaign: Campaign) -> Path:
    """Merge as a tree says: a number is a leaf, a list one merge."""
    if isinstance(tree, int):
        return leaves[tree]
    parts = [
        merged_as(each, leaves, out.with_name(f"{out.name}-{n}"), campaign)
        for n, each in enumerate(tree)
    ]
    merge(parts, out, campaign, accept_warnings=True)
    return out


@pytest.mark.parametrize("name", TREES)
def test_any_tree_of_merges_gives_the_same(
    three: Region, city: Campaign, whole: Path, tmp_path: Path, name: str
) -> None:
    leaves = list(three.results.values())
    out = merged_as(TREES[name], leaves, tmp_path / "out", city)
    assert lasting(out) == lasting(whole)
    assert said(out) == said(whole)
    for file in ("合并清单.csv", "对账.csv"):
        assert lines(out / file) == lines(whole / file)


def test_parts_of_a_district_give_the_same(
    three: Region, city: Campaign, whole: Path, tmp_path: Path
) -> None:
    """At the district in any tree, and at the city where the parts come beside the other districts."""
    district = three.districts[OURS]
    office = own_copy(district.campaign, tmp_path / "office")
    returns = sorted(district.returns.iterdir())
    shares = [returns[:1], returns[1:3], returns[3:]]
    parts = [tmp_path / f"part{n}" for n in range(3)]
    for share, part in zip(shares, parts, strict=True):
        merge(share, part, office, accept_warnings=True)
    for number, tree in enumerate(([0, 1, 2], [[2, 0], 1], [[1], [[0], 2]])):
        out = merged_as(tree, parts, tmp_path / f"tree{number}", office)
        assert lasting(out) == lasting(three.results[OURS])
        assert said(out) == said(three.results[OURS])
    mixed = merge([parts[0], *returns[1:3], parts[2]], tmp_path / "mixed", office)
    assert mixed.is_complete
    assert lasting(tmp_path / "mixed") == lasting(three.results[OURS])
    others = [path for code, path in three.results.items() if code != OURS]
    above = three.city(tmp_path / "city")
    merge(
        [parts[2], others[0], parts[0], others[1], parts[1]],
        tmp_path / "all",
        above,
        accept_warnings=True,
    )
    assert lasting(tmp_path / "all") == lasting(whole)
    assert said(tmp_path / "all") == said(whole)


def test_renaming_and_touching_change_nothing(three: Region, tmp_path: Path) -> None:
    """Neither of the returns, nor of the results."""
    district = three.districts[OURS]
    office = own_copy(district.campaign, tmp_path / "office")
    back = shutil.copytree(district.returns, tmp_path / "back")
    first = merge([back], tmp_path / "out", office, accept_warnings=True)
    assert (first.changed, first.number) == (True, 1)
    before = files(tmp_path / "out")
    for number, path in enumerate(sorted(back.iterdir(), reverse=True)):
        renamed = path.rename(back / f"{number} 改名.xlsx")
        os.utime(renamed, (1_500_000_000 + number,) * 2)
    again = merge([back], tmp_path / "out", office)
    assert (again.changed, again.number) == (False, 1)
    assert files(tmp_path / "out") == before
    above = three.city(tmp_path / "city")
    merge([tmp_path / "out"], tmp_path / "all", above, accept_warnings=True)
    moved = shutil.copytree(tmp_path / "out", tmp_path / "改名")
    for path in moved.rglob("*"):
        os.utime(path, (1_500_000_000, 1_500_000_000))
    again = merge([moved], tmp_path / "all", above)
    assert (again.changed, again.number) == (False, 1)
