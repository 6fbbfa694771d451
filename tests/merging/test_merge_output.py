"""What a merge writes: provenance, exact types, totals."""

from __future__ import annotations

import csv
import hashlib
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from helpers import answers, fill_unit
from merges import all_returns, frames, parts_here, table

from xltool.checking import running
from xltool.checking.drawers import Stored
from xltool.form.loading import load_form
from xltool.merging import gathering, import_file, import_lines, parquet, summary
from xltool.merging.changes import changes_since
from xltool.merging.data_set import KEY, RECORD, DataSet
from xltool.merging.gathering import gathered
from xltool.merging.merge import merge
from xltool.merging.publication import Publication
from xltool.merging.result import read_proof
from xltool.office.campaign import Campaign
from xltool.write import tables

pytestmark = pytest.mark.usefixtures("parts_made_here")


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
        origin = frame.select(
            "district", "unit_code", "issue_id", "file", "sha256", "sheet", "line"
        )
        assert origin.null_count().row(0) == (0,) * 7
        own = frame.filter(pl.col("unit_code") == "131002")
        assert own["district"].unique().to_list() == ["440399"]
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
        *("项目", "指标", "单位合计", "部门合计", "地区合计", "对账", "来源"),
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
        *("行政区划", "单位代码", "单位名称", "项目数"),
        *("项目总金额（中期规划，万元）", "本年度项目金额（万元）"),
    )
    assert [row[:3] for row in rows] == [
        ("440399", unit, declaration.units[unit].unit_name) for unit in total
    ]
    assert [[Decimal(str(x)) for x in row[3:]] for row in rows] == list(total.values())
    everything = [sum((sums[n] for sums in total.values()), Decimal(0)) for n in range(3)]
    assert last[0] == "合计"
    assert [Decimal(str(x)) for x in last[3:]] == everything
    _, *departments, last = table(path, "部门合计")
    assert [row[:4] for row in departments] == [
        ("440399", "106", "云岭区政务服务和数据管理局", 13),
        ("440399", "131", "云岭区城市管理和综合执法局", 7),
    ]
    assert [Decimal(str(x)) for x in last[3:]] == everything
    head, district, last = table(path, "地区合计")
    assert head[:3] == ("行政区划", "名称", "项目数")
    assert district[:3] == ("440399", declaration.title, 20)
    assert [Decimal(str(x)) for x in district[2:]] == everything
    assert [Decimal(str(x)) for x in last[2:]] == everything
    assert len(table(path, "项目")) == 1 + len(issued)
    assert [row[1] for row in table(path, "来源")[1:]] == list(declaration.units)


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
        ("97.125%以上", "≥", 97.125, "%"),
        ("≤33.98万元", "≤", 33.98, "万元"),
        ("2027年9月30日前", "≤", datetime(2027, 9, 30), None),
    ]
    assert {line[place + 1 : place + 4] for line in lines if line[place] == "不适用"} == {
        (None, None, None)
    }


@pytest.fixture(scope="module")
def result(declaration: Campaign, returns: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The merge of all five units."""
    folder = tmp_path_factory.mktemp("merged") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "made_here", parts_here)
        merge([returns], folder, declaration)
    return folder


@pytest.fixture(scope="module")
def merged(result: Path) -> DataSet:
    """The data set of all five units."""
    return parquet.load(result / "data", load_form("futian_2024_declaration"))


@pytest.fixture(scope="module")
def publication(declaration: Campaign, result: Path, merged: DataSet) -> Publication:
    """What was written there, to be written again."""
    held = merged.of_records(merged.tables["project"].select(RECORD), kept=False)
    return Publication(declaration, merged, held, read_proof(result), [], datetime(2026, 11, 21))


def test_a_large_merge_says_what_a_small_one_does(
    publication: Publication, result: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few rows are worked out together, and whether or not cells are held."""
    for size in ("small", "large"):
        (tmp_path / size).mkdir()
        import_file.save(publication.data, tmp_path / size)
        summary.save(publication, tmp_path / size)
        for store in (import_lines, summary):
            monkeypatch.setattr(store, "_AT_ONCE", 3)
        monkeypatch.setattr(tables, "_HELD", 0)
    for name in ("导入文件.xlsx", "汇总表.xlsx"):
        assert (tmp_path / "small" / name).read_bytes() == (result / name).read_bytes()
        small, large = (openpyxl.load_workbook(tmp_path / n / name) for n in ("small", "large"))
        assert small.sheetnames == large.sheetnames
        for sheet in small.sheetnames:
            assert list(large[sheet].values) == list(small[sheet].values)


def test_a_result_is_the_same_however_small_its_pieces(
    declaration: Campaign,
    returns: Path,
    result: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows go from the parts into the files some at a time, and are compared with earlier ones so."""
    monkeypatch.setattr(gathering, "_AT_ONCE", 1)
    merge([returns], tmp_path / "out", declaration)
    for path in sorted(each for each in result.rglob("*") if each.is_file()):
        name = path.relative_to(result)
        if not name.name.startswith(("manifest", "变更")):  # the number and the time of the merge
            assert (tmp_path / "out" / name).read_bytes() == path.read_bytes(), name
    again = parquet.load(tmp_path / "out" / "data", declaration.form)
    assert list(changes_since(tmp_path / "out", again, declaration.form))[1:] == []


class _Shuffled:
    """Drawers in which the rows of all workbooks lie in any order."""

    def __init__(self, merged: DataSet) -> None:
        tables = enumerate(merged.form.tables)
        self.rows = {(merged.form.id, name): [Stored(0, 9, (n, 0))] for n, name in tables}
        self._merged = merged

    def frame(self, stored: list[Stored]) -> pl.DataFrame:
        """The rows of a table, with the numbers of their workbooks."""
        name = list(self._merged.form.tables)[stored[0].slot[0]]
        numbers = self._merged.submissions.select(*KEY).with_row_index("workbook")
        frame = self._merged.tables[name].join(numbers, on=KEY, how="left")
        names = {name: f"@{name}" for name in ("sheet", "line", "cells", "typed")}
        return frame.rename(names).sample(fraction=1, shuffle=True)


@pytest.mark.parametrize("without", [False, True])
def test_the_order_of_rows_does_not_depend_on_the_parts(
    result: Path, merged: DataSet, without: bool
) -> None:
    """However rows lie, and in whatever order workbooks come; those without a line come first."""
    wanted = dict(merged.tables)
    if without:  # of each record one row, since rows without a line have no order among themselves
        first = pl.col("line") == pl.col("line").min().over(*KEY, "record")
        bare = pl.when(~first).then("line").alias("line")
        wanted = {name: frame.with_columns(bare) for name, frame in wanted.items()}
    drawers: Any = _Shuffled(DataSet(merged.form, merged.submissions, wanted))
    numbered = dict(reversed(list(enumerate(read_proof(result).fates))))
    found = gathered(drawers, merged.form, numbered)
    assert found.submissions.equals(merged.submissions)
    assert len(found.tables) == len(wanted) == 2
    assert all(found.tables[name].equals(frame) for name, frame in wanted.items())
