"""The condition of a sum: which rows of a table it adds up, as in `sum(item.amount where kind == "货物类")`.

It compares fields of the row with a text or a number each (`kind == "货物类"`, `quantity >= 10`), or asks
what stands there (`says`, `listed`, `filled`, `given`), with `and`, `or`, `not`. In a tree a comparison
stands as a function of the field (`comparing`). The law of such a sum: it adds up the rows that meet its
condition, blanks as 0; it is blank only as long as no row of the table is in use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from xltool.language.comparing import compares, mirrored
from xltool.language.excel import Tables, excel_of
from xltool.language.functions import ABOUT_BLANKS, COMPARED, Content
from xltool.language.nodes import (
    Call,
    Column,
    Constant,
    Junction,
    Name,
    Negation,
    Node,
    Operation,
    names_in,
)
from xltool.language.polars import polars_of
from xltool.language.values import UNREADABLE, RowContents, value_of

_ASKING = ("says", "listed", "filled", "given")


class NotAConditionError(ValueError):
    """A condition compares fields of the row with texts and whole numbers."""


def condition(node: Node) -> Node:
    """Return a node as a condition. Raises NotAConditionError where it is none."""
    match node:
        case Junction(word=word, parts=parts):
            return Junction(word, tuple(map(condition, parts)))
        case Negation(part=part):
            return Negation(condition(part))
        case Call(function=function) if function in _ASKING:
            return node
        case Operation(sign=sign, left=Name() as field, right=Constant(value=value)):
            if compares(sign, value):
                return Call(COMPARED, field, (sign, value))
        case Operation(sign=sign, left=Constant() as constant, right=Name() as field):
            return condition(Operation(mirrored(sign), field, constant))
    raise NotAConditionError


def sum_in_polars(column: Column, where: Node) -> pl.Expr:
    """Return the expression of the sum over the rows of the table's own frame."""
    met = pl.col("used") & polars_of(where)
    return pl.when(pl.col("used").any()).then(pl.col(column.field).filter(met).sum())


def sum_of_rows(column: Column, rows: Iterable[Mapping[str, Any]]) -> Decimal | Content | None:
    """Return the sum over rows in use, given as values by field.

    None where there are none; `UNREADABLE` where one that counts, or may count, cannot be read.
    """
    total: Decimal | None = None
    where, compared = column.where, names_in(column.where, ABOUT_BLANKS)
    for row in rows:
        total = total or Decimal(0)
        if any(row.get(name) is UNREADABLE for name in compared):
            return UNREADABLE
        if where is None or value_of(where, RowContents(row).__getitem__):
            added: Decimal | Content | None = row.get(column.field)
            if isinstance(added, Content):
                return UNREADABLE
            total += added or 0
    return total


def sum_in_excel(column: Column, tables: Tables) -> tuple[str, str]:
    """Return the formula of the sum, and the one that counts the rows in use.

    Texts among the numbers are passed over, as SUM does. The second formula is empty where the sum is never
    blank: of printed lines all are in use.
    """
    sums, used = [], []
    for lines in tables(column.table):
        used.append(lines.in_use if lines.typed else "")
        names = [column.field, *names_in(column.where)]
        if column.where is not None and all(name in lines.fields for name in names):
            met, added = excel_of(column.where, lines.cell), lines.address(column.field)
            sums.append(f"SUMPRODUCT({met}*ISNUMBER({added}),{added})")
    total, count = "+".join(sums) or "0", "+".join(used) if all(used) else ""
    return (f"({total})" if len(sums) > 1 else total), count
