"""Where results lie among what is to be merged, and what is no return although it is a workbook."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from xltool.returns.leaving_aside import is_result


def find_results(paths: Iterable[Path]) -> list[Path]:
    """The results of earlier merges that are given, or that lie in given folders, each once."""
    found: dict[str, Path] = {}
    for path in paths:
        for folder in _results_in(path):
            found.setdefault(os.path.realpath(folder), folder)
    return list(found.values())


def _results_in(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        return
    if is_result(path):
        yield path
        return
    for current, names, _ in os.walk(path):
        inside = [name for name in sorted(names) if is_result(Path(current) / name)]
        yield from (Path(current) / name for name in inside)
        names[:] = [name for name in names if name not in inside]
