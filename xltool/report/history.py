"""What came back when, and what was found: the campaign's log, and who is still outstanding.

Each `xltool check` of a campaign adds a line per new state of a file; `xltool status` reads them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from xltool.locks import locked
from xltool.office.campaign import LOG, Campaign
from xltool.office.csv_files import append_csv, csv_text, read_written
from xltool.office.roster import Unit
from xltool.prose.text import printable
from xltool.report.reports import STATUS_WORDS, Report, Status, status_word

_HEADER = ("时间", "单位代码", "文件", "sha256", "结果", "错误", "提醒", "退回件")
_BY_WORD: dict[str, tuple[Status, bool]] = {
    status_word(status, verified): (status, verified)
    for verified in (False, True)
    for status in STATUS_WORDS
}


@dataclass(frozen=True, slots=True)
class Checked:
    """One line of the log: a file of a unit as it was found, and whether it was sent back.

    `errors` and `warnings` are those that the unit is to mend.
    """

    time: str
    unit: str
    file: str
    sha256: str
    status: Status
    errors: int
    warnings: int
    returned: bool
    verified: bool = True

    @property
    def word(self) -> str:
        """Its status in Chinese."""
        return status_word(self.status, self.verified)


def log_check(campaign: Campaign, report: Report, returned: Container[int], now: datetime) -> None:
    """Add what a run found to the campaign's log, one line for each file of a unit of the roster.

    `returned` are the numbers of the workbooks of which a copy was written to be sent back, `now` is
    the time of the run. A file that is found again as before, and was not sent back now, adds nothing.
    """
    # whoever may only read the folder can check all the same
    if _lines(campaign, report, returned, now):
        with locked(campaign.folder):  # another run may have added lines meanwhile
            lines = _lines(campaign, report, returned, now)
            append_csv(campaign.folder / LOG, _HEADER, lines)


def _lines(
    campaign: Campaign, report: Report, returned: Container[int], now: datetime
) -> list[list[str]]:
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
        counts = [theirs["error"], theirs["warning"]]
        state = [workbook.word, *map(str, counts), "是" if sent else ""]
        lines.append([f"{now:%Y-%m-%d %H:%M}", found.unit or "", name, found.sha256, *state])
    return lines


def read_log(folder: Path) -> Iterator[Checked]:
    """Read the log of a campaign's folder, oldest line first; nothing when there was no check yet.

    Raises OfficeError for a file that is no CSV.
    """
    path = folder / LOG
    for _, row in read_written(path) if path.is_file() else ():
        status, verified = _BY_WORD.get(row["结果"], ("unreadable", True))
        yield Checked(
            row["时间"],
            row["单位代码"],
            row["文件"],
            row["sha256"],
            status,
            int(row["错误"] or 0),
            int(row["提醒"] or 0),
            row["退回件"] == "是",
            verified,
        )


@dataclass(frozen=True, slots=True)
class UnitStatus:
    """Where one unit stands: its last return, and how often it was sent back."""

    unit: Unit
    last: Checked | None
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
    by_unit: dict[str, list[Checked]] = {}
    for line in read_log(campaign.folder):
        by_unit.setdefault(line.unit, []).append(line)
    return [
        UnitStatus(
            unit,
            lines[-1] if (lines := by_unit.get(code, [])) else None,
            len({line.sha256 for line in lines if line.returned}),
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
    words = [*_BY_WORD, "未交"]
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
