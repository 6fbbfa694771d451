"""The one exception of the office: something it gave us is wrong.

A mistake of a unit is never an exception but a `Finding`; a bug is any other exception.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

_SPACE = "请腾出空间，或换一个位置后再试"
_ELSEWHERE = "请换一个可以写入的位置"
_CLOSE = "请关闭打开它的程序后再试"
_OS_WORDS = {  # why the system refuses, and what to do
    # Windows says so of a file open in Excel
    errno.EACCES: ("没有权限，或正被别的程序打开", "请关闭打开它的程序，或换一个可以写入的位置"),
    errno.EPERM: ("没有权限", _ELSEWHERE),
    errno.EROFS: ("只读，不能写入", _ELSEWHERE),
    errno.ENOSPC: ("磁盘已满", _SPACE),
    errno.EDQUOT: ("磁盘配额已用完", _SPACE),
    errno.EFBIG: ("文件太大，超过了这里允许的大小", "请换一个位置后再试"),
    errno.ENOENT: ("找不到", ""),
    errno.EEXIST: ("已有同名的文件", "请移走，或换一个名称"),
    errno.ENOTDIR: ("上级不是文件夹", "请换一个位置"),
    errno.EISDIR: ("是文件夹，不是文件", "请换一个名称"),
    errno.ENAMETOOLONG: ("文件名太长", "请用短一些的名称"),
    errno.EBUSY: ("正被占用；请关闭后再试", ""),
    errno.EIO: ("磁盘读写出错", "请检查磁盘或网络，或换一个位置后再试"),
    errno.ELOOP: ("链接绕成了圈", ""),
    errno.ETIMEDOUT: ("等了太久；可能另一个 xltool 正在使用这个文件夹，请等它结束后再试", ""),
}
_WINDOWS_WORDS = {32: ("正被别的程序打开", _CLOSE), 33: ("正被别的程序打开", _CLOSE)}
_FROM_WINDOWS = {  # numbers of Windows, as libraries quote them → what we know them by
    3: errno.ENOENT, 5: errno.EACCES, 19: errno.EROFS, 32: errno.EACCES, 33: errno.EACCES,
    39: errno.ENOSPC, 112: errno.ENOSPC, 206: errno.ENAMETOOLONG, 1295: errno.EDQUOT,
}  # fmt: skip


class OfficeError(Exception):
    """A mistake of the office (campaign, layout, roster, arguments): one clear line, exit code 2.

    `message` is Chinese and says what to do; `path` and `line` say where, when known.
    """

    exit_code = 2

    def __init__(self, message: str, path: Path | str | None = None, line: int | None = None):
        self.message = message
        self.path = path
        self.line = line
        where = (
            "" if path is None else f"{path}" + ("" if line is None else f" 第 {line} 行") + "："
        )
        super().__init__(where + message)

    def __reduce__(self) -> tuple[type[OfficeError], tuple[object, ...]]:
        return OfficeError, (self.message, self.path, self.line)

    def placed(self, base: Path | None = None) -> str:
        """Return it as a line of a list: `file:line: what`, the file as seen from the folder `base`."""
        if self.path is None:
            return self.message
        path = Path(self.path)
        if base is not None and path.is_absolute() and path.is_relative_to(base.resolve()):
            path = path.relative_to(base.resolve())
        elif base is not None and path.is_relative_to(base):
            path = path.relative_to(base)
        line = "" if self.line is None else f":{self.line}"
        return f"{path.as_posix()}{line}: {self.message}"


class MistakesError(OfficeError):
    """Several mistakes of the office at once, under one heading; each is a line of its own."""

    def __init__(self, heading: str, mistakes: Iterable[OfficeError], base: Path | None = None):
        self.heading = heading
        self.mistakes = tuple(mistakes)
        self.base = base
        super().__init__("\n".join([heading, *(mistake.placed(base) for mistake in self.mistakes)]))

    def __reduce__(self) -> tuple[type[OfficeError], tuple[object, ...]]:
        return MistakesError, (self.heading, self.mistakes, self.base)


def all_of(heading: str, mistakes: Sequence[OfficeError], base: Path | None = None) -> OfficeError:
    """Return several mistakes as one error under a heading; one alone as it is."""
    return mistakes[0] if len(mistakes) == 1 else MistakesError(heading, mistakes, base)


def each_of(error: OfficeError) -> tuple[OfficeError, ...]:
    """Return the mistakes that an error is about: those of `MistakesError`, else itself."""
    return error.mistakes if isinstance(error, MistakesError) else (error,)


def os_words(error: OSError) -> str:
    """Why the system refuses, in Chinese; with its number where we have no words for it."""
    return _words(error)[0]


def os_advice(error: OSError) -> str:
    """Why the system refuses to write, and what to do, in Chinese."""
    return "；".join(filter(None, _words(error)))


def _words(error: OSError) -> tuple[str, str]:
    known = _WINDOWS_WORDS.get(getattr(error, "winerror", None) or 0)
    known = known or _OS_WORDS.get(error.errno or 0)
    return known or (f"系统不允许（错误代码 {error.errno or 0}）", "")


def refusal(error: BaseException) -> OSError | None:
    """What the system refuses, if that is what an error is about; libraries wrap it or quote it."""
    if isinstance(error, OSError) and error.errno is not None:
        return error
    if len(error.args) == 1 and isinstance(error.args[0], OSError):  # XlsxWriter
        return refusal(error.args[0])
    if found := re.search(r"\(os error ([0-9]+)\)", str(error)):  # polars, which is written in Rust
        number = int(found[1])
        number = _FROM_WINDOWS.get(number, number) if sys.platform == "win32" else number
        return OSError(number, os.strerror(number))
    return None
