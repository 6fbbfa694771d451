"""datapackage.json: valid for the frictionless library, with the rows that it describes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from frictionless import Package
from many_rows import many_rows

from xltool.form.loading import load_form
from xltool.merging import datapackage, parquet
from xltool.merging.data_set import SUBMISSION, DataSet, schema_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A result's files: Parquet and what describes it."""
    data = many_rows(10)
    parquet.save(data, tmp_path / parquet.DATA)
    datapackage.save(data, tmp_path)
    return tmp_path


def package(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return found


def with_rows(folder: Path) -> dict[str, Any]:
    """The package with its rows in it: frictionless reads Parquet only with the help of pandas."""
    found = package(folder)
    for resource in found["resources"]:
        del resource["format"], resource["mediatype"]
        resource["data"] = pl.read_parquet(folder / resource.pop("path")).to_dicts()
    return found


def test_the_descriptor(folder: Path) -> None:
    found = package(folder)
    assert list(Package.metadata_validate(found)) == []
    assert {name: found[name] for name in ("name", "title", "version")} == {
        "name": "futian-2024-declaration",
        "title": "二级项目支出绩效目标申报表",
        "version": "2024.1",
    }
    paths = ["data/submission.parquet", "data/project.parquet", "data/indicator.parquet"]
    assert [resource["path"] for resource in found["resources"]] == paths
    schema = found["resources"][1]["schema"]
    fields = {field["name"]: field for field in schema["fields"]}
    assert list(fields) == pl.read_parquet(folder / paths[1]).columns
    assert fields["amount_year"] == {
        "name": "amount_year",
        "type": "number",
        "title": "本年度项目金额（万元）",
        "unit": "万元",
    }
    assert fields["record"] == {
        "name": "record",
        "type": "integer",
        "title": "第几张",
        "constraints": {"required": True},
    }
    assert schema["primaryKey"] == ["district", "unit_code", "sha256", "record"]
    assert schema["foreignKeys"] == [
        {
            "fields": ["district", "unit_code", "sha256"],
            "reference": {
                "resource": "submission",
                "fields": ["district", "unit_code", "sha256"],
            },
        }
    ]


def test_the_rows_are_as_described(folder: Path) -> None:
    report = Package.from_descriptor(with_rows(folder)).validate()
    assert report.flatten(["type", "rowNumber", "fieldName"]) == []
    assert [task.stats["rows"] for task in report.tasks] == [2, 10, 150]


def test_rows_that_are_not_as_described(folder: Path) -> None:
    found = with_rows(folder)
    submission, project, indicator = (resource["data"] for resource in found["resources"])
    submission.append(submission[0])
    project[1]["amount_year"] = "很多"
    indicator[3]["unit_code"] = "999999"
    report = Package.from_descriptor(found).validate()
    assert report.flatten(["type", "rowNumber", "fieldName"]) == [
        ["primary-key", 4, None],
        ["type-error", 3, "amount_year"],
        ["foreign-key", 5, None],
    ]


@pytest.mark.parametrize(
    "name", ["longgang_2023_budget", "longhua_2021_selfeval", "longhua_2021_target"]
)
def test_other_forms(name: str, tmp_path: Path) -> None:
    form = load_form(name)
    tables = {table: pl.DataFrame(schema=schema_of(form, table)) for table in form.tables}
    data = DataSet(form, pl.DataFrame(schema=SUBMISSION), tables)
    parquet.save(data, tmp_path / parquet.DATA)
    datapackage.save(data, tmp_path)
    assert list(Package.metadata_validate(package(tmp_path))) == []
    kinds = {
        field["type"]
        for resource in package(tmp_path)["resources"]
        for field in resource["schema"]["fields"]
    }
    assert kinds == {"string", "integer", "number"} | ({"date"} if "target" in name else set())
