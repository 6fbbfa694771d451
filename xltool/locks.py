"""A lock between processes, so that two runs that write the same files take turns.

The system holds the lock and lets it go when its process ends, however that ends. The empty file that
it hangs on stays: whoever removed it could take away the one that another process waits at.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK = ".xltool.lock"
_SECONDS = 60.0  # what is done under a lock takes milliseconds
_PAUSE = 0.02  # seconds between two tries
_TAKEN = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)  # as the systems say that another has it
_CANNOT = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)  # a file system without locks


@contextmanager
def locked(folder: Path, seconds: float = _SECONDS) -> Iterator[None]:
    """Hold the lock of a folder, which exists; wait for it as long as another process has it.

    It is not to be taken twice by one process. On a file system that knows no locks the block runs
    without. Raises TimeoutError, which names the lock's file, after `seconds`, and OSError where the
    folder may not be written.
    """
    path = folder / LOCK
    descriptor = _open(path)
    try:
        end = time.monotonic() + seconds
        while not _taken(descriptor):
            if time.monotonic() >= end:
                raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT), str(path))
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(descriptor)  # and with it the lock


def _open(path: Path) -> int:
    """Open the lock's file; one that a colleague made may perhaps only be read, which is enough."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except PermissionError:
        if not path.exists():
            raise
        return os.open(path, os.O_RDONLY)


def _taken(descriptor: int) -> bool:
    """Try once to take the lock; False while another process has it."""
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        if error.errno not in _CANNOT:
            raise
    return True
