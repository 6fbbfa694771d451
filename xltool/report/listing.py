"""问题清单: the findings as a workbook, one line each; and all that was handed in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from xltool.office.waivers import FINGERPRINT
from xltool.prose.text import printable
from xltool.report.outputs import Output
from xltool.report.reports import Report
from xltool.rules.findings import WHOSE, WORDS
from xltool.write.tables import Lines, Sheet, write_tables

_FINDINGS = [
    *("文件", "单位", "程度", "责任", "规则", "工作表", "位置", "项目", "栏目", "问题", "怎么改"),
    *("现值", "豁免理由", FINGERPRINT),
]
_FILES = ["文件", "单位", "结果", "说明"]
_CELL = 32_767  # characters of one of its cells: a formula may have been longer


def write_list(report: Report, path: Path) -> None:
    """Write 问题清单 to `path`: one line per finding, with filters; what became of each file; the notes.

    It replaces what is there.
    """
    names = _names(report)
    findings = Lines(report.lines, lambda: _finding_rows(report, names))
    sheets = [
        Sheet("问题清单", _FINDINGS, findings, wrap=True),
        Sheet("收到的文件", _FILES, _file_rows(report, names), wrap=True),
    ]
    if report.skipped:
        notes = [[line[:_CELL]] for line in report.skipped]
        sheets.append(Sheet("说明", ["说明"], notes, wrap=True))
    write_tables(path, sheets)


def _finding_rows(report: Report, names: Sequence[str]) -> Iterator[list[str]]:
    for finding in report.findings:
        number = finding.workbook
        book = report.workbooks[number].submission if number is not None else None
        yield [
            Path(finding.file).name if number is None else names[number],
            (book.unit or "") if book else "",
            WORDS[finding.severity],
            WHOSE[finding.whose],
            finding.code,
            finding.sheet,
            finding.cell,
            finding.record,
            finding.label,
            finding.message,
            finding.hint,
            finding.value[:_CELL],
            finding.waiver,
            "不能豁免" if finding.integrity else finding.fingerprint,
        ]


def _file_rows(report: Report, names: Sequence[str]) -> list[list[str]]:
    """Everything that was handed in, with what became of it."""
    rows = []
    for name, workbook in zip(names, report.workbooks, strict=True):
        found = workbook.submission
        same_as = f"与 {found.same_as} 内容完全相同，只计一次" if found.same_as else ""
        note = found.problem or same_as
        rows.append([name, found.unit or "", workbook.word, note])
    rows += [[each.name, "", "未读取", each.reason] for each in report.left_aside]
    return rows


def _names(report: Report) -> list[str]:
    """How each file is called: by its name, and by its whole path where another one looks like it."""
    files = [workbook.submission.file for workbook in report.workbooks]
    count = Counter(printable(Path(file).name) for file in files)
    return [Path(f).name if count[printable(Path(f).name)] == 1 else f for f in files]


OUTPUT = Output(file=lambda run, path: write_list(run.report, path))
