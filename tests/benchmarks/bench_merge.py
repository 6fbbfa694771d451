"""(c) Merging, against openpyxl that appends rows and against polars: whole programs, with their start."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from measuring import Answer, Bench, Cost, in_turns, ratios, script, whole, xltool


def measured(bench: Bench) -> Answer:
    """Merge returns into one set of files; each a program of its own, xltool with one worker."""
    units = bench.sizes.many
    campaign, returns = bench.returns(units)
    given = {"campaign": campaign, "returns": returns, "folder": bench.folder}
    what = "cells by address, rows appended to one workbook"
    runs = {
        ("openpyxl", f"openpyxl: {what}"): partial(_script, "append", given),
        ("polars", "calamine and polars: cells by address, frames to Parquet and a workbook"): (
            partial(_script, "concatenate", given)
        ),
        ("merge", "xltool: read, check, merge (workbooks, lists, Parquet)"): partial(
            _ours, bench, campaign, returns
        ),
    }
    rows = in_turns(runs, units, bench.sizes.rounds)
    pairs = [("merge", "openpyxl"), ("merge", "polars")]
    return Answer(f"Merge {units} returns, whole programs", rows, ratios(rows, *pairs))


def _script(function: str, given: dict[str, Path]) -> Cost:
    return whole(script("bench_merge", function, **given))


def _ours(bench: Bench, campaign: Path, returns: Path) -> Cost:
    out = bench.empty() / "merged"
    words = ["--accept-warnings", "--reviewer", "bench", "--jobs", "1", "-q"]
    cost = whole(xltool("merge", returns, "--campaign", campaign, "--out", out, *words))
    assert (out / "导入文件.xlsx").is_file()
    return cost


def append(campaign: str, returns: str, folder: str) -> Callable[[], int]:
    """Append the rows of all workbooks to one, a sheet for each table."""
    import by_address
    import openpyxl

    office = by_address.campaign_of(campaign)
    out = Path(tempfile.mkdtemp(dir=folder)) / "merged.xlsx"

    def act() -> int:
        book = openpyxl.Workbook()
        pages = {name: book.create_sheet(name) for name in office.form.tables}
        for name, page in pages.items():
            page.append(["unit", *office.form.tables[name].fields])
        rows = 0
        for path in by_address.files_of(returns):
            for name, _, values in by_address.openpyxl_lines(office, path):
                fields = office.form.tables[name].fields
                pages[name].append([path.stem, *(values.get(field) for field in fields)])
                rows += 1
        book.save(out)
        return rows

    return act


def concatenate(campaign: str, returns: str, folder: str) -> Callable[[], int]:
    """Make a frame of each table of each workbook and put them together."""
    import by_address
    import polars as pl

    office = by_address.campaign_of(campaign)
    out = Path(tempfile.mkdtemp(dir=folder))

    def frames(name: str) -> Iterator[pl.DataFrame]:
        for path, lines in found.items():
            yield by_address.frame(office, office.form.tables[name], path.stem, lines)

    found = {}

    def act() -> int:
        for path in by_address.files_of(returns):
            found[path] = by_address.calamine_lines(office, path)
        rows = 0
        for name in office.form.tables:
            whole = pl.concat(frames(name)).drop("unreadable")
            whole.write_parquet(out / f"{name}.parquet")
            whole.write_excel(out / f"{name}.xlsx")
            rows += len(whole)
        return rows

    return act
