"""What is to be written to the units once a run is over: the texts of `status --format remind`, before it is logged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

from xltool.checking.senders import numbers_by_unit
from xltool.office.issued import order_of_issues
from xltool.office.roster import Unit
from xltool.office.standing import Standing, add_line, read_standings
from xltool.report.noting import found_by, line_of, news_of
from xltool.report.reminders import Writer, text_to
from xltool.report.reports import Report, WorkbookResult
from xltool.report.since_last import Since, problems_of, since_last
from xltool.report.status import UnitStatus
from xltool.returns.submissions import Batch


class Letters:
    """The texts to units after a whole run, made when they are asked for.

    `returned` are the rounds of the copies that go back, by the numbers of their workbooks.
    """

    def __init__(
        self,
        report: Report,
        batch: Batch,
        since: Since | None = None,
        returned: Mapping[int, int] | None = None,
    ):
        self._report, self._batch, self._since = report, batch, since
        self._returned = returned or {}
        self._now = datetime.now()

    def to(self, unit: Unit) -> str:
        """What to write to a unit of the roster."""
        return self._by_unit[unit.unit_code, unit.district]

    def about(self, shown: Report) -> list[str]:
        """What to write about each workbook of a report, the whole or part of it: empty where there is nothing.

        What is written to a unit of the roster stands at the workbook that counts.
        """
        campaign = self._batch.campaign
        found = [book.submission for book in shown.workbooks]
        units: dict[int, Unit] = {}
        if campaign is not None:
            by_code = {campaign.code_in_log(unit): unit for unit in campaign.roster}
            for code, numbers in numbers_by_unit(campaign, found).items():
                units.update(dict.fromkeys(numbers, by_code[code]))
        return [self._about(book, units.get(n)) for n, book in enumerate(shown.workbooks)]

    def _about(self, book: WorkbookResult, unit: Unit | None) -> str:
        found = book.submission
        if book.status == "superseded" or found.same_as is not None:
            return ""
        if unit is not None:
            return self.to(unit)
        standing = Standing()
        standing.add(line_of(found.unit or "", book, book.status, self._now))
        whom = " ".join(filter(None, (found.unit, book.unit_name)))
        return self._writer.text(whom, standing, problems_of([book]))

    @cached_property
    def _writer(self) -> Writer:
        batch = self._batch
        if batch.campaign is not None:
            return Writer.of(batch.campaign)
        return Writer("、".join(form.title for form in batch.forms.values()) or "绩效申报表")

    @cached_property
    def _by_unit(self) -> dict[tuple[str, str], str]:
        campaign = self._batch.campaign
        if campaign is None:
            return {}
        known, orders = read_standings(campaign.folder), order_of_issues(campaign.folder)
        found = found_by(campaign, self._report, self._returned, self._now)
        for line in news_of(known, found):
            add_line(known, line, orders)
        since = self._since or since_last(campaign, self._report, self._now)
        statuses = [UnitStatus(u, known.get(campaign.code_in_log(u))) for u in campaign.roster]
        return {
            (status.unit.unit_code, status.unit.district): text_to(campaign, status, since.last)
            for status in statuses
        }
