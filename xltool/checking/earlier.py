"""Which workbooks of a run are earlier versions than one that an earlier run has seen, as their seals say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xltool.checking.senders import numbers_by_unit
from xltool.office.campaign import Campaign
from xltool.office.check_log import LogLine
from xltool.office.standing import read_standings
from xltool.returns.submissions import Submission


def seen_later(campaign: Campaign, submissions: Sequence[Submission]) -> dict[int, LogLine]:
    """The line of the log about a later version of the same unit, by the numbers of the earlier ones."""
    known = read_standings(campaign.folder)
    later: dict[int, LogLine] = {}
    for code, numbers in numbers_by_unit(campaign, submissions).items() if known else ():
        for number in numbers:
            found = submissions[number]
            if code not in known or not found.is_counted:
                continue
            issue, turn = found.version
            line = LogLine("", code, found.file, found.sha256, "passed", issue=issue, turn=turn)
            if (seen := known[code].later_than(line)) is not None:
                later[number] = seen
    return later


def notes_on_earlier(campaign: Campaign, submissions: Sequence[Submission]) -> list[str]:
    """A line in Chinese for each earlier version: which one counts."""
    return [
        f"{Path(submissions[number].file).name} 是 {line.unit} 较早的一份：{line.time} 查过它后来交的 "
        f"{line.file}，报送情况以后来的为准；请检查后来的那一份"
        for number, line in seen_later(campaign, submissions).items()
    ]
