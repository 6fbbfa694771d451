"""合并记录.csv: the merges of a campaign, numbered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from xltool.locks import locked
from xltool.office.csv_files import append_csv, read_written

RECORD = "合并记录.csv"
_HEADER = ("编号", "时间", "合并人", "文件夹", "内容")


@dataclass(frozen=True, slots=True)
class Merged:
    """One merge: its number, where its result was put, and the digest of what it holds."""

    number: int
    folder: str
    digest: str


def read_merges(folder: Path) -> list[Merged]:
    """The merges of a campaign, the first one first. Raises OfficeError for a file that is no CSV."""
    path = folder / RECORD
    if not path.is_file():
        return []
    return [
        Merged(int(row["编号"]), row.get("文件夹", ""), row.get("内容", ""))
        for _, row in read_written(path)
        if row.get("编号", "").isdigit()
    ]


def number_of(folder: Path, out: Path, digest: str, who: str, now: datetime) -> int:
    """The number of a merge that holds this; the same as last time where nothing has changed since.

    It is noted before the result appears, so that no number is given twice, whatever happens then.
    """
    with locked(folder):
        merges = read_merges(folder)
        place = str(out.resolve())
        known = [each for each in merges if each.folder == place]
        if known and known[-1].digest == digest:
            return known[-1].number
        number = max((each.number for each in merges), default=0) + 1
        row = [str(number), f"{now:%Y-%m-%d %H:%M}", who, place, digest]
        append_csv(folder / RECORD, _HEADER, [row])
        return number
