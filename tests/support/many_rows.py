"""Data sets of any size, made without workbooks: projects of many units, with their indicators."""

from __future__ import annotations

import hashlib
from decimal import Decimal

import polars as pl

from xltool.form.loading import load_form
from xltool.merging.data_set import SUBMISSION, DataSet, schema_of

FORM = "futian_2024_declaration"
OF_UNIT = 5  # projects
OF_PROJECT = 15  # indicators


def many_rows(projects: int, edition: int = 0) -> DataSet:
    """So many projects, five of a unit; another `edition` has other amounts in each third unit."""
    form = load_form(FORM)
    units = -(-projects // OF_UNIT)
    submissions = pl.DataFrame(
        [
            {
                "form": FORM,
                "version": form.version,
                "fy": 2027,
                "district": f"44030{unit % 9}",
                "unit_code": f"{unit:06}",
                "unit_name": f"第{unit}单位",
                "department_code": f"{unit // 100:03}",
                "department": f"第{unit // 100}局",
                "issue_id": f"I{unit}",
                "file": f"{unit:06}.xlsx",
                "sha256": digest(unit, edition),
            }
            for unit in range(units)
        ],
        schema=SUBMISSION,
    )
    tables = {"project": _projects(projects, edition), "indicator": _indicators(projects, edition)}
    typed = {
        name: frame.select(
            pl.col(n).cast(dtype) if n in frame.columns else pl.lit(None, dtype).alias(n)
            for n, dtype in schema_of(form, name).items()
        )
        for name, frame in tables.items()
    }
    return DataSet(form, submissions, typed)


def amount(project: int, edition: int) -> Decimal:
    """What a project costs this year."""
    more = edition if (project // OF_UNIT) % 3 == 0 else 0
    return Decimal((project * 62_710_561 + more * 31) % 99_999_989 + 1) / 100


def total(projects: int, edition: int) -> Decimal:
    """What all projects cost this year, exactly."""
    return sum((amount(project, edition) for project in range(projects)), Decimal(0))


def digest(unit: int, edition: int) -> str:
    """The digest of a unit's file."""
    return hashlib.sha256(f"{unit} {edition if unit % 3 == 0 else 0}".encode()).hexdigest()


def _origin(project: int, edition: int) -> dict[str, object]:
    unit, record = divmod(project, OF_UNIT)
    return {
        "district": f"44030{unit % 9}",
        "unit_code": f"{unit:06}",
        "issue_id": f"I{unit}",
        "file": f"{unit:06}.xlsx",
        "sha256": digest(unit, edition),
        "sheet": f"项目{record + 1}",
        "record": record,
        "cells": "B2,E5",
    }


def _projects(projects: int, edition: int) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                **_origin(project, edition),
                "line": 2,
                "project_code": f"4403{project:017}",
                "project_name": f"第{project}个项目\t“甲\\乙”\n二期",
                "period_years": 1 + project % 3,
                "amount_total": amount(project, edition) * 2,
                "amount_year": amount(project, edition),
                "goal_year": "完成年度任务，" * 10,
                "goal_long": "" if project % 2 else None,
            }
            for project in range(projects)
        ],
        schema_overrides={"amount_total": pl.Decimal(24, 2), "amount_year": pl.Decimal(24, 2)},
    )


def _indicators(projects: int, edition: int) -> pl.DataFrame:
    """Made from the frame of projects, for there are many of them."""
    origins = pl.DataFrame([_origin(project, edition) for project in range(projects)])
    each = pl.DataFrame(
        {
            "line": range(10, 10 + OF_PROJECT),
            "lv1": ["产出指标"] * OF_PROJECT,
            "lv2": ["数量指标", "质量指标", "时效指标"] * (OF_PROJECT // 3),
            "lv3": [f"第{n}项工作完成数量" for n in range(OF_PROJECT)],
            "target": [f"≥{n + 1}场" for n in range(OF_PROJECT)],
            "note": ["按全年工作计划填写的指标解释"] * OF_PROJECT,
        }
    )
    return origins.join(each, how="cross")
