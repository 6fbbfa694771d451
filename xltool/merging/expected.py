"""What is expected of whom: the rosters of the offices, with their projects and their control figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl

from xltool.merging.result import Result
from xltool.office.campaign import Campaign
from xltool.office.lower import Office, district_of
from xltool.office.roster import Unit
from xltool.rules.declaring import Reference

_CONTROL, _AMOUNTS = "部门控制数.csv", "项目金额.csv"


@dataclass(frozen=True)
class Roster:
    """The units of one district, the names of their prefilled projects, and what amounts should be.

    `control` are the control figures of departments by code; `amounts` the amounts of projects by unit
    and name.
    """

    district: str
    units: Sequence[Unit]
    projects: Mapping[str, Sequence[str]]
    control: Mapping[str, Decimal] = field(default_factory=dict)
    amounts: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)


def rosters_of(
    campaign: Campaign, offices: Sequence[Office], results: Sequence[Result]
) -> list[Roster]:
    """The rosters of all offices whose submissions are merged; our own where it names other districts."""
    own = campaign.public_key or ""
    campaigns: dict[str, Campaign] = {
        key: lower for result in results for key, lower in result.campaigns.items()
    }
    campaigns[own] = campaign
    found = [_roster(campaigns[office.key], office) for office in offices]
    if all(office.key != own for office in offices) and campaign.roster:
        known = {roster.district for roster in found}
        found += [
            Roster(district, [u for u in campaign.roster if u.district == district], {})
            for district in sorted({unit.district for unit in campaign.roster} - known)
        ]
    return found


def _roster(campaign: Campaign, office: Office) -> Roster:
    control = _list(campaign, _CONTROL)
    amounts = _list(campaign, _AMOUNTS)
    return Roster(
        district_of(campaign.district, office.key),
        campaign.roster,
        {
            code: [name for project in projects if (name := project.values.get("project_name", ""))]
            for code, projects in campaign.projects.items()
        },
        {row["department_code"]: row["control"] for row in control},
        {(row["unit_code"], row["project_name"]): row["budgeted"] for row in amounts},
    )


def _list(campaign: Campaign, file: str) -> list[dict[str, Any]]:
    """The rows of a list that rules of the form compare with; none where there is no such list."""
    for rule in campaign.form.rules:
        for lookup in rule.using.values():
            if isinstance(lookup.table, Reference) and lookup.table.file == file:
                frame: pl.DataFrame | None = campaign.reference(lookup.table)
                return [] if frame is None else frame.to_dicts()
    return []
