"""照抄：不同项目的目标或指标相同，各项目的选项千篇一律（docs/domain.md §10.4、§10.6、§10.10）。"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl
from xltool.validators.shared.indicators import is_real_row, is_written

from xltool.fields.measures import length, name_key, normalised, some_of
from xltool.prose.quoting import named, quoted
from xltool.rules import FormTable, Lookup, Offence, rule

ALIKE = 0.9  # Jaccard: common indicators by all indicators of two projects
FEWEST_INDICATORS = 3
FEWEST_CHARACTERS = 15  # a goal shorter than that may well be the same by chance
FEWEST_PROJECTS = 5
UNNAMED = "未命名项目"
_MOST_COMPARED = 200
_MOST_UNITS = 5  # that a message names
_NAME = {"project_name": Lookup("project", pl.col("project_name").first(), pl.String())}


@dataclass(frozen=True, slots=True)
class _Project:
    """A project with its indicators, which are numbered; `row` is the first of them."""

    workbook: int
    row: int
    unit: str
    name: str
    indicators: frozenset[int]


def _groups(projects: Iterable[_Project]) -> list[list[_Project]]:
    """Projects with nearly the same indicators, together: each is like one that stands before it.

    Two sets that are 90 % alike share one of their rarest few members: only projects that do are
    compared, and no project with more than 200 others, so 2,000 projects take a fraction of a second.
    """
    listed = [p for p in projects if len(p.indicators) >= FEWEST_INDICATORS]
    common = Counter(indicator for project in listed for indicator in project.indicators)
    seen: defaultdict[int, list[_Project]] = defaultdict(list)
    found: dict[int, list[_Project]] = {}  # by the rows of their members
    for project in listed:
        rarest = sorted(project.indicators, key=lambda indicator: (common[indicator], indicator))
        size = len(rarest)
        keys = rarest[: size - math.ceil(ALIKE * size) + 1]
        others = (other for key in keys for other in seen[key][:_MOST_COMPARED])
        match = next((other for other in others if _alike(project, other)), None)
        if match is not None:
            group = found.setdefault(match.row, [match])
            group.append(project)
            found[project.row] = group
        for key in keys:
            seen[key].append(project)
    return [group for row, group in found.items() if group[0].row == row]


def _alike(one: _Project, other: _Project) -> bool:
    if one.unit == other.unit and one.name == other.name:
        return False  # the same project twice is DUP-001
    both = len(one.indicators & other.indicators)
    return both >= ALIKE * (len(one.indicators) + len(other.indicators) - both)


def _copied(indicator: FormTable, *, same_unit: bool) -> pl.Expr:
    """On the first indicator of each workbook that a group of copies has: the group in words."""
    kind = pl.Struct({"lead": pl.String(), "count": pl.Int64(), "who": pl.String()})

    def find(rows: pl.Series) -> pl.Series:
        said: list[dict[str, object]] = []
        places: list[int | None] = [None] * len(rows)
        for some in _compared(
            _projects(rows.struct.unnest(), same_unit=same_unit), same_unit=same_unit
        ):
            for group in _groups(some):
                units = sorted({project.unit for project in group})
                if not same_unit and len(units) == 1:
                    continue
                names = [project.name for project in group]
                who = named(names, "个项目") if same_unit else named(units, "个单位", _MOST_UNITS)
                for row in _first_rows(group):
                    places[row] = len(said)
                said.append({"lead": quoted(names[0]), "count": len(group), "who": who})
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
        (is_real_row(indicator) & pl.col("used") & is_written("lv3")).alias("real"),
    ).map_batches(find, return_dtype=kind)


def _first_rows(group: Iterable[_Project]) -> Iterable[int]:
    """The first row that a group has in each workbook: it is said there, once."""
    first: dict[int, int] = {}
    for project in group:
        first[project.workbook] = min(project.row, first.get(project.workbook, project.row))
    return first.values()


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


def _projects(rows: pl.DataFrame, *, same_unit: bool) -> list[_Project]:
    """The projects of an indicator frame whose real indicators may be another one's too.

    A project with many indicators that no other one has, within its workbook or at all, is like none: of a
    province that leaves a few.
    """
    named = rows.with_row_index("row").filter("real", pl.col("name").fill_null("") != "")
    worded = named.with_columns(
        indicator=pl.format("{}\x1f{}", pl.col("lv2").fill_null("None"), "name")
    )
    anywhere = ["workbook", "indicator"] if same_unit else ["indicator"]
    counted = worded.with_columns(shared=pl.len().over(anywhere) > 1)
    likely = counted.filter(
        pl.col("shared").sum().over("workbook", "record")
        >= ALIKE * pl.len().over("workbook", "record")
    )
    # numbers in the order of the texts
    numbered = likely.with_columns(indicators=pl.col("indicator").rank("dense").cast(pl.UInt32))
    projects = numbered.group_by("workbook", "record", maintain_order=True).agg(
        pl.col("row", "unit", "project_name").first(), "indicators"
    )
    return [
        _Project(workbook, row, unit, project or UNNAMED, frozenset(indicators))
        for workbook, _, row, unit, project, indicators in projects.iter_rows()
    ]


@rule(
    "IND-013",
    on="indicator",
    cells=["lv3"],
    severity="warning",
    message="本单位 {count} 个项目的指标几乎全部相同：{who}",
    hint="请按各项目的内容分别设置指标",
    using=_NAME,
)
def indicators_are_copied(indicator: FormTable) -> Offence:
    """同一份表里的两个项目，指标不应几乎全部相同（九成以上）。几个项目只说一次，标在第一个项目的第一行指标上。

    | record | lv2       | lv3      | project_name |     |
    | 1      | *数量指标 | 培训次数 | 甲           | bad |
    | 1      | *数量指标 | 培训人数 | 甲           | ok  |
    | 1      | *质量指标 | 合格率   | 甲           | ok  |
    | 2      | *数量指标 | 培训次数 | 乙           | ok  |
    | 2      | *数量指标 | 培训人数 | 乙           | ok  |
    | 2      | *质量指标 | 合格率   | 乙           | ok  |
    | 3      | *数量指标 | 培训次数 | 丙           | ok  |
    | 3      | *数量指标 | 购书数量 | 丙           | ok  |
    | 3      | *质量指标 | 合格率   | 丙           | ok  |
    """
    copied = _copied(indicator, same_unit=True)
    return Offence(copied.is_not_null(), _said(copied, "count", "who"))


def _said(copied: pl.Expr, *names: str) -> dict[str, pl.Expr]:
    """What a message shows of a group."""
    return {name: copied.struct.field(name) for name in names}


@rule(
    "XW-008",
    on="indicator",
    together=True,
    shared=True,
    cells=["lv3"],
    severity="warning",
    message="“{lead}”等 {count} 个项目的指标几乎全部相同：{who}",
    hint="请各单位按本项目的内容设置指标",
    using=_NAME,
)
def indicators_are_copied_across_units(indicator: FormTable) -> Offence:
    """两个单位的项目，指标不应几乎全部相同（九成以上）。相同的一组说一次，每个单位标在它的第一行指标上。

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
    return Offence(copied.is_not_null(), _said(copied, "lead", "count", "who"))


def _same_goal(project: FormTable, field: str) -> list[Offence]:
    """Projects of a unit whose goals say the same: said once, at the first. A form without that goal has no such rule."""
    if field not in project.fields:
        return []
    group = ("workbook", _goal(field))
    several = name_key("project_name").n_unique().over(group) > 1
    names = pl.col("project_name").unique(maintain_order=True)
    same = pl.struct("workbook", _goal(field).alias("goal"))
    bad = _goal(field).is_not_null() & several & _is_first(*group)
    return [Offence(bad, {"projects": some_of(names, same, "项目", 3)})]


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
    """同一单位的两个项目，年度目标不应相同。几个项目只说一次，标在第一个项目上。

    | project_name | goal_year                            |     |
    | 甲           | 完成网格巡查平台建设并通过第三方验收 | bad |
    | 乙           | 完成网格巡查平台建设并通过第三方验收 | ok  |
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
    """同一单位的两个项目，总（中期）目标不应相同。几个项目只说一次，标在第一个项目上。

    | project_name | goal_midterm                         |     |
    | 甲           | 完成网格巡查平台建设并通过第三方验收 | bad |
    | 乙           | 完成网格巡查平台建设并通过第三方验收 | ok  |
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
    """同一单位的两个项目，长期目标不应相同。几个项目只说一次，标在第一个项目上。

    | project_name | goal_long                            |     |
    | 甲           | 完成网格巡查平台建设并通过第三方验收 | bad |
    | 乙           | 完成网格巡查平台建设并通过第三方验收 | ok  |
    | 丙           | 完成全部社区网格驿站的建设并投入使用 | ok  |
    """
    return _same_goal(project, "goal_long")


@rule(
    "DUP-002",
    on="project",
    cells=["goal_actual"],
    severity="warning",
    message="几个项目的{goal_actual.label}完全相同：{projects}",
    hint="请按各项目的内容分别填写",
)
def outcome_is_copied(project: FormTable) -> list[Offence]:
    """同一单位的两个项目，实际完成情况不应相同。

    | project_name | goal_actual                          |     |
    | 甲           | 完成网格巡查平台建设并通过第三方验收 | bad |
    | 乙           | 完成网格巡查平台建设并通过第三方验收 | ok  |
    | 丙           | 完成全部社区网格驿站的建设并投入使用 | ok  |
    """
    return _same_goal(project, "goal_actual")


@rule(
    "XW-008",
    on="project",
    together=True,
    shared=True,
    cells=["goal_year"],
    severity="warning",
    message="“{lead}”等 {count} 个项目的{goal_year.label}完全相同：{units}",
    hint="请各单位按本项目的内容填写",
)
def goal_is_copied_across_units(project: FormTable) -> list[Offence]:
    """两个单位的项目，年度目标不应相同。相同的一组说一次，每个单位标在它的第一个项目上。

    | unit_code | workbook | goal_year                            |     |
    | 106001    | 1        | 完成网格巡查平台建设并通过第三方验收 | bad |
    | 106002    | 2        | 完成网格巡查平台建设并通过第三方验收 | bad |
    | 106002    | 2        | 完成网格巡查平台建设并通过第三方验收 | ok  |
    | 106002    | 2        | 完成全部社区网格驿站的建设并投入使用 | ok  |
    """
    if not {"goal_year", "project_name"} <= project.fields.keys():
        return []
    goal = _goal("goal_year")
    units = pl.col("unit_code").drop_nulls().unique().sort()
    copied = goal.is_not_null() & (units.len().over(goal) > 1)
    lead = pl.col("project_name").sort_by("unit_code", "project_name", nulls_last=True).first()
    details = {
        "lead": lead.over(goal).fill_null(UNNAMED),
        "count": pl.len().over(goal),
        "units": some_of(units, goal, "单位", _MOST_UNITS),
    }
    return [Offence(copied & _is_first(goal, "workbook"), details)]


def _is_first(*group: str | pl.Expr) -> pl.Expr:
    """Whether a row is the first of its group."""
    return pl.col("row") == pl.col("row").min().over(*group)


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
    first = _is_first("workbook")
    return [Offence(constant & first & (count >= FEWEST_PROJECTS), {"count": count})]
