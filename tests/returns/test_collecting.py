"""Which files a run reads: folders, archives of returns, what is left aside."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest
from helpers import answers, fill_unit

from xltool.checking.running import check
from xltool.office.campaign import Campaign
from xltool.returns.accounting import LeftAside, Returned, named
from xltool.returns.collecting import collect
from xltool.returns.reading import read
from xltool.workbook.limits import Limits

UNITS = ("226001", "226002")


@pytest.fixture(scope="module")
def returns(target: Campaign, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Two correct returns by unit."""
    folder = tmp_path_factory.mktemp("returns")
    return {
        unit: fill_unit(target, unit, answers("target", unit), folder / f"{unit}.xlsx").read_bytes()
        for unit in UNITS
    }


def pack(path: Path, members: dict[str, bytes]) -> Path:
    """An archive of these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def collected(path: Path, limits: Limits | None = None) -> list[tuple[str, str | None]]:
    """Name and problem of each file that a run would read."""
    with collect([path], limits or Limits()) as found:
        return [(file.name, file.problem) for file in found.files]


def test_an_archive_is_read_like_a_folder(
    target: Campaign, returns: dict[str, bytes], tmp_path: Path
) -> None:
    members = {f"文化局/{unit}.xlsx": content for unit, content in returns.items()}
    path = pack(tmp_path / "文化局 交表.zip", {**members, "说明.txt": b"hello"})
    batch = read([path], target)
    assert [(s.file, s.unit, s.seal, s.problem) for s in batch.submissions] == [
        *((f"{path}/文化局/{unit}.xlsx", unit, "ok", None) for unit in UNITS),
        (f"{path}/说明.txt", None, "missing", "是文本文件（如 CSV），不是工作簿"),
    ]
    assert [f.code for f in check(batch).findings] == ["TPL-008"]


def test_names_that_lead_elsewhere_are_only_shown(
    returns: dict[str, bytes], tmp_path: Path
) -> None:
    names = [
        "../../etc/甲.xlsx",
        "/tmp/乙.xlsx",
        "..\\..\\丙.xlsx",
        "C:\\丁.xlsx",
        "a/./b/../戊.xlsx",
    ]
    path = pack(tmp_path / "a.zip", dict.fromkeys(names, returns["226001"]))
    with collect([path], Limits()) as found:
        assert [file.name.removeprefix(f"{path}/") for file in found.files] == [
            *("etc/甲.xlsx", "tmp/乙.xlsx", "丙.xlsx", "C:/丁.xlsx", "a/b/戊.xlsx"),
        ]
        folders = {file.path.parent for file in found.files}
        assert all(file.path.is_file() for file in found.files)
        assert len(folders) == 1
        (folder,) = folders
    assert not folder.exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip"]


def test_names_in_gbk(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"xxxxxx.xlsx": b"1"})
    content = path.read_bytes().replace(b"xxxxxx", "交表甲".encode("gbk"))
    path.write_bytes(content)
    assert collected(path) == [(f"{path}/交表甲.xlsx", None)]


def test_what_does_not_count(tmp_path: Path) -> None:
    members = ["~$甲.xlsx", "__MACOSX/._甲.xlsx", ".DS_Store", "manifest.csv", "甲.xlsx", "夹/"]
    path = pack(tmp_path / "a.zip", dict.fromkeys(members, b"1"))
    assert collected(path) == [(f"{path}/甲.xlsx", None)]


def test_archives_that_do_harm(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"甲.zip": b"PK", "乙.xlsx": bytes(3000), "丙.xlsx": b"1"})
    assert collected(path, Limits(file_bytes=2000)) == [
        (f"{path}/甲.zip", "压缩包里还有压缩包"),
        (f"{path}/乙.xlsx", "文件有 0 MB，超过 0 MB 的限制"),
        (f"{path}/丙.xlsx", None),
    ]
    assert collected(path, Limits(files=2)) == [(str(path), "压缩包里有 3 个文件，超过 2 个的限制")]
    bomb = pack(tmp_path / "b.zip", {f"{n}.xlsx": bytes(1000) for n in range(3)})
    assert collected(bomb, Limits(unpacked_bytes=100)) == [
        (f"{bomb}/0.xlsx", None),
        (f"{bomb}/1.xlsx", None),
        (f"{bomb}/2.xlsx", "压缩包解开后过大"),
    ]


def test_a_member_that_is_longer_than_it_says(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"甲.xlsx": bytes(1_000_000), "乙.xlsx": b"1"})
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 10)  # the length that the directory claims
    path.write_bytes(content)
    (first, second) = collected(path)
    assert first == (f"{path}/甲.xlsx", "压缩包已损坏，这个文件解不出来")
    assert second == (f"{path}/乙.xlsx", None)


def test_an_encrypted_member(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"甲.xlsx": b"1"})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert collected(path) == [(f"{path}/甲.xlsx", "压缩包已加密，需要密码才能解开")]


def test_a_workbook_called_zip_and_a_broken_zip(
    target: Campaign, returns: dict[str, bytes], tmp_path: Path
) -> None:
    (tmp_path / "a.zip").write_bytes(returns["226001"])
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04 broken")
    batch = read([tmp_path], target)
    assert [(Path(s.file).name, s.unit, s.problem) for s in batch.submissions] == [
        ("a.zip", "226001", None),
        ("b.zip", None, "文件已损坏，或没有传输完整"),
    ]


def test_lock_files_are_noted(tmp_path: Path) -> None:
    for name in ("甲.xlsx", "~$甲.xlsx", ".hidden"):
        (tmp_path / name).write_bytes(b"1")
    with collect([tmp_path], Limits()) as found:
        assert found.files == [Returned(tmp_path / "甲.xlsx", str(tmp_path / "甲.xlsx"))]
        assert found.left_aside == [
            LeftAside(f"{tmp_path}/.hidden", "隐藏文件"),
            LeftAside(f"{tmp_path}/~$甲.xlsx", "锁文件"),
        ]
        assert named(found.left_aside) == [
            f"未读取（隐藏文件）：{tmp_path}/.hidden",
            f"未读取（锁文件）：{tmp_path}/~$甲.xlsx（打开工作簿时留下的；请确认该工作簿已保存）",
        ]


def test_the_archive_knows_the_time(returns: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("甲.xlsx", (2026, 11, 20, 9, 30, 0)), returns["226001"])
        archive.writestr(zipfile.ZipInfo("乙.xlsx", (2026, 0, 0, 0, 0, 0)), b"1")
    with collect([path], Limits()) as found:
        later, none = (file.modified for file in found.files)
    assert later is not None
    assert none is None


def test_an_archive_without_a_workbook_is_a_finding(target: Campaign, tmp_path: Path) -> None:
    empty = pack(tmp_path / "空.zip", {})
    hidden = pack(tmp_path / "隐.zip", {"__MACOSX/._a.xlsx": b"x", ".DS_Store": b"x"})
    batch = read([empty, hidden], target)
    assert [(f.code, f.severity, f.file, f.message) for f in check(batch).findings] == [
        ("TPL-008", "error", str(path), "无法读取：压缩包里没有工作簿") for path in (empty, hidden)
    ]


def of_another_version(content: bytes) -> bytes:
    """Each member says that it needs a zip program of version 9.9."""
    for mark, at in ((b"PK\x03\x04", 0), (b"PK\x01\x02", 2)):  # where it stands behind the mark
        parts = content.split(mark)
        content = mark.join([parts[0], *(p[:at] + b"\x63" + p[at + 1 :] for p in parts[1:])])
    return content


def with_a_name_that_is_none(content: bytes) -> bytes:
    """The first name before the data is no UTF-8, though it says so."""
    head = bytearray(content)
    head[7] |= 0x08  # the flag for UTF-8
    head[30] = 0xFF
    central = content.rindex(b"PK\x01\x02")
    head[central + 9] |= 0x08
    return bytes(head)


def with_damaged_lzma(path: Path, content: bytes) -> bytes:
    """A member compressed with LZMA, its data cut up."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.xlsx", content)
    packed = bytearray(path.read_bytes())
    packed[60:4000] = b"\x00" * 3940
    return bytes(packed)


@pytest.mark.parametrize("kind", ["version", "name", "lzma"])
def test_a_damaged_archive_costs_only_itself(
    target: Campaign, returns: dict[str, bytes], tmp_path: Path, kind: str
) -> None:
    path = pack(tmp_path / "交表.zip", {"a.xlsx": returns["226001"]})
    if kind == "version":
        path.write_bytes(of_another_version(path.read_bytes()))
    elif kind == "name":
        path.write_bytes(with_a_name_that_is_none(path.read_bytes()))
    else:
        path.write_bytes(with_damaged_lzma(path, returns["226001"]))
    good = tmp_path / "good.xlsx"
    good.write_bytes(returns["226002"])
    found = check(read([path, good], target)).findings
    assert [(f.code, f.severity, f.file.startswith(str(path))) for f in found] == [
        ("TPL-008", "error", True)
    ]
    assert found[0].message in (
        "无法读取：文件已损坏，或没有传输完整",
        "无法读取：压缩包已损坏，这个文件解不出来",
    )
