"""Running the command line: in this process, or as a clerk does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from xltool.cli.main import main


@dataclass(frozen=True)
class Run:
    """What one command did."""

    code: int
    out: str
    err: str


Xltool = Callable[..., Run]


def in_this_process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    """A function that runs `xltool` with the given words; what is no `SystemExit` surfaces."""

    def run(*words: object) -> Run:
        monkeypatch.setattr(sys, "argv", ["xltool", *map(str, words)])
        capsys.readouterr()
        code: object = 0
        try:
            main()
        except SystemExit as exit_:
            code = exit_.code or 0
        out, err = capsys.readouterr()
        assert isinstance(code, int)
        return Run(code, out, err)

    return run


def process(*words: object, cwd: Path | None = None) -> Run:
    """Run `xltool` as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "xltool", *map(str, words)],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        check=False,
        timeout=120,
    )
    return Run(done.returncode, done.stdout, done.stderr)


def totals(text: str) -> str:
    """The line of what `check` says that says how many files and problems there are."""
    (line,) = (line for line in text.splitlines() if line.startswith("共 "))
    return line


def refused(run: Run, message: str) -> None:
    """The office's mistake: exit code 2, one line, nothing on stdout."""
    assert run == Run(2, "", f"错误：{message}\n")
