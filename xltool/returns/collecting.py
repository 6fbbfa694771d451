"""From what the reviewer names to the files to read: folders, archives, what is left aside and why.

Archives are untrusted: members are unpacked one by one into a folder of our own under names of our
own, within limits; their names are only shown.
"""

from __future__ import annotations

import lzma
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from xltool.errors import OfficeError
from xltool.office.campaign import MANIFEST
from xltool.office.limits import MB, Limits

_WORKBOOK_PARTS = {"[Content_Types].xml", "mimetype"}  # an archive with these is itself a workbook
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
# whatever zipfile and its decompressors raise for a damaged archive
DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError),
    *(NotImplementedError, RuntimeError, ValueError, OverflowError),
)
_MAX_SHOWN = 300  # characters of a member's name


@dataclass(frozen=True, slots=True)
class Returned:
    """A file to read: where it lies and how it is called in findings. `problem`: it cannot be read."""

    path: Path
    name: str
    problem: str | None = None
    modified: float | None = None  # seconds since the epoch, where the archive knows better


@dataclass
class Collection:
    """The files of a run, and notes on what was left aside."""

    files: list[Returned] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@contextmanager
def collect(paths: Iterable[Path], limits: Limits) -> Iterator[Collection]:
    """The files to read: given ones, all in given folders, all in archives among them.

    Lock files (`~$…`) and hidden files are left aside. Raises OfficeError for a path that does not
    exist and for a folder without any file.
    """
    found = Collection()
    with tempfile.TemporaryDirectory(prefix="xltool-") as temporary:
        for file in dict.fromkeys(_files(paths, found)):
            if _is_archive(file):
                _unpack(file, Path(temporary), limits, found)
            else:
                found.files.append(Returned(file, shown_path(file)))
        yield found


def shown_path(path: Path) -> str:
    """A path as text that can be printed and stored, whatever bytes the name is made of."""
    return str(path).encode("utf-8", "replace").decode("utf-8")


def _files(paths: Iterable[Path], found: Collection) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            inside = [file for file in sorted(path.rglob("*")) if file.is_file()]
            wanted = [file for file in inside if _counts(file.relative_to(path))]
            found.notes += [
                f"{shown_path(file)} 是打开工作簿时留下的锁文件，未读取；请确认该工作簿已保存"
                for file in inside
                if file.name.startswith("~$")
            ]
            if not wanted:
                raise OfficeError("文件夹里没有可检查的文件", path)
            yield from wanted
        elif path.is_file():
            yield path
        else:
            raise OfficeError("找不到这个文件或文件夹", path)


def _counts(name: Path | PurePosixPath) -> bool:
    return name.name != MANIFEST and not any(part.startswith(("~$", ".")) for part in name.parts)


def _is_archive(path: Path) -> bool:
    """A .zip that is not a workbook under another name."""
    if path.suffix.lower() != ".zip":
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return not _WORKBOOK_PARTS & set(archive.namelist())
    except DAMAGE:
        return False  # read as a workbook, which says what is wrong with it


def _unpack(path: Path, folder: Path, limits: Limits, found: Collection) -> None:
    """Unpack the members that may be returns; what cannot be unpacked is a file with a problem."""
    budget, before = limits.unpacked_bytes * 20, len(found.files)
    with zipfile.ZipFile(path) as archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        if len(members) > limits.files:
            problem = f"压缩包里有 {len(members)} 个文件，超过 {limits.files} 个的限制"
            found.files.append(Returned(path, shown_path(path), problem))
            return
        for number, info in enumerate(members):
            name = PurePosixPath(_member_name(info).replace("\\", "/"))
            if not _counts(name) or "__MACOSX" in name.parts:
                continue
            shown = f"{shown_path(path)}/{name}"
            refused = _refusal(info, name, limits, budget)
            target = folder / f"{len(found.files):06}-{number:06}{name.suffix[:8]}"
            if refused is None:
                refused = _extract(archive, info, target)
                budget -= info.file_size
            found.files.append(Returned(target, shown, refused, _time(info)))
    if len(found.files) == before:
        found.files.append(Returned(path, shown_path(path), "压缩包里没有工作簿"))


def _member_name(info: zipfile.ZipInfo) -> str:
    """The name as it was meant: Chinese Windows writes GBK without saying so. For showing only."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("gb18030")
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "/".join(parts)[-_MAX_SHOWN:].encode("utf-8", "replace").decode("utf-8")


def _refusal(info: zipfile.ZipInfo, name: PurePosixPath, limits: Limits, budget: int) -> str | None:
    if info.flag_bits & _ENCRYPTED:
        return "压缩包已加密"
    if name.suffix.lower() in (".zip", ".rar", ".7z"):
        return "压缩包里还有压缩包；请解开后再交"
    if info.file_size > limits.file_bytes:
        size, limit = info.file_size // MB, limits.file_bytes // MB
        return f"文件有 {size} MB，超过 {limit} MB 的限制"
    return "压缩包解开后过大" if info.file_size > budget else None


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> str | None:
    """Write one member; zipfile checks that it is as long as it says, and its checksum."""
    try:
        with archive.open(info) as source, target.open("wb") as file:
            shutil.copyfileobj(source, file)
    except DAMAGE:
        target.unlink(missing_ok=True)
        return "压缩包已损坏，这个文件解不出来"
    return None


def _time(info: zipfile.ZipInfo) -> float | None:
    try:
        return datetime(*info.date_time).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
