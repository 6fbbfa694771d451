"""Locks between processes: two runs that write the same files take turns, or the second one is told.

The system holds a lock and lets it go when its process ends, however that ends. The file that it hangs
on is empty and stays in a campaign's folder (`locked`). Beside a folder of results (`sole`) it says who
holds it, and goes at the end: whoever waits for it sees that it is another file then, and tries again.
"""

from __future__ import annotations

import errno
import getpass
import json
import os
import platform
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from xltool.errors import OfficeError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK = ".xltool.lock"
_SECONDS = 60.0  # what is done under a lock takes milliseconds
_BRIEFLY = 2.0  # seconds that one waits for a result that somebody else is making
_PAUSE = 0.02  # seconds between two tries
_FAR = 1 << 30  # Windows locks bytes: one that nobody reads
_LONGEST = 60  # characters of the name of a folder in that of its lock
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


@contextmanager
def sole(out: Path, doing: str) -> Iterator[None]:
    """Have the folder of results `out`, which need not exist, for oneself as long as the block runs.

    The lock is a hidden file beside it, which goes with the block; so do folders above `out` that had to
    be made, if nothing comes into them. Raises OfficeError, which says who is doing what (`doing`, in
    Chinese) there since when, if that takes longer than a moment; OSError, which names the folder above
    `out`, where that may not be written.
    """
    place = Path(os.path.realpath(out))
    path = place.parent / f".xltool-{place.name[:_LONGEST]}.lock"
    missing = [folder for folder in path.parents if not folder.exists()]
    try:
        descriptor = _current(path, out)
    except FileExistsError:  # what should be a folder is a file
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(place)) from None
    except OSError as error:
        error.filename = str(place.parent)
        raise
    try:
        _sign(descriptor, doing)
        yield
    finally:
        if sys.platform == "win32":  # nobody removes there what another has open
            os.close(descriptor)
        with suppress(OSError):
            path.unlink()
        if sys.platform != "win32":
            os.close(descriptor)
        for folder in missing:
            with suppress(OSError):
                folder.rmdir()


def _current(path: Path, out: Path) -> int:
    """Open and take a lock whose file is the one that has its name, and not one that was removed."""
    end = time.monotonic() + _BRIEFLY
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = _open(path)
        except (FileNotFoundError, FileExistsError):  # whoever had made the folder took it away
            if time.monotonic() >= end or _is_blocked(path):
                raise
            continue
        with suppress(FileNotFoundError):
            if _taken(descriptor) and os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        said = _said(descriptor)
        os.close(descriptor)
        if time.monotonic() >= end:
            raise OfficeError(f"{_who(said)}，请等它结束后再试", out)
        time.sleep(_PAUSE)


def _is_blocked(path: Path) -> bool:
    """Whether a file stands where a folder above a path should be."""
    for folder in path.parents:
        with suppress(OSError):  # it is not there, or what is above it is the file
            if not stat.S_ISDIR(folder.stat().st_mode):
                return True
    return False


def _sign(descriptor: int, doing: str) -> None:
    """Say in the lock's file who has it; on a full disk nobody knows."""
    try:
        user = getpass.getuser()
    except (ImportError, KeyError, OSError):  # as the system words it
        user = ""
    words = [user, platform.node(), str(os.getpid()), f"{datetime.now():%Y-%m-%d %H:%M:%S}", doing]
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, json.dumps(words).encode("ascii"))


def _said(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.read(descriptor, 1000)


def _who(said: bytes) -> str:
    """Who has a lock, in Chinese; anybody may have written what it says."""
    try:
        words = [str(word) for word in json.loads(said)]
        user, machine, process, since, doing = ("".join(filter(str.isprintable, w)) for w in words)
    except (ValueError, TypeError):
        return "另一个 xltool 正在写这个文件夹"
    return f"{user or '有人'}（电脑 {machine}，进程 {process}）从 {since} 起正在{doing}"


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
            os.lseek(descriptor, _FAR, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        if error.errno not in _CANNOT:
            raise
    return True
