"""A check from its files or submissions to its verdict.

`check` judges what was read already, as one part; `check_files` has parts made where the files are read,
and keeps of each workbook only what the rest of the run needs.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from xltool.checking.assembly import Assembly
from xltool.checking.drawers import Drawers
from xltool.checking.kept import Kept
from xltool.checking.parts import Judged, KnownPart, Order, Part, make_part
from xltool.checking.workshop import made_here
from xltool.office.campaign import Campaign
from xltool.returns.accounting import Returned
from xltool.returns.collecting import Place
from xltool.returns.counting import mark_copies, mark_followed, mark_superseded
from xltool.returns.identifying import settings_for
from xltool.returns.reading import (
    UNLIMITED,
    logged,
    nothing_opened,
    opened,
    reader_of,
)
from xltool.returns.submissions import Batch, Submission, today
from xltool.rules.findings import Finding, by_workbook
from xltool.workbook.limits import Limits
from xltool.workbook.opening import digest, refuse_size
from xltool.workbook.refusals import UnreadableError
from xltool.workbook.workers import Progress, nobody


@dataclass(frozen=True)
class Verdict:
    """What a check run found: findings in reading order, and rules that could not run, and why.

    `notes` are those lines of `skipped` that tell what became of the office's own decisions.
    """

    findings: list[Finding]
    skipped: list[str]
    notes: Sequence[str] = ()

    def of(self, number: int | None) -> Sequence[Finding]:
        """The findings of a workbook by its number, in reading order; those about no workbook for None."""
        return self._by_workbook.get(number, [])

    @cached_property
    def _by_workbook(self) -> dict[int | None, list[Finding]]:
        return by_workbook(self.findings)


@dataclass(frozen=True)
class Checked:
    """A run over files: the submissions without their contents, and the verdict.

    `drawers` hold the rows that are to be merged, where they were wanted.
    """

    batch: Batch
    verdict: Assembly
    drawers: Drawers


def check(batch: Batch) -> Verdict:
    """Run all rules of all forms on the submissions of a batch.

    Args:
        batch: What `read` gave. Each submission is judged by its own edition of its form; rules
            that compare workbooks with each other see the rows of all of them.

    Returns:
        A `Verdict`: the findings in reading order (by file, severity, place), with the campaign's
        severities and waivers applied; and a line in Chinese for everything that was left aside or
        could not run for want of data.

    Raises:
        OfficeError: A list of the campaign's folder is wrong. An exception inside a rule is a bug
            and surfaces as it is.

    """
    order = Order(settings_for(batch.campaign, None), batch.campaign)
    part = make_part(order.with_owners(), batch.submissions)
    with Drawers() as drawers:
        drawers.put(range(len(part.judged)), part)
        assembly = Assembly(batch, drawers, part.judged)
        everything = [
            *assembly.of(None),
            *(f for number in range(len(batch.submissions)) for f in assembly.of(number)),
        ]
        everything.sort(key=lambda f: (f.file, -1 if f.workbook is None else f.workbook))
        return Verdict(everything, assembly.skipped, assembly.notes)


@contextmanager
def check_files(
    paths: Sequence[Place],
    campaign: Campaign | None = None,
    *,
    form: str | None = None,
    jobs: int | None = None,
    progress: Progress = nobody,
    with_rows: bool = False,
    fresh: bool = False,
    cluster: str | None = None,
    more: Iterable[Part] = (),
) -> Iterator[Checked]:
    """Read and judge returned files in parts; what they hold can be read again until the end.

    Takes and raises what `read` and `check` do. `with_rows`: whether the rows are wanted, for merging.
    What earlier runs kept in the campaign's folder is taken as it is, unless the run is to be `fresh`.
    `cluster` is the address of Dask's scheduler where parts are to be made on a cluster. `more` are
    parts of what was judged elsewhere: their submissions follow those of the files, which may be none then.
    """
    with (
        opened(paths, campaign, form) if paths else nothing_opened(campaign) as (
            collection,
            settings,
        ),
        Drawers() as drawers,
    ):
        order = Order(settings, campaign, with_rows)
        notes, files = collection.notes, collection.files
        kept = None if fresh or with_rows else Kept.of(order)
        made = partial(_made, order, kept, jobs, progress, notes, cluster)
        gathered = _Gathered(files, drawers, kept, made)
        gathered.gather(settings.limits)
        judged = gathered.judged
        for number, file in enumerate(files):
            judged[number].submission = _named(judged[number].submission, file)
        for part in more:
            first = len(judged)
            gathered.take(range(first, first + len(part.judged)), part)
        in_order = [judged[number] for number in range(len(judged))]
        submissions = [each.submission for each in in_order]
        mark_copies(submissions)
        mark_superseded(submissions, campaign)
        mark_followed(submissions, campaign)
        batch = Batch(
            submissions,
            campaign,
            notes,
            today(),
            collection.left_aside,
            logged(submissions, campaign),
            reader_of(files, settings, jobs),
        )
        prefilled = kept.prefilled if kept else dict
        yield Checked(batch, Assembly(batch, drawers, in_order, prefilled), drawers)


@dataclass
class _Gathered:
    """The parts of the files of a run, those that are known and new ones, put away as they come.

    `made` gives the parts of new files, each with the number of its first one, and does other work meanwhile.
    """

    files: Sequence[Returned]
    drawers: Drawers
    kept: Kept | None
    made: Callable[[Sequence[Returned], Iterator[object]], Iterator[tuple[int, Part]]]
    judged: dict[int, Judged] = field(default_factory=dict)  # without what lies in the drawers

    def gather(self, limits: Limits) -> None:
        """Take what is known of the files, while the others are read."""
        every = range(len(self.files))
        digests = self.kept.among(_digests(self.files, limits)) if self.kept else {}
        self._read([number for number in every if number not in digests], self._known(digests))
        # what was kept of these is damaged
        self._read([number for number in every if number not in self.judged], iter(()))

    def take(self, numbers: Sequence[int | None], part: Part | KnownPart) -> None:
        """Take a part whose workbooks have these numbers; None for one that is not wanted."""
        self.drawers.put(numbers, part)
        for number, each in zip(numbers, part.judged, strict=True):
            if number is not None:
                # findings and sheets lie in the drawers; of the names of tables there are few
                tables = tuple(map(sys.intern, each.tables))
                self.judged[number] = replace(each, findings="", sheets=(), tables=tables)

    def _known(self, digests: Mapping[int, str]) -> Iterator[bool]:
        """Take the kept parts of files with these digests, one at each step."""
        for numbers, part in self.kept.known(digests) if self.kept else ():
            self.take(numbers, part)
            yield True

    def _read(self, numbers: Sequence[int], beside: Iterator[object]) -> None:
        """Have the files with these numbers read, and keep what is found."""
        new = [self.files[number] for number in numbers]
        for first, part in self.made(new, beside):
            self.take(numbers[first : first + len(part.judged)], part)
            if self.kept is not None:
                self.kept.keep(part)
        deque(beside, maxlen=0)  # what there was no time for


def _digests(files: Sequence[Returned], limits: Limits) -> dict[int, str]:
    """The digests of files by their numbers, of those that are there and not too large."""
    digests: dict[int, str] = {}
    for number, file in enumerate(files):
        with suppress(UnreadableError):  # it is read, and the reason found, like that of a new one
            if file.problem is None:
                refuse_size(file.path, limits)
                digests[number] = digest(file.path)
    return digests


def _made(
    order: Order,
    kept: Kept | None,
    jobs: int | None,
    progress: Progress,
    notes: list[str],
    cluster: str | None,
    files: Sequence[Returned],
    beside: Iterator[object],
) -> Iterator[tuple[int, Part]]:
    """The parts of new files, each with the number of its first file; adds to the notes.

    `beside` is work that may be done meanwhile.
    """
    if not files:
        return iter(())
    order = replace(order, owners=kept.owners()) if kept else order.with_owners()
    if cluster is not None:
        from xltool.checking.cluster import made_on  # noqa: PLC0415  # what few need

        return made_on(cluster, order, files, jobs, progress, notes.append)
    return made_here(order, files, jobs, progress, lambda: notes.append(UNLIMITED), beside)


def _named(found: Submission, file: Returned) -> Submission:
    """A submission under the name of its file, and as new as that is; two files may have the same one."""
    modified = found.modified
    if not modified and found.problem is None:  # known from an earlier run
        modified = file.modified or file.path.stat().st_mtime
    # of these words there are few: one text for all submissions
    seal, remedy = sys.intern(found.seal), sys.intern(found.remedy)
    return replace(found, file=file.name, modified=modified, seal=seal, remedy=remedy)
