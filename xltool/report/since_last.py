"""What changed since the last check: new returns, what was mended, what is still open, what is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from xltool.checking.earlier import seen_later
from xltool.checking.senders import is_unsealed, numbers_by_unit
from xltool.office.campaign import Campaign
from xltool.office.roster import Unit
from xltool.report.absent import Absent, absent_from
from xltool.report.last_check import LastCheck, Problem, UnitFound, read_last, write_last
from xltool.report.reports import Report, WorkbookResult
from xltool.rules.findings import Finding

_NAMED = 10  # units that a line names


@dataclass(frozen=True, slots=True)
class Change:
    """What changed of one unit. `is_first`: nothing of it was known; `is_changed`: it handed in other files.

    `gone` are the problems that are no more, `new` those that are new; `still` are left. `numbers` are those
    of its workbooks in the run, `fresh` of those that are new.
    """

    unit: Unit
    numbers: Sequence[int]
    fresh: frozenset[int]
    is_first: bool
    is_changed: bool
    gone: Sequence[Problem]
    still: int
    new: Sequence[Problem]
    offices: int = 0  # of those that there are, the office's own to mend

    @property
    def is_any(self) -> bool:
        """False where all is as it was."""
        return bool(self.is_first or self.is_changed or self.gone or self.new)

    @property
    def words(self) -> str:
        """The change in short: the unit, and how many problems are mended, still open, new."""
        gone = "改好" if self.is_changed else "不再提出"
        counts = ((gone, len(self.gone)), ("仍有", self.still), ("新增", len(self.new)))
        told = "，".join(f"{word} {count} 处" for word, count in counts if count)
        if self.is_first:
            told = f"{self.still} 处问题" if self.still else ""
        told += f"，其中本级 {self.offices} 处" if self.offices else ""
        return f"{self.unit.unit_code} {self.unit.unit_name}" + f"（{told or '没有问题'}）"


@dataclass(frozen=True)
class Since:
    """What a run found that the last one did not; `time` is that of the last one, empty at the first."""

    time: str
    changes: Sequence[Change]
    last: LastCheck
    absent: Absent = field(default_factory=Absent)

    @property
    def lines(self) -> list[str]:
        """The changes in Chinese, a line for each kind; then whose earlier returns are not among these."""
        return [*self._changes, *self.absent.lines]

    @property
    def _changes(self) -> list[str]:
        if not self.time:
            return ["这是第一次检查，没有可比的；以后在这里说明与上次检查的不同"]
        some = [
            ("新交回", [c for c in self.changes if c.is_first]),
            ("重新交回", [c for c in self.changes if c.is_changed]),
            ("文件没变、结果变了", [c for c in self.changes if c.is_any and not _is_handed_in(c)]),
        ]
        lines = [f"  {word} {len(found)} 个单位：{_named(found)}" for word, found in some if found]
        same = sum(not change.is_any for change in self.changes)
        rest = [f"  没有变化 {same} 个单位"] if same else []
        return [f"与上次检查（{self.time}）相比：", *lines, *rest]


def _is_handed_in(change: Change) -> bool:
    return change.is_first or change.is_changed


def _named(changes: Sequence[Change]) -> str:
    words = "、".join(change.words for change in changes[:_NAMED])
    return words + ("等" if len(changes) > _NAMED else "")


def since_last(campaign: Campaign, report: Report, now: datetime) -> Since:
    """Compare a run with the last one that is kept in the campaign's folder."""
    before = read_last(campaign.folder)
    known = dict(before.units) if before else {}
    units = {campaign.code_in_log(unit): unit for unit in campaign.roster}
    changes = []
    submissions = [book.submission for book in report.workbooks]
    earlier = seen_later(campaign, submissions)
    for code, numbers in numbers_by_unit(campaign, submissions).items():
        if code in known and earlier.keys() >= {*numbers}:
            continue  # what is known is of a later version
        every = [(number, report.workbooks[number]) for number in numbers]
        books = [each for each in every if each[1].status != "superseded"] or every
        digests = frozenset(book.submission.sha256 for _, book in books)
        problems = problems_of(book for _, book in books)
        old = known.get(code)
        gone, new = compared(old.problems, problems) if old else ([], [])
        fresh = {n for n, b in books if old is None or b.submission.sha256 not in old.digests}
        changes.append(
            Change(
                units[code],
                [number for number, _ in books],
                frozenset(fresh),
                old is None,
                old is not None and old.digests != digests,
                gone,
                len(problems) - len(new),
                new,
                sum(problem.whose != "unit" for problem in problems),
            )
        )
        on_copy = old.on_copy if old and old.digests == digests else []
        is_foreign = all(is_unsealed(book.submission) for _, book in books)
        known[code] = UnitFound(digests, problems, on_copy, is_foreign)
    last = LastCheck(f"{now:%Y-%m-%d %H:%M}", known)
    absent = absent_from(campaign, submissions)
    return Since(before.time if before else "", changes, last, absent)


def with_copies(campaign: Campaign, since: Since, copies: Mapping[int, Sequence[Finding]]) -> Since:
    """The same, knowing what the copies that go back tell, by the numbers of their workbooks."""
    units = dict(since.last.units)
    for change in since.changes:
        told = [Problem.on_copy(f) for number in change.numbers for f in copies.get(number, ())]
        if told:
            code = campaign.code_in_log(change.unit)
            units[code] = replace(units[code], on_copy=told)
    return replace(since, last=replace(since.last, units=units))


def problems_of(books: Iterable[WorkbookResult]) -> list[Problem]:
    """What is wrong or doubtful in workbooks, in short."""
    return [Problem.of(f) for book in books for f in book.findings if f.severity != "info"]


def keep(campaign: Campaign, since: Since) -> None:
    """Keep what the run found, for the next one to compare with."""
    write_last(campaign.folder, since.last)


def compared(
    before: Iterable[Problem], now: Iterable[Problem]
) -> tuple[list[Problem], list[Problem]]:
    """The problems that are gone and those that are new.

    One is the same as before where its rule says the same of its cell, else of another one of its sheet,
    since rows move, else something of its cell, since values change.
    """
    gone, new = list(before), list(now)
    for key in _SAME if gone != new else ():
        gone, new = _without_common(gone, new, key)
    return (gone, new) if gone != new else ([], [])


_SAME: Sequence[Callable[[Problem], Hashable]] = (
    lambda p: (p.code, p.sheet, p.cell, p.message),
    lambda p: (p.code, p.sheet, p.message),
    lambda p: (p.code, p.sheet, p.cell),
)


def _without_common(
    some: Sequence[Problem], others: Sequence[Problem], key: Callable[[Problem], Hashable]
) -> tuple[list[Problem], list[Problem]]:
    """What is left of both without what they share by a key, each as often as they share it."""
    left, right = Counter(map(key, some)), Counter(map(key, others))
    return _beyond(some, right, key), _beyond(others, left, key)


def _beyond(
    problems: Iterable[Problem], known: Counter[Hashable], key: Callable[[Problem], Hashable]
) -> list[Problem]:
    found = []
    for problem in problems:
        if known[key(problem)] > 0:
            known[key(problem)] -= 1
        else:
            found.append(problem)
    return found
