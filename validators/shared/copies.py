"""照抄：不同项目的目标或指标相同，各项目的选项千篇一律（docs/domain.md §10.4、§10.6、§10.10）。"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl
from xltool.validators.shared.indicators import is_real_row

from xltool.fields.measures import length, name_key, normalised, some_of
from xltool.rules import FormTable, Lookup, Offence, rule

ALIKE = 0.9  # Jaccard: common indicators by all indicators of two projects
FEWEST_INDICATORS = 3
FEWEST_CHARACTERS = 15  # a goal shorter than that may well be the same by chance
FEWEST_PROJECTS = 5
_MOST_COMPARED = 200
_NAME = {"project_name": Lookup("project", pl.col("project_name").first(), pl.String())}


@dataclass(frozen=True, slots=True)
class _Project:
    """A project with its indicators, which are numbered; `row` is the first of them."""

    workbook: int
    row: int
    unit: str
    name: str
    indicators: frozenset[int]


def _copy_of(projects: Iterable[_Project], *, same_unit: bool) -> dict[int, _Project]:
    """First row of a project → another project with nearly the same indicators.

    Two sets that are 90 % alike share one of their rarest few members: only projects that do are
    compared, and no project with more than 200 others, so 2,000 projects take a fraction of a second.
    """
    listed = [p for p in projects if len(p.indicators) >= FEWEST_INDICATORS]
    common = Counter(indicator for project in listed for indicator in project.indicators)
    seen: defaultdict[int, list[_Project]] = defaultdict(list)
    found: dict[int, _Project] = {}
    for project in listed:
        rarest = sorted(project.indicators, key=lambda indicator: (common[indicator], indicator))
        size = len(rarest)
        keys = rarest[: size - math.ceil(ALIKE * size) + 1]
        others = (other for key in keys for other in seen[key][:_MOST_COMPARED])
        match = next((o for o in others if _alike(project, o, same_unit=same_unit)), None)
        if match is not None:
            found[project.row] = match
            found.setdefault(match.row, project)
        for key in keys:
            seen[key].append(project)
    return found


def _alike(one: _Project, other: _Project, *, same_unit: bool) -> bool:
    if (one.unit == other.unit) != same_unit or (same_unit and one.name == other.name):
        return False  # the same project twice is DUP-001
    both = len(one.indicators & other.indicators)
    return both >= ALIKE * (len(one.indicators) + len(other.indicators) - both)


def _copied(indicator: FormTable, *, same_unit: bool) -> pl.Expr:
    """On the first indicator of a project that is a copy: unit and name of the other one."""
    kind = pl.Struct({"unit": pl.String(), "name": pl.String()})

    def find(rows: pl.Series) -> pl.Series:
        copies: dict[int, _Project] = {}
        for some in _compared(_projects(rows.struct.unnest()), same_unit=same_unit):
            copies |= _copy_of(some, same_unit=same_unit)
        said = [{"unit": copy.unit, "name": copy.name} for copy in copies.values()]
        places: list[int | None] = [None] * len(rows)
        for number, place in enumerate(copies):
            places[place] = number
        found = pl.Series(rows.name, said, dtype=kind)
        return found.gather(pl.Series(places, dtype=pl.UInt32))

    unit = pl.coalesce("unit_code", pl.format("（第 {} 份）", pl.col("workbook") + 1))
    return pl.struct(
        "workbook",
        "record",
        "lv2",
        "project_name",
        unit.alias("unit"),
        name_key("lv3").alias("name"),
        (is_real_row(indicator) & pl.col("used")).alias("real"),
    ).map_batches(find, return_dtype=kind)


def _compared(projects: Sequence[_Project], *, same_unit: bool) -> Iterable[Sequence[_Project]]:
    """The projects that are compared with each other: those of a workbook, or those of all units.

    These by unit and name: what is found does not depend on the order in which workbooks came.
    """
    if not same_unit:
        return [sorted(projects, key=lambda project: (project.unit, project.name))]
    groups: defaultdict[int, list[_Project]] = defaultdict(list)
    for project in projects:
        groups[project.workbook].append(project)
    return groups.values()


def _projects(rows: pl.DataFrame) -> list[_Project]:
    """The projects of an indicator frame, with their real indicators."""
    named = rows.with_row_index("row").filter("real", pl.col("name").fill_null("") != "")
    indicator = pl.format("{}\x1f{}", pl.col("lv2").fill_null("None"), "name")
    # numbers in the order of the texts, which a province has a million of
    numbered = named.with_columns(indicators=indicator.rank("dense").cast(pl.UInt32))
    projects = numbered.group_by("workbook", "record", maintain_order=True).agg(
        pl.col("row", "unit", "project_name").first(), "indicators"
    )
    return [
        _Project(workbook, row, unit, project or "", frozenset(indicators))
        for workbook, _, row, unit, project, indicators in projects.iter_rows()
    ]


@rule(
    "IND-013",
    on="indicator",
    cells=["lv3"],
    severity="warning",
    message="本项目的指标与本单位项目“{other}”的几乎全部相同",
    hint="请按本项目的内容设置指标",
    using=_NAME,
)
def indicators_are_copied(indicator: FormTable) -> Offence:
    """同一份表里的两个项目，指标不应几乎全部相同（九成以上）。问题标在项目的第一行指标上。

    | record | lv2       | lv3      | project_name |     |
    | 1      | *数量指标 | 培训次数 | 甲           | bad |
    | 1      | *数量指标 | 培训人数 | 甲           | ok  |
    | 1      | *质量指标 | 合格率   | 甲           | ok  |
    | 2      | *数量指标 | 培训次数 | 乙           | bad |
    | 2      | *数量指标 | 培训人数 | 乙           | ok  |
    | 2      | *质量指标 | 合格率   | 乙           | ok  |
    | 3      | *数量指标 | 培训次数 | 丙           | ok  |
    | 3      | *数量指标 | 购书数量 | 丙           | ok  |
    | 3      | *质量指标 | 合格率   | 丙           | ok  |
    """
    copied = _copied(indicator, same_unit=True)
    return Offence(copied.is_not_null(), {"other": copied.struct.field("name")})


@rule(
    "XW-008",
    on="indicator",
    together=True,
    cells=["lv3"],
    severity="warning",
    message="本项目的指标与单位 {unit} 项目“{other}”的几乎全部相同",
    hint="请按本项目的内容设置指标",
    using=_NAME,
)
def indicators_are_copied_across_units(indicator: FormTable) -> Offence:
    """两个单位的项目，指标不应几乎全部相同（九成以上）。问题标在项目的第一行指标上。

    | workbook | unit_code | lv2       | lv3      | project_name |     |
    | 1        | 106001    | *数量指标 | 培训次数 | 甲           | bad |
    | 1        | 106001    | *数量指标 | 培训人数 | 甲           | ok  |
    | 1        | 106001    | *质量指标 | 合格率   | 甲           | ok  |
    | 2        | 106002    | *数量指标 | 培训次数 | 乙           | bad |
    | 2        | 106002    | *数量指标 | 培训人数 | 乙           | ok  |
    | 2        | 106002    | *质量指标 | 合格率   | 乙           | ok  |
    | 3        | 106003    | *数量指标 | 购书数量 | 丙           | ok  |
    | 3        | 106003    | *数量指标 | 培训人数 | 丙           | ok  |
    | 3        | 106003    | *质量指标 | 合格率   | 丙           | ok  |
    """
    copied = _copied(indicator, same_unit=False)
    fields = {"unit": copied.struct.field("unit"), "other": copied.struct.field("name")}
    return Offence(copied.is_not_null(), fields)


def _same_goal(project: FormTable, field: str) -> list[Offence]:
    """Projects of a unit whose goals say the same. A form without that goal has no such rule."""
    if field not in project.fields:
        return []
    group = ("workbook", _goal(field))
    several = name_key("project_name").n_unique().over(group) > 1
    names = pl.col("project_name").unique(maintain_order=True).str.join("、").over(group)
    return [Offence(_goal(field).is_not_null() & several, {"projects": names})]


def _goal(field: str) -> pl.Expr:
    """A goal as it is compared; null where it is too short to tell."""
    return pl.when(length(field) >= FEWEST_CHARACTERS).then(normalised(field))


@rule(
    "DUP-002",
    on="project",
    cells=["goal_year"],
    severity="warning",
    message="几个项目的{goal_year.label}完全相同：{projects}",
    hint="请按各项目的内容分别填写",
)
def goal_is_copied(project: FormTable) -> list[Offence]:
    """同一单位的两个项目，年度目标不应相同。

    | project_name | goal_year                            |     |
    | 甲           | 完成网格巡查平台建设并通过第三方验收 | bad |
    | 乙           | 完成网格巡查平台建设并通过第三方验收 | bad |
    | 丙           | 完成全部社区网格驿站的建设并投入使用 | ok  |
    """
    return _same_goal(project, "goal_year")


@rule(
    "DUP-002",
    on="project",
    cells=["goal_midterm"],
    severity="warning",
    message="几个项目的项目总（中期）目标完全相同：{projects}",
    hint="请按各项目的内容分别填写",
)
def midterm_goal_is_copied(project: FormTable) -> list[Offence]:
    """同一单位的两个项目，总（中期）目标不应相同。

    | project_name | goal_midterm                         |     |
    | 甲           | 完成网格巡查平台建设并通过第三方验收 | bad |
    | 乙           | 完成网格巡查平台建设并通过第三方验收 | bad |
    | 丙           | 完成全部社区网格驿站的建设并投入使用 | ok  |
    """
    return _same_goal(project, "goal_midterm")


@rule(
    "DUP-002",
    on="project",
    cells=["goal_long"],
    severity="warning",
    message="几个项目的长期目标完全相同：{projects}",
    hint="请按各项目的内容分别填写",
)
def long_goal_is_copied(project: FormTable) -> list[Offence]:
    """同一单位的两个项目，长期目标不应相同。

    | project_name | goal_long                            |     |
    | 甲           | 完成网格巡查平台建设并通过第三方验收 | bad |
    | 乙           | 完成网格巡查平台建设并通过第三方验收 | bad |
    | 丙           | 完成全部社区网格驿站的建设并投入使用 | ok  |
    """
    return _same_goal(project, "goal_long")


@rule(
    "XW-008",
    on="project",
    together=True,
    cells=["goal_year"],
    severity="warning",
    message="几个单位的项目，{goal_year.label}完全相同：{units}",
    hint="请按各项目的内容分别填写",
)
def goal_is_copied_across_units(project: FormTable) -> list[Offence]:
    """两个单位的项目，年度目标不应相同。

    | unit_code | workbook | goal_year                            |     |
    | 106001    | 1        | 完成网格巡查平台建设并通过第三方验收 | bad |
    | 106002    | 2        | 完成网格巡查平台建设并通过第三方验收 | bad |
    | 106002    | 2        | 完成全部社区网格驿站的建设并投入使用 | ok  |
    """
    if "goal_year" not in project.fields:
        return []
    goal = _goal("goal_year")
    units = pl.col("unit_code").drop_nulls().unique().sort()
    copied = goal.is_not_null() & (units.len().over(goal) > 1)
    return [Offence(copied, {"units": some_of(units, goal, "单位")})]


@rule(
    "DUP-003",
    on="project",
    cells=["fund_use"],
    severity="warning",
    message="本单位 {count} 个项目的{fund_use.label}都是“{fund_use}”",
    hint="请核对：不同性质的项目，资金用途一般不同",
)
def every_project_chooses_the_same(project: FormTable) -> list[Offence]:
    """一个单位有 5 个以上项目、资金用途却全部相同的，请核对。问题标在第一个项目上。

    | workbook | fund_use       |     |
    | 1        | 业务工作类     | bad |
    | 1        | 业务工作类     | ok  |
    | 1        | 业务工作类     | ok  |
    | 1        | 业务工作类     | ok  |
    | 1        | 业务工作类     | ok  |
    | 2        | 业务工作类     | ok  |
    | 2        | 日常运转类     | ok  |
    """
    if "fund_use" not in project.fields:
        return []
    count = pl.col("fund_use").count().over("workbook")
    constant = pl.col("fund_use").drop_nulls().n_unique().over("workbook") == 1
    first = pl.col("row") == pl.col("row").min().over("workbook")
    return [Offence(constant & first & (count >= FEWEST_PROJECTS), {"count": count})]
