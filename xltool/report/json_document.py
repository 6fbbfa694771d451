"""The report as JSON, for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from xltool.office.check_log import STATUS_WORDS
from xltool.report.outputs import Output
from xltool.report.reports import Report, WorkbookResult
from xltool.report.since_last import Change, Since
from xltool.returns.collecting import shown_path

VERSION = 2  # of the document: it changes when a program that reads it must


def as_json(report: Report) -> str:
    """The run as a JSON document; see `json_pieces`."""
    return "".join(json_pieces(report))


def json_pieces(report: Report, since: Since | None = None) -> Iterator[str]:
    """The run as a JSON document, in pieces.

    It has its `version`, a `summary`, the `workbooks`, their `findings`, and what was left aside.

    The `workbook` of a finding is the place of its file in `workbooks`, from 0: two files may bear
    the same name.
    """
    yield f'{{\n "version": {VERSION},\n "summary": {_indented({**_summary(report), **_since(since)})}'
    lists: dict[str, Iterator[dict[str, Any]]] = {
        "workbooks": map(_workbook, report.workbooks),
        "findings": (finding.as_dict() for finding in report.findings),
        "left_aside": map(asdict, report.left_aside),
    }
    for name, rows in lists.items():
        yield f',\n "{name}": '
        yield from _list(rows)
    yield "\n}"


def _list(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A list one level below the document, one row after the other."""
    before = "[\n  "
    for row in rows:
        yield before + _indented(row, 2)
        before = ",\n  "
    yield "[]" if before.startswith("[") else "\n ]"


def _indented(value: dict[str, Any], level: int = 1) -> str:
    """A value so many levels below the document, as a dump of the whole would have it."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return text.replace("\n", "\n" + " " * level)  # texts hold no line breaks: JSON escapes them


def _summary(report: Report) -> dict[str, Any]:
    accounts, counts = report.accounts, report.counts
    statuses = Counter(workbook.status for workbook in report.workbooks)
    return {
        "campaign": None if report.campaign is None else shown_path(report.campaign),
        "received": accounts.received,
        "read": accounts.read,
        "refused": accounts.refused,
        "left_aside": len(accounts.left_aside),
        "reasons": accounts.reasons,
        "workbooks": len(report.workbooks),
        **{str(status): statuses[status] for status in STATUS_WORDS},
        "records": sum(workbook.records for workbook in report.workbooks),
        "errors": counts["error"],
        "warnings": counts["warning"],
        "infos": counts["info"],
        "waived": report.waived,
        "offices": report.offices,
        "verified": report.verified,
        "accepts_unsealed": report.accepts_unsealed,
        "skipped": list(report.skipped),
        "log": str(report.log) if report.log else None,
    }


def _since(since: Since | None) -> dict[str, Any]:
    """Who has not returned, and what changed since the last run; nothing where nobody asked."""
    if since is None:
        return {}
    return {
        "not_returned": [asdict(unit) for unit in since.absent.never],
        "not_in_this_run": [asdict(unit) for unit in since.absent.before],
        "since_last": {
            "time": since.time or None,
            "unchanged": sum(not change.is_any for change in since.changes),
            "units": [_change(change) for change in since.changes if change.is_any],
        },
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "unit": change.unit.unit_code,
        "unit_name": change.unit.unit_name,
        "first": change.is_first,
        "changed": change.is_changed,
        "gone": [problem._asdict() for problem in change.gone],
        "still": change.still,
        "new": [problem._asdict() for problem in change.new],
        "offices": change.offices,
    }


def _workbook(workbook: WorkbookResult) -> dict[str, Any]:
    found = workbook.submission
    return {
        "file": found.file,
        "form": found.form,
        "unit": workbook.unit,
        "status": workbook.status,
        "sha256": found.sha256,
        "records": workbook.records,
    }


OUTPUT = Output(text=lambda run: json_pieces(run.report, run.since))
