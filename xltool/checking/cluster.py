"""Parts made on a cluster: `xltool check --cluster tcp://host:8786`, with Dask's scheduler and workers.

A task is a few parts: the contents of their files travel with it, so that no folder need be shared. On the
cluster's machine they are read as here: in a limited process beside Dask's worker, so that a hostile file
costs that file only. What a worker or the scheduler leaves undone when it dies is done by another one,
or here.
"""

from __future__ import annotations

import hashlib
import math
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from xltool.checking.kept import program
from xltool.checking.parts import Order, Part
from xltool.checking.workshop import made_here
from xltool.errors import OfficeError
from xltool.returns.accounting import Returned
from xltool.workbook.workers import Progress

_PATIENCE = 10  # seconds to wait for a scheduler
_LONGEST = 120  # seconds that the result of a part may be on its way
_PAUSE = 0.02  # seconds between two looks at what is done
_AHEAD = 2  # parts for each thread of the cluster that are sent before it asks for them
_MOST = 400  # files of a task: whoever does it begins anew with each
_TRIES = 3  # of a part: what so many workers died of is done here

Content = tuple[Returned, bytes]
Made = list[tuple[int, Part]]


def made_on(
    cluster: str,
    order: Order,
    files: Sequence[Returned],
    jobs: int | None,
    progress: Progress,
    note: Callable[[str], None],
) -> Iterator[tuple[int, Part]]:
    """The parts of some files, made on a cluster; see `workshop.made_here`.

    `cluster` is the address of Dask's scheduler; what the cluster does not finish is done here by `jobs`
    workers, and `note` is told so. Raises OfficeError where the cluster cannot be had: Dask is not
    installed, nobody answers there, no worker is there, or another version of xltool.
    """
    crew = _Cluster(cluster, order, files)
    done = 0
    progress(0, len(files))
    while crew.waiting:
        for first, part in crew.made():
            done += len(part.judged)
            progress(done, len(files))
            yield first, part
        if crew.waiting and not crew.reconnect():
            note(f"集群 {cluster} 中断，其余 {len(files) - done} 份改在本机检查")
            break
    for first, size in crew.left():
        for offset, part in made_here(order, files[first : first + size], jobs, _quiet, _nothing):
            done += len(part.judged)
            progress(done, len(files))
            yield first + offset, part


def _quiet(done: int, total: int) -> None:
    """Part of a progress that is told elsewhere."""


def _nothing() -> None:
    """Nothing to say."""


@dataclass
class _Cluster:
    """A cluster and what is to be done on it: `waiting` says how often each part was tried, by its start."""

    address: str
    order: Order
    files: Sequence[Returned]
    waiting: dict[int, int] = field(default_factory=dict)
    size: int = _MOST

    def __post_init__(self) -> None:
        self.client = self._connected()
        threads = sum(self.client.nthreads().values())
        if not threads:
            _let_go(self.client)
            raise OfficeError(f"集群 {self.address} 没有工作进程；请先启动 dask worker")
        self.ahead = _AHEAD * threads
        self.size = max(1, min(_MOST, math.ceil(len(self.files) / threads)))
        self.waiting = dict.fromkeys(range(0, len(self.files), self.size), 0)

    def left(self) -> Iterator[tuple[int, int]]:
        """The start and the number of files of each part that is not done; the cluster is let go."""
        _let_go(self.client)
        for first in self.waiting:
            yield first, min(self.size, len(self.files) - first)

    def made(self) -> Iterator[tuple[int, Part]]:
        """Parts as they are made, until all are, or the cluster is gone, or nothing is left for it."""
        from distributed.client import CancelledError, ClosedClientError  # noqa: PLC0415

        connection = self.client.scheduler_comm
        try:
            order = self.client.scatter(self.order, broadcast=True, hash=False)
            todo = [first for first, tries in self.waiting.items() if tries < _TRIES]
            sent: dict[Any, int] = {}
            while todo or sent:
                while todo and len(sent) < self.ahead:
                    first = todo.pop(0)
                    sent[self._sent(order, first)] = first
                # not as_completed: what is sent while the scheduler is lost is pending for ever
                done = [future for future in sent if future.status != "pending"]
                for future in done:
                    first = sent.pop(future)
                    made = _result(future)
                    if made is not None:
                        del self.waiting[first]
                        yield from ((first + offset, part) for offset, part in made)
                    elif self.waiting[first] < _TRIES and future.status != "cancelled":
                        todo.append(first)
                if not done:
                    if (
                        self.client.status != "running"
                        or self.client.scheduler_comm is not connection
                    ):
                        return
                    time.sleep(_PAUSE)
        except (OSError, TimeoutError, CancelledError, ClosedClientError):
            return

    def _sent(self, order: Any, first: int) -> Any:
        """Send a part to the cluster."""
        self.waiting[first] += 1
        contents = [_content(file) for file in self.files[first : first + self.size]]
        return self.client.submit(
            make_parts, order, contents, _digest(), pure=False, retries=_TRIES
        )

    def reconnect(self) -> bool:
        """True if the cluster is there (again) and something is left that may be tried on it."""
        if all(tries >= _TRIES for tries in self.waiting.values()):
            return False
        _let_go(self.client)
        try:
            self.client = self._connected()
        except OfficeError:
            return False
        end = time.monotonic() + _PATIENCE  # a worker that was killed is started again by its nanny
        while not self.client.nthreads() and time.monotonic() < end:
            time.sleep(0.2)
        return bool(self.client.nthreads())

    def _connected(self) -> Any:
        try:
            from distributed import Client  # noqa: PLC0415
        except ImportError:
            raise OfficeError("--cluster 需要另外安装：pip install 'xltool[cluster]'") from None
        client = Client.__new__(Client)
        try:
            client.__init__(self.address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            # one that is left to the collector of garbage is closed whenever that comes by: while
            # another one starts it would wait for itself
            _let_go(client)
            raise OfficeError(
                f"连不上集群 {self.address}；请确认 dask scheduler 已启动，地址如 tcp://主机:8786"
            ) from error
        return client


def _let_go(client: Any) -> None:
    """Close a client, whatever has become of its connection."""
    with suppress(Exception):
        client.close(timeout=_PATIENCE)


def _result(future: Any) -> Made | None:
    """What a task came to; None where it died with its workers. Raises what the task raised."""
    if future.status == "finished":
        made: Made = future.result(timeout=_LONGEST)
        return made
    error = future.exception() if future.status == "error" else None
    if isinstance(error, OfficeError):
        raise error
    if error is not None and type(error).__module__.split(".")[0] not in (
        "distributed",
        "dask",
    ):
        raise error
    return None


def _content(file: Returned) -> Content:
    """A file with its contents, as far as it can be read; what cannot is found out where it is read."""
    if file.problem is not None:
        return file, b""
    try:
        return replace(
            file, modified=file.modified or file.path.stat().st_mtime
        ), file.path.read_bytes()
    except OSError:
        return file, b""


def make_parts(order: Order, contents: Sequence[Content], digest: str) -> Made:
    """Make the parts of some files on the cluster's machine; the first file is number 0.

    Raises OfficeError where the program is another one than that of whoever asks.
    """
    if digest != _digest():
        raise OfficeError("集群上的 xltool 与本机的不是同一版本；请在每台机器上安装同一版本")
    folder = Path(tempfile.mkdtemp(prefix="xltool-part-"))
    try:
        files = []
        for number, (file, content) in enumerate(contents):
            path = folder / str(number)
            path.write_bytes(content)
            files.append(replace(file, path=path))
        return list(made_here(order, files, 1, _quiet, _nothing))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _digest() -> str:
    """A digest of the program."""
    whole = hashlib.sha256()
    for text in program():
        whole.update(hashlib.sha256(text).digest())
    return whole.hexdigest()
