"""Approved targets: what a self-evaluation is measured by (docs/domain.md §7, §10.7 SE-021).

The setting `targets` of a campaign names a folder that `xltool merge` wrote for an application form
of the same year. Fields declared with `approved=` take over what stands there; indicator rows go to
the 二级指标 of the same meaning (docs/domain.md §1.2). What has no place is noted, never dropped
silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from xltool.errors import OfficeError
from xltool.fields.tables import Rows, Table, text
from xltool.form.loading import load_form
from xltool.form.model import Form, TableView
from xltool.office.projects import Project
from xltool.office.roster import Unit
from xltool.prose.expectations import canonical_level
from xltool.prose.nothing import NOT_APPLICABLE, means_not_applicable
from xltool.prose.text import name_key
from xltool.rules.declaring import Reference

SETTING = "targets"
DATA = "data"
SUBMISSIONS = "submission.parquet"
SOURCE = "campaign.toml 的 targets"

_RECORD = ("unit_code", "sha256", "record")


class ApprovedProject(Table):
    """项目：办公室知道的，批准过绩效目标的，或列在 projects.csv 中的。"""

    impl_unit: str = text("实施单位")
    project_name: str = text("项目名称")
    goal_expected: str = text("预期目标")


class ApprovedRow(Rows):
    """批准的指标。"""

    impl_unit: str = text("实施单位")
    project_name: str = text("项目名称")
    lv2: str = text("二级指标")
    lv3: str = text("三级指标")
    target: str = text("年度指标值")


APPROVED_PROJECTS = Reference(SOURCE, ApprovedProject, "批准的绩效目标")
APPROVED_ROWS = Reference(SOURCE, ApprovedRow, "批准的绩效目标")


@dataclass(frozen=True)
class Approved:
    """The approved projects of each unit, and a line for everything that was not taken over."""

    projects: Mapping[str, Sequence[Project]]
    notes: Sequence[str]


def read_approved(
    folder: Path, form: Form, fy: int, units: Mapping[str, Unit], own: Path | None
) -> Approved:
    """The approved targets of a merge result as `form` takes them over; `own` is the campaign's folder.

    Raises OfficeError when the folder is no merge result, of another year, of a form without the
    fields, or when a 二级指标 has more rows than the template offers.
    """
    takes = {n: c.approved for n, c in form.record_fields.items() if c.approved}
    table = next((t for t in form.tables.values() if t.is_rows and _taken(t)), None)
    if not takes or table is None:
        raise OfficeError(f"「{form.title}」不取批准的绩效目标，请删去 {SETTING} 这一项设置", own)
    submissions = _parquet(folder, SUBMISSIONS)
    years = submissions["fy"].unique().to_list()
    if years != [fy]:
        found = "、".join(str(year) for year in years)
        raise OfficeError(f"{SETTING} 应为 {fy} 年度的绩效目标，这里是 {found} 年度的", folder)
    source = _source(load_form(str(submissions["form"][0]), own), takes, table, folder)
    records = _parquet(folder, f"{source.records.name}.parquet").sort("unit_code", "record")
    lines = _parquet(folder, f"{source.rows.name}.parquet").sort("line")
    by_record = {key: rows.to_dicts() for key, rows in lines.group_by(_RECORD)}
    projects: dict[str, list[Project]] = {}
    notes: list[str] = []
    for record in records.to_dicts():
        unit = record["unit_code"]
        where = f"单位 {unit} 项目“{record['project_name']}”"
        values = {ours: str(record[theirs] or "") for ours, theirs in takes.items()}
        placed = _Placing(
            table, where, folder, by_record.get(tuple(record[k] for k in _RECORD), [])
        )
        notes += placed.notes()
        projects.setdefault(unit, []).append(
            Project({n: text for n, text in values.items() if text}, {table.name: placed.lines()})
        )
    return Approved(projects, [*notes, *_strangers(projects, units)])


def combined(
    listed: Mapping[str, Sequence[Project]], approved: Approved, form: Form, path: Path
) -> tuple[dict[str, list[Project]], list[str]]:
    """The approved projects with what `projects.csv` (`path`) says of them, then those only it has.

    Also the notes, with a line for the projects without approved targets. Raises OfficeError where
    `projects.csv` contradicts what was approved, or names such a project twice.
    """
    projects: dict[str, list[Project]] = {}
    notes = list(approved.notes)
    for unit in dict.fromkeys([*approved.projects, *listed]):
        rest = list(listed.get(unit, []))
        projects[unit] = []
        for project in approved.projects.get(unit, []):
            same = [more for more in rest if _name(more) == _name(project)]
            rest = [more for more in rest if more not in same]
            where = f"单位 {unit} 项目“{project.values['project_name']}”"
            if len(same) > 1:
                raise OfficeError(f"{where}重复", path)
            more = same[0] if same else Project({})
            projects[unit].append(_joined(project, more, where, form, path))
        if rest:
            names = "、".join(more.values.get("project_name", "") for more in rest)
            notes.append(f"单位 {unit} 的项目 {names} 没有批准的绩效目标")
        projects[unit] += rest
    return projects, notes


def _joined(project: Project, more: Project, where: str, form: Form, path: Path) -> Project:
    """An approved project with the figures that `projects.csv` has for it."""
    for name, value in project.values.items():
        if name_key(more.values.get(name, value)) != name_key(value):
            label = form.record_fields[name].short_label
            raise OfficeError(f"{where}的{label}与批准的绩效目标不同，请留空", path)
    return Project(
        {**more.values, **project.values}, {**more.lines, **project.lines}, more.path, more.line
    )


def _name(project: Project) -> str:
    return name_key(project.values.get("project_name", ""))


def reference_frame(
    wanted: Reference, known: Iterable[tuple[Mapping[str, str], Project]]
) -> pl.DataFrame:
    """The frame that a rule looks things up in: the known projects, or their approved rows.

    Each row has what the roster prefills for its unit too.
    """
    rows: list[Mapping[str, str]] = []
    for roster, project in known:
        record = {**roster, **project.values}
        if issubclass(wanted.model, Rows):
            lines = [line for table in project.lines.values() for line in table]
            rows += [{**record, **line} for line in lines if "lv3" in line]
        else:
            rows.append(record)
    names = wanted.model.fields()
    chosen = [{name: row.get(name) for name in names} for row in rows]
    return pl.DataFrame(chosen, schema=dict.fromkeys(names, pl.String()), strict=True)


@dataclass(frozen=True)
class _SourceForm:
    """The tables of an application form that say what was approved."""

    records: TableView
    rows: TableView


class _Placing:
    """The approved indicators of one project, sorted into the 二级指标 of the self-evaluation."""

    def __init__(
        self, table: TableView, where: str, folder: Path, rows: Sequence[Mapping[str, Any]]
    ) -> None:
        self.where = where
        self.folder = folder
        self.catalogue = {canonical_level(lv2): (lv1, lv2, n) for lv1, lv2, n in table.catalogue}
        self.taken = _taken(table)
        self.homeless: list[Mapping[str, Any]] = []
        self.real: dict[str, list[Mapping[str, Any]]] = {lv2: [] for _, lv2, _ in table.catalogue}
        for row in rows:
            said = {str(row[theirs] or "").strip() for theirs in self.taken.values()}
            if all(not word or means_not_applicable(word) for word in said):
                continue  # 不适用 is said again where a 二级指标 has nothing else
            level = canonical_level(row["lv2"])
            if level == "other_satisfaction" and level not in self.catalogue:
                level = "served_satisfaction"
            home = self.catalogue.get(level)
            if home is None:
                self.homeless.append(row)
            else:
                self.real[home[1]].append(row)

    def lines(self) -> list[dict[str, str]]:
        """The rows to prefill, in the order of the form; 不适用 where a 二级指标 has none."""
        lines = []
        for lv1, lv2, offered in self.catalogue.values():
            rows = self.real[lv2]
            if len(rows) > offered:
                raise OfficeError(
                    f"{self.where}批准了 {len(rows)} 行{lv2}，模板只有 {offered} 行；"
                    f'请在 campaign.toml 的 [rows] 中写 "{lv2}" = {len(rows)}',
                    self.folder,
                )
            keys = {"lv1": lv1, "lv2": lv2}
            taken = [{ours: str(r[theirs]) for ours, theirs in self.taken.items()} for r in rows]
            lines += [
                {**keys, **cells} for cells in taken or [dict.fromkeys(self.taken, NOT_APPLICABLE)]
            ]
        return lines

    def notes(self) -> Iterator[str]:
        """One line for the indicators that have no place in the self-evaluation."""
        if self.homeless:
            names = "、".join(
                f"{row['lv2']}“{'：'.join(str(row[n]) for n in self.taken.values())}”"
                for row in self.homeless
            )
            yield f"{self.where}：{names}在本表没有对应的二级指标，没有带入"


def _taken(table: TableView) -> dict[str, str]:
    """Field → field of the approved target."""
    return {name: column.approved for name, column in table.fields.items() if column.approved}


def _source(form: Form, takes: Mapping[str, str], table: TableView, folder: Path) -> _SourceForm:
    records = form.record_table
    wanted = {"lv2", *_taken(table).values()}
    rows = next((t for t in form.tables.values() if t.is_rows and wanted <= set(t.fields)), None)
    lacking = [name for name in takes.values() if name not in records.fields]
    if lacking or rows is None:
        raise OfficeError(f"「{form.title}」没有年度目标或逐项指标，不能作为自评的依据", folder)
    return _SourceForm(records, rows)


def _parquet(folder: Path, name: str) -> pl.DataFrame:
    if not (folder / DATA / SUBMISSIONS).is_file():
        raise OfficeError(f"{SETTING} 应为 xltool merge 写出的结果文件夹，这里没有合并结果", folder)
    try:
        return pl.read_parquet(folder / DATA / name)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise OfficeError("合并结果已损坏，或由另一版本生成；请重新合并", folder) from error


def _strangers(projects: Mapping[str, object], units: Mapping[str, Unit]) -> Iterator[str]:
    """Units of the targets that the roster lacks, and the other way round."""
    absent = [code for code in projects if code not in units]
    if absent:
        yield f"批准的绩效目标中的单位 {'、'.join(absent)} 不在 units.csv 中，没有下发"
    without = [code for code in units if code not in projects]
    if without:
        yield f"单位 {'、'.join(without)} 没有批准的绩效目标"
