"""Everything handed in has an outcome: read, refused, or left aside for a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xltool.workbook.refusals import SAVE_AGAIN

LOCK = "锁文件"
_ADVICE = {LOCK: "（打开工作簿时留下的；请确认该工作簿已保存）"}


@dataclass(frozen=True, slots=True)
class Returned:
    """A file to read: where it lies and how it is called in findings.

    `problem`: it cannot be read, and `remedy` says what to do; `failure` is the traceback where that
    is our fault.
    """

    path: Path
    name: str
    problem: str | None = None
    modified: float | None = None  # seconds since the epoch, where the archive knows better
    remedy: str = SAVE_AGAIN
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class LeftAside:
    """Something that was handed in and is no return: its name as it is shown, and why, in Chinese."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Accounts:
    """How much was handed in, and what became of it; the three parts sum to what was received."""

    read: int
    refused: int
    left_aside: Sequence[LeftAside] = ()

    @property
    def received(self) -> int:
        """All that was handed in: files, members of archives, and what is neither."""
        return self.read + self.refused + len(self.left_aside)

    @property
    def reasons(self) -> Mapping[str, int]:
        """How much was left aside for each reason, the most frequent first."""
        return dict(Counter(each.reason for each in self.left_aside).most_common())

    @property
    def words(self) -> str:
        """The count in one line."""
        parts = [f"读取 {self.read} 份"]
        if self.refused:
            parts.append(f"无法读取 {self.refused} 份")
        if self.left_aside:
            reasons = "、".join(f"{reason} {count}" for reason, count in self.reasons.items())
            parts.append(f"未读取 {len(self.left_aside)} 份（{reasons}）")
        return f"收到 {self.received} 份：{'，'.join(parts)}。"


def named(left_aside: Sequence[LeftAside], most: int = 3) -> list[str]:
    """A line for each reason, with the names of the first few for which it holds."""
    lines = []
    for reason in dict.fromkeys(each.reason for each in left_aside):
        names = [each.name for each in left_aside if each.reason == reason]
        more = f"等 {len(names)} 个" if len(names) > most else ""
        advice = _ADVICE.get(reason, "")
        lines.append(f"未读取（{reason}）：{'、'.join(names[:most])}{more}{advice}")
    return lines
