"""上年对比.csv: new, dropped and changed projects against the result of another year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import polars as pl

from xltool.errors import OfficeError
from xltool.form.loading import load_form
from xltool.merging.data_set import DataSet
from xltool.merging.parquet import DATA, load
from xltool.merging.sealing import read_seal, refuse_altered
from xltool.office.campaign import Campaign
from xltool.office.csv_files import Number
from xltool.prose.text import name_key
from xltool.returns.leaving_aside import is_result
from xltool.returns.origins import plain

COMPARISON = "上年对比.csv"
_HEADER = (
    *("变化", "行政区划", "单位代码", "单位名称", "项目编码", "项目名称"),
    *("栏目", "上年", "本年", "差额"),
)


@dataclass(frozen=True, slots=True)
class _Project:
    """A project of one result: whose it is, its code and name, and its amounts by field."""

    district: str
    unit: str
    unit_name: str
    code: str
    name: str
    amounts: Mapping[str, Decimal | None]

    @property
    def lead(self) -> list[str]:
        """The first columns of its lines."""
        return [self.district, self.unit, self.unit_name, self.code, self.name]

    @property
    def by_name(self) -> tuple[str, str, str]:
        """What it is known by where codes do not say it."""
        return self.district, self.unit, name_key(self.name)


def other_year(folder: Path, own: Path) -> DataSet:
    """What an earlier result merged; `own` is the campaign's folder, which may bring the form.

    Raises OfficeError for a folder that is no result, or one that was altered.
    """
    if not is_result(folder):
        raise OfficeError("--against 应为以前 xltool merge --out 写出的文件夹", folder)
    manifest = read_seal(folder).manifest
    refuse_altered(folder, manifest)
    return load(folder / DATA, load_form(manifest.form, own))


def with_approved(campaign: Campaign, folder: Path) -> Campaign:
    """The campaign with this result as its approved targets, where its form takes such and it names none."""
    takes = any(
        field.approved for table in campaign.form.tables.values() for field in table.fields.values()
    )
    return (
        replace(campaign, targets=folder, _lists={})
        if takes and campaign.targets is None
        else campaign
    )


def comparison(before: DataSet, now: DataSet) -> Iterator[list[str]]:
    """The lines of the file, its headings first: by district, unit and project."""
    yield list(_HEADER)
    fields = now.form.record_table.fields
    common = [
        name
        for name, field in fields.items()
        if field.unit and name in before.form.record_table.fields
    ]
    old, new = _projects(before, common), _projects(now, common)
    pairs = _paired(old, new)
    for was, project in sorted(pairs, key=lambda pair: (pair[1] or pair[0] or _NOBODY).lead):
        for name in common:
            left = was.amounts[name] if was else None
            right = project.amounts[name] if project else None
            if was is None or project is None or left != right:
                word = "新增" if was is None else "取消" if project is None else "变动"
                gap = (right or Decimal(0)) - (left or Decimal(0))
                lead = (project or was or _NOBODY).lead
                label = fields[name].short_label
                yield [word, *lead, label, plain(left), plain(right), Number(plain(gap))]


_NOBODY = _Project("", "", "", "", "", {})


def _projects(data: DataSet, amounts: Sequence[str]) -> list[_Project]:
    main = data.tables[data.form.record_table.name]
    key = ["district", "unit_code", "sha256"]
    names = data.submissions.select(*key, pl.col("unit_name").alias("@name"))
    rows = main.join(names, on=key, how="left", maintain_order="left")
    return [
        _Project(
            row["district"],
            row["unit_code"],
            row["@name"] or "",
            row.get("project_code") or "",
            row.get("project_name") or "",
            {name: row[name] for name in amounts},
        )
        for row in rows.iter_rows(named=True)
    ]


def _paired(
    old: Sequence[_Project], new: Sequence[_Project]
) -> list[tuple[_Project | None, _Project | None]]:
    """Projects with what they were: by the code, else by unit and name; then those that are gone."""
    by_code = {project.code: project for project in old if project.code}
    by_name = {project.by_name: project for project in old}
    pairs: list[tuple[_Project | None, _Project | None]] = []
    known: set[int] = set()
    for project in new:
        was = by_code.get(project.code) or by_name.get(project.by_name)
        if was is not None and id(was) in known:
            was = None
        if was is not None:
            known.add(id(was))
        pairs.append((was, project))
    return [*pairs, *((project, None) for project in old if id(project) not in known)]
