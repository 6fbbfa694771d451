"""Merge: the submissions without errors become one data set; conflicts are listed, never guessed.

A merge result is itself mergeable: the data sets of the districts become the city's, and
merge(merge(a, b), c) = merge(a, b, c). Output appears whole or not at all.
"""

from __future__ import annotations

import filecmp
import getpass
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl

from xltool.checking.assembly import Assembly
from xltool.checking.drawers import Drawers
from xltool.checking.running import Checked, check_files
from xltool.errors import OfficeError
from xltool.files import folder_beside
from xltool.form.loading import load_form
from xltool.form.model import Form, TableView
from xltool.merging import parquet, stores
from xltool.merging.conflicts import judged
from xltool.merging.data_set import PROVENANCE, SUBMISSION, DataSet, Tables
from xltool.merging.joining import join
from xltool.office.campaign import PUBLIC_KEY, Campaign
from xltool.office.csv_files import write_csv
from xltool.office.kept import keep_from_exchange
from xltool.office.roster import Unit
from xltool.office.waivers import Acceptance, Recorded, read_accepted, record_accepted
from xltool.publishing import being_made, publish
from xltool.report.reports import Report, make_report
from xltool.returns.collecting import Place
from xltool.returns.submissions import Batch, Submission
from xltool.rules.findings import Finding

LEDGER = "合并清单.csv"
_OWN = (LEDGER, "汇总表.xlsx", "导入文件*.xlsx", "data/*.parquet", "conflicts/*.parquet")
_OF_WORKBOOK = ("form", "unit_code", "issue_id", "file", "sha256")  # where a row comes from
_LEDGER_COLUMNS = ("单位代码", "文件", "结果", "说明", "sha256")
Outcome = Literal["merged", "errors", "warnings", "conflict", "superseded", "copy"]
OUTCOME_WORDS: dict[Outcome, str] = {
    "merged": "已合并",
    "errors": "有错误，未合并",
    "warnings": "有提醒，未经审核接受，未合并",
    "conflict": "同一单位交了多份，未合并",
    "superseded": "已被较新的一份取代，未合并",
    "copy": "与另一份完全相同，只计一次",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one submission."""

    unit: str
    file: str
    sha256: str
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A submission that may be merged: its warnings, who accepted them, and what was waived."""

    warnings: int
    acceptance: Acceptance | None = None
    waived: Sequence[Finding] = ()

    @property
    def waived_words(self) -> str | None:
        """What was waived, and why, in one text; None where nothing was."""
        words = [f"{_where(finding)}（{finding.waiver}）" for finding in self.waived]
        return "；".join(words) or None


@dataclass(frozen=True)
class MergeResult:
    """What was merged, what was not and why; `folder` holds the files, None if nothing merged.

    `batch` is what was read: it knows what was left aside. `notes` say what else the reviewer is to
    know: waivers of no effect, what the office takes. `waived` are the findings that were waived.
    """

    entries: list[Entry]
    folder: Path | None
    changed: bool = True
    batch: Batch | None = None
    notes: Sequence[str] = ()
    waived: Sequence[Finding] = ()


def merge(
    paths: Sequence[Place],
    out: Path,
    campaign: Campaign | None = None,
    *,
    accept_warnings: bool = False,
    prefer: Literal["newest"] | None = None,
    jobs: int | None = None,
    cluster: str | None = None,
    acceptance: Acceptance | None = None,
) -> MergeResult:
    """Merge returned workbooks and earlier merge results of one form into the folder `out`.

    Submissions with errors are left out; those with warnings too, unless a reviewer accepts them now
    or did so before: the campaign's record knows which he saw. Two different submissions of one unit are a
    conflict, unless `prefer` decides.

    Args:
        paths: Returned files, folders and archives, and folders that an earlier merge wrote.
        out: The folder for the result. It appears whole, in the place of an earlier result; other
            files that lie in its folder stay there.
        campaign: The office's campaign, whose key the seals of workbooks are verified with; None
            where all paths are results of earlier merges.
        accept_warnings: Take submissions with warnings too, and note that in the campaign's record.
        prefer: "newest" takes the newest of several files of a unit, by the time of the files.
        jobs: How many files are read at the same time; by default as many as there are processors.
        cluster: The address of Dask's scheduler, to read and judge on a cluster.
        acceptance: Who accepts the warnings, and why; by default the user's login name.

    Returns:
        A `MergeResult`: what became of each submission, and the folder, None if nothing was merged.

    Raises:
        OfficeError: There are several forms, `out` holds something else or anything of `paths`, a
            result is damaged, there is no public key to verify workbooks with, or another run is
            merging into `out`.
        OSError: The system refuses: a full disk, a file open elsewhere. The earlier result is whole.

    """
    here = [path for path in paths if isinstance(path, Path)]
    keep_from_exchange(out, here, campaign)
    with being_made(out, "合并到这里"):
        _refuse_others(out)
        results = [path for path in here if parquet.is_result(path)]
        files = [path for path in paths if path not in results]
        if files:
            _refuse_unverified(campaign)
        with _checked(files, campaign, jobs, cluster) as checked:
            given = (acceptance or Acceptance("", "")) if accept_warnings else None
            return _merged(checked, results, out, prefer, given)


def _merged(
    checked: Checked,
    results: Sequence[Path],
    out: Path,
    prefer: Literal["newest"] | None,
    given: Acceptance | None,
) -> MergeResult:
    """Merge what was checked and the results of earlier merges; `given` accepts all warnings."""
    batch, verdict, campaign = checked.batch, checked.verdict, checked.batch.campaign
    forms = {*batch.forms, *(form for path in results for form in parquet.forms_of(path))}
    if len(forms) > 1:
        raise OfficeError(f"一次只能合并一种表，这里有：{'、'.join(sorted(forms))}")
    given = None if given is None else _by_somebody(given)
    report = make_report(batch, verdict)
    accepted, entries = _accepted(batch, report, given)
    waived = (
        [f for f in report.findings if f.waiver and f.workbook is not None] if report.waived else []
    )
    nothing = MergeResult(entries, None, batch=batch, notes=verdict.notes, waived=waived)
    if not forms:
        return nothing
    form_id = forms.pop()
    form = batch.forms.get(form_id) or load_form(form_id, campaign.folder if campaign else None)
    parts = [part for path in results for part in parquet.load(path, form)]
    parts.append(_data_set(checked, form, accepted))
    data = judged(join(form, parts), prefer, campaign)
    names = ["unit_code", "file", "sha256", "outcome", "detail"]
    entries += [Entry(*row) for row in data.submissions.select(names).rows()]
    entries.sort(key=lambda e: (e.unit, e.file, e.sha256, e.outcome))
    if "merged" not in data.submissions["outcome"]:
        return nothing
    return replace(nothing, folder=out, changed=_publish(data, entries, out))


@contextmanager
def _checked(
    files: Sequence[Place], campaign: Campaign | None, jobs: int | None, cluster: str | None
) -> Iterator[Checked]:
    """What came of the workbooks to merge, with their rows; nothing where there are none."""
    if not files:
        nothing = Batch([], campaign)
        with Drawers() as drawers:
            yield Checked(nothing, Assembly(nothing, drawers, []), drawers)
        return
    with check_files(files, campaign, jobs=jobs, with_rows=True, cluster=cluster) as checked:
        yield checked


def _refuse_others(out: Path) -> None:
    """Raise OfficeError for a folder for the result that holds something else."""
    if out.exists() and not (out / LEDGER).is_file() and any(out.iterdir()):
        raise OfficeError("输出文件夹里有别的文件，不会覆盖；请换一个空文件夹", out)


def _refuse_unverified(campaign: Campaign | None) -> None:
    """Raise OfficeError where there is no public key to verify workbooks with."""
    if campaign is None or campaign.public_key is None:
        raise OfficeError(
            f"没有签发公钥（填报文件夹的 {PUBLIC_KEY.as_posix()}），不能核对签发，没有合并；"
            "请用 --campaign 指明下发时的填报文件夹，公钥遗失的请从备份恢复",
            campaign.folder if campaign else None,
        )


def _by_somebody(given: Acceptance) -> Acceptance:
    """With the user's login name, unless it names a reviewer. Raises OfficeError where there is none."""
    try:
        return replace(given, reviewer=given.reviewer or getpass.getuser())
    except (ImportError, KeyError, OSError):  # as the system words it
        raise OfficeError("不知道审核人是谁；请用 --reviewer 指明") from None


def _accepted(
    batch: Batch, report: Report, given: Acceptance | None
) -> tuple[dict[int, Accepted], list[Entry]]:
    """The submissions that may be merged, by number, and the fate of the others.

    `given` accepts all warnings, and the campaign's record notes it. What compares workbooks with
    each other (XW-001, rules `across`) is not decided here but over everything that is merged: see
    `conflicts.judged`.
    """
    later = {rule.code for form in batch.forms.values() for rule in form.rules if rule.across}
    later.add("XW-001")
    folder = batch.campaign.folder if batch.campaign else None
    known = read_accepted(folder)
    if given is not None and folder is not None and not given.time:
        given = replace(given, time=f"{datetime.now():%Y-%m-%d %H:%M}")
    record: list[tuple[Acceptance, str, str, str, list[Finding]]] = []
    accepted: dict[int, Accepted] = {}
    entries: list[Entry] = []
    for number, workbook in enumerate(report.workbooks):
        found = workbook.submission
        findings = workbook.findings
        errors = [f for f in findings if f.severity == "error" and f.code not in later]
        warnings = [f for f in findings if f.severity == "warning" and f.code not in later]
        earlier = known.get(found.sha256, [])
        standing = next((each.acceptance for each in earlier if each.covers(warnings)), None)
        acceptance = (standing or given) if warnings else None
        name = Path(found.file).name
        if found.same_as is not None:
            entries.append(Entry(found.unit or "", name, found.sha256, "copy", found.same_as))
        elif errors:
            detail = f"{len(errors)} 处错误：" + "、".join(sorted({f.code for f in errors}))
            entries.append(Entry(found.unit or "", name, found.sha256, "errors", detail))
        elif warnings and acceptance is None:
            detail = _unaccepted(warnings, earlier)
            entries.append(Entry(found.unit or "", name, found.sha256, "warnings", detail))
        elif found.sender is None:
            detail = "没有签发信息，不知道是哪个单位的；请用下发给该单位的原表重新填报"
            entries.append(Entry("", name, found.sha256, "errors", detail))
        else:
            waived = [f for f in findings if f.waiver]
            accepted[number] = Accepted(len(warnings), acceptance, waived)
            if acceptance is not None and standing is None:
                record.append((acceptance, found.unit or "", name, found.sha256, warnings))
    if folder is not None and record:
        record_accepted(folder, record)
    return accepted, entries


def _unaccepted(warnings: Sequence[Finding], earlier: Sequence[Recorded]) -> str:
    """What is still to be accepted: all warnings, or those that an earlier acceptance does not cover."""
    new = [f for f in warnings if not any(f.fingerprint in each.seen for each in earlier)]
    codes = "、".join(sorted({f.code for f in new or warnings}))
    if not earlier:
        return f"{len(warnings)} 处提醒：{codes}"
    if not any(each.seen for each in earlier):
        return f"{len(warnings)} 处提醒：{codes}；以前的审核记录没有记下是哪些提醒，请重新审核"
    return f"{len(new or warnings)} 处提醒是以前审核时没有的：{codes}；请重新审核"


def _where(finding: Finding) -> str:
    """A finding in short: its code and its place."""
    return " ".join(part for part in (finding.code, finding.sheet, finding.cell) if part)


def _data_set(checked: Checked, form: Form, accepted: Mapping[int, Accepted]) -> DataSet:
    """The accepted submissions of a run as a data set."""
    submissions = checked.batch.submissions
    numbers = [number for number in accepted if submissions[number].form == form.id]
    origin = pl.DataFrame(
        [_origin(number, submissions[number]) for number in numbers],
        schema={"workbook": pl.UInt32, **{name: PROVENANCE[name] for name in _OF_WORKBOOK}},
    )
    rows = [_submission_row(checked.batch, submissions[n], accepted[n]) for n in numbers]
    tables = Tables(
        form.tables, lambda name: _rows(checked.drawers, form, form.tables[name], origin)
    )
    return DataSet(form, pl.DataFrame(rows, schema=SUBMISSION), tables)


def _origin(number: int, found: Submission) -> dict[str, Any]:
    sender = found.sender
    return {
        "workbook": number,
        "form": found.form,
        "unit_code": found.unit,
        "issue_id": sender.issue_id if sender else None,
        "file": Path(found.file).name,
        "sha256": found.sha256,
    }


def _rows(drawers: Drawers, form: Form, table: TableView, origin: pl.DataFrame) -> pl.DataFrame:
    """The rows of a table that are of the workbooks in `origin`, each with where it comes from."""
    types = {name: column.kind.dtype(column) for name, column in table.fields.items()}
    slots = drawers.rows.get((form.id, table.name))
    if slots is None:
        return pl.DataFrame(schema={**PROVENANCE, **types})
    found = drawers.frame(slots).rename({"@sheet": "sheet", "@line": "line"})
    found = found.select("workbook", "sheet", "record", "line", *table.fields)
    places = found.select("workbook").join(
        origin.with_row_index("place"), on="workbook", how="left", maintain_order="left"
    )["place"]
    if places.null_count():  # else nothing need be copied
        found, places = found.filter(places.is_not_null()), places.drop_nulls()
    own = [name for name in table.fields if name not in PROVENANCE]
    return found.with_columns(origin.drop("workbook")[places]).select(
        *(pl.col(name).cast(kind) for name, kind in PROVENANCE.items()),
        *(pl.col(name).cast(types[name]) for name in own),
    )


def _submission_row(batch: Batch, found: Submission, accepted: Accepted) -> dict[str, Any]:
    sender = found.sender
    if sender is None:
        raise ValueError(f"{found.file}: accepted without a seal")
    unit = batch.campaign.units.get(sender.unit) if batch.campaign else None
    unit = unit or Unit(sender.unit, sender.unit_name, "", sender.department_code)
    return {
        "form": found.form,
        "fy": sender.fy,
        "unit_code": sender.unit,
        "unit_name": sender.unit_name,
        "department_code": unit.department_code,
        "department": unit.department,
        "issue_id": sender.issue_id,
        "file": Path(found.file).name,
        "sha256": found.sha256,
        "modified": found.modified,
        "warnings": accepted.warnings,
        "accepted_by": accepted.acceptance.reviewer if accepted.acceptance else None,
        "accepted_reason": accepted.acceptance.reason if accepted.acceptance else None,
        "accepted_at": accepted.acceptance.time if accepted.acceptance else None,
        "waived": accepted.waived_words,
        "outcome": "merged",
        "detail": "",
    }


def _publish(data: DataSet, entries: Sequence[Entry], out: Path) -> bool:
    """Put the result in place of `out` as a whole; False if it stands there already, unchanged."""
    rows = [[e.unit, e.file, OUTCOME_WORDS[e.outcome], e.detail, e.sha256] for e in entries]
    with folder_beside(out) as temporary:
        stores.save(data, temporary)
        write_csv(temporary / LEDGER, [_LEDGER_COLUMNS, *rows])
        own = _own(out)
        if _same(temporary, out, own):
            return False
        publish(temporary, out, own)
    return True


def _own(out: Path) -> list[str]:
    """The names of the files of an earlier result; all others in its folder are somebody else's."""
    return [path.relative_to(out).as_posix() for each in _OWN for path in out.glob(each)]


def _same(new: Path, out: Path, own: Sequence[str]) -> bool:
    names = [path.relative_to(new).as_posix() for path in new.rglob("*") if path.is_file()]
    return sorted(names) == sorted(own) and all(
        filecmp.cmp(new / name, out / name, shallow=False) for name in names
    )
