"""Ratios, measured side by side in one run: `make bench`. Never a timed test.

Writing: a unit's workbook against a plain XlsxWriter loop over the same cells. Reading: a return with
everything that xltool finds out, against raw calamine and against openpyxl on the same file. Checking:
all rules on many forms against reading them.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import openpyxl
import python_calamine
import xlsxwriter
from helpers import answers, fill_unit, make_campaign, template

from xltool.batch import Batch
from xltool.issuing import issue
from xltool.reading import read_file, settings_for
from xltool.validate import check

ROUNDS = 15
COPIES = 300  # returns in the batch that is checked; each has several forms


def seconds(action: Callable[[], object]) -> float:
    """The median time of an action."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def plain_write(source: Path, out: Path) -> None:
    """The same values with XlsxWriter, without formats, locks or checks."""
    book = xlsxwriter.Workbook(str(out), {"in_memory": True})
    for sheet in openpyxl_values(source):
        page = book.add_worksheet()
        for row, values in enumerate(sheet):
            for column, value in enumerate(values):
                if value is not None:
                    page.write(row, column, value)
    book.close()


VALUES: dict[Path, list[list[list[object]]]] = {}


def openpyxl_values(path: Path) -> list[list[list[object]]]:
    """All values, read once."""
    if path not in VALUES:
        book = openpyxl.load_workbook(path)
        VALUES[path] = [[list(row) for row in sheet.values] for sheet in book.worksheets]
    return VALUES[path]


def raw_calamine(path: Path) -> None:
    """Values only."""
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        campaign = make_campaign("declaration", folder / "campaign")
        filled = fill_unit(
            campaign, "106001", answers("declaration", "106001"), folder / "106001.xlsx"
        )
        settings = settings_for(campaign, None)
        blank = template(campaign, "106001")
        write = seconds(lambda: issue(campaign, ["106001"], folder / "out"))
        plain = seconds(lambda: plain_write(blank, folder / "plain.xlsx"))
        print(
            f"issue one unit (9 sheets)    {write * 1000:7.1f} ms, {write / plain:5.1f} × plain XlsxWriter"
        )
        ours = seconds(lambda: read_file(filled, settings))
        calamine = seconds(lambda: raw_calamine(filled))
        slow = seconds(lambda: openpyxl.load_workbook(filled))
        print(
            f"read one return (6 forms)    {ours * 1000:7.1f} ms, {ours / calamine:5.1f} × raw calamine, {ours / slow:5.2f} × openpyxl"
        )
        batch = Batch([read_file(filled, settings) for _ in range(COPIES)], campaign)
        start = time.perf_counter()
        check(batch)
        checked = time.perf_counter() - start
        forms = COPIES * 6
        print(
            f"check {forms} forms            {checked * 1000:7.0f} ms, {checked / (ours * COPIES):5.2f} × reading them"
        )


if __name__ == "__main__":
    main()
