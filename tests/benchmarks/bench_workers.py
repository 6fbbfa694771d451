"""(f) One worker and two: processes of this machine, and workers of Dask on it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from measuring import Answer, Bench, Cost, Run, checking, in_turns, ratios, whole

_MOST = 400  # returns
_PATIENCE = 60  # seconds until a cluster is there


@dataclass
class Cluster:
    """A cluster on this machine: a scheduler and `count` workers, each a process with one thread."""

    folder: Path
    count: int
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        """Start them all at once; the workers wait for the scheduler's file."""
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        alone = ["--nthreads", "1", "--no-nanny", "--local-directory", str(self.folder)]
        for _ in range(self.count):
            self._start("worker", *alone)

    def _start(self, *words: str) -> None:
        dask = str(Path(sys.executable).with_name("dask"))
        file = ["--scheduler-file", str(self.folder / "scheduler.json"), "--no-dashboard"]
        with (self.folder / f"{len(self.running)}.log").open("wb") as said:
            program = [dask, *words, *file]
            self.running.append(
                subprocess.Popen(program, cwd=self.folder, stdout=said, stderr=said)
            )

    def address(self) -> str:
        """The scheduler's address, as soon as all workers are there."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            logs = [path.read_text(errors="replace") for path in self.folder.glob("*.log")]
            if sum("Registered to:" in log for log in logs) == self.count:
                text = (self.folder / "scheduler.json").read_text(encoding="utf-8")
                return str(json.loads(text)["address"])
            time.sleep(0.1)
        raise TimeoutError(logs)

    def measured(self, program: Sequence[str]) -> Cost:
        """What a program costs that uses it, with what it costs here."""
        cost = whole(program, [process.pid for process in self.running])
        if any(process.poll() is not None for process in self.running):
            raise RuntimeError(f"{program}: a process of the cluster ended")
        return cost

    def end(self) -> None:
        """End them all, and wait until they are gone."""
        for process in reversed(self.running):
            process.kill()
            process.wait()


def measured(bench: Bench) -> Answer:
    """Check the same returns; the processor's time and memory of a cluster are counted too."""
    size = min(_MOST, bench.sizes.returns)
    campaign, returns = bench.returns(size)
    check = partial(checking, campaign, returns)
    runs: dict[tuple[str, str], Run] = {
        (f"local_{n}", f"xltool check --jobs {n}"): partial(whole, check("--jobs", str(n)))
        for n in (1, 2)
    }
    with _clusters(bench) as clusters:
        for each in clusters:
            program = check("--cluster", each.address())
            name = f"dask_{each.count}", f"xltool check --cluster, {each.count} of Dask's workers"
            runs[name] = partial(each.measured, program)
        rows = in_turns(runs, size, bench.sizes.rounds)
    pairs = [(row.key, "local_1") for row in rows[1:]]
    return Answer(f"Check {size} returns with 1 and 2 workers", rows, ratios(rows, *pairs))


@contextmanager
def _clusters(bench: Bench) -> Iterator[Sequence[Cluster]]:
    """A cluster of one worker and one of two; none where Dask is not installed."""
    is_there = importlib.util.find_spec("distributed") is not None
    clusters = [Cluster(bench.empty(), count) for count in ((1, 2) if is_there else ())]
    try:
        for each in clusters:
            each.start()
        yield clusters
    finally:
        for each in clusters:
            each.end()
