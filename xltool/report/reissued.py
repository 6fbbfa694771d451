"""What a new issue means for units that handed in an earlier one: it is to be carried over, not filled in again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xltool.office.campaign import Campaign
from xltool.office.standing import read_standings
from xltool.report.absent import named
from xltool.write.issuing import Issued


def to_carry_over(
    campaign: Campaign, before: Mapping[str, str], issued: Sequence[Issued]
) -> list[str]:
    """A line in Chinese if units that handed something in were issued another workbook now.

    `before` are the ids of what units had been issued last until now.
    """
    known = read_standings(campaign.folder)
    units = [
        item.unit
        for item in issued
        if before.get(item.unit.unit_code, item.issue_id) != item.issue_id
        and campaign.code_in_log(item.unit) in known
    ]
    if not units:
        return []
    return [
        f"重新下发的有 {len(units)} 个单位已经交过早先下发的表（{named(units)}），不必重填："
        "请用 xltool check --return 把已填的内容带进新表，发给单位"
    ]
