"""The worker processes that untrusted files are read in: few, limited in memory, soon replaced.

Light to import: the command line starts the server before it imports everything else, so that both
load at the same time.
"""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing.context import BaseContext
from pathlib import Path

MEMORY = 512 * 1024 * 1024  # bytes that a worker may allocate beyond what it starts with
SECONDS = 60.0  # and how long it may take for one file

_PRELOAD = ["xltool.reading"]


def start() -> None:
    """Start the worker server early."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        from multiprocessing import forkserver

        forkserver.set_forkserver_preload(_PRELOAD)
        forkserver.ensure_running()


def context() -> BaseContext:
    """A server that forks workers from a clean state where there is one, else fresh processes."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        server = multiprocessing.get_context("forkserver")
        server.set_forkserver_preload(_PRELOAD)
        return server
    return multiprocessing.get_context("spawn")


def prepare() -> None:
    """Make this process a worker: quiet and limited.

    What it may still allocate is capped (POSIX; elsewhere only time is limited). A reader that dies
    of a hostile file prints pages about it, which is nothing for the user's terminal; exceptions
    reach the caller all the same.
    """
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 2)
    os.close(silent)
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError):
        return
    limit = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
