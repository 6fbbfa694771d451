"""`Table`: the pandera model that a validator file subclasses.

    class Project(Table):
        \"\"\"二级项目: one record per project sheet. Amounts in 万元.\"\"\"

        project_name = fields.text("项目名称：", max_chars=40, required=True)
        amount_total = fields.amount("项目总金额（万元）")

Each field is an ordinary pandera field (`declaring`); what xltool needs beyond pandera travels in its metadata
as a `Field`.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

import pandera.polars as pa
import polars as pl
from pandera.engines import polars_engine

from xltool.fields.declaring import amount, choice, code, date, integer, number, of_kind, text
from xltool.fields.kinds import Field

# beside what stands here: what forms of earlier versions import from here
__all__ = [
    "CONTEXT",
    "Amount",
    "Date",
    "Rows",
    "Table",
    "amount",
    "choice",
    "code",
    "date",
    "half_unit",
    "integer",
    "number",
    "of_kind",
    "text",
]

Amount = polars_engine.Decimal
Date = pl.Date

# Columns that every frame has beside its fields; rules may use them like fields.
CONTEXT: dict[str, pl.DataType] = {
    "row": pl.UInt32(),  # index of the row in its frame: how a failure finds back to its cell
    "record": pl.UInt32(),  # the record (project sheet) that the row belongs to
    "workbook": pl.UInt32(),  # the submission that the row belongs to
    "used": pl.Boolean(),  # an indicator row may be left blank: False
    "unreadable": pl.List(pl.String()),  # names of the fields whose cell could not be read
    "unit_code": pl.String(),
    "fy": pl.Int32(),
    "district": pl.String(),
    "department_code": pl.String(),
    "roster_unit": pl.String(),  # the names that the roster has for the unit
    "roster_department": pl.String(),
}


class Table(pa.DataFrameModel):
    """One kind of record of a form. Subclasses declare fields; the class name names the table.

    A field needs no annotation: the type of its column follows from its kind. One that it has counts.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        """Annotate the fields that are not, as pandera wants it."""
        annotations = inspect.get_annotations(cls)
        for name, column in vars(cls).items():
            field = _field_of(column)
            if field is not None:
                dtype = field.kind.dtype(field)
                annotations.setdefault(name, Amount if dtype == pl.Decimal else type(dtype))
        cls.__annotations__ = annotations
        super().__init_subclass__(**options)  # type: ignore[no-untyped-call]

    @classmethod
    def table_name(cls) -> str:
        """Return the word that layouts and rules use: `FundRow` is the table `fund_row`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def fields(cls) -> dict[str, Field]:
        """Return the declared fields by name, in order of declaration."""
        declared = {}
        for name, column in cls.to_schema().columns.items():
            field = _field_of(column)
            declared[name] = replace(cast(Field, field), name=name)
        return declared

    @classmethod
    def title(cls) -> str:
        """Return what people call a row of it: the docstring up to its first colon."""
        return re.split("[：:。\n]", cls.__doc__ or "", maxsplit=1)[0].strip() or cls.table_name()


def _field_of(column: object) -> Field | None:
    """The `Field` that a column carries, or None for anything else."""
    metadata = getattr(column, "metadata", None) or {}
    return metadata.get("field") if isinstance(metadata, dict) else None


class Rows(Table):
    """Rows that belong to a record: indicators, tasks, sources of funds. A layout has them in blocks."""


def half_unit(field: Field) -> Decimal:
    """Return half a unit in the last place that the form shows of this field (docs/domain.md §0.2)."""
    return Decimal("0.5").scaleb(-field.places)
