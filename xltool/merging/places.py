"""Where results lie among what is to be merged, and what is no return although it is a workbook."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from xltool.returns.collecting import Place
from xltool.returns.leaving_aside import is_result


def find_results(paths: Iterable[Path]) -> list[Path]:
    """The results of earlier merges that are given, or that lie in given folders, each once."""
    found: dict[str, Path] = {}
    for path in paths:
        for folder in _results_in(path):
            found.setdefault(os.path.realpath(folder), folder)
    return list(found.values())


def without_results(paths: Iterable[Place], results: Iterable[Path]) -> list[Place]:
    """What is to be read beside the results: not they themselves, nor folders that hold nothing else."""
    given = set(results)
    return [
        path
        for path in paths
        if path not in given and not (isinstance(path, Path) and _holds_only_results(path))
    ]


def _holds_only_results(folder: Path) -> bool:
    """True for a folder in which results lie, and no other file."""
    if not any(True for _ in _results_in(folder)):
        return False
    for current, names, files in os.walk(folder):
        names[:] = [name for name in names if not is_result(Path(current) / name)]
        if files:
            return False
    return True


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
