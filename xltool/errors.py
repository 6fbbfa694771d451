"""The one exception of the office: something it gave us is wrong.

A mistake of a unit is never an exception but a `Finding`; a bug is any other exception.
"""

from __future__ import annotations

import errno
from pathlib import Path

_OS_WORDS = {
    errno.EACCES: "没有权限，或正被别的程序打开",  # Windows says so of a file open in Excel
    errno.EPERM: "没有权限",
    errno.EROFS: "只读，不能写入",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已用完",
    errno.ENOENT: "找不到",
    errno.EEXIST: "已有同名的文件",
    errno.ENOTDIR: "上级不是文件夹",
    errno.EISDIR: "是文件夹，不是文件",
    errno.ENAMETOOLONG: "文件名太长",
    errno.EBUSY: "正被占用；请关闭后再试",
    errno.EIO: "磁盘读写出错",
    errno.ELOOP: "链接绕成了圈",
    errno.ETIMEDOUT: "等了太久；可能另一个 xltool 正在使用这个文件夹，请等它结束后再试",
}


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


def os_words(error: OSError) -> str:
    """Why the system refuses, in Chinese; with its number where we have no words for it."""
    return _OS_WORDS.get(error.errno or 0) or f"系统不允许（错误代码 {error.errno or 0}）"
