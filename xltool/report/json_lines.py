"""The findings as lines of JSON, one each, for programs that read while a run is written."""

from __future__ import annotations

import json
from collections.abc import Iterator

from xltool.report.outputs import Output, Run


def as_lines(run: Run) -> Iterator[str]:
    """Each finding as `Finding.as_dict` has it, on a line of its own, in reading order."""
    before = ""
    for finding in run.report.findings:
        yield before + json.dumps(finding.as_dict(), ensure_ascii=False)
        before = "\n"


OUTPUT = Output(text=as_lines, tells_notes=False)
