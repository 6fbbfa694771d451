"""Many returned files to typed frames with provenance.

Each file is read in a worker process with a memory limit and a time limit: a file that crashes or
hangs its worker costs that file only. What a worker sends back is plain data; the frames are built
here, one per table for the whole run.
"""

from __future__ import annotations

import hashlib
import os
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from xltool.errors import OfficeError
from xltool.form.edition import Edition
from xltool.form.loading import load_form
from xltool.office.campaign import Campaign
from xltool.returns import tampering
from xltool.returns.accounting import Returned
from xltool.returns.additions import additions
from xltool.returns.collecting import Collection, Place, collect, shown_path
from xltool.returns.counting import mark_copies, mark_followed, mark_superseded
from xltool.returns.explanations import explains_nothing, explanations
from xltool.returns.extracting import prefilled_of
from xltool.returns.failures import PROBLEM, write_log
from xltool.returns.identifying import OWN_SHEETS, Settings, identify, settings_for
from xltool.returns.in_place import extract, extract_together
from xltool.returns.sheet_matching import SheetFact, match_workbook
from xltool.returns.submissions import Batch, Reader, Submission
from xltool.workbook import workers
from xltool.workbook.limits import Limits
from xltool.workbook.opening import WorkbookData, content_of, parsed
from xltool.workbook.refusals import UnreadableError
from xltool.workbook.worker import Failure, Job

_AT_ONCE = 100  # files that are read again before the first of them is asked for
UNLIMITED = "本系统不能限制读取文件所用的内存（只限制了时间）；来历不明的文件请在别的电脑上检查"


def read(
    paths: Iterable[Place],
    campaign: Campaign | None = None,
    *,
    form: str | None = None,
    jobs: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,  # noqa: ARG005
) -> Batch:
    """Read returned files in worker processes with limited memory and time.

    Args:
        paths: Files, folders (all files in them) and .zip archives of returns, of this machine or
            (`addresses.Address`) of another one.
        campaign: The office's campaign, whose key, roster, settings and limits they are read with;
            None for files of any office.
        form: The id of the form that files without a seal are taken for. Without it they are
            recognised by their labels.
        jobs: How many files are read at the same time; by default as many as there are processors.
        progress: Called with the number of files that are done and of all files.

    Returns:
        A `Batch` with one submission for each file, in the order of the paths. A file that cannot
        be read is a submission with a `problem`; it is never an exception.

    Raises:
        OfficeError: A path does not exist, there is nothing to read, there is no such form, or the
            disk is full.

    """
    with opened(list(paths), campaign, form) as (collection, settings):
        files, notes = collection.files, collection.notes
        limits = settings.limits
        outcomes = workers.run(
            read_file,
            [(file.path, settings, file) for file in files],
            jobs or os.cpu_count() or 1,
            limits.seconds,
            limits.memory_bytes,
            progress,
            lambda: notes.append(UNLIMITED),
        )
    submissions = [
        replace(failed_submission(outcome, limits), file=file.name)
        if not isinstance(outcome, Submission)
        else outcome
        for file, outcome in zip(files, outcomes, strict=True)
    ]
    mark_copies(submissions)
    mark_superseded(submissions, campaign)
    mark_followed(submissions, campaign)
    log = logged(submissions, campaign)
    return Batch(submissions, campaign, notes, left_aside=collection.left_aside, log=log)


@contextmanager
def opened(
    paths: Sequence[Place], campaign: Campaign | None, form: str | None
) -> Iterator[tuple[Collection, Settings]]:
    """The files of a run and the settings that they are read with; archives are unpacked until the end.

    Raises OfficeError: see `read`.
    """
    if form is not None:
        load_form(form, campaign.folder if campaign else None)  # the office's mistake first
    settings = settings_for(campaign, form)
    with collect(paths, settings.limits) as collection:
        yield collection, settings


@contextmanager
def nothing_opened(campaign: Campaign | None) -> Iterator[tuple[Collection, Settings]]:
    """As `opened`, for a run that reads no file."""
    yield Collection(), settings_for(campaign, None)


def failed_submission(failure: Failure, limits: Limits) -> Submission:
    """The submission of a file whose reading failed as a whole; it does not know its name."""
    problems: Mapping[Failure, str] = {
        "slow": f"读取超过 {limits.seconds} 秒",
        "killed": "内容异常，读取时耗尽内存或崩溃",
    }
    return Submission("", problem=problems[failure])


def logged(submissions: Sequence[Submission], campaign: Campaign | None) -> Path | None:
    """Write what failed for a reason of ours into a log; returns its path, None where nothing did."""
    failed = [submission for submission in submissions if submission.failure is not None]
    return write_log(failed, campaign.folder if campaign else None)


def reader_of(files: Sequence[Returned], settings: Settings, jobs: int | None) -> Reader:
    """What reads some of the files again, by their numbers, with all that they hold."""

    def again(numbers: Sequence[int]) -> Iterator[Submission]:
        limits = settings.limits
        job = Job(read_file, limits.seconds, limits.memory_bytes)
        for start in range(0, len(numbers), _AT_ONCE):
            chosen = [files[number] for number in numbers[start : start + _AT_ONCE]]
            items = [(file.path, settings, file) for file in chosen]
            found = dict(workers.run_chunks(job, items, 1, jobs or os.cpu_count() or 1))
            for place in range(len(chosen)):
                (outcome,) = found[place]
                yield (
                    outcome
                    if isinstance(outcome, Submission)
                    else failed_submission(outcome, limits)
                )

    return again


def read_file(path: Path, settings: Settings, returned: Returned | None = None) -> Submission:
    """Read one file; runs in a worker. Nothing in the file makes it raise, but in strict mode.

    Raises OfficeError where the office's own folder is at fault.
    """
    returned = returned or Returned(path, shown_path(path))
    name = returned.name
    if returned.problem is not None:
        problem, remedy, failure = returned.problem, returned.remedy, returned.failure
        return Submission(name, problem=problem, remedy=remedy, failure=failure)
    sha256 = ""
    try:
        content = content_of(path, settings.limits)
        sha256 = hashlib.sha256(content).hexdigest()
        submission = Submission(name, sha256, returned.modified or path.stat().st_mtime)
        workbook = parsed(content, settings.limits, explains_nothing)
        take(submission, workbook, settings)
    except UnreadableError as error:
        return Submission(name, problem=error.reason, remedy=error.remedy)
    except (OfficeError, MemoryError):  # without memory the worker has failed, not our program
        raise
    except Exception:
        if settings.strict:
            raise
        return Submission(name, sha256, problem=PROBLEM, failure=traceback.format_exc())
    return submission


def take(submission: Submission, workbook: WorkbookData, settings: Settings) -> None:
    """Take into the submission all that its workbook says."""
    edition = identify(submission, workbook, settings)
    if edition is None:
        return
    submission.edition = edition
    submission.sheets += [SheetFact("", "", "", mark) for mark in workbook.marks]
    submission.explanations = explanations(workbook)
    read_sheets(submission, workbook, edition)


def read_sheets(submission: Submission, workbook: WorkbookData, edition: Edition) -> None:
    """Take into the submission what stands on the form sheets of its workbook."""
    form, layout, issue = edition.form, edition.layout, submission.issue
    matches, facts = match_workbook(workbook, layout, issue, OWN_SHEETS)
    submission.sheets += facts
    if any(match.data.appearance is None for match in matches):
        submission.sheets.append(SheetFact("", "", "", "unseen"))
    submission.sheets += additions(workbook, edition, matches, OWN_SHEETS)
    for sheet, why, content in issue.unplaced if issue else ():
        submission.sheets.append(SheetFact(sheet, "", "", why, content))
    if form.once:
        submission.records.append(0 if issue else None)
    together = extract_together(edition, matches, issue) if edition.in_order else {}
    for place, match in enumerate(matches):
        once = not layout.sheets[match.part].is_repeated
        record = 0 if once else len(submission.records)
        found = together.get(place) or extract(edition, match, issue, record)
        needed = once or form.is_known(prefilled_of(form, issue, match.number))
        if not found.used and not needed and not found.facts:
            continue  # a spare sheet that was not needed
        submission.rows += found.rows if found.used or needed else []
        submission.cells += found.facts
        changed = tampering.changes(edition, match, issue, record, found)
        submission.cells += changed.cells
        submission.sheets += changed.sheets
        if record == len(submission.records):
            submission.records.append(match.number)
