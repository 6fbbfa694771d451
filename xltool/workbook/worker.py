"""What a worker process does from its start to its end; `workers` starts it and gives it its tasks.

It is never the caller's main module: a worker is a fresh interpreter or the fork of one (`starting`,
`forking`), so a program that reads workbooks needs no guard against being imported again.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

if sys.platform == "win32":
    from multiprocessing.connection import PipeConnection as Connection
else:
    from multiprocessing.connection import Connection

Item = tuple[Any, ...]
Failure = Literal["slow", "killed"]

# how a process ends that has used up its time of the processor; Windows cannot limit it
OVERTIME: int | None = None
if sys.platform != "win32":
    OVERTIME = -signal.SIGPROF
_OWN = 512 * 1024 * 1024  # bytes that the interpreter and its libraries commit on Windows


@dataclass(frozen=True, slots=True)
class Job:
    """What the workers of a run do with each chunk of items.

    `function(*shared, *item)` is called for each item, with so many `seconds` of the processor; then
    `finish(*shared, outcomes)` for what came of all of them, where a `Failure` stands for an item that
    could not be done. Without `finish` the outcomes are the result. `memory` is in bytes. Both functions
    are those of a module that can be imported, not of the program's main module.
    """

    function: Callable[..., Any]
    seconds: float
    memory: int
    shared: tuple[Any, ...] = ()
    finish: Callable[..., Any] | None = None


def work_alone(handle: int) -> None:
    """Be one worker. `handle` is its end of the pipe: a file descriptor, on Windows a handle."""
    work(Connection(handle))


def work(pipe: Connection[Any, Any]) -> None:
    """Learn what to do, say that it can begin, then do one chunk after the other.

    The first message is the `Job`; the answer is True if the memory is limited, or the exception if
    the job cannot be had here. Each further message is a chunk: its items, and what became of those
    that nobody is to try again, by their places. Before each item, and before the end of the chunk,
    its place is sent, so that who waits knows what a worker died of; the answer is the result of the
    chunk in a tuple, or its exception.
    """
    try:
        job: Job = pipe.recv()
        pipe.send(confine(job.memory))
    except (EOFError, OSError):
        return
    except Exception as error:
        pipe.send(_with_traceback(error))
        return
    while True:
        try:
            items, failed = pipe.recv()
        except (EOFError, OSError):
            return
        outcome = _outcome(job, items, failed, pipe)
        _limit_processor(0)
        pipe.send(outcome)
        del items, outcome
        _clear_away()


def _clear_away() -> None:
    """Free what a chunk left behind in circles; what else is left is kept, and not looked at again.

    Between chunks nobody looks (`starting`): there are few circles, and looking for them takes long.
    """
    gc.collect()
    gc.freeze()


def _outcome(
    job: Job, items: Sequence[Item], failed: Mapping[int, Failure], pipe: Connection[Any, Any]
) -> tuple[Any] | Exception:
    """What came of a chunk, in a tuple."""
    try:
        found: list[Any] = []
        for place, item in enumerate(items):
            if place in failed:
                found.append(failed[place])
                continue
            pipe.send(place)
            _limit_processor(job.seconds)
            found.append(job.function(*job.shared, *item))
        if job.finish is None:
            return (found,)
        pipe.send(len(items))
        _limit_processor(job.seconds * len(items))
        return (job.finish(*job.shared, found),)
    except MemoryError:
        os._exit(1)  # what is left is of no use
    except Exception as error:
        return _with_traceback(error)


def _with_traceback(error: Exception) -> Exception:
    error.add_note(traceback.format_exc())
    return error


def _limit_processor(seconds: float) -> None:
    """Let the system end this process after so many further seconds of the processor; 0: never."""
    if sys.platform != "win32":
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds)


def confine(memory: int) -> bool:
    """Make this process quiet and limit what it may still allocate to so many bytes.

    A reader that dies of a hostile file prints pages about it, which is nothing for the user's
    terminal; exceptions reach the caller all the same. Returns False where this system has no means
    to limit memory: then only time is limited.
    """
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 2)
    os.close(silent)
    by_job = sys.platform == "win32"
    return _limit_by_job(_OWN + memory) if by_job else _limit_addresses(memory)


def _limit_addresses(memory: int) -> bool:
    """Limit the addresses of this process, on a system with /proc; False on others."""
    if sys.platform != "win32":
        try:
            import resource

            size, resident = Path("/proc/self/statm").read_text(encoding="ascii").split()[:2]
        except (ImportError, OSError):
            return False
        # libraries reserve far more addresses than they use: what counts is what is added
        limit = (int(size) - int(resident)) * resource.getpagesize() + memory
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        return True
    else:  # noqa: RET505  # so that mypy knows the platform
        return False


def _limit_by_job(most: int) -> bool:
    """Windows: put this process into a job whose processes commit at most so many bytes.

    Returns False where Windows refuses (JOBOBJECT_EXTENDED_LIMIT_INFORMATION of winnt.h).
    """
    import ctypes
    from ctypes import c_uint32, wintypes

    class Basic(ctypes.Structure):
        _fields_ = (
            ("process_time", ctypes.c_int64),
            ("job_time", ctypes.c_int64),
            ("flags", c_uint32),
            ("least_working_set", ctypes.c_size_t),
            ("most_working_set", ctypes.c_size_t),
            ("processes", c_uint32),
            ("affinity", ctypes.c_size_t),
            ("priority", c_uint32),
            ("scheduling", c_uint32),
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
