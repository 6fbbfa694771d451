"""The report as JSON, for programs."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict

from xltool.report.outputs import Output
from xltool.report.reports import STATUS_WORDS, Report
from xltool.returns.collecting import shown_path


def as_json(report: Report) -> str:
    """The run as a JSON document with a `summary`, the `workbooks`, their `findings`, and what was left aside.

    The `workbook` of a finding is the place of its file in `workbooks`, from 0: two files may bear
    the same name.
    """
    accounts = report.accounts
    severities = Counter(finding.severity for finding in report.findings)
    statuses = Counter(workbook.status for workbook in report.workbooks)
    document: dict[str, object] = {
        "summary": {
            "campaign": None if report.campaign is None else shown_path(report.campaign),
            "received": accounts.received,
            "read": accounts.read,
            "refused": accounts.refused,
            "left_aside": len(accounts.left_aside),
            "reasons": accounts.reasons,
            "workbooks": len(report.workbooks),
            **{str(status): statuses[status] for status in STATUS_WORDS},
            "records": sum(workbook.records for workbook in report.workbooks),
            "errors": severities["error"],
            "warnings": severities["warning"],
            "infos": severities["info"],
            "waived": len(report.waived),
            "verified": report.verified,
            "accepts_unsealed": report.accepts_unsealed,
            "skipped": list(report.skipped),
            "log": str(report.log) if report.log else None,
        },
        "workbooks": [
            {
                "file": workbook.submission.file,
                "form": workbook.submission.form,
                "unit": workbook.submission.unit,
                "status": workbook.status,
                "sha256": workbook.submission.sha256,
                "records": workbook.records,
            }
            for workbook in report.workbooks
        ],
        "findings": [finding.as_dict() for finding in report.findings],
        "left_aside": [asdict(each) for each in report.left_aside],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


OUTPUT = Output(text=lambda run: as_json(run.report))
