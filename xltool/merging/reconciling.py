"""对账: what was expected against what was merged, by project, unit, department and district."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl

from xltool.merging.data_set import DataSet
from xltool.merging.expected import Roster
from xltool.merging.fates import FOUND_FAULTY, IN_DATA, NOT_COUNTED, OUTCOME_WORDS, Fate
from xltool.office.roster import Unit
from xltool.prose.text import name_key

HEADER = (
    *("层级", "行政区划", "代码", "名称", "情况", "应交单位", "已交单位", "通过单位", "已合并单位"),
    *("未交单位", "应有项目", "已合并项目", "合并金额", "应为金额", "差额"),
)
NEVER, BEFORE = "未交", "以前交过，不在这次合并中"
_ORDER = ("合计", "行政区划", "部门", "单位", "项目")


@dataclass(frozen=True)
class Given:
    """What is held against each other: what was merged, what came, and what is expected by district.

    `names` are those of the districts; `absence` says of a unit, by district and code, why nothing of it is here.
    """

    data: DataSet
    fates: Sequence[Fate]
    rosters: Sequence[Roster]
    names: Mapping[str, str]
    absence: Callable[[str, str], str] = lambda district, unit: NEVER  # noqa: ARG005


@dataclass(slots=True)
class Line:
    """One line: a level, its code and name, and what was counted there. `remarks` say what is odd.

    `missing` are the units that were expected, and of which nothing ever came; of those `away` something came
    before.
    """

    level: str
    district: str
    code: str
    name: str
    expected: int = 0
    received: int = 0
    passed: int = 0
    merged: int = 0
    missing: int = 0
    away: int = 0
    projects_expected: int = 0
    projects: int = 0
    amount: Decimal = Decimal(0)
    wanted: Decimal | None = None
    remarks: list[str] = field(default_factory=list)

    @property
    def cells(self) -> list[Any]:
        """The line as `HEADER` names its columns."""
        counts = [self.expected, self.received, self.passed, self.merged, self.missing]
        gap = None if self.wanted is None else self.amount - self.wanted
        return [
            *(self.level, self.district, self.code, self.name, "；".join(self.remarks)),
            *([None] * 5 if self.level == "项目" else counts),
            *(self.projects_expected, self.projects, self.amount, self.wanted, gap),
        ]

    def add(self, other: Line) -> None:
        """Count what a line below says."""
        self.expected += other.expected
        self.received += other.received
        self.passed += other.passed
        self.merged += other.merged
        self.missing += other.missing
        self.away += other.away
        self.projects_expected += other.projects_expected
        self.projects += other.projects
        self.amount += other.amount


def lines_of(given: Given) -> list[Line]:
    """All lines, the odd ones first, then by level; each level adds up to the one above."""
    units = _Units(given).lines()
    departments = _summed(units, "部门", lambda unit: (unit.district, unit.department, unit.title))
    for line in departments:
        _compare(line, given.rosters)
    districts = _summed(
        units,
        "行政区划",
        lambda unit: (unit.district, unit.district, given.names.get(unit.district, "")),
    )
    whole = _summed(units, "合计", lambda _: ("", "", "合计"))
    every = [*whole, *districts, *departments, *(u.line for u in units), *_projects(given)]
    return sorted(
        every,
        key=lambda line: (
            not line.remarks,
            _ORDER.index(line.level),
            line.district,
            line.code,
            line.name,
        ),
    )


@dataclass(slots=True)
class _Unit:
    """A unit's line, and the department that it counts in."""

    line: Line
    department: str
    title: str

    @property
    def district(self) -> str:
        return self.line.district


@dataclass
class _Units:
    """The lines of all units: those expected, and those that came."""

    given: Given

    def lines(self) -> list[_Unit]:
        """A line for each unit, by district and code."""
        expected = {
            (roster.district, unit.unit_code): (unit, roster)
            for roster in self.given.rosters
            for unit in roster.units
        }
        came: dict[tuple[str, str], list[Fate]] = {}
        for fate in self.given.fates:
            if fate.unit_code:
                came.setdefault(fate.identity, []).append(fate)
        sums = self._sums()
        return [
            self._line(key, expected.get(key), came.get(key, []), sums.get(key, (0, Decimal(0))))
            for key in sorted({*expected, *came})
        ]

    def _sums(self) -> dict[tuple[str, str], tuple[int, Decimal]]:
        """How many projects were merged of a unit, and their amount."""
        data = self.given.data
        column = amount_of(self.given)
        amounts = [column] if column else []
        main = data.select(data.form.record_table.name, "district", "unit_code", *amounts)
        amount = pl.col(column).sum() if column else pl.lit(Decimal(0))
        found = main.group_by("district", "unit_code").agg(pl.len().alias("n"), amount.alias("a"))
        return {(d, u): (n, a or Decimal(0)) for d, u, n, a in found.rows()}

    def _line(
        self,
        key: tuple[str, str],
        expected: tuple[Unit, Roster] | None,
        fates: Sequence[Fate],
        sums: tuple[int, Decimal],
    ) -> _Unit:
        district, code = key
        unit = expected[0] if expected else None
        last = fates[0] if fates else None
        name = unit.unit_name if unit else last.unit_name if last else ""
        line = Line("单位", district, code, name)
        line.expected, line.received = int(expected is not None), int(bool(fates))
        line.passed = int(has_passed(fates))
        line.merged = int(any(fate.outcome in IN_DATA for fate in fates))
        absence = "" if fates else self.given.absence(district, code)
        line.missing, line.away = int(absence == NEVER), int(absence == BEFORE)
        line.projects, line.amount = sums
        if expected:
            line.projects_expected = len(expected[1].projects.get(code, ()))
        line.remarks += _remarks(expected is not None, fates, absence, line)
        department = last.department_code if last else unit.department_code if unit else ""
        title = last.department if last else unit.department if unit else ""
        return _Unit(line, department, title)


def has_passed(fates: Sequence[Fate]) -> bool:
    """True where one return of a unit counts, and nothing was found in it."""
    counting = [fate for fate in fates if fate.outcome not in NOT_COUNTED]
    is_one = len({fate.sha256 for fate in counting}) == 1
    return is_one and all(fate.outcome not in FOUND_FAULTY for fate in counting)


def _remarks(is_expected: bool, fates: Sequence[Fate], absence: str, line: Line) -> Iterator[str]:
    """What is odd about a unit."""
    if absence:
        yield absence
    elif not is_expected:
        yield "不在名册中"
    standing = [fate for fate in fates if fate.outcome in IN_DATA]
    left = [fate for fate in fates if fate.outcome not in (*NOT_COUNTED, "merged")]
    if (fates and not standing) or any(fate.outcome == "partly" for fate in standing):
        yield from dict.fromkeys(OUTCOME_WORDS[fate.outcome] for fate in left)
    if standing and line.projects < line.projects_expected:
        yield f"少 {line.projects_expected - line.projects} 个项目"


def _summed(units: Sequence[_Unit], level: str, key: Any) -> list[Line]:
    """The lines of units added up by what `key` gives: district, code and name."""
    found: dict[tuple[str, str], Line] = {}
    for unit in units:
        district, code, name = key(unit)
        line = found.setdefault((district, code), Line(level, district, code, name))
        line.name = line.name or name
        line.add(unit.line)
    for line in found.values():
        if line.missing:
            line.remarks.append(f"{NEVER} {line.missing} 个单位")
        if line.away:
            line.remarks.append(f"{line.away} 个单位{BEFORE}")
    return list(found.values())


def _compare(line: Line, rosters: Sequence[Roster]) -> None:
    """Hold a department against its control figure."""
    for roster in rosters:
        if roster.district == line.district and line.code in roster.control:
            line.wanted = roster.control[line.code]
            if line.wanted != line.amount:
                line.remarks.append("与控制数不同")


def _projects(given: Given) -> Iterator[Line]:
    """A line for each project that a list names, and for each prefilled one that is not merged."""
    data = given.data
    main = data.form.record_table
    if "project_name" not in main.fields:
        return
    column = amount_of(given)
    amounts: dict[tuple[str, str, str], list[Decimal]] = {}
    value = column or pl.lit(None)
    picked = data.select(main.name, "district", "unit_code", "project_name", value)
    for district, unit, name, value in picked.iter_rows():
        amounts.setdefault((district, unit, name_key(name or "")), []).append(value or Decimal(0))
    for roster in given.rosters:
        names = {(unit, name): None for unit, some in roster.projects.items() for name in some}
        for unit, name in dict.fromkeys([*roster.amounts, *names]):
            found = amounts.get((roster.district, unit, name_key(name)), [])
            wanted = roster.amounts.get((unit, name))
            line = Line("项目", roster.district, unit, name)
            line.projects_expected, line.projects = 1, len(found)
            line.amount, line.wanted = sum(found, Decimal(0)), wanted
            if not found:
                line.remarks.append("未合并")
            elif wanted is not None and wanted != line.amount:
                line.remarks.append("与项目金额不同")
            if wanted is not None or not found:
                yield line


def amount_of(given: Given) -> str | None:
    """The amount that is held against others: that of the year, else the first one."""
    fields = given.data.form.record_table.fields
    amounts = [name for name, field in fields.items() if field.unit]
    return "amount_year" if "amount_year" in amounts else next(iter(amounts), None)
