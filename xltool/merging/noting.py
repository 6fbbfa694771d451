"""What a merge wrote of each unit goes into the campaign's log: where the unit stands after it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from xltool.merging.fates import IN_DATA, Fate
from xltool.office.campaign import Campaign
from xltool.office.check_log import LogLine, State, add_to_log
from xltool.office.standing import news_of_merge, read_standings


def log_merge(campaign: Campaign, fates: Iterable[Fate], now: datetime) -> None:
    """Add to the campaign's log which files of the units of its roster are in the result, and which no more."""
    time = f"{now:%Y-%m-%d %H:%M}"
    merged: dict[str, LogLine] = {}
    for fate in fates:
        unit = campaign.listed(fate.district, fate.unit_code)
        if unit is not None and fate.outcome in IN_DATA:
            code = campaign.code_in_log(unit)
            state: State = "merged" if fate.outcome == "merged" else "partly"
            merged[code] = LogLine(
                time, code, fate.file, fate.sha256, state, warnings=fate.warnings
            )
    add_to_log(
        campaign.folder,
        lambda: news_of_merge(read_standings(campaign.folder), merged, time),
    )
