"""The plan of a sheet: all that is known of its cells before a return is opened, worked out once.

A `Plan` holds for every sheet on which nothing moved. Its pickers take what stands in many cells at once
out of the frame of a sheet (`Sheet.frame`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from xltool.fields.kinds import Field
from xltool.fields.reading import BLANK, Raw, Value
from xltool.fields.text import Text
from xltool.form.computed_cells import computed_fields
from xltool.form.edition import Edition
from xltool.form.layout import Block, Picker, Position, Sheet, a1, picker
from xltool.form.model import Form
from xltool.language.equations import Equation


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a row: where it stands, and whether a blank cell is nothing but a blank.

    It is that if the field is not worked out by the workbook and its kind reads a blank as none.
    `is_the_units`: neither the workbook nor the office fills it, unless the office gave something there.
    `is_text`: its kind keeps what was typed.
    """

    field: Field
    place: Position
    may_be_skipped: bool
    is_the_units: bool
    is_text: bool


@dataclass(frozen=True, slots=True)
class Line:
    """What all rows have in common that are read from one row of a block, or as the record itself.

    `pick` picks what stands in the inputs. `values` and `raw` are those of a blank row, `nothing` is what
    is picked there; `unreadable` are fields that the sheet does not have. `left` is the layout row and
    the first column. `may_be_skipped`: all inputs may be.
    """

    inputs: tuple[Input, ...]
    pick: Picker
    nothing: tuple[None, ...]
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


def _main(form: Form, sheet: Sheet) -> Line:
    """The record's own fields, but for those in printed texts."""
    fields = form.tables[sheet.record].fields
    inputs = _inputs(
        (fields[name], (cell.row, cell.column))
        for name, cell in sheet.fields.items()
        if cell.words is None
    )
    return _line(sheet, inputs, {}, {}, [], (-1, -1))


def _lines(form: Form, sheet: Sheet, block: Block) -> list[Line] | None:
    """The rows of a block."""
    if block.keys.keys() & block.columns.keys():
        return None
    fields = form.tables[block.table].fields
    absent = [name for name in fields if name not in block.columns and name not in block.keys]
    left = min(block.columns.values())
    return [
        _line(
            sheet,
            _inputs(((fields[name], (row, c)) for name, c in block.columns.items())),
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


def _inputs(places: Iterable[tuple[Field, Position]]) -> tuple[Input, ...]:
    return tuple(
        Input(
            field,
            place,
            _may_be_skipped(field),
            is_the_units=field.filled_by == "unit" and not field.computed,
            is_text=type(field.kind) is Text,
        )
        for field, place in places
    )


def _line(
    sheet: Sheet,
    inputs: tuple[Input, ...],
    keys: Mapping[str, str],
    printed: Mapping[str, str],
    absent: Sequence[str],
    left: Position,
) -> Line:
    names, places = [one.field.name for one in inputs], [one.place for one in inputs]
    return Line(
        inputs=inputs,
        pick=picker([row * len(sheet.widths) + column for row, column in places]),
        nothing=(None,) * len(inputs),
        values={**dict.fromkeys(names), **keys},
        raw=dict.fromkeys(names),
        cells={**{one.field.name: a1(*one.place) for one in inputs}, **printed},
        places=dict(zip(names, places, strict=True)),
        unreadable=absent,
        left=left,
        may_be_skipped=all(one.may_be_skipped for one in inputs),
    )


def _may_be_skipped(field: Field) -> bool:
    return not (field.computed or field.looked_up) and field.read(None) == BLANK
