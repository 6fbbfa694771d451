"""检查记录.csv: what of each unit was seen when, what was found, and whether it was sent back.

Lines are only added. They say nothing of who is still expected: that is `report.history`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from xltool.locks import locked
from xltool.office.csv_files import append_csv, read_written

LOG = "检查记录.csv"
_HEADER = ("时间", "单位代码", "文件", "sha256", "结果", "错误", "提醒", "退回件")

Status = Literal["passed", "warned", "failed", "pending", "unreadable"]
STATUS_WORDS: dict[Status, str] = {
    "passed": "通过",
    "warned": "有提醒",
    "failed": "未通过",
    "pending": "待本级处理",
    "unreadable": "无法读取",
}
_UNVERIFIED = "（未核对签发）"


def status_word(status: Status, verified: bool) -> str:
    """A status in Chinese; a pass without a verified seal is no plain one."""
    return STATUS_WORDS[status] + ("" if verified or status != "passed" else _UNVERIFIED)


_BY_WORD: dict[str, tuple[Status, bool]] = {
    status_word(status, verified): (status, verified)
    for verified in (False, True)
    for status in STATUS_WORDS
}
WORDS = (*_BY_WORD,)  # all results that a line may have


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log: a file of a unit as it was found, and whether it was sent back then.

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

    @property
    def row(self) -> list[str]:
        """The line as it is written."""
        counts = [str(self.errors), str(self.warnings)]
        sent = "是" if self.returned else ""
        return [self.time, self.unit, self.file, self.sha256, self.word, *counts, sent]


def read_log(folder: Path) -> Iterator[LogLine]:
    """Read the log of a campaign's folder, oldest line first; nothing when there was no check yet.

    Raises OfficeError for a file that is no CSV.
    """
    path = folder / LOG
    for _, row in read_written(path) if path.is_file() else ():
        status, verified = _BY_WORD.get(row["结果"], ("unreadable", True))
        yield LogLine(
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


def add_to_log(folder: Path, news: Callable[[], Sequence[LogLine]]) -> None:
    """Add lines to the log: those that `news` gives once nobody else writes.

    It is asked beforehand too: whoever has nothing to add takes no lock, since one who may only read
    the folder can check all the same.
    """
    if news():
        with locked(folder):  # another run may have added lines meanwhile
            append_csv(folder / LOG, _HEADER, [line.row for line in news()])


def sent_back(lines: Iterable[LogLine]) -> dict[str, list[str]]:
    """The SHA-256 of the files of which copies went back to a unit, by its code, the first one first.

    A file that was sent back several times is one round and stands here once.
    """
    rounds: dict[str, dict[str, None]] = {}
    for line in lines:
        if line.returned:
            rounds.setdefault(line.unit, {})[line.sha256] = None
    return {unit: list(digests) for unit, digests in rounds.items()}


def round_of(sha256: str, sent: Sequence[str]) -> int:
    """The round, from 1, in which a file goes back to its unit, to which these went back before."""
    return sent.index(sha256) + 1 if sha256 in sent else len(sent) + 1
