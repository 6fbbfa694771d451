"""Where each unit stands by the campaign's log: what was found last, sent back, and merged last.

What was found of an earlier version of what a unit handed in, after a later one was seen, changes nothing:
the seals say which one is later, as they do within one run (`returns.counting`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from xltool.office.check_log import LogLine, note_sent, read_log, round_of
from xltool.office.issued import order_of_issues

Orders = Mapping[tuple[str, str], int]  # (unit, issue) → its place among all issues
Merge = Mapping[str, LogLine]


@dataclass(frozen=True, slots=True)
class Version:
    """What a seal says of a file: as what it was issued, the `place` of that among all, its round."""

    issue: str
    place: int  # -1 where the register does not know it
    turn: int

    def is_before(self, other: Version) -> bool:
        """True if the other one is later for sure."""
        if self.issue == other.issue:
            return self.turn < other.turn
        return 0 <= self.place < other.place


@dataclass(slots=True)
class Standing:
    """Where one unit stands.

    `found` are the lines of what runs found, the last one last; `sent` the rounds of the files of which
    copies went back, by their SHA-256; `earlier` the lines of versions that were seen after a later one; `merged` what of it the last merge wrote.
    """

    found: list[LogLine] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)
    merged: LogLine | None = None
    earlier: list[LogLine] = field(default_factory=list)
    orders: Orders = field(default_factory=dict)
    _versions: dict[str, Version] = field(default_factory=dict)
    _sent_as: set[tuple[str, str, int, int]] = field(default_factory=set)
    _is_settled: bool = (
        False  # the merge came after all that was found, and decided between versions
    )

    def add(self, line: LogLine) -> None:
        """Take a further line of the log into account."""
        if line.state == "taken out":
            self.merged, self._is_settled = None, False
            self.found = self.found or [line]
        elif line.state in ("merged", "partly"):
            self.merged, self._is_settled = line, self.later_than(line) is None
        elif self.later_than(line) is not None:
            self.earlier.append(line)
        else:
            self.found.append(line)
            self._is_settled = False
        if (version := self._version(line)) is not None:
            self._versions[line.sha256] = version
        if line.returned:
            self._sent_as.add(line.found)
            note_sent(self.sent, line)

    def later_than(self, line: LogLine) -> LogLine | None:
        """The line of the version that counts, if that is a later one than this line is about."""
        version, out = self._version(line), set()
        for each in reversed(self.found):
            if each.state == "superseded":
                out.add(each.sha256)
            elif each.sha256 not in out:
                known = self._version(each)
                return each if version and known and version.is_before(known) else None
        return None

    def _version(self, line: LogLine) -> Version | None:
        """Which version a line is about; None where no seal tells."""
        if not line.issue:
            return self._versions.get(line.sha256)
        unit = line.unit.rpartition(":")[2]  # without its district
        return Version(line.issue, self.orders.get((unit, line.issue), -1), line.turn)

    @property
    def last(self) -> LogLine:
        """The line that says where the unit stands."""
        if self.merged is not None and (self._is_settled or not self.found):
            return self.merged
        return self.found[-1]

    @property
    def versions(self) -> Sequence[LogLine]:
        """The versions of which none counts yet; one line where there are no several."""
        last = self.last
        return self.found[-last.versions :] if last.state == "several" else [last]

    @property
    def is_merged(self) -> bool:
        """Whether the last merge wrote just what was found last."""
        if self.merged is None:
            return False
        last = self.last
        same = last.sha256 == self.merged.sha256 and last.state in ("passed", "warned")
        return last is self.merged or same

    @property
    def is_sent_back(self) -> bool:
        """Whether a copy went back to the unit that says what was found last."""
        return self.last.state in ("failed", "warned") and self.last.found in self._sent_as

    @property
    def round(self) -> int:
        """Which time, from 1, its last file was sent back, or would be."""
        return round_of(self.last.sha256, self.sent)

    @property
    def word(self) -> str:
        """Its state in Chinese."""
        if self.is_merged and self.merged is not None:
            return self.merged.word
        if self.is_sent_back:
            return f"已退回（第 {self.round} 次）"
        return self.last.word

    def knows(self, lines: Sequence[LogLine]) -> bool:
        """Whether a run that found these lines tells nothing new."""
        earlier = [line for line in lines if self.later_than(line) is not None]
        others = [line.found for line in lines if line not in earlier]
        before = [line.found for line in self.found[-len(others) :]] if others else []
        seen = {line.found for line in (*self.earlier, *self.found)}
        sent = {line.found for line in lines if line.returned}
        return (
            before == others
            and seen.issuperset(line.found for line in earlier)
            and sent <= self._sent_as
        )


def read_standings(folder: Path) -> dict[str, Standing]:
    """Where each unit stands of which the log of a campaign's folder says anything, by the code that it has there.

    Raises OfficeError where the log or the register of what was issued cannot be read.
    """
    orders = order_of_issues(folder)
    units: dict[str, Standing] = {}
    for line in read_log(folder):
        add_line(units, line, orders)
    return units


def add_line(units: dict[str, Standing], line: LogLine, orders: Orders) -> None:
    """Take a further line of the log into account."""
    units.setdefault(line.unit, Standing(orders=orders)).add(line)


def news_of_merge(before: Mapping[str, Standing], merged: Merge, time: str) -> list[LogLine]:
    """The lines by which the log comes to know what a merge wrote: those of units where it changes anything.

    `merged` are lines of the units that are in the result, by the code that they have in the log.
    """
    lines = [line for unit, line in merged.items() if not _is_known(before.get(unit), line)]
    gone = [
        replace(each.merged, time=time, state="taken out", returned=False)
        for unit, each in before.items()
        if each.merged is not None and unit not in merged
    ]
    return [*lines, *gone]


def _is_known(before: Standing | None, line: LogLine) -> bool:
    if before is None or before.merged is None:
        return False
    if not before.is_merged and before.later_than(line) is None:
        return False
    return (before.merged.sha256, before.merged.state) == (line.sha256, line.state)
