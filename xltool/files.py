"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def appearing(path: Path, *, private: bool = False) -> Iterator[Path]:
    """A file to write that takes the place of `path` at the end of the block.

    It lies beside `path` until then and is removed if the block raises. The file gets the mode of
    the one that it replaces, else what the process's umask allows; with `private` only its owner may
    read it. Folders above it are made where they are missing.
    """
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
    """An empty folder beside `path`, with its mode if it exists; removed with what is left in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _name_beside(path)
    temporary.mkdir()
    try:
        _take_mode(temporary, path)
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def exchange_folder(new: Path, path: Path) -> None:
    """Put the folder `new` in the place of `path`; if that fails, the old one stands there again."""
    if not path.exists():
        new.rename(path)
        return
    with folder_beside(path) as aside:
        old = aside / path.name
        path.rename(old)
        try:
            new.rename(path)
        except BaseException:
            old.rename(path)
            raise


def _name_beside(path: Path) -> Path:
    return path.parent / f".xltool-{secrets.token_hex(8)}.tmp"


def _take_mode(temporary: Path, path: Path) -> None:
    """Give the mode of what is there already."""
    if path.exists():
        temporary.chmod(stat.S_IMODE(path.stat().st_mode))
