"""What was issued to whom, last: by it a return is judged to be superseded.

下发记录.csv in the campaign's folder has a line for each workbook that `xltool issue` wrote, wherever it
put it; lines are only added. The manifest in the default folder speaks for units that it does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

from xltool.office.csv_files import adding_csv, read_written, write_csv

ISSUED = "issued"  # the folder of the workbooks, unless the office wants another
MANIFEST = "manifest.csv"
REGISTER = "下发记录.csv"
_FORM = "表"  # the digest of the form as it was issued (`office.kept_forms`)
_HEADER = ("时间", "单位代码", "签发编号", "文件", _FORM)


@dataclass(frozen=True, slots=True)
class Entry:
    """One workbook that was issued: the unit's code, the id of the issue, where it was put, the digest of its form."""

    unit: str
    issue_id: str
    path: Path
    form: str = ""


def last_issued(folder: Path) -> dict[str, str]:
    """Unit → id of what it was issued last, as far as the campaign's folder knows.

    Raises OfficeError for a register or a manifest that is no CSV.
    """
    return {
        row["单位代码"]: row["签发编号"]
        for path in (folder / ISSUED / MANIFEST, folder / REGISTER)
        for row in _rows(path)
        if row.get("单位代码") and row.get("签发编号")
    }


def order_of_issues(folder: Path) -> dict[tuple[str, str], int]:
    """(unit, issue id) → its place among all that was issued: what was issued later has a higher one."""
    rows = chain(_rows(folder / ISSUED / MANIFEST), _rows(folder / REGISTER))
    return {
        (row.get("单位代码", ""), row.get("签发编号", "")): place for place, row in enumerate(rows)
    }


def forms_issued(folder: Path) -> dict[str, str]:
    """Issue id → digest of the form that it was issued with; earlier versions of xltool noted none."""
    return {
        row["签发编号"]: row[_FORM]
        for row in _rows(folder / REGISTER)
        if row.get("签发编号") and row.get(_FORM)
    }


@contextmanager
def registering(folder: Path, entries: Iterable[Entry], now: datetime) -> Iterator[None]:
    """Add what is issued in the block to the register; what is a unit's last line there adds nothing.

    The register is as before if the block raises. The caller holds the lock of the folder.
    """
    last = {
        row.get("单位代码", ""): (row.get("签发编号"), row.get("文件"), row.get(_FORM))
        for row in _rows(folder / REGISTER)
    }
    lines = []
    for entry in entries:
        place = _place(entry.path, folder)
        if last.get(entry.unit) != (entry.issue_id, place, entry.form):
            time = f"{now:%Y-%m-%d %H:%M}"
            lines.append([time, entry.unit, entry.issue_id, place, entry.form])
    _bring_up_to_date(folder / REGISTER)
    with adding_csv(folder / REGISTER, _HEADER, lines):
        yield


def _bring_up_to_date(path: Path) -> None:
    """Give a register of an earlier version of xltool the columns that it lacks."""
    rows = [row for _, row in read_written(path)] if path.is_file() else []
    if rows and _FORM not in rows[0]:
        names = [*rows[0], *(name for name in _HEADER if name not in rows[0])]
        write_csv(path, [names, *([row.get(name, "") for name in names] for row in rows)])


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """The lines of a file, one at a time; none where there is none."""
    for _, row in read_written(path) if path.is_file() else ():
        yield row


def _place(path: Path, folder: Path) -> str:
    """Where a workbook lies: from the campaign's folder, if it lies in it."""
    path, folder = path.resolve(), folder.resolve()
    inside = path.is_relative_to(folder)
    return path.relative_to(folder).as_posix() if inside else str(path)
