"""Whatever a unit does to its workbook: it is told where, and nothing is silently misread."""

from __future__ import annotations

import os

import pytest
from edits import Edited, Filled, cells_of, filled, rearranged, sheet_of, size
from helpers import FORMS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xltool.batch import Submission
from xltool.layout import Sheet, a1

EXAMPLES = int(os.environ.get("XLTOOL_EXAMPLES", "2000"))  # of each form; make fuzz takes more
many = settings(
    max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module", params=FORMS)
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """A filled workbook of each form."""
    return filled(request.param, tmp_path_factory.mktemp(request.param))


def misread(base: Filled, edited: Edited, found: Submission) -> list[str]:
    """What is read otherwise than it was typed, and what is not read, without a word about it."""
    form, problems, read = base.campaign.form, [], set()
    if is_filling(base, edited):
        return wrongly_placed(base, edited, found)
    for row, name, spot in cells_of(found):
        read.add(spot)
        column = form.field(row.table, name)
        issued = row.places.get(name)
        if column.filled_by != "unit" or (issued and (row.sheet, *issued) not in base.inputs):
            continue
        value, old = row.values[name], edited.origin(spot)
        if value is None or spot[1:] in edited.retyped:
            continue
        typed = base.typed.get(old) if old else None
        here = f"{spot[0]}!{a1(*spot[1:])}"
        if typed is None:
            problems.append(f"{here}: {value!r} is not typed, read as {row.table}.{name}")
        elif (typed.table, typed.field.name) != (row.table, name):
            problems.append(f"{here}: {typed.table}.{typed.field.name} read as {row.table}.{name}")
        elif value != typed.value:
            problems.append(f"{here}: {typed.value!r} read as {value!r}")
    told = any(fact.sheet in ("", edited.sheet) for fact in found.sheets)
    for spot, typed in base.typed.items():
        now = edited.now(spot)
        if typed.value is not None and now is not None and now not in read and not told:
            problems.append(f"{now}: {typed.table}.{typed.field.name} is lost")
    return problems


def is_filling(base: Filled, edited: Edited) -> bool:
    """True if the labels stand as issued and all else in inputs: it might have been typed so."""
    data = edited.workbook.sheet(edited.sheet)
    if data is None:
        return False
    here = {spot[1:]: raw for spot, raw in base.locked.items() if spot[0] == edited.sheet}
    content = {
        (row, column): raw
        for row, cells in enumerate(data.grid)
        for column, raw in enumerate(cells)
        if raw is not None and (edited.sheet, row, column) not in base.inputs
    }
    return content == here


def wrongly_placed(base: Filled, edited: Edited, found: Submission) -> list[str]:
    """The same where values stand in other inputs than before: each is what stands there now."""
    problems, data = [], edited.workbook.sheet(edited.sheet)
    assert data is not None
    for row, name, spot in cells_of(found):
        typed = base.typed.get(spot)
        if spot[0] == edited.sheet and typed is not None and name not in row.unreadable:
            expected = typed.field.read(data.raw(*spot[1:])).value
            if (row.table, name, row.values[name]) != (typed.table, typed.field.name, expected):
                problems.append(f"{spot}: {expected!r} read as {row.values[name]!r}")
    return problems


def section(layout: Sheet, row: int) -> tuple[int, int]:
    """The rows around `row` that cannot be told from each other by their labels."""
    labels = [
        tuple((cell.column, cell.text) for cell in layout.locked_rows.get(r, ()))
        for r in range(layout.height)
    ]
    first, last = min(row - 1, layout.height - 1), min(row, layout.height - 1)
    while first > 0 and (not labels[first] or labels[first - 1] == labels[first]):
        first -= 1
    while last < layout.height - 1 and (not labels[last + 1] or labels[last + 1] == labels[last]):
        last += 1
    return first, last + 1


def shifted_rows(found: Submission, sheet: str) -> list[int]:
    """The rows at which the sheet is said to have been shifted, 0-based."""
    return [
        int("".join(filter(str.isdigit, fact.cell))) - 1
        for fact in found.sheets
        if fact.sheet == sheet and fact.state == "shifted"
    ]


def pick_sheet(base: Filled, data: st.DataObject) -> tuple[str, int, int]:
    """A form sheet, its height and width."""
    name = data.draw(st.sampled_from(sorted(base.sheets)))
    return (name, *size(sheet_of(base, name), base.sheets[name]))


@many
@given(data=st.data())
def test_rows_inserted(base: Filled, data: st.DataObject) -> None:
    name, height, width = pick_sheet(base, data)
    layout = base.sheets[name]
    at = data.draw(st.integers(0, layout.height - 1))
    count = data.draw(st.integers(1, 4))
    rows = [*range(at), *[None] * count, *range(at, height)]
    edited = rearranged(base, name, rows, range(width))
    found = base.read(edited.workbook)
    assert misread(base, edited, found) == []
    if not is_filling(base, edited):
        first, last = section(layout, at)
        assert any(first <= row <= last + count for row in shifted_rows(found, name))


@many
@given(data=st.data())
def test_rows_deleted(base: Filled, data: st.DataObject) -> None:
    name, height, width = pick_sheet(base, data)
    layout = base.sheets[name]
    at = data.draw(st.integers(0, layout.height - 1))
    count = data.draw(st.integers(1, min(4, layout.height - at)))
    rows = [*range(at), *range(at + count, height)]
    edited = rearranged(base, name, rows, range(width))
    found = base.read(edited.workbook)
    assert misread(base, edited, found) == []
    if not is_filling(base, edited):
        first, last = section(layout, at)
        gone = any(fact.sheet == "" and fact.expected == name for fact in found.sheets)
        assert gone or any(first <= row <= last for row in shifted_rows(found, name))
