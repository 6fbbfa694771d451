"""The folder that archives are unpacked into: removed at the end, or by the next run.

Who is killed cannot clean up. So a folder is locked as long as its run lives, and each run first
removes the folders of ours that nobody holds locked any more.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

_PREFIX = "xltool-unpacked-"
_LOCK = "in-use"  # held as long as the run lives; the system lets it go with the process


@contextmanager
def unpacking_folder() -> Iterator[Path]:
    """An empty folder for this run only, which is removed at the end of the block."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        with _locked(folder):
            inside = folder / "members"
            inside.mkdir()
            yield inside
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned() -> None:
    """Remove the folders of runs that were killed: only those of this user, and of dead processes."""
    with suppress(OSError):
        for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
            with suppress(OSError):
                if _is_ours(folder) and _is_abandoned(folder / _LOCK):
                    shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    """True for a real folder of this user."""
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and (sys.platform == "win32" or found.st_uid == os.getuid())


def _is_abandoned(lock: Path) -> bool:
    """True if no process holds the lock."""
    if sys.platform == "win32":
        lock.unlink()  # refused with an OSError as long as somebody has it open
        return True
    else:  # noqa: RET505  # so that mypy knows the platform
        if stat.S_ISREG(lock.lstat().st_mode):
            with lock.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
        return False


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; on no account does another run see it before it is held."""
    new = folder / ("starting" if sys.platform != "win32" else _LOCK)
    with new.open("wb") as lock:
        if sys.platform != "win32":
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            new.rename(folder / _LOCK)
        yield
