"""The plan of a sheet: all that is known of its cells before a return is opened, worked out once.

A `Plan` holds for every sheet on which nothing moved. Its `at` are places in a `frame`: the cells of the
form in one list, row after row, so that many of them are picked and compared at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from xltool.fields.kinds import Field
from xltool.fields.reading import BLANK, Raw, Value
from xltool.form.computed_cells import computed_fields
from xltool.form.edition import Edition
from xltool.form.layout import Block, Position, Sheet, a1
from xltool.form.model import Form
from xltool.language.equations import Equation


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a row: where it stands, and whether a blank cell is nothing but a blank.

    It is that if the field is not worked out by the workbook and its kind reads a blank as none.
    """

    field: Field
    place: Position
    at: int
    may_be_skipped: bool


@dataclass(frozen=True, slots=True)
class Line:
    """What all rows have in common that are read from one row of a block, or as the record itself.

    `values` and `raw` are those of a blank row, `unreadable` are fields that the sheet does not have.
    `left` is the layout row and the first column. `may_be_skipped`: all inputs may be.
    """

    inputs: tuple[Input, ...]
    values: Mapping[str, Value]
    raw: Mapping[str, Raw]
    cells: Mapping[str, str]
    places: Mapping[str, Position]
    unreadable: Sequence[str]
    left: Position
    may_be_skipped: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A sheet of a layout: the record's own fields, its blocks row by row, and its computed fields.

    `rows` leads each row of the layout to itself. `lines` is None for a block of which a key is a field
    too. `equations` are the computed fields of each table.
    """

    rows: Mapping[int, int]
    main: Line
    blocks: Sequence[tuple[Block, Sequence[Line] | None]]
    equations: Mapping[str, Sequence[tuple[Field, Equation]]]


@lru_cache(maxsize=256)
def plan_of(edition: Edition, part: int) -> Plan:
    """The plan of a sheet of an edition's layout; made once in each process."""
    form, sheet = edition.form, edition.layout.sheets[part]
    tables = {sheet.record, *(block.table for block in sheet.blocks)}
    return Plan(
        rows={row: row for row in range(sheet.height)},
        main=_main(form, sheet),
        blocks=[(block, _lines(form, sheet, block)) for block in sheet.blocks],
        equations={table: computed_fields(form.tables[table]) for table in tables},
    )


def frame(grid: Sequence[Sequence[Raw]], sheet: Sheet) -> list[Raw]:
    """The cells of the form in one list, row after row; None where the grid ends before."""
    width = len(sheet.widths)
    blank: list[Raw] = [None] * width
    found = list(
        chain.from_iterable(
            row[:width] if len(row) >= width else [*row, *blank][:width]
            for row in grid[: sheet.height]
        )
    )
    return found + [None] * (sheet.height * width - len(found))


def _main(form: Form, sheet: Sheet) -> Line:
    """The record's own fields."""
    fields = form.tables[sheet.record].fields
    inputs = _inputs(
        sheet, ((fields[name], (cell.row, cell.column)) for name, cell in sheet.fields.items())
    )
    return _line(inputs, {}, {}, [], (-1, -1))


def _lines(form: Form, sheet: Sheet, block: Block) -> list[Line] | None:
    """The rows of a block."""
    if block.keys.keys() & block.columns.keys():
        return None
    fields = form.tables[block.table].fields
    absent = [name for name in fields if name not in block.columns and name not in block.keys]
    left = min(block.columns.values())
    return [
        _line(
            _inputs(sheet, ((fields[name], (row, c)) for name, c in block.columns.items())),
            block.keys,
            {
                name: sheet.keys[row, block.printed[name]].address
                for name in block.keys
                if name in block.printed
            },
            absent,
            (row, left),
        )
        for row in block.span
    ]


def _inputs(sheet: Sheet, places: Iterable[tuple[Field, Position]]) -> tuple[Input, ...]:
    width = len(sheet.widths)
    return tuple(
        Input(field, place, place[0] * width + place[1], _may_be_skipped(field))
        for field, place in places
    )


def _line(
    inputs: tuple[Input, ...],
    keys: Mapping[str, str],
    printed: Mapping[str, str],
    absent: Sequence[str],
    left: Position,
) -> Line:
    names = [one.field.name for one in inputs]
    return Line(
        inputs=inputs,
        values={**dict.fromkeys(names), **keys},
        raw=dict.fromkeys(names),
        cells={**{one.field.name: a1(*one.place) for one in inputs}, **printed},
        places={one.field.name: one.place for one in inputs},
        unreadable=absent,
        left=left,
        may_be_skipped=all(one.may_be_skipped for one in inputs),
    )


def _may_be_skipped(field: Field) -> bool:
    return not field.computed and field.read(None) == BLANK
