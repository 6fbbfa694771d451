"""Workers start as programs of their own: the library needs no guard, and leaves nothing behind."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from xltool.office.campaign import Campaign
from xltool.returns import reading
from xltool.workbook import forking, starting, worker, workers
from xltool.workbook.limits import MB

SCRIPT = """
from pathlib import Path
import xltool
print("begin")
batch = xltool.read([Path({path!r})])
print([submission.unit for submission in batch.submissions])
"""
SAID = "begin\n['226002']\n"


def python(folder: Path, *words: str, given: str = "") -> tuple[int, str, str]:
    """Run an interpreter in a folder; its exit code, and what it printed."""
    done = subprocess.run(
        [sys.executable, *words],
        input=given,
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_script_needs_no_guard(good_target: Path, tmp_path: Path) -> None:
    script = SCRIPT.format(path=str(good_target))
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    assert python(tmp_path, "script.py") == (0, SAID, "")
    assert python(tmp_path, "-", given=script) == (0, SAID, "")
    assert python(tmp_path, "-c", script) == (0, SAID, "")
    code, out, _ = python(tmp_path, "-i", given=script)  # as typed line by line
    assert (code, out) == (0, SAID)


def test_no_module_is_taken_from_the_folder_of_the_returns(
    good_target: Path, tmp_path: Path
) -> None:
    """A return called polars.py lies in the current folder, which is empty in the path of a REPL."""
    (tmp_path / "polars.py").write_text("raise SystemExit('taken')", encoding="utf-8")
    begin = "import polars, os; os.chdir(" + repr(str(tmp_path)) + ")\n"
    script = begin + SCRIPT.format(path=str(good_target))
    assert python(tmp_path.parent, "-", given=script) == (0, SAID, "")


def behave(kind: str, path: Path) -> str:
    """A task of the tests."""
    path.write_text(str(os.getpid()), encoding="ascii")
    if kind == "hang":
        time.sleep(60)
    if kind == "die":
        os._exit(3)
    if kind == "eat":
        return "x" * (400 * MB)
    return kind


def watch(done: int, total: int) -> None:
    """Nobody watches the progress."""


def outcome(folder: Path, *kinds: str) -> list[str]:
    """What became of the tasks, one after the other."""
    tasks = [(kind, folder / str(number)) for number, kind in enumerate(kinds)]
    return list(workers.run(behave, tasks, 1, 5, 256 * MB, watch))


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """No fork, as on Windows: each worker is an interpreter of its own."""
    monkeypatch.setattr(workers, "_start_worker", starting.start_fresh)


@pytest.mark.usefixtures("fresh")
def test_without_fork_each_worker_is_a_process(tmp_path: Path) -> None:
    workers.start()  # nothing to do, but may be called
    assert outcome(tmp_path, "a", "die", "eat", "b") == ["a", "killed", "killed", "b"]
    assert not is_running(int((tmp_path / "3").read_text()))


@pytest.mark.usefixtures("fresh")
def test_slow_without_fork(tmp_path: Path) -> None:
    tasks = [("hang", tmp_path / "0"), ("a", tmp_path / "1")]
    results = workers.run(behave, tasks, 2, 1, 256 * MB, watch)
    assert results == ["slow", "a"]
    assert not is_running(int((tmp_path / "0").read_text()))


def is_running(pid: int) -> bool:
    """True for a process that runs, or that we have not waited for (init may be slow to)."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z" or parent != "1"


def test_a_function_of_the_main_module_is_refused(tmp_path: Path) -> None:
    """It could only be found by running that module again."""
    script = """
from xltool.workbook import workers
def f(): return 1
try:
    workers.run(f, [()], 1, 5, 1 << 28, print)
except AttributeError as error:
    print(error)
"""
    code, out, err = python(tmp_path, "-", given=script)
    assert (code, err) == (0, "")
    assert "__main__" in out


def test_the_server_may_be_killed_too(tmp_path: Path) -> None:
    """By whoever kills everything that takes memory: a new one is started, no task is lost."""
    assert outcome(tmp_path, "a") == ["a"]
    first = forking.server().process
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert outcome(tmp_path, "b") == ["b"]

    def kill(done: int, total: int) -> None:
        if done == 1:
            os.kill(forking.server().process.pid, signal.SIGKILL)

    tasks = [("c", tmp_path / str(number)) for number in range(6)]
    assert workers.run(behave, tasks, 2, 5, 256 * MB, kill) == ["c"] * 6
    wait_for(lambda: not any(is_running(int(path.read_text())) for _, path in tasks))


def test_interrupted_while_it_waits(tmp_path: Path) -> None:
    """Control-C in the middle of a run: nothing is left, and the next run works."""

    def interrupt(done: int, total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    tasks = [("a", tmp_path / "0"), ("hang", tmp_path / "1"), ("hang", tmp_path / "2")]
    with pytest.raises(KeyboardInterrupt):
        workers.run(behave, tasks, 3, 30, 256 * MB, interrupt)
    assert outcome(tmp_path, "b") == ["b"]
    for _, path in tasks[1:]:
        assert not path.exists() or not is_running(int(path.read_text()))


def test_an_answer_is_never_taken_for_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Interrupted between question and answer: the server that still answers is let go."""
    assert outcome(tmp_path, "a") == ["a"]
    server = forking.server()

    class Interrupted:
        """The socket, as one meets it who presses Control-C."""

        def __init__(self, real: Any) -> None:
            self.real = real

        def recv(self, *_: int) -> bytes:
            raise KeyboardInterrupt

        def __getattr__(self, name: str) -> Any:
            return getattr(self.real, name)

    monkeypatch.setattr(server, "socket", Interrupted(server.socket))
    with pytest.raises(KeyboardInterrupt):
        outcome(tmp_path, "b")
    assert server.process.returncode is not None
    assert outcome(tmp_path, "c") == ["c"]
    assert forking.server() is not server


def test_nothing_is_left_when_a_program_ends(good_target: Path, tmp_path: Path) -> None:
    script = SCRIPT.format(path=str(good_target)) + (
        "from xltool.workbook import forking\nprint(forking.server().process.pid)\n"
    )
    code, out, err = python(tmp_path, "-", given=script)
    assert (code, err) == (0, "")
    assert not is_running(int(out.splitlines()[-1]))


def test_nothing_is_left_of_a_program_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time\nsys.path.append(" + repr(str(Path(__file__).parent)) + ")\n"
        "from pathlib import Path\nfrom test_starting import behave\n"
        "from xltool.workbook import forking, workers\n"
        "forking.start_forked()\n"
        "print(forking.server().process.pid, flush=True)\n"
        "workers.run(behave, [('hang', Path('0'))], 1, 50, 1 << 28, max)\n"
    )
    supports = os.pathsep.join(path for path in sys.path if "tests" in path)
    program = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": supports},
        encoding="ascii",
    )
    with program:
        assert program.stdout is not None
        server = int(program.stdout.readline())
        wait_for((tmp_path / "0").exists)
        wait_for((tmp_path / "0").read_text)
        program.kill()
    hanging = int((tmp_path / "0").read_text())
    wait_for(lambda: not is_running(server) and not is_running(hanging))


def wait_for(happened: Any) -> None:
    """Wait until something is so."""
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_forked_program_has_a_server_of_its_own(tmp_path: Path) -> None:
    assert outcome(tmp_path, "a") == ["a"]
    server = forking.server()
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            fine = outcome(tmp_path, "b") == ["b"] and forking.server() is not server
            forking._close()
            os._exit(0 if fine else 1)
        os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert forking.server() is server
    assert outcome(tmp_path, "c") == ["c"]


def test_memory_that_cannot_be_limited_is_reported_once(
    monkeypatch: pytest.MonkeyPatch, target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    copies = [tmp_path / f"{number}.xlsx" for number in range(3)]
    for copy in copies:
        copy.write_bytes(good_target.read_bytes())
    assert reading.read(copies, target, jobs=2).notes == []
    without = starting._PROGRAM.replace(
        "from",
        "from xltool.workbook import worker\nworker._limit_addresses = lambda memory: False\nfrom",
    )
    forking._close()
    monkeypatch.setattr(starting, "_PROGRAM", without)
    batch = reading.read(copies, target, jobs=2)
    forking._close()
    assert batch.notes == [
        "本系统不能限制读取文件所用的内存（只限制了时间）；来历不明的文件请在别的电脑上检查"
    ]
    assert [found.problem for found in batch.submissions] == [None] * 3


def test_limiting_memory_where_there_are_no_means(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)  # as on Windows
    assert worker._limit_addresses(MB) is False
    monkeypatch.undo()
    monkeypatch.setattr(Path, "read_text", no_proc)  # as on macOS
    assert worker._limit_addresses(MB) is False


def test_the_job_that_limits_memory_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Windows is asked for, and what becomes of its refusal; the struct is 144 bytes there."""
    kernel = Mock()
    monkeypatch.setattr(ctypes, "WinDLL", lambda name: {"kernel32": kernel}[name], raising=False)
    kernel.CreateJobObjectW.return_value, kernel.GetCurrentProcess.return_value = 7, 2**64 - 1
    assert worker._limit_by_job(300 * MB) is True
    job, kind, limits, size = kernel.SetInformationJobObject.call_args.args
    assert (job.value, kind, size) == (7, 9, 144)
    content = bytes(limits._obj)
    assert int.from_bytes(content[16:20], "little") == 0x100
    assert int.from_bytes(content[112:120], "little") == 300 * MB
    assigned = kernel.AssignProcessToJobObject.call_args.args
    assert [handle.value for handle in assigned] == [7, 2**64 - 1]
    kernel.AssignProcessToJobObject.return_value = 0
    assert worker._limit_by_job(300 * MB) is False


def no_proc(path: Path, encoding: str) -> str:
    """A system without /proc."""
    raise FileNotFoundError(path)
