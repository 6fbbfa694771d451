"""Many returned files to typed frames with provenance.

Each file is read in a worker process with a memory limit and a time limit: a file that crashes or
hangs its worker costs that file only. What a worker sends back is plain data; the frames are built
here, one per table for the whole run.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from xltool.form.edition import Edition
from xltool.form.loading import load_form
from xltool.office.campaign import Campaign
from xltool.returns import tampering
from xltool.returns.collecting import Returned, collect, shown_path
from xltool.returns.extracting import extract, prefilled_of
from xltool.returns.identifying import OWN_SHEETS, Settings, identify, settings_for
from xltool.returns.sheet_matching import SheetFact, match_workbook
from xltool.returns.submissions import Batch, Submission
from xltool.workbook import workers
from xltool.workbook.opening import UnreadableError, WorkbookData, open_workbook


def read(
    paths: Iterable[Path],
    campaign: Campaign | None = None,
    form: str | None = None,
    jobs: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,  # noqa: ARG005
) -> Batch:
    """Read returned files. `form` is what to take files for that have no seal.

    The files are read in worker processes, which import the calling program's main module: a script
    must call this under `if __name__ == "__main__":`.

    Raises OfficeError for paths that do not exist. A file that cannot be read is a submission with
    a `problem`.
    """
    if form is not None:
        load_form(form, campaign.folder if campaign else None)  # the office's mistake first
    settings = settings_for(campaign, form)
    with collect(paths, settings.limits) as collection:
        submissions = _read_all(collection.files, settings, jobs, progress)
    _mark_copies(submissions)
    return Batch(submissions, campaign, collection.notes)


def _read_all(
    files: Sequence[Returned],
    settings: Settings,
    jobs: int | None,
    progress: Callable[[int, int], None],
) -> list[Submission]:
    """The submissions of the files in their order, each read in a worker."""
    limits = settings.limits
    results = workers.run(
        read_file,
        [(file.path, settings, file) for file in files],
        jobs or os.cpu_count() or 1,
        limits.seconds,
        limits.memory_bytes,
        progress,
    )
    problems: Mapping[workers.Failure, str] = {
        "slow": f"读取超过 {limits.seconds} 秒",
        "killed": "内容异常，读取时耗尽内存或崩溃",
    }
    return [
        result
        if isinstance(result, Submission)
        else Submission(file.name, problem=problems[result])
        for file, result in zip(files, results, strict=True)
    ]


def read_file(path: Path, settings: Settings, returned: Returned | None = None) -> Submission:
    """Read one file; runs in a worker. Never raises for anything in the file."""
    returned = returned or Returned(path, shown_path(path))
    if returned.problem is not None:
        return Submission(returned.name, problem=returned.problem)
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        workbook = open_workbook(path, settings.limits)
    except UnreadableError as error:
        return Submission(returned.name, problem=str(error))
    except OSError as error:
        return Submission(returned.name, problem=f"文件打不开（{error.strerror}）")
    modified = returned.modified or path.stat().st_mtime
    submission = Submission(returned.name, digest, modified=modified)
    take(submission, workbook, settings)
    return submission


def take(submission: Submission, workbook: WorkbookData, settings: Settings) -> None:
    """Take into the submission all that its workbook says."""
    edition = identify(submission, workbook, settings)
    if edition is None:
        return
    submission.edition = edition
    submission.sheets += [SheetFact("", "", "", mark) for mark in workbook.marks]
    _extract(submission, workbook, edition)


def _extract(submission: Submission, workbook: WorkbookData, edition: Edition) -> None:
    form, layout, issue = edition.form, edition.layout, submission.issue
    matches, facts = match_workbook(workbook, layout, issue, OWN_SHEETS)
    submission.sheets += facts
    for match in matches:
        record = 0 if layout.single else len(submission.records)
        found = extract(form, layout.sheets[match.part], match, issue, record)
        needed = layout.single or form.is_known(prefilled_of(form, issue, match.number))
        if not found.used and not needed and not found.facts:
            continue  # a spare sheet that was not needed
        submission.rows += found.rows if found.used or needed else []
        submission.cells += found.facts
        changed = tampering.changes(
            form, layout.sheets[match.part], match, issue, record, found.facts
        )
        submission.cells += changed.cells
        submission.sheets += changed.sheets
        if record == len(submission.records):
            submission.records.append(match.number)


def _mark_copies(submissions: list[Submission]) -> None:
    """A file that is byte for byte another one counts once."""
    first: dict[str, str] = {}
    for submission in submissions:
        if submission.problem is None and submission.sha256 in first:
            submission.same_as = Path(first[submission.sha256]).name
        elif submission.problem is None:
            first[submission.sha256] = submission.file
