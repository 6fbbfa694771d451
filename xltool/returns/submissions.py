"""What came of the files of one run: a submission for each, with all that was read from it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from xltool.errors import OfficeError
from xltool.form.edition import Edition, Recipe
from xltool.form.model import Form
from xltool.office.campaign import Campaign
from xltool.office.seal import Issue
from xltool.returns.extracting import CellFact, Row
from xltool.returns.sheet_matching import SheetFact


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


@dataclass
class Submission:
    """One returned workbook as read. `problem` is set and nothing else if it could not be read.

    `edition` is the form and the layout that it was read with, None where it is none of ours: by these
    it is judged, sent back and merged. `seal` is one of the states of
    `fact_tables.Submission`; `issue` is what its seal holds, None without one; `issued` is the same
    in words. `rows` are those of all tables.
    """

    file: str
    sha256: str = ""
    modified: float = 0.0  # seconds since the epoch: which of two files is newer
    problem: str | None = None
    edition: Edition | None = None
    seal: str = "missing"
    seal_text: str = ""
    issue: Issue | None = None
    issued: str = "内容无法确认"
    expected: str = ""
    same_as: str | None = None
    rows: list[Row] = field(default_factory=list)
    cells: list[CellFact] = field(default_factory=list)
    sheets: list[SheetFact] = field(default_factory=list)
    records: list[int | None] = field(default_factory=list)  # issued number of each record

    @property
    def form(self) -> str | None:
        """The id of its form."""
        return self.edition.form.id if self.edition else None

    @property
    def unit(self) -> str | None:
        """The unit that the workbook was issued to."""
        return self.issue.unit if self.issue else None


@dataclass(frozen=True)
class Batch:
    """All submissions of a run. `notes` say what was left aside; deadlines are judged on `day`."""

    submissions: list[Submission]
    campaign: Campaign | None = None
    notes: list[str] = field(default_factory=list)
    day: date = field(default_factory=today)

    def counted(self) -> list[tuple[int, Submission]]:
        """The submissions that count: readable, and no copies of another."""
        return [
            (number, submission)
            for number, submission in enumerate(self.submissions)
            if submission.problem is None and submission.same_as is None
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
        """The forms that occur, by id: their tables and columns are those of all their editions."""
        return {form: editions[0].form for form, editions in self.editions.items()}
