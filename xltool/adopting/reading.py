"""Reading an official workbook with openpyxl, in a process with limits: whoever sent it.

The limits and checks are those of any returned file; openpyxl then tells how the sheets look.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from xltool.adopting.official import Official
from xltool.adopting.openpyxl_sheets import sheets_of
from xltool.errors import OfficeError
from xltool.workbook.limits import Limits
from xltool.workbook.refusals import DAMAGE, UnreadableError
from xltool.workbook.workers import run

_LIMITS = Limits(seconds=60)  # openpyxl is thorough and slow; one file is read
_MODERN = (".xlsx", ".xlsm", ".xltx", ".xltm")
_CONVERSION = 120  # seconds that LibreOffice may take to start and to convert


def read_official(path: Path) -> Official:
    """Return what stands in an official workbook; one of another kind goes through LibreOffice.

    Raises OfficeError for what is no readable workbook, and where LibreOffice is needed and missing.
    """
    if not path.is_file():
        raise OfficeError("找不到这个文件", path)
    if path.suffix.lower() in _MODERN:
        return _read_limited(path, path)
    with tempfile.TemporaryDirectory(prefix="xltool-adopt-") as folder:
        return _read_limited(_converted(path, Path(folder)), path)


def _read_limited(file: Path, named: Path) -> Official:
    """Read a file in a process of its own; `named` is how the user calls it."""
    (found,) = run(_read, [(file,)], 1, _LIMITS.seconds, _LIMITS.memory_bytes)
    if isinstance(found, Official):
        return found
    why = {
        "slow": "读了太久，没有读完；请用 Excel 或 WPS 删去多余的工作表和格式，另存后再试",
        "killed": "文件太大或已损坏，没有读完；请用 Excel 或 WPS 打开后另存，再试",
    }
    raise OfficeError(why.get(found, found), named)


def _read(file: Path) -> Official | str:
    """What stands in a file, or why it cannot be read: what a worker process does."""
    try:
        return sheets_of(file, _LIMITS)
    except UnreadableError as error:
        return f"{error.reason}；请用 Excel 或 WPS 打开后另存为 .xlsx，再试"
    except (*DAMAGE, TypeError):  # openpyxl is strict about what it does not know
        return "文件已损坏，或不是工作簿；请用 Excel 或 WPS 打开后另存为 .xlsx，再试"


def _converted(path: Path, folder: Path) -> Path:
    """Let LibreOffice save a workbook of another kind as .xlsx in a folder."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise OfficeError(
            f"{path.suffix or '这种'} 文件要由 LibreOffice 转换，本机没有安装；"
            "请用 Excel 或 WPS 另存为 .xlsx，再试",
            path,
        )
    copy = folder / f"official{path.suffix.lower()}"
    shutil.copyfile(path, copy)
    command = [
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        *("--headless", "--norestore", "--convert-to", "xlsx"),
        *("--outdir", str(folder / "made"), str(copy)),
    ]
    quiet = subprocess.DEVNULL
    try:
        subprocess.run(  # noqa: S603  # the arguments are ours, the file has a name of ours
            command, stdin=quiet, stdout=quiet, stderr=quiet, timeout=_CONVERSION, check=False
        )
    except subprocess.TimeoutExpired:
        raise OfficeError("LibreOffice 转换了太久；请用 Excel 或 WPS 另存为 .xlsx", path) from None
    made = folder / "made" / "official.xlsx"
    if not made.is_file():
        raise OfficeError("LibreOffice 没能转换；请用 Excel 或 WPS 另存为 .xlsx，再试", path)
    return made
