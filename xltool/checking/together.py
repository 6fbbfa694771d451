"""The rules that compare workbooks with each other, on the few columns of all workbooks that they need.

Where a workbook is judged, its narrow columns are taken (`narrow_frame`); when all are there, the rules
run on them (`judge_together`), and find back to the cells by what was taken along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from string import Formatter

import polars as pl

from xltool.checking.checks import Check, checks_for, lookups
from xltool.checking.frames import Made, Rows
from xltool.checking.judging import Court, judge
from xltool.checking.whose import Touched
from xltool.fields import distinct
from xltool.fields.tables import CONTEXT
from xltool.form.edition import Edition
from xltool.form.model import Form, TableView
from xltool.returns.extracting import Row
from xltool.rules.declaring import Lookup, Reference
from xltool.rules.findings import Finding

_ALWAYS = ("row", "record", "workbook", "used", "unit_code", "fy")
_SHEET, _NAME, _CELL = "@sheet", "@name", "@cell:"  # columns beside those of the table
_OFFICE = "@office"  # the fields of a row of which nothing is the unit's

Wanted = Mapping[str, Sequence[str]]  # table → the columns that are wanted of it


def narrow_tables(edition: Edition, court: Court) -> Wanted:
    """The columns that a form's rules across workbooks need, by table; those of the cells too."""
    rules = edition.form.rules
    codes = tuple(rule.code for rule in rules if rule.together and court.admits(rule))
    return _wanted(edition, codes)


@lru_cache(maxsize=64)
def _wanted(edition: Edition, codes: tuple[str, ...]) -> Wanted:
    form = edition.form
    rules = [rule for rule in form.rules if rule.together and rule.code in codes]
    found: dict[str, dict[str, None]] = {}
    for table in form.tables.values():
        for check in checks_for(rules, table):
            columns = found.setdefault(table.name, dict.fromkeys(_ALWAYS))
            columns.update(dict.fromkeys(_columns_of(check)))
            columns.update(dict.fromkeys(_CELL + name for name in check.cells))
            for lookup in lookups(check).values():
                columns.update(dict.fromkeys(_roots(*_keys(lookup))))
                if not isinstance(lookup.table, Reference):
                    source = found.setdefault(lookup.table, dict.fromkeys(_ALWAYS))
                    source.update(dict.fromkeys(_roots(lookup.value, *_keys(lookup))))
    return {
        name: [c for c in columns if c.startswith("@") or _is_known(form.tables[name], c)]
        for name, columns in found.items()
    }


def _is_known(table: TableView, column: str) -> bool:
    return column in table.fields or column in CONTEXT


def _columns_of(check: Check) -> list[str]:
    """The columns that a check and its message speak of."""
    given = [check.bad, *check.details.values(), *check.given.values()]
    given += [] if check.at is None else [check.at]
    words = f"{check.message}{check.hint}"
    named = (name.split(".")[0] for _, name, _, _ in Formatter().parse(words) if name)
    return [*_roots(*given), *named, *check.cells]


def _keys(lookup: Lookup) -> list[pl.Expr]:
    return [pl.col(key) if isinstance(key, str) else key for key in lookup.by]


def _roots(*expressions: pl.Expr) -> list[str]:
    return [name for expression in expressions for name in expression.meta.root_names()]


def narrow_frame(
    frame: pl.DataFrame, table: TableView, rows: Rows, wanted: Sequence[str], court: Court
) -> pl.DataFrame:
    """The wanted columns of a table's frame, with sheet, record and cells of each row, of rows in use."""
    cells = [name.removeprefix(_CELL) for name in wanted if name.startswith(_CELL)]
    fields = [name for name in wanted if name in table.fields]
    used = [(number, row) for number, row in rows if row.used]
    return (
        frame.filter("used")
        .select(name for name in wanted if not name.startswith("@"))
        .with_columns(
            pl.Series(_SHEET, [row.sheet for _, row in used], dtype=pl.String),
            pl.Series(_NAME, [court.record_name(n, row) for n, row in used], dtype=pl.String),
            pl.Series(
                _OFFICE, [_offices(court, n, row, fields) for n, row in used], dtype=pl.String
            ),
            *(
                pl.Series(_CELL + name, [row.cells.get(name) for _, row in used], dtype=pl.String)
                for name in cells
            ),
        )
    )


def _offices(court: Court, number: int, row: Row, fields: Sequence[str]) -> str:
    """The fields of a row of which nothing is the unit's, nor anything that they are worked out of."""
    return " ".join(court.hands.not_theirs(number, row, fields))


class _NotedHands:
    """What was noted of rows when their workbooks were judged; what a rule compares them with does not count."""

    def is_theirs(self, number: int, row: Row, name: str) -> bool:  # noqa: ARG002
        return name not in str(row.values[_OFFICE]).split(" ")

    def behind(self, number: int, row: Row, touched: Touched) -> Sequence[str] | None:
        return [name for name in touched.own if self.is_theirs(number, row, name)] or None

    def is_closed_to_them(self, number: int, row: Row, name: str) -> bool:  # noqa: ARG002
        return False  # of other workbooks only what stands there is compared

    def not_theirs(self, number: int, row: Row, names: Sequence[str]) -> Sequence[str]:
        return [name for name in names if not self.is_theirs(number, row, name)]


def judge_together(
    court: Court,
    form: Form,
    table: TableView,
    narrow: Callable[[str], pl.DataFrame | None],
    reference: Callable[[Reference], pl.DataFrame | None],
) -> Iterator[tuple[int, Finding]]:
    """The findings of the rules across workbooks on one table, with the numbers of their submissions.

    `narrow` gives the columns of all workbooks by table, their rows numbered, None where there are no
    rows; `reference` a list of the campaign.
    """
    frame = narrow(table.name)
    if frame is None:
        return
    rules = [rule for rule in form.rules if rule.together]
    rows = Made(len(frame), partial(_row, table.name, frame))
    court = Court(court.severities, lambda _, row: row.values[_NAME], _NotedHands())  # type: ignore[arg-type,return-value]

    def source(wanted: str | Reference) -> pl.DataFrame | None:
        return reference(wanted) if isinstance(wanted, Reference) else narrow(wanted)

    yield from judge(court, rules, table, frame, rows, source, is_narrow=True)
    distinct.forget()


def _row(table: str, frame: pl.DataFrame, place: int) -> tuple[int, Row]:
    """A row of a narrow frame, with the number of its submission."""
    values = frame.row(place, named=True)
    cells = {
        name.removeprefix(_CELL): cell
        for name, cell in values.items()
        if name.startswith(_CELL) and cell
    }
    named = {_NAME: values[_NAME], _OFFICE: values[_OFFICE]}
    return values["workbook"], Row(table, values[_SHEET], values["record"], named, cells=cells)
