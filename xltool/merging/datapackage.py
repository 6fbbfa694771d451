"""datapackage.json: what stands in the Parquet files, as Frictionless says it (datapackage.org).

It is made of the files as they lie in the folder: their columns, types and keys; the titles are those printed
on the form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from xltool.fields.kinds import Field
from xltool.merging.data_set import KEY, RECORD, DataSet
from xltool.merging.parquet import DATA, SUBMISSIONS

DESCRIPTOR = "datapackage.json"
_TITLES = {
    "form": "表",
    "version": "表的版本",
    "fy": "年度",
    "district": "行政区划",
    "unit_code": "单位代码",
    "unit_name": "单位名称",
    "department_code": "部门代码",
    "department": "主管部门",
    "issue_id": "签发编号",
    "file": "来源文件",
    "sha256": "来源文件的 SHA-256",
    "sheet": "来源工作表",
    "record": "第几张",
    "line": "行",
    "cells": "各栏目所在的单元格",
    "typed": "单位原来填写的写法",
}


def save(data: DataSet, folder: Path) -> None:
    """Describe the Parquet files that lie in a folder, beside them."""
    form = data.form
    resources = [_resource(folder, SUBMISSIONS, "交回的表", {}, KEY)]
    for name, table in form.tables.items():
        key = RECORD if table is form.record_table else ()
        resources.append(_resource(folder, name, table.title, table.fields, key))
    package = {
        "name": form.id.lower().replace("_", "-"),
        "title": form.title,
        "version": form.version,
        "resources": resources,
    }
    text = json.dumps(package, ensure_ascii=False, indent=2)
    (folder / DESCRIPTOR).write_text(text + "\n", encoding="utf-8", newline="\n")


def _resource(
    folder: Path, name: str, title: str, fields: Mapping[str, Field], key: Sequence[str]
) -> dict[str, Any]:
    """One file: its fields, its key, and that its rows belong to a submission."""
    path = Path(DATA) / f"{name}.parquet"
    types = pl.read_parquet_schema(folder / path)
    schema: dict[str, Any] = {
        "fields": [_field(n, dtype, fields.get(n), n in key) for n, dtype in types.items()]
    }
    if key:
        schema["primaryKey"] = list(key)
    if name != SUBMISSIONS:
        reference = {"resource": SUBMISSIONS, "fields": list(KEY)}
        schema["foreignKeys"] = [{"fields": list(KEY), "reference": reference}]
    return {
        "name": name,
        "title": title,
        "path": path.as_posix(),
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "schema": schema,
    }


def _field(name: str, dtype: pl.DataType, field: Field | None, in_key: bool) -> dict[str, Any]:
    """One column. What the form limits is not said: a reviewer may have let it pass."""
    told: dict[str, Any] = {"name": name, "type": _type(dtype)}
    title = field.short_label if field else _TITLES.get(name)
    if title:
        told["title"] = title
    if field and field.unit:
        told["unit"] = field.unit
    if in_key:
        told["constraints"] = {"required": True}
    return told


def _type(dtype: pl.DataType) -> str:
    if dtype.is_integer():
        return "integer"
    if dtype.is_numeric():
        return "number"
    if isinstance(dtype, pl.Boolean):
        return "boolean"
    if isinstance(dtype, pl.List):
        return "array"
    return "date" if isinstance(dtype, pl.Date) else "string"
