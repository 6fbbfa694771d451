"""Where parts are made: in limited workers of this machine."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence

from xltool.checking.parts import SIZE, Order, Part, read_one, read_part
from xltool.returns.accounting import Returned
from xltool.workbook.worker import Job
from xltool.workbook.workers import Progress, run_chunks


def made_here(
    order: Order,
    files: Sequence[Returned],
    jobs: int | None,
    progress: Progress,
    unlimited: Callable[[], None],
) -> Iterator[tuple[int, Part]]:
    """The parts of some files, each with the number of its first file, as they are made.

    `jobs` workers make them at the same time, by default as many as there are processors; for
    `progress` and `unlimited` see `workers.run_chunks`.
    """
    count = jobs or os.cpu_count() or 1
    limits = order.limits
    job = Job(read_one, limits.seconds, limits.memory_bytes, (order,), read_part)
    size = max(1, min(SIZE, math.ceil(len(files) / count)))
    return run_chunks(job, [(file,) for file in files], size, count, progress, unlimited)
