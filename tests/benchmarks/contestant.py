"""One action in a process of its own: `python contestant.py SAID MODULE FUNCTION ARGUMENTS`.

The function gets the arguments (JSON), prepares and returns the action; only the action is timed. What
it took is written to the file SAID.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from measuring import pss

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))


def _spent() -> tuple[float, float]:
    """User and system time of this process and of those that it waited for."""
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime for each in found), sum(each.ru_stime for each in found)


def main(said: str, module: str, function: str, given: str) -> None:
    """Prepare, act, and say what it took."""
    prepare = getattr(importlib.import_module(module), function)
    action: Callable[[], int] = prepare(**json.loads(given))
    before, start = _spent(), time.perf_counter()
    result = action()
    wall, after = time.perf_counter() - start, _spent()
    user, system = (b - a for a, b in zip(before, after, strict=True))
    found = {"user": max(user, 1e-6), "system": system, "wall": wall, "result": result}
    found["peak"] = pss(os.getpid()) / 1024  # a short action is looked at once
    Path(said).write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
