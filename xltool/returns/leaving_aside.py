"""What is left aside without looking into it, and why: by its name, or by what it is."""

from __future__ import annotations

import stat
from pathlib import Path, PurePath

from xltool.office.issued import MANIFEST
from xltool.returns.accounting import LOCK

HIDDEN = "隐藏文件"
SYSTEM = "系统文件"
ISSUED = "下发清单"
BROKEN_LINK = "断开的链接"
FOLDER_LINK = "指向文件夹的链接"
CLOSED = "打不开的文件夹"
EMPTY = "空文件夹"
SPECIAL = "特殊文件"
RESULT = "合并结果"
RESULT_MANIFEST = "manifest.json"

_SYSTEM_NAMES = {"thumbs.db", "desktop.ini", ".ds_store", "ehthumbs.db"}
_SYSTEM_FOLDERS = {"__macosx", "$recycle.bin", "system volume information"}
_KINDS = {stat.S_IFIFO: "管道", stat.S_IFSOCK: "套接字", stat.S_IFCHR: "设备", stat.S_IFBLK: "设备"}


def is_result(folder: Path) -> bool:
    """True for a folder that a merge wrote: what lies in it is no return."""
    return (folder / RESULT_MANIFEST).is_file() and (folder / "data").is_dir()


def reason_for(name: PurePath) -> str | None:
    """Why a file of a folder or an archive is left aside, by its name within it; None if it is not."""
    small = [part.lower() for part in name.parts]
    if small[-1:] and (small[-1] in _SYSTEM_NAMES or _SYSTEM_FOLDERS & set(small)):
        return SYSTEM
    if name.name.startswith("~$"):
        return LOCK
    if name.name == MANIFEST:
        return ISSUED
    return HIDDEN if any(part.startswith((".", "~$")) for part in name.parts) else None


def reason_for_kind(path: Path) -> str | None:
    """Why something that is no folder cannot be a return, by what it is; None for a file.

    Nothing is opened: a pipe would wait for ever.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return BROKEN_LINK if path.is_symlink() else SPECIAL
    if stat.S_ISREG(mode):
        return None
    return FOLDER_LINK if stat.S_ISDIR(mode) else _KINDS.get(stat.S_IFMT(mode), SPECIAL)
