"""Starting and ending worker processes: forks of a server that has everything loaded, or fresh ones.

A worker never imports the caller's main module, so no program needs a guard around what it does, and
none is asked whether it came from a file. It looks for modules where this process does, but never in
its current folder: returns may lie in it.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from xltool.workbook.worker import NUMBER, START

_HOME = str(Path(__file__).parents[2])  # the folder that xltool lies in
# what a fresh interpreter runs; the reader of files is loaded before any worker is forked
_PROGRAM = """\
import json, sys
sys.path[:] = json.loads(sys.argv[3])
import xltool.returns.reading
from xltool.workbook import worker
getattr(worker, sys.argv[1])(int(sys.argv[2]))
"""


class GoneError(Exception):
    """The server of workers was ended by somebody else."""


class Process(Protocol):
    """A worker process."""

    def end(self, is_alive: bool) -> int | None:
        """End it, whatever it is doing; returns how it ended: its exit code, or minus a signal.

        `is_alive`: as far as the caller knows. None where nobody knows any more how it ended.
        """


@dataclass(frozen=True, slots=True)
class Started:
    """A new worker process and our end of the pipe to it."""

    process: Process
    pipe: Any  # multiprocessing's Connection; another class on Windows


def start_worker() -> Started:
    """Start a worker process. Raises GoneError where that can be tried again."""
    return _server().start() if _can_fork() else _start_fresh()


def prepare() -> None:
    """Load what workers need, in a process beside this one; the first worker starts all the sooner."""
    if _can_fork():
        _server()


def _can_fork() -> bool:
    return hasattr(os, "fork") and hasattr(socket, "send_fds")


def _command(function: str, handle: int) -> list[str]:
    """An interpreter that runs a function of `worker` with its end of a pipe or socket."""
    path = [folder for folder in sys.path if folder and isinstance(folder, str)]
    if _HOME not in path:
        path.append(_HOME)
    return [sys.executable, "-P", "-c", _PROGRAM, function, str(handle), json.dumps(path)]


@dataclass(frozen=True)
class _Fresh:
    """A worker process of its own."""

    process: subprocess.Popen[bytes]

    def end(self, is_alive: bool) -> int:  # noqa: ARG002
        """End it; see `Process`."""
        self.process.kill()
        return self.process.wait()


def _start_fresh() -> Started:
    """Start an interpreter for one worker: slower, but every system can."""
    ours, theirs = Pipe()
    handle = theirs.fileno()
    command = _command("work_alone", handle)
    with theirs:
        if sys.platform == "win32":
            os.set_handle_inheritable(handle, True)
            inherited = subprocess.STARTUPINFO(lpAttributeList={"handle_list": [handle]})
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                startupinfo=inherited,
                creationflags=subprocess.CREATE_NO_WINDOW,
            )
        else:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[handle]
            )
    return Started(_Fresh(process), ours)


@dataclass(frozen=True)
class _Forked:
    """A worker process that the server forked."""

    server: _Server
    number: int

    def end(self, is_alive: bool) -> int | None:
        """End it; see `Process`."""
        if sys.platform == "win32":
            raise OSError("no fork")
        try:
            return self.server.end(self.number)
        except GoneError:
            if is_alive:  # it has outlived its server
                with suppress(ProcessLookupError):
                    os.kill(self.number, signal.SIGKILL)
            return None


class _Server:
    """The process that has everything loaded and forks workers, as this process sees it."""

    def __init__(self) -> None:
        self.asking = threading.Lock()
        self.workers = 0  # that were asked for and not yet ended
        self.socket, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            self.process = subprocess.Popen(
                _command("fork_workers", number),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[number],
            )

    @property
    def is_open(self) -> bool:
        """True as long as workers can be asked for."""
        return self.socket.fileno() >= 0 and self.process.poll() is None

    def start(self) -> Started:
        """Have a worker forked."""
        ours, theirs = Pipe()
        with theirs:
            try:
                self.workers += 1
                return Started(_Forked(self, self.ask(START, theirs)), ours)
            except BaseException:
                ours.close()
                raise

    def end(self, worker: int) -> int:
        """Have a worker ended; returns how it ended."""
        ended = self.ask(worker)
        self.workers -= 1
        return ended

    def ask(self, number: int, pipe: Connection | None = None) -> int:
        """Ask for a worker, giving its end of the pipe along, or for the end of one.

        Raises GoneError if the server is gone. Whoever is interrupted while he waits for an answer
        must not leave it to the next one: the server is let go, and its workers with it.
        """
        if sys.platform == "win32":
            raise OSError("no fork")
        with self.asking:
            try:
                message, pipes = NUMBER.pack(number), [pipe.fileno()] if pipe else []
                socket.send_fds(self.socket, [message], pipes)
                answer = self.socket.recv(NUMBER.size, socket.MSG_WAITALL)
                if len(answer) < NUMBER.size:
                    raise GoneError
            except (OSError, GoneError):
                self.close()
                raise GoneError from None
            except BaseException:
                self.close()
                raise
        (found,) = NUMBER.unpack(answer)
        return int(found)

    def close(self) -> None:
        """Let the server go: it ends its workers, then itself."""
        if self.socket.fileno() < 0:
            return
        self.socket.close()
        if not self.workers:  # perhaps it is still loading: why wait
            self.process.kill()
        self.process.wait()


_open: list[_Server] = []  # one at most
_of_parents: list[_Server] = []  # servers of the processes that this one was forked from
_starting = threading.Lock()


def _server() -> _Server:
    """The server of this process; a new one where there is none, or where it was ended."""
    with _starting:
        if not _open or not _open[0].is_open:
            _close()
            _open[:] = [_Server()]
        return _open[0]


@atexit.register
def _close() -> None:
    for server in _open:
        server.close()


def _leave_to_parent() -> None:
    """In a process that was forked from this one: the server is none of its business."""
    global _starting  # noqa: PLW0603
    _starting = threading.Lock()
    for server in _open:
        server.socket.close()
    _of_parents.extend(_open)
    _open.clear()


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_leave_to_parent)
