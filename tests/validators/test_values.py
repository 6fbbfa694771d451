"""What names let one expect, how the rules read a value, and that comparing projects stays cheap."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import polars as pl
import pytest

from xltool.form.loading import load_form
from xltool.prose.expectations import (
    canonical_level,
    expected_direction,
    expected_kind,
    stated_unit,
)

aims, copies = (import_module(f"xltool.validators.shared.{name}") for name in ("aims", "copies"))


@pytest.mark.parametrize(
    ("printed", "level"),
    [
        ("数量", "quantity"),
        ("*数量指标", "quantity"),
        ("时效指标", "timeliness"),
        ("*成本", "cost"),
        ("经济成本指标", "cost"),
        ("*社会效益指标", "social"),
        ("可持续影响", "sustainable"),
        ("满意度", "served_satisfaction"),
        ("满意度指标", "served_satisfaction"),
        ("*服务对象满意度指标", "served_satisfaction"),
        ("其他满意度", "other_satisfaction"),
        ("效率指标", None),
        (None, None),
    ],
)
def test_levels(printed: str | None, level: str | None) -> None:
    assert canonical_level(printed) == level


def test_every_level_of_every_form_is_known() -> None:
    for form in ("futian_2024_declaration", "futian_2022_declaration", "longhua_2021_target"):
        for _, lv2, _ in load_form(form).tables["indicator"].catalogue:
            assert canonical_level(lv2) is not None


@pytest.mark.parametrize(
    ("name", "kind", "direction"),
    [
        ("培训合格率", "percent", "ge"),
        ("数据不合格率", "percent", None),
        ("工作效率", None, None),
        ("核查频率", "time", None),
        ("短信发送成功率", "percent", None),
        ("设备故障率", "percent", "le"),
        ("人口信息未注销率", "percent", "le"),
        ("培训对象投诉率", "percent", "le"),
        ("投诉处理率", "percent", None),
        ("投诉处理满意度", "satisfaction", "ge"),
        ("违规户外广告拆除数量", "count", None),
        ("受理投诉件数", "count", None),
        ("无事故天数", "count", None),
        ("安全责任事故起数", "count", "le"),
        ("群众满意度（%）", "satisfaction", "ge"),
        ("补助发放及时性", "promptness", None),
        ("整改及时率", "percent", "ge"),
        ("工程完成时间", "time", None),
        ("培训总成本", None, "le"),
        ("降低企业成本", None, None),
        ("维修费用", None, "le"),
        ("培训人数", "count", None),
        ("居民幸福感", None, None),
    ],
)
def test_expectations(name: str, kind: str | None, direction: str | None) -> None:
    assert (expected_kind(name), expected_direction(name)) == (kind, direction)


@pytest.mark.parametrize(
    ("name", "unit"),
    [("满意度（％）", "%"), ("培训人数(人)", "人"), ("培训人数", None), ("采集（核查）数", None)],
)
def test_units_in_names(name: str, unit: str | None) -> None:
    assert stated_unit(name) == unit


def test_a_value_in_three_columns_is_one() -> None:
    apart = load_form("national_2015_declaration").tables["indicator"]
    whole = load_form("futian_2024_declaration").tables["indicator"]
    assert aims.target_columns(apart) == ["target_op", "target", "target_unit"]
    assert aims.target_columns(whole) == ["target"]
    rows = pl.DataFrame(
        {
            "lv2": ["数量指标", "质量指标", "质量指标", "质量指标"],
            "lv3": ["培训次数", "合格率", "合格率", "合格率"],
            "fy": [2027] * 4,
            "target_op": ["≥", None, "≥", None],
            "target": ["2", "良好", None, None],
            "target_unit": ["次", None, None, None],
        }
    )
    text = rows.select(aims.target_text(apart)).to_series().to_list()
    assert text == ["≥2次", "良好", "≥", ""]
    seen: list[Any] = []

    def look(aim: Any) -> str:
        seen.append(aim)
        return str(aim.target.canonical)

    said = rows.select(aims.aimed(apart, look)).to_series().to_list()
    assert said == ["≥2次", "良好", None, None]  # a sign alone is no value
    assert [(aim.level, aim.name, aim.target.kind) for aim in seen] == [
        ("quantity", "培训次数", "number"),
        ("quality", "合格率", "qualitative"),
    ]


def frame(names: list[list[str]], *, units: int) -> pl.DataFrame:
    """An indicator frame: for each project the names of its indicators."""
    rows: list[dict[str, Any]] = [
        {
            "workbook": number % units,
            "record": number // units,
            "unit_code": f"{number % units:06}",
            "project_name": f"项目{number}",
            "lv2": "*数量指标",
            "lv3": name,
            "target": "≥1次",
            "note": "说明",
            "used": True,
        }
        for number, project in enumerate(names)
        for name in project
    ]
    return pl.DataFrame(rows)


PROJECTS = {
    "same": [[f"指标{n}" for n in range(15)] for _ in range(2000)],
    "near": [[f"指标{n}" for n in range(14)] + [f"独有{p}"] for p in range(2000)],
    "half": [
        [f"指标{n}" for n in range(8)] + [f"独有{p}-{n}" for n in range(7)] for p in range(2000)
    ],
}


def counted(alike: Callable[..., bool], results: list[bool]) -> Callable[..., bool]:
    """The same function, which notes each of its answers."""

    def compare(*projects: object) -> bool:
        results.append(alike(*projects))
        return results[-1]

    return compare


@pytest.mark.parametrize(
    ("kind", "units", "same_unit", "found"),
    [
        ("same", 1, True, 1),
        ("same", 400, True, 400),
        ("same", 2000, False, 2000),
        ("near", 1, True, 0),  # 14 of 16: not yet 90 %
        ("half", 400, False, 0),
    ],
)
def test_copies_among_2000_projects(
    monkeypatch: pytest.MonkeyPatch, kind: str, units: int, same_unit: bool, found: int
) -> None:
    compared: list[bool] = []
    monkeypatch.setattr(copies, "_alike", counted(copies._alike, compared))
    indicator = load_form("futian_2024_declaration").tables["indicator"]
    rows = frame(PROJECTS[kind], units=units)
    rule = copies.indicators_are_copied if same_unit else copies.indicators_are_copied_across_units
    judgement = rule.function(indicator)
    assert rows.select(judgement.bad.sum()).item() == found
    assert len(compared) <= 2000 * 2 * copies._MOST_COMPARED  # of two million pairs


def test_nine_tenths_are_a_copy() -> None:
    first = [f"指标{n}" for n in range(19)]
    rows = frame([[*first, "甲"], [*first, "乙"]], units=1)
    indicator = load_form("futian_2024_declaration").tables["indicator"]
    judgement = copies.indicators_are_copied.function(indicator)
    bad = rows.filter(judgement.bad)
    assert bad["project_name"].to_list() == ["项目0"]  # 19 of 21
    rows = frame([[*first[:9], "甲"], [*first[:9], "乙"]], units=1)
    assert rows.filter(judgement.bad).is_empty()  # 9 of 11
