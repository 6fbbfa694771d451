"""The mistakes in the office's own files are noted while reading goes on, and told all at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from xltool.errors import OfficeError, all_of, each_of

_SHOWN = 100  # lines that are told; who mends these sees the others next time


class Mistakes:
    """What is wrong with the files of an office so far, each with file and line.

    `base` is the folder from which the files are named where there are several mistakes.
    """

    def __init__(self, base: Path) -> None:
        self.base = base
        self.found: list[OfficeError] = []

    def add(self, message: str, path: Path | None = None, line: int | None = None) -> None:
        """Note a mistake."""
        self.found.append(OfficeError(message, path, line))

    def take(self, errors: Iterable[OfficeError]) -> None:
        """Note mistakes; each is told once, whoever meets it."""
        known = {one.placed() for one in self.found}
        for error in errors:
            for one in each_of(error):
                if one.placed() not in known:
                    known.add(one.placed())
                    self.found.append(one)

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note what the block raises as the office's mistakes, and go on after it."""
        try:
            yield
        except OfficeError as error:
            self.take([error])

    def insist(self) -> None:
        """Raise OfficeError with all that was noted, if anything was."""
        if not self.found:
            return
        heading = f"填报文件夹里有 {len(self.found)} 处错误，请改正（改后可用 xltool campaign check 再查）："
        shown = self.found[:_SHOWN]
        if rest := len(self.found) - len(shown):
            shown.append(OfficeError(f"还有 {rest} 处没有列出；改正以上的之后再查"))
        raise all_of(heading, shown, self.base)
