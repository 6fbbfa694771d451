"""Which of the files of a run count: no copies, and of several files of a unit the one that counts.

That is the one that 取舍.csv names, until the copy of it that went back comes mended. A file that was
filled in a copy that had gone back counts in place of what had been handed in before, and one of a later
issue in place of one of an earlier: the office's own seal says so. Of others none is preferred.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from xltool.office.campaign import Campaign
from xltool.office.decisions import chosen_files
from xltool.office.issued import order_of_issues
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


def passed_over(submissions: Sequence[Submission], campaign: Campaign | None) -> dict[int, str]:
    """The submissions of which 取舍.csv says that another of their unit counts, with the SHA-256 of that one.

    The mended copy of the chosen file is none of them: it came later. Raises OfficeError where a line of
    取舍.csv is wrong.
    """
    here = {found.sha256: found for found in submissions}
    return {
        number: sha256
        for number, sha256 in _others_chosen(submissions, campaign).items()
        if not _came_of(submissions[number], here.get(sha256))
    }


def came_later(submissions: Sequence[Submission], campaign: Campaign | None) -> set[int]:
    """The submissions that came mended of the one that 取舍.csv names. Raises OfficeError as `passed_over`."""
    return _others_chosen(submissions, campaign).keys() - passed_over(submissions, campaign).keys()


def _others_chosen(submissions: Sequence[Submission], campaign: Campaign | None) -> dict[int, str]:
    """The submissions that are not the chosen one of their unit, with the SHA-256 of that one."""
    chosen = chosen_files(campaign.decisions) if campaign else {}
    return {
        number: sha256
        for number, found in enumerate(submissions if chosen else ())
        if (sha256 := _chosen_instead(found, campaign, chosen)) is not None
    }


def _came_of(found: Submission, chosen: Submission | None) -> bool:
    """True for the mended copy of a chosen file: it had gone back since, as the office's seal says.

    Copies go back of the chosen file only; where that is not here, every copy counts as later.
    """
    if found.sender is None or not found.is_sealed:
        return False
    return found.sender.round > (chosen.sender.round if chosen and chosen.sender else 0)


def mark_superseded(submissions: Sequence[Submission], campaign: Campaign | None) -> None:
    """One that 取舍.csv passes over does not count. Raises OfficeError where a line of it is wrong."""
    names = {found.sha256: Path(found.file).name for found in submissions}
    for number, sha256 in passed_over(submissions, campaign).items():
        name = names.get(sha256) or f"sha256 {sha256[:8]}…，不在这次的文件里"
        submissions[number].superseded_by = name


def mark_followed(submissions: Sequence[Submission], campaign: Campaign | None) -> None:
    """One after which its unit handed in a later one does not count; of those that 取舍.csv does not pass over.

    Raises OfficeError where a line of 取舍.csv is wrong.
    """
    if campaign is None or campaign.public_key is None:
        return
    out = passed_over(submissions, campaign)
    groups: dict[tuple[str, str], list[Submission]] = {}
    for number, found in enumerate(submissions):
        counts = found.problem is None and found.same_as is None and number not in out
        if counts and found.lower == "" and found.sender:
            district = district_of(found.sender.district, campaign.public_key)
            groups.setdefault((district, found.sender.unit), []).append(found)
    several = [some for some in groups.values() if len(some) > 1]
    orders = order_of_issues(campaign.folder) if several else {}
    for some in several:
        last = _last_of(some, orders)
        names = "、".join(Path(found.file).name for found in last)
        for found in some:
            if last and not any(found is each for each in last):
                found.followed_by = names


def _last_of(some: Sequence[Submission], orders: Mapping[tuple[str, str], int]) -> list[Submission]:
    """Those that were issued, or had gone back, last; none where no seal tells."""
    turns = []
    for found in some:
        sender = found.sender
        if sender is None or not found.is_sealed:
            return []
        turns.append((orders.get((sender.unit, sender.issue_id), -1), sender.round))
    if len({found.sender.issue_id for found in some if found.sender}) > 1 and any(
        issued < 0 for issued, _ in turns
    ):
        return []
    return [found for found, turn in zip(some, turns, strict=True) if turn == max(turns)]


def _chosen_instead(
    found: Submission, campaign: Campaign | None, chosen: Mapping[tuple[str, str], str]
) -> str | None:
    """The SHA-256 of the file that was chosen of a unit in place of this one; None where none was."""
    key = campaign.public_key if campaign else None
    if found.sender is None or key is None:
        return None
    sha256 = chosen.get((district_of(found.sender.district, key), found.sender.unit))
    return None if sha256 == found.sha256 else sha256
