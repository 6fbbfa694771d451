"""The units of the roster of which a run has nothing: those that never returned, and those that did before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xltool.checking.senders import never_returned, numbers_by_unit
from xltool.office.campaign import Campaign
from xltool.office.roster import Unit
from xltool.returns.submissions import Submission

_NAMED = 10  # units that a line names


@dataclass(frozen=True, slots=True)
class Absent:
    """Units of which nothing is in a run: of some nothing came `ever`, others returned `before`."""

    never: Sequence[Unit] = ()
    before: Sequence[Unit] = ()

    @property
    def lines(self) -> list[str]:
        """A line in Chinese on those that returned before; every report names the others itself."""
        count = len(self.before)
        return [f"以前交过、这次不在其中 {count} 个单位：{named(self.before)}"] if count else []


def absent_from(campaign: Campaign, submissions: Sequence[Submission]) -> Absent:
    """The units of which nothing is in a run; the campaign's log knows what came before."""
    came = numbers_by_unit(campaign, submissions)
    never = never_returned(campaign, submissions)
    known = {*came, *map(campaign.code_in_log, never)}
    before = [unit for unit in campaign.roster if campaign.code_in_log(unit) not in known]
    return Absent(never, before)


def named(units: Sequence[Unit]) -> str:
    """The codes and names of units, of many the first ones: how many there are stands before them."""
    words = "、".join(f"{unit.unit_code} {unit.unit_name}" for unit in units[:_NAMED])
    return words + ("等" if len(units) > _NAMED else "")
