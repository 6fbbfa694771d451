"""What is to be said of submissions as a whole: who handed in what, whether it could be read, who is missing.

These facts need all submissions of a run, but nothing of what stands in their cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from xltool.checking.frames import ROSTER, Made, Rows
from xltool.checking.mix_ups import UnitNames
from xltool.checking.senders import never_returned
from xltool.fields.reading import Value
from xltool.office.campaign import PUBLIC_KEY, Campaign
from xltool.returns.extracting import Row, Subject
from xltool.returns.submissions import Batch, Submission

_NAMED = 10  # units that a message names


@dataclass(frozen=True)
class Register:
    """The rows of the fact tables `submission` and `roster` of a batch."""

    batch: Batch

    @property
    def roster(self) -> Rows:
        """The row of the roster, if there is one."""
        return [(ROSTER, row) for row in self._roster_rows()]

    @property
    def submissions(self) -> Rows:
        """A row for each submission, with its number: made when somebody asks for it."""
        return Made(len(self.batch.submissions), self._submission)

    def _submission(self, number: int) -> tuple[int, Row]:
        return number, self._submission_row(self.batch.submissions[number])

    @cached_property
    def _unit_names(self) -> UnitNames | None:
        return UnitNames(self.batch.campaign) if self.batch.campaign else None

    def _named_by(self, found: Submission) -> str | None:
        """The other unit of the roster that the file name means, in words."""
        if self._unit_names is None or found.unit is None:
            return None
        unit = self._unit_names.unit_named_by(found.file, found.unit)
        return f"{unit.unit_code} {unit.unit_name}" if unit else None

    def _roster_rows(self) -> list[Row]:
        """The roster against what ever came back, once the deadline has passed."""
        campaign = self.batch.campaign
        if campaign is None or campaign.deadline is None or self.batch.day <= campaign.deadline:
            return []
        missing = never_returned(campaign, self.batch.submissions)
        names = [f"{unit.unit_code} {unit.unit_name}" for unit in missing]
        values: dict[str, Value] = {
            "missing": "、".join(names[:_NAMED]) + ("等" if len(names) > _NAMED else ""),
            "count": len(names),
            "deadline": campaign.deadline,
        }
        return [Row("roster", "", 0, values, subject=Subject(""))]

    @property
    def _log_words(self) -> str:
        """Where the traceback of a failure lies."""
        return f" {self.batch.log}" if self.batch.log else "（没有写下）"

    def _submission_row(self, found: Submission) -> Row:
        campaign, sender = self.batch.campaign, found.sender
        known = campaign.expects(sender.district, sender.unit) if campaign and sender else None
        is_read = found.problem is None and found.is_counted
        superseded = found.seal == "superseded"
        issued = found.sender.issue_id if superseded and found.sender else found.issued
        values: dict[str, Value] = {
            "file": Path(found.file).name,
            "form_id": found.form,
            "sha256": found.sha256,
            "problem": found.problem,
            "remedy": found.remedy,
            "failure": found.failure and self._log_words,
            "same_as": found.same_as,
            "superseded_by": found.superseded_by,
            "followed_by": found.followed_by,
            "seal": self._seal(found) if is_read else None,
            "unverified": unverified(self.batch.campaign) if is_read else None,
            "issued": issued,
            "expected": found.expected,
            "named_by": None if found.lower else self._named_by(found),
            "in_roster": None if known is None else "是" if known else "否",
            "campaign_fy": self.batch.campaign.fy if self.batch.campaign else None,
        }
        return Row("submission", "", 0, values, subject=Subject(""))

    def _seal(self, found: Submission) -> str:
        """The state of a seal, as the office takes it."""
        campaign = self.batch.campaign
        is_taken = found.seal == "missing" and campaign is not None and campaign.unsealed
        return "unsealed" if is_taken else found.seal


def unverified(campaign: Campaign | None) -> str | None:
    """Why the seals of a run are not verified; None where they are."""
    if campaign is None:
        return "没有指明填报文件夹（--campaign）"
    return None if campaign.public_key else f"填报文件夹里没有 {PUBLIC_KEY.as_posix()}"
