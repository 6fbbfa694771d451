"""A merge compared with another year's: 上年对比.csv; and results that lie in a folder."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import polars as pl
import pytest
from districts import Region, region
from helpers import answers, fill_unit, make_campaign, own_copy

from xltool.errors import OfficeError
from xltool.merging.comparing import COMPARISON, comparison, other_year
from xltool.merging.data_set import DataSet
from xltool.merging.merge import merge
from xltool.merging.places import find_results, without_results
from xltool.office.campaign import Campaign, load_campaign
from xltool.returns.accounting import LeftAside
from xltool.returns.origins import plain
from xltool.returns.reading import read

pytestmark = pytest.mark.usefixtures("parts_made_here")


@pytest.fixture(scope="module")
def three() -> Region:
    return region("target")


@pytest.fixture
def campaign(target: Campaign, tmp_path: Path) -> Campaign:
    return own_copy(target, tmp_path / "campaign")


def lines(folder: Path) -> list[list[str]]:
    """The lines of the comparison without their headings."""
    with (folder / COMPARISON).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]


def test_new_dropped_and_changed_projects(
    campaign: Campaign, good_target: Path, tmp_path: Path
) -> None:
    """One project costs more, one has another name, which is another project."""
    merge([good_target], tmp_path / "last", campaign)
    before = other_year(tmp_path / "last", campaign.folder)
    main = before.tables["project"]
    first, second, *_ = main["project_name"].to_list()
    name, year = pl.col("project_name"), pl.col("amount_year")
    changed = main.with_columns(
        project_name=pl.when(name == first).then(pl.lit("另一个项目")).otherwise(name),
        amount_year=pl.when(name == second).then(year + 100).otherwise(year),
    ).cast({"amount_year": main.schema["amount_year"]})
    now = DataSet(before.form, before.submissions, {**before.tables, "project": changed})
    header, *found = comparison(before, now)
    assert header[6:] == ["栏目", "上年", "本年", "差额"]
    lead = ["440399", "226002", "云岭区图书馆", ""]
    costs = dict(zip(main["project_name"], main["amount_year"], strict=True))
    label = "本年度项目金额（万元）"
    cost, more = plain(costs[first]), plain(costs[second] + 100)
    assert sorted(line for line in found if line[6] == label) == [
        ["取消", *lead, first, label, cost, "", f"-{cost}"],
        ["变动", *lead, second, label, plain(costs[second]), more, "100"],
        ["新增", *lead, "另一个项目", label, "", cost, cost],
    ]
    assert {line[0] for line in found if line[6] != label} == {"新增", "取消"}


def test_nothing_changed(campaign: Campaign, good_target: Path, tmp_path: Path) -> None:
    merge([good_target], tmp_path / "last", campaign)
    found = merge([good_target], tmp_path / "out", campaign, against=tmp_path / "last")
    assert lines(tmp_path / "out") == []
    assert found.changed
    assert not merge([good_target], tmp_path / "out", campaign, against=tmp_path / "last").changed


def test_what_is_no_result_to_compare_with(
    campaign: Campaign, good_target: Path, tmp_path: Path
) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(OfficeError) as error:
        merge([good_target], tmp_path / "out", campaign, against=tmp_path / "none")
    assert error.value.message == "--against 应为以前 xltool merge --out 写出的文件夹"
    merge([good_target], tmp_path / "last", campaign)
    (tmp_path / "last" / "data" / "project.parquet").unlink()
    with pytest.raises(OfficeError) as error:
        merge([good_target], tmp_path / "out", campaign, against=tmp_path / "last")
    assert error.value.message == (
        "合并结果与写出时不同：缺少 data/project.parquet；请向报送的单位重新索取"
    )


def test_approved_targets_may_be_given_so(tmp_path: Path) -> None:
    """A self-evaluation is measured by them as if the campaign named them (SE-021, XW-009)."""
    office = make_campaign("selfeval", tmp_path / "office")
    assert office.targets is not None
    unit = next(iter(office.units))
    good = fill_unit(office, unit, answers("selfeval", unit), tmp_path / "good.xlsx")
    settings = office.folder / "campaign.toml"
    text = settings.read_text(encoding="utf-8")
    told = [line for line in text.splitlines() if line.startswith("targets")]
    settings.write_text(text.replace(told[0], ""), encoding="utf-8")
    without = load_campaign(office.folder)
    assert without.targets is None
    result = merge([good], tmp_path / "out", without, accept_warnings=True, against=office.targets)
    assert [entry.outcome for entry in result.entries] == ["merged"]
    # of these the goal of one project was approved in other words
    target = make_campaign("target", tmp_path / "target", units=[unit])
    data = answers("target", unit)
    data["projects"][0]["年度绩效目标"] += "并完成验收。"
    other = fill_unit(target, unit, data, tmp_path / "other.xlsx")
    merge([other], tmp_path / "others", target, accept_warnings=True)
    result = merge(
        [good], tmp_path / "out2", without, accept_warnings=True, against=tmp_path / "others"
    )
    assert [(entry.outcome, entry.detail) for entry in result.entries] == [
        ("pending", "本级预填或锁定的内容有 1 处错误：SE-021")
    ]


def test_results_in_a_folder_are_merged(three: Region, tmp_path: Path) -> None:
    """They are found however deep they lie, and their workbooks are no returns."""
    for code, result in three.results.items():
        shutil.copytree(result, tmp_path / "up" / "从各区" / code)
    found = find_results([tmp_path / "up"])
    assert [path.name for path in found] == sorted(three.results)
    assert without_results([tmp_path / "up"], found) == []
    city = three.city(tmp_path / "city")
    merged = merge([tmp_path / "up"], tmp_path / "out", city, accept_warnings=True)
    assert {entry.outcome for entry in merged.entries} == {"merged"}
    assert len(merged.entries) == 12
    (tmp_path / "up" / "说明.txt").write_text("dear", encoding="utf-8")
    assert without_results([tmp_path / "up"], found) == [tmp_path / "up"]
    again = merge([tmp_path / "up"], tmp_path / "out", city, accept_warnings=True)
    assert [entry.outcome for entry in again.entries if not entry.unit] == ["unreadable"]
    assert again.batch is not None
    assert (again.batch.accounts.received, again.batch.left_aside) == (1, [])


def test_a_result_is_no_return(three: Region, tmp_path: Path) -> None:
    """Named or found, nothing in it is taken for what a unit handed in; `check` says what it is."""
    result = three.results["440398"]
    with pytest.raises(OfficeError) as error:
        read([result])
    assert error.value.message == "文件夹里没有可检查的文件（未读取：合并结果 1）"
    file = shutil.copyfile(next(three.districts["440398"].returns.iterdir()), tmp_path / "a.xlsx")
    batch = read([file, result], jobs=1)
    assert [each.file for each in batch.submissions] == [str(file)]
    assert batch.left_aside == [LeftAside(str(result), "合并结果")]
