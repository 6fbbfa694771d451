"""Where every unit of the roster stands by the campaign's log: `xltool status`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from xltool.office.campaign import Campaign
from xltool.office.check_log import MERGE_WORDS, STATUS_WORDS, LogLine, status_word
from xltool.office.csv_files import csv_text
from xltool.office.roster import Unit
from xltool.office.standing import Standing, read_standings
from xltool.report.lines import folded, print_unbroken
from xltool.write.tables import Sheet, write_tables

NOT_RETURNED = "未交"
_SENT_BACK, _SEVERAL = "已退回", "交了多份"
_COLUMNS = (
    *("单位代码", "单位名称", "主管部门", "状态", "错误", "提醒", "退回次数", "最近一次", "文件"),
)


@dataclass(frozen=True, slots=True)
class UnitStatus:
    """Where one unit stands; `standing` is None while nothing of it was seen."""

    unit: Unit
    standing: Standing | None = None

    @property
    def last(self) -> LogLine | None:
        """The line of the log that says so."""
        return self.standing.last if self.standing else None

    @property
    def times_returned(self) -> int:
        """How often something was sent back to it: the last round."""
        return max(self.standing.sent.values(), default=0) if self.standing else 0

    @property
    def state(self) -> str:
        """The state in words: 未交, 已退回（第 2 次）, 通过…"""
        return self.standing.word if self.standing else NOT_RETURNED

    @property
    def kind(self) -> str:
        """The state without its numbers: by it units are counted."""
        if self.standing is None or self.standing.is_merged:
            return self.state
        if self.standing.last.state == "several":
            return _SEVERAL
        return _SENT_BACK if self.standing.is_sent_back else self.state

    @property
    def is_open(self) -> bool:
        """True while something is still expected of the unit, and not of the office first."""
        if self.standing is None:
            return True
        if self.standing.is_merged:
            return False
        open_states = ("failed", "unreadable", "several")
        return self.standing.is_sent_back or self.standing.last.state in open_states


def status_of(campaign: Campaign) -> list[UnitStatus]:
    """Where every unit of the roster stands, in the order of the roster."""
    known = read_standings(campaign.folder)
    return [UnitStatus(unit, known.get(campaign.code_in_log(unit))) for unit in campaign.roster]


def status_rows(statuses: Iterable[UnitStatus]) -> list[list[str | int | None]]:
    """The status as rows, without the headings."""
    rows: list[list[str | int | None]] = []
    for status in statuses:
        last, unit = status.last, status.unit
        found = (last.errors, last.warnings) if last else (None, None)
        files = "、".join(v.file for v in status.standing.versions) if status.standing else ""
        when = [last.time if last else "", files]
        lead = [unit.unit_code, unit.unit_name, unit.department, status.state]
        rows.append([*lead, *found, status.times_returned, *when])
    return rows


def write_book(campaign: Campaign, statuses: Sequence[UnitStatus], day: date, path: Path) -> None:
    """The status as a workbook with filters, totals below; it replaces what is at `path`."""
    rows, foot = status_rows(statuses), totals(campaign, statuses, day)
    write_tables(path, [Sheet("报送情况", _COLUMNS, rows, head=campaign.title, foot=foot)])


def as_csv(statuses: Iterable[UnitStatus]) -> str:
    """The status as the text of a CSV file that Excel opens."""
    rows = [["" if c is None else str(c) for c in row] for row in status_rows(statuses)]
    return csv_text([_COLUMNS, *rows])


def as_text(campaign: Campaign, statuses: Sequence[UnitStatus], day: date, width: int) -> str:
    """The status for a terminal: a line per unit, totals last.

    `day` is the day on which the deadline is looked at, `width` that of the text in half-width
    columns. The text ends without a line break.
    """
    table = Table(box=None, pad_edge=False, show_edge=False)
    for title in ("单位", "状态", "错误", "提醒", "退回", "最近一次"):
        table.add_column(title, overflow="fold", no_wrap=title != "单位")
    for status in statuses:
        last, unit = status.last, status.unit
        counts = [str(last.errors), str(last.warnings)] if last else ["", ""]
        back = str(status.times_returned or "")
        name = f"{unit.unit_code} {unit.unit_name}"
        table.add_row(Text(name), status.state, *counts, back, last.time if last else "")
    console = Console(file=StringIO(), width=width)
    console.print(table)
    print_unbroken(console, Text(folded(totals(campaign, statuses, day), width, "，。")))
    output = console.file
    if not isinstance(output, StringIO):
        raise TypeError("console without buffer")
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines())


def _kinds() -> list[str]:
    """All kinds of states in the order in which they are counted."""
    found = [status_word(status, verified) for status in STATUS_WORDS for verified in (True, False)]
    kinds = [*MERGE_WORDS.values(), *found, _SENT_BACK, _SEVERAL, NOT_RETURNED]
    return list(dict.fromkeys(kinds))


def totals(campaign: Campaign, statuses: Sequence[UnitStatus], day: date) -> str:
    """The last line: how many units are in each state, and how long it is until the deadline."""
    counts = Counter(status.kind for status in statuses)
    parts = "，".join(f"{kind} {counts[kind]} 个" for kind in _kinds() if counts[kind])
    line = f"共 {len(statuses)} 个单位：{parts}。"
    if campaign.deadline is None:
        return line
    return f"{line}截止日期 {campaign.deadline}，{until_deadline(campaign.deadline, day)}。"


def until_deadline(deadline: date, day: date) -> str:
    """How far a day is from the deadline, in words."""
    left = (deadline - day).days
    return f"还有 {left} 天" if left > 0 else "就在今天" if left == 0 else f"已过 {-left} 天"
