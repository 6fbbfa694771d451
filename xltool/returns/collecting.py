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
from xltool.office.campaign import CAMPAIGN_FILE, PRIVATE
from xltool.returns.accounting import LOCK, Accounts, LeftAside, Returned, named
from xltool.returns.addresses import Address
from xltool.returns.leaving_aside import (
    CLOSED,
    EMPTY,
    RESULT,
    SYSTEM,
    is_result,
    reason_for,
    reason_for_kind,
)
from xltool.returns.remote import fetched
from xltool.returns.temporary import remove_abandoned, unpacking_folder
from xltool.returns.unpacking import Unpacker
from xltool.workbook.limits import Limits

Place = Path | Address  # a file or a folder, of this machine or another one
Thing = tuple[Path, str | None]  # something that lies there, and why it is left aside if it is


@dataclass
class Collection:
    """The files of a run, what was left aside, and what else is to be known, in words."""

    files: list[Returned] = field(default_factory=list)
    left_aside: list[LeftAside] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@contextmanager
def collect(places: Sequence[Place], limits: Limits) -> Iterator[Collection]:
    """The files to read: given ones, all in given folders and at given addresses, all in archives among them.

    Raises OfficeError for a place that does not exist, and where there is nothing to read at all.
    """
    found = Collection()
    remove_abandoned()
    with ExitStack() as stack:
        collector = _Collector(found, limits, stack)
        for place in places:
            if isinstance(place, Address):
                collector.fetch(place)
        paths = [place for place in places if isinstance(place, Path)]
        for file, reason in _once(_everything(paths)):
            collector.take(Returned(file, shown_path(file)), reason)
        if not found.files:
            raise _nothing_to_read(paths, found)
        found.notes += named(found.left_aside)
        yield found


@dataclass
class _Collector:
    """Takes what is found into a collection; what must be unpacked or fetched lies in folders of the run."""

    found: Collection
    limits: Limits
    stack: ExitStack
    unpacker: Unpacker | None = None

    def take(self, file: Returned, reason: str | None = None) -> None:
        """Take a file: it is left aside for a reason, unpacked if it is an archive, or to be read."""
        if reason is not None:
            self.found.left_aside.append(LeftAside(file.name, reason))
        elif file.path.suffix.lower() != ".zip" or file.problem is not None:
            self.found.files.append(file)
        else:
            if self.unpacker is None:
                folder = self.stack.enter_context(unpacking_folder())
                self.unpacker = Unpacker(folder, self.limits)
            unpacked = self.unpacker.unpack(file.path, file.name)
            self.found.files += unpacked.files
            self.found.left_aside += unpacked.left_aside

    def fetch(self, address: Address) -> None:
        """Take what lies at an address."""
        folder = self.stack.enter_context(unpacking_folder())
        for each in fetched(address, folder, self.limits):
            if isinstance(each, LeftAside):
                self.found.left_aside.append(each)
            else:
                self.take(each)


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


def _once(things: Iterable[Thing]) -> list[Thing]:
    """Each thing once, however many ways lead to it: by its folder and its name in it.

    What is left aside on one way and named on another is read.
    """
    folders: dict[Path, str] = {}
    found: dict[tuple[str, str], Thing] = {}
    for path, reason in things:
        if path.parent not in folders:
            folders[path.parent] = os.path.realpath(path.parent)
        key = folders[path.parent], path.name
        if key not in found or (found[key][1] is not None and reason is None):
            found[key] = path, reason
    return list(found.values())


def _everything(paths: Iterable[Path]) -> Iterator[Thing]:
    """All that is given by name or lies in given folders, each with why it is left aside."""
    for path in paths:
        if path.is_dir() and is_result(path):
            yield path, RESULT
        elif path.is_dir():
            inside = sorted(_inside(path))
            yield from inside or [(path, EMPTY)]
        else:
            yield path, _reason_for_given(path)


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


def _is_ours(folder: Path) -> bool:
    """True for the folder in which xltool keeps its own things in a campaign: nobody handed it in."""
    return folder.name == PRIVATE.name and (folder.parent / CAMPAIGN_FILE).is_file()


def _inside(folder: Path) -> Iterator[Thing]:
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
            yield current, CLOSED
            continue
        for name, is_folder in listed:
            path = current / name
            if is_folder:
                if is_result(path):
                    yield path, RESULT
                elif not _is_ours(path):
                    waiting.append(path)
            else:
                yield path, reason_for_kind(path) or reason_for(path.relative_to(folder))
