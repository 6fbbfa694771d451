"""The report of a run: each workbook with its status and its findings. `outputs` gives it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from xltool.checking.running import Verdict
from xltool.returns.accounting import Accounts, LeftAside
from xltool.returns.submissions import Batch, Submission
from xltool.rules.findings import Finding, by_workbook, worst

Status = Literal["passed", "warned", "failed", "unreadable"]
STATUS_WORDS: dict[Status, str] = {
    "passed": "通过",
    "warned": "有提醒",
    "failed": "未通过",
    "unreadable": "无法读取",
}


@dataclass(frozen=True, slots=True)
class WorkbookResult:
    """One workbook of a run with its status and its findings."""

    submission: Submission
    status: Status
    findings: list[Finding]

    @property
    def records(self) -> int:
        """How many records (project sheets) were read."""
        return len(self.submission.records)


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run, ready to be shown."""

    workbooks: list[WorkbookResult]
    skipped: list[str]
    general: list[Finding] = field(default_factory=list)  # about no workbook: the roster
    left_aside: Sequence[LeftAside] = ()
    log: Path | None = None  # where the tracebacks of failures lie
    campaign: Path | None = None  # the folder of the one that all was checked with

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
    def failed(self) -> bool:
        """True if any finding is an error: exit code 1."""
        return any(workbook.status in ("failed", "unreadable") for workbook in self.workbooks)


def make_report(batch: Batch, verdict: Verdict) -> Report:
    """Join the submissions of a batch with their findings.

    A file that is a copy of another one has that one's status. What concerns no file, such as units
    that did not hand in, is `general`.
    """
    found = by_workbook(verdict.findings)
    workbooks = []
    fates: dict[str, Status] = {}  # of the first file with these contents
    for number, submission in enumerate(batch.submissions):
        findings = found.get(number, [])
        status = _status(submission, findings)
        if submission.sha256:
            fates.setdefault(submission.sha256, status)
        if submission.same_as is not None:
            status = fates.get(submission.sha256, status)
        workbooks.append(WorkbookResult(submission, status, findings))
    folder = batch.campaign.folder if batch.campaign else None
    general = found.get(None, [])
    return Report(workbooks, verdict.skipped, general, batch.left_aside, batch.log, folder)


def _status(submission: Submission, findings: Sequence[Finding]) -> Status:
    if submission.problem is not None:
        return "unreadable"
    gravest = worst(findings)
    return "failed" if gravest == "error" else "warned" if gravest == "warning" else "passed"
