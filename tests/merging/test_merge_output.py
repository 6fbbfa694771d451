"""What a merge writes: provenance, exact types, totals."""

from __future__ import annotations

import csv
import hashlib
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from helpers import answers, fill_unit
from merges import all_returns, frames, parts_here, table

from xltool.checking import running
from xltool.form.loading import load_form
from xltool.merging import parquet, summary
from xltool.merging.data_set import DataSet
from xltool.merging.joining import join
from xltool.merging.merge import merge
from xltool.office.campaign import Campaign
from xltool.write import tables


@pytest.fixture(autouse=True)
def _parts_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "made_here", parts_here)


@pytest.fixture(scope="module")
def returns(declaration: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the correct returns of all five units."""
    return all_returns(declaration, tmp_path_factory.mktemp("returns"))


def test_every_row_says_where_it_is_from(
    declaration: Campaign, returns: Path, tmp_path: Path
) -> None:
    merge([returns], tmp_path / "out", declaration)
    data = frames(tmp_path / "out")
    issue = declaration.issue_for(declaration.units["131002"])
    digest = hashlib.sha256((returns / "131002.xlsx").read_bytes()).hexdigest()
    for name in ("project", "indicator"):
        frame = data[name]
        origin = frame.select("form", "unit_code", "issue_id", "file", "sha256", "sheet", "line")
        assert origin.null_count().row(0) == (0,) * 7
        own = frame.filter(pl.col("unit_code") == "131002")
        assert own["issue_id"].unique().to_list() == [issue.issue_id]
        assert own["sha256"].unique().to_list() == [digest]
        assert own["file"].unique().to_list() == ["131002.xlsx"]
        assert own["sheet"].unique(maintain_order=True).to_list() == ["项目1", "项目2", "项目3"]
    assert data["project"]["line"].unique().to_list() == [2]
    first = data["indicator"].filter(unit_code="131002", sheet="项目1")
    page = openpyxl.load_workbook(returns / "131002.xlsx")["项目1"]
    assert [page[f"C{row['line']}"].value for row in first.to_dicts()] == first["lv3"].to_list()


def test_types_are_exact(declaration: Campaign, returns: Path, tmp_path: Path) -> None:
    merge([returns], tmp_path / "out", declaration)
    schema = frames(tmp_path / "out")["project"].schema
    assert schema["amount_total"] == schema["amount_year"] == pl.Decimal(24, 2)
    assert (schema["project_code"], schema["period_years"]) == (pl.String(), pl.Int64())
    years = frames(tmp_path / "out")["project"]["amount_year"].to_list()
    with (declaration.folder / "projects.csv").open(encoding="utf-8-sig", newline="") as file:
        issued = [row["本年度项目金额（万元）"].replace(",", "") for row in csv.DictReader(file)]
    assert sum(years) == sum(map(Decimal, issued))


def test_dates_are_dates(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    merge([good_target], tmp_path / "out", target)
    frame = frames(tmp_path / "out")["project"]
    assert (frame.schema["start_date"], frame.schema["amount_other"]) == (
        pl.Date(),
        pl.Decimal(24, 2),
    )


def test_the_summary_adds_up(declaration: Campaign, returns: Path, tmp_path: Path) -> None:
    merge([returns], tmp_path / "out", declaration)
    path = tmp_path / "out" / "汇总表.xlsx"
    assert openpyxl.load_workbook(path).sheetnames == [
        "项目",
        "指标",
        "单位合计",
        "部门合计",
        "来源",
    ]
    with (declaration.folder / "projects.csv").open(encoding="utf-8-sig", newline="") as file:
        issued = list(csv.DictReader(file))
    total: dict[str, list[Decimal]] = {}
    for row in issued:
        sums = total.setdefault(row["单位代码"], [Decimal(0), Decimal(0), Decimal(0)])
        sums[0] += 1
        sums[1] += Decimal(row["项目总金额（中期规划，万元）"].replace(",", ""))
        sums[2] += Decimal(row["本年度项目金额（万元）"].replace(",", ""))
    head, *rows, last = table(path, "单位合计")
    assert head == (
        *("单位代码", "单位名称", "项目数"),
        *("项目总金额（中期规划，万元）", "本年度项目金额（万元）"),
    )
    assert [row[0] for row in rows] == list(total)
    assert [[Decimal(str(x)) for x in row[2:]] for row in rows] == list(total.values())
    everything = [sum((sums[n] for sums in total.values()), Decimal(0)) for n in range(3)]
    assert last[0] == "合计"
    assert [Decimal(str(x)) for x in last[2:]] == everything
    _, *departments, last = table(path, "部门合计")
    assert [row[:3] for row in departments] == [
        ("106", "云岭区政务服务和数据管理局", 13),
        ("131", "云岭区城市管理和综合执法局", 7),
    ]
    assert [Decimal(str(x)) for x in last[2:]] == everything
    assert len(table(path, "项目")) == 1 + len(issued)
    assert [row[0] for row in table(path, "来源")[1:]] == list(declaration.units)


def test_values_in_sign_number_and_unit(declaration: Campaign, tmp_path: Path) -> None:
    data = answers("declaration", "106003")
    texts = ["≥42家", "≥1.5万张", "建成", "≥2次/周", "≥2天或16小时", "97.125%以上", "≤33.98万元"]
    rows = data["projects"][0]["indicators"]
    for row, text in zip(rows, texts, strict=False):
        row["指标值"] = text
    rows[7]["指标值"] = "2027年9月30日前"
    path = fill_unit(declaration, "106003", data, tmp_path / "106003.xlsx")
    merge([path], tmp_path / "out", declaration, accept_warnings=True)
    head, *lines = table(tmp_path / "out" / "汇总表.xlsx", "指标")
    place = head.index("指标值")
    assert head[place : place + 5] == ("指标值", "计算符号", "数值", "计量单位", "指标解释")
    assert [line[place : place + 4] for line in lines[:8]] == [
        ("≥42家", "≥", 42, "家"),
        ("≥1.5万张", "≥", 15000, "张"),
        ("建成", None, None, None),
        ("≥2次/周", "≥", 2, "次/周"),
        ("≥2天或16小时", None, None, None),
        ("97.125%以上", "≥", "97.125", "%"),
        ("≤33.98万元", "≤", 33.98, "万元"),
        ("2027年9月30日前", "≤", datetime(2027, 9, 30), None),
    ]
    assert {line[place + 1 : place + 4] for line in lines if line[place] == "不适用"} == {
        (None, None, None)
    }


@pytest.fixture(scope="module")
def merged(
    declaration: Campaign, returns: Path, tmp_path_factory: pytest.TempPathFactory
) -> DataSet:
    """The data set of all five units."""
    folder = tmp_path_factory.mktemp("merged") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "made_here", parts_here)
        merge([returns], folder, declaration)
    return parquet.load(folder, load_form("futian_2024_declaration"))[0]


def test_a_large_merge_says_what_a_small_one_does(
    merged: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few rows are worked out together, and whether or not cells are held."""
    summary.save(merged, tmp_path / "small")
    monkeypatch.setattr(summary, "_AT_ONCE", 3)
    monkeypatch.setattr(tables, "_HELD", 0)
    summary.save(merged, tmp_path / "large")
    small, large = (
        openpyxl.load_workbook(tmp_path / n / "汇总表.xlsx") for n in ("small", "large")
    )
    assert small.sheetnames == large.sheetnames
    for sheet in small.sheetnames:
        assert list(large[sheet].values) == list(small[sheet].values)


def test_the_order_of_rows_does_not_depend_on_the_parts(merged: DataSet) -> None:
    """However rows lie, and where some are there twice; those without a line come first."""
    parts = []
    for condition in (pl.col("unit_code") < "131", pl.col("unit_code") >= "106003"):
        part = merged.having(condition)
        mixed = {
            name: frame.sample(fraction=1, shuffle=True) for name, frame in part.tables.items()
        }
        parts.append(DataSet(merged.form, part.submissions, mixed))
    joined = join(merged.form, parts)
    assert joined.submissions.equals(merged.submissions)
    assert all(joined.tables[name].equals(frame) for name, frame in merged.tables.items())
    without = {
        name: frame.with_columns(line=pl.when(pl.int_range(pl.len()) % 2 == 0).then("line"))
        for name, frame in merged.tables.items()
    }
    again = join(merged.form, [DataSet(merged.form, merged.submissions, without)])
    for name, frame in without.items():
        wanted = frame.sort("unit_code", "sha256", "record", "line", maintain_order=True)
        assert again.tables[name].equals(wanted)
