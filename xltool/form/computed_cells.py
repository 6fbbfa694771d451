"""Cells that the workbook computes by itself: their Excel formulas, their values computed again.

A returned value is never trusted: a formula without a stored value reads as 0. So writer and reader
both compute it here, from the same text in the validator (`computed=…`).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, MutableMapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache, partial

from xltool.fields.amount import last_place
from xltool.fields.field import Field
from xltool.fields.reading import Raw, Value, from_float
from xltool.form.formula_places import FormulaPlaces, tables_seen_of
from xltool.form.layout import Layout, Position, Sheet, a1
from xltool.form.lists import key_address, list_names
from xltool.form.model import Form, TableView
from xltool.language.conditions import sum_of_rows
from xltool.language.equations import Equation, equation_of
from xltool.language.functions import Content
from xltool.language.nodes import Column
from xltool.language.values import UNREADABLE

_SPELLING = re.compile(r"[\s$]|_xl(?:fn|ws)\.")

Values = MutableMapping[str, Value]
Seen = Mapping[str, Value | Content]  # values by field; `UNREADABLE` where there is one unread


def in_order(form: Form, layout: Layout) -> list[int]:
    """Return the numbers of the sheets whose records look at other sheets, each behind those it looks at.

    The list holds all sheets that stand once in a workbook, and is empty where none of them looks at
    another one: then each can be worked out by itself.
    """
    once = [n for n, sheet in enumerate(layout.sheets) if not sheet.is_repeated]
    seen = {n: _looks_at(form, layout, layout.sheets[n]) for n in once} if len(once) > 1 else {}
    if not any(seen.values()):
        return []
    order: dict[int, None] = {}

    def add(number: int, above: tuple[int, ...] = ()) -> None:
        for other in once:
            if layout.sheets[other].record in seen[number] and other not in (*above, number):
                add(other, (*above, number))
        order.setdefault(number)

    for number in once:
        add(number)
    return list(order)


def _looks_at(form: Form, layout: Layout, sheet: Sheet) -> set[str]:
    """The tables of other sheets that the record on a sheet is worked out from."""
    columns = needed_columns(form.tables[sheet.record])
    if not columns:
        return set()
    return {column.table for column in columns} & tables_seen_of(layout, sheet)


def needed_columns(table: TableView) -> list[Column]:
    """Return the columns of other tables that computed fields of a table need."""
    return [column for _, equation in computed_fields(table) for column in equation.columns]


def computed_fields(table: TableView) -> list[tuple[Field, Equation]]:
    """Return the computed fields of a table with their equations.

    They come in the order of declaration, so that later ones may use the results of earlier ones.
    """
    return [
        (column, equation_of(name, column.computed))
        for name, column in table.fields.items()
        if column.computed
    ]


def seen(values: Mapping[str, Value], unreadable: Container[str]) -> Seen:
    """Return values as they are worked with: a cell that could not be read is no blank."""
    if not unreadable:
        return values
    return {
        name: UNREADABLE if value is None and name in unreadable else value
        for name, value in values.items()
    }


def work_out(form: Form, table: str, values: Seen, sums: Seen) -> dict[str, Value | Content]:
    """Return the computed values of one row by field, rounded as its cells show them.

    `values` are the row's own values by field, in the units of the fields; `sums` are sums over the
    rows of other tables, by `task.amount` (see `sums_of`). A value that cannot be computed is None,
    `UNREADABLE` where a part of it could not be read.
    """
    known = {**sums, **values}
    found: dict[str, Value | Content] = {}
    for column, equation in computed_fields(form.tables[table]):
        result = rounded(equation.result(known), column)
        unknown = equation.is_unknown(known)
        found[column.name] = known[column.name] = UNREADABLE if unknown else result
    return found


def sums_of(
    rows: Iterable[tuple[str, Seen]], columns: Iterable[Column] = ()
) -> dict[str, Value | Content]:
    """Return the sum of each numeric field over the rows of its table, by `task.amount`.

    `rows` are (table, values by field) of the rows in use. A blank counts as 0 beside a filled one; a field
    that is blank in every row has no sum, and one that could not be read in some row `UNREADABLE`. To these
    come the sums over the rows that meet a condition, as far as there are such `columns`.
    """
    rows = list(rows)
    sums: dict[str, Decimal] = {}
    unknown: dict[str, Content] = {}
    for table, values in rows:
        for name, value in values.items():
            if isinstance(value, (Decimal, int)):
                key = f"{table}.{name}"
                sums[key] = sums.get(key, Decimal(0)) + value
            elif value is UNREADABLE:
                unknown[f"{table}.{name}"] = UNREADABLE
    chosen = {
        column.name: sum_of_rows(
            column, [values for table, values in rows if table == column.table]
        )
        for column in columns
        if column.where is not None
    }
    return {**sums, **unknown, **chosen}


def rounded(value: Raw, column: Field) -> Decimal | None:
    """Return a number rounded half up (四舍五入) to the places that the field shows.

    Returns None for what is no number, and for one of more than 16 digits before the point.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    number = from_float(value)
    if number is None or abs(number) >= 10**16:
        return None
    return number.quantize(last_place(column.places), ROUND_HALF_UP)


def excel_formula(places: FormulaPlaces, column: Field, *, former: bool = False) -> str:
    """Return the Excel formula of a computed cell, from its equals sign on; `places` are those of its row.

    `former`: as earlier versions of xltool issued it.
    """
    equation = equation_of(column.name, column.computed or "")
    return equation.right_excel(places.address, places.tables.lines, former=former)


def cell_address(sheet: Sheet, row: int | None, columns: Mapping[str, int], name: str) -> str:
    """Return the address of a field in a row of a block, or, with None, among the record's own.

    Raises KeyError where it has no cell there.
    """
    return sheet.fields[name].address if row is None else a1(row, columns[name])


def formula_of(
    places: FormulaPlaces, table: str, column: Field, *, former: bool = False
) -> str | None:
    """Return the formula of a cell that the workbook works out, None of any other; see `excel_formula`."""
    if column.computed:
        return excel_formula(places, column, former=former)
    if column.looked_up:
        cell = partial(cell_address, places.sheet, places.row, places.columns or {})
        return list_names(places.form, table, column.name).entry(key_address(column, cell))
    return None


def formulas_of(
    form: Form, layout: Layout, sheet: Sheet, *, former: bool = False
) -> dict[Position, str]:
    """Return the formulas of the cells of a sheet that it works out as they are issued, by 0-based position.

    `former`: as earlier versions of xltool issued them.
    """
    own = FormulaPlaces(form, layout, sheet)
    cells = {
        (cell.row, cell.column): formula_of(
            own, sheet.record, form.field(sheet.record, name), former=former
        )
        for name, cell in sheet.fields.items()
    }
    for (row, place), (block, name) in sheet.block_cells.items():
        places = FormulaPlaces(form, layout, sheet, row, block.columns)
        column = form.field(block.table, name)
        cells[row, place] = formula_of(places, block.table, column, former=former)
    return {place: formula for place, formula in cells.items() if formula is not None}


def same_formula(one: str, other: str) -> bool:
    """Return whether two formulas are the same but for what programs write each in their own way.

    That is spaces, capitals, `$`, the prefixes of newer functions, and a plus behind the equals sign.
    """
    return one == other or _plain_formula(one) == _plain_formula(other)


@lru_cache(maxsize=4096)  # those of a form stand in every workbook
def _plain_formula(text: str) -> str:
    pieces = text.removeprefix("=").lstrip("+").split('"')  # every other one is a text
    pieces[::2] = [_SPELLING.sub("", piece).upper() for piece in pieces[::2]]
    return '"'.join(pieces)
