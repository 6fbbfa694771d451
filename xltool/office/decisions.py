"""取舍.csv: which of several returns counts, decided by a person or by `--prefer newest`, as data.

A line decides for a unit, or for one project code that several units claim. The office's own lines come
before those that an office below handed up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from xltool.locks import locked
from xltool.office.columns import column_mistakes
from xltool.office.csv_files import append_csv, read_csv
from xltool.office.mistakes import Mistakes

DECISIONS = "取舍.csv"
HEADER = ("行政区划", "单位代码", "项目编码", "选用", "决定人", "时间", "理由")
_HALVES = (HEADER[:4], HEADER[4:])  # what must be there, and what may be


@dataclass(frozen=True, slots=True)
class Decision:
    """Of the returns of a unit, or of those with one project code, the one with this SHA-256 counts.

    `line` is that of the file where it was read, whatever else it says.
    """

    district: str
    unit: str
    project: str
    chosen: str
    who: str = ""
    time: str = ""
    reason: str = ""
    line: int = field(default=0, compare=False, kw_only=True)

    @property
    def row(self) -> list[str]:
        """The line of the file."""
        own = [self.district, self.unit, self.project, self.chosen]
        return [*own, self.who, self.time, self.reason]

    @property
    def words(self) -> str:
        """Who decided, and why, in short."""
        return "，".join(filter(None, (self.who, self.time, self.reason)))


def read_decisions(folder: Path, district: str = "") -> list[Decision]:
    """The decisions in a folder; none without the file. `district` is meant where a line names none.

    Raises OfficeError with the line of a wrong one.
    """
    path = folder / DECISIONS
    if not path.is_file():
        return []
    found: list[Decision] = []
    mistakes = Mistakes(folder)
    for line, row in read_csv(path):
        if not found:
            required, others = ([word for word in some if word not in row] for some in _HALVES)
            unknown = [word for word in row if word not in HEADER]
            mistakes.take(column_mistakes(unknown, required, others, path))
            mistakes.insist()
        read = Decision(*(row.get(column, "").strip() for column in HEADER))
        decision = replace(read, district=read.district or district, line=line)
        found.append(decision)
        if bool(decision.unit) == bool(decision.project):
            mistakes.add("单位代码和项目编码应填写其中一个；请改正", path, line)
        elif not re.fullmatch("[0-9a-f]{64}", decision.chosen):
            words = "“选用”应为选用的文件的 sha256；请从 合并清单.csv 复制"
            mistakes.add(words, path, line)
    mistakes.insist()
    return found


def add_decisions(folder: Path, decisions: Sequence[Decision]) -> None:
    """Add lines to a campaign's decisions."""
    with locked(folder):
        append_csv(folder / DECISIONS, HEADER, [decision.row for decision in decisions])


def chosen_by_unit(decisions: Iterable[Decision]) -> dict[tuple[str, str], set[str]]:
    """(district, unit) → the files chosen: several where decisions contradict each other."""
    found: dict[tuple[str, str], set[str]] = {}
    for decision in decisions:
        if decision.unit:
            found.setdefault((decision.district, decision.unit), set()).add(decision.chosen)
    return found


def chosen_files(decisions: Iterable[Decision]) -> dict[tuple[str, str], str]:
    """(district, unit) → the file chosen, where decisions do not contradict each other."""
    chosen = chosen_by_unit(decisions)
    return {unit: next(iter(files)) for unit, files in chosen.items() if len(files) == 1}


def chosen_by_project(decisions: Iterable[Decision]) -> dict[str, set[str]]:
    """Project code → the files chosen."""
    found: dict[str, set[str]] = {}
    for decision in decisions:
        if decision.project:
            found.setdefault(decision.project, set()).add(decision.chosen)
    return found
