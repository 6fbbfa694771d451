"""Findings for people and programs: terminal text, JSON, and 问题清单 as a workbook."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from xltool.checking.running import Verdict
from xltool.prose.text import printable
from xltool.returns.submissions import Batch, Submission
from xltool.rules.findings import WORDS, Finding, Group, grouped, worst
from xltool.write.tables import Sheet, write_tables

Status = Literal["passed", "warned", "failed", "unreadable"]
STATUS_WORDS: dict[Status, str] = {
    "passed": "通过",
    "warned": "有提醒",
    "failed": "未通过",
    "unreadable": "无法读取",
}
_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan"}
_STATUS_STYLES = {"passed": "green", "warned": "yellow", "failed": "red", "unreadable": "red"}
_FEW = 3  # infos of one rule that are shown one by one
_LIST_LIMIT = 1_048_575  # rows below the heading of an Excel sheet
_CELL = 32_767  # characters of one of its cells: a formula may have been longer


@dataclass(frozen=True, slots=True)
class WorkbookResult:
    """One workbook of a run with its status and its findings."""

    submission: Submission
    status: Status
    findings: list[Finding]

    @property
    def records(self) -> int:
        """How many records (project sheets) were read."""
        return len(self.submission.records)


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run, ready to be shown."""

    workbooks: list[WorkbookResult]
    skipped: list[str]
    general: list[Finding] = field(default_factory=list)  # about no workbook: the roster

    @property
    def findings(self) -> list[Finding]:
        """All findings in reading order."""
        return [f for workbook in self.workbooks for f in workbook.findings] + self.general

    @property
    def failed(self) -> bool:
        """True if any finding is an error: exit code 1."""
        return any(workbook.status in ("failed", "unreadable") for workbook in self.workbooks)


def make_report(batch: Batch, verdict: Verdict) -> Report:
    """Join submissions with their findings; a copy fares as the file that it is a copy of."""
    by_file: dict[str, list[Finding]] = {}
    for finding in verdict.findings:
        by_file.setdefault(finding.file, []).append(finding)
    workbooks = []
    fates: dict[str, Status] = {}  # of the first file with these contents
    for submission in batch.submissions:
        findings = by_file.get(submission.file, [])
        status = _status(submission, findings)
        if submission.sha256:
            fates.setdefault(submission.sha256, status)
        if submission.same_as is not None:
            status = fates.get(submission.sha256, status)
        workbooks.append(WorkbookResult(submission, status, findings))
    files = {submission.file for submission in batch.submissions}
    general = [finding for finding in verdict.findings if finding.file not in files]
    return Report(workbooks, verdict.skipped, general)


def _status(submission: Submission, findings: Sequence[Finding]) -> Status:
    if submission.problem is not None:
        return "unreadable"
    gravest = worst(findings)
    return "failed" if gravest == "error" else "warned" if gravest == "warning" else "passed"


def as_json(report: Report) -> str:
    """The run as JSON: summary, workbooks, findings (`check --format json`)."""
    severities = Counter(finding.severity for finding in report.findings)
    statuses = Counter(workbook.status for workbook in report.workbooks)
    document: dict[str, object] = {
        "summary": {
            "workbooks": len(report.workbooks),
            **{str(status): statuses[status] for status in STATUS_WORDS},
            "records": sum(workbook.records for workbook in report.workbooks),
            "errors": severities["error"],
            "warnings": severities["warning"],
            "infos": severities["info"],
            "skipped": report.skipped,
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
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def as_text(report: Report, width: int = 80, color: bool = False) -> str:
    """The run for a terminal: grouped by workbook, passed ones in one line, totals last.

    `width` in columns; a Chinese character takes two. The text ends without a line break.
    """
    console = Console(
        file=StringIO(),
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
    )
    for workbook in report.workbooks:
        _print_workbook(console, workbook)
    for group in grouped(report.general):
        _print_group(console, group)
    for line in report.skipped:
        console.print(Text(f"注意：{printable(line)}", style="yellow"))
    console.print(Text(_totals(report), style="bold"))
    output = console.file
    if not isinstance(output, StringIO):
        raise TypeError("console without buffer")
    lines = output.getvalue().rstrip("\n").split("\n")
    return "\n".join(line.rstrip() for line in lines)  # rich fills wrapped lines with spaces


def _print_workbook(console: Console, workbook: WorkbookResult) -> None:
    counts = Counter(finding.severity for finding in workbook.findings)
    words = "，".join(f"{counts[s]} 处{word}" for s, word in WORDS.items() if counts[s])
    line = Text(STATUS_WORDS[workbook.status], style=_STATUS_STYLES[workbook.status])
    line.append("  " + printable(workbook.submission.file), style="bold")
    line.append(f"（{words}）" if words else "")
    console.print(line, soft_wrap=True)  # a path is not broken over lines
    groups = grouped(workbook.findings)
    infos = Counter(group.first.code for group in groups if group.first.severity == "info")
    told: set[str] = set()
    for group in groups:
        code = group.first.code
        many = group.first.severity == "info" and infos[code] > _FEW and not group.first.waiver
        if many and code not in told:
            told.add(code)
            _print_many(console, [g for g in groups if g.first.code == code])
        elif not many:
            _print_group(console, group)


def _print_many(console: Console, groups: Sequence[Group]) -> None:
    """Many infos of one rule: how many, where, and the first one in full."""
    first = groups[0].first
    cells = [f"{printable(f.sheet)} {f.cell}" for g in groups for f in g.findings]
    head = Text(WORDS[first.severity], style=_STYLES[first.severity])
    head.append(f" {first.code}", style="dim")
    head.append(f" 共 {len(cells)} 处：{'、'.join(cells[:_FEW])}等", style="bold")
    console.print(_indented(head, 2))
    console.print(_indented(Text(f"如：{printable(first.message)}。"), 7))
    console.print(_indented(Text("→ " + printable(first.hint) + "。", style="italic"), 7))


def _print_group(console: Console, group: Group) -> None:
    """The place on one line, below it what is wrong and what to do."""
    finding = group.first
    head = Text(WORDS[finding.severity], style=_STYLES[finding.severity])
    where = " ".join(part for part in (printable(finding.sheet), "、".join(group.cells)) if part)
    head.append(f" {where}" if where else "", style="bold")
    if finding.record not in ("", finding.sheet):
        name = printable(finding.record)
        head.append(f"（{name if len(name) <= 20 else name[:19] + '…'}）")
    head.append(f" {finding.code}", style="dim")
    console.print(_indented(head, 2))
    console.print(_indented(Text(printable(finding.message) + "。"), 7))
    if finding.waiver:
        console.print(_indented(Text(f"已豁免：{printable(finding.waiver)}。"), 7))
        return
    console.print(_indented(Text("→ " + printable(finding.hint) + "。", style="italic"), 7))


def _indented(text: Text, columns: int) -> Padding:
    return Padding(text, (0, 0, 0, columns), expand=False)


def _totals(report: Report) -> str:
    statuses = Counter(workbook.status for workbook in report.workbooks)
    parts = [
        f"{word} {statuses[status]} 份" for status, word in STATUS_WORDS.items() if statuses[status]
    ]
    severities = Counter(finding.severity for finding in report.findings)
    found = "，".join(f"{word} {severities[s]} 处" for s, word in WORDS.items() if severities[s])
    return f"共 {len(report.workbooks)} 份：{'，'.join(parts)}。" + (
        f"{found}。" if found else "没有发现问题。"
    )


def write_list(report: Report, path: Path) -> None:
    """问题清单: one line per finding, with filters."""
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
