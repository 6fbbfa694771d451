"""The worker processes that untrusted files are read in: few, limited in memory, soon replaced.

Each worker has a pipe of its own and one task at a time. Nothing is shared, so a worker may be
killed at any moment, by the file that it reads or from outside: no lock stays held, no message of
another one is cut off, and what it was doing is done again by a new one.

Light to import: the command line starts the server before it imports everything else, so that both
load at the same time.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

_TRIES = 2  # a task that has killed so many workers is itself what kills them
_KILLS = 5  # so many if they were killed from outside, as far as one can see
_STARTS = 10  # so many workers running that fail to start: there is something wrong with us
_PRELOAD = ["xltool.returns.reading"]

Failure = Literal["slow", "killed"]
T = TypeVar("T")


def _look_nowhere_else() -> None:
    """Python starts workers with the current folder first in their path: returns may lie in it."""
    os.environ["PYTHONSAFEPATH"] = "1"


def start() -> None:
    """Start the worker server early."""
    _look_nowhere_else()
    if "forkserver" in multiprocessing.get_all_start_methods():
        from multiprocessing import forkserver

        forkserver.set_forkserver_preload(_PRELOAD)
        forkserver.ensure_running()


def _context() -> BaseContext:
    """A server that forks workers from a clean state where there is one, else fresh processes."""
    _look_nowhere_else()
    if "forkserver" in multiprocessing.get_all_start_methods():
        server = multiprocessing.get_context("forkserver")
        server.set_forkserver_preload(_PRELOAD)
        return server
    return multiprocessing.get_context("spawn")


def run(
    function: Callable[..., T],
    tasks: Sequence[tuple[Any, ...]],
    jobs: int,
    seconds: float,
    memory: int,
    progress: Callable[[int, int], None],
) -> list[T | Failure]:
    """`function(*task)` for each task in worker processes, at most `jobs` at a time, in their order.

    A task is `slow` after `seconds`, counting all its tries, and `killed` if its workers died or
    came up against `memory` bytes. What `function` raises is raised here.
    """
    crew = _Crew(function, tasks, seconds, memory)
    try:
        progress(0, len(tasks))
        while crew.open:
            before = crew.open
            crew.hire(min(jobs, crew.open))
            crew.listen()
            for done in range(before - 1, crew.open - 1, -1):
                progress(len(tasks) - done, len(tasks))
    finally:
        for worker in list(crew.workers):
            crew.dismiss(worker)
    return [crew.results[number] for number in range(len(tasks))]


@dataclass(eq=False)
class _Worker:
    process: BaseProcess
    pipe: Connection
    task: int | None = None  # none until it is ready
    since: float = 0.0


@dataclass
class _Crew(Generic[T]):
    """The workers of one run, and what is done."""

    function: Callable[..., T]
    tasks: Sequence[tuple[Any, ...]]
    seconds: float
    memory: int
    workers: list[_Worker] = field(default_factory=list)
    results: dict[int, T | Failure] = field(default_factory=dict)
    false_starts: int = 0

    def __post_init__(self) -> None:
        self.context = _context()
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
            here, there = self.context.Pipe()
            arguments = (there, self.function, self.memory)
            process = self.context.Process(target=_serve, args=arguments, daemon=True)  # type: ignore[attr-defined]
            process.start()
            there.close()
            self.workers.append(_Worker(process, here))

    def dismiss(self, worker: _Worker) -> None:
        """Let a worker go, whatever it is doing."""
        self.workers.remove(worker)
        worker.pipe.close()
        worker.process.kill()
        worker.process.join()

    def listen(self) -> None:
        """Wait until a worker says something, dies, or is too slow."""
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
        return self.seconds - self.spent[worker.task] - (time.monotonic() - worker.since)

    def hear(self, worker: _Worker) -> None:
        """Take what a worker says: that it is ready, a result, or by its silence that it is dead."""
        try:
            said = worker.pipe.recv()
        except (EOFError, OSError):
            self.bury(worker)
            return
        if worker.task is None:
            self.false_starts = 0
        elif isinstance(said, BaseException):
            raise said
        else:
            self.results[worker.task] = said[0]
        self.give_work(worker)

    def give_work(self, worker: _Worker) -> None:
        """Give a worker the next task; without one it is of no more use."""
        if not self.waiting:
            self.dismiss(worker)
            return
        task = self.waiting[0]
        try:
            worker.pipe.send(self.tasks[task])
        except OSError:  # it died since its last word: the task was not begun
            self.dismiss(worker)
            return
        worker.task = self.waiting.popleft()
        worker.since = time.monotonic()

    def bury(self, worker: _Worker) -> None:
        """A worker has died: its task is next for another one, unless it was tried often enough."""
        task = worker.task
        if task is not None:
            self.spent[task] += time.monotonic() - worker.since
            self.tries[task] += 1
            worker.process.join()
            outside = worker.process.exitcode == -signal.SIGKILL
            if self.tries[task] < (_KILLS if outside else _TRIES):
                self.waiting.appendleft(task)
            else:
                self.results[task] = "killed"
        else:
            self.false_starts += 1
            if self.false_starts >= _STARTS:
                raise RuntimeError("worker processes do not start")
        self.dismiss(worker)


def _serve(pipe: Connection, function: Callable[..., Any], memory: int) -> None:
    """What a worker does: say that it is ready, then one task after the other."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who interrupts dismisses us
    _confine(memory)
    pipe.send(None)
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            said: Any = (function(*task),)
        except MemoryError:
            os._exit(1)  # what is left is of no use
        except Exception as error:
            error.add_note(traceback.format_exc())
            said = error
        pipe.send(said)


def _confine(memory: int) -> None:
    """Make this process quiet and limit its memory to so many bytes.

    What it may still allocate is capped (POSIX; elsewhere only time is limited). A reader that dies
    of a hostile file prints pages about it, which is nothing for the user's terminal; exceptions
    reach the caller all the same.
    """
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 2)
    os.close(silent)
    try:
        import resource

        size, resident = Path("/proc/self/statm").read_text(encoding="ascii").split()[:2]
    except (ImportError, OSError):
        return
    # libraries reserve far more addresses than they use: what counts is what is added
    limit = (int(size) - int(resident)) * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
