"""导入文件: what the finance system imports, one file per sheet; several where the rows do not suffice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl

from xltool.merging.data_set import DataSet
from xltool.merging.import_lines import Piece, SheetLines
from xltool.merging.import_totals import check
from xltool.office.csv_files import write_gb18030
from xltool.office.import_plan import ImportPlan
from xltool.write.tables import Sheet, write_tables

_NAME, _SUFFIX, _CSV = "导入文件", ".xlsx", ".csv"


def save(data: DataSet, folder: Path, plan: ImportPlan | None = None) -> None:
    """Write what was merged as the finance system imports it: one heading row, values only.

    The plan is the office's (`Campaign.import_plan`), or that of the form. An import reads only the first
    sheet, so that each has a file of its own unless the plan says otherwise. No sheet has more lines
    than the plan says: what is more goes into another file, with whole records.

    Raises OfficeError for a form without a column map, and for a value that a format cannot hold;
    TotalsError where the files do not have what the data set has.
    """
    plan = plan or ImportPlan.of_form(data.form)
    several = len(plan.sheets) > 1
    groups = [[name] for name in plan.sheets] if plan.one_sheet else [list(plan.sheets)]
    for names in groups:
        sheets = [SheetLines(name, plan.sheets[name], data) for name in names]
        written: list[list[Piece]] = [[] for _ in sheets]
        shares = _shares([sheet.lines for sheet in sheets], plan.rows)
        for number, (first, records) in enumerate(shares, 1):
            pieces = [sheet.part(first, records) for sheet in sheets]
            path = folder / file_name(number, names[0] if several and plan.one_sheet else "")
            write_tables(path, [piece.sheet for piece in pieces], bare=True)
            for piece, others in zip(pieces, written, strict=True):
                others.append(piece)
        _check(sheets, written, data)
        if plan.csv:
            for piece, number in _numbered(written):
                path = folder / file_name(number, piece.sheet.name if several else "", _CSV)
                write_gb18030(path, _texts(piece.sheet))
            _check(sheets, written, data)


def _numbered(written: Sequence[Sequence[Piece]]) -> Iterator[tuple[Piece, int]]:
    """The pieces of some sheets, each with its number from 1."""
    for pieces in written:
        yield from zip(pieces, count(1))


def file_name(number: int, sheet: str = "", suffix: str = _SUFFIX) -> str:
    """The name of an import file: of its sheet, where there are several; the first has no number."""
    return _NAME + (f"-{sheet}" if sheet else "") + (f"-{number}" if number > 1 else "") + suffix


def files_in(folder: Path) -> int:
    """How many import files a merge wrote into a folder."""
    return len(list(folder.glob(f"{_NAME}*{_SUFFIX}")))


def _check(group: Sequence[SheetLines], written: Sequence[Sequence[Piece]], data: DataSet) -> None:
    """Raise TotalsError where what was written last of some sheets is not what the data set has."""
    for sheet, pieces in zip(group, written, strict=True):
        check(sheet.name, sheet.columns, [piece.totals for piece in pieces], data)
        for piece in pieces:
            piece.totals.begin()


def _texts(sheet: Sheet) -> Iterator[Sequence[str]]:
    """The cells of a list as texts, the headings first."""
    yield sheet.header
    for row in sheet.rows:
        yield [_text(cell) for cell in row]


def _text(cell: Any) -> str:
    """A cell as text: a day in figures, a number without commas."""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return "" if cell is None else cell.isoformat() if isinstance(cell, date) else str(cell)


def _shares(lines: Sequence[pl.Series], rows: int) -> Iterator[tuple[int, int]]:
    """(first, count) of the records of each file; `lines` say for each sheet how many lines a record has.

    As many records as fit, but one at least.
    """
    ends = [each.cum_sum() for each in lines]
    first, records = 0, len(ends[0])
    while True:
        before = [int(end[first - 1]) if first else 0 for end in ends]
        fitting = min(
            int(end.search_sorted(done + rows, side="right"))
            for end, done in zip(ends, before, strict=True)
        )
        following = min(max(fitting, first + 1), records)
        yield first, following - first
        if following >= records:
            return
        first = following
