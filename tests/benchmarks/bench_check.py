"""(b) Reading and checking a return, against reading its cells and against a script of one's own."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measuring import Answer, Bench, contest, in_turns, ratios

if TYPE_CHECKING:
    import polars as pl

    from xltool.office.campaign import Campaign
    from xltool.rules.declaring import Reference

_WHAT = {
    "calamine": "calamine: all cells",
    "openpyxl_read_only": "openpyxl, read-only: all cells",
    "openpyxl_full": "openpyxl: all cells",
    "script": "a script: openpyxl, cells by address, the form's pandera schema",
    "read": "xltool: read (cells, seal, what was changed)",
    "check": "xltool: read and check (all rules)",
}


def measured(bench: Bench) -> Answer:
    """Read and check returns in one process, each in its way; imports are not counted."""
    units = bench.sizes.units
    campaign, returns = bench.returns(units)
    given = {"campaign": campaign, "returns": returns}
    runs = {
        (key, what): partial(contest, "bench_check", key, **given) for key, what in _WHAT.items()
    }
    rows = in_turns(runs, units, bench.sizes.rounds)
    pairs = [("read", key) for key in ("calamine", "openpyxl_read_only", "openpyxl_full")]
    pairs += [("check", key) for key in ("calamine", "openpyxl_full", "script", "read")]
    return Answer(f"Read and check {units} returns, one process", rows, ratios(rows, *pairs))


def calamine(campaign: str, returns: str) -> Callable[[], int]:
    """All cells of all sheets, as calamine gives them."""
    import python_calamine

    paths = sorted(Path(returns).glob("*.xlsx"))

    def act() -> int:
        cells = 0
        for path in paths:
            book = python_calamine.CalamineWorkbook.from_path(str(path))
            for name in book.sheet_names:
                grid = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                cells += sum(map(len, grid))
        return cells

    return act


def openpyxl_full(campaign: str, returns: str) -> Callable[[], int]:
    """All cells of all sheets, as openpyxl gives them."""
    return _openpyxl(returns, read_only=False)


def openpyxl_read_only(campaign: str, returns: str) -> Callable[[], int]:
    """The same in its mode for large files."""
    return _openpyxl(returns, read_only=True)


def _openpyxl(returns: str, *, read_only: bool) -> Callable[[], int]:
    import openpyxl

    paths = sorted(Path(returns).glob("*.xlsx"))

    def act() -> int:
        cells = 0
        for path in paths:
            book = openpyxl.load_workbook(path, read_only=read_only, data_only=True)
            cells += sum(len(row) for sheet in book.worksheets for row in sheet.values)
            book.close()
        return cells

    return act


def script(campaign: str, returns: str) -> Callable[[], int]:
    """What somebody writes for himself; gives the number of failures.

    A frame and a schema for each table of each workbook. It knows nothing of seals, of cells that were
    changed or cannot be read, and compares no workbook with another; a failure has no cell and no words.
    """
    import by_address

    for name in ("openpyxl", "xltool.checking.judging", "xltool.checking.schemas"):
        importlib.import_module(name)  # before the clock runs
    office = by_address.campaign_of(campaign)
    paths = by_address.files_of(returns)
    return lambda: sum(failures(office, path) for path in paths)


def failures(office: Campaign, path: Path) -> int:
    """How many rows of a workbook fail a check, each check counted."""
    import by_address
    import pandera.polars as pa

    from xltool.checking.judging import runnable
    from xltool.checking.schemas import schema_of

    lines = by_address.openpyxl_lines(office, path)
    tables = office.form.tables
    frames = {
        name: by_address.frame(office, table, path.stem, lines) for name, table in tables.items()
    }

    def source(wanted: str | Reference) -> pl.DataFrame | None:
        return frames[wanted] if isinstance(wanted, str) else office.reference(wanted)

    rules = [rule for rule in office.form.rules if rule.enabled and not rule.together]
    failing = 0
    for name, table in tables.items():
        checks = list(runnable(rules, table, frames[name], source))
        try:
            schema_of(table, checks).validate(frames[name], lazy=True)
        except pa.errors.SchemaErrors as error:
            failing += len(error.failure_cases)
    return failing


def read(campaign: str, returns: str) -> Callable[[], int]:
    """What `xltool.read` does with each file in its workers; gives the number of rows."""
    paths, settings, _ = _ours(campaign, returns)

    def act() -> int:
        from xltool.returns.reading import read_file

        return sum(len(read_file(path, settings).rows) for path in paths)

    return act


def check(campaign: str, returns: str) -> Callable[[], int]:
    """Read, then all rules, those across workbooks too; gives the number of findings."""
    paths, settings, office = _ours(campaign, returns)

    def act() -> int:
        from xltool.checking.running import check as check_all
        from xltool.returns.reading import read_file
        from xltool.returns.submissions import Batch

        batch = Batch([read_file(path, settings) for path in paths], office)
        return len(check_all(batch).findings)

    return act


def _ours(campaign: str, returns: str) -> tuple[list[Path], Any, Campaign]:
    import by_address

    importlib.import_module("xltool.checking.running")  # before the clock runs
    from xltool.returns.identifying import settings_for

    office = by_address.campaign_of(campaign)
    return by_address.files_of(returns), settings_for(office, None), office
