"""Ctrl-C: one line, exit code 130, no traceback of this process or of a worker, and nobody left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from xltool.cli import start

# what has just been loaded when the user loses patience
MOMENTS = ["click.exceptions", "xltool.errors", "xltool.cli.main", "xltool.checking.running"]
COMMANDS = ["check", "merge"]


def interrupted(words: list[str], moment: str, cwd: Path) -> tuple[int, str]:
    """Run a command, and press Ctrl-C as at a terminal when a module has been loaded.

    Returns the exit code as a shell shows it, and what stands on the error stream beside the list of modules.
    """
    command = [sys.executable, "-X", "importtime", "-m", "xltool", *words]
    with subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        told = []
        for line in process.stderr:
            if not line.startswith("import time:"):
                told.append(line)
            elif line.split("|")[-1].strip() == moment:
                os.killpg(process.pid, signal.SIGINT)
                moment = ""
        process.wait(timeout=60)
    assert moment == "", "not loaded"
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    # Python ends by the signal itself where it came in code that a C extension ran: 128 + 2 as well
    code = 128 + signal.SIGINT if process.returncode == -signal.SIGINT else process.returncode
    return code, "".join(told).strip()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("moment", MOMENTS)
def test_ctrl_c(command: str, moment: str, good_target: Path, tmp_path: Path) -> None:
    words = [command, str(good_target), *(["--out", "m"] if command == "merge" else [])]
    assert interrupted(words, moment, tmp_path) == (130, "已中止")


@pytest.mark.parametrize("command", COMMANDS)
def test_ctrl_c_does_not_reach_workers(command: str, good_target: Path, tmp_path: Path) -> None:
    """The workers still load when the command line has all that it needs to give them work."""
    words = [command, str(good_target), *(["--out", "m"] if command == "merge" else [])]
    assert interrupted(words, "xltool.checking.workshop", tmp_path) == (130, "已中止")
    assert [path for path in tmp_path.iterdir() if path.name != "log"] == []


def test_ctrl_c_while_a_class_is_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python before 3.12 makes another error of what is raised while a descriptor hears its name."""

    class Named:
        def __set_name__(self, owner: type, name: str) -> None:
            raise KeyboardInterrupt

    def load() -> None:
        type("Loaded", (), {"named": Named()})

    monkeypatch.setattr("xltool.cli.main.main", load)
    with pytest.raises(SystemExit) as ended:
        start.main()
    assert (ended.value.code, capsys.readouterr().err) == (130, "已中止\n")


def test_other_errors_are_no_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr("xltool.cli.main.main", fail)
    with pytest.raises(RuntimeError, match="ours"):
        start.main()
