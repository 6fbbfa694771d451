"""Returns that lie on another machine: `xltool check sftp://host/folder`, by any way that fsspec knows.

Files are fetched before anything is opened, into the run's own folder; names and contents are as little
trusted as those of archives.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from xltool.errors import OfficeError, os_words
from xltool.prose.text import printable
from xltool.returns.accounting import LeftAside, Returned
from xltool.returns.addresses import Address
from xltool.returns.leaving_aside import EMPTY, reason_for
from xltool.workbook.limits import MB, Limits
from xltool.workbook.refusals import LESS

_UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*]')


def fetched(address: Address, folder: Path, limits: Limits) -> Iterator[Returned | LeftAside]:
    """Fetch the files at an address into an empty folder: each as a file to read, or why it is left aside.

    Raises OfficeError where there is no such place, or it cannot be read.
    """
    system, root = _opened(address)
    for number, (path, size) in enumerate(_listed(system, root, address)):
        inside = PurePosixPath(path).relative_to(root) if path != root else PurePosixPath(root).name
        shown = printable(address.text if path == root else f"{address.text.rstrip('/')}/{inside}")
        reason = reason_for(PurePosixPath(inside))
        if reason is not None:
            yield LeftAside(shown, reason)
            continue
        local = folder / str(number) / (_UNSAFE.sub("_", PurePosixPath(path).name) or "_")
        if size > limits.file_bytes:
            words = f"文件有 {size // MB} MB，超过 {limits.file_bytes // MB} MB 的限制"
            yield Returned(local, shown, problem=words, remedy=LESS)
            continue
        local.parent.mkdir()
        try:
            system.get_file(path, str(local))
        except Exception as error:
            raise _unreachable(shown, error) from error
        yield Returned(local, shown, modified=_modified(system, path))


def _opened(address: Address) -> tuple[Any, str]:
    """The file system of an address, and the path on it."""
    try:
        import fsspec  # noqa: PLC0415  # what few need

        system, root = fsspec.core.url_to_fs(address.text)
    except ImportError as error:
        raise OfficeError(f"读取 {address} 需要另外安装：pip install 'xltool[cluster]'") from error
    except Exception as error:
        raise _unreachable(address.text, error) from error
    return system, str(root).rstrip("/")


def _listed(system: Any, root: str, address: Address) -> list[tuple[str, int]]:
    """The files at and below a path, each with its size."""
    try:
        found = system.find(root, detail=True)
        files = [(path, int(info.get("size") or 0)) for path, info in sorted(found.items())]
        if not files and not system.exists(root):
            raise OfficeError(f"找不到 {address}")
    except OfficeError:
        raise
    except Exception as error:
        raise _unreachable(address.text, error) from error
    if not files:
        raise OfficeError(f"{address} {EMPTY}")
    return files


def _modified(system: Any, path: str) -> float | None:
    """When a file was written last, where the other side says so."""
    try:
        return float(system.modified(path).timestamp())
    except Exception:
        return None


def _unreachable(place: str, error: Exception) -> OfficeError:
    """What is raised for a place that cannot be read, whatever the way there."""
    return OfficeError(f"读不到 {place}（{_reason(error)}）；请核对地址、用户和密钥")


def _reason(error: Exception) -> str:
    """Why it cannot be read, as far as the ways there tell: each has exceptions of its own."""
    names = {kind.__name__ for kind in type(error).__mro__}
    if isinstance(error, ValueError):
        return "不认识这种地址"
    if names & {"AuthenticationException", "PasswordRequiredException"}:
        return "用户或密钥不对"
    if isinstance(error, socket.gaierror):
        return "找不到这台机器"
    if names & {"SSHException", "NoValidConnectionsError"}:
        return "连不上这台机器"
    return os_words(error) if isinstance(error, OSError) else "连接出错"
