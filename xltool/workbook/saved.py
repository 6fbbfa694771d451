"""When a workbook says that it was saved: by that, never by the time of its file, one return is newer."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path

_PART = "docProps/core.xml"
_MOST = 65_536  # bytes of that part; programs write less than a kilobyte
_MODIFIED = re.compile(rb"<(?:\w+:)?modified[^<>]*>\s*(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)")


def saved_time(path: Path) -> str:
    """The time as `2026-03-01T09:30:00`, which sorts as text; empty where a file does not say it."""
    try:
        with zipfile.ZipFile(path) as package, package.open(_PART) as part:
            found = _MODIFIED.search(part.read(_MOST))
    except (OSError, KeyError, ValueError, RuntimeError, NotImplementedError, EOFError):
        return ""
    except (zipfile.BadZipFile, zlib.error):
        return ""
    return found[1].decode("ascii") if found else ""
