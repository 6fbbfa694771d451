"""Starting and ending worker processes, each an interpreter of its own: slow, but every system can.

A worker never imports the caller's main module, so no program needs a guard around what it does, and
none is asked whether it came from a file. It looks for modules where this process does, but never in
its current folder: returns may lie in it. Ctrl-C at a terminal is for this process alone, which ends
its workers: they stand in process groups of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from multiprocessing import Pipe
from pathlib import Path
from typing import Any, Protocol

_HOME = str(Path(__file__).parents[2])  # the folder that xltool lies in
# what a fresh interpreter runs; what reads and judges files is loaded before anything is done, and
# never looked through for garbage. pandera loads Hypothesis wherever it is installed: long, for nothing
_PROGRAM = """\
import gc, json, os, sys
gc.disable()
os.environ["POLARS_MAX_THREADS"] = "1"
os.environ.pop("_RJEM_MALLOC_CONF", None)  # a part is soon done with: its memory is used again
sys.path[:] = json.loads(sys.argv[2])
sys.modules["hypothesis"] = None
import xltool.checking.parts, xltool.checking.ready
gc.freeze()
from xltool.workbook.{module} import {function}
{function}(int(sys.argv[1]))
"""


class GoneError(Exception):
    """The server of workers was ended by somebody else."""


class Process(Protocol):
    """A worker process."""

    @property
    def number(self) -> int:
        """Its process id."""

    def end(self, is_alive: bool) -> int | None:
        """End it, whatever it is doing; returns how it ended: its exit code, or minus a signal.

        `is_alive`: as far as the caller knows. None where nobody knows any more how it ended.
        """


@dataclass(frozen=True, slots=True)
class Started:
    """A new worker process and our end of the pipe to it."""

    process: Process
    pipe: Any  # multiprocessing's Connection; another class on Windows


def command(module: str, function: str, handle: int) -> list[str]:
    """An interpreter that runs a function of a module of this room with its end of a pipe or socket."""
    path = [folder for folder in sys.path if folder and isinstance(folder, str)]
    if _HOME not in path:
        path.append(_HOME)
    program = _PROGRAM.format(module=module, function=function)
    return [sys.executable, "-P", "-c", program, str(handle), json.dumps(path)]


@dataclass(frozen=True)
class _Fresh:
    """A worker process of its own."""

    process: subprocess.Popen[bytes]

    @property
    def number(self) -> int:
        """Its process id."""
        return self.process.pid

    def end(self, is_alive: bool) -> int:  # noqa: ARG002
        """End it; see `Process`."""
        self.process.kill()
        return self.process.wait()


def start_fresh() -> Started:
    """Start an interpreter that is one worker."""
    ours, theirs = Pipe()
    handle = theirs.fileno()
    program = command("worker", "work_alone", handle)
    with theirs:
        if sys.platform == "win32":
            os.set_handle_inheritable(handle, True)
            inherited = subprocess.STARTUPINFO(lpAttributeList={"handle_list": [handle]})
            process = subprocess.Popen(
                program,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                startupinfo=inherited,
                creationflags=subprocess.CREATE_NO_WINDOW,
            )
        else:
            process = subprocess.Popen(
                program,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[handle],
                process_group=0,
            )
    return Started(_Fresh(process), ours)
