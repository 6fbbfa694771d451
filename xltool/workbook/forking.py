"""Workers as forks of a server: a process beside this one that has everything loaded already.

The server starts once, in the time of one import, and forks a clean worker in milliseconds, however
much this process has loaded meanwhile. Both ends of their talk stand here. Not on Windows.
"""

from __future__ import annotations

import atexit
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from xltool.workbook import worker
from xltool.workbook.starting import GoneError, Started, command

assert sys.platform != "win32"  # noqa: S101  # so that mypy knows the platform

NUMBER = struct.Struct("q")  # what the server is asked and answers: one number each way
_ANSWER = 120.0  # seconds within which a server answers, loading everything first: it takes a few
START = 0  # ask for a new worker: answered with its process id. Any other number: end that worker

# The server's end


def fork_workers(descriptor: int) -> None:
    """Fork a worker for each request until whoever started this process is gone.

    `descriptor` is a Unix socket. A request for a worker brings the worker's end of a pipe along. A
    worker that is to end is killed, and the answer says how it ended: its exit code, or minus the
    signal that it had died of before. Until then its process id stays taken, so that no other
    process can be hit. When this process ends, its workers end too.
    """
    running: set[int] = set()
    with socket.socket(fileno=descriptor) as requests:
        try:
            while True:
                message, pipes, _, _ = socket.recv_fds(requests, NUMBER.size, 1)
                if len(message) < NUMBER.size:
                    return
                (request,) = NUMBER.unpack(message)
                if request != START:
                    running.discard(request)
                    answer = _end(request)
                else:
                    answer = os.fork()
                    if answer == 0:
                        requests.close()
                        _be_forked(pipes[0])
                    os.close(pipes[0])
                    running.add(answer)
                requests.sendall(NUMBER.pack(answer))
        except OSError:
            return  # whoever started this process died while it spoke
        finally:
            for number in running:
                _end(number)


def _end(number: int) -> int:
    """Kill a child that has not been waited for, and wait for it; returns its exit code."""
    os.kill(number, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def _be_forked(descriptor: int) -> NoReturn:
    """Be a worker in a forked process: never return into the server's code."""
    code = 1
    try:
        worker.work(Connection(descriptor))
        code = 0
    finally:
        os._exit(code)


# Our end


def start_forked() -> Started:
    """Have a worker forked. Raises GoneError where that can be tried again."""
    return server().start()


@dataclass(frozen=True)
class _Forked:
    """A worker process that the server forked."""

    server: _Server
    number: int

    def end(self, is_alive: bool) -> int | None:
        """End it; see `Process`."""
        try:
            return self.server.ask(self.number)
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
        self.socket.settimeout(_ANSWER)
        with theirs:
            number = theirs.fileno()
            self.process = subprocess.Popen(
                command("forking", "fork_workers", number),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[number],
                process_group=0,  # Ctrl-C is for this process, which closes the socket
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
                return Started(_Forked(self, self.ask(START, theirs)), ours)
            except BaseException:
                ours.close()
                raise

    def ask(self, number: int, pipe: Connection[Any, Any] | None = None) -> int:
        """Ask for a worker, giving its end of the pipe along, or for the end of one.

        Raises GoneError if the server is gone, or does not answer. Whoever is interrupted while he waits for an answer
        must not leave it to the next one: the server is let go, and its workers with it.
        """
        with self.asking:
            self.workers += number == START
            try:
                message, pipes = NUMBER.pack(number), [pipe.fileno()] if pipe else []
                socket.send_fds(self.socket, [message], pipes)
                answer = self.socket.recv(NUMBER.size, socket.MSG_WAITALL)
                if len(answer) < NUMBER.size:
                    raise GoneError
            except (OSError, GoneError) as error:
                if isinstance(error, TimeoutError):
                    self.process.kill()  # its workers are ended one by one
                self.close()
                raise GoneError from None
            except BaseException:
                self.close()
                raise
            self.workers -= number != START
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


def server() -> _Server:
    """The server of this process; a new one where there is none, or where it was ended."""
    with _starting:
        if not _open or not _open[0].is_open:
            _close()
            _open[:] = [_Server()]
        return _open[0]


@atexit.register
def _close() -> None:
    for one in _open:
        one.close()


def _leave_to_parent() -> None:
    """In a process that was forked from this one: the server is none of its business."""
    global _starting  # noqa: PLW0603
    _starting = threading.Lock()
    for one in _open:
        one.socket.close()
    _of_parents.extend(_open)
    _open.clear()


os.register_at_fork(after_in_child=_leave_to_parent)
