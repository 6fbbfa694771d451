"""What a run costs: time of the processor and on the clock, and memory, of a process and all it starts.

Each thing that is measured runs in a fresh process. Its time is what the system counts of it and of
whatever it waited for; memory is the sum of PSS (shared pages counted once) over the whole tree of
processes, looked at ten times a second. Things that are compared take turns (A B A B …), and the median
of each is kept.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TICK = 1 / os.sysconf("SC_CLK_TCK")  # the least time of the processor that the system tells
_OFTEN = 0.1  # seconds between two looks at the memory

Run = Callable[[], "Cost"]


@dataclass(frozen=True)
class Cost:
    """What one run cost: seconds, and MiB at its peak. `result` is what it says that it did."""

    user: float
    system: float
    wall: float
    peak: float
    result: int = 0


@dataclass(frozen=True)
class Row:
    """What one thing costs: the medians of some rounds, of `count` workbooks (or starts) together.

    `key` names it in its question, `what` says it in plain English; `result` is what it did: how many
    cells, findings or rows it came to, 0 where it does not say.
    """

    key: str
    what: str
    count: int
    rounds: int
    user: float
    system: float
    wall: float
    peak: float
    result: int

    @property
    def cpu(self) -> float:
        """Time of the processor."""
        return self.user + self.system


@dataclass(frozen=True)
class Ratio:
    """How many times what `to` costs `of` costs: time for each workbook, memory as a whole."""

    of: str
    to: str
    user: float
    cpu: float
    wall: float
    peak: float


@dataclass(frozen=True)
class Answer:
    """What came of a question: what was measured, and the ratios between."""

    title: str
    rows: Sequence[Row]
    ratios: Sequence[Ratio]


@dataclass(frozen=True)
class Sizes:
    """How much is measured: how often, and of how many workbooks; `returns` is the most of the growth."""

    rounds: int = 5
    units: int = 50
    returns: int = 1000
    projects: int = 5  # of each unit

    @property
    def many(self) -> int:
        """Workbooks where a start would count for too much beside a few."""
        return 2 * self.units


@dataclass(frozen=True)
class Bench:
    """Where and how much is measured: a folder of its own, and the sizes."""

    folder: Path
    sizes: Sizes
    _made: dict[int, Path] = field(default_factory=dict)

    def returns(self, units: int) -> tuple[Path, Path]:
        """The campaign and the returns of so many units, no two alike: made once for each number."""
        if units not in self._made:
            own = self.folder / f"of-{units}"
            own.mkdir()
            program = [sys.executable, str(HERE / "many_returns.py"), str(own)]
            _run([*program, str(units), str(self.sizes.projects)])
            self._made[units] = own
        own = self._made[units]
        return own / "campaign", own / "returns"

    def empty(self) -> Path:
        """A new empty folder."""
        return Path(tempfile.mkdtemp(dir=self.folder))


def xltool(*words: str | Path) -> list[str]:
    """The command line of xltool with these arguments."""
    return [sys.executable, "-m", "xltool", *map(str, words)]


def checking(campaign: Path, returns: Path, *words: str) -> list[str]:
    """The command line that checks returns anew, with all rules, whatever earlier runs kept."""
    return xltool("check", returns, "--campaign", campaign, "--fresh", "-q", *words)


def whole(program: Sequence[str], also: Sequence[int] = ()) -> Cost:
    """What a program costs from its start to its end, with all that it starts.

    `also` are processes that work for it and run already: they and what they start count too. Raises
    RuntimeError where it fails.
    """
    before = _spent(also)
    with tempfile.TemporaryFile("w+") as said:
        start = time.perf_counter()
        process = subprocess.Popen(program, stdout=said, stderr=subprocess.STDOUT, text=True)
        with _Watch([process.pid, *also]) as watch:
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        if process.returncode:
            raise RuntimeError(f"{program}: {said.read()}")
    user, system = (b - a for a, b in zip(before, _spent(also), strict=True))
    peak = watch.peak or usage.ru_maxrss / 1024  # too short to be looked at
    return Cost(max(TICK, usage.ru_utime + user), usage.ru_stime + system, wall, peak)


def contest(module: str, function: str, **given: Any) -> Cost:
    """What an action costs in a fresh process, without the start of the process and its imports.

    The function, of a module in this folder, prepares the action and returns it; see `contestant.py`.
    """
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said.json"
        cost = whole(script(module, function, said, **given))
        own = json.loads(said.read_text())
    return replace(cost, **{**own, "peak": max(own["peak"], cost.peak)})


def script(module: str, function: str, said: Path = Path(os.devnull), **given: Any) -> list[str]:
    """The command line of such an action, to be measured whole; what it says of itself goes to a file."""
    words = json.dumps({name: _plain(value) for name, value in given.items()})
    return [sys.executable, str(HERE / "contestant.py"), str(said), module, function, words]


def in_turns(runs: Mapping[tuple[str, str], Run], count: int, rounds: int) -> list[Row]:
    """The medians of things that take turns; by key and what it is, `count` workbooks each."""
    costs: dict[tuple[str, str], list[Cost]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            costs[name].append(run())
    return [_row(key, what, count, found) for (key, what), found in costs.items()]


def ratios(rows: Sequence[Row], *pairs: tuple[str, str]) -> list[Ratio]:
    """The ratios between rows, by their keys."""
    known = {row.key: row for row in rows}
    return [_ratio(known[of], known[to]) for of, to in pairs]


def _ratio(of: Row, to: Row) -> Ratio:
    def each(cost: Callable[[Row], float]) -> float:
        return cost(of) / of.count / (cost(to) / to.count)

    return Ratio(
        of.key,
        to.key,
        each(lambda row: row.user),
        each(lambda row: row.cpu),
        each(lambda row: row.wall),
        of.peak / to.peak,
    )


def _row(key: str, what: str, count: int, costs: Sequence[Cost]) -> Row:
    return Row(
        key,
        what,
        count,
        len(costs),
        statistics.median(cost.user for cost in costs),
        statistics.median(cost.system for cost in costs),
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.peak for cost in costs),
        costs[-1].result,
    )


def _run(program: Sequence[str]) -> None:
    """Run what is not measured. Raises CalledProcessError where it fails."""
    subprocess.run(program, check=True, stdout=subprocess.DEVNULL)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


class _Watch:
    """Watches the memory of trees of processes from another thread: `peak` is their most, in MiB."""

    def __init__(self, roots: Sequence[int]) -> None:
        self.roots = roots
        self.peak = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        pause = 0.01  # a short run is looked at too
        while not self._over.wait(pause):
            pause = min(_OFTEN, 2 * pause)
            now = sum(pss(number) for root in self.roots for number in tree(root))
            self.peak = max(self.peak, now / 1024)


def tree(number: int) -> Iterator[int]:
    """A process and all that it started, and these, as far as they are there."""
    yield number
    with suppress(OSError):
        for task in Path(f"/proc/{number}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from tree(int(child))


def pss(number: int) -> int:
    """The memory of a process in KiB, what it shares with others counted in part."""
    with suppress(OSError):
        for line in Path(f"/proc/{number}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def _spent(roots: Sequence[int]) -> tuple[float, float]:
    """User and system time that trees of processes took so far, those that ended included."""
    user = system = 0
    for number in (number for root in roots for number in tree(root)):
        with suppress(OSError):
            fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
            own_user, own_system, others_user, others_system = map(int, fields[11:15])
            user, system = user + own_user + others_user, system + own_system + others_system
    return user * TICK, system * TICK
