"""问题清单: the findings as a workbook, one line each."""

from __future__ import annotations

from pathlib import Path

from xltool.report.outputs import Output
from xltool.report.reports import Report
from xltool.rules.findings import WORDS
from xltool.write.tables import Sheet, write_tables

_LIST_LIMIT = 1_048_575  # rows below the heading of an Excel sheet
_CELL = 32_767  # characters of one of its cells: a formula may have been longer


def write_list(report: Report, path: Path) -> None:
    """Write 问题清单 to `path`: one line per finding, with filters. It replaces what is there."""
    header = [
        "文件",
        "单位",
        "程度",
        "规则",
        "工作表",
        "位置",
        "项目",
        "栏目",
        "问题",
        "怎么改",
        "现值",
    ]
    units = {workbook.submission.file: workbook.submission.unit for workbook in report.workbooks}
    rows = [
        [
            Path(finding.file).name,
            units.get(finding.file) or "",
            WORDS[finding.severity],
            finding.code,
            finding.sheet,
            finding.cell,
            finding.record,
            finding.label,
            finding.message,
            finding.hint,
            finding.value[:_CELL],
        ]
        for finding in report.findings
    ]
    write_tables(path, [Sheet("问题清单", header, rows[:_LIST_LIMIT], wrap=True)])


OUTPUT = Output(file=lambda run, path: write_list(run.report, path))
