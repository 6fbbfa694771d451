"""What a run found goes into the campaign's log: where each unit stands after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from xltool.checking.senders import numbers_by_unit
from xltool.office.campaign import Campaign
from xltool.office.check_log import LogLine, State, add_to_log
from xltool.office.standing import Standing, read_standings
from xltool.report.reports import Report, WorkbookResult
from xltool.returns.counting import passed_over

Books = list[tuple[int, WorkbookResult]]


def log_check(
    campaign: Campaign, report: Report, returned: Mapping[int, int], now: datetime
) -> None:
    """Add what a run found to the campaign's log, where a unit of the roster stands elsewhere than before.

    `returned` are the rounds of the copies that were written to be sent back, by the numbers of their workbooks;
    `now` is the time of the run.
    """
    found = found_by(campaign, report, returned, now)
    add_to_log(campaign.folder, lambda: news_of(read_standings(campaign.folder), found))


def found_by(
    campaign: Campaign, report: Report, returned: Mapping[int, int], now: datetime
) -> dict[str, list[LogLine]]:
    """The lines that say what a run found of each unit of the roster, by its code in the log."""
    found: dict[str, list[LogLine]] = {}
    submissions = [book.submission for book in report.workbooks]
    out = passed_over(submissions, campaign)
    for unit, numbers in numbers_by_unit(campaign, submissions).items():
        books = [(number, report.workbooks[number]) for number in numbers]
        others = [
            (number, book) for number, book in books if book.submission.followed_by or number in out
        ]
        found[unit] = list(_lines(unit, books, others, returned, now))
    return found


def news_of(
    before: Mapping[str, Standing], found: Mapping[str, Sequence[LogLine]]
) -> list[LogLine]:
    """The lines of the units that stood elsewhere before."""
    return [
        line
        for unit, lines in found.items()
        if not before.get(unit, Standing()).knows(lines)
        for line in lines
    ]


def _lines(
    unit: str, books: Books, others: Books, returned: Mapping[int, int], now: datetime
) -> Iterator[LogLine]:
    """The lines of a unit: `others`, which do not count, first, so that the last one says where it stands."""
    in_order = sorted(books, key=lambda each: each[1].submission.sha256)
    counting = [each for each in in_order if each not in others]
    several = len({book.submission.sha256 for _, book in counting})
    for number, book in [*(each for each in in_order if each in others), *counting]:
        is_out = (number, book) in others
        state: State = "superseded" if is_out else "several" if several > 1 else book.status
        yield line_of(unit, book, state, now, versions=several, round_=returned.get(number))


def line_of(
    unit: str,
    book: WorkbookResult,
    state: State,
    now: datetime,
    *,
    versions: int = 1,
    round_: int | None = None,
) -> LogLine:
    """The line of a workbook; `round_` is that of the copy that goes back, None where none does."""
    found, theirs = book.submission, book.theirs
    issue, turn = found.version
    return LogLine(
        f"{now:%Y-%m-%d %H:%M}",
        unit,
        Path(found.file).name,
        found.sha256,
        state,
        theirs["error"],
        theirs["warning"],
        returned=round_ is not None,
        verified=book.verified,
        versions=versions if state == "several" else 1,
        round=round_ or 0,
        issue=issue,
        turn=turn,
    )
