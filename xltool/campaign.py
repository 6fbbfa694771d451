"""A campaign: one form, one year, one office: `campaign.toml`, the roster, the prefilled projects.

Everything here is written by the office; whatever is wrong with it is an `OfficeError` that names
file and line. CSV files may come from Excel: UTF-8 with or without BOM, or GB18030.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from xltool import seal
from xltool.errors import OfficeError
from xltool.fields import Field
from xltool.forms import Form, load_form, wrong_change
from xltool.layout import Layout
from xltool.roster import Unit, read_csv, read_list, read_projects, read_roster
from xltool.rules import SEVERITIES, Reference
from xltool.seal import Issue
from xltool.template import render
from xltool.waivers import Waiver, read_waivers

CAMPAIGN_FILE = "campaign.toml"
KEY_FILE = Path("keys") / "office.key"
MANIFEST = "manifest.csv"

_YEARS = range(2000, 2100)
_KEYS = {
    "form", "year", "title", "district", "deadline", "contact", "spare", "password",
    "rows", "fields", "severity",
}  # fmt: skip


@dataclass(frozen=True)
class Campaign:
    """An office's collection of one form. Amounts, dates and codes are checked on loading."""

    folder: Path
    form: Form
    fy: int
    title: str
    district: str
    deadline: date | None
    contact: str
    spare: int
    password: str
    changes: Mapping[str, Mapping[str, Any]]
    rows: Mapping[str, int]
    severities: Mapping[str, str]
    _lists: dict[str, pl.DataFrame] = field(default_factory=dict, repr=False)

    @cached_property
    def layout(self) -> Layout:
        """The form's layout, rendered once."""
        return render(self.form, self.fy)

    @cached_property
    def units(self) -> dict[str, Unit]:
        """The roster by unit code, in the order of units.csv."""
        return read_roster(self.folder / "units.csv")

    @cached_property
    def projects(self) -> dict[str, list[dict[str, str]]]:
        """The prefilled projects of each unit: field name → plain text."""
        return read_projects(self.folder / "projects.csv", self.form, self.units)

    @cached_property
    def public_key(self) -> str | None:
        """The office's public key, or None in a folder without one."""
        path = self.folder / KEY_FILE.with_suffix(".pub")
        return path.read_text(encoding="ascii").strip() if path.is_file() else None

    @cached_property
    def issue_ids(self) -> dict[str, str]:
        """Unit → issue id, as the last `xltool issue` wrote them into the manifest."""
        path = self.folder / "issued" / MANIFEST
        if not path.is_file():
            return {}
        return {row["单位代码"]: row["签发编号"] for _, row in read_csv(path)}

    @cached_property
    def waivers(self) -> list[Waiver]:
        """What the reviewers waived: waivers.csv."""
        return read_waivers(self.folder)

    def reference(self, wanted: Reference) -> pl.DataFrame | None:
        """A reference list of the folder as a typed frame; None when it is not there.

        Raises OfficeError with the line of a wrong cell.
        """
        path = self.folder / wanted.file
        if not path.is_file():
            return None
        if wanted.file not in self._lists:
            fields = wanted.model.fields()
            schema = {name: column.kind.dtype(column) for name, column in fields.items()}
            self._lists[wanted.file] = pl.DataFrame(
                read_list(path, fields), schema=schema, strict=True
            )
        return self._lists[wanted.file]

    def issue_for(self, unit: Unit) -> Issue:
        """What this unit is issued: one record per known project, then the spare sheets."""
        roster = {
            name: getattr(unit, column.prefill)
            for name, column in self.form.record_fields.items()
            if column.prefill and getattr(unit, column.prefill)
        }
        known = [{**roster, **project} for project in self.projects.get(unit.unit_code, [])]
        if self.layout.single and len(known) > 1:
            name = self.folder / "projects.csv"
            raise OfficeError(f"单位 {unit.unit_code} 有 {len(known)} 行，这种表只能有一行", name)
        spare = self.spare if known else max(self.spare, 1)  # never a workbook without a form
        if self.layout.single:
            spare = 0 if known else 1
        records = known + [dict(roster) for _ in range(spare)]
        rows = self._roster_rows(unit)
        return Issue(
            form=self.form.id,
            version=self.form.version,
            layout=self.layout.digest,
            fy=self.fy,
            district=self.district,
            unit=unit.unit_code,
            unit_name=unit.unit_name,
            department_code=unit.department_code,
            records=records,
            notice={
                "title": self.title,
                "deadline": f"{self.deadline:%Y 年 %m 月 %d 日}" if self.deadline else "",
                "contact": self.contact,
            },
            changes=self.changes,
            rows=self.rows,
            lines=[rows for _ in records] if rows else [],
        )

    def _roster_rows(self, unit: Unit) -> dict[str, list[dict[str, str]]]:
        """The rows that the form has filled from the roster, by table, as far as it says something."""
        found = {}
        for table, rows in self.form.roster_rows.items():
            lines = [{n: getattr(unit, word) for n, word in row.items()} for row in rows]
            found[table] = [line for line in lines if all(line.values())]
        return found


def find_campaign(start: Path) -> Path | None:
    """The nearest folder with a campaign.toml, from `start` upwards."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / CAMPAIGN_FILE).is_file():
            return folder
    return None


def load_campaign(folder: Path) -> Campaign:
    """Read `campaign.toml`. Raises OfficeError for anything missing, unknown or out of range."""
    path = folder / CAMPAIGN_FILE
    settings = _read_settings(path)
    changes = _changes(settings, path)
    rows = _table(settings, "rows", path)
    severities = _table(settings, "severity", path)
    for code, severity in severities.items():
        if severity not in (*SEVERITIES, "off"):
            raise OfficeError(f"[severity] {code} 应为 error、warning、info 或 off", path)
    form = _form(_setting(settings, "form", str, path), folder, changes, rows)
    return Campaign(
        folder=folder,
        form=form,
        fy=_year(settings, path),
        title=_setting(settings, "title", str, path, form.title),
        district=_setting(settings, "district", str, path, ""),
        deadline=_deadline(settings, path),
        contact=_setting(settings, "contact", str, path, ""),
        spare=_spare(settings, path),
        password=_setting(settings, "password", str, path, ""),
        changes=changes,
        rows=rows,
        severities=severities,
    )


def _form(form_id: str, folder: Path, changes: Mapping[str, Any], rows: Mapping[str, int]) -> Form:
    """The form as the campaign wants it; what campaign.toml asks in vain is a mistake there."""
    try:
        return load_form(form_id, folder).adapted(changes, rows)
    except OfficeError as error:
        raise OfficeError(
            error.message, error.path or folder / CAMPAIGN_FILE, error.line
        ) from error


def _read_settings(path: Path) -> dict[str, Any]:
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise OfficeError(
            "找不到 campaign.toml；请先用 xltool init 建立填报文件夹，或用 --campaign 指明位置",
            path.parent,
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OfficeError(f"不是正确的 TOML：{error}", path) from error
    for key in settings:
        if key not in _KEYS:
            raise OfficeError(f"没有设置项 {key}；可用：{'、'.join(sorted(_KEYS))}", path)
    return settings


def create_campaign(folder: Path, form_id: str, year: int) -> list[Path]:
    """Make a campaign folder: settings, empty lists with the right headings, the signing key.

    Returns the files written. Raises OfficeError if the folder already holds a campaign, for an
    unknown form, and for a year that is none.
    """
    if (folder / CAMPAIGN_FILE).exists():
        raise OfficeError("这里已经有一个填报文件夹，不会覆盖；请换一个位置", folder)
    if year not in _YEARS:
        raise OfficeError(f"预算年度应为 2000–2099，现为 {year}")
    form = load_form(form_id, folder)
    (folder / KEY_FILE).parent.mkdir(parents=True, exist_ok=True)
    prefilled = [column.label.rstrip("：") for column in _prefillable(form)]
    _write_csv(folder / "units.csv", ["单位代码", "单位名称", "主管部门", "部门代码"])
    _write_csv(folder / "projects.csv", ["单位代码", *prefilled])
    seal.save_key(seal.new_key(), folder / KEY_FILE)
    (folder / CAMPAIGN_FILE).write_text(_SETTINGS.format(form=form, year=year), encoding="utf-8")
    names = (
        CAMPAIGN_FILE,
        "units.csv",
        "projects.csv",
        str(KEY_FILE),
        str(KEY_FILE.with_suffix(".pub")),
    )
    return [folder / name for name in names]


def _prefillable(form: Form) -> list[Field]:
    fields = list(form.record_fields.values())
    name = [f for f in fields if f.name in ("project_code", "project_name")]
    return name + [f for f in fields if f.filled_by == "system" and not (f.prefill or f.computed)]


def _write_csv(path: Path, header: Sequence[str]) -> None:
    # with BOM: Excel would otherwise read UTF-8 as GBK
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerow(header)


def _setting(
    settings: Mapping[str, Any], key: str, kind: type, path: Path, default: Any = None
) -> Any:
    value = settings.get(key, default)
    if value is None:
        raise OfficeError(f"缺少设置项 {key}", path)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise OfficeError(f"设置项 {key} 应为{'文字（加引号）' if kind is str else '整数'}", path)
    return value


def _table(settings: Mapping[str, Any], key: str, path: Path) -> dict[str, Any]:
    value = settings.get(key, {})
    if not isinstance(value, dict):
        raise OfficeError(f"{key} 应为 [{key}] 小节", path)
    return value


def _changes(settings: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The section [fields]: what this campaign changes in the form's fields."""
    changes = _table(settings, "fields", path)
    for name, change in changes.items():
        if problem := wrong_change(change):
            raise OfficeError(f"[fields.{name}] {problem}", path)
    return changes


def _year(settings: Mapping[str, Any], path: Path) -> int:
    year: int = _setting(settings, "year", int, path)
    if year not in _YEARS:
        raise OfficeError("设置项 year 应为 2000–2099", path)
    return year


def _spare(settings: Mapping[str, Any], path: Path) -> int:
    spare: int = _setting(settings, "spare", int, path, 2)
    if not 0 <= spare <= 100:
        raise OfficeError("设置项 spare（备用表张数）应为 0–100", path)
    return spare


def _deadline(settings: Mapping[str, Any], path: Path) -> date | None:
    value = settings.get("deadline")
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    raise OfficeError("设置项 deadline 应为日期，如 2026-12-15（不加引号）", path)


_SETTINGS = """\
# {form.title}
form = "{form.id}"
year = {year}                  # 预算年度
title = "{year} 年{form.title}填报"
district = ""                # 行政区划代码 6 位；填了才核对项目编码
contact = ""                 # 联系人和电话，印在填报说明上
# deadline = {year}-01-15      # 截止日期
spare = 2                    # 每份工作簿附几张备用表，供新增项目用
password = ""                # 工作表保护密码，可不设

# 某个二级指标多给几行：
# [rows]
# "二级指标名称" = 15

# 改由单位填写，或更换下拉列表：
# [fields.字段名]
# filled_by = "unit"
# choices = ["甲", "乙"]

# 调整某条规则的严重程度（error、warning、info、off）：
# [severity]
# "TXT-003" = "info"
"""
