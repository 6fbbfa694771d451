"""The example tables of rules, run: which rows a rule complains about, and which it should.

An example table stands in the docstring of a rule (`Rule.examples`). The headings are fields of its table, by
name or label, columns of the context, what the rule looks up, or sums over another table (`task.amount`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from xltool.checking.checks import ROUND, checks_for
from xltool.checking.schemas import failing_rows
from xltool.fields.kinds import Amount, Choice, Field, Kind, Text
from xltool.fields.tables import CONTEXT
from xltool.form.model import TableView
from xltool.office.values import field_by_label
from xltool.rules.declaring import Offence, Rule, judged

VERDICTS = ("ok", "bad")
_ATTRIBUTES = {attribute.name for attribute in fields(Field)}
_YEAR, _UNIT = 2027, "106001"  # of rows that do not say


class ExampleError(ValueError):
    """An example table that cannot be run: what is wrong, and in which row (0 is the heading)."""

    def __init__(self, message: str, row: int):
        self.row = row
        super().__init__(message)


@dataclass(frozen=True)
class Example:
    """The example table of a rule, and the table of a form that the rule is about.

    `table` is None for a rule on each field.
    """

    rule: Rule
    table: TableView | None

    @property
    def bad(self) -> set[int]:
        """The rows that the example table calls bad."""
        return {n for n, (_, verdict) in enumerate(self.rule.examples.rows) if verdict == "bad"}

    def failing(self, frame: pl.DataFrame | None = None) -> set[int]:
        """Return the rows that the rule complains about, run as in a check.

        `frame` are other rows than those of the example table. Raises ExampleError.
        """
        self._insist()
        if self.table is None:
            return set(self._failing_fields())
        frame = self.frame() if frame is None else frame
        checks = [check for check in checks_for([self.rule], self.table) if check.code != ROUND]
        return {row for _, row in failing_rows(frame, self.table, checks)}

    def _insist(self) -> None:
        """Raise ExampleError for a table whose rows do not have the cells of its heading."""
        header, rows = self.rule.examples.header, self.rule.examples.rows
        for number, (cells, verdict) in enumerate(rows, 1):
            if len(cells) != len(header):
                words = f"例子这一行有 {len(cells) + 1} 格，表头有 {len(header) + 1} 格；请对齐"
                raise ExampleError(words, number)
            if verdict not in VERDICTS:
                raise ExampleError(f"例子的最后一格应为 ok 或 bad，现为“{verdict}”", number)

    def frame(self) -> pl.DataFrame:
        """Return the rows of the example table as the typed frame that the rule will see.

        Raises ExampleError for an unknown column, and a cell that cannot be read.
        """
        table, rule = self.table, self.rule
        if table is None:
            raise TypeError(f"{rule.code} is about each field: it has no frame")
        names = [self._column(table, word) for word in rule.examples.header]
        extra = self._extra()
        rows = []
        for number, (cells, _) in enumerate(rule.examples.rows):
            row: dict[str, Any] = dict.fromkeys(table.fields)
            row |= dict.fromkeys(CONTEXT) | {"row": number, "workbook": 0, "fy": _YEAR}
            row |= {"record": 0 if table.is_rows else number, "unreadable": [], "unit_code": _UNIT}
            for name, text in zip(names, cells, strict=True):
                try:
                    row[name] = _value(table, extra, name, text)
                except (ValueError, ArithmeticError) as error:
                    words = f"例子里的“{text}”不是 {name} 的值；请改正"
                    raise ExampleError(words, number + 1) from error
            if table.catalogue and row["lv1"] is None:
                row["lv1"] = next((a for a, b, _ in table.catalogue if b == row["lv2"]), None)
            filled = {*names} & {*table.fields} - {"lv1", "lv2"}  # the others are printed
            if row["used"] is None:
                some = any(row[name] for name in filled)
                row["used"] = not (table.catalogue and filled) or some
            rows.append(row)
        return pl.DataFrame(rows, schema={**_columns(table), **extra})

    def _column(self, table: TableView, word: str) -> str:
        """The column that a heading means."""
        name = word if word in CONTEXT else field_by_label(table.fields, word)
        name = name or (word if word in self._extra() else None)
        if name is None:
            raise ExampleError(f"例子的表头“{word}”不是 {table.name} 的栏目；请改正", 0)
        return name

    def _extra(self) -> dict[str, pl.DataType]:
        """Columns beside the table's own: what the rule looks up, and sums over another table."""
        sums = {word: pl.Decimal(38, 8) for word in self.rule.examples.header if "." in word}
        return {name: lookup.dtype for name, lookup in self.rule.using.items()} | sums

    def _failing_fields(self) -> Iterator[int]:
        """The rows on which a rule on each field complains; the first column is what stands in the cell."""
        header = self.rule.examples.header
        for number, (cells, _) in enumerate(self.rule.examples.rows):
            column = field_for(header, cells)
            if self.rule.each is None or not self.rule.each(column):
                raise ExampleError("这条规则不管例子里的栏目；请核对 each 和例子", number + 1)
            given = dict(zip(header, cells, strict=True))
            # a computed field has others beside it, of which it is worked out
            beside = [word for word in header[1:] if word not in {*CONTEXT, *_ATTRIBUTES}]
            row: dict[str, Any] = {n: column.kind.parse(given[n], column) for n in beside}
            row |= {"value": column.kind.parse(cells[0], column), **dict.fromkeys(CONTEXT)}
            row |= {"unreadable": [], "used": True, "fy": _YEAR}
            row |= {word: _context(word, text) for word, text in given.items() if word in CONTEXT}
            dtypes = dict.fromkeys(["value", *beside], column.kind.dtype(column))
            frame = pl.DataFrame([row], schema={**dtypes, **CONTEXT})
            judgement = judged(self.rule, column)
            bad = judgement.bad if isinstance(judgement, Offence) else judgement
            if isinstance(bad, pl.Expr) and frame.select(bad.fill_null(value=False)).item():
                yield number


def field_for(header: Sequence[str], cells: Sequence[str]) -> Field:
    """Return a field with the attributes that an example table of a rule on each field gives."""
    given = {w: c for w, c in zip(header[1:], cells[1:], strict=True) if w in _ATTRIBUTES}
    kind: Kind = Choice() if "choices" in given else Text()
    if "computed" in given:
        return Field("value", "内容", Amount(), places=2, computed=given["computed"])
    changes = {name: _attribute(name, text) for name, text in given.items()}
    return Field("value", "内容", kind, **changes)


def _attribute(name: str, text: str) -> Any:
    """An attribute of a field as an example table writes it."""
    if name == "choices":
        return tuple(text.split())
    if name == "required":
        return text == "yes"
    return int(text) if text.isdigit() else text


def _columns(table: TableView) -> dict[str, pl.DataType]:
    """The columns of a table's frame with their types."""
    return {name: field.kind.dtype(field) for name, field in table.fields.items()} | {**CONTEXT}


def _value(table: TableView, extra: dict[str, pl.DataType], name: str, text: str) -> Any:
    """A cell of an example table. Raises ValueError or ArithmeticError where it cannot be read."""
    if name in extra:
        return _typed(text, extra[name])
    field = table.fields.get(name)
    return field.kind.parse(text, field) if field else _context(name, text)


def _context(word: str, text: str) -> Any:
    """A cell under the name of a context column."""
    kind = CONTEXT[word]
    if kind.is_integer():
        return int(text) if text else None
    if kind == pl.List(pl.String()):
        return text.split()
    return text == "yes" if kind == pl.Boolean() else text or None


def _typed(text: str, dtype: pl.DataType) -> Any:
    """A cell under the name of a looked-up value."""
    if not text:
        return None
    if isinstance(dtype, pl.Decimal):
        return Decimal(text)
    if isinstance(dtype, pl.Date):
        return date.fromisoformat(text)
    if isinstance(dtype, pl.List):
        return text.split()
    return int(text) if dtype.is_integer() else text
