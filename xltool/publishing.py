"""A folder of results takes the place of an earlier one in one step, and other people's files stay.

At each moment the whole old or the whole new folder stands there. Linux exchanges two folders in one
step; elsewhere the old one is first put aside, and whoever comes next puts it back if we were killed
between the two (`xltool.leftovers`).
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from xltool.errors import OfficeError
from xltool.files import saying_of
from xltool.leftovers import ASIDE, discarded, remove_folder, remove_leftovers, temporary_name
from xltool.locks import sole

if sys.platform == "linux":
    import ctypes

_HERE, _EXCHANGE = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
_CANNOT = (errno.ENOSYS, errno.EINVAL)  # a system, a file system that does not exchange


@contextmanager
def being_made(out: Path, doing: str) -> Iterator[None]:
    """Let nobody else make the folder of results `out` meanwhile; first removes what killed runs left.

    `doing` says in Chinese what we do, for whoever comes meanwhile. Raises OfficeError if somebody
    else is at it, and where a folder cannot be exchanged: the root of a disk.
    """
    place = Path(os.path.realpath(out))
    if place.parent == place or os.path.ismount(place):
        raise OfficeError("这是一个磁盘的最上层，不能整个替换；请在其中另建一个文件夹", out)
    with sole(out, doing):
        remove_leftovers(place.parent)
        yield


def publish(new: Path, out: Path, own: Collection[str]) -> None:
    """Put the complete folder `new`, which lies beside `out`, in the place of `out` in one step.

    `own` are the files of the earlier result, by their names in it (`data/project.parquet`): they go.
    All else in `out` is somebody else's and is kept. Files that are replaced leave their modes. The
    caller has `out` for himself (`being_made`).

    Raises:
        OfficeError: A file of somebody else has the name of a new one.
        OSError: The system refuses. The old folder stands there, whole, in both cases.

    """
    with saying_of(out):
        place = Path(os.path.realpath(out))
        if not os.path.lexists(place):
            new.rename(place)
            return
        made = _names(new)
        _refuse_collisions(out, place, made, own)
        _take_modes(new, place, made)
        _take_others(place, new, own)
        old = _exchange(new, place)
    with suppress(OSError):  # what was put there in the last moment
        _take_others(old, place, [*own, *made])
    remove_folder(old)


def _names(folder: Path, below: str = "") -> list[str]:
    """All that is in a folder but folders, by name; a link is no folder. Raises OSError for an unread one."""
    names: list[str] = []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir(follow_symlinks=False):
                names += _names(Path(entry.path), f"{below}{entry.name}/")
            else:
                names.append(below + entry.name)
    return names


def _refuse_collisions(out: Path, old: Path, made: Collection[str], own: Collection[str]) -> None:
    """Raise OfficeError where a file of somebody else stands in the way of a new one."""
    kept = {name for name in _names(old) if name not in own}
    folders = {str(parent) for name in made for parent in PurePosixPath(name).parents}
    for name in sorted(kept):
        above = {str(parent) for parent in PurePosixPath(name).parents}
        if name in made or name in folders or not above.isdisjoint(made):
            raise OfficeError("这里有别的文件，不会覆盖；请移走，或换一个文件夹", out / name)


def _take_modes(new: Path, old: Path, made: Collection[str]) -> None:
    """Give new files the modes of those that they replace."""
    for name in made:
        if (old / name).is_file():
            (new / name).chmod(stat.S_IMODE((old / name).stat().st_mode))


def _take_others(old: Path, new: Path, own: Collection[str]) -> None:
    """Have all files and folders of somebody else in the new folder too, as they are in the old one."""
    ours = {str(parent) for name in own for parent in PurePosixPath(name).parents}
    folders: list[Path] = []
    for name in _others(old, "", own, ours):
        source, target = old / name, new / name
        if name.endswith("/"):
            target.mkdir(exist_ok=True)
            folders.append(Path(name))
        elif not _is_same(source, target):
            copy = target.with_name(temporary_name())
            _link(source, copy)
            copy.replace(target)
    for folder in reversed(folders):
        if folder.as_posix() not in ours:
            shutil.copystat(old / folder, new / folder)


def _others(folder: Path, below: str, own: Collection[str], ours: Collection[str]) -> Iterator[str]:
    """What is somebody else's in a folder, each folder before what is in it and with a slash.

    A folder of ours counts if there is something else in it.
    """
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        name = below + entry.name
        if entry.is_dir(follow_symlinks=False):
            inside = list(_others(Path(entry.path), f"{name}/", own, ours))
            if inside or name not in ours:
                yield f"{name}/"
                yield from inside
        elif name not in own:
            yield name


def _is_same(first: Path, second: Path) -> bool:
    """True for two names of one file, and for a copy that is not older."""
    if not os.path.lexists(second):
        return False
    one, two = first.lstat(), second.lstat()
    return os.path.samestat(one, two) or (
        (one.st_mode, one.st_size, one.st_mtime_ns) == (two.st_mode, two.st_size, two.st_mtime_ns)
    )


def _link(source: Path, target: Path) -> None:
    """Give a file another name, or copy it where that cannot be; a link stays one."""
    if source.is_symlink():
        target.symlink_to(os.readlink(source))
        return
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        shutil.copy2(source, target)


def _exchange(new: Path, out: Path) -> Path:
    """Put a folder in the place of another; returns where that one is now."""
    if _exchanged(new, out):
        return new
    aside = out.parent / temporary_name(ASIDE)
    aside.mkdir()
    old = aside / out.name
    try:
        out.rename(old)
        try:
            new.rename(out)
        except BaseException:
            old.rename(out)
            raise
    except BaseException:
        with suppress(OSError):
            aside.rmdir()
        raise
    gone = discarded(aside)
    return _inside(gone, out.name)


def _inside(folder: Path, name: str) -> Path:
    """Take a folder out of the one that only held it."""
    alone = folder.with_name(temporary_name())
    (folder / name).rename(alone)
    folder.rmdir()
    return alone


if sys.platform == "linux":

    def _exchanged(first: Path, second: Path) -> bool:
        """Exchange two folders in one step; False where that cannot be done here."""
        function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
        if function is None:
            return False
        if function(_HERE, os.fsencode(first), _HERE, os.fsencode(second), _EXCHANGE) == 0:
            return True
        number = ctypes.get_errno()
        if number in _CANNOT:
            return False
        raise OSError(number, os.strerror(number), str(second))

else:

    def _exchanged(first: Path, second: Path) -> bool:  # noqa: ARG001
        """Exchange two folders in one step; this system cannot."""
        return False
