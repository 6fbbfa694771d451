"""Archives of returns: opened in limited workers, bounded in all, and a full disk is the office's."""

from __future__ import annotations

import errno
import os
import shutil
import struct
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import pytest
from commands import Xltool, in_this_process, refused
from foreign import encrypted_zip, of_method, packed
from mutations import described

from xltool.checking.running import check
from xltool.errors import OfficeError
from xltool.office.campaign import Campaign
from xltool.returns import unpacking
from xltool.returns.collecting import collect
from xltool.returns.reading import read
from xltool.workbook.limits import MB, Limits

SEND_AGAIN = "请重新传输或复制这个文件再交；自己的电脑上也打不开的，请用原表重填"
SMALLER = "请分成几个压缩包，分几次检查"


def refusals(limits: Limits, *paths: Path) -> list[tuple[str, str | None, str]]:
    """Name, problem and remedy of each file that a run would read."""
    with collect(paths, limits) as found:
        return [(file.path.name, file.problem, file.remedy) for file in found.files]


def test_what_lies_in_one_run_is_bounded(tmp_path: Path) -> None:
    """Twenty times what one workbook may hold, over all archives together."""
    paths = []
    for number in range(3):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(packed({"甲.xlsx": bytes(900)}))
        paths.append(path)
    fits = ("000000.xlsx", None, SEND_AGAIN)
    assert refusals(Limits(unpacked_bytes=100), *paths) == [
        *(fits, fits, ("000000.xlsx", "压缩包解开后过大", SMALLER)),
    ]


def overlapping(path: Path) -> Path:
    """An archive of a few kilobytes whose 200 members all are the same megabyte of zeros."""
    path.write_bytes(packed({"甲.xlsx": bytes(MB)}))
    content = path.read_bytes()
    start, end = content.index(b"PK\x01\x02"), content.index(b"PK\x05\x06")
    entries = b"".join(
        content[start : start + 46] + b"%03d.xlsx" % n + content[start + 46 + 10 : end]
        for n in range(200)
    )
    tail = bytearray(content[end:])
    tail[8:12] = struct.pack("<HH", 200, 200)
    tail[12:16] = struct.pack("<I", len(entries))
    names = bytearray(entries)
    size = len(entries) // 200
    for n in range(200):
        names[n * size + 28 : n * size + 30] = struct.pack("<H", 8)
    path.write_bytes(content[:start] + bytes(names) + bytes(tail))
    return path


def test_members_that_overlap(tmp_path: Path) -> None:
    path = overlapping(tmp_path / "a.zip")
    with zipfile.ZipFile(path) as archive:
        assert sum(info.file_size for info in archive.infolist()) == 200 * MB
    assert refusals(Limits(), path) == [
        ("a.zip", "压缩包里的文件互相重叠，是损坏的或恶意构造的", SEND_AGAIN)
    ]


@pytest.mark.parametrize(
    ("change", "problem", "remedy"),
    [
        (encrypted_zip, "压缩包已加密，需要密码才能解开", "请不加密码重新压缩后再交"),
        (
            lambda content: of_method(content, 9),
            "压缩方法（Deflate64）少见，解不开",
            "请用系统自带的压缩功能或标准 zip 重新压缩后再交；单个工作簿请用 Excel 另存为 .xlsx",
        ),
    ],
    ids=["encrypted", "deflate64"],
)
def test_members_that_need_another_program(
    tmp_path: Path, change: Any, problem: str, remedy: str
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(change(packed({"甲.xlsx": b"1"})))
    assert refusals(Limits(), path) == [("000000.xlsx", problem, remedy)]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_can_be_unpacked(
    target: Campaign, good_target: Path, tmp_path: Path, method: int
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(packed({"甲.xlsx": good_target.read_bytes()}, method))
    assert [s.unit for s in read([path], target).submissions] == ["226002"]


def spin(*_: object) -> None:
    """In the place of `unpack`, in a worker: it never ends."""
    while True:
        pass


def test_an_archive_that_takes_too_long(
    target: Campaign, good_target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(packed({"甲.xlsx": good_target.read_bytes()}))
    monkeypatch.setattr(unpacking, "unpack", spin)
    office = replace(target, limits=Limits(seconds=1))
    found = check(read([path, good_target], office)).findings
    assert described(found) == ["TPL-008 error | 无法读取：解开压缩包超过 1 秒"]


def full(source: IO[bytes], target: IO[bytes]) -> None:
    """Copying onto a disk that has no room."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_the_offices_problem(
    good_target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(packed({"甲.xlsx": good_target.read_bytes()}))
    inside = tmp_path / "t" / "members" / "000001"
    inside.mkdir(parents=True)
    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(OfficeError) as caught:
        unpacking.unpack(path, "a.zip", inside, Limits(), 10 * MB, False)
    assert str(caught.value) == (
        f"{tmp_path}：磁盘已满，压缩包解不开；请腾出空间后再检查，或用环境变量 TMPDIR 指定别的文件夹"
    )


def test_a_full_disk_ends_the_run_with_one_line(
    target: Campaign,
    good_target: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The mistake comes from a worker, as it is."""
    xltool: Xltool = in_this_process(monkeypatch, capsys)
    path = tmp_path / "a.zip"
    path.write_bytes(packed({"甲.xlsx": good_target.read_bytes()}))
    monkeypatch.setattr(unpacking, "unpack", unpack_onto_a_full_disk)
    run = xltool("check", path, "--campaign", target.folder)
    refused(run, "磁盘已满")


def unpack_onto_a_full_disk(*_: object) -> None:
    """In the place of `unpack`, in a worker."""
    raise OfficeError("磁盘已满")


def test_a_fault_of_ours_costs_only_the_archive(
    target: Campaign, good_target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(packed({"甲.xlsx": good_target.read_bytes()}))
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.setattr(unpacking, "_member_name", lambda _: [].pop())
    with pytest.raises(IndexError):
        unpacking.unpack(path, "a.zip", inside, Limits(), 10 * MB, True)
    found = unpacking.unpack(path, "a.zip", inside, Limits(), 10 * MB, False)
    (file,) = found.files
    assert (file.name, file.problem) == ("a.zip", "读取时程序出错")
    assert "IndexError" in str(file.failure)


def test_an_archive_that_kills_its_worker_costs_only_itself(
    target: Campaign, good_target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(packed({"甲.xlsx": good_target.read_bytes()}))
    monkeypatch.setattr(unpacking, "unpack", die)
    found = check(read([path, good_target], target)).findings
    assert described(found) == ["TPL-008 error | 无法读取：压缩包内容异常，解开时耗尽内存或崩溃"]


def die(*_: object) -> None:
    """In the place of `unpack`, in a worker."""
    os._exit(1)


def test_a_member_without_a_name(good_target: Path, tmp_path: Path) -> None:
    """zipfile itself stumbles over it; the other members are read."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("x"), b"1")
        archive.write(good_target, "226002.xlsx")
    content = bytearray(path.read_bytes())
    for mark, length in ((b"PK\x03\x04", 26), (b"PK\x01\x02", 28)):
        at = content.index(mark)
        struct.pack_into("<HH", content, at + length, 0, 1)  # no name; its letter is an extra byte
    path.write_bytes(content)
    batch = read([path], jobs=1)
    assert "" in zipfile.ZipFile(path).namelist()
    assert [s.unit for s in batch.submissions if s.problem is None] == ["226002"]
    assert batch.log is None
