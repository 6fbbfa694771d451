"""What the merge tests share: reading in this process, five correct returns, looking at results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
from helpers import answers, fill_unit

from xltool.checking.parts import Order, Part, read_one, read_part
from xltool.merging.merge import MergeResult
from xltool.office.campaign import Campaign
from xltool.returns.accounting import Returned


def parts_here(order: Order, files: Sequence[Returned], *_: Any) -> Iterator[tuple[int, Part]]:
    """As `made_here`, but without workers, which have their own tests; the last parts come first."""
    for first in reversed(range(0, len(files), 2)):
        read = [read_one(order, file) for file in files[first : first + 2]]
        yield first, read_part(order, read)


def all_returns(campaign: Campaign, folder: Path) -> Path:
    """Fill a folder with the correct returns of all units of the declaration example."""
    for unit in campaign.units:
        fill_unit(campaign, unit, answers("declaration", unit), folder / f"{unit}.xlsx")
    for file in folder.glob("*.json"):
        file.unlink()
    return folder


def outcomes(result: MergeResult) -> list[tuple[str, str, str]]:
    """(unit, file, outcome) of every entry."""
    return [(entry.unit, entry.file, entry.outcome) for entry in result.entries]


def frames(folder: Path) -> dict[str, pl.DataFrame]:
    """The data set of a result by table."""
    return {path.stem: pl.read_parquet(path) for path in (folder / "data").iterdir()}


def table(path: Path, sheet: str) -> list[tuple[Any, ...]]:
    """The values of a sheet."""
    return list(openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True))


def files(folder: Path) -> dict[str, bytes]:
    """The contents of all files of a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
