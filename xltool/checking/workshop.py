"""Where parts are made: in limited workers of this machine."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence

from xltool.checking.parts import Order, Part, read_one, read_part
from xltool.returns.accounting import Returned
from xltool.workbook.worker import Job
from xltool.workbook.workers import Progress, run_chunks

_MOST = 200  # workbooks of a part: what a part costs beside them is as good as nothing then
_MOST_BYTES = 8_000_000  # of its files: few enough for their contents to be held at once


def made_here(
    order: Order,
    files: Sequence[Returned],
    jobs: int | None,
    progress: Progress,
    unlimited: Callable[[], None],
    beside: Iterable[object] = (),
) -> Iterator[tuple[int, Part]]:
    """The parts of some files, each with the number of its first file, as they are made.

    `jobs` workers make them at the same time, by default as many as there are processors; for
    `progress`, `unlimited` and `beside` see `workers.run_chunks`.
    """
    count = jobs or os.cpu_count() or 1
    limits = order.limits
    job = Job(read_one, limits.seconds, limits.memory_bytes, (order,), read_part)
    size = size_of_parts([size_of(file) for file in files], count)
    tasks = [(file,) for file in files]
    return run_chunks(job, tasks, size, count, progress, unlimited, beside=beside)


def size_of_parts(sizes: Sequence[int], count: int) -> int:
    """How many workbooks a part has, given the sizes of all files in bytes and who shares the work.

    Many where they are small: the rules cost much the same for one as for a hundred. As many parts for
    each who works, as even as can be, so that nobody waits for another at the end.
    """
    if not sizes:
        return 1
    mean = max(1, sum(sizes) // len(sizes))
    most = max(1, min(_MOST, _MOST_BYTES // mean))
    rounds = math.ceil(len(sizes) / (most * count))
    return math.ceil(len(sizes) / (rounds * count))


def size_of(file: Returned) -> int:
    """The size of a file in bytes; 0 for one that cannot be had, of which the reader will say more."""
    try:
        return file.path.stat().st_size
    except OSError:
        return 0
