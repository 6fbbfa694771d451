"""检查记录.csv: what of each unit was seen when, what was found, whether it was sent back, what was merged.

The log is of states: the last line of a unit says where it stands (`office.standing`). Lines are only
added, and only where something has changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from xltool.errors import OfficeError
from xltool.locks import locked
from xltool.office.csv_files import append_csv, read_written

LOG = "检查记录.csv"
_HEADER = ("时间", "单位代码", "文件", "sha256", "结果", "错误", "提醒", "退回件")

# what a run found of a file; one is superseded where 取舍.csv chose another one
Status = Literal["passed", "warned", "failed", "pending", "unreadable", "superseded"]
STATUS_WORDS: dict[Status, str] = {
    "passed": "通过",
    "warned": "有提醒",
    "failed": "未通过",
    "pending": "待本级处理",
    "unreadable": "无法读取",
    "superseded": "未采用",
}
# what else a line may say: one of several versions of a unit; what became of a file in a merge
State = Literal[Status, "several", "merged", "partly", "taken out"]
MERGE_WORDS: dict[State, str] = {
    "merged": "已合并",
    "partly": "部分项目已合并",
    "taken out": "不在最近一次合并中",
}
_UNVERIFIED = "（未核对签发）"
_SEVERAL = re.compile(r"交了 (\d{1,9}) 份")


_WORDS: dict[State, str] = {**dict(STATUS_WORDS.items()), **MERGE_WORDS}


def status_word(status: State, verified: bool) -> str:
    """A status in Chinese; a pass without a verified seal is no plain one."""
    return _WORDS[status] + ("" if verified or status != "passed" else _UNVERIFIED)


_BY_WORD: dict[str, tuple[State, bool]] = {
    status_word(state, verified): (state, verified)
    for verified in (False, True)
    for state in _WORDS
}


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log: a file of a unit as it was found, and whether it was sent back then.

    `errors` and `warnings` are those that the unit is to mend. Of `versions` that a unit handed in, none of
    which counts yet, each has a line, one after the other.
    """

    time: str
    unit: str
    file: str
    sha256: str
    state: State
    errors: int = 0
    warnings: int = 0
    returned: bool = False
    verified: bool = True
    versions: int = 1

    @property
    def word(self) -> str:
        """Its state in Chinese."""
        if self.state == "several":
            return f"交了 {self.versions} 份"
        return status_word(self.state, self.verified)

    @property
    def found(self) -> tuple[str, str, int, int]:
        """What was found, whenever it was and whatever the file was called."""
        return self.sha256, self.word, self.errors, self.warnings

    @property
    def row(self) -> list[str]:
        """The line as it is written."""
        counts = [str(self.errors), str(self.warnings)]
        sent = "是" if self.returned else ""
        return [self.time, self.unit, self.file, self.sha256, self.word, *counts, sent]


def read_log(folder: Path) -> Iterator[LogLine]:
    """Read the log of a campaign's folder, oldest line first; nothing when there was no check yet.

    Raises OfficeError for a file that is no CSV, or not this one.
    """
    path = folder / LOG
    for number, row in read_written(path) if path.is_file() else ():
        missing = next((name for name in _HEADER if name not in row), None)
        if missing is not None:
            raise OfficeError(f"缺少“{missing}”；请从备份恢复，或移走后重新检查", path, number)
        yield _line(row, path, number)


def _line(row: Mapping[str, str], path: Path, number: int) -> LogLine:
    state, verified = _BY_WORD.get(row["结果"], ("unreadable", True))
    several = _SEVERAL.fullmatch(row["结果"])
    counts = [row[name] or "0" for name in ("错误", "提醒")]
    if not all(count.isdecimal() for count in counts):
        raise OfficeError("“错误”“提醒”应为数字", path, number)
    return LogLine(
        row["时间"],
        row["单位代码"],
        row["文件"],
        row["sha256"],
        "several" if several else state,
        int(counts[0]),
        int(counts[1]),
        returned=row["退回件"] == "是",
        verified=verified,
        versions=int(several[1]) if several else 1,
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
