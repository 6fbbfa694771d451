"""The report for a terminal: a few workbooks with every finding, many of them at a glance.

At a glance: totals and the most frequent rules, then the workbooks with errors, then a line for each of
the others; those that passed share one. The totals come last again, where the eye is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from io import StringIO
from typing import Literal

from rich.console import Console
from rich.text import Text

from xltool.office.check_log import Status
from xltool.prose.text import printable
from xltool.report.glance import (
    print_frequent_rules,
    print_heading,
    print_line,
    print_missing,
    print_together,
    print_with_errors,
)
from xltool.report.lines import (
    STYLES,
    counts_in_words,
    folded,
    indented,
    print_group,
    print_unbroken,
    status_line,
)
from xltool.report.outputs import Output, Run
from xltool.report.reports import Report, WorkbookResult
from xltool.rules.findings import WORDS, Group, grouped

_ONE_BY_ONE = 5  # workbooks of which everything is told
_FEW = 3  # infos of one rule that are shown one by one
_MORE = "每处的改法和各份的提醒：加 --all 全部列出，或用 --format html -o 检查结果.html"

Piece = Callable[[Console], None]


def as_text(report: Report, width: int = 80, color: bool = False, whole: bool = False) -> str:
    """The run for a terminal; see `text_pieces`."""
    return "".join(text_pieces(report, width, color, whole))


def text_pieces(
    report: Report, width: int = 80, color: bool = False, whole: bool = False
) -> Iterator[str]:
    """The run for a terminal, in pieces.

    `width` in columns; a Chinese character takes two. With `whole`, every finding is told however many
    workbooks there are. The text ends without a line break.
    """
    before, buffer = "", StringIO()
    colors: Literal["standard"] | None = "standard" if color else None
    console = Console(file=buffer, width=width, force_terminal=color, color_system=colors)
    for print_piece in _pieces(report, whole):
        print_piece(console)
        lines = buffer.getvalue().rstrip("\n").split("\n")
        buffer.seek(0)
        buffer.truncate()
        yield before + "\n".join(line.rstrip() for line in lines)  # rich fills lines with spaces
        before = "\n"


def _pieces(report: Report, whole: bool) -> Iterator[Piece]:
    if len(report.workbooks) <= _ONE_BY_ONE:
        for workbook in report.workbooks:
            yield partial(_print_whole, workbook=workbook)
        if report.missing:
            yield partial(print_missing, units=report.missing)
    else:
        yield partial(_print_head, report=report)
        if whole:
            yield partial(print_heading, words=f"逐份（{len(report.workbooks)} 份）")
            for workbook in sorted(report.workbooks, key=lambda book: not book.has_errors):
                yield partial(_print_whole, workbook=workbook)
        else:
            yield from _glance(report)
    yield partial(_print_end, report=report)


def _glance(report: Report) -> Iterator[Piece]:
    """The workbooks with errors, a line for each that warns, the others together by their status."""
    books = list(zip(report.names, report.workbooks, strict=True))
    wrong = [pair for pair in books if pair[1].has_errors]
    if wrong:
        yield partial(print_heading, words=f"有错误的（{len(wrong)} 份）")
    for name, book in wrong:
        yield partial(print_with_errors, name=name, workbook=book)
    if len(wrong) < len(books):
        yield partial(print_heading, words=f"其余（{len(books) - len(wrong)} 份）")
    for name, book in books:
        if book.status == "warned":
            yield partial(print_line, name=name, workbook=book)
    together: dict[Status, list[str]] = {}
    for name, book in books:
        if not book.has_errors and book.status != "warned":
            together.setdefault(book.status, []).append(name)
    for status, names in together.items():
        yield partial(print_together, status=status, word=report.status_words[status], names=names)
    yield partial(print_heading, words=_MORE)


def _print_head(console: Console, report: Report) -> None:
    """The totals, and what most units got wrong."""
    _print_totals(console, report)
    if report.missing:
        print_missing(console, report.missing)
    print_frequent_rules(console, report.rules)


def _print_end(console: Console, report: Report) -> None:
    """What concerns no workbook, and the totals."""
    for group in grouped(report.general):
        print_group(console, group)
    for line in report.skipped:
        console.print(Text(f"注意：{printable(line)}", style="yellow"))
    if report.campaign is not None:
        where = Text(f"填报文件夹：{printable(str(report.campaign))}", style="dim")
        print_unbroken(console, where)
    if not report.part:  # how much came is known of the whole only
        console.print(Text(report.accounts.words, style="bold"))
    if report.workbooks:
        _print_totals(console, report)


def _print_whole(console: Console, workbook: WorkbookResult) -> None:
    """A workbook with every finding: its place, what is wrong, what to do."""
    line = status_line(workbook, printable(workbook.submission.file))
    print_unbroken(console, line)
    groups = grouped(workbook.findings)
    infos: dict[str, list[Group]] = {}
    for group in groups:
        if group.first.severity == "info" and not group.first.waiver:
            infos.setdefault(group.first.code, []).append(group)
    for group in groups:
        alike = infos.get(group.first.code, [])
        if group not in alike or len(alike) <= _FEW:
            print_group(console, group)
        elif group is alike[0]:
            _print_many(console, alike)


def _print_many(console: Console, groups: Sequence[Group]) -> None:
    """Many infos of one rule: how many, where, and the first one in full."""
    first = groups[0].first
    cells = [f"{printable(f.sheet)} {f.cell}" for g in groups for f in g.findings]
    head = Text().append(WORDS[first.severity], style=STYLES[first.severity])
    head.append(f" {first.code}", style="dim")
    head.append(f" 共 {len(cells)} 处：{'、'.join(cells[:_FEW])}等", style="bold")
    console.print(indented(head, 2))
    console.print(indented(Text(f"如：{printable(first.message)}。"), 7))
    console.print(indented(Text("→ " + printable(first.hint) + "。", style="italic"), 7))


def _print_totals(console: Console, report: Report) -> None:
    """In one line, or where it is too narrow for that, a line for each sentence."""
    totals = _totals(report)
    line = Text("".join(totals), style="bold")
    for each in [line] if line.cell_len <= console.width else totals:
        console.print(Text(str(each), style="bold"))


def _totals(report: Report) -> list[str]:
    """How many workbooks and findings there are, in sentences."""
    statuses = Counter(workbook.status for workbook in report.workbooks)
    parts = [
        f"{word} {statuses[status]} 份"
        for status, word in report.status_words.items()
        if statuses[status]
    ]
    sentences = [f"共 {len(report.workbooks)} 份：{'，'.join(parts)}。"]
    found = counts_in_words(report.counts, "{word} {count} 处")
    if not found:
        return sentences if report.failed or report.part else [*sentences, "没有发现问题。"]
    sentences.append(f"{found}。")
    if report.waived:
        sentences.append(f"其中已豁免 {report.waived} 处。")
    if report.offices:
        sentences.append(
            f"其中 {report.offices} 处是本级预填或锁定的，单位改不了，请改正名单或设置。"
        )
    return sentences


def _text(run: Run) -> Iterator[str]:
    """The run, and at the end what is new since the last one, and who has not returned."""
    yield from text_pieces(run.report, run.width, run.color, run.whole)
    for line in run.since.lines if run.since else ():
        yield f"\n{folded(printable(line), run.width)}"


OUTPUT = Output(text=_text)
