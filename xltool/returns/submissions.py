"""What came of the files of one run: a submission for each, with all that was read from it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from xltool.errors import OfficeError
from xltool.form.edition import Edition, Recipe
from xltool.form.model import Form
from xltool.office.campaign import Campaign
from xltool.office.seal import Issue
from xltool.returns.accounting import Accounts, LeftAside
from xltool.returns.explanations import Explanation
from xltool.returns.extracting import CellFact, Row
from xltool.returns.sheet_matching import SheetFact
from xltool.workbook.refusals import SAVE_AGAIN


def today() -> date:
    """The day on which deadlines are judged: XLTOOL_TODAY=yyyy-mm-dd, to repeat a past check, or now.

    Raises OfficeError when the variable holds something else.
    """
    given = os.environ.get("XLTOOL_TODAY")
    try:
        return date.fromisoformat(given) if given else date.today()
    except ValueError:
        raise OfficeError(
            f"环境变量 XLTOOL_TODAY 应为 2026-12-15 这样的日期，现为“{given}”"
        ) from None


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom a workbook was issued to, and for what year: what its seal says in short.

    `round` is how often the copy that it was filled in had gone back: 0 for what was issued.
    """

    unit: str
    unit_name: str
    fy: int
    district: str
    department_code: str
    issue_id: str
    round: int = 0

    @classmethod
    def of(cls, issue: Issue) -> Sender:
        """The sender that an issue names."""
        return cls(
            issue.unit,
            issue.unit_name,
            issue.fy,
            issue.district,
            issue.department_code,
            issue.issue_id,
            issue.round,
        )


@dataclass(slots=True)
class Submission:
    """One returned workbook as read. `problem` is set and nothing else if it could not be read.

    It is known by its place in the batch; `file` is only shown, and two may look alike. `remedy` says
    what to do about the problem; `failure` is a traceback where the problem is our fault.

    `saved` is when the workbook says that it was saved, as text, where somebody asked. `lower` names the
    district of the office below that handed it up. `is_read` is False for one that came with a merge
    result: nothing is known of its file then but its rows.

    `edition` is the form and the layout that it was read with, None where it is none of ours: by these
    it is judged, sent back and merged. `seal` is one of the states of
    `fact_tables.Submission`; `issue` is what its seal holds, None without one, and `sender` the same in
    short; `issued` is the same in words. `issued_as` is the recipe of what was issued, where that is known:
    the edition, but for what the office's settings say now. `same_as` names the file that it is a copy of,
    `superseded_by` the one that 取舍.csv chose of its unit's instead, `followed_by` a later one of its unit
    (see `returns.counting`). `rows` are those of all tables.

    Its contents (`issue`, `seal_text`, `rows`, `cells`, `sheets`, `explanations`) may stay where it was read: see
    `without_contents`.
    """

    file: str
    sha256: str = ""
    modified: float = 0.0  # seconds since the epoch: which of two files is newer
    saved: str = ""
    lower: str = ""
    is_read: bool = True
    problem: str | None = None
    remedy: str = SAVE_AGAIN
    failure: str | None = None
    edition: Edition | None = None
    seal: str = "missing"
    seal_text: str = ""
    issue: Issue | None = None
    sender: Sender | None = None
    issued: str = "内容无法确认"
    issued_as: Recipe | None = None
    expected: str = ""
    same_as: str | None = None
    superseded_by: str | None = None
    followed_by: str | None = None
    rows: list[Row] = field(default_factory=list)
    cells: list[CellFact] = field(default_factory=list)
    sheets: list[SheetFact] = field(default_factory=list)
    records: list[int | None] = field(default_factory=list)  # issued number of each record
    looked_at: int = 0  # cells of its fields that were read, where its contents were left behind
    explanations: list[Explanation] = field(default_factory=list)

    @property
    def form(self) -> str | None:
        """The id of its form."""
        return self.edition.form.id if self.edition else None

    @property
    def unit(self) -> str | None:
        """The unit that the workbook was issued to."""
        return self.sender.unit if self.sender else None

    @property
    def is_sealed(self) -> bool:
        """True where its seal is this office's, of whatever issue."""
        return self.seal in ("ok", "unlisted", "superseded")

    @property
    def version(self) -> tuple[str, int]:
        """What its seal says of it: as what it was issued, and in which round it had gone back; none without one."""
        return (
            (self.sender.issue_id, self.sender.round) if self.is_sealed and self.sender else ("", 0)
        )

    @property
    def is_counted(self) -> bool:
        """False for a copy, and for one in place of which another of its unit counts."""
        return self.same_as is None and not self.is_outdone

    @property
    def is_outdone(self) -> bool:
        """True where another one of its unit counts: as 取舍.csv says, or because it came later."""
        return self.superseded_by is not None or self.followed_by is not None

    @property
    def known_as(self) -> str | None:
        """The code of its unit, with the district where another office collected it."""
        return self.told_apart.unit if self.told_apart else None

    @property
    def told_apart(self) -> Sender | None:
        """Its sender, with codes that tell units and departments of several districts apart."""
        if self.sender is None or not self.lower:
            return self.sender
        unit, department = self.sender.unit, self.sender.department_code
        return replace(
            self.sender,
            unit=f"{self.lower}:{unit}",
            department_code=f"{self.lower}:{department}" if department else "",
        )

    def without_contents(self) -> Submission:
        """What is known of it, without what stands in its cells: small, however large the workbook is."""
        looked_at = self.cells_read
        return replace(
            self,
            issue=None,
            seal_text="",
            rows=[],
            cells=[],
            sheets=[],
            explanations=[],
            looked_at=looked_at,
        )

    @property
    def cells_read(self) -> int:
        """How many cells of its fields were read."""
        return self.looked_at or sum(len(row.cells) for row in self.rows)


Reader = Callable[[Sequence[int]], Iterator[Submission]]


@dataclass(frozen=True)
class Batch:
    """All submissions of a run; a submission is known by its number in it.

    `left_aside` is what was handed in and is none; `notes` say what else is to be known; deadlines
    are judged on `day`; `log` is where the tracebacks of failures lie. Where the contents of submissions
    were left behind, `reader` reads them again.
    """

    submissions: list[Submission]
    campaign: Campaign | None = None
    notes: list[str] = field(default_factory=list)
    day: date = field(default_factory=today)
    left_aside: list[LeftAside] = field(default_factory=list)
    log: Path | None = None
    reader: Reader | None = None

    def whole(self, numbers: Sequence[int]) -> Iterator[tuple[int, Submission]]:
        """Some submissions by their numbers, in this order, with their contents.

        Raises OfficeError for a file that is no longer what it was.
        """
        if self.reader is None:
            yield from ((number, self.submissions[number]) for number in numbers)
            return
        for number, found in zip(numbers, self.reader(numbers), strict=True):
            known = self.submissions[number]
            if found.sha256 != known.sha256:
                raise OfficeError("检查期间这个文件改动过，或者打不开了；请再检查一次", known.file)
            own = replace(found, file=known.file, same_as=known.same_as)
            others = known.superseded_by, known.followed_by
            yield number, replace(own, superseded_by=others[0], followed_by=others[1])

    @property
    def accounts(self) -> Accounts:
        """How much was handed in, and what became of it."""
        given = [submission for submission in self.submissions if submission.is_read]
        refused = sum(submission.problem is not None for submission in given)
        return Accounts(len(given) - refused, refused, self.left_aside)

    def counted(self) -> list[tuple[int, Submission]]:
        """The submissions that count: readable, no copies of another, and none that another was chosen over."""
        return [
            (number, submission)
            for number, submission in enumerate(self.submissions)
            if submission.problem is None and submission.is_counted
        ]

    @cached_property
    def editions(self) -> dict[str, list[Edition]]:
        """The editions that occur, by form: usually one, several where offices adapt a form differently."""
        found: dict[str, dict[Recipe, Edition]] = {}
        for _, submission in self.counted():
            if (edition := submission.edition) is not None:
                found.setdefault(edition.form.id, {}).setdefault(edition.recipe, edition)
        return {form: list(editions.values()) for form, editions in found.items()}

    @property
    def forms(self) -> dict[str, Form]:
        """The forms that occur, by id; the campaign's as it is now."""
        forms = {form: editions[0].form for form, editions in self.editions.items()}
        now = self.campaign.form if self.campaign else None
        return {form: now if now and now.id == form else some for form, some in forms.items()}
