"""The report of a run: each workbook with its status and its findings. `outputs` gives it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from xltool.checking.register import unverified
from xltool.checking.senders import never_returned, owner_by_number
from xltool.fields.remarks import Severity
from xltool.office.check_log import STATUS_WORDS, Status, status_word
from xltool.office.roster import Unit
from xltool.prose.text import printable
from xltool.report.tallies import RuleTally, Tallies
from xltool.returns.accounting import Accounts, LeftAside
from xltool.returns.submissions import Batch, Submission
from xltool.rules.findings import Finding, Found


class _None:
    """No findings."""

    skipped: Sequence[str] = ()

    def of(self, number: int | None) -> Sequence[Finding]:  # noqa: ARG002
        return ()


@dataclass(frozen=True, slots=True)
class WorkbookResult:
    """One workbook of a run with its status and its findings, which are fetched when they are asked for.

    `number` is its place in the run; `counts` say how many findings it has of each severity, `offices` how
    many of these are the office's own to mend. `unit` is the code of the unit, of a file that cannot be read
    the one that its name says; `unit_name` and `department` are those of the roster, else of its seal.
    """

    submission: Submission
    status: Status
    verified: bool = True  # whether its seal was verified with the office's key
    counts: Mapping[Severity, int] = field(default_factory=dict)
    offices: Mapping[Severity, int] = field(default_factory=dict)
    number: int = 0
    found: Found = field(default_factory=_None, repr=False)
    unit: str | None = None
    unit_name: str = ""
    department: str = ""

    @property
    def findings(self) -> Sequence[Finding]:
        """Its findings in reading order."""
        return self.found.of(self.number) if self.counts else ()

    @property
    def has_errors(self) -> bool:
        """True if any finding is an error, whoever is to mend it."""
        return self.status in ("failed", "pending", "unreadable")

    @property
    def theirs(self) -> Counter[Severity]:
        """How many findings of each severity are the unit's to mend."""
        return Counter(self.counts) - Counter(self.offices)

    @property
    def word(self) -> str:
        """Its status in Chinese; a pass without a verified seal is no plain one."""
        return status_word(self.status, self.verified)

    @property
    def records(self) -> int:
        """How many records (project sheets) were read."""
        edition = self.submission.edition
        own = edition.form.first_project if edition else 0
        return max(0, len(self.submission.records) - own)


@dataclass(frozen=True)
class Report:
    """A whole run, ready to be shown."""

    workbooks: list[WorkbookResult]
    skipped: Sequence[str]
    general: Sequence[Finding] = ()  # about no workbook: the roster
    left_aside: Sequence[LeftAside] = ()
    log: Path | None = None  # where the tracebacks of failures lie
    campaign: Path | None = None  # the folder of the one that all was checked with
    verified: bool = True  # whether seals were verified with the office's key
    accepts_unsealed: bool = False  # whether the office takes forms without a seal
    part: str = ""  # where it is part of a run only: what is shown, and what is not
    waived: int = 0  # findings that the office waived
    rules: Sequence[RuleTally] = ()  # how often each was broken with each severity, by code
    missing: Sequence[Unit] = ()  # of the roster, of which nothing came, now or before
    # findings that were told of an earlier workbook, which share them
    repeated: Mapping[Severity, int] = field(default_factory=dict)
    offices: int = 0  # errors and warnings that are the office's own to mend

    @property
    def findings(self) -> Iterator[Finding]:
        """All findings in reading order."""
        for workbook in self.workbooks:
            yield from workbook.findings
        yield from self.general

    @property
    def counts(self) -> Counter[Severity]:
        """How many findings there are of each severity; one that several workbooks share counts once."""
        counts = Counter(finding.severity for finding in self.general)
        for workbook in self.workbooks:
            counts.update(workbook.counts)
        counts.subtract(self.repeated)
        return counts

    @cached_property
    def names(self) -> Sequence[str]:
        """How each workbook's file is called: by its name, and by its path where another looks like it."""
        files = [workbook.submission.file for workbook in self.workbooks]
        count = Counter(printable(Path(file).name) for file in files)
        return [Path(f).name if count[printable(Path(f).name)] == 1 else f for f in files]

    @property
    def lines(self) -> int:
        """How many findings there are to list: one that several workbooks share, at each of them."""
        return len(self.general) + sum(sum(book.counts.values()) for book in self.workbooks)

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
    def failed(self) -> bool:
        """True if any finding is an error, whoever is to mend it: exit code 1."""
        return any(workbook.has_errors for workbook in self.workbooks)


def make_report(batch: Batch, verdict: Found) -> Report:
    """Join the submissions of a batch with their findings.

    A file that is a copy of another one has that one's status. What concerns no file, such as units
    that did not hand in, is `general`.
    """
    verified = unverified(batch.campaign) is None
    workbooks = []
    general = verdict.of(None)
    fates: dict[str, Status] = {}  # of the first file with these contents
    tallies = Tallies(batch.forms.values())
    tallies.add(general)
    waived = own = 0
    shared: set[tuple[str, str]] = set()
    repeated: Counter[Severity] = Counter()
    owners = _owners(batch)
    for number, submission in enumerate(batch.submissions):
        findings = verdict.of(number)
        counts = Counter(finding.severity for finding in findings)
        offices = Counter(f.severity for f in findings if not f.is_the_units)
        again = list(_told_before(findings, shared))
        repeated.update(finding.severity for finding in again)
        tallies.add(findings, again)
        own += sum(map(_is_the_offices, findings)) - sum(map(_is_the_offices, again))
        waived += sum(bool(finding.waiver) for finding in findings)
        status = _status(submission, counts, offices)
        if submission.sha256:
            fates.setdefault(submission.sha256, status)
        if submission.same_as is not None:
            status = fates.get(submission.sha256, status)
        found = (
            dict(counts),
            dict(offices),
            number,
            verdict,
            *_whose(submission, owners.get(number)),
        )
        workbooks.append(WorkbookResult(submission, status, verified, *found))
    campaign = batch.campaign
    return Report(
        workbooks,
        verdict.skipped,
        general,
        batch.left_aside,
        batch.log,
        campaign=campaign.folder if campaign else None,
        verified=verified,
        accepts_unsealed=campaign is not None and campaign.unsealed,
        waived=waived,
        rules=tallies.all,
        missing=never_returned(campaign, batch.submissions) if campaign else (),
        repeated=repeated,
        offices=own,
    )


def _is_the_offices(finding: Finding) -> bool:
    return finding.severity != "info" and not finding.is_the_units


def _owners(batch: Batch) -> dict[int, Unit]:
    """The units of the roster whose workbooks these are, by their numbers."""
    campaign = batch.campaign
    if campaign is None:
        return {}
    owners = {
        number: campaign.units[found.unit]
        for number, found in enumerate(batch.submissions)
        if found.unit in campaign.units
    }
    return owners | owner_by_number(campaign, batch.submissions)


def _whose(found: Submission, owner: Unit | None) -> tuple[str | None, str, str]:
    """The code of the unit, its name and its department, as far as anybody says them."""
    if owner is not None:
        return owner.unit_code, owner.unit_name, owner.department
    return found.unit, (found.sender.unit_name if found.sender else ""), ""


def _told_before(findings: Sequence[Finding], told: set[tuple[str, str]]) -> Iterator[Finding]:
    """Those that several workbooks share and that were told already; the others are told now."""
    for finding in findings:
        key = finding.code, finding.message
        if finding.shared and key in told:
            yield finding
        elif finding.shared:
            told.add(key)


def _status(
    submission: Submission, counts: Mapping[Severity, int], offices: Mapping[Severity, int]
) -> Status:
    """The status: an error of the office comes before those of the unit, who waits for a new form."""
    if submission.problem is not None:
        return "unreadable"
    if submission.is_outdone:
        return "superseded"
    if offices.get("error"):
        return "pending"
    if counts.get("error"):
        return "failed"
    return "warned" if counts.get("warning", 0) > offices.get("warning", 0) else "passed"
