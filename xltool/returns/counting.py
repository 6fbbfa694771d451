"""Which of the files of a run count: no copies, and none of which 取舍.csv says that another counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from xltool.office.campaign import Campaign
from xltool.office.decisions import chosen_files, read_decisions
from xltool.office.lower import district_of
from xltool.returns.submissions import Submission


def mark_copies(submissions: list[Submission]) -> None:
    """A file that is byte for byte another one counts once."""
    first: dict[tuple[str, str], str] = {}
    for submission in submissions:
        key = submission.lower, submission.sha256
        if submission.problem is None and key in first:
            submission.same_as = Path(first[key]).name
        elif submission.problem is None:
            first[key] = submission.file


def mark_superseded(submissions: Sequence[Submission], campaign: Campaign | None) -> None:
    """One of which 取舍.csv says that another of its unit counts does not count.

    Raises OfficeError where a line of 取舍.csv is wrong.
    """
    chosen = chosen_files(read_decisions(campaign.folder)) if campaign else {}
    names = {found.sha256: Path(found.file).name for found in submissions}
    for found in submissions if chosen else ():
        sha256 = chosen_instead(found, campaign, chosen)
        if sha256 is not None:
            found.superseded_by = names.get(sha256) or f"sha256 {sha256[:8]}…，不在这次的文件里"


def chosen_instead(
    found: Submission, campaign: Campaign | None, chosen: Mapping[tuple[str, str], str]
) -> str | None:
    """The SHA-256 of the file that was chosen of a unit in place of this one; None where none was."""
    key = campaign.public_key if campaign else None
    if found.sender is None or key is None:
        return None
    sha256 = chosen.get((district_of(found.sender.district, key), found.sender.unit))
    return None if sha256 == found.sha256 else sha256
