"""What a killed run left is removed by the next one that writes there; nothing else is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from xltool import processes
from xltool.files import replace_file
from xltool.leftovers import ASIDE, NEW, remove_leftovers, temporary_name

PROGRAM = """
import sys, time
from pathlib import Path
from xltool.files import appearing, folder_beside
out = Path(sys.argv[1])
with appearing(out / "a.txt") as file, folder_beside(out / "b") as folder:
    file.write_text("half")
    (folder / "c").mkdir()
    (folder / "c" / "d.txt").write_text("half")
    print(flush=True)
    time.sleep(60)
"""


def maker(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        process.stdout.readline()
    return process


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("reaped", [True, False])
def test_the_next_run_removes_it(tmp_path: Path, reaped: bool) -> None:
    """Also where nobody has noticed yet that the process has ended."""
    process = maker(tmp_path)
    try:
        assert len(names(tmp_path)) == 2
        remove_leftovers(tmp_path)
        assert len(names(tmp_path)) == 2  # its maker lives
        process.send_signal(signal.SIGKILL)
        if reaped:
            process.wait()
        else:
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        replace_file(tmp_path / "other.txt", b"")
        assert names(tmp_path) == ["other.txt"]
    finally:
        process.kill()
        process.wait()


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    mine = temporary_name()
    host, number = mine.split("-")[1:3]
    ended = mine.replace(f"-{number}-", "-99999999-")
    kept = [
        mine,
        ended.replace(host, "0123456789"),  # of another machine
        ended.removesuffix(".tmp"),
        f"x{ended}",
        ".xltool-0123456789abcdef.tmp",
        "notes.tmp",
    ]
    for name in kept:
        (tmp_path / name).mkdir()
    (tmp_path / ended).symlink_to(tmp_path / "notes.tmp", target_is_directory=True)
    remove_leftovers(tmp_path)
    assert names(tmp_path) == sorted(kept)
    remove_leftovers(tmp_path / "none")


def test_a_number_that_was_given_again(tmp_path: Path) -> None:
    """The process that has it now started at another time; where that is not known it may be the same."""
    mine = temporary_name()
    found = processes.started(os.getpid())
    assert found is not None
    for started in ("12345678", processes.UNKNOWN):
        (tmp_path / mine.replace(found, started)).touch()
    remove_leftovers(tmp_path)
    assert names(tmp_path) == [mine.replace(found, processes.UNKNOWN)]


def test_what_was_put_aside_goes_back_unless_it_has_a_successor(tmp_path: Path) -> None:
    ended = [
        temporary_name(ASIDE).replace(f"-{os.getpid()}-", f"-{number}-")
        for number in (99999998, 99999999)
    ]
    for name, folder in zip(ended, ("lost", "there"), strict=True):
        (tmp_path / name / folder).mkdir(parents=True)
        (tmp_path / name / folder / "old").touch()
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "new").touch()
    remove_leftovers(tmp_path)
    assert names(tmp_path) == ["lost", "there"]
    assert (names(tmp_path / "lost"), names(tmp_path / "there")) == (["old"], ["new"])


def test_processes() -> None:
    assert processes.started(os.getpid()) == processes.started(os.getpid()) != processes.UNKNOWN
    assert processes.started(99999999) is None
    assert processes.started(1) is not None
    assert NEW != ASIDE
