"""Merge: the submissions without errors become one data set; conflicts are listed, never guessed.

A merge result is itself mergeable: the data sets of the districts become the city's, and
merge(merge(a, b), c) = merge(a, b, c). What is handed up is verified and judged again. Output appears whole
or not at all.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Literal

from xltool.checking.running import Checked, check_files
from xltool.errors import OfficeError
from xltool.merging.accepting import Accepting, Scope, known_acceptances, scope_of
from xltool.merging.comparing import other_year, with_approved
from xltool.merging.conflicts import Decisions, clashes, settle_records, settle_units
from xltool.merging.data_set import DataSet
from xltool.merging.fates import LEFT_OUT, OPEN, Fate, Outcome
from xltool.merging.gathering import gathered, held_records
from xltool.merging.handed_up import HandedUp
from xltool.merging.noting import log_merge
from xltool.merging.places import find_results, without_results
from xltool.merging.publication import Publication
from xltool.merging.publishing import publish
from xltool.merging.result import Proof, Result, open_results
from xltool.office.campaign import PUBLIC_KEY, Campaign
from xltool.office.decisions import Decision, add_decisions
from xltool.office.kept import keep_from_exchange
from xltool.office.lower import note_seen
from xltool.office.opinions import note_shown
from xltool.office.waivers import Acceptance
from xltool.publishing import being_made
from xltool.report.noting import log_check
from xltool.report.reports import make_report
from xltool.returns.collecting import Place
from xltool.returns.counting import came_later
from xltool.returns.leaving_aside import RESULT, is_result
from xltool.returns.submissions import Batch
from xltool.rules.findings import Finding


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one submission."""

    unit: str
    file: str
    sha256: str
    outcome: Outcome
    detail: str = ""
    district: str = ""


@dataclass(frozen=True)
class MergeResult:
    """What was merged, what was not and why; `folder` holds the files, None if nothing merged.

    `batch` is what was read: it knows what was left aside. `notes` say what else the reviewer is to
    know: waivers of no effect, what the office takes, that nothing was signed. `waived` are the findings
    that were waived. `number` is that of the merge in its campaign.
    """

    entries: list[Entry]
    folder: Path | None
    changed: bool = True
    batch: Batch | None = None
    notes: Sequence[str] = ()
    waived: Sequence[Finding] = ()
    number: int = 0

    @property
    def is_complete(self) -> bool:
        """False where something that was handed in was left out."""
        return not any(entry.outcome in LEFT_OUT for entry in self.entries)


@dataclass(frozen=True)
class _Request:
    """What a merge is asked to do."""

    out: Path
    campaign: Campaign
    prefer: Literal["newest"] | None
    given: Acceptance | None
    scope: Scope
    before: DataSet | None
    now: datetime = field(default_factory=datetime.now)


def merge(
    paths: Sequence[Place],
    out: Path,
    campaign: Campaign | None = None,
    *,
    accept_warnings: bool = False,
    accept_units: Sequence[str] = (),
    accept_rules: Sequence[str] = (),
    prefer: Literal["newest"] | None = None,
    jobs: int | None = None,
    cluster: str | None = None,
    acceptance: Acceptance | None = None,
    against: Path | None = None,
) -> MergeResult:
    """Merge returned workbooks and earlier merge results of one form and year into the folder `out`.

    Submissions with errors are left out; those with warnings too, unless a reviewer accepts them now
    or did so before: the records of this campaign and of the offices below know which he saw. Two different
    submissions of one unit are a conflict, unless a decision or `prefer` decides; so are projects that
    several units claim.

    Args:
        paths: Returned files, folders and archives, and folders that an earlier merge wrote; those are
            found in given folders too.
        out: The folder for the result. It appears whole, in the place of an earlier result.
        campaign: The office's campaign: its key verifies the seals of workbooks, its 下级.csv the results of
            other offices.
        accept_warnings: Take submissions with warnings too, and note that in the campaign's record.
        accept_units: Accept the warnings of these units only, by their codes; of all without any.
        accept_rules: Accept the warnings of these rules only, by their codes; of all without any.
        prefer: "newest" takes the newest of several files of a unit (by issue, arrival, time of saving),
            and notes that in the campaign's 取舍.csv.
        jobs: How many files are read at the same time; by default as many as there are processors.
        cluster: The address of Dask's scheduler, to read and judge on a cluster.
        acceptance: Who accepts the warnings, and why; by default the user's login name.
        against: The result of another year: what changed since is listed in 上年对比.csv. For a form that
            takes approved targets it is these, unless the campaign names others.

    Returns:
        A `MergeResult`: what became of each submission, and the folder, None if nothing was merged.

    Raises:
        OfficeError: There is no campaign or no public key, a unit or rule to accept is unknown, a form or a year is another one, `out` holds
            anything of `paths`, a result is unknown, altered or damaged, or another run is merging into `out`.
        OSError: The system refuses: a full disk, a file open elsewhere. The earlier result is whole.

    """
    here = [path for path in paths if isinstance(path, Path)]
    keep_from_exchange(out, here if against is None else [*here, against], campaign)
    _refuse_others(out)
    campaign = _campaign(campaign)
    scope = scope_of(campaign, accept_units, accept_rules)
    with being_made(out, "合并到这里"):
        before = None if against is None else other_year(against, campaign.folder)
        campaign = campaign if against is None else with_approved(campaign, against)
        found = find_results(here)
        files = without_results(paths, found)
        results = open_results(found, campaign)
        given = _by_somebody(acceptance or Acceptance("", "")) if accept_warnings else None
        request = _Request(out, campaign, prefer, given, scope, before)
        handed = [HandedUp(result, campaign) for result in results]
        parts = chain.from_iterable(each.parts() for each in handed)
        with check_files(
            files, campaign, jobs=jobs, with_rows=True, cluster=cluster, more=parts
        ) as checked:
            return _merged(checked, handed, request)


def _refuse_others(out: Path) -> None:
    """Raise OfficeError for a folder that holds something else and no result."""
    if out.exists() and not is_result(out) and any(out.iterdir()):
        raise OfficeError("输出文件夹里有别的文件，不会覆盖；请换一个空文件夹", out)


def _campaign(campaign: Campaign | None) -> Campaign:
    """The campaign, which must have a public key."""
    if campaign is None or campaign.public_key is None:
        raise OfficeError(
            f"没有签发公钥（填报文件夹的 {PUBLIC_KEY.as_posix()}），不能核对签发，没有合并；"
            "请用 --campaign 指明下发时的填报文件夹，公钥遗失的请从备份恢复",
            campaign.folder if campaign else None,
        )
    return campaign


def _by_somebody(given: Acceptance) -> Acceptance:
    """With the user's login name, unless it names a reviewer. Raises OfficeError where there is none."""
    reviewer = given.reviewer or login_name()
    if not reviewer:
        raise OfficeError("不知道审核人是谁；请用 --reviewer 指明")
    return replace(given, reviewer=reviewer)


def login_name() -> str:
    """Whoever runs the program; empty where the system does not know, as for a service of Windows."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # as the system words it
        return ""


def _merged(checked: Checked, handed: Sequence[HandedUp], request: _Request) -> MergeResult:
    """Merge what was checked."""
    verdict, campaign = checked.verdict, request.campaign
    left_aside = [each for each in checked.batch.left_aside if each.reason != RESULT]
    batch = replace(checked.batch, left_aside=left_aside)  # results are merged
    _refuse_other_forms(batch, campaign)
    results = [each.result for each in handed]
    decisions = _decisions(results, campaign)
    report = make_report(batch, verdict)
    log_check(campaign, report, {}, request.now)
    note_shown(campaign.folder, verdict.opinions_shown, request.now)
    accepting = _accepting(checked, handed, request)
    accepting.run(report)
    waived = (
        [f for f in report.findings if f.waiver and f.workbook is not None] if report.waived else []
    )
    data, fates, decided = _settled(checked, accepting.fates, decisions, request)
    every = _of_all(fates, results)
    entries = [_entry(fate) for fate in every]
    notes = [*verdict.notes, *accepting.notes]
    result = MergeResult(entries, None, batch=batch, notes=notes, waived=waived)
    if data is None or data[0].submissions.is_empty():
        return result
    if decided:
        add_decisions(campaign.folder, decided)
    standing = {fate.sha256 for fate in every if fate.outcome in OPEN}
    proof = Proof(
        every,
        sorted(
            {each for each in accepting.seen if each.sha256 in standing},
            key=lambda s: (s.district, s.unit_code, s.sha256, s.sheet, s.cell, s.fingerprint),
        ),
        {sha256: some for sha256, some in accepting.accepted.items() if sha256 in standing},
        _all_decisions(decisions, decided),
        _seals(checked),
    )
    who = login_name()
    publication = Publication(
        campaign, *data, proof, results, request.now, who, before=request.before
    )
    number, changed = publish(publication, request.out)
    log_merge(campaign, every, request.now)
    note_seen(campaign.folder, [each.seen for each in results if not each.is_own], request.now)
    return replace(
        result,
        folder=request.out,
        changed=changed,
        number=number,
        notes=[*notes, *publication.notes],
    )


def _seals(checked: Checked) -> Callable[[str], str]:
    """What gives the seal of a file by its SHA-256; empty where it has none. They lie in the drawers."""
    submissions = enumerate(checked.batch.submissions)
    numbers = {found.sha256: n for n, found in submissions if found.same_as is None}

    def seal_of(sha256: str) -> str:
        number = numbers.get(sha256)
        return "" if number is None else checked.drawers.seal(number)

    return seal_of


def _refuse_other_forms(batch: Batch, campaign: Campaign) -> None:
    """Raise OfficeError where workbooks of other forms than the campaign's came."""
    others = sorted({*batch.forms} - {campaign.form.id})
    if others:
        raise OfficeError(
            f"一次只能合并一种表：本次填报是 {campaign.form.id}，这里还有 {'、'.join(others)}"
        )


def _accepting(checked: Checked, handed: Sequence[HandedUp], request: _Request) -> Accepting:
    """What decides about each submission, with what the offices below say of theirs."""
    below = [fate for each in handed for fate in each.fates]
    first = len(checked.batch.submissions) - len(below)
    names = _common(below)
    return Accepting(
        checked.batch,
        request.campaign,
        {first + place: names[fate.sha256] for place, fate in enumerate(below)},
        known_acceptances(request.campaign, [each.result.proof.acceptances for each in handed]),
        request.given,
        request.scope,
    )


def _common(fates: Iterable[Fate]) -> dict[str, Fate]:
    """One fate for each file, however many results it came with, whatever their order."""
    found: dict[str, Fate] = {}
    for fate in sorted(fates, key=lambda fate: (fate.file, fate.seen, fate.issued)):
        found.setdefault(fate.sha256, fate.became("merged"))
    return found


def _decisions(results: Sequence[Result], campaign: Campaign) -> Decisions:
    """All decisions; what an office below decided for units or files of other offices is void."""
    handed = [
        decision
        for result in results
        for decision in result.proof.decisions
        if decision.district in result.districts or decision.chosen in result.digests
    ]
    return Decisions(campaign.decisions, list(dict.fromkeys(handed)))


def _all_decisions(decisions: Decisions, decided: Sequence[Decision]) -> list[Decision]:
    """All decisions that a result carries up, each once, in an order that nothing else sets."""
    every = {*decisions.own, *decisions.handed, *decided}
    return sorted(every, key=lambda decision: decision.row)


# what may not be merged as it is, but may be what the unit means
_RIVALS: tuple[Outcome, ...] = ("errors", "warnings", "pending")


def _settled(
    checked: Checked, fates: Mapping[int, Fate], decisions: Decisions, request: _Request
) -> tuple[tuple[DataSet, DataSet] | None, dict[int, Fate], list[Decision]]:
    """What is merged and what is held back, the outcome of each submission, and what was decided."""
    able = {number: fate for number, fate in fates.items() if fate.outcome == "merged"}
    if not able:
        return None, dict(fates), []
    time = f"{request.now:%Y-%m-%d %H:%M}"
    who = login_name() if request.prefer else ""
    rivals = {
        number: fate
        for number, fate in fates.items()
        if fate.outcome in _RIVALS
        and fate.unit_code
        and not checked.batch.submissions[number].lower  # an office below has settled its own
    }
    later = came_later(checked.batch.submissions, request.campaign)
    settled = settle_units({**able, **rivals}, decisions, request.prefer, who, time, later)
    form = request.campaign.form
    data = gathered(checked.drawers, form, able)
    standing = {number: fate for number, fate in settled.fates.items() if fate.outcome == "merged"}
    numbers = {(f.district, f.unit_code, f.sha256): number for number, f in standing.items()}
    found = clashes(data, numbers, request.campaign) if standing else []
    if found:
        records = _records(data, numbers)
        standing = settle_records(standing, found, decisions, records, whole=form.whole)
    outcome = {**fates, **settled.fates, **standing}
    held = held_records(data, [outcome[number] for number in able])
    if held.is_empty():
        return (data, data.of_records(held, kept=True)), outcome, settled.decided
    parts = data.of_records(held, kept=False), data.of_records(held, kept=True)
    return parts, outcome, settled.decided


def _records(data: DataSet, numbers: Mapping[tuple[str, str, str], int]) -> dict[int, list[int]]:
    """The records of each submission that stands."""
    found: dict[int, list[int]] = {}
    records = data.records_of(once=False)
    for district, unit, sha256, record in records.iter_rows():
        number = numbers.get((district, unit, sha256))
        if number is not None:
            found.setdefault(number, []).append(record)
    return found


def _of_all(fates: Mapping[int, Fate], results: Sequence[Result]) -> list[Fate]:
    """The outcome of everything: what was decided now, and what offices below left out themselves.

    A copy counts with what it is a copy of, where that came with a result.
    """
    decided = {fate.sha256 for fate in fates.values() if fate.outcome != "copy"}
    below = {
        fate
        for result in results
        for fate in result.proof.fates
        if fate.outcome not in OPEN and (fate.outcome == "copy" or fate.sha256 not in decided)
    }
    return sorted({*fates.values(), *below}, key=lambda fate: (*fate.order, fate.detail))


def _entry(fate: Fate) -> Entry:
    return Entry(fate.unit_code, fate.file, fate.sha256, fate.outcome, fate.detail, fate.district)
