"""What the merge tests share: reading in this process, five correct returns, looking at results."""

from __future__ import annotations

import csv
import re
import zipfile
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

# what `xltool merge` names at its end, where nothing is held back, and where something is
WRITTEN = (
    "已写出 data/、datapackage.json、proof/、settings/、变更.csv、合并清单.csv、对账.csv、导入文件.xlsx、"
    "汇总表.xlsx、manifest.json、manifest.sig"
)
WRITTEN_AND_HELD = WRITTEN.replace("data/", "conflicts/、data/", 1)


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


def frames(folder: Path, part: str = "data") -> dict[str, pl.DataFrame]:
    """The data set of a result by table, or what it holds back in `conflicts`."""
    return {path.stem: pl.read_parquet(path) for path in (folder / part).iterdir()}


def units_in(folder: Path, part: str = "data") -> list[str]:
    """The units whose submissions are in a result, in its order."""
    return frames(folder, part)["submission"]["unit_code"].to_list()


def lines(path: Path) -> list[list[str]]:
    """The lines of a CSV file, its headings first."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def saved_at(source: Path, moment: str, out: Path) -> Path:
    """Write the same workbook, which says of itself that it was saved at that moment."""
    with zipfile.ZipFile(source) as package:
        parts = [(item, package.read(item)) for item in package.infolist()]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
        for item, old in parts:
            content = old
            if item.filename == "docProps/core.xml":
                content, count = re.subn(
                    rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + moment.encode(), content
                )
                assert count == 1
            copy.writestr(item, content)
    return out


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
