"""From what the reviewer names to the files to read: folders, archives, what is left aside and why.

Everything that lies there is counted: it becomes a file to read, or it is left aside for a reason.
Nothing is opened here; archives are unpacked in workers (`unpacking`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from xltool.errors import OfficeError, os_words
from xltool.office.limits import Limits
from xltool.returns.accounting import LOCK, Accounts, LeftAside, Returned
from xltool.returns.leaving_aside import CLOSED, EMPTY, SYSTEM, reason_for, reason_for_kind
from xltool.returns.temporary import remove_abandoned, unpacking_folder
from xltool.returns.unpacking import Unpacker


@dataclass
class Collection:
    """The files of a run, and what was left aside."""

    files: list[Returned] = field(default_factory=list)
    left_aside: list[LeftAside] = field(default_factory=list)


@contextmanager
def collect(paths: Sequence[Path], limits: Limits) -> Iterator[Collection]:
    """The files to read: given ones, all in given folders, all in archives among them.

    Raises OfficeError for a path that does not exist, and where there is nothing to read at all.
    """
    found = Collection()
    remove_abandoned()
    with ExitStack() as stack:
        unpacker: Unpacker | None = None
        for file in _once(_files(paths, found)):
            if file.suffix.lower() != ".zip":
                found.files.append(Returned(file, shown_path(file)))
                continue
            if unpacker is None:
                unpacker = Unpacker(stack.enter_context(unpacking_folder()), limits)
            unpacked = unpacker.unpack(file, shown_path(file))
            found.files += unpacked.files
            found.left_aside += unpacked.left_aside
        if not found.files:
            raise _nothing_to_read(paths, found)
        yield found


def shown_path(path: Path) -> str:
    """A path as text that can be printed and stored, whatever bytes the name is made of."""
    return str(path).encode("utf-8", "replace").decode("utf-8")


def _nothing_to_read(paths: Sequence[Path], found: Collection) -> OfficeError:
    """The mistake of an office that names only what holds no file to read."""
    where = paths[0] if len(paths) == 1 else None
    if where is not None and not where.is_dir() and found.left_aside:
        return OfficeError(f"是{found.left_aside[0].reason}，不能检查", where)
    words = Accounts(0, 0, found.left_aside).reasons
    reasons = "、".join(f"{reason} {count}" for reason, count in words.items() if reason != EMPTY)
    which = "文件夹里" if where is not None else "这些位置"
    return OfficeError(
        f"{which}没有可检查的文件" + (f"（未读取：{reasons}）" if reasons else ""), where
    )


def _once(files: Iterable[Path]) -> Iterator[Path]:
    """Each file once, however many ways lead to it: by its folder and its name in it."""
    folders: dict[Path, str] = {}
    seen: set[tuple[str, str]] = set()
    for file in files:
        if file.parent not in folders:
            folders[file.parent] = os.path.realpath(file.parent)
        key = folders[file.parent], file.name
        if key not in seen:
            seen.add(key)
            yield file


def _files(paths: Iterable[Path], found: Collection) -> Iterator[Path]:
    """The files that are given by name or lie in given folders; notes what is left aside."""
    named: set[LeftAside] = set()
    for path in paths:
        left_aside: list[LeftAside] = []
        if path.is_dir():
            yield from _in_folder(path, left_aside)
        elif reason := _reason_for_given(path):
            left_aside.append(LeftAside(shown_path(path), reason))
        else:
            yield path
        found.left_aside += [each for each in left_aside if each not in named]
        named.update(left_aside)


def _reason_for_given(path: Path) -> str | None:
    """Why something that is given by name is left aside. Raises OfficeError if it is not there."""
    if not path.is_symlink():
        try:
            path.stat()
        except (FileNotFoundError, NotADirectoryError):
            raise OfficeError("找不到这个文件或文件夹", path) from None
        except OSError as error:
            raise OfficeError(os_words(error), path) from error
    by_name = reason_for(Path(path.name))  # a hidden file is read if somebody names it
    return reason_for_kind(path) or (by_name if by_name in (LOCK, SYSTEM) else None)


def _in_folder(folder: Path, left_aside: list[LeftAside]) -> Iterator[Path]:
    """The files to read in a folder and in those below it, in order; notes what is left aside."""
    inside = sorted(_everything_in(folder, left_aside))
    if not inside and not left_aside:
        left_aside.append(LeftAside(shown_path(folder), EMPTY))
    for path in inside:
        reason = reason_for_kind(path) or reason_for(path.relative_to(folder))
        if reason is None:
            yield path
        else:
            left_aside.append(LeftAside(shown_path(path), reason))


def _everything_in(folder: Path, left_aside: list[LeftAside]) -> Iterator[Path]:
    """All that lies in a folder and below it and is no folder; links to folders are not followed."""
    waiting, seen = [folder], set[str]()
    while waiting:
        current = waiting.pop()
        where = os.path.realpath(current)
        if where in seen:
            continue  # folders can lead in circles on Windows, without being links
        seen.add(where)
        try:
            with os.scandir(current) as entries:
                listed = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
        except OSError:
            left_aside.append(LeftAside(shown_path(current), CLOSED))
            continue
        for name, is_folder in listed:
            if is_folder:
                waiting.append(current / name)
            else:
                yield current / name
