"""Returns on another machine: read over sftp from a real sshd, and by any way that fsspec knows."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from xltool.errors import OfficeError
from xltool.office.campaign import Campaign
from xltool.returns.accounting import LeftAside, Returned
from xltool.returns.addresses import Address, is_address
from xltool.returns.collecting import collect
from xltool.returns.reading import read
from xltool.returns.remote import fetched
from xltool.workbook.limits import Limits

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # paramiko leaves sockets open


@pytest.fixture
def share() -> Iterator[str]:
    """A folder in memory, as fsspec has it."""
    system = fsspec.filesystem("memory")
    for name, content in {
        "/share/a.xlsx": b"a",
        "/share/甲区/b.xlsx": b"bb",
        "/share/甲区/.hidden.xlsx": b"c",
        "/share/甲区/~$b.xlsx": b"d",
        "/share/odd/a:b|c.xlsx": b"e",
    }.items():
        system.pipe(name, content)
    yield "memory://share"
    system.rm("/share", recursive=True)


def test_what_lies_at_an_address(share: str, tmp_path: Path) -> None:
    found = list(fetched(Address(share), tmp_path, Limits()))
    files = [each for each in found if isinstance(each, Returned)]
    assert [(file.name, file.path.name, file.path.read_bytes()) for file in files] == [
        ("memory://share/a.xlsx", "a.xlsx", b"a"),
        ("memory://share/odd/a:b|c.xlsx", "a_b_c.xlsx", b"e"),
        ("memory://share/甲区/b.xlsx", "b.xlsx", b"bb"),
    ]
    assert [each for each in found if isinstance(each, LeftAside)] == [
        LeftAside("memory://share/甲区/.hidden.xlsx", "隐藏文件"),
        LeftAside("memory://share/甲区/~$b.xlsx", "锁文件"),
    ]
    assert all(file.path.is_relative_to(tmp_path) for file in files)


def test_one_file_and_one_too_large(share: str, tmp_path: Path) -> None:
    (file,) = fetched(Address(f"{share}/a.xlsx"), tmp_path, Limits())
    assert isinstance(file, Returned)
    assert (file.name, file.path.read_bytes()) == (f"{share}/a.xlsx", b"a")
    other = tmp_path / "other"
    other.mkdir()
    (large,) = fetched(Address(f"{share}/甲区/b.xlsx"), other, Limits(file_bytes=1))
    assert isinstance(large, Returned)
    assert large.problem == "文件有 0 MB，超过 0 MB 的限制"
    assert not large.path.exists()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("memory://nowhere", "找不到 memory://nowhere"),
        ("gopher+x://host/a", "读不到 gopher+x://host/a（不认识这种地址）；请核对地址、用户和密钥"),
        (
            "sftp://127.0.0.1:9/a",
            "读不到 sftp://127.0.0.1:9/a（连不上这台机器）；请核对地址、用户和密钥",
        ),
        (
            "sftp://no.invalid/a",
            "读不到 sftp://no.invalid/a（找不到这台机器）；请核对地址、用户和密钥",
        ),
    ],
)
def test_a_place_that_cannot_be_read(address: str, message: str) -> None:
    with pytest.raises(OfficeError) as raised, collect([Address(address)], Limits()):
        pass
    assert raised.value.message == message


def test_fsspec_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with (
        pytest.raises(OfficeError, match="pip install 'xltool"),
        collect([Address("sftp://host/a")], Limits()),
    ):
        pass


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sftp://host/a", True),
        ("s3+x://a", True),
        ("a/b.xlsx", False),
        ("C:\\a.xlsx", False),
        ("甲://a", False),
        ("://a", False),
    ],
)
def test_what_is_an_address(text: str, expected: bool) -> None:
    assert is_address(text) is expected


# -- a real sshd ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An sshd of this user's; gives its address, and has paramiko know its key and ours."""
    program = shutil.which("sshd") or "/usr/sbin/sshd"
    folder = tmp_path_factory.mktemp("sshd")
    for name in ("host", "own"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True
        )
    (folder / "authorized").write_bytes((folder / "own.pub").read_bytes())
    (folder / "authorized").chmod(0o600)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile {folder}/pid\n"
        f"AuthorizedKeysFile {folder}/authorized\nStrictModes no\nUsePAM no\n"
        "PasswordAuthentication no\nSubsystem sftp internal-sftp\n"
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where it puts off its rights
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "-D", "-e", "-f", folder / "config"], stderr=log)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder))
        (folder / ".ssh").mkdir()
        shutil.copy(folder / "own", folder / ".ssh" / "id_ed25519")
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        try:
            yield f"sftp://{os.environ.get('USER', 'root')}@127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


@pytest.mark.office
def test_a_user_whom_nobody_knows(sshd: str) -> None:
    address = Address(f"sftp://nobody:word@{sshd.rpartition('@')[2]}/a")
    with pytest.raises(OfficeError, match="用户或密钥不对"), collect([address], Limits()):
        pass


@pytest.mark.office
@pytest.mark.skipif(sys.platform == "win32", reason="no sshd")
def test_returns_over_sftp(sshd: str, target: Campaign, good_target: Path, tmp_path: Path) -> None:
    shared = tmp_path / "交回"
    shared.mkdir()
    shutil.copy(good_target, shared / "甲.xlsx")
    (shared / ".hidden").write_bytes(b"")
    batch = read([Address(f"{sshd}{shared}")], target, jobs=1)
    here = read([shared], target, jobs=1)
    assert [(s.file, s.sha256, s.seal) for s in batch.submissions] == [
        (f"{sshd}{shared}/甲.xlsx", here.submissions[0].sha256, "ok")
    ]
    assert [each.reason for each in batch.left_aside] == ["隐藏文件"]
    assert batch.submissions[0].rows == here.submissions[0].rows
