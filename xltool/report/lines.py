"""The lines of the report for a terminal: that of a workbook, those of a group of findings."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from xltool.fields.remarks import Severity
from xltool.prose.text import printable
from xltool.report.reports import WorkbookResult
from xltool.rules.findings import WHOSE, WORDS, Group

STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan"}
STATUS_STYLES = {
    "passed": "green",
    "warned": "yellow",
    "failed": "red",
    "pending": "magenta",
    "unreadable": "red",
    "superseded": "dim",
}


def status_line(workbook: WorkbookResult, name: str, codes: Collection[str] = ()) -> Text:
    """How a workbook stands: its status, its name, how many findings it has, and of which rules."""
    words = "；本级：".join(
        counts_in_words(each) for each in (workbook.theirs, workbook.offices) if each
    )
    if words and not workbook.theirs:
        words = f"本级：{words}"
    words += f"：{'、'.join(codes)}" if codes else ""
    line = Text().append(workbook.word, style=STATUS_STYLES[workbook.status])
    line.append("  " + name, style="bold")
    line.append(f"（{words}）" if words else "")
    return line


def counts_in_words(counts: Mapping[Severity, int], each: str = "{count} 处{word}") -> str:
    """How many findings of each severity, the gravest first."""
    return "，".join(
        each.format(count=counts[s], word=w) for s, w in WORDS.items() if counts.get(s)
    )


def print_group(console: Console, group: Group) -> None:
    """The place on one line, below it what is wrong and what to do."""
    finding = group.first
    head = Text().append(WORDS[finding.severity], style=STYLES[finding.severity])
    where = " ".join(part for part in (printable(finding.sheet), "、".join(group.cells)) if part)
    head.append(f" {where}" if where else "", style="bold")
    if finding.record not in ("", finding.sheet):
        head.append(f"（{shortened(printable(finding.record), 20)}）")
    head.append(f" {finding.code}", style="dim")
    if not finding.is_the_units:
        head.append(f" {WHOSE[finding.whose]}", style="magenta")
    console.print(indented(head, 2))
    console.print(indented(Text(printable(finding.message) + "。"), 7))
    if finding.explanation:
        said = f"单位说明：{printable(finding.explanation)}"
        console.print(indented(Text(said, style="cyan"), 7))
    if finding.waiver:
        console.print(indented(Text(f"已豁免：{printable(finding.waiver)}。"), 7))
        return
    console.print(indented(Text("→ " + printable(finding.hint) + "。", style="italic"), 7))


def print_unbroken(console: Console, line: Text) -> None:
    """A line as it is, however long: the name of a file, or a path, is not broken over lines."""
    if console.color_system is None:  # nothing to be styled: rich takes its time
        console.file.write(f"{line.plain}\n")
    else:
        console.print(line, soft_wrap=True)


def folded(line: str, width: int, marks: str = "、") -> str:
    """A line broken after some of its marks only, so that no name is torn apart; what goes on is set in."""
    begins = " " * (len(line) - len(line.lstrip()) + 4)
    lines = [""]
    for part in re.split(f"(?<=[{marks}])", line):
        if lines[-1] and cell_len(lines[-1] + part) > width:
            lines.append(begins)
        lines[-1] += part
    return "\n".join(lines)


def indented(text: Text, columns: int) -> Padding:
    """A text of which every line begins so many columns from the left."""
    return Padding(text, (0, 0, 0, columns), expand=False)


def shortened(text: str, most: int) -> str:
    """A text of so many characters at most."""
    return text if len(text) <= most else text[: most - 1] + "…"
