"""Workers that die, hang or run out of memory; what campaign.toml may set."""

from __future__ import annotations

import gc
import importlib
import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import pytest

from xltool.office.campaign import Campaign, load_campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read, read_file
from xltool.workbook import forking, starting, workers
from xltool.workbook.limits import MB, Limits
from xltool.workbook.worker import Job

ROUNDS = 2


def kill_all(workers: Sequence[int]) -> None:
    """End these workers as the system does when memory is short."""
    for pid in workers:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def running_workers() -> list[int]:
    """The process ids of all workers of this process; zombies among them."""
    server = forking.server().process.pid
    return [int(pid) for pid in Path(f"/proc/{server}/task/{server}/children").read_text().split()]


@pytest.mark.parametrize("seed", range(2))
def test_killing_workers_costs_nothing(
    target: Campaign, good_target: Path, tmp_path: Path, seed: int
) -> None:
    count, chance = 200, random.Random(seed)
    for number in range(count):
        shutil.copyfile(good_target, tmp_path / f"{number:03}.xlsx")
    moments = chance.sample(range(5, count - 5), ROUNDS)
    killed: list[threading.Timer] = []

    def progress(done: int, total: int) -> None:
        if done in moments:
            killed.append(threading.Timer(chance.random() * 0.05, kill_all, [running_workers()]))
            killed[-1].start()

    found = read([tmp_path], target, jobs=4, progress=progress).submissions
    assert len(killed) == ROUNDS
    assert [Path(each.file).name for each in found] == [f"{n:03}.xlsx" for n in range(count)]
    whole = read_file(good_target, settings_for(target, None))
    for number, each in enumerate(found):
        same_as = "000.xlsx" if number else None
        expected = replace(whole, file=each.file, modified=each.modified, same_as=same_as)
        assert each == expected


def behave(kind: str, path: Path) -> str:
    """A task: what the tests want a worker to do. `path` notes how often it was tried."""
    with path.open("a", encoding="ascii") as file:
        file.write(".")
    doing = kind.removesuffix(" once") if path.stat().st_size == 1 else kind
    if doing == "hang":
        threading.Event().wait()
    if doing == "wait":
        time.sleep(1.2)
    if doing == "spin":
        while True:
            pass
    if doing == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if doing == "die soon":
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGKILL)).start()
    if doing == "exit":
        os._exit(0)
    if doing == "eat":
        return "x" * (300 * MB)
    if doing == "raise":
        raise LookupError("an error of ours")
    return kind


def watch(done: int, total: int) -> None:
    """Nobody watches the progress."""


def outcome(tmp_path: Path, *kinds: str, jobs: int = 2) -> tuple[list[str], list[int]]:
    """What became of the tasks, and how often each one was tried."""
    paths = [tmp_path / str(number) for number in range(len(kinds))]
    tasks = list(zip(kinds, paths, strict=True))
    results = workers.run(behave, tasks, jobs, 1.5, 256 * MB, watch, patience=1.5)
    return list(results), [path.stat().st_size for path in paths]


def test_what_becomes_of_tasks(tmp_path: Path) -> None:
    kinds = ("a", "hang", "die", "exit", "eat", "die once", "b")
    assert outcome(tmp_path, *kinds) == (
        ["a", "slow", "killed", "killed", "killed", "die once", "b"],
        [1, 1, 5, 2, 2, 2, 1],
    )


def test_only_time_of_the_processor_counts(tmp_path: Path) -> None:
    """A machine may be busy: who waits is not slow, who computes is."""
    paths = [tmp_path / str(number) for number in range(3)]
    tasks = list(zip(("wait", "spin", "wait"), paths, strict=True))
    results = workers.run(behave, tasks, 2, 0.5, 256 * MB)
    assert results == ["wait", "slow", "wait"]
    assert [path.stat().st_size for path in paths] == [1, 1, 1]  # slow is not tried again


def test_who_stands_still_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A process that waits for a lock that nobody holds uses no time of the processor, for ever."""
    monkeypatch.setattr(workers, "_STILL", 1.5)
    monkeypatch.setattr(workers, "_LOOK", 0.1)
    kinds = ("a", "hang", "hang once", "wait")
    paths = [tmp_path / str(number) for number in range(len(kinds))]
    tasks = list(zip(kinds, paths, strict=True))
    results = workers.run(behave, tasks, 2, 3600, 256 * MB)
    assert results == ["a", "slow", "hang once", "wait"]
    assert [path.stat().st_size for path in paths] == [1, 2, 2, 1]
    assert running_workers() == []


def wait_in_vain(*_: Any) -> Any:
    """The end of a chunk of two items."""
    threading.Event().wait()


def test_who_stands_still_at_the_end_of_a_chunk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The chunk is done in halves; what is at fault with one item only cannot be told."""
    monkeypatch.setattr(workers, "_STILL", 0.3)
    monkeypatch.setattr(workers, "_LOOK", 0.1)
    tasks = [("a", tmp_path / str(number)) for number in range(2)]
    job = Job(behave, 3600, 256 * MB, (), wait_in_vain)
    with pytest.raises(RuntimeError, match="the end of a chunk fails"):
        list(workers.run_chunks(job, tasks, 2, 1))
    assert running_workers() == []


def test_what_is_done_beside_the_workers(tmp_path: Path) -> None:
    """It is done step by step while nobody is heard of, and need not be done at the end."""
    done: list[int] = []

    def steps() -> Iterator[bool]:
        for number in range(10**9):
            done.append(number)
            time.sleep(0.001)
            yield True

    job = Job(behave, 3600, 256 * MB)
    tasks = [("a", tmp_path / str(number)) for number in range(4)]
    found = dict(workers.run_chunks(job, tasks, 1, 2, beside=steps()))
    assert sorted(found) == [0, 1, 2, 3]
    assert done[:3] == [0, 1, 2]
    assert len(done) < 10**6
    assert running_workers() == []


def test_who_stands_still_before_it_begins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(workers, "_STILL", 0.2)
    monkeypatch.setattr(workers, "_STARTS", 3)
    monkeypatch.setattr(workers, "_LOOK", 0.1)
    still = "import time\nfrom xltool.workbook import worker\nworker.confine = time.sleep\nfrom"
    monkeypatch.setattr(starting, "_PROGRAM", starting._PROGRAM.replace("from", still))
    monkeypatch.setattr(forking, "_open", [])
    with pytest.raises(RuntimeError, match="worker processes do not start"):
        outcome(tmp_path, "a")
    forking._close()


def test_a_server_that_does_not_answer(tmp_path: Path) -> None:
    assert outcome(tmp_path, "a") == (["a"], [1])
    server = forking.server()
    os.kill(server.process.pid, signal.SIGSTOP)
    server.socket.settimeout(0.3)
    assert outcome(tmp_path, "b") == (["b"], [2])  # in the file of the first task
    assert server.process.returncode == -signal.SIGKILL
    assert forking.server() is not server


def test_each_task_has_its_own_time(tmp_path: Path) -> None:
    """One worker does many tasks: what the first ones used is not counted."""
    tasks = [(0.2,)] * 4
    assert workers.run(compute, tasks, 1, 0.5, 256 * MB) == [True] * 4


def compute(seconds: float) -> bool:
    """A task: use so much of the processor."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return True


def test_a_task_that_found_only_dead_workers_was_not_tried(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Workers that died after their last result: the next task is none the worse for it."""

    def look_later(pipes: list[Connection], timeout: float | None) -> list[Any]:
        time.sleep(0.3)
        return wait(pipes, timeout)

    monkeypatch.setattr(workers, "wait", look_later)
    kinds = ("die soon", "die soon", "die soon", "die soon", "a")
    assert outcome(tmp_path, *kinds, jobs=4) == ([*kinds], [1, 1, 1, 1, 1])


def test_no_tasks(tmp_path: Path) -> None:
    assert outcome(tmp_path) == ([], [])


def test_a_bug_surfaces(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="an error of ours") as caught:
        outcome(tmp_path, "a", "raise", "b")
    assert "in behave" in caught.value.__notes__[0]
    assert running_workers() == []


def test_workers_that_do_not_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(starting, "_PROGRAM", "raise SystemExit")
    monkeypatch.setattr(forking, "_open", [])
    with pytest.raises(RuntimeError, match="worker processes do not start"):
        outcome(tmp_path, "a")


def test_limits_of_a_campaign(target: Campaign, tmp_path: Path) -> None:
    assert target.limits == Limits()
    shutil.copytree(target.folder, tmp_path / "office")
    path = tmp_path / "office" / "campaign.toml"
    path.write_text(path.read_text("utf-8") + "\n[limits]\nfile_mb = 7\nseconds = 3\n", "utf-8")
    limits = load_campaign(path.parent).limits
    assert limits == replace(Limits(), file_bytes=7 * MB, seconds=3)
    assert settings_for(load_campaign(path.parent), None).limits == limits


def test_a_worker_looks_for_garbage_between_its_tasks_only() -> None:
    assert workers.run(gc.isenabled, [()], 1, 5, 256 * MB) == [False]
    first, last = workers.run(gc.get_freeze_count, [(), ()], 1, 5, 256 * MB)
    assert isinstance(first, int)
    assert isinstance(last, int)
    assert 10_000 < first <= last


def test_workers_do_without_hypothesis() -> None:
    """pandera would load it where it is installed: a tenth of a second for nothing."""
    with pytest.raises(ModuleNotFoundError):
        workers.run(importlib.import_module, [("hypothesis",)], 1, 5, 256 * MB)
