"""检查记录.csv: what of each unit was seen when, what was found, whether it was sent back, what was merged.

The log is of states: the last line of a unit says where it stands (`office.standing`). Lines are only
added, and only where something has changed. A line that is not whole, or says what nobody wrote, is passed
over and named (`flaws_of_log`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from xltool.errors import OfficeError
from xltool.locks import locked
from xltool.office.csv_files import append_csv, lacks_end, read_written, write_csv

LOG = "检查记录.csv"
_VERSION = "版本"  # earlier logs have no such column
_NEEDED = ("时间", "单位代码", "文件", "sha256", "结果", "错误", "提醒", "退回件")
_HEADER = (*_NEEDED, _VERSION)

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
_SENT = re.compile(r"是(?:（第 (\d{1,4}) 次）)?")
_NAMED = 5  # lines or units that a note names
_LARGE = 4_000_000  # bytes of a log: what is larger is not kept in memory


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

    `errors` and `warnings` are those that the unit is to mend. `round` is the one in which it was sent back,
    0 where only the lines before say it. `issue` and `turn` are what its seal says: what it was issued as, and in
    which round it had gone back before; no issue where there is no seal of ours. Of `versions` that a unit handed in, none of which counts yet, each has a line,
    one after the other.
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
    round: int = 0
    issue: str = ""
    turn: int = 0

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
        sent += f"（第 {self.round} 次）" if self.returned and self.round else ""
        version = f"{self.issue}-{self.turn}" if self.issue else ""
        return [self.time, self.unit, self.file, self.sha256, self.word, *counts, sent, version]


def read_log(folder: Path) -> Iterator[LogLine]:
    """Read the log of a campaign's folder, oldest line first; nothing when there was no check yet.

    Raises OfficeError for a file that is no CSV, or not this one.
    """
    yield from (line for _, line in _numbered(folder) if line is not None)


def flaws_of_log(folder: Path, units: Collection[str]) -> list[str]:
    """A line in Chinese for all lines of the log that are passed over, and one for those of no unit.

    `units` are the codes that the units of the roster have in the log. Raises OfficeError as `read_log` does.
    """
    broken: list[str] = []
    strange: dict[str, None] = {}
    for number, line in _numbered(folder):
        if line is None:
            broken.append(str(number))
        elif units and line.unit not in units:
            strange.setdefault(line.unit or "（空）")
    notes = []
    if broken:
        notes.append(
            f"{LOG} 第 {_some(broken)} 行没有写完，或看不懂，没有采用；"
            "请从备份恢复，或删去后重新检查交回的表"
        )
    if strange:
        notes.append(
            f"{LOG} 里有 units.csv 没有的单位（{_some([*strange])}），没有列出；请核对名册"
        )
    return notes


def _some(names: Sequence[str]) -> str:
    more = f" 等 {len(names)} 个" if len(names) > _NAMED else ""
    return "、".join(names[:_NAMED]) + more


def _numbered(folder: Path) -> Sequence[tuple[int, LogLine | None]]:
    """The lines with their numbers; None for one that is not whole, or says what nobody wrote."""
    path = folder / LOG
    if not path.is_file():
        return ()
    found = path.stat()
    state = found.st_ino, found.st_mtime_ns, found.st_size
    return _kept(path, state) if found.st_size < _LARGE else _read(path, state)


def _read(path: Path, state: tuple[int, ...]) -> Sequence[tuple[int, LogLine | None]]:  # noqa: ARG001
    """The lines of a log; `state` is what tells it from what it was before."""
    rows = list(read_written(path))
    is_cut = bool(rows) and lacks_end(path, len(_NEEDED))
    lines: list[tuple[int, LogLine | None]] = []
    for number, row in rows:
        missing = next((name for name in _NEEDED if name not in row), None)
        if missing is not None:
            raise OfficeError(f"缺少“{missing}”；请从备份恢复，或移走后重新检查", path, number)
        lines.append((number, None if is_cut and number == rows[-1][0] else _line(row)))
    return lines


_kept = lru_cache(maxsize=1)(_read)  # a run asks several times


def _line(row: Mapping[str, str]) -> LogLine | None:
    known, sent = _BY_WORD.get(row["结果"]), _SENT.fullmatch(row["退回件"])
    several = _SEVERAL.fullmatch(row["结果"])
    counts = [row[name] for name in ("错误", "提醒")]
    is_whole = all(count.isdecimal() for count in counts) and (sent or not row["退回件"])
    if not is_whole or (known is None and several is None):
        return None
    state, verified = known or ("several", True)
    issue, _, turn = row.get(_VERSION, "").rpartition("-")
    return LogLine(
        row["时间"],
        row["单位代码"],
        row["文件"],
        row["sha256"],
        state,
        int(counts[0]),
        int(counts[1]),
        returned=sent is not None,
        verified=verified,
        versions=int(several[1]) if several else 1,
        round=int(sent[1] or 0) if sent else 0,
        issue=issue if turn.isdecimal() else "",
        turn=int(turn) if turn.isdecimal() else 0,
    )


def add_to_log(folder: Path, news: Callable[[], Sequence[LogLine]]) -> None:
    """Add lines to the log: those that `news` gives once nobody else writes.

    It is asked beforehand too: whoever has nothing to add takes no lock, since one who may only read
    the folder can check all the same.
    """
    if news():
        with locked(folder):  # another run may have added lines meanwhile
            lines = news()
            if lines:
                _bring_up_to_date(folder / LOG)
            append_csv(folder / LOG, _HEADER, [line.row for line in lines])


def _bring_up_to_date(path: Path) -> None:
    """Give an earlier log the column that it lacks."""
    rows = [row for _, row in read_written(path)] if path.is_file() else []
    if rows and _VERSION not in rows[0]:
        write_csv(path, [_HEADER, *([row.get(name, "") for name in _HEADER] for row in rows)])


def sent_back(lines: Iterable[LogLine]) -> dict[str, dict[str, int]]:
    """The rounds of the files of which copies went back to a unit, by their SHA-256 and its code.

    A file that was sent back several times is one round.
    """
    rounds: dict[str, dict[str, int]] = {}
    for line in lines:
        if line.returned:
            note_sent(rounds.setdefault(line.unit, {}), line)
    return rounds


def note_sent(sent: dict[str, int], line: LogLine) -> None:
    """Add the round of a line to those of its unit; a later line about the same file says it better."""
    sent[line.sha256] = line.round or round_of(line.sha256, sent)


def round_of(sha256: str, sent: Mapping[str, int]) -> int:
    """The round, from 1, in which a file goes back to its unit, to which these went back before in theirs."""
    return sent.get(sha256) or max(sent.values(), default=0) + 1
