"""The worker processes that untrusted files are read in: few, limited in memory, soon replaced.

Each worker has a pipe of its own and one task at a time. Nothing is shared, so a worker may be
killed at any moment, by the file that it reads or from outside: no lock stays held, no message of
another one is cut off, and what it was doing is done again by a new one.

Light to import: the command line starts loading what workers need (`start`) before it imports
everything else itself, so that both load at the same time.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from multiprocessing.connection import wait
from typing import Any, Generic, Literal, TypeVar

from xltool.workbook.starting import GoneError, Process, Started, start_fresh
from xltool.workbook.worker import OVERTIME

if sys.platform != "win32":
    from xltool.workbook import forking

_TRIES = 2  # a task that has killed so many workers is itself what kills them
_KILLS = 5  # so many if they were killed from outside, as far as one can see
_STARTS = 10  # so many workers running that fail to start: there is something wrong with us
# how a process ends that was killed from outside; Windows does not say
_FROM_OUTSIDE = -9 if sys.platform != "win32" else None
# the clock counts so many times the time of the processor; only the clock counts on Windows
_PATIENCE = 20 if sys.platform != "win32" else 1

Failure = Literal["slow", "killed"]
T = TypeVar("T")


def start() -> None:
    """Start loading what workers need, so that the first one is ready the sooner."""
    if sys.platform != "win32":
        forking.server()


def _start_worker() -> Started:
    """Start a worker in the quickest way of this system."""
    if sys.platform != "win32":
        return forking.start_forked()
    else:  # noqa: RET505  # so that mypy knows the platform
        return start_fresh()


def run(
    function: Callable[..., T],
    tasks: Sequence[tuple[Any, ...]],
    jobs: int,
    seconds: float,
    memory: int,
    progress: Callable[[int, int], None] = lambda done, total: None,  # noqa: ARG005
    unlimited: Callable[[], None] = lambda: None,
    patience: float | None = None,
) -> list[T | Failure]:
    """`function(*task)` for each task in worker processes, at most `jobs` at a time, in their order.

    `function` is a function of a module that can be imported, not of the program's main module. A
    task is `slow` after `seconds` of the processor, or after `patience` seconds on the clock, counting
    all its tries (many times as long unless it is given; a machine may be busy). It is `killed` if its
    workers died or came up against `memory` bytes. `progress` is called with the number of tasks that are done and of
    all; `unlimited` is called once if this system cannot limit the memory of a process. What
    `function` raises is raised here.
    """
    waited = seconds * _PATIENCE if patience is None else patience
    crew = _Crew(function, tasks, seconds, waited, memory, unlimited)
    try:
        progress(0, len(tasks))
        while crew.open:
            before = crew.open
            crew.hire(min(jobs, crew.open))
            crew.listen()
            for still_open in range(before - 1, crew.open - 1, -1):
                progress(len(tasks) - still_open, len(tasks))
    finally:
        for worker in list(crew.workers):
            crew.dismiss(worker)
    return [crew.results[number] for number in range(len(tasks))]


@dataclass(eq=False)
class _Worker:
    process: Process
    pipe: Any
    task: int | None = None  # none until it is ready
    since: float = 0.0


@dataclass
class _Crew(Generic[T]):
    """The workers of one run, and what is done."""

    function: Callable[..., T]
    tasks: Sequence[tuple[Any, ...]]
    seconds: float
    patience: float
    memory: int
    unlimited: Callable[[], None]
    workers: list[_Worker] = field(default_factory=list)
    results: dict[int, T | Failure] = field(default_factory=dict)
    false_starts: int = 0

    def __post_init__(self) -> None:
        self.waiting = deque(range(len(self.tasks)))
        self.tries = [0] * len(self.tasks)
        self.spent = [0.0] * len(self.tasks)  # seconds

    @property
    def open(self) -> int:
        """How many tasks are not done."""
        return len(self.tasks) - len(self.results)

    def hire(self, count: int) -> None:
        """Have `count` workers."""
        while len(self.workers) < count:
            try:
                started = _start_worker()
            except GoneError:
                self.note_false_start()
                continue
            self.workers.append(_Worker(started.process, started.pipe))
            with suppress(OSError):  # it died at once, of which `listen` will hear
                started.pipe.send((self.function, self.memory, self.seconds))

    def note_false_start(self) -> None:
        """A worker did not start. Raises RuntimeError where that is the rule."""
        self.false_starts += 1
        if self.false_starts >= _STARTS:
            raise RuntimeError("worker processes do not start")

    def dismiss(self, worker: _Worker, is_alive: bool = True) -> int | None:
        """Let a worker go, whatever it is doing; returns how it ended."""
        self.workers.remove(worker)
        ended = worker.process.end(is_alive)
        worker.pipe.close()
        return ended

    def listen(self) -> None:
        """Wait until a worker sends a message, dies, or is too slow."""
        first = min(map(self.time_left, self.workers))
        heard = wait([w.pipe for w in self.workers], None if first == inf else max(0.0, first))
        for worker in list(self.workers):
            if worker.pipe in heard:
                self.hear(worker)
            elif worker.task is not None and self.time_left(worker) <= 0:
                self.results[worker.task] = "slow"
                self.dismiss(worker)

    def time_left(self, worker: _Worker) -> float:
        """The seconds that are left for the task of a worker; no end to the time for starting."""
        if worker.task is None:
            return inf
        return self.patience - self.spent[worker.task] - (time.monotonic() - worker.since)

    def hear(self, worker: _Worker) -> None:
        """Take a worker's message: that it is ready, or a result; without one it is dead."""
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            self.bury(worker)
            return
        if isinstance(message, BaseException):
            raise message
        if worker.task is None:
            self.begin(is_limited=message)
        else:
            self.results[worker.task] = message[0]
        self.give_work(worker)

    def begin(self, *, is_limited: bool) -> None:
        """A worker is ready; it knows whether its memory is limited."""
        self.false_starts = 0
        if not is_limited:
            self.unlimited()
            self.unlimited = lambda: None  # once is enough

    def give_work(self, worker: _Worker) -> None:
        """Give a worker the next task; without one it is of no more use."""
        if not self.waiting:
            self.dismiss(worker)
            return
        task = self.waiting[0]
        try:
            worker.pipe.send(self.tasks[task])
        except OSError:  # it died since its last message: the task was not begun
            self.dismiss(worker, is_alive=False)
            return
        worker.task = self.waiting.popleft()
        worker.since = time.monotonic()

    def bury(self, worker: _Worker) -> None:
        """A worker has died: its task is next for another one, unless it was tried often enough."""
        task = worker.task
        ended = self.dismiss(worker, is_alive=False)
        if task is None:
            self.note_false_start()
            return
        if ended is not None and ended == OVERTIME:
            self.results[task] = "slow"
            return
        self.spent[task] += time.monotonic() - worker.since
        self.tries[task] += 1
        from_outside = ended in (None, _FROM_OUTSIDE)  # None: its server was killed too
        if self.tries[task] < (_KILLS if from_outside else _TRIES):
            self.waiting.appendleft(task)
        else:
            self.results[task] = "killed"
