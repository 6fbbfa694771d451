"""Parts made on a cluster: a real scheduler and two real workers, one of them killed in the middle."""

from __future__ import annotations

import gc
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from distributed import Client
from helpers import answers, fill_unit, make_campaign

from xltool.checking import cluster
from xltool.checking.running import check_files
from xltool.errors import OfficeError
from xltool.office.campaign import Campaign
from xltool.report.json_document import as_json
from xltool.report.reports import make_report

COPIES = 8  # of each return, no two with the same bytes
DASK = [str(Path(sys.executable).with_name("dask"))]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> tuple[Campaign, Path]:
    """A campaign and its returns, hostile and broken ones among them."""
    folder = tmp_path_factory.mktemp("cluster")
    campaign = make_campaign("declaration", folder / "campaign")
    returns = folder / "returns"
    returns.mkdir()
    for unit in ("106001", "131001"):
        answer = answers("declaration", unit)
        answer["projects"][0]["测算依据"] = "按往年水平测算"
        content = fill_unit(campaign, unit, answer, folder / f"{unit}.xlsx").read_bytes()
        for number in range(COPIES):
            comment = bytes([number + 1])
            (returns / f"{unit}-{number}.xlsx").write_bytes(content[:-2] + b"\x01\x00" + comment)
    (returns / "坏.xlsx").write_bytes(b"PK\x03\x04")
    (returns / "空.xlsx").write_bytes(b"")
    return campaign, returns


class Cluster:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        self.address = self._address()
        self.workers = [
            self._start("worker", self.address, "--nthreads", "1", "--no-nanny") for _ in range(2)
        ]

    def _start(self, kind: str, *words: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{kind}.log").open("ab")
        place = ["--local-directory", str(self.folder)] if kind == "worker" else []
        program = [*DASK, kind, *words, "--no-dashboard", *place]
        with log:
            return subprocess.Popen(program, cwd=self.folder, stdout=log, stderr=log)

    def _address(self) -> str:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            text = (self.folder / "scheduler.log").read_text(errors="replace")
            if found := re.search(r"Scheduler at:\s*(tcp://\S+)", text):
                return found[1]
            time.sleep(0.1)
        raise AssertionError(text)

    def end(self) -> None:
        """End them all."""
        for process in [*self.workers, self.scheduler]:
            process.kill()
            process.wait()


@pytest.fixture
def real_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster of two workers."""
    found = Cluster(tmp_path)
    try:
        _wait_for_workers(found.address, 2)
        yield found
    finally:
        found.end()


def _wait_for_workers(address: str, count: int) -> None:
    program = (
        "import sys; from distributed import Client; "
        "Client(sys.argv[1]).wait_for_workers(int(sys.argv[2]), timeout=60)"
    )
    subprocess.run([sys.executable, "-c", program, address, str(count)], check=True, timeout=90)


def found_by(office: tuple[Campaign, Path], **options: object) -> str:
    """The report of a run as JSON."""
    campaign, returns = office
    with check_files([returns], campaign, **{"fresh": True, **options}) as checked:  # type: ignore[arg-type]
        return as_json(make_report(checked.batch, checked.verdict))


pytestmark = pytest.mark.filterwarnings("ignore")  # of Dask's own threads and sockets


def test_the_same_bytes_everywhere(
    office: tuple[Campaign, Path], real_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Serial, parallel, on the cluster with a worker killed in the middle, and what is kept."""
    monkeypatch.setattr(cluster, "_MOST", 2)
    serial = found_by(office, jobs=1)
    assert serial.count('"file": ') > 2 * COPIES
    assert found_by(office, jobs=2) == serial
    killed: list[int] = []

    def kill(done: int, total: int) -> None:
        if done and not killed:
            killed.append(real_cluster.workers[0].pid)
            with suppress(ProcessLookupError):
                os.kill(real_cluster.workers[0].pid, signal.SIGKILL)

    assert found_by(office, cluster=real_cluster.address, progress=kill) == serial
    assert killed
    found_by(office, fresh=False)
    assert found_by(office, fresh=False) == serial


def test_a_scheduler_that_dies_costs_time_only(
    office: tuple[Campaign, Path], real_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_MOST", 2)
    monkeypatch.setattr(cluster, "_PATIENCE", 2)
    serial = found_by(office, jobs=1)

    def kill(done: int, total: int) -> None:
        if done:
            real_cluster.scheduler.kill()

    campaign, returns = office
    with check_files(
        [returns], campaign, fresh=True, cluster=real_cluster.address, progress=kill
    ) as checked:
        found = as_json(make_report(checked.batch, checked.verdict))
        notes = [note for note in checked.batch.notes if note.startswith("集群")]
    assert re.fullmatch(r"集群 tcp://\S+ 中断，其余 \d+ 份改在本机检查", "".join(notes))
    line = f'   "{notes[0]}"'
    assert line in found.replace(line + ",", line)
    assert found.split('"workbooks": [')[1] == serial.split('"workbooks": [')[1]


def test_what_is_sent_while_the_scheduler_is_lost(
    office: tuple[Campaign, Path], real_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dask says nothing more of it: neither that it is done nor that it is not."""
    monkeypatch.setattr(cluster, "_MOST", 2)
    monkeypatch.setattr(cluster, "_PATIENCE", 2)
    serial = found_by(office, jobs=1)
    send = cluster._Cluster._sent
    sent: list[int] = []

    def send_late(crew: cluster._Cluster, order: object, first: int) -> object:
        sent.append(first)
        if len(sent) == crew.ahead + 1:  # the first one that is sent after a part is done
            real_cluster.scheduler.kill()
            end = time.monotonic() + 30
            while crew.client.status == "running":
                assert time.monotonic() < end
                time.sleep(0.001)
        return send(crew, order, first)

    monkeypatch.setattr(cluster._Cluster, "_sent", send_late)
    found = found_by(office, cluster=real_cluster.address)
    assert found.split('"workbooks": [')[1] == serial.split('"workbooks": [')[1]
    assert "中断，其余" in found


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("tcp://127.0.0.1:9", "连不上集群 tcp://127.0.0.1:9"),
        ("no address", "连不上集群 no address"),
    ],
)
def test_nobody_there(
    office: tuple[Campaign, Path], monkeypatch: pytest.MonkeyPatch, address: str, message: str
) -> None:
    monkeypatch.setattr(cluster, "_PATIENCE", 1)
    with pytest.raises(OfficeError, match=message):
        found_by(office, cluster=address)
    clients = [each for each in gc.get_objects() if isinstance(each, Client)]
    assert {client.status for client in clients} <= {
        "closed"
    }  # none that is closed some time later


def test_another_program_is_refused(office: tuple[Campaign, Path]) -> None:
    with pytest.raises(OfficeError, match="不是同一版本"):
        cluster.make_parts(None, [], "another digest")  # type: ignore[arg-type]


def test_dask_is_not_installed(
    office: tuple[Campaign, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(OfficeError, match=re.escape("pip install 'xltool[cluster]'")):
        found_by(office, cluster="tcp://127.0.0.1:8786")
