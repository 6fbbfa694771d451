"""Where each unit stands by the campaign's log: what was found last, sent back, and merged last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xltool.office.check_log import LogLine, note_sent, round_of

Merge = Mapping[str, LogLine]


@dataclass(slots=True)
class Standing:
    """Where one unit stands.

    `found` are the lines of what runs found, the last one last; `sent` the rounds of the files of which
    copies went back, by their SHA-256; `merged` what of it the last merge wrote.
    """

    found: list[LogLine] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)
    merged: LogLine | None = None
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
            self.merged, self._is_settled = line, True
        else:
            self.found.append(line)
            self._is_settled = False
        if line.returned:
            self._sent_as.add(line.found)
            note_sent(self.sent, line)

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
        before = [line.found for line in self.found[-len(lines) :]]
        sent = {line.found for line in lines if line.returned}
        return before == [line.found for line in lines] and sent <= self._sent_as


def standings(log: Iterable[LogLine]) -> dict[str, Standing]:
    """Where each unit stands of which the log says anything, by the code that it has there."""
    units: dict[str, Standing] = {}
    for line in log:
        units.setdefault(line.unit, Standing()).add(line)
    return units


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
    if before is None or before.merged is None or not before.is_merged:
        return False
    return (before.merged.sha256, before.merged.state) == (line.sha256, line.state)
