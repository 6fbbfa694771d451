"""The worker processes that untrusted files are read in: few, limited in memory, soon replaced.

Each worker has a pipe of its own and one task at a time. Nothing is shared, so a worker may be
killed at any moment, by the file that it reads or from outside: no lock stays held, no message of
another one is cut off, and what it was doing is done again by a new one. So is what one does that
stands still, waiting for what never comes.

Light to import: the command line starts loading what workers need (`start`) before it imports
everything else itself, so that both load at the same time.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from multiprocessing.connection import wait
from typing import Any, TypeVar

from xltool.processes import processor_time
from xltool.workbook.starting import GoneError, Process, Started, start_fresh
from xltool.workbook.worker import OVERTIME, Failure, Item, Job

if sys.platform != "win32":
    from xltool.workbook import forking

_TRIES = 2  # a task that has killed so many workers is itself what kills them
_KILLS = 5  # so many if they were killed from outside, as far as one can see
_STARTS = 10  # so many workers running that fail to start: there is something wrong with us
# how a process ends that was killed from outside; Windows does not say
_FROM_OUTSIDE = -9 if sys.platform != "win32" else None
# the clock counts so many times the time of the processor; only the clock counts on Windows
_PATIENCE = 20 if sys.platform != "win32" else 1
_STILL = (
    60.0  # seconds on the clock without any of the processor: whoever waits so long waits in vain
)
_LOOK = 10.0  # seconds between two looks at who stands still

T = TypeVar("T")
Progress = Callable[[int, int], None]  # called with the number of items that are done, and of all


def nobody(done: int, total: int) -> None:
    """Nobody watches the progress."""


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
    tasks: Sequence[Item],
    jobs: int,
    seconds: float,
    memory: int,
    progress: Progress = nobody,
    unlimited: Callable[[], None] = lambda: None,
    patience: float | None = None,
) -> list[T | Failure]:
    """`function(*task)` for each task in worker processes, at most `jobs` at a time, in their order.

    A task is `slow` or `killed` where it fails; see `run_chunks`.
    """
    job = Job(function, seconds, memory)
    found: dict[int, T | Failure] = {}
    for first, results in run_chunks(job, tasks, 1, jobs, progress, unlimited, patience):
        found[first] = results[0]
    return [found[number] for number in range(len(tasks))]


def run_chunks(
    job: Job,
    items: Sequence[Item],
    size: int,
    jobs: int,
    progress: Progress = nobody,
    unlimited: Callable[[], None] = lambda: None,
    patience: float | None = None,
    beside: Iterable[object] = (),
) -> Iterator[tuple[int, Any]]:
    """Do a job for all items in worker processes, at most `jobs` at a time, in chunks of so many items.

    An item is `slow` after `job.seconds` of the processor, or after `patience` seconds on the clock,
    counting all its tries (many times as long unless it is given; a machine may be busy), or if its
    workers stood still for a minute, using none of the processor. It is `killed` if its workers died or came up against the limit of memory. A chunk that fails as a whole
    is done in halves, so that it is known which item is at fault. `progress` is called with the number
    of items that are done and of all, first when the workers start; `unlimited` is called once if this
    system cannot limit the memory of a process. `beside` is work of this process, done step by step instead
    of waiting for the workers; not all of it need be done at the end.

    Yields the number of the first item of each chunk and its result, as they are done: in no order.
    Raises what the job's functions raise.
    """
    waited = job.seconds * _PATIENCE if patience is None else patience
    chunks = [_Chunk(n, items[n : n + size]) for n in range(0, len(items), size)]
    crew = _Crew(job, deque(chunks), waited, unlimited, iter(beside))
    done = 0
    try:
        crew.hire(min(jobs, crew.open))
        progress(0, len(items))
        while done < len(items):
            crew.hire(min(jobs, crew.open))
            for chunk, result in crew.listen():
                yield chunk.first, result
                done += len(chunk.items)
                progress(done, len(items))
    finally:
        for worker in list(crew.workers):
            crew.dismiss(worker)


@dataclass
class _Chunk:
    """Some items that one worker does one after the other, and what is known of them by their places.

    The place after the last item stands for the end of the chunk.
    """

    first: int
    items: Sequence[Item]
    failed: dict[int, Failure] = field(default_factory=dict)
    tries: Counter[int] = field(default_factory=Counter)
    spent: dict[int, float] = field(default_factory=dict)  # seconds

    def give_up(self, place: int, failure: Failure) -> list[_Chunk]:
        """What is to be done after a failure at a place: the rest, or the halves where all failed."""
        if place < len(self.items):
            self.failed[place] = failure
            return [self]
        if len(self.items) == 1:
            if self.failed:
                raise RuntimeError("the end of a chunk fails, although nothing is in it")
            self.failed[0] = failure
            self.tries.clear()
            return [self]
        half = len(self.items) // 2
        return [
            _Chunk(
                self.first + start,
                self.items[start:end],
                {n - start: why for n, why in self.failed.items() if start <= n < end},
            )
            for start, end in ((0, half), (half, len(self.items)))
        ]


@dataclass(eq=False)
class _Worker:
    process: Process
    pipe: Any
    is_ready: bool = False
    chunk: _Chunk | None = None
    place: int = 0  # in the chunk
    since: float = 0.0
    spent: float | None = None  # seconds of the processor when it was last looked at
    worked: float = field(default_factory=time.monotonic)  # when it was last seen to have worked
    looked: float = 0.0  # when it was last looked at

    def stands_still(self) -> bool:
        """True if it has not used the processor for long, as far as the system says."""
        now = time.monotonic()
        if now - self.looked >= _LOOK:
            spent, self.looked = processor_time(self.process.number), now
            if spent is None or spent != self.spent:
                self.spent, self.worked = spent, now
        return now - self.worked >= _STILL


@dataclass
class _Crew:
    """The workers of one run, and what is to be done."""

    job: Job
    waiting: deque[_Chunk]
    patience: float
    unlimited: Callable[[], None]
    beside: Iterator[object]
    workers: list[_Worker] = field(default_factory=list)
    false_starts: int = 0

    @property
    def open(self) -> int:
        """How many chunks are not done."""
        return len(self.waiting) + sum(worker.chunk is not None for worker in self.workers)

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
                started.pipe.send(self.job)

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

    def listen(self) -> Iterator[tuple[_Chunk, Any]]:
        """Wait until a worker sends a message, dies, or is too slow; gives the chunks that are done."""
        heard = self.heard()
        for worker in list(self.workers):
            if worker.pipe in heard:
                yield from self.hear(worker)
            elif worker.chunk is not None and self.time_left(worker) <= 0:
                self.dismiss(worker)
                self.waiting.extendleft(worker.chunk.give_up(worker.place, "slow"))
            elif worker.stands_still():
                self.bury(worker, is_alive=True)

    def heard(self) -> list[Any]:
        """The pipes of workers that sent a message or died, waited for as long as nobody is too slow.

        While there is other work, a step of it is done instead of waiting.
        """
        has_done_more = next(self.beside, None) is not None
        first = 0.0 if has_done_more else min(_LOOK, *map(self.time_left, self.workers))
        return wait([worker.pipe for worker in self.workers], max(0.0, first))

    def time_left(self, worker: _Worker) -> float:
        """The seconds that are left for where a worker is; no end to the time for starting."""
        chunk, place = worker.chunk, worker.place
        if chunk is None:
            return inf
        whole = self.patience * (1 if place < len(chunk.items) else len(chunk.items))
        return whole - chunk.spent.get(place, 0.0) - (time.monotonic() - worker.since)

    def hear(self, worker: _Worker) -> Iterator[tuple[_Chunk, Any]]:
        """Take a worker's message: that it is ready, where it is, or a result; without one it is dead."""
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            self.bury(worker)
            return
        if isinstance(message, BaseException):
            raise message
        if not worker.is_ready:
            self.begin(worker, is_limited=message)
        elif isinstance(message, int):
            worker.place, worker.since = message, time.monotonic()
            return
        elif worker.chunk is not None:
            yield worker.chunk, message[0]
        self.give_work(worker)

    def begin(self, worker: _Worker, *, is_limited: bool) -> None:
        """A worker is ready; it knows whether its memory is limited."""
        worker.is_ready = True
        self.false_starts = 0
        if not is_limited:
            self.unlimited()
            self.unlimited = lambda: None  # once is enough

    def give_work(self, worker: _Worker) -> None:
        """Give a worker the next chunk; without one it is of no more use."""
        worker.chunk = None
        if not self.waiting:
            self.dismiss(worker)
            return
        chunk = self.waiting[0]
        try:
            worker.pipe.send((chunk.items, chunk.failed))
        except OSError:  # it died since its last message: the chunk was not begun
            self.dismiss(worker, is_alive=False)
            return
        worker.chunk = self.waiting.popleft()
        worker.place, worker.since = 0, time.monotonic()

    def bury(self, worker: _Worker, *, is_alive: bool = False) -> None:
        """A worker has died, or stands still: its chunk is next for another one, less what was tried often."""
        chunk, place = worker.chunk, worker.place
        ended = self.dismiss(worker, is_alive)
        if chunk is None:
            self.note_false_start()
            return
        if ended is not None and ended == OVERTIME:
            self.waiting.extendleft(chunk.give_up(place, "slow"))
            return
        chunk.spent[place] = chunk.spent.get(place, 0.0) + time.monotonic() - worker.since
        chunk.tries[place] += 1
        from_outside = not is_alive and ended in (
            None,
            _FROM_OUTSIDE,
        )  # None: its server was killed too
        again = chunk.tries[place] < (_KILLS if from_outside else _TRIES)
        failure: Failure = "slow" if is_alive else "killed"
        self.waiting.extendleft([chunk] if again else chunk.give_up(place, failure))
