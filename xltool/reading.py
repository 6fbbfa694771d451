"""Many returned files to typed frames with provenance.

Each file is read in a worker process with a memory limit and a time limit: a file that crashes or
hangs its worker costs that file only. What a worker sends back is plain data; the frames are built
here, one per table for the whole run.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xltool import dressing, seal, workers
from xltool.align import SheetFact, match_workbook
from xltool.batch import Batch, Submission, adapted, canonical
from xltool.campaign import Campaign
from xltool.collecting import Returned, collect, shown_path
from xltool.errors import OfficeError
from xltool.extract import extract, prefilled_of
from xltool.forms import Form, form_ids, load_form
from xltool.layout import Layout
from xltool.limits import Limits
from xltool.placing import match_sheet
from xltool.seal import Issue, Seal
from xltool.workbook import UnreadableError, WorkbookData, open_workbook
from xltool.write.pages import CHECKS, FRONT, GUIDE

_OURS = frozenset({GUIDE, CHECKS, seal.SHEET, FRONT})


@dataclass(frozen=True)
class Settings:
    """What a worker needs to know of the campaign; plain data, sent once per file."""

    own: Path | None = None
    form: str | None = None
    changes: str = "{}"
    rows: str = "{}"
    key: str | None = None
    fy: int | None = None
    issue_ids: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)


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
    found = find_seal(workbook)
    form, layout = _judge_seal(submission, found, settings)
    if form is None or layout is None:
        form, layout = _recognise(workbook, settings)
    if form is None or layout is None:
        return
    submission.form = form.id
    submission.sheets += [SheetFact("", "", "", mark) for mark in workbook.marks]
    _extract(submission, workbook, form, layout)


def find_seal(workbook: WorkbookData) -> Seal | None:
    """The seal of a workbook, from whichever of its two carriers still has it intact."""
    texts = []
    hidden = workbook.sheet(seal.SHEET)
    if hidden is not None:
        texts.append("".join(hidden.text(row, 0) for row in range(len(hidden.grid))))
    texts.append(seal.from_properties(workbook.properties))
    seals = [found for text in texts if (found := seal.unseal(text)) is not None]
    return next((found for found in seals if found.intact), seals[0] if seals else None)


def _judge_seal(
    submission: Submission, found: Seal | None, settings: Settings
) -> tuple[Form | None, Layout | None]:
    """Set the seal's state; returns the form that the seal names, if its word can be taken."""
    if found is None:
        return None, None
    submission.seal_text = found.text
    if not found.intact:
        submission.seal, submission.expected = "altered", ""
        return None, None
    issue = found.issue
    submission.issued = issue.words
    try:
        form, layout = adapted(
            issue.form, settings.own, canonical(issue.changes), canonical(issue.rows), issue.fy
        )
        _take_at_its_word(form, layout, issue)
    except (OfficeError, ValueError, TypeError, KeyError, AttributeError):
        # a form of another version of xltool, or a seal that somebody made up: not to be trusted
        submission.seal = "other_form"
        submission.expected = settings.form or "本版本支持的表"
        return None, None
    submission.issue = issue
    if settings.key is not None and found.public_key != settings.key:
        submission.seal = "unknown_key"
    elif settings.form is not None and issue.form != settings.form:
        submission.seal, submission.expected = "other_form", settings.form
    elif issue.version != form.version or issue.layout != layout.digest:
        submission.seal, submission.expected = "other_version", f"版本 {form.version}"
    elif settings.fy == issue.fy and _is_superseded(issue, settings):
        submission.seal, submission.expected = "superseded", settings.issue_ids[issue.unit]
    else:
        submission.seal = "ok"
    return form, layout


def _take_at_its_word(form: Form, layout: Layout, issue: Issue) -> None:
    """Raise for an issue whose prefilled values are none of this form."""
    fields = form.record_fields
    for record in issue.records:
        for name, text in record.items():
            fields[name].kind.parse(text, fields[name])
    for lines in issue.lines:
        for table, rows in lines.items():
            for name, text in ((n, t) for row in rows for n, t in row.items()):
                column = form.field(table, name)
                column.kind.parse(text, column)
        for sheet in layout.sheets:
            sheet.place_lines(lines)


def _is_superseded(issue: Issue, settings: Settings) -> bool:
    """True if the unit was issued another workbook after this one."""
    return settings.issue_ids.get(issue.unit, issue.issue_id) != issue.issue_id


def _recognise(workbook: WorkbookData, settings: Settings) -> tuple[Form | None, Layout | None]:
    """The form of a workbook without a seal, by its labels: the campaign's form first."""
    candidates = [settings.form] if settings.form else form_ids(settings.own)
    for form_id in candidates:
        changes, rows = (settings.changes, settings.rows) if settings.form else ("{}", "{}")
        fy = settings.fy or _printed_year(workbook)
        form, layout = adapted(form_id, settings.own, changes, rows, fy)
        if any(
            data.name not in _OURS and match_sheet(data, sheet) is not None
            for data in workbook.sheets
            for sheet in layout.sheets
        ):
            return form, layout
    return None, None


def _printed_year(workbook: WorkbookData) -> int:
    """The year that a workbook without a seal speaks of most: some forms print it in their headings."""
    found = Counter(
        int(year)
        for data in workbook.sheets
        for row in data.grid[:8]
        for raw in row
        if isinstance(raw, str)
        for year in re.findall(r"(20\d\d)\s*年", raw[:100])
    )
    return found.most_common(1)[0][0] if found else 2000


def _extract(submission: Submission, workbook: WorkbookData, form: Form, layout: Layout) -> None:
    issue = submission.issue
    matches, facts = match_workbook(workbook, layout, issue, _OURS)
    submission.sheets += facts
    for match in matches:
        record = 0 if layout.single else len(submission.records)
        found = extract(form, layout.sheets[match.part], match, issue, record)
        needed = layout.single or form.is_known(prefilled_of(form, issue, match.number))
        if not found.used and not needed and not found.facts:
            continue  # a spare sheet that was not needed
        submission.rows += found.rows if found.used or needed else []
        submission.cells += found.facts
        changed = dressing.changes(
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


def settings_for(campaign: Campaign | None, form: str | None) -> Settings:
    """What the workers are told of a campaign; `form` is what files without a seal are taken for."""
    if campaign is None:
        return Settings(form=form)
    return Settings(
        own=campaign.folder,
        form=form or campaign.form.id,
        changes=canonical(campaign.changes),
        rows=canonical(campaign.rows),
        key=campaign.public_key,
        limits=campaign.limits,
        fy=campaign.fy,
        issue_ids=campaign.issue_ids,
    )
