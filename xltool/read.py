"""Many returned files to typed frames with provenance.

Each file is read in a worker process with a memory limit and a time limit: a file that crashes or
hangs its worker costs that file only. What a worker sends back is plain data; the frames are built
here, one per table for the whole run.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from functools import cache, cached_property
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

import polars as pl
from pebble import ProcessExpired, ProcessPool

from xltool import layout as layouts
from xltool import seal
from xltool.align import Match, SheetFact, map_rows, match_sheets
from xltool.campaign import MANIFEST, Campaign
from xltool.errors import OfficeError
from xltool.extract import CellFact, Row, Subject, extract, is_known
from xltool.fields import Value
from xltool.forms import Form, TableView, form_ids, load_form
from xltool.schema import CONTEXT
from xltool.seal import Issue, Seal
from xltool.workbook import MB, Limits, UnreadableError, WorkbookData, open_workbook
from xltool.write.pages import CHECKS, FRONT, GUIDE

_OURS = frozenset({GUIDE, CHECKS, seal.SHEET, FRONT})
_SECONDS = 60.0
_MEMORY = 512 * MB


@dataclass
class Submission:
    """One returned workbook as read. `problem` is set and nothing else if it could not be read.

    `seal` is one of the states of `facts.Submission`; `issue` is what its seal says, None without
    one. `rows` are those of all tables.
    """

    file: str
    sha256: str = ""
    problem: str | None = None
    form: str | None = None
    seal: str = "missing"
    seal_text: str = ""
    issue: Issue | None = None
    expected: str = ""
    same_as: str | None = None
    rows: list[Row] = field(default_factory=list)
    cells: list[CellFact] = field(default_factory=list)
    sheets: list[SheetFact] = field(default_factory=list)
    records: list[int | None] = field(default_factory=list)  # issued number of each record

    @property
    def unit(self) -> str | None:
        """The unit that the workbook was issued to."""
        return self.issue.unit if self.issue else None


@dataclass(frozen=True)
class Batch:
    """All submissions of a run, and the frames of their rows.

    `provenance[table][n]` is the submission (its index) and the `Row` of row n of a frame.
    """

    submissions: list[Submission]
    campaign: Campaign | None = None

    def counted(self) -> list[tuple[int, Submission]]:
        """The submissions that count: readable, and no copies of another."""
        return [
            (number, submission)
            for number, submission in enumerate(self.submissions)
            if submission.problem is None and submission.same_as is None
        ]

    @cached_property
    def forms(self) -> dict[str, Form]:
        """The forms that occur, as the campaign or the seal adapts them."""
        found: dict[str, Form] = {}
        for _, submission in self.counted():
            if submission.form and submission.form not in found:
                found[submission.form] = form_of(submission, self.campaign)
        return found

    def rows(self, form: str, table: str) -> list[tuple[int, Row]]:
        """The rows of one table of one form with the number of their submission."""
        return [
            (number, row)
            for number, submission in self.counted()
            if submission.form == form
            for row in submission.rows
            if row.table == table
        ]

    def fact_rows(self, table: str) -> list[tuple[int, Row]]:
        """The rows of a fact table: of the submissions themselves, their odd sheets, odd cells."""
        if table == "submission":
            return [(n, self._submission_row(found)) for n, found in enumerate(self.submissions)]
        if table == "sheet":
            return [(n, _sheet_row(fact)) for n, found in self.counted() for fact in found.sheets]
        return [(n, _cell_row(fact)) for n, found in self.counted() for fact in found.cells]

    def _submission_row(self, found: Submission) -> Row:
        known = found.unit in self.campaign.units if self.campaign and found.unit else None
        superseded = found.seal == "superseded" and found.issue is not None
        issued = found.issue.issue_id if superseded and found.issue else ""
        values: dict[str, Value] = {
            "file": Path(found.file).name,
            "form_id": found.form,
            "sha256": found.sha256,
            "problem": found.problem,
            "same_as": found.same_as,
            "seal": found.seal if found.problem is None and found.same_as is None else None,
            "issued": issued or (found.issue.words if found.issue else "内容无法确认"),
            "expected": found.expected,
            "in_roster": None if known is None else "是" if known else "否",
            "campaign_fy": self.campaign.fy if self.campaign else None,
        }
        return Row("submission", "", 0, values, subject=Subject(""))

    def frame(self, table: TableView, rows: Sequence[tuple[int, Row]]) -> pl.DataFrame:
        """A typed frame: the fields of the table and the context columns; row n is rows[n]."""
        columns: dict[str, list[Any]] = {
            name: [row.values.get(name) for _, row in rows] for name in table.fields
        }
        issues = {number: self.submissions[number].issue for number, _ in rows}
        context: dict[str, list[Any]] = {
            "row": list(range(len(rows))),
            "record": [row.record for _, row in rows],
            "workbook": [number for number, _ in rows],
            "used": [row.used for _, row in rows],
            "unreadable": [row.unreadable for _, row in rows],
            "unit_code": [self._said(issues[n], "unit") for n, _ in rows],
            "fy": [self._year(issues[n]) for n, _ in rows],
            "district": [self._district(issues[n]) for n, _ in rows],
            "department_code": [self._said(issues[n], "department_code") for n, _ in rows],
        }
        schema = {name: column.kind.dtype(column) for name, column in table.fields.items()}
        return pl.DataFrame({**columns, **context}, schema={**schema, **CONTEXT}, strict=True)

    def _said(self, issue: Issue | None, name: str) -> str | None:
        return (getattr(issue, name) or None) if issue else None

    def _year(self, issue: Issue | None) -> int | None:
        if issue is not None:
            return issue.fy
        return self.campaign.fy if self.campaign else None

    def _district(self, issue: Issue | None) -> str | None:
        if self.campaign and self.campaign.district:
            return self.campaign.district
        return self._said(issue, "district")


def _sheet_row(fact: SheetFact) -> Row:
    values: dict[str, Value] = {
        "sheet": fact.sheet,
        "expected": fact.expected,
        "state": fact.state,
        "detail": fact.detail,
    }
    return Row("sheet", fact.sheet, 0, values, subject=Subject(fact.cell))


def _cell_row(fact: CellFact) -> Row:
    values: dict[str, Value] = {
        "label": fact.label,
        "remark": fact.remark,
        "expected": fact.expected,
        "found": fact.found,
        "value": fact.value,
    }
    subject = Subject(fact.cell, fact.field, fact.label)
    return Row("cell", fact.sheet, fact.record, values, subject=subject)


@dataclass(frozen=True)
class Settings:
    """What a worker needs to know of the campaign; plain data, sent once per file."""

    own: Path | None = None
    form: str | None = None
    changes: str = "{}"
    rows: str = "{}"
    key: str | None = None
    issue_ids: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)


def files_in(paths: Iterable[Path]) -> list[Path]:
    """The files to read: given ones, and all in given folders; lock files and hidden ones are not.

    Raises OfficeError for a path that does not exist and for a folder without any file.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.is_file() and _counts(file, path))
            if not inside:
                raise OfficeError("文件夹里没有可检查的文件", path)
            files += inside
        elif path.is_file():
            files.append(path)
        else:
            raise OfficeError("找不到这个文件或文件夹", path)
    return list(dict.fromkeys(files))


def read(
    paths: Iterable[Path],
    campaign: Campaign | None = None,
    form: str | None = None,
    jobs: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,  # noqa: ARG005
) -> Batch:
    """Read returned files. `form` is what to take files for that have no seal.

    Raises OfficeError for paths that do not exist. A file that cannot be read is a submission with
    a `problem`.
    """
    files = files_in(paths)
    if form is not None:
        load_form(form, campaign.folder if campaign else None)  # the office's mistake first
    settings = _settings(campaign, form)
    workers = max(1, min(jobs or multiprocessing.cpu_count(), len(files)))
    submissions: list[Submission] = []
    with ProcessPool(max_workers=workers, initializer=_limit_memory, context=_context()) as pool:
        futures = [
            pool.schedule(read_file, args=(file, settings), timeout=_SECONDS) for file in files
        ]
        for number, (file, future) in enumerate(zip(files, futures, strict=True)):
            progress(number, len(files))
            try:
                submissions.append(future.result())
            except FutureTimeoutError:
                problem = f"读取超过 {_SECONDS:.0f} 秒"
                submissions.append(Submission(str(file), problem=problem))
            except (ProcessExpired, MemoryError):
                problem = "内容异常，读取时耗尽内存或崩溃"
                submissions.append(Submission(str(file), problem=problem))
    progress(len(files), len(files))
    _mark_copies(submissions)
    return Batch(submissions, campaign)


def read_file(path: Path, settings: Settings) -> Submission:
    """Read one file; runs in a worker. Never raises for anything in the file."""
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        workbook = open_workbook(path, settings.limits)
    except UnreadableError as error:
        return Submission(str(path), problem=str(error))
    except OSError as error:
        return Submission(str(path), problem=f"文件打不开（{error.strerror}）")
    submission = Submission(str(path), digest)
    found = find_seal(workbook)
    form, layout = _judge_seal(submission, found, settings)
    if form is None or layout is None:
        form, layout = _recognise(workbook, settings)
    if form is None or layout is None:
        return submission
    submission.form = form.id
    _extract(submission, workbook, form, layout)
    return submission


def find_seal(workbook: WorkbookData) -> Seal | None:
    """The seal of a workbook, from whichever of its two carriers still has it intact."""
    texts = []
    hidden = workbook.sheet(seal.SHEET)
    if hidden is not None:
        texts.append("".join(hidden.text(row, 0) for row in range(len(hidden.grid))))
    texts.append(seal.from_properties(workbook.properties))
    seals = [found for text in texts if (found := seal.unseal(text)) is not None]
    return next((found for found in seals if found.intact), seals[0] if seals else None)


def form_of(submission: Submission, campaign: Campaign | None) -> Form:
    """The form of a submission as its campaign has it."""
    if campaign is not None and submission.form == campaign.form.id:
        return campaign.form
    if submission.form is None:
        raise ValueError(submission.file)
    own = campaign.folder if campaign else None
    issue = submission.issue
    return adapted(
        submission.form, own, _json(issue.changes if issue else {}), _json(issue.rows if issue else {})
    )[0]


@cache
def adapted(
    form: str, own: Path | None, changes: str, rows: str
) -> tuple[Form, layouts.Layout]:
    """A form and its layout as a campaign adapts them, once per process."""
    tuples = {
        name: {k: tuple(v) if isinstance(v, list) else v for k, v in change.items()}
        for name, change in json.loads(changes).items()
    }
    found = load_form(form, own).adapted(tuples, json.loads(rows))
    return found, layouts.render(found)


def _judge_seal(
    submission: Submission, found: Seal | None, settings: Settings
) -> tuple[Form | None, layouts.Layout | None]:
    """Set the seal's state; returns the form that the seal names, if its word can be taken."""
    if found is None:
        return None, None
    submission.seal_text = found.text
    if not found.intact:
        submission.seal, submission.expected = "altered", ""
        return None, None
    issue = found.issue
    try:
        form, layout = adapted(issue.form, settings.own, _json(issue.changes), _json(issue.rows))
        for record in issue.records:
            for name, text in record.items():
                column = form.record_table.fields[name]
                column.kind.parse(text, column)
    except (OfficeError, ValueError, TypeError, KeyError, AttributeError):
        submission.seal = "other_form"
        submission.expected = settings.form or "本版本支持的表"
        submission.issue = issue
        return None, None
    submission.issue = issue
    if settings.key is not None and found.public_key != settings.key:
        submission.seal = "unknown_key"
    elif settings.form is not None and issue.form != settings.form:
        submission.seal, submission.expected = "other_form", settings.form
    elif issue.version != form.version or issue.layout != layout.digest:
        submission.seal, submission.expected = "other_version", f"版本 {form.version}"
    elif settings.issue_ids.get(issue.unit, issue.issue_id) != issue.issue_id:
        submission.seal, submission.expected = "superseded", settings.issue_ids[issue.unit]
    else:
        submission.seal = "ok"
    return form, layout


def _recognise(
    workbook: WorkbookData, settings: Settings
) -> tuple[Form | None, layouts.Layout | None]:
    """The form of a workbook without a seal, by its labels: the campaign's form first."""
    candidates = [settings.form] if settings.form else form_ids(settings.own)
    for form_id in candidates:
        changes, rows = (settings.changes, settings.rows) if settings.form else ("{}", "{}")
        form, layout = adapted(form_id, settings.own, changes, rows)
        for data in workbook.sheets:
            if data.name not in _OURS and map_rows(data, layout.record_sheet) is not None:
                return form, layout
    return None, None


def _extract(
    submission: Submission, workbook: WorkbookData, form: Form, layout: layouts.Layout
) -> None:
    sheet, issue = layout.record_sheet, submission.issue
    matches, submission.sheets = match_sheets(workbook, sheet, issue, _OURS)
    for match in matches:
        found = extract(form, sheet, match, issue, len(submission.records))
        known = _prefilled(match, issue)
        if not found.used and not is_known(form, known) and not found.facts:
            continue  # a spare sheet that was not needed
        submission.rows += found.rows if found.used or is_known(form, known) else []
        submission.cells += found.facts
        submission.records.append(match.number)


def _prefilled(match: Match, issue: Issue | None) -> Mapping[str, str]:
    if issue is None or match.number is None:
        return {}
    return issue.records[match.number]


def _mark_copies(submissions: list[Submission]) -> None:
    """A file that is byte for byte another one counts once."""
    first: dict[str, str] = {}
    for submission in submissions:
        if submission.problem is None and submission.sha256 in first:
            submission.same_as = Path(first[submission.sha256]).name
        elif submission.problem is None:
            first[submission.sha256] = submission.file


def _settings(campaign: Campaign | None, form: str | None) -> Settings:
    if campaign is None:
        return Settings(form=form)
    return Settings(
        own=campaign.folder,
        form=form or campaign.form.id,
        changes=_json(campaign.changes),
        rows=_json(campaign.rows),
        key=campaign.public_key,
        issue_ids=campaign.issue_ids,
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _counts(file: Path, folder: Path) -> bool:
    parts = file.relative_to(folder).parts
    return file.name != MANIFEST and not any(part.startswith(("~$", ".")) for part in parts)


def _context() -> BaseContext:
    """A server that forks workers from a clean state where there is one, fresh processes elsewhere."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["xltool.read"])
        return context
    return multiprocessing.get_context("spawn")


def _limit_memory() -> None:
    """Cap what a worker may allocate beyond what it has (POSIX; elsewhere only time is limited)."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError):
        return
    limit = pages * resource.getpagesize() + _MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def start_workers() -> None:
    """Start the worker server early, so that it loads while the caller still imports."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        _context()
        from multiprocessing import forkserver

        forkserver.ensure_running()


