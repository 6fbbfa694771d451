"""Archives of returns, unpacked in workers: each within limits, all of a run within one.

Archives are untrusted: members are unpacked one by one into a folder of our own under names of our
own; their names are only shown.
"""

from __future__ import annotations

import errno
import shutil
import traceback
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from xltool.errors import OfficeError
from xltool.prose.text import printable
from xltool.returns import failures
from xltool.returns.accounting import LeftAside, Returned
from xltool.returns.leaving_aside import reason_for
from xltool.workbook import workers
from xltool.workbook.foreign import unusual_method
from xltool.workbook.limits import MB, Limits
from xltool.workbook.refusals import DAMAGE, LESS, SEND_AGAIN
from xltool.workbook.worker import Failure

_WORKBOOK_PARTS = {"[Content_Types].xml", "mimetype"}  # an archive with these is itself a workbook
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_NESTED = (".zip", ".rar", ".7z")
_MAX_SHOWN = 300  # characters of a member's name
_LOCAL_HEADER = 30  # bytes before the name of a member and its content
_IN_ONE_RUN = 20  # so many times the content that one workbook may have
_FULL = (errno.ENOSPC, errno.EDQUOT)
_SMALLER = "请分成几个压缩包，分几次检查"


@dataclass(frozen=True)
class Unpacked:
    """What came out of one archive: its files and what is left aside, and their bytes in all."""

    files: list[Returned] = field(default_factory=list)
    left_aside: list[LeftAside] = field(default_factory=list)
    size: int = 0


@dataclass
class Unpacker:
    """Unpacks the archives of one run, one after the other, into a folder."""

    folder: Path
    limits: Limits
    count: int = 0

    def __post_init__(self) -> None:
        self.budget = self.limits.unpacked_bytes * _IN_ONE_RUN

    def unpack(self, path: Path, name: str) -> Unpacked:
        """Unpack one archive in a worker; one that cannot be unpacked is a file with a problem.

        Raises OfficeError where the disk is full.
        """
        self.count += 1
        inside = self.folder / f"{self.count:06}"
        inside.mkdir()
        is_strict = failures.is_strict()
        task = (path, name, inside, self.limits, self.budget, is_strict)
        limits = self.limits
        (found,) = workers.run(unpack, [task], 1, limits.seconds, limits.memory_bytes)
        if not isinstance(found, Unpacked):
            shutil.rmtree(inside, ignore_errors=True)
            return Unpacked([Returned(path, name, _failure_words(limits)[found], None, SEND_AGAIN)])
        self.budget -= found.size
        return found


def _failure_words(limits: Limits) -> Mapping[Failure, str]:
    return {
        "slow": f"解开压缩包超过 {limits.seconds} 秒",
        "killed": "压缩包内容异常，解开时耗尽内存或崩溃",
    }


def unpack(
    path: Path, name: str, folder: Path, limits: Limits, budget: int, is_strict: bool
) -> Unpacked:
    """Unpack the members that may be returns; runs in a worker.

    An archive that is itself a workbook, or none at all, is a file to read. Raises OfficeError where
    the disk is full, and in strict mode what is a fault of ours.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if _WORKBOOK_PARTS & set(archive.namelist()):
                return Unpacked([Returned(path, name)])
            return _unpack(archive, path, name, folder, limits, budget)
    except OfficeError:
        raise
    except DAMAGE:
        return Unpacked([Returned(path, name)])  # read as a workbook, which says what is wrong
    except Exception:
        if is_strict:
            raise
        failed = Returned(path, name, failures.PROBLEM, failure=traceback.format_exc())
        return Unpacked([failed])


def _unpack(
    archive: zipfile.ZipFile, path: Path, name: str, folder: Path, limits: Limits, budget: int
) -> Unpacked:
    members = [info for info in archive.infolist() if not info.filename.endswith("/")]
    if len(members) > limits.files:
        problem = f"压缩包里有 {len(members)} 个文件，超过 {limits.files} 个的限制"
        return Unpacked([Returned(path, name, problem, None, _SMALLER)])
    if _overlap(archive):
        problem = "压缩包里的文件互相重叠，是损坏的或恶意构造的"
        return Unpacked([Returned(path, name, problem, None, SEND_AGAIN)])
    found = Unpacked()
    size = 0
    for number, info in enumerate(members):
        member = PurePosixPath(_member_name(info))
        shown = f"{name}/{member}"
        if reason := reason_for(member):
            found.left_aside.append(LeftAside(shown, reason))
            continue
        target = folder / f"{number:06}{member.suffix[:8]}"
        refused = _refusal(info, member, limits, budget - size)
        if refused is None:
            refused = _extract(archive, info, target)
            size += info.file_size
        why = refused or (None, SEND_AGAIN)
        found.files.append(Returned(target, shown, why[0], _time(info), why[1]))
    if not found.files:
        remedy = "请把填写好的工作簿放进压缩包后再交"
        found.files.append(Returned(path, name, "压缩包里没有工作簿", None, remedy))
    return Unpacked(_distinct(found.files), found.left_aside, size)


def _overlap(archive: zipfile.ZipFile) -> bool:
    """True if two members share bytes: so a small archive can hold more than any disk."""
    end = 0
    for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
        if info.header_offset < end:
            return True
        end = info.header_offset + _LOCAL_HEADER + info.compress_size
    return False


def _member_name(info: zipfile.ZipInfo) -> str:
    """The name as it was meant: Chinese Windows writes GBK without saying so. For showing only."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("gb18030")
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "/".join(parts)[-_MAX_SHOWN:].encode("utf-8", "replace").decode("utf-8")


def _distinct(files: Sequence[Returned]) -> list[Returned]:
    """The files under names that look different: a further one of a name says which one it is."""
    taken: dict[str, int] = {}
    found = []
    for file in files:
        key = printable(file.name).casefold()
        taken[key] = taken.get(key, 0) + 1
        if taken[key] > 1:
            path = PurePosixPath(file.name)
            name = f"{path.parent}/{path.stem}（同名第 {taken[key]} 个）{path.suffix}"
            file = Returned(  # noqa: PLW2901
                file.path, name, file.problem, file.modified, file.remedy, file.failure
            )
        found.append(file)
    return found


def _refusal(
    info: zipfile.ZipInfo, name: PurePosixPath, limits: Limits, budget: int
) -> tuple[str, str] | None:
    """Why a member is not unpacked, and what to do; None if it is."""
    if info.flag_bits & _ENCRYPTED:
        return "压缩包已加密，需要密码才能解开", "请不加密码重新压缩后再交"
    if name.suffix.lower() in _NESTED:
        return "压缩包里还有压缩包", "请全部解开后再交"
    if info.compress_type not in _READABLE:
        return unusual_method(info.compress_type)
    if info.file_size > limits.file_bytes:
        size, limit = info.file_size // MB, limits.file_bytes // MB
        return f"文件有 {size} MB，超过 {limit} MB 的限制", LESS
    return ("压缩包解开后过大", _SMALLER) if info.file_size > budget else None


def _extract(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path
) -> tuple[str, str] | None:
    """Write one member; zipfile checks that it is as long as it says, and its checksum."""
    try:
        with archive.open(info) as source, target.open("wb") as file:
            shutil.copyfileobj(source, file)
    except DAMAGE as error:
        if isinstance(error, OSError) and error.errno in _FULL:
            raise OfficeError(
                "磁盘已满，压缩包解不开；请腾出空间后再检查，或用环境变量 TMPDIR 指定别的文件夹",
                target.parents[3],
            ) from error
        target.unlink(missing_ok=True)
        return "压缩包已损坏，这个文件解不出来", SEND_AGAIN
    return None


def _time(info: zipfile.ZipInfo) -> float | None:
    try:
        return datetime(*info.date_time).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
