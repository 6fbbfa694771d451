"""The report for a terminal: grouped by workbook, passed ones in one line, totals last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from io import StringIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from xltool.fields.remarks import Severity
from xltool.prose.text import printable
from xltool.report.outputs import Output, Run
from xltool.report.reports import Report, WorkbookResult
from xltool.rules.findings import WHOSE, WORDS, Group, grouped

_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan"}
_STATUS_STYLES = {
    "passed": "green",
    "warned": "yellow",
    "failed": "red",
    "pending": "magenta",
    "unreadable": "red",
}
_FEW = 3  # infos of one rule that are shown one by one


def as_text(report: Report, width: int = 80, color: bool = False) -> str:
    """The run for a terminal; see `text_pieces`."""
    return "".join(text_pieces(report, width, color))


def text_pieces(report: Report, width: int = 80, color: bool = False) -> Iterator[str]:
    """The run for a terminal, in pieces: grouped by workbook, passed ones in one line, totals last.

    `width` in columns; a Chinese character takes two. The text ends without a line break.
    """
    before = ""
    for print_piece in _pieces(report):
        buffer = StringIO()
        console = Console(
            file=buffer,
            width=width,
            force_terminal=color,
            color_system="standard" if color else None,
        )
        print_piece(console)
        lines = buffer.getvalue().rstrip("\n").split("\n")
        yield before + "\n".join(line.rstrip() for line in lines)  # rich fills lines with spaces
        before = "\n"


def _pieces(report: Report) -> Iterator[Callable[[Console], None]]:
    for workbook in report.workbooks:
        yield partial(_print_workbook, workbook=workbook)
    yield partial(_print_end, report=report)


def _print_end(console: Console, report: Report) -> None:
    """What concerns no workbook, and the totals."""
    for group in grouped(report.general):
        _print_group(console, group)
    for line in report.skipped:
        console.print(Text(f"注意：{printable(line)}", style="yellow"))
    if report.campaign is not None:
        where = Text(f"填报文件夹：{printable(str(report.campaign))}", style="dim")
        console.print(where, soft_wrap=True)  # a path is not broken over lines
    console.print(Text(report.accounts.words, style="bold"))
    if report.workbooks:
        console.print(Text(_totals(report), style="bold"))


def _print_workbook(console: Console, workbook: WorkbookResult) -> None:
    words = "；本级：".join(_counted(c) for c in (workbook.theirs, workbook.offices) if c)
    if words and not workbook.theirs:
        words = f"本级：{words}"
    line = Text(workbook.word, style=_STATUS_STYLES[workbook.status])
    line.append("  " + printable(workbook.submission.file), style="bold")
    line.append(f"（{words}）" if words else "")
    console.print(line, soft_wrap=True)  # a path is not broken over lines
    groups = grouped(workbook.findings)
    infos: dict[str, list[Group]] = {}
    for group in groups:
        if group.first.severity == "info" and not group.first.waiver:
            infos.setdefault(group.first.code, []).append(group)
    for group in groups:
        alike = infos.get(group.first.code, [])
        if group not in alike or len(alike) <= _FEW:
            _print_group(console, group)
        elif group is alike[0]:
            _print_many(console, alike)


def _counted(counts: Mapping[Severity, int]) -> str:
    return "，".join(f"{counts[s]} 处{word}" for s, word in WORDS.items() if counts.get(s))


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
    if not finding.is_the_units:
        head.append(f" {WHOSE[finding.whose]}", style="magenta")
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
        f"{word} {statuses[status]} 份"
        for status, word in report.status_words.items()
        if statuses[status]
    ]
    severities = report.counts
    found = "，".join(f"{word} {severities[s]} 处" for s, word in WORDS.items() if severities[s])
    waived = f"其中已豁免 {report.waived} 处。" if report.waived else ""
    if report.offices:
        waived += f"其中 {report.offices} 处是本级预填的内容，单位改不了，请改正名单。"
    return f"共 {len(report.workbooks)} 份：{'，'.join(parts)}。" + (
        f"{found}。{waived}" if found else "" if report.failed else "没有发现问题。"
    )


def _text(run: Run) -> Iterator[str]:
    return text_pieces(run.report, run.width, run.color)


OUTPUT = Output(text=_text)
