"""When reading a file fails for a reason of ours: the traceback goes into a log, the run goes on.

In strict mode (the environment variable XLTOOL_STRICT), in which the tests run, it is raised instead.
"""

from __future__ import annotations

import os
import platform
import secrets
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from xltool.version import __version__

if TYPE_CHECKING:
    from xltool.returns.submissions import Submission

_STRICT = "XLTOOL_STRICT"
PROBLEM = "读取时程序出错"


def is_strict() -> bool:
    """True if what fails while a file is read is to be raised."""
    return bool(os.environ.get(_STRICT))


def write_log(failed: Sequence[Submission], folder: Path | None) -> Path | None:
    """Write what failed into a new file; returns its path, None if nothing failed.

    It lies in the campaign's folder, or in the system's folder for temporary files where there is
    no campaign or nothing may be written there. Nothing is ever written over.
    """
    if not failed:
        return None
    name = f"程序错误-{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(4)}.log"
    content = _log(failed).encode("utf-8", "backslashreplace")
    if folder is not None:
        with suppress(OSError):
            return _write_new((folder / name).resolve(), content)
    return _write_new(Path(tempfile.gettempdir(), f"xltool-{name}").resolve(), content)


def _log(failed: Sequence[Submission]) -> str:
    head = f"xltool {__version__}，Python {platform.python_version()}，{platform.platform()}\n"
    return head + "".join(
        f"\n{'=' * 80}\n{found.file}\nsha256 {found.sha256}\n\n{found.failure}\n"
        for found in failed
    )


def _write_new(path: Path, content: bytes) -> Path:
    """Write a file that is not there yet, whole or not at all."""
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return path
