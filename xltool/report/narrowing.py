"""Part of a run, for who wants to see some units, some rules, errors or news only.

What is shown is a smaller run, whatever form it is given out in. Statuses stay those of the whole, and a
line says how much is not listed: silence does not mean 通过.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from xltool.checking.senders import numbers_by_unit
from xltool.errors import OfficeError
from xltool.form.catalogue import describe_rule
from xltool.office.campaign import Campaign
from xltool.prose.nearest import nearest
from xltool.report.last_check import Problem
from xltool.report.reports import Report, make_report
from xltool.report.since_last import Since
from xltool.returns.submissions import Batch, Reader
from xltool.rules.findings import Finding, Found


@dataclass(frozen=True)
class Wanted:
    """What is to be shown: some units, some rules, errors only, what is new only.

    `news` are the workbooks with anything new, by their numbers, with the problems that are; None for all.
    """

    units: Sequence[str] = ()
    rules: Sequence[str] = ()
    errors_only: bool = False
    new_only: bool = False
    news: Mapping[int, Container[Problem] | None] = field(default_factory=dict)

    def with_news_of(self, since: Since | None) -> Wanted:
        """Knowing what is new in a run: of a campaign's first one, and without a campaign, all is."""
        if since is None or not since.time:
            return replace(self, new_only=False)
        return replace(self, news=_news_of(since))

    @property
    def words(self) -> str:
        """What is shown, in Chinese."""
        units = f"单位 {'、'.join(self.units)}" if self.units else ""
        rules = f"规则 {'、'.join(self.rules)}" if self.rules else ""
        news = "新交的表和新增的问题" if self.new_only else ""
        return "；".join(filter(None, (units, rules, "错误" if self.errors_only else "", news)))

    def takes(self, finding: Finding) -> bool:
        """Whether a finding is to be shown, if its workbook is."""
        if self.rules and finding.code not in self.rules:
            return False
        if self.errors_only and finding.severity != "error":
            return False
        if not self.new_only or finding.workbook is None:
            return True
        own = self.news[finding.workbook]
        return own is None or Problem.of(finding) in own


def _news_of(since: Since) -> dict[int, Container[Problem] | None]:
    """Workbooks that are new, and others with new problems."""
    news: dict[int, Container[Problem] | None] = {}
    for change in since.changes:
        for number in change.numbers:
            if number in change.fresh:
                news[number] = None
            elif change.new:
                news[number] = set(change.new)
    return news


def insist_on(wanted: Wanted, campaign: Campaign | None) -> None:
    """Raise OfficeError for a unit that is not on the roster, and for a rule that no form has."""
    if campaign is not None and campaign.roster:
        codes = [unit.unit_code for unit in campaign.roster]
        for unit in wanted.units:
            if unit not in codes:
                raise OfficeError(
                    f"名册里没有单位 {unit}{nearest(unit, codes) or '，请核对 units.csv'}"
                )
    for code in wanted.rules:
        describe_rule(code, None, campaign.folder if campaign else None)


@dataclass(frozen=True)
class _Shown:
    """The findings of a smaller run: those wanted, of the workbooks `picked`, under their new numbers."""

    whole: Found
    wanted: Wanted
    picked: Sequence[int]
    skipped: Sequence[str] = field(default=())

    def of(self, number: int | None) -> Sequence[Finding]:
        """The findings of a workbook by its number; for None those about no workbook."""
        if number is None:
            about_all = not self.wanted.units and not self.wanted.new_only
            return [f for f in self.whole.of(None) if about_all and self.wanted.takes(f)]
        found = self.whole.of(self.picked[number])
        return [replace(f, workbook=number) for f in found if self.wanted.takes(f)]


def narrowed(report: Report, batch: Batch, verdict: Found, wanted: Wanted) -> tuple[Report, Batch]:
    """The report on part of a run and its batch: what is wanted, with a line on what is not listed."""
    picked = list(_picked(batch, wanted))
    shown = _Shown(verdict, wanted, picked)
    listed = sum(len(shown.of(number)) for number in (None, *range(len(picked))))
    rest = report.lines - listed
    line = f"只显示：{wanted.words}。另有 {rest} 处未列出，没有列出不等于通过"
    shown = replace(shown, skipped=[line, *verdict.skipped])
    part = replace(
        batch,
        submissions=[batch.submissions[number] for number in picked],
        reader=None if batch.reader is None else _renumbered(batch.reader, picked),
    )
    small = make_report(part, shown)
    books = [
        replace(book, status=report.workbooks[number].status)
        for book, number in zip(small.workbooks, picked, strict=True)
    ]
    return replace(small, workbooks=books, part=line, missing=report.missing), part


def _renumbered(reader: Reader, picked: Sequence[int]) -> Reader:
    """What reads the workbooks of the smaller run by its numbers."""
    return lambda numbers: reader([picked[number] for number in numbers])


def _picked(batch: Batch, wanted: Wanted) -> Iterator[int]:
    """The numbers of the workbooks that are to be shown."""
    of_units = None if not wanted.units else set(_of_units(batch, wanted.units))
    for number in range(len(batch.submissions)):
        is_new = not wanted.new_only or number in wanted.news
        if is_new and (of_units is None or number in of_units):
            yield number


def _of_units(batch: Batch, units: Sequence[str]) -> Iterator[int]:
    """The numbers of the workbooks of some units, copies and unreadable ones too."""
    for number, found in enumerate(batch.submissions):
        if found.unit in units:
            yield number
    if batch.campaign is not None:
        by_unit = numbers_by_unit(batch.campaign, batch.submissions)
        yield from chain.from_iterable(by_unit.get(unit, ()) for unit in units)
