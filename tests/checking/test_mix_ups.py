"""What belongs to another unit, and lists that the office changed since it issued: notes, no faults."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import polars as pl
import pytest
from helpers import answers, fill_unit, make_campaign, template
from mutations import described

from xltool.checking.parts import Order
from xltool.checking.running import check
from xltool.office.campaign import Campaign, load_campaign
from xltool.prose.text import name_key
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch

OUTDATED = (
    "下发之后，units.csv 或 projects.csv 改过：226001 表中预填的内容与现在的名单不同；"
    "检查仍以下发时的为准，要用新的请重新下发"
)


def judged(campaign: Campaign, *paths: Path) -> tuple[list[str], list[str]]:
    """The lines of a run on these files, and its notes."""
    settings = settings_for(campaign, None)
    verdict = check(Batch([read_file(path, settings) for path in paths], campaign))
    return described(verdict.findings), verdict.skipped


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("226001_{own}.xlsx", ""),
        ("{other}.xlsx", "{code} {other}"),
        ("报送 {code}（改）.xlsx", "{code} {other}"),
        ("{code}_226001.xlsx", ""),
        ("绩效目标表.xlsx", ""),
    ],
)
def test_a_file_under_the_name_of_another_unit(
    target: Campaign, tmp_path: Path, name: str, other: str
) -> None:
    unit = next(u for u in target.units.values() if u.unit_code != "226001")
    words = {"own": target.units["226001"].unit_name, "code": unit.unit_code}
    path = tmp_path / name.format(other=unit.unit_name, **words)
    fill_unit(target, "226001", answers("target", "226001"), path)
    lines, _ = judged(target, path)
    expected = other.format(other=unit.unit_name, **words)
    assert [line for line in lines if line.startswith("XW-002")] == (
        [f"XW-002 info | 文件名写的是单位 {expected}，里面是单位 226001 的表"] if other else []
    )


def test_a_project_of_another_unit_on_a_spare_sheet(target: Campaign, tmp_path: Path) -> None:
    own = target.projects["226001"]
    code, projects = next((u, p) for u, p in target.projects.items() if u != "226001")
    data = answers("target", "226001")
    stranger = {**data["projects"][0], "项目名称": projects[0].values["project_name"]}
    data["projects"] = [*data["projects"], stranger]
    path = fill_unit(target, "226001", data, tmp_path / "a.xlsx")
    lines, _ = judged(target, path)
    sheet = f"项目{len(own) + 1}"
    assert [line for line in lines if line.startswith("XW-002")] == [
        f"XW-002 info {sheet}!B2 | “{stranger['项目名称']}”在 projects.csv 里是单位 "
        f"{code} {target.units[code].unit_name} 的项目，填在了本单位的备用表里"
    ]


def test_lists_that_changed_since_the_issue_are_noted_once(tmp_path: Path) -> None:
    made = make_campaign("target", tmp_path / "office")
    shutil.copyfile(template(made, "226001"), tmp_path / "a.xlsx")
    shutil.copyfile(template(made, "226002"), tmp_path / "b.xlsx")
    assert OUTDATED not in judged(made, tmp_path / "a.xlsx")[1]
    path = made.folder / "projects.csv"
    name = made.projects["226001"][0].values["project_name"]
    path.write_text(path.read_text("utf-8-sig").replace(name, f"{name}二期"), "utf-8")
    changed = load_campaign(made.folder)
    assert judged(changed, tmp_path / "a.xlsx", tmp_path / "b.xlsx")[1].count(OUTDATED) == 1


def test_what_units_are_prefilled_with_stays_at_home(target: Campaign) -> None:
    """Workers know whose a project is, but hold no lists that only an issue needs."""
    campaign = load_campaign(target.folder)
    order = Order(settings_for(campaign, None), campaign).with_owners()
    there = pickle.loads(pickle.dumps(order))
    assert {"projects", "_known", "prefills"} & set(vars(campaign)) == {"projects", "_known"}
    assert {"projects", "_known", "prefills"} & set(vars(there.campaign)) == set()
    name = target.projects["226001"][0].values["project_name"]
    owned = there.owners.known.filter(pl.col("key") == name_key(name))
    assert owned["unit"].to_list() == ["226001"]
