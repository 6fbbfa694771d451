"""What an office judged by, sealed with its result: its roster, its severities, its lists.

The office above judges each submission with the settings of the office that issued it. Only data travels: the
code of rules and forms is always that of the office that merges.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from xltool.errors import OfficeError
from xltool.form.loading import load_form
from xltool.form.model import Form
from xltool.merging.parquet import write
from xltool.office.campaign import Campaign
from xltool.office.import_plan import ImportPlan
from xltool.office.lower import Office
from xltool.office.projects import Project
from xltool.office.roster import Unit
from xltool.rules.declaring import Reference

FOLDER = "settings"
_FILE = "settings.json"
_TEXTS = ("form", "title", "district", "zero_budget")


@dataclass(frozen=True)
class LowerCampaign(Campaign):
    """The campaign of an office below, as far as its result says; nothing of it is program code."""

    lists: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    own_roster: list[Unit] = field(default_factory=list)
    own_projects: dict[str, list[Project]] = field(default_factory=dict)

    @cached_property
    def roster(self) -> list[Unit]:
        """The units that it issued to."""
        return self.own_roster

    @cached_property
    def projects(self) -> dict[str, list[Project]]:
        """The projects that it prefilled."""
        return self.own_projects

    def reference(self, wanted: Reference) -> pl.DataFrame | None:
        """A list that it compared with; None where it had none, or other columns than ours."""
        fields = wanted.model.fields()
        schema = {name: column.kind.dtype(column) for name, column in fields.items()}
        frame = self.lists.get(list_name(wanted))
        if frame is None or set(frame.columns) != set(schema):
            return None
        return frame.select(pl.col(name).cast(kind) for name, kind in schema.items())


def list_name(wanted: Reference) -> str:
    """What a list is called in a result."""
    return wanted.model.table_name()


def save_settings(campaign: Campaign, office: Office, folder: Path) -> None:
    """Write what an office judged by into its folder of a result."""
    place = folder / FOLDER / office.id
    place.mkdir(parents=True)
    document = {
        "form": campaign.form.id,
        "fy": campaign.fy,
        "title": campaign.title,
        "district": campaign.district,
        "unsealed": campaign.unsealed,
        "severities": dict(campaign.severities),
        "changes": dict(campaign.changes),
        "rows": dict(campaign.rows),
        "zero_budget": campaign.zero_budget,
        "import": campaign.import_plan.to_dict() if campaign.import_plan else None,
        "units": campaign.roster,
        "projects": campaign.projects,
    }
    with (place / _FILE).open("w", encoding="utf-8") as file:  # piece by piece: it may be long
        json.dump(document, file, ensure_ascii=False, sort_keys=True, indent=1, default=_as_written)
    for wanted in _references(campaign.form):
        frame = campaign.reference(wanted)
        if frame is not None:
            write(frame, place, list_name(wanted))


def _as_written(each: Unit | Project) -> dict[str, str]:
    """A unit or a project as JSON has it."""
    if isinstance(each, Unit):
        return {name: text for name, text in asdict(each).items() if name != "line"}
    return dict(each.values)


def load_settings(folder: Path, office: Office, own: Campaign) -> LowerCampaign:
    """What an office judged by, from a result; `own` is the campaign of the office that merges.

    Raises OfficeError where the result is damaged, or of a form that we have not.
    """
    place = folder / FOLDER / office.id
    try:
        document = json.loads((place / _FILE).read_text(encoding="utf-8"))
        document.setdefault("zero_budget", "")  # results of earlier versions know none
        texts = {name: _of_kind(document, name, str) for name in _TEXTS}
        changes, rows = _of_kind(document, "changes", dict), _of_kind(document, "rows", dict)
        form = load_form(texts["form"], own.folder)
        form = form.adapted(changes, rows, texts["zero_budget"])
        units = [Unit(**each) for each in _of_kind(document, "units", list)]
        projects = {
            code: [Project(values) for values in listed]
            for code, listed in _of_kind(document, "projects", dict).items()
        }
        given = document.get("import")
        plan = None if given is None else ImportPlan.from_dict(given, form, place)
        lists = {path.stem: pl.read_parquet(path) for path in place.glob("*.parquet")}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, pl.exceptions.PolarsError):
        raise OfficeError("合并结果的 settings 已损坏；请重新合并", place) from None
    return LowerCampaign(
        folder=own.folder,
        form=form,
        fy=_of_kind(document, "fy", int),
        title=texts["title"],
        district=texts["district"],
        deadline=None,
        contact="",
        spare=0,
        password="",
        changes=changes,
        rows=rows,
        zero_budget=texts["zero_budget"],
        import_plan=plan,
        severities=_of_kind(document, "severities", dict),
        unsealed=_of_kind(document, "unsealed", bool),
        limits=own.limits,
        lists=lists,
        own_roster=units,
        own_projects=projects,
    )


def _of_kind(document: Mapping[str, Any], name: str, kind: type) -> Any:
    """A value that came from elsewhere. Raises ValueError for one of another type."""
    value = document.get(name)
    if type(value) is not kind:
        raise ValueError(name)
    return value


def _references(form: Form) -> Iterator[Reference]:
    """The lists that the rules of a form compare with."""
    found: dict[str, Reference] = {}
    for rule in form.rules:
        for lookup in rule.using.values():
            if isinstance(lookup.table, Reference):
                found.setdefault(list_name(lookup.table), lookup.table)
    yield from found.values()
