"""All that is wrong with an office's lists, before anything is issued: every file is read to its end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from xltool.errors import OfficeError
from xltool.form.model import Form
from xltool.office.campaign import Campaign
from xltool.office.decisions import DECISIONS, read_decisions
from xltool.office.keys import signing_key
from xltool.office.list_files import list_file
from xltool.office.lists import with_lists
from xltool.office.lower import LOWER, read_lower
from xltool.office.mistakes import Mistakes
from xltool.office.opinions import OPINIONS
from xltool.office.projects import PROJECTS
from xltool.office.roster import ROSTER, Unit, read_roster
from xltool.office.seal import Issue
from xltool.office.values import read_list
from xltool.office.waivers import WAIVERS, read_waivers
from xltool.prose.nearest import nearest
from xltool.prose.quoting import quoted
from xltool.rules.declaring import Reference

_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?([Ee][+]?[0-9]+)?")


def review(campaign: Campaign, mistakes: Mistakes) -> None:
    """Note what is wrong with the lists of a campaign, and with its keys.

    What depends on the roster is looked at once that is right.
    """
    folder = campaign.folder
    readers: list[Callable[[], object]] = [
        lambda: signing_key(folder),
        lambda: with_lists(campaign.form, folder),
        lambda: campaign.prefills,
        lambda: read_lower(folder),
        lambda: campaign.decisions,
    ]
    with mistakes.noting():
        units = campaign.units
        readers += [
            lambda: mistakes.take(_lines_too_many(campaign)),
            lambda: mistakes.take(_opinion_mistakes(campaign, units)),
            lambda: mistakes.take(_waiver_mistakes(campaign, units)),
            lambda: mistakes.take(_waived_projects(campaign)),
            lambda: mistakes.take(_decision_mistakes(campaign)),
        ]
    readers += [partial(_try_list, folder, wanted) for wanted in campaign.form.references]
    for read in readers:
        with mistakes.noting():
            read()


def with_lists_wrong(folder: Path, settings: OfficeError) -> OfficeError:
    """What is wrong with the settings of a campaign, and with those of its lists that can be read without these."""
    mistakes = Mistakes(folder)
    mistakes.take([settings])

    def roster() -> object:
        below = list_file(folder, LOWER).is_file()
        return read_roster(list_file(folder, ROSTER), may_be_empty=below)

    readers: list[Callable[[], object]] = [
        roster,
        lambda: signing_key(folder),
        lambda: read_lower(folder),
        lambda: read_decisions(folder),
        lambda: read_waivers(folder),
    ]
    for read in readers:
        with mistakes.noting():
            read()
    try:
        mistakes.insist()
    except OfficeError as error:
        return error
    return settings


def _try_list(folder: Path, wanted: Reference) -> None:
    """Read a list that rules compare with, if it is there; nothing is kept: it may be mended before returns come."""
    path = list_file(folder, wanted.file)
    if path.is_file():
        read_list(path, wanted.model.fields())


def blank_mistakes(campaign: Campaign, unit: Unit, issue: Issue) -> Iterator[OfficeError]:
    """Yield the required cells of a unit's workbook that are locked and that nobody filled: the unit cannot."""
    form, projects = campaign.form, campaign.projects.get(unit.unit_code, [])
    for number, record in enumerate(issue.records):
        place = number - form.first_project
        if place >= len(projects):
            return  # the spare sheets
        known = projects[place] if place >= 0 else None
        for name, column in form.prefillable(once=known is None).items():
            is_ours = column.filled_by == "system" or column.new_only
            is_known = bool(record.get(name) or column.computed or column.looked_up)
            if not column.required or not is_ours or is_known:
                continue
            path, line = list_file(campaign.folder, ROSTER), unit.line
            if column.prefill_file:
                path, line = list_file(campaign.folder, column.prefill_file[0]), None
            elif known is not None and not column.prefill:
                path, line = known.path or list_file(campaign.folder, PROJECTS), known.line
            words = f"{unit.unit_code}{_named(record)}：没有{column.short_label}，表中锁定，单位填不了；请补上"
            yield OfficeError(words, path, line)


def _named(record: Mapping[str, str]) -> str:
    """The project of a record, where it has one."""
    name = record.get("project_name") or record.get("project_code", "")
    return f" {quoted(name)}" if name else ""


def _lines_too_many(campaign: Campaign) -> Iterator[OfficeError]:
    """Yield the further lines of a unit in projects.csv, where a workbook of the form has no room for them."""
    for unit, (first, *more) in campaign.projects.items():
        for project in more if campaign.layout.single else ():
            words = f"单位 {unit} 第 {first.line} 行已有；这种表每个单位只能有一行，请删去一行"
            yield OfficeError(words, project.path, project.line)


def _waiver_mistakes(campaign: Campaign, units: dict[str, Unit]) -> Iterator[OfficeError]:
    """Yield the waivers of units that are not on the roster; those of offices below are not known."""
    path = list_file(campaign.folder, WAIVERS)
    below = list_file(campaign.folder, LOWER).is_file()
    for waiver in campaign.waivers:
        if waiver.unit not in units and not below:
            meant = nearest(waiver.unit, units) or "；请改正，或删去这一行"
            yield OfficeError(f"单位代码“{waiver.unit}”不在 units.csv 中{meant}", path, waiver.line)


def _opinion_mistakes(campaign: Campaign, units: Mapping[str, Unit]) -> Iterator[OfficeError]:
    """Yield the opinions on a sheet or a project that the workbook of their unit does not have."""
    path = campaign.folder / OPINIONS
    for opinion in campaign.opinions:
        unit, place = units.get(opinion.unit), opinion.place
        if unit is None or opinion.settled:
            continue
        sheets = campaign.layout.names(len(campaign.issue_for(unit).records))
        if place.sheet and place.sheet not in sheets:
            there = sheets[0] if len(sheets) == 1 else f"{sheets[0]} 到 {sheets[-1]}"
            words = f"{opinion.unit} 的表里没有工作表“{place.sheet}”，有 {there}；请改正，或改写“项目”和“栏目”"
            yield OfficeError(words, path, opinion.line)
        elif words := _no_code(campaign.form, place.project):
            yield OfficeError(words, path, opinion.line)


def _waived_projects(campaign: Campaign) -> Iterator[OfficeError]:
    """Yield the waivers of a project by a code that is none."""
    path = list_file(campaign.folder, WAIVERS)
    for waiver in campaign.waivers:
        if words := _no_code(campaign.form, waiver.record):
            yield OfficeError(words, path, waiver.line)


def _no_code(form: Form, project: str) -> str:
    """What is wrong with the code of a project, as Excel spoils it; nothing for a code, or a name.

    A unit may have projects that the office does not know.
    """
    column = form.record_fields.get("project_code")
    if column is None or not column.digits or not _NUMBER.fullmatch(project):
        return ""
    if len(project) == column.digits and project.isdigit():
        return ""
    return f"项目编码“{project}”应为 {column.digits} 位数字；请改正（用 Excel 填的，先把这一列设为文本）"


def _decision_mistakes(campaign: Campaign) -> Iterator[OfficeError]:
    """Yield the decisions about no unit that can hand in anything."""
    for decision in campaign.decisions:
        if words := campaign.idle_decision(decision):
            yield OfficeError(words, campaign.folder / DECISIONS, decision.line)
