"""Two runs at once take turns: no line of a log, a decision or the manifest is lost or torn."""

from __future__ import annotations

import getpass
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import commands
import pytest
from helpers import answers, fill_unit, make_campaign

from xltool import locks
from xltool.cli.terminal import explain_os
from xltool.errors import OfficeError
from xltool.locks import LOCK, locked, sole
from xltool.office.campaign import Campaign, load_campaign
from xltool.office.check_log import read_log
from xltool.office.csv_files import append_csv, read_written
from xltool.office.issued import MANIFEST, REGISTER
from xltool.office.waivers import ACCEPTED

COUNT = 60
LONG = "长" * 3000  # longer than what is written at once by chance

DECIDE = """
import sys
from pathlib import Path
from xltool.office.waivers import Acceptance, record_accepted
folder, name, count, reason = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
(folder / f"ready {name}").touch()
while not (folder / "go").exists():
    pass
for number in range(count):
    record_accepted(folder, [(Acceptance(name, reason), "1", "a.xlsx", f"{name}{number}", [])])
"""
CHECKED = """
import sys
from datetime import datetime
from pathlib import Path
from xltool.office.campaign import load_campaign
from xltool.report.noting import log_check
from xltool.report.reports import Report, WorkbookResult
from xltool.returns.submissions import Sender, Submission
folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
campaign = load_campaign(folder)
own = {"a": "215001", "b": "226001"}[name]
issues = {unit: campaign.issue_for(campaign.units[unit]) for unit in (own, "226002")}
(folder / f"ready {name}").touch()
while not (folder / "go").exists():
    pass
for number in range(count):
    results = []
    for unit, digest in ((own, f"{name}{number}"), ("226002", "both")):
        found = Submission("a.xlsx", digest, sender=Sender.of(issues[unit]))
        results.append(WorkbookResult(found, "passed"))
    log_check(campaign, Report(results, []), {}, datetime(2026, 11, 21))
"""
CHECKED_AGAIN = CHECKED.replace("range(count)", "[count - 1]")
ISSUED = """
import sys, time
from pathlib import Path
from xltool.office.campaign import load_campaign
from xltool import locks
from xltool.write import issuing
from xltool.write.issuing import issue
locks._BRIEFLY = 60.0  # both are to have their turns, however busy the machine is
write = issuing.write_csv
issuing.write_csv = lambda *given: (time.sleep(0.3), write(*given))  # what was read grows old
folder, name = Path(sys.argv[1]), sys.argv[2]
campaign = load_campaign(folder)
campaign.layout, campaign.projects
(folder / f"ready {name}").touch()
while not (folder / "go").exists():
    pass
for unit in sys.argv[4].split():
    issue(campaign, [unit])
"""


def at_once(program: str, folder: Path, *words: tuple[str, ...]) -> None:
    """Run a program in several processes, which begin their work together."""
    (folder / "go").unlink(missing_ok=True)
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(folder), *given]) for given in words
    ]
    while not all((folder / f"ready {given[0]}").exists() for given in words):
        time.sleep(0.01)
        assert all(process.poll() is None for process in running)
    (folder / "go").touch()
    assert [process.wait(120) for process in running] == [0] * len(words)


def test_decisions(tmp_path: Path) -> None:
    at_once(DECIDE, tmp_path, ("a", str(COUNT), LONG), ("b", str(COUNT), LONG))
    rows = [row for _, row in read_written(tmp_path / ACCEPTED)]
    assert {row["理由"] for row in rows} == {LONG}
    for name in "ab":
        found = [row["sha256"] for row in rows if row["审核人"] == name]
        assert found == [f"{name}{number}" for number in range(COUNT)]
    assert len(rows) == 2 * COUNT


@pytest.fixture
def office(tmp_path: Path) -> Campaign:
    """A campaign that was issued to one unit."""
    return make_campaign("target", tmp_path / "office", units=["226002"])


def test_the_log_of_checks(office: Campaign) -> None:
    """What both find is noted once."""
    at_once(CHECKED, office.folder, ("a", str(COUNT)), ("b", str(COUNT)))
    digests = [line.sha256 for line in read_log(office.folder)]
    for name in "ab":
        found = [digest for digest in digests if digest[0] == name and digest != "both"]
        assert found == [f"{name}{number}" for number in range(COUNT)]
    assert (digests.count("both"), len(digests)) == (1, 2 * COUNT + 1)
    (office.folder / LOCK).unlink()
    at_once(CHECKED_AGAIN, office.folder, ("a", str(COUNT)))  # who has nothing to add takes no lock
    assert not (office.folder / LOCK).exists()
    assert [line.sha256 for line in read_log(office.folder)] == digests


def test_the_manifest(office: Campaign) -> None:
    at_once(ISSUED, office.folder, ("a", "", "215001 226001"), ("b", "", "226002 238001"))
    rows = [row for _, row in read_written(office.folder / "issued" / MANIFEST)]
    assert [row["单位代码"] for row in rows] == ["215001", "226001", "226002", "238001"]
    assert load_campaign(office.folder).issue_ids.keys() == set(office.units)
    rows = [row for _, row in read_written(office.folder / REGISTER)]
    assert sorted(row["单位代码"] for row in rows) == ["215001", "226001", "226002", "238001"]


def test_a_lock_that_stays_taken_is_said(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(TimeoutError) as caught, locked(tmp_path, 0.1):
        pass
    assert explain_os(caught.value) == (
        f"{tmp_path / LOCK}：等了太久；可能另一个 xltool 正在使用这个文件夹，请等它结束后再试"
    )
    with locked(tmp_path, 0):
        pass


def take_turns(times: int, held: Callable[[], AbstractContextManager[None]]) -> None:
    """Have three threads hold a lock so many times each; never two of them at once."""
    inside: list[int] = []

    def work() -> None:
        for _ in range(times):
            with held():
                inside.append(1)
                assert len(inside) == 1
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not inside


def test_threads_take_turns_too(tmp_path: Path) -> None:
    take_turns(50, lambda: locked(tmp_path))


def test_who_dies_lets_the_lock_go(tmp_path: Path) -> None:
    program = "import sys, time\nfrom pathlib import Path\nfrom xltool.locks import locked\n"
    program += "with locked(Path(sys.argv[1])):\n print(flush=True)\n time.sleep(60)"
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(TimeoutError), locked(tmp_path, 0):
            pass
        holder.kill()
    with locked(tmp_path, 5):
        pass


def test_a_line_without_an_end_is_not_continued(tmp_path: Path) -> None:
    """An editor may leave the last line without its end; Excel in China may save the file as GBK."""
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        path = tmp_path / encoding
        path.write_bytes("甲,乙\r\n一,二".encode(encoding))
        append_csv(path, ["甲", "乙"], [["三", "四"]])
        assert path.read_bytes() == "甲,乙\r\n一,二\r\n三,四\r\n".encode(encoding)
    (tmp_path / "empty").touch()
    append_csv(tmp_path / "empty", ["甲"], [["一"]])
    assert (tmp_path / "empty").read_bytes().decode() == "\ufeff甲\r\n一\r\n"
    (tmp_path / "bad").write_bytes(b"\xff\xff")
    with pytest.raises(OfficeError, match="编码无法识别"):
        append_csv(tmp_path / "bad", ["甲"], [["一"]])
    assert (tmp_path / "bad").read_bytes() == b"\xff\xff"


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_a_colleague_s_lock_is_taken_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """His file may perhaps only be read; a folder that may not be written has none."""
    real = os.open

    def may_only_read(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_RDWR:
            raise PermissionError(13, "no", str(path))
        return real(path, flags, mode)

    monkeypatch.setattr(os, "open", may_only_read)
    with pytest.raises(PermissionError), locked(tmp_path):
        pass
    (tmp_path / LOCK).touch()
    with locked(tmp_path), pytest.raises(TimeoutError), locked(tmp_path, 0):
        pass


HOLD = """
import sys, time
from pathlib import Path
from xltool.locks import sole
with sole(Path(sys.argv[1]), "合并到这里"):
    print(flush=True)
    time.sleep(60)
"""


def holder(out: Path) -> subprocess.Popen[bytes]:
    """Another process that makes the folder of results `out`."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(out)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        process.stdout.readline()
    return process


def test_whoever_comes_second_is_told_who_is_at_it(
    target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    """For all that is put in the place of a folder; who dies lets it go, and nothing stays."""
    (tmp_path / "back").mkdir()
    data = answers("target", "238001")
    data["projects"][0]["项目概况"] = ""
    back = fill_unit(target, "238001", data, tmp_path / "back" / "a.xlsx")
    (tmp_path / "back" / "a.json").unlink()
    out = tmp_path / "results" / "out"
    process = holder(out)
    try:
        at = rf"{re.escape(str(out))}：{getpass.getuser()}（电脑 {platform.node()}，进程 {process.pid}）从 "
        wanted = at + r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d 起正在合并到这里，请等它结束后再试"
        for words in (
            ("merge", good_target, "--campaign", target.folder, "--out", out),
            ("issue", target.folder, "--out", out),
            ("check", back, "--campaign", target.folder, "--return", out),
        ):
            run = commands.process(*words)
            assert run.code == 2
            assert re.fullmatch(f"错误：{wanted}\n", run.err), run.err
    finally:
        process.kill()
        process.wait()
    assert [path.suffix for path in out.parent.iterdir()] == [".lock"]
    assert commands.process("issue", target.folder, "--out", out).code == 0
    assert list(out.parent.iterdir()) == [out]


def test_a_moment_is_waited_for(tmp_path: Path) -> None:
    """Several at once that take no time all have their turn, and none holds a lock that was removed."""
    take_turns(10, lambda: sole(tmp_path / "above" / "out", "写"))
    assert list(tmp_path.glob("above/*")) == []
    shutil.rmtree(tmp_path / "above", ignore_errors=True)
    with sole(tmp_path / "above" / "out", "写"):
        pass
    assert list(tmp_path.iterdir()) == []  # neither the lock nor the folder that was made for it


@pytest.mark.parametrize("said", [b"", b"[1]", b"\xff", b'["a\\u001b", "b", "1", "2", "c"]'])
def test_whatever_a_lock_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    out = tmp_path / "out"
    monkeypatch.setattr(locks, "_BRIEFLY", 0.0)
    who = "a（电脑 b，进程 1）从 2 起正在c" if said[-1:] == b"]" and b"u001b" in said else None
    who = who or "另一个 xltool 正在写这个文件夹"
    with sole(out, "写"):
        next(tmp_path.glob(".xltool-out.lock")).write_bytes(said)
        with pytest.raises(OfficeError) as caught, sole(out, "写"):
            pass
    assert str(caught.value) == f"{out}：{who}，请等它结束后再试"


def test_nobody_sees_a_list_without_its_headings(tmp_path: Path) -> None:
    """Whoever reads holds no lock: a list that is new appears with what stands in it."""
    path = tmp_path / "a.csv"
    found: set[bytes] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            with suppress(FileNotFoundError):
                found.add(path.read_bytes())

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        watcher = threading.Thread(target=look)
        watcher.start()
        for _ in range(500):
            append_csv(path, ["时间"], [["2026"]])
            path.unlink()
        done.set()
        watcher.join()
    finally:
        sys.setswitchinterval(before)
    assert found <= {"\ufeff时间\r\n2026\r\n".encode()}
