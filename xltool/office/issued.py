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

from xltool.office.csv_files import adding_csv, read_written

ISSUED = "issued"  # the folder of the workbooks, unless the office wants another
MANIFEST = "manifest.csv"
REGISTER = "下发记录.csv"
_HEADER = ("时间", "单位代码", "签发编号", "文件")


@dataclass(frozen=True, slots=True)
class Entry:
    """One workbook that was issued: the unit's code, the id of the issue, and where it was put."""

    unit: str
    issue_id: str
    path: Path


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


@contextmanager
def registering(folder: Path, entries: Iterable[Entry], now: datetime) -> Iterator[None]:
    """Add what is issued in the block to the register; what is a unit's last line there adds nothing.

    The register is as before if the block raises. The caller holds the lock of the folder.
    """
    last = {
        row.get("单位代码", ""): (row.get("签发编号"), row.get("文件"))
        for row in _rows(folder / REGISTER)
    }
    lines = []
    for entry in entries:
        place = _place(entry.path, folder)
        if last.get(entry.unit) != (entry.issue_id, place):
            lines.append([f"{now:%Y-%m-%d %H:%M}", entry.unit, entry.issue_id, place])
    with adding_csv(folder / REGISTER, _HEADER, lines):
        yield


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """The lines of a file, one at a time; none where there is none."""
    for _, row in read_written(path) if path.is_file() else ():
        yield row


def _place(path: Path, folder: Path) -> str:
    """Where a workbook lies: from the campaign's folder, if it lies in it."""
    path, folder = path.resolve(), folder.resolve()
    inside = path.is_relative_to(folder)
    return path.relative_to(folder).as_posix() if inside else str(path)
