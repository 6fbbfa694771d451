"""What came back when, and what was found: the campaign's log, and who is still outstanding.

Each `xltool check` of a campaign adds a line per new state of a file; `xltool status` reads them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from xltool.office.campaign import Campaign
from xltool.office.check_log import WORDS, LogLine, add_to_log, read_log, sent_back
from xltool.office.csv_files import csv_text
from xltool.office.roster import Unit
from xltool.prose.text import printable
from xltool.report.reports import Report


def log_check(campaign: Campaign, report: Report, returned: Container[int], now: datetime) -> None:
    """Add what a run found to the campaign's log, one line for each file of a unit of the roster.

    `returned` are the numbers of the workbooks of which a copy was written to be sent back, `now` is
    the time of the run. A file that is found again as before, and was not sent back now, adds nothing.
    """
    add_to_log(campaign.folder, lambda: _news(campaign, report, returned, now))


def _news(
    campaign: Campaign, report: Report, returned: Container[int], now: datetime
) -> list[LogLine]:
    """What the log does not know yet."""
    known = {(line.sha256, line.word, line.returned) for line in read_log(campaign.folder)}
    lines = []
    for number, workbook in enumerate(report.workbooks):
        found = workbook.submission
        if found.unit not in campaign.units or not found.sha256 or found.same_as is not None:
            continue
        name = Path(found.file).name
        sent = number in returned
        if (found.sha256, workbook.word, sent) in known:
            continue
        theirs = workbook.theirs
        lines.append(
            LogLine(
                f"{now:%Y-%m-%d %H:%M}",
                found.unit or "",
                name,
                found.sha256,
                workbook.status,
                theirs["error"],
                theirs["warning"],
                sent,
                workbook.verified,
            )
        )
    return lines


@dataclass(frozen=True, slots=True)
class UnitStatus:
    """Where one unit stands: its last return, and how often it was sent back."""

    unit: Unit
    last: LogLine | None
    times_returned: int

    @property
    def state(self) -> str:
        """The state in one word: 未交, or the result of the last check."""
        return self.last.word if self.last else "未交"

    @property
    def is_open(self) -> bool:
        """True while something is still expected of the unit, and not of the office first."""
        return self.last is None or self.last.status in ("failed", "unreadable")


def status_of(campaign: Campaign) -> list[UnitStatus]:
    """Where every unit of the roster stands, in the order of the roster."""
    by_unit: dict[str, list[LogLine]] = {}
    log = list(read_log(campaign.folder))
    for line in log:
        by_unit.setdefault(line.unit, []).append(line)
    sent = sent_back(log)
    return [
        UnitStatus(
            unit,
            lines[-1] if (lines := by_unit.get(code, [])) else None,
            len(sent.get(code, ())),
        )
        for code, unit in campaign.units.items()
    ]


_COLUMNS = (
    "单位代码",
    "单位名称",
    "主管部门",
    "状态",
    "错误",
    "提醒",
    "退回次数",
    "最近一次",
    "文件",
)


def status_rows(statuses: Iterable[UnitStatus]) -> list[list[str]]:
    """The status as rows of texts, the headings first."""
    rows = [list(_COLUMNS)]
    for status in statuses:
        last = status.last
        found = [str(last.errors), str(last.warnings)] if last else ["", ""]
        when = [last.time, last.file] if last else ["", ""]
        unit = status.unit
        lead = [unit.unit_code, unit.unit_name, unit.department, status.state]
        rows.append([*lead, *found, str(status.times_returned), *when])
    return rows


def as_csv(statuses: Iterable[UnitStatus]) -> str:
    """The status as the text of a CSV file that Excel opens."""
    return csv_text(status_rows(statuses))


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
    console.print(Text(totals(campaign, statuses, day)))
    output = console.file
    if not isinstance(output, StringIO):
        raise TypeError("console without buffer")
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines())


def totals(campaign: Campaign, statuses: Sequence[UnitStatus], day: date) -> str:
    """The last line: how many units are in each state, and how long it is until the deadline."""
    words = [*WORDS, "未交"]
    counts = {word: sum(status.state == word for status in statuses) for word in words}
    parts = "，".join(f"{word} {count} 个" for word, count in counts.items() if count)
    line = f"共 {len(statuses)} 个单位：{parts}。"
    if campaign.deadline is None:
        return line
    left = (campaign.deadline - day).days
    when = f"还有 {left} 天" if left > 0 else "就在今天" if left == 0 else f"已过 {-left} 天"
    return f"{line}截止日期 {campaign.deadline}，{when}。"


def reminders(campaign: Campaign, statuses: Iterable[UnitStatus]) -> str:
    """催报: a text to send to each unit of which something is still expected, with blank lines between."""
    return "\n\n".join(_reminder(campaign, status) for status in statuses if status.is_open)


def _reminder(campaign: Campaign, status: UnitStatus) -> str:
    if status.last is None:
        what = f"贵单位的“{campaign.title}”尚未收到，请填写下发的工作簿后交回"
    else:
        what = (
            f"贵单位交来的“{campaign.title}”（{printable(status.last.file)}）有 {status.last.errors} 处错误，"
            "请按退回件“退回修改”页逐处修改后交回"
        )
    limit = f"，截止日期 {campaign.deadline:%Y 年 %m 月 %d 日}" if campaign.deadline else ""
    contact = f"如有疑问，请联系 {campaign.contact}。" if campaign.contact else ""
    unit = status.unit
    return f"【{unit.unit_code} {unit.unit_name}】\n{what}{limit}。{contact}谢谢配合。"
