"""The office's lists as files: CSV, or a workbook of the same name (`units.xlsx` for `units.csv`).

A file that was meant as such a list, but is of another kind or case, is told: it would not be seen. In a
workbook codes that are text stay so; a number in its place has lost what Excel does not keep, and whoever
reads the list says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xltool.errors import OfficeError
from xltool.fields.reading import Raw, shown
from xltool.form.layout import a1
from xltool.office.mistakes import Mistakes
from xltool.prose.text import printable
from xltool.workbook.limits import Limits
from xltool.workbook.opening import SheetData, open_workbook
from xltool.workbook.refusals import UnreadableError

BOOK = ".xlsx"
_READ = (".csv", BOOK)
_OTHERS = (".xls", ".xlsm", ".xlsb", ".et", ".ett", ".ods", ".numbers", ".tsv", ".txt")  # of tables
_KEPT = 10**15  # from here on Excel does not keep all digits of a whole number
_LIMITS = Limits(rows=1_048_576, file_bytes=200 * 1024 * 1024, unpacked_bytes=2_000 * 1024 * 1024)


def list_file(folder: Path, name: str) -> Path:
    """Return the file of a list: the CSV of this name, or the workbook where there is that one only.

    Raises OfficeError where there are both, and where there is neither but a file that was meant as the list.
    """
    path = folder / name
    book = path.with_suffix(BOOK)
    if path.suffix.lower() != ".csv":
        return path
    if path.is_file() and book.is_file():
        raise OfficeError(f"{path.name} 和 {book.name} 都有，不知道用哪一个；请移走一个", folder)
    if path.is_file():
        return path
    if book.is_file():
        return book
    for other in _meant(path):
        step = _step(path, other)
        raise OfficeError(f"没有 {name}；这里有 {printable(other.name)}，{step}", folder)
    return path


def _meant(path: Path) -> Iterator[Path]:
    """The files beside a list that is not there that were probably meant: of its name, but for case and suffix."""
    names = {path.stem.casefold(), *(f"{path.stem}{suffix}".casefold() for suffix in _READ)}
    if not path.parent.is_dir():
        return
    for other in sorted(path.parent.iterdir()):
        is_table = other.suffix.casefold() in (*_READ, *_OTHERS)
        if is_table and other.stem.casefold() in names and other.is_file():
            yield other


def _step(path: Path, other: Path) -> str:
    """What to do with a file that was meant as a list: one that can be read only needs the name of the list."""
    suffix = other.suffix.casefold()
    if suffix in _READ:
        return f"请改名为 {path.with_suffix(suffix).name}"
    return f"这种文件不读取，请另存为 {path.with_suffix(BOOK).name} 或 CSV UTF-8"


def is_book(path: Path) -> bool:
    """True for a list that is a workbook."""
    return path.suffix.lower() == BOOK


def lines_of_book(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first sheet that is neither hidden nor empty, with their numbers; blank ones before the heading are left out.

    Raises OfficeError for what is no workbook that can be read, and for an error value in a cell.
    """
    sheet = _sheet(path)
    mistakes = Mistakes(path.parent)
    for (row, column), error in sheet.errors.items():
        mistakes.add(f"{a1(row, column)} 是错误值 {error}；请改正", path, row + 1)
    mistakes.insist()
    width = max(
        (n for raws in sheet.grid for n, raw in enumerate(raws, 1) if raw is not None), default=0
    )
    begun = False
    for number, raws in enumerate(sheet.grid, 1):
        cells = [_text(raw) for raw in raws[:width]]
        begun = begun or any(cells)
        if begun:
            yield number, cells


def _sheet(path: Path) -> SheetData:
    try:
        workbook = open_workbook(path, _LIMITS)
    except UnreadableError as error:
        raise OfficeError(f"{error}；请用 Excel 打开后另存为 .xlsx 或 CSV UTF-8", path) from error
    visible = [each for each in workbook.sheets if not each.is_hidden]
    if not visible:
        raise OfficeError("里面没有可见的工作表；请补上", path)
    return next((each for each in visible if _holds_something(each)), visible[0])


def _holds_something(sheet: SheetData) -> bool:
    return any(raw is not None and str(raw).strip() for raws in sheet.grid for raw in raws)


def _text(raw: Raw) -> str:
    """A cell as CSV would have it; a number that lost digits is written so that this is seen."""
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < _KEPT:
        return str(int(raw))
    return shown(raw)
