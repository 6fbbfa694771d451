"""All that a result says, ready to be written: what every file of it is made of."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from xltool.checking.kept import program
from xltool.merging import reconciling
from xltool.merging.data_set import DataSet
from xltool.merging.expected import Roster, rosters_of
from xltool.merging.result import Proof, Result
from xltool.office.campaign import Campaign
from xltool.office.check_log import read_log
from xltool.office.import_plan import ImportPlan
from xltool.office.lower import Office, district_of, read_lower
from xltool.write.tables import Lines, Rows


@dataclass(frozen=True)
class Publication:
    """All that a result says: what was merged, what was held back, what came of everything and why.

    `results` are those that were merged into it; `now` is when.
    """

    campaign: Campaign
    data: DataSet
    held: DataSet
    proof: Proof
    results: Sequence[Result]
    now: datetime
    merged_by: str = ""
    before: DataSet | None = None  # what another year's result merged, to compare with
    notes: list[str] = field(default_factory=list)

    @cached_property
    def offices(self) -> list[Office]:
        """The offices that issued what is in it, by district; their names are those that we know."""
        below = read_lower(self.campaign.folder)
        found = {
            office.key: replace(office, name=below.get(office.key, office).name)
            for result in self.results
            for office in result.sealed.manifest.offices
        }
        own = self.campaign.public_key or ""
        if not self.results or any(fate.key == own for fate in self.proof.fates):
            found[own] = Office(self.campaign.district, self.campaign.title, own)
        return sorted(found.values(), key=lambda office: (office.district, office.key))

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of the districts."""
        return {district_of(each.district, each.key): each.name for each in self.offices}

    @cached_property
    def rosters(self) -> list[Roster]:
        """The units and projects that are expected, by office."""
        return rosters_of(self.campaign, self.offices, self.results)

    @cached_property
    def _came(self) -> set[str]:
        """The units of which the campaign's log knows anything, by their code there."""
        return {line.unit for line in read_log(self.campaign.folder)}

    def absence(self, district: str, code: str) -> str:
        """What is said of a unit of which nothing came: whether anything did before, as the log has it."""
        unit = self.campaign.listed(district, code)
        is_known = unit is not None and self.campaign.code_in_log(unit) in self._came
        return reconciling.BEFORE if is_known else reconciling.NEVER

    @cached_property
    def reconciliation(self) -> Rows:
        """The lines of 对账, as `reconciling.HEADER` names their columns."""
        given = reconciling.Given(
            self.data, self.proof.fates, self.rosters, self.names, self.absence
        )
        lines = reconciling.lines_of(given)
        return Lines(len(lines), lambda: (line.cells for line in lines))

    @property
    def import_plan(self) -> ImportPlan | None:
        """How the import file is made: as this office says, else as all offices below say alike."""
        own = self.campaign.import_plan
        below = [
            campaign.import_plan
            for result in self.results
            for campaign in result.campaigns.values()
            if campaign.import_plan is not None
        ]
        said = [plan for plan in below if plan.own]
        is_said = (own is None or not own.own) and said and len(said) == len(below)
        alike = all(plan.to_dict() == said[0].to_dict() for plan in said)
        return said[0] if is_said and alike else own

    @cached_property
    def rules(self) -> str:
        """The digest of the rules that were run."""
        return hashlib.sha256(b"\0".join(program())).hexdigest()[:16]
