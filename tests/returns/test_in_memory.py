"""A return filled in memory, as most tests of rules use it, is read like the file that `fill` writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import EXAMPLES, FORMS, answers, fill_unit, make_campaign
from in_memory import filled_return, filled_workbook

from xltool.fields.reading import Raw
from xltool.form.own_sheets import CHECKS
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.workbook.limits import Limits
from xltool.workbook.opening import open_workbook


@pytest.mark.parametrize("example", FORMS)
def test_as_from_a_file(example: str, tmp_path: Path) -> None:
    campaign = make_campaign(example, tmp_path / "office")
    for source in sorted((EXAMPLES / example / "answers").glob("*.json")):
        unit = source.stem
        data = answers(example, unit)
        path = fill_unit(campaign, unit, data, tmp_path / f"{unit}.xlsx")
        written, made = open_workbook(path, Limits()), filled_workbook(campaign, unit, data)
        assert [sheet.name for sheet in written.sheets] == [sheet.name for sheet in made.sheets]
        for one, other in zip(written.sheets, made.sheets, strict=True):
            if one.name != CHECKS:  # its verdicts are worked out anew, and nobody reads them
                assert contents(one.grid) == contents(other.grid)
                assert (one.errors, one.formulas) == (other.errors, other.formulas)
        read, taken = (
            read_file(path, settings_for(campaign, None)),
            filled_return(campaign, unit, data),
        )
        assert (read.rows, read.cells, read.sheets) == (taken.rows, taken.cells, taken.sheets)
        assert (read.edition, read.seal, read.issue) == (taken.edition, taken.seal, taken.issue)
        assert (read.records, read.problem) == (taken.records, taken.problem)


def contents(grid: list[list[Raw]]) -> dict[tuple[int, int], tuple[type, Raw]]:
    """What stands in a grid, with its type; not the line breaks that make a row grow, worked out anew."""
    return {
        (row, column): (type(raw), raw)
        for row, raws in enumerate(grid)
        for column, raw in enumerate(raws)
        if raw is not None and raw != "\n" * len(str(raw))
    }
