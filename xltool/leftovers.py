"""Temporary names that say who made them: what a killed run left, the next one removes or puts back.

A name holds the machine, the process and when it started. Only what was made on this machine, by a
process that has ended, is ever touched: a folder may be shared, and others may be at work in it.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import secrets
import shutil
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from xltool.processes import UNKNOWN, started

NEW = ".tmp"  # what is being made: worthless without its maker
ASIDE = ".old"  # a folder that holds what stood where another is being put: to be put back
_NAME = re.compile(r"\.xltool-([0-9a-f]{10})-([0-9]{1,9})-([0-9a-f]{8})-[0-9a-f]{8}(\.tmp|\.old)")
_TRIES = 5  # to remove a folder: an orphaned worker may still write into it


def temporary_name(kind: str = NEW) -> str:
    """A new name for what this process makes."""
    mine = started(os.getpid()) or UNKNOWN
    return f".xltool-{_machine()}-{os.getpid()}-{mine}-{secrets.token_hex(4)}{kind}"


def remove_leftovers(folder: Path) -> None:
    """Remove what killed runs of this machine left in a folder; what they had put aside goes back."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in list(entries):
            with suppress(OSError):
                if (kind := _left(entry.name)) is not None:
                    _clear(Path(entry.path), kind)


@cache
def remove_leftovers_once(folder: str) -> None:
    """The same, once in each process: a run may write many files into a folder."""
    remove_leftovers(Path(folder))


def remove_folder(folder: Path) -> None:
    """Remove a folder of ours with all that is in it, as far as the system lets us."""
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.lexists(folder):
            return
        time.sleep(0.01)


def _left(name: str) -> str | None:
    """The kind of a leftover by its name; None for everything else."""
    found = _NAME.fullmatch(name)
    if found is None or found[1] != _machine():
        return None
    now = started(int(found[2]))
    is_over = now is None or (UNKNOWN not in (now, found[3]) and now != found[3])
    return found[4] if is_over else None


def _clear(path: Path, kind: str) -> None:
    """Remove a leftover; first goes back what was put aside and has no successor."""
    if kind == ASIDE:
        for old in path.iterdir():
            home = path.parent / old.name
            if not os.path.lexists(home):
                old.rename(home)
    if path.is_dir() and not path.is_symlink():
        remove_folder(discarded(path))
    else:
        path.unlink()


def discarded(folder: Path) -> Path:
    """A folder that is to be removed, under a name from which nothing is put back."""
    return folder.rename(folder.with_name(temporary_name()))


@cache
def _machine() -> str:
    """The machine, and the processes that can be seen on it: a container's are others."""
    words = [platform.node()]
    if sys.platform == "linux":
        with suppress(OSError):
            words.append(os.readlink("/proc/self/ns/pid"))
        with suppress(OSError):
            words.append(Path("/etc/machine-id").read_text(encoding="ascii"))
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:10]
