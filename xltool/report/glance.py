"""Many workbooks at a glance, for a terminal: the most frequent rules, and a few lines for each workbook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from xltool.office.check_log import Status
from xltool.office.roster import Unit
from xltool.prose.text import printable
from xltool.report.absent import named
from xltool.report.lines import STATUS_STYLES, STYLES, folded, indented, print_unbroken, status_line
from xltool.report.reports import WorkbookResult
from xltool.report.tallies import RuleTally, most_frequent
from xltool.rules.findings import WORDS, Group, grouped

_RULES = 10  # of the most frequent
_ALIKE = 3  # problems of one rule in a workbook that are told as one
_CELLS = 3  # named of them
_TOGETHER = 12  # lines with the names of workbooks of one status
_ROOM = 12  # columns that say something of a unit's name, or how many more there are


def print_heading(console: Console, words: str) -> None:
    """What the lines below are, after a blank line."""
    console.print(Text(f"\n{words}", style="bold"))


def print_missing(console: Console, units: Sequence[Unit]) -> None:
    """The units of which nothing has come, the first ones by name."""
    line = f"还没有交的 {len(units)} 个单位：{printable(named(units))}。"
    print_unbroken(console, Text(folded(line, console.width)))


def print_frequent_rules(console: Console, tallies: Iterable[RuleTally]) -> None:
    """The rules that most workbooks break: how grave, the code, how often, what it is about."""
    found = most_frequent(tallies, _RULES)
    if not found:
        return
    print_heading(console, "最常见的问题")
    table = Table(box=None, pad_edge=False, show_edge=False, show_header=False, expand=True)
    for justify in ("left", "left", "right", "right"):
        table.add_column(justify=justify, no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for rule in found:
        much = [f"{rule.workbooks} 份" if rule.workbooks else "", f"{rule.count} 处"]
        word = Text("  " + WORDS[rule.severity], style=STYLES[rule.severity])
        table.add_row(word, rule.code, *much, Text(printable(rule.sentence)))
    console.print(table)


def print_with_errors(console: Console, name: str, workbook: WorkbookResult) -> None:
    """A workbook with errors: what is wrong, in a line or two each; many of one rule are told as one."""
    print_line(console, name, workbook)
    errors: dict[str, list[Group]] = {}
    for group in grouped(workbook.findings):
        if group.first.severity == "error":
            errors.setdefault(group.first.code, []).append(group)
    for groups in errors.values():
        for alike in [groups] if len(groups) >= _ALIKE else [[group] for group in groups]:
            _print_error(console, alike)


def _print_error(console: Console, groups: Sequence[Group]) -> None:
    """One problem, or several of one rule: where, and what the first one is."""
    first = groups[0].first
    cells = [
        f"{printable(group.first.sheet)} {cell}".strip()
        for group in groups
        for cell in group.cells or ("",)
    ]
    where = "、".join(filter(None, cells[:_CELLS]))
    much = f"等 {len(cells)} 处" if len(cells) > _CELLS else ""
    text = Text().append(first.code, style="dim")
    text.append(f" {where}{much}" if where else "", style="bold")
    text.append("" if first.is_the_units else " 本级", style="magenta")
    text.append(f" {'如：' if len(groups) > 1 else ''}{printable(first.message)}。")
    console.print(indented(text, 2))


def print_line(console: Console, name: str, workbook: WorkbookResult) -> None:
    """A workbook in one line: how it stands, its file, the rules that warn, and, if there is room, its unit."""
    codes = {f.code: f for f in workbook.findings if f.severity == "warning"}
    is_warned = workbook.status == "warned"
    line = status_line(workbook, printable(name), codes if is_warned else ())
    unit = Text("  " + printable(workbook.unit_name))
    room = console.width - line.cell_len
    if room >= _ROOM and workbook.unit_name not in name:
        unit.truncate(room, overflow="ellipsis")
        line.append_text(unit)
    print_unbroken(console, line)


def print_together(console: Console, status: Status, word: str, names: Sequence[str]) -> None:
    """Those of one status, such as 通过, as far as a few lines reach: no name is broken over lines."""
    lines = [Text().append(f"{word} {len(names)} 份：", style=STATUS_STYLES[status])]
    for place, name in enumerate(map(printable, names), 1):
        part = name + ("、" if place < len(names) else "")
        is_last = len(lines) == _TOGETHER and place < len(names)
        room = console.width - lines[-1].cell_len - (_ROOM if is_last else 0)
        if cell_len(part) > room:
            if is_last:
                lines[-1].append(f"等 {len(names)} 份")
                break
            lines.append(Text("  "))
        lines[-1].append(part)
    for line in lines:
        print_unbroken(console, line)
