"""A campaign: one form, one year, one office: `campaign.toml`, the roster, the prefilled projects.

Everything here is written by the office; whatever is wrong with it is an `OfficeError` that names
file and line. CSV files may come from Excel: UTF-8 with or without BOM, or GB18030.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import polars as pl

from xltool.errors import MistakesError, OfficeError
from xltool.form.edition import Edition, Recipe, canonical, edition_of
from xltool.form.layout import Layout
from xltool.form.loading import load_form
from xltool.form.model import Form, wrong_change
from xltool.form.rules_in_force import codes_of_integrity, rules_on_every_file
from xltool.office import approved_targets, head_costs, seal
from xltool.office.import_plan import MAP_FILE, ImportPlan
from xltool.office.issued import last_issued
from xltool.office.limits import Limits, limits_of
from xltool.office.lower import LOWER
from xltool.office.opinions import Opinion, read_opinions
from xltool.office.prefills import Prefill, filled, missing, read_prefills
from xltool.office.roster import (
    Project,
    Unit,
    read_list,
    read_projects,
    read_roster,
    row_cells,
)
from xltool.office.seal import Issue
from xltool.office.waivers import Waiver, read_waivers
from xltool.prose.nearest import nearest
from xltool.rules.declaring import SEVERITIES, Reference

CAMPAIGN_FILE = "campaign.toml"
KEY_FILE = Path("keys") / "office.key"
PUBLIC_KEY = KEY_FILE.with_suffix(".pub")
PRIVATE = Path(".xltool")  # a folder of ours in the campaign's: nothing in it is anybody's work

Lines = Mapping[str, Sequence[Mapping[str, str]]]  # prefilled rows, by table

YEARS = range(2000, 2100)
_KEYS = {
    "form", "year", "title", "district", "deadline", "contact", "spare", "password",
    "targets", "rows", "fields", "severity", "limits", "accept", "import", "zero_budget",
    head_costs.SETTING,
}  # fmt: skip


_STAYING = ("projects", "_known", "prefills")

_NO_IMPORT = f"没有导入文件的列对照表（{MAP_FILE}），以后不能合并；请在填报文件夹里写一份"


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
    targets: Path | None = None
    unsealed: bool = False  # whether forms without a seal are taken: a warning, not an error
    limits: Limits = field(default_factory=Limits)
    zero_budget: str = ""  # the policy for budgets of 0, where the form has any
    head_costs: Mapping[str, Decimal] = field(default_factory=dict)  # 元 a person and year, by word
    import_plan: ImportPlan | None = None  # None where neither the office nor the form has a map
    _lists: dict[str, pl.DataFrame] = field(default_factory=dict, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """Between processes it travels without its form, which is made again there.

        Nor do what the units are prefilled with go along: that is much, and only its issuer needs it.
        """
        known = {name: value for name, value in vars(self).items() if name not in _STAYING}
        return {**known, "form": self.form.id, "layout": None, "edition": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        form = load_form(state["form"], state["folder"])
        form = form.adapted(state["changes"], state["rows"], state["zero_budget"])
        del state["layout"], state["edition"]
        vars(self).update(state, form=form)

    @cached_property
    def edition(self) -> Edition:
        """The form as the office issues it now, with its layout."""
        changes, rows = canonical(self.changes), canonical(self.rows)
        recipe = Recipe(self.form.id, self.folder, changes, rows, self.fy, self.zero_budget)
        return edition_of(recipe)

    @cached_property
    def layout(self) -> Layout:
        """The form's layout: that of the edition."""
        return self.edition.layout

    def takes_rows_of(self, form: Form) -> bool:
        """Whether returns of a form are compared with others and merged: not where columns are others now."""
        return form.id != self.form.id or form.has_columns_of(self.form)

    @cached_property
    def units(self) -> dict[str, Unit]:
        """The roster by unit code, in the order of units.csv; of a code in several districts the first."""
        units: dict[str, Unit] = {}
        for unit in self.roster:
            units.setdefault(unit.unit_code, unit)
        return units

    @cached_property
    def roster(self) -> list[Unit]:
        """All lines of units.csv; none are needed where offices below hand up what they merged."""
        return read_roster(self.folder / "units.csv", may_be_empty=(self.folder / LOWER).is_file())

    def expects(self, district: str, unit_code: str) -> bool | None:
        """Whether a unit of a district is on the roster; None where there is no roster."""
        if not self.roster:
            return None
        if not self._has_several:
            return unit_code in self.units
        return bool({("", unit_code), (district, unit_code)} & self._places)

    @cached_property
    def _places(self) -> set[tuple[str, str]]:
        """The districts and codes of the roster; a unit without a district may be of any."""
        return {(unit.district, unit.unit_code) for unit in self.roster}

    @cached_property
    def _has_several(self) -> bool:
        """Whether the roster tells units of several districts apart by more than their codes."""
        return len(self.units) < len(self.roster)

    def missing(self, came: Iterable[tuple[str, str]]) -> list[Unit]:
        """The units of the roster of which nothing came; `came` are districts and unit codes."""
        known = set(came)
        codes = {code for _, code in known}
        return [
            unit
            for unit in self.roster
            if (
                (unit.district, unit.unit_code) not in known
                if self._has_several
                else unit.unit_code not in codes
            )
        ]

    @cached_property
    def projects(self) -> dict[str, list[Project]]:
        """The prefilled projects of each unit: those of projects.csv, and those approved."""
        return self._known[0]

    @property
    def notes(self) -> list[str]:
        """What the office should know before it issues: one line for each thing it does without."""
        lacking = missing(self.prefills, list(self.units))
        return [*self._known[1], *lacking, *([] if self.import_plan else [_NO_IMPORT])]

    @cached_property
    def prefills(self) -> list[Prefill]:
        """The CSV files that fields are prefilled from, such as last year's values."""
        return read_prefills(self.form, self.layout, self.folder)

    @cached_property
    def _known(self) -> tuple[dict[str, list[Project]], list[str]]:
        path = self.folder / "projects.csv"
        cells = cache(lambda: row_cells(self.form, self.layout))
        listed = read_projects(path, self.form, self.units, cells)
        if self.targets is None:
            return listed, []
        found = approved_targets.read_approved(
            self.targets, self.form, self.fy, self.units, self.folder
        )
        return approved_targets.combined(listed, found, self.form, path)

    @cached_property
    def public_key(self) -> str | None:
        """The office's public key, or None in a folder without one: then no seal is verified.

        Raises OfficeError for a file that is no such key.
        """
        path = self.folder / PUBLIC_KEY
        return seal.load_public_text(path) if os.path.lexists(path) else None

    @cached_property
    def issue_ids(self) -> dict[str, str]:
        """Unit → id of what it was issued last, as far as the folder knows."""
        return last_issued(self.folder)

    @cached_property
    def waivers(self) -> list[Waiver]:
        """What the reviewers waived: waivers.csv."""
        return read_waivers(self.folder, codes_of_integrity(self.form))

    @cached_property
    def opinions(self) -> list[Opinion]:
        """What the office itself finds wrong: 意见.csv."""
        return read_opinions(self.folder, self.form, self.layout, self.units)

    def reference(self, wanted: Reference) -> pl.DataFrame | None:
        """A reference list of the folder as a typed frame; None when it is not there.

        Raises OfficeError with the line of a wrong cell.
        """
        if wanted.file == approved_targets.SOURCE:
            return self._approved(wanted) if self.targets else None
        if wanted.file == head_costs.SOURCE:
            return head_costs.frame_of(self.head_costs)
        path = self.folder / wanted.file
        if not path.is_file():
            return None
        name = f"{wanted.file} {wanted.model.__name__}"  # a file may be read as several lists
        if name not in self._lists:
            fields = wanted.model.fields()
            schema = {name: column.kind.dtype(column) for name, column in fields.items()}
            self._lists[name] = pl.DataFrame(read_list(path, fields), schema=schema, strict=True)
        return self._lists[name]

    def _approved(self, wanted: Reference) -> pl.DataFrame:
        """What the known projects of all units are to be compared with."""
        if wanted.model.__name__ not in self._lists:
            known = [
                (self._roster_part(unit), project)
                for code, unit in self.units.items()
                for project in self.projects.get(code, [])
            ]
            self._lists[wanted.model.__name__] = approved_targets.reference_frame(wanted, known)
        return self._lists[wanted.model.__name__]

    def _roster_part(self, unit: Unit, *, once: bool = False) -> dict[str, str]:
        """What the roster prefills on every project's sheet of a unit, or `once` on its own."""
        return {
            name: getattr(unit, column.prefill)
            for name, column in self.form.prefillable(once=once).items()
            if column.prefill and not column.prefill_file and getattr(unit, column.prefill)
        }

    def issue_for(self, unit: Unit) -> Issue:
        """What this unit is issued: one record per known project, then the spare sheets."""
        roster = self._roster_part(unit)
        projects = self.projects.get(unit.unit_code, [])
        known = [{**roster, **project.values} for project in projects]
        if self.layout.single and len(known) > 1:
            name = self.folder / "projects.csv"
            raise OfficeError(f"单位 {unit.unit_code} 有 {len(known)} 行，这种表只能有一行", name)
        spare = self.spare if known else max(self.spare, 1)  # never a workbook without a form
        if self.layout.single:
            spare = 0 if known else 1
        records = known + [dict(roster) for _ in range(spare)]
        rows = self._roster_rows(unit)
        lines: list[Lines] = [{**rows, **project.lines} for project in projects]
        lines += [rows for _ in records[len(lines) :]]
        if self.form.once:
            records = [self._roster_part(unit, once=True), *records]
            lines = [rows, *lines]
        if self.prefills:
            told = [
                self._told(unit, record, rows, once=number < self.form.first_project)
                for number, (record, rows) in enumerate(zip(records, lines, strict=True))
            ]
            records, lines = [values for values, _ in told], [more for _, more in told]
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
            lines=lines if any(lines) else [],
            zero_budget=self.zero_budget,
        )

    def _told(
        self, unit: Unit, record: Mapping[str, str], rows: Lines, *, once: bool
    ) -> tuple[dict[str, str], Lines]:
        """A record and its rows, with what the CSV files say of them; see `_roster_part`."""
        tables = [name for name in self.form.tables if (name in self.form.once) is once]
        told = [prefill.about(tables) for prefill in self.prefills]
        values, lines = filled(self.form, told, unit.unit_code, record, rows)
        for sheet in self.layout.sheets:
            try:
                sheet.place_lines(lines)
            except ValueError as error:
                files = "、".join(prefill.path.name for prefill in self.prefills)
                raise OfficeError(
                    f"单位 {unit.unit_code} 的“{error}”在表中没有位置；请核对 {files}，或在 [rows] 里加行",
                    self.folder,
                ) from None
        return values, lines

    def _roster_rows(self, unit: Unit) -> Lines:
        """The rows that the form has filled from the roster, by table, as far as it says something."""
        found = {}
        for table, rows in self.form.roster_rows.items():
            lines = [{n: getattr(unit, word) for n, word in row.items()} for row in rows]
            found[table] = [line for line in lines if all(line.values())]
        return found


def campaigns_above(start: Path) -> Iterator[Path]:
    """The folders with a campaign.toml from `start` upwards, the nearest first: whoever made them.

    Nothing in them is read here; see `xltool.office.trust`.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / CAMPAIGN_FILE).is_file():
            yield folder


def form_named(folder: Path) -> str | None:
    """Return the form that a campaign.toml names; None where it names none, or cannot be read."""
    try:
        named = _read_settings(folder / CAMPAIGN_FILE).get("form")
    except OfficeError:
        return None
    return named if isinstance(named, str) else None


def load_campaign(folder: Path) -> Campaign:
    """Read `campaign.toml`. Raises OfficeError for anything missing, unknown or out of range."""
    path = folder / CAMPAIGN_FILE
    settings = _read_settings(path)
    changes = _changes(settings, path)
    rows = _table(settings, "rows", path)
    form = _form(settings, folder, changes, rows)
    costs = head_costs.head_costs_of(_table(settings, head_costs.SETTING, path), form, path)
    switched_on = {head_costs.RULE: "warning"} if costs else {}
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
        severities={**switched_on, **_severities(settings, form, path)},
        unsealed=_accepts_unsealed(settings, path),
        targets=_targets(settings, path),
        zero_budget=form.zero_budget,
        limits=limits_of(_table(settings, "limits", path), path),
        head_costs=costs,
        import_plan=ImportPlan.of_office(form, folder, _table(settings, "import", path), path),
    )


def year_of(folder: Path) -> int | None:
    """The budget year of a campaign whose form may not be there yet; None where there is no campaign.

    Raises OfficeError where campaign.toml cannot be read, or has no year.
    """
    path = folder / CAMPAIGN_FILE
    return _year(_read_settings(path), path) if path.is_file() else None


def _form(
    settings: Mapping[str, Any], folder: Path, changes: Mapping[str, Any], rows: Mapping[str, int]
) -> Form:
    """The form as the campaign wants it; what campaign.toml asks in vain is a mistake there."""
    path = folder / CAMPAIGN_FILE
    try:
        form = load_form(_setting(settings, "form", str, path), folder)
        return form.adapted(changes, rows, _zero_budget(settings, form, path))
    except MistakesError:
        raise
    except OfficeError as error:
        raise OfficeError(error.message, error.path or path, error.line) from error


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


def _severities(settings: Mapping[str, Any], form: Form, path: Path) -> dict[str, str]:
    """The section [severity]; rules of integrity do not belong there."""
    severities = _table(settings, "severity", path)
    fixed = codes_of_integrity(form)
    known = {rule.code for rule in (*rules_on_every_file(), *form.rules)} | {"ROUND"}
    for code, severity in severities.items():
        if severity not in (*SEVERITIES, "off"):
            raise OfficeError(f"[severity] {code} 应为 error、warning、info 或 off", path)
        if code not in known:
            meant = nearest(code, sorted(known)) or "；"
            hint = f"用 xltool rules --form {form.id} 查看"
            lines = path.read_text(encoding="utf-8-sig").splitlines()
            line = next((n for n, text in enumerate(lines, 1) if code in text), None)
            raise OfficeError(f"[severity] 这张表没有规则 {code}{meant}{hint}", path, line)
        if code in fixed:
            unsealed = "；接受没有签发信息的表，请写 [accept] unsealed = true"
            raise OfficeError(
                f"[severity] {code} 查的是交回的表是否原样读到，不能调整或关闭，请删去这一行"
                + (unsealed if code == "TPL-001" else ""),
                path,
            )
    return severities


def _accepts_unsealed(settings: Mapping[str, Any], path: Path) -> bool:
    """The section [accept]: what this office takes although it is not as issued."""
    accept = _table(settings, "accept", path)
    for key, value in accept.items():
        if key != "unsealed" or not isinstance(value, bool):
            raise OfficeError("[accept] 中只能写 unsealed = true 或 unsealed = false", path)
    return bool(accept.get("unsealed", False))


def _zero_budget(settings: Mapping[str, Any], form: Form, path: Path) -> str:
    """The section [zero_budget]: the policy for projects whose budget is 0; the form's usual one."""
    section = _table(settings, "zero_budget", path)
    if "zero_budget" not in settings:
        return next(iter(form.zero_budgets), "")
    policy = section.get("policy")
    if set(section) != {"policy"} or not isinstance(policy, str) or not policy:
        raise OfficeError(form.wrong_zero_budget, path)
    return policy


def _year(settings: Mapping[str, Any], path: Path) -> int:
    year: int = _setting(settings, "year", int, path)
    if year not in YEARS:
        raise OfficeError("设置项 year 应为 2000–2099", path)
    return year


def _spare(settings: Mapping[str, Any], path: Path) -> int:
    spare: int = _setting(settings, "spare", int, path, 2)
    if not 0 <= spare <= 100:
        raise OfficeError("设置项 spare（备用表张数）应为 0–100", path)
    return spare


def _targets(settings: Mapping[str, Any], path: Path) -> Path | None:
    """The merge result with the approved targets, from the campaign's folder."""
    value: str = _setting(settings, approved_targets.SETTING, str, path, "")
    return path.parent / value if value else None


def _deadline(settings: Mapping[str, Any], path: Path) -> date | None:
    value = settings.get("deadline")
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    raise OfficeError("设置项 deadline 应为日期，如 2026-12-15（不加引号）", path)
