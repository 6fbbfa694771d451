"""Cells that the workbook works out by itself: their formulas, and their values worked out again.

A returned value is never trusted (a formula without cached value reads as 0), so writer and reader
both work it out here, from the same text in the validator.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from xltool.fields.field import Field
from xltool.fields.reading import Raw, Value, from_float
from xltool.form.adjoining import runs_of
from xltool.form.layout import Sheet, a1
from xltool.form.model import Form, TableView
from xltool.language.equations import Equation

Values = MutableMapping[str, Value]


@lru_cache(maxsize=256)
def equation_of(name: str, formula: str) -> Equation:
    """The equation `name == formula`."""
    return Equation(f"{name} == {formula}")


def computed_fields(table: TableView) -> list[tuple[Field, Equation]]:
    """The computed fields of a table in order of declaration: later ones may use earlier ones."""
    return [
        (column, equation_of(name, column.computed))
        for name, column in table.fields.items()
        if column.computed
    ]


def work_out(
    form: Form, table: str, values: Mapping[str, Value], sums: Mapping[str, Value]
) -> Values:
    """The computed values of one row, as its cells show them. `sums` by `task.amount`."""
    known = {**sums, **values}
    found: Values = {}
    for column, equation in computed_fields(form.tables[table]):
        result = rounded(equation.result(known), column)
        found[column.name] = known[column.name] = result
    return found


def sums_of(rows: Iterable[tuple[str, Mapping[str, Value]]]) -> dict[str, Value]:
    """`task.amount` → the sum over the rows of that table; 0 where no row has a value."""
    sums: dict[str, Value] = {}
    for table, values in rows:
        for name, value in values.items():
            if isinstance(value, (Decimal, int)):
                key = f"{table}.{name}"
                sums[key] = Decimal(str(sums.get(key) or 0)) + value
    return sums


def rounded(value: Raw, column: Field) -> Decimal | None:
    """A number to the places that the field shows, 四舍五入; None for what is no number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    number = from_float(value)
    if number is None or abs(number) >= 10**16:
        return None
    return number.quantize(Decimal(1).scaleb(-column.places), ROUND_HALF_UP)


def excel_formula(sheet: Sheet, column: Field, row: int | None, columns: Mapping[str, int]) -> str:
    """The formula of a computed cell: of the record itself, or of a block's row."""

    def address(name: str) -> str:
        if "." in name:
            return _ranges(sheet, *name.split("."))
        if row is not None and name in columns:
            return a1(row, columns[name])
        return sheet.fields[name].address

    return equation_of(column.name, column.computed or "").right_excel(address)


def _ranges(sheet: Sheet, table: str, name: str) -> str:
    """The cells of a field in all blocks of a table, adjoining blocks as one range."""
    blocks = [b for b in sheet.blocks if b.table == table and name in b.columns]
    runs = runs_of(blocks, [name])
    return ",".join(
        f"{a1(run.first, run.columns[name])}:{a1(run.last, run.columns[name])}" for run in runs
    )
