"""The report of a run: each workbook with its status and its findings. `outputs` gives it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from xltool.checking.register import unverified
from xltool.checking.running import Verdict
from xltool.returns.accounting import Accounts, LeftAside
from xltool.returns.submissions import Batch, Submission
from xltool.rules.findings import Finding, worst

Status = Literal["passed", "warned", "failed", "unreadable"]
STATUS_WORDS: dict[Status, str] = {
    "passed": "通过",
    "warned": "有提醒",
    "failed": "未通过",
    "unreadable": "无法读取",
}


_UNVERIFIED = "（未核对签发）"


def status_word(status: Status, verified: bool) -> str:
    """A status in Chinese; a pass without a verified seal is no plain one."""
    return STATUS_WORDS[status] + ("" if verified or status != "passed" else _UNVERIFIED)


@dataclass(frozen=True, slots=True)
class WorkbookResult:
    """One workbook of a run with its status and its findings."""

    submission: Submission
    status: Status
    findings: list[Finding]
    verified: bool = True  # whether its seal was verified with the office's key

    @property
    def word(self) -> str:
        """Its status in Chinese; a pass without a verified seal is no plain one."""
        return status_word(self.status, self.verified)

    @property
    def records(self) -> int:
        """How many records (project sheets) were read."""
        return len(self.submission.records)


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run, ready to be shown."""

    workbooks: list[WorkbookResult]
    skipped: Sequence[str]
    general: list[Finding] = field(default_factory=list)  # about no workbook: the roster
    left_aside: Sequence[LeftAside] = ()
    log: Path | None = None  # where the tracebacks of failures lie
    campaign: Path | None = None  # the folder of the one that all was checked with
    verified: bool = True  # whether seals were verified with the office's key
    accepts_unsealed: bool = False  # whether the office takes forms without a seal

    @property
    def findings(self) -> list[Finding]:
        """All findings in reading order."""
        return [f for workbook in self.workbooks for f in workbook.findings] + self.general

    @property
    def accounts(self) -> Accounts:
        """How much was handed in, and what became of it."""
        refused = sum(workbook.status == "unreadable" for workbook in self.workbooks)
        return Accounts(len(self.workbooks) - refused, refused, self.left_aside)

    @property
    def status_words(self) -> dict[Status, str]:
        """What each status is called in this run."""
        return {status: status_word(status, self.verified) for status in STATUS_WORDS}

    @property
    def waived(self) -> list[Finding]:
        """The findings that the office waived."""
        return [finding for finding in self.findings if finding.waiver]

    @property
    def failed(self) -> bool:
        """True if any finding is an error: exit code 1."""
        return any(workbook.status in ("failed", "unreadable") for workbook in self.workbooks)


def make_report(batch: Batch, verdict: Verdict) -> Report:
    """Join the submissions of a batch with their findings.

    A file that is a copy of another one has that one's status. What concerns no file, such as units
    that did not hand in, is `general`.
    """
    verified = unverified(batch.campaign) is None
    workbooks = []
    fates: dict[str, Status] = {}  # of the first file with these contents
    for number, submission in enumerate(batch.submissions):
        findings = list(verdict.of(number))
        status = _status(submission, findings)
        if submission.sha256:
            fates.setdefault(submission.sha256, status)
        if submission.same_as is not None:
            status = fates.get(submission.sha256, status)
        workbooks.append(WorkbookResult(submission, status, findings, verified))
    campaign = batch.campaign
    general = list(verdict.of(None))
    return Report(
        workbooks,
        verdict.skipped,
        general,
        batch.left_aside,
        batch.log,
        campaign=campaign.folder if campaign else None,
        verified=verified,
        accepts_unsealed=campaign is not None and campaign.unsealed,
    )


def _status(submission: Submission, findings: Sequence[Finding]) -> Status:
    if submission.problem is not None:
        return "unreadable"
    gravest = worst(findings)
    return "failed" if gravest == "error" else "warned" if gravest == "warning" else "passed"
