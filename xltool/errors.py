"""The one exception of the office: something it gave us is wrong.

A mistake of a unit is never an exception but a `Finding`; a bug is any other exception.
"""

from __future__ import annotations

from pathlib import Path


class OfficeError(Exception):
    """A mistake of the office (campaign, layout, roster, arguments): one clear line, exit code 2.

    `message` is Chinese and says what to do; `path` and `line` say where, when known.
    """

    exit_code = 2

    def __init__(self, message: str, path: Path | str | None = None, line: int | None = None):
        self.message = message
        self.path = path
        self.line = line
        where = (
            "" if path is None else f"{path}" + ("" if line is None else f" 第 {line} 行") + "："
        )
        super().__init__(where + message)
