"""What a worker process does from its start to its end; `workers` starts it and gives it its tasks.

It is never the caller's main module: a worker is a fresh interpreter (`work_alone`) or the fork of
one (`fork_workers`), so a program that reads workbooks needs no guard against being imported again.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn

if sys.platform == "win32":
    from multiprocessing.connection import PipeConnection

    _Pipe = PipeConnection
else:
    _Pipe = Connection

NUMBER = struct.Struct("q")  # how `workers` and the server of workers talk: one number each way
START = 0  # ask for a new worker: answered with its process id. Any other number: end that worker
_OWN = 512 * 1024 * 1024  # bytes that the interpreter and its libraries commit on Windows


def work_alone(handle: int) -> None:
    """Be one worker. `handle` is its end of the pipe: a file descriptor, on Windows a handle."""
    _work(_Pipe(handle))


def fork_workers(descriptor: int) -> None:
    """Fork a worker for each request until whoever started this process is gone (not on Windows).

    `descriptor` is a Unix socket. A request for a worker brings the worker's end of a pipe along. A
    worker that is to end is killed, and the answer says how it ended: its exit code, or minus the
    signal that it had died of before. Until then its process id stays taken, so that no other
    process can be hit. When this process ends, its workers end too.
    """
    if sys.platform == "win32":
        raise OSError("no fork")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who interrupts closes the socket
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
            for worker in running:
                _end(worker)


def _end(worker: int) -> int:
    """Kill a child that has not been waited for, and wait for it; returns its exit code."""
    if sys.platform == "win32":
        raise OSError("no fork")
    os.kill(worker, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])


def _be_forked(descriptor: int) -> NoReturn:
    """Be a worker in a forked process: never return into the server's code."""
    code = 1
    try:
        _work(_Pipe(descriptor))
        code = 0
    finally:
        os._exit(code)


def _work(pipe: Any) -> None:
    """Learn what to do, say that it can begin, then do one task after the other.

    The first message is the function and its memory in bytes; the answer is True if the memory is
    limited, or the exception if the function cannot be had here. Each further message holds the
    arguments of a task; the answer is its result in a tuple, or its exception.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who interrupts ends the workers
    try:
        function, memory = pipe.recv()
        pipe.send(confine(memory))
    except (EOFError, OSError):
        return
    except Exception as error:
        pipe.send(_with_traceback(error))
        return
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(_outcome(function, task))


def _outcome(function: Callable[..., Any], task: tuple[Any, ...]) -> tuple[Any] | Exception:
    try:
        return (function(*task),)
    except MemoryError:
        os._exit(1)  # what is left is of no use
    except Exception as error:
        return _with_traceback(error)


def _with_traceback(error: Exception) -> Exception:
    error.add_note(traceback.format_exc())
    return error


def confine(memory: int) -> bool:
    """Make this process quiet and limit what it may still allocate to so many bytes.

    A reader that dies of a hostile file prints pages about it, which is nothing for the user's
    terminal; exceptions reach the caller all the same. Returns False where this system has no means
    to limit memory: then only time is limited.
    """
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 2)
    os.close(silent)
    if sys.platform == "win32":
        return _limit_by_job(_OWN + memory)
    return _limit_addresses(memory)


def _limit_addresses(memory: int) -> bool:
    """Limit the addresses of this process, on a system with /proc; False on others."""
    if sys.platform == "win32":
        return False
    try:
        import resource

        size, resident = Path("/proc/self/statm").read_text(encoding="ascii").split()[:2]
    except (ImportError, OSError):
        return False
    # libraries reserve far more addresses than they use: what counts is what is added
    limit = (int(size) - int(resident)) * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    return True


def _limit_by_job(most: int) -> bool:
    """Windows: put this process into a job whose processes commit at most so many bytes.

    Returns False where Windows refuses (JOBOBJECT_EXTENDED_LIMIT_INFORMATION of winnt.h).
    """
    import ctypes
    from ctypes import wintypes

    class Basic(ctypes.Structure):
        _fields_ = (
            ("process_time", ctypes.c_int64),
            ("job_time", ctypes.c_int64),
            ("flags", wintypes.DWORD),
            ("least_working_set", ctypes.c_size_t),
            ("most_working_set", ctypes.c_size_t),
            ("processes", wintypes.DWORD),
            ("affinity", ctypes.c_size_t),
            ("priority", wintypes.DWORD),
            ("scheduling", wintypes.DWORD),
        )

    class Extended(ctypes.Structure):
        _fields_ = (
            ("basic", Basic),
            ("counters", ctypes.c_uint64 * 6),
            ("process_memory", ctypes.c_size_t),
            ("job_memory", ctypes.c_size_t),
            ("peak_process_memory", ctypes.c_size_t),
            ("peak_job_memory", ctypes.c_size_t),
        )

    kernel = vars(ctypes)["WinDLL"]("kernel32")  # which is there on Windows only
    kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = wintypes.HANDLE
    job = wintypes.HANDLE(kernel.CreateJobObjectW(None, None))
    limits = Extended()
    limits.basic.flags, limits.process_memory = 0x100, most  # JOB_OBJECT_LIMIT_PROCESS_MEMORY
    return bool(
        kernel.SetInformationJobObject(job, 9, ctypes.byref(limits), ctypes.sizeof(limits))
        and kernel.AssignProcessToJobObject(job, wintypes.HANDLE(kernel.GetCurrentProcess()))
    )
