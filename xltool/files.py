"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from xltool.errors import refusal
from xltool.leftovers import remove_folder, remove_leftovers_once, temporary_name


@contextmanager
def appearing(path: Path, *, private: bool = False) -> Iterator[Path]:
    """A file to write that takes the place of `path` at the end of the block.

    It lies beside `path` until then and is removed if the block raises; if the process is killed, the
    next one that writes into that folder removes it. The file gets the mode of
    the one that it replaces, else what the process's umask allows; with `private` only its owner may
    read it. Folders above it are made where they are missing. What the system refuses is an OSError
    that names `path`.
    """
    with saying_of(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = _name_beside(path)
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
        os.close(os.open(temporary, flags, 0o600 if private else 0o666))
        try:
            if not private:
                _take_mode(temporary, path)
            yield temporary
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def replace_file(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file whole or not at all; see `appearing`."""
    with appearing(path, private=private) as temporary:
        temporary.write_bytes(content)


@contextmanager
def folder_beside(path: Path) -> Iterator[Path]:
    """An empty folder beside `path`, with its mode if it exists; removed with what is left in it.

    Where `path` is a link, it lies beside the folder that the link leads to. As for the rest, see
    `appearing`.
    """
    with scratch_beside(path, 0o777) as temporary:
        _take_mode(temporary, path)
        yield temporary


@contextmanager
def scratch_beside(path: Path, mode: int = 0o700) -> Iterator[Path]:
    """An empty folder beside `path` for what is not to be kept: it is removed with all that is in it."""
    with saying_of(path):
        path = Path(os.path.realpath(path))
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = _name_beside(path)
        temporary.mkdir(mode)
        try:
            yield temporary
        finally:
            remove_folder(temporary)


@contextmanager
def saying_of(path: Path) -> Iterator[None]:
    """Have what the system refuses in the block name `path`, where it names a temporary file or none.

    Raises OSError for it, whatever library it came from.
    """
    try:
        yield
    except Exception as error:
        found = refusal(error)
        if found is None:
            raise
        if found.filename is None or ".xltool-" in os.fsdecode(found.filename):
            found.filename, found.filename2 = str(path), None
        if found is error:
            raise
        raise found from error


def _name_beside(path: Path) -> Path:
    remove_leftovers_once(str(path.parent.absolute()))
    return path.parent / temporary_name()


def _take_mode(temporary: Path, path: Path) -> None:
    """Give the mode of what is there already, and its group where we may."""
    if path.exists():
        found = path.stat()
        if sys.platform != "win32" and found.st_gid != temporary.stat().st_gid:
            with suppress(OSError):
                os.chown(temporary, -1, found.st_gid)
        temporary.chmod(stat.S_IMODE(found.st_mode))
