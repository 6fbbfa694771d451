"""A campaign: one form, one year, one office: `campaign.toml`, the roster, the prefilled projects.

Everything here is written by the office; whatever is wrong with it is an `OfficeError` that names
file and line. CSV files may come from Excel: UTF-8 with or without BOM, or GB18030.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

import polars as pl

from xltool.errors import OfficeError
from xltool.form.edition import Edition, Recipe, canonical, edition_of
from xltool.form.layout import Layout
from xltool.form.loading import load_form
from xltool.form.model import Form
from xltool.form.rules_in_force import codes_of_integrity, known_codes
from xltool.office import approved_targets, head_costs, seal
from xltool.office.campaign_settings import (
    SETTINGS,
    YEARS,
    accepts_unsealed,
    adapted,
    changes_of,
    deadline_in,
    district_in,
    form_of,
    head_costs_in,
    import_plan_of,
    severities_of,
    spare_in,
    targets_in,
    text_of,
    year_in,
)
from xltool.office.decisions import Decision, read_decisions
from xltool.office.import_plan import MAP_FILE, ImportPlan
from xltool.office.issued import last_issued
from xltool.office.limits import limits_of
from xltool.office.list_files import list_file
from xltool.office.lower import LOWER, district_of
from xltool.office.opinions import Opinion, read_opinions
from xltool.office.prefills import Prefill, filled, missing, read_prefills
from xltool.office.projects import PROJECTS, Project, read_projects, row_cells
from xltool.office.roster import ROSTER, Unit, read_roster
from xltool.office.roster_notes import blank_cells, short_codes, unused_columns
from xltool.office.seal import Issue
from xltool.office.settings import Settings
from xltool.office.values import read_list
from xltool.office.waivers import Waiver, idle_waivers, read_waivers
from xltool.prose.nearest import nearest
from xltool.rules.declaring import Reference
from xltool.workbook.limits import Limits

CAMPAIGN_FILE = "campaign.toml"
KEY_FILE = Path("keys") / "office.key"
PUBLIC_KEY = KEY_FILE.with_suffix(".pub")
PRIVATE = Path(".xltool")  # a folder of ours in the campaign's: nothing in it is anybody's work

Lines = Mapping[str, Sequence[Mapping[str, str]]]  # prefilled rows, by table

_STAYING = ("projects", "_known", "prefills")

_NO_PROJECTS = f"没有项目（{PROJECTS}）：每份只有备用表"
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
        return read_roster(
            list_file(self.folder, ROSTER), may_be_empty=list_file(self.folder, LOWER).is_file()
        )

    def expects(self, district: str, unit_code: str) -> bool | None:
        """Whether a unit of a district is on the roster; None where there is no roster."""
        if not self.roster:
            return None
        return self.listed(district, unit_code) is not None

    def listed(self, district: str, unit_code: str) -> Unit | None:
        """The line of the roster of a unit of a district; None for one that is not on it."""
        if not self._has_several:
            return self.units.get(unit_code)
        return self._by_place.get((district, unit_code)) or self._by_place.get(("", unit_code))

    def code_in_log(self, unit: Unit) -> str:
        """What a unit is called where its code alone may mean several: with its district."""
        is_clear = not (self._has_several and unit.district)
        return unit.unit_code if is_clear else f"{unit.district}:{unit.unit_code}"

    @cached_property
    def _by_place(self) -> dict[tuple[str, str], Unit]:
        """The lines of the roster by districts and codes; a unit without a district may be of any."""
        return {(unit.district, unit.unit_code): unit for unit in self.roster}

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
        notes = [*self._known[1], *missing(self.prefills, list(self.units))]
        if self.units:
            notes += short_codes(self.units)
            notes += unused_columns(list_file(self.folder, ROSTER), self.form)
            notes += [] if self.projects or self.layout.single else [_NO_PROJECTS]
            notes += blank_cells(self.form, self.projects)
        notes += idle_waivers(self.waivers, date.today())
        return notes if self.import_plan else [*notes, _NO_IMPORT]

    @cached_property
    def prefills(self) -> list[Prefill]:
        """The CSV files that fields are prefilled from, such as last year's values."""
        return read_prefills(self.form, self.layout, self.folder)

    @cached_property
    def _known(self) -> tuple[dict[str, list[Project]], list[str]]:
        path = list_file(self.folder, PROJECTS)
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

    def forget_issued(self) -> None:
        """Read the register anew when it is asked for next: something was issued."""
        self.__dict__.pop("issue_ids", None)

    @cached_property
    def waivers(self) -> list[Waiver]:
        """What the reviewers waived: waivers.csv."""
        return read_waivers(self.folder, codes_of_integrity(self.form), known_codes(self.form))

    @property
    def own_district(self) -> str:
        """What the decisions and the results call the district of its units."""
        return district_of(self.district, self.public_key) if self.public_key else self.district

    @property
    def decisions(self) -> list[Decision]:
        """Which of several returns count: 取舍.csv as it stands now. Raises OfficeError where it is wrong."""
        return read_decisions(self.folder, self.own_district)

    def idle_decision(self, decision: Decision) -> str:
        """Why a decision about a unit is about none that can come, in Chinese; nothing where it is about one."""
        if not decision.unit or list_file(self.folder, LOWER).is_file():
            return ""
        if decision.district != self.own_district:
            own = self.district or "留空"
            return f"行政区划“{decision.district}”不是本填报文件夹的（{own}）；请改正，或留空"
        if self.expects(decision.district, decision.unit) is False:
            meant = nearest(decision.unit, self.units) or "；请改正，或删去这一行"
            return f"单位代码“{decision.unit}”不在 units.csv 中{meant}"
        return ""

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
        path = list_file(self.folder, wanted.file)
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
        known = [self.form.kept_from_units({**roster, **project.values}) for project in projects]
        if self.layout.single and len(known) > 1:
            name = list_file(self.folder, PROJECTS)
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
        named = Settings(folder / CAMPAIGN_FILE).get("form")
    except OfficeError:
        return None
    return named if isinstance(named, str) else None


def load_campaign(folder: Path) -> Campaign:
    """Read `campaign.toml`. Raises OfficeError with all that is missing, unknown or out of range."""
    given = Settings(folder / CAMPAIGN_FILE)
    given.refuse_unknown(SETTINGS)
    changes: Mapping[str, Any] = given.taken(lambda: changes_of(given), {})
    rows: Mapping[str, int] = given.taken(lambda: given.section("rows"), {})
    named = form_of(given, folder)
    year = given.taken(lambda: year_in(given), YEARS[0])
    texts = {
        key: given.taken(partial(text_of, given, key), "")
        for key in ("title", "contact", "password")
    }
    district = given.taken(lambda: district_in(given), "")
    deadline = given.taken(lambda: deadline_in(given), None)
    spare = given.taken(lambda: spare_in(given), 0)
    unsealed = given.taken(lambda: accepts_unsealed(given), False)
    targets = given.taken(lambda: targets_in(given), None)
    limits = given.taken(lambda: limits_of(given.section("limits"), given.path), Limits())
    if named is None:
        given.mistakes.insist()
        raise AssertionError("a form that cannot be loaded is a mistake")
    form = given.taken(lambda: adapted(given, named, changes, rows), named)
    costs: Mapping[str, Decimal] = given.taken(lambda: head_costs_in(given, form), {})
    severities: Mapping[str, str] = given.taken(lambda: severities_of(given, form), {})
    plan = given.taken(lambda: import_plan_of(given, form, folder), None)
    given.mistakes.insist()
    switched_on = {head_costs.RULE: "warning"} if costs else {}
    return Campaign(
        folder=folder,
        form=form,
        fy=year,
        title=texts["title"] or form.title,
        district=district,
        deadline=deadline,
        contact=texts["contact"],
        spare=spare,
        password=texts["password"],
        changes=changes,
        rows=rows,
        severities={**switched_on, **severities},
        unsealed=unsealed,
        targets=targets,
        zero_budget=form.zero_budget,
        limits=limits,
        head_costs=costs,
        import_plan=plan,
    )


def year_of(folder: Path) -> int | None:
    """The budget year of a campaign whose form may not be there yet; None where there is no campaign.

    Raises OfficeError where campaign.toml cannot be read, or has no year.
    """
    path = folder / CAMPAIGN_FILE
    return year_in(Settings(path)) if path.is_file() else None
