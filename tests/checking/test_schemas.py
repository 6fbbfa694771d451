"""A table of a form is a pandera schema that finds by itself what a run finds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandera.polars as pa
import polars as pl
import pytest
from helpers import check_files, edit
from kits import KITS
from openpyxl.cell.cell import Cell
from openpyxl.workbook import Workbook

from xltool.checking import judging
from xltool.checking.checks import Check
from xltool.checking.schemas import failing_rows, name_of, schema_of
from xltool.form.model import TableView

ODD = (
    "约三百",
    "",
    "12.345",
    "≥95%",
    "不适用",
    "0",
    "123456789012345678901",
    "很好，完成，提高" * 90,
)


def garbled(book: Workbook, seed: int) -> None:
    """Write odd things into half of the open cells, the same for the same seed."""
    chance = random.Random(seed)
    for sheet in book.worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            if not cell.protection.locked and isinstance(cell, Cell) and chance.random() < 0.5:
                cell.value = chance.choice(ODD)


def pairs(checks: Sequence[Check], found: Sequence[tuple[Check, int]]) -> set[tuple[str, int]]:
    """The failures with the names that the checks have in a schema."""
    names = {id(check): name_of(number, checks) for number, check in enumerate(checks)}
    return {(names[id(check)], row) for check, row in found}


@pytest.mark.parametrize("letter", sorted(KITS))
def test_a_schema_finds_what_a_run_finds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, letter: str
) -> None:
    kit = KITS[letter]
    campaign = kit.campaign(tmp_path / "office")
    compared: list[str] = []

    def both(
        frame: pl.DataFrame, table: TableView, checks: Sequence[Check], *, is_narrow: bool
    ) -> list[tuple[Check, int]]:
        """Judge a frame in the way of a run, and by the schema alone."""
        found = failing_rows(frame, table, checks, is_narrow=is_narrow)
        if is_narrow:  # it has not all columns of the schema
            return found
        try:
            schema_of(table, checks).validate(frame, lazy=True)
        except pa.errors.SchemaErrors as error:
            cases = error.failure_cases
            alone = set(zip(cases["check"], cases["index"], strict=True))
        else:
            alone = set()
        assert pairs(checks, found) == alone, table.name
        compared.extend(check.code for check, _ in found)
        return found

    monkeypatch.setattr(judging, "failing_rows", both)
    paths = [kit.fill(campaign, kit.data(), tmp_path / "good.xlsx")]
    for seed in range(4):
        path = tmp_path / f"{seed}.xlsx"
        paths.append(edit(paths[0], partial(garbled, seed=seed), path))
    findings = check_files(campaign, *paths)
    assert len(set(compared)) >= 10, set(compared)
    assert len(findings) >= 40
