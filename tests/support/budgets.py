"""Changes to the answers of longgang_2023_budget, by table, row and field name."""

from __future__ import annotations

from pathlib import Path

from helpers import Data, answers, check_files, fill_unit
from mutations import AnswerChange, described

from xltool.form.loading import load_form
from xltool.office.campaign import Campaign
from xltool.office.roster import field_by_label

ONE, TWO = "301001", "302001"  # one unit; two units with a government fund
FORM = load_form("longgang_2023_budget")


def found_lines(
    campaign: Campaign, unit: str, change: AnswerChange, folder: Path, like: list[str]
) -> list[str]:
    """What is found after one change to the correct answers of a unit."""
    data = answers("budget", unit)
    change(data)
    path = fill_unit(campaign, unit, data, folder / "return.xlsx")
    return described(check_files(campaign, path), like)


def _put(table: str, row: Data, values: dict[str, str]) -> None:
    """Set fields by name, under the labels that the row already has."""
    labels = {field_by_label(FORM.tables[table].fields, label): label for label in row}
    row.update({labels.get(name, name): text for name, text in values.items()})


def own(table: str, **values: str) -> AnswerChange:
    """Change the fields of a sheet."""
    return lambda data: _put(table, data[table], values)


def line(table: str, which: str | int, **values: str) -> AnswerChange:
    """Change a row: the first one in which this text stands, or by number from 1."""

    def change(data: Data) -> None:
        rows = data[table]
        found = rows[_index(rows, which)]
        _put(table, found, values)

    return change


def _index(rows: list[Data], which: str | int) -> int:
    if isinstance(which, int):
        return which - 1
    return next(number for number, row in enumerate(rows) if which in row.values())


def all_of(*changes: AnswerChange) -> AnswerChange:
    """Several changes that make one mistake."""

    def change(data: Data) -> None:
        for one in changes:
            one(data)

    return change


def without(table: str, which: str) -> AnswerChange:
    """Take a row out."""
    return lambda data: data[table].pop(_index(data[table], which))


def blank(table: str) -> AnswerChange:
    """Leave a table blank."""
    return lambda data: data[table].clear()


def swapped(table: str, first: str, second: str) -> AnswerChange:
    """Two rows change places."""

    def change(data: Data) -> None:
        rows = data[table]
        a, b = _index(rows, first), _index(rows, second)
        rows[a], rows[b] = rows[b], rows[a]

    return change
