"""The tables of a form as pandera schemas: types of columns, constraints of fields, and rules.

`schema_of` is the plain way: a named check for each rule. `failing_rows` is the quick one that a run
takes: the same schema with one check that works out all rules together, because they share much of
their work. What pandera reports as failing is what fails, both ways, and both find the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from xltool.checking.checks import Check, with_columns
from xltool.form.model import TableView

CheckFunction = Callable[[PolarsData], pl.LazyFrame]

_RULES = "rules"


def schema_of(table: TableView, checks: Sequence[Check]) -> pa.DataFrameSchema:
    """A table as a pandera schema: the types of its columns, and one named check for each rule check.

    Args:
        table: The table as the form and the campaign have it.
        checks: What is to hold on its rows, with what they look up (`running.runnable`): the
            constraints of its fields and its rules alike.

    Returns:
        A schema whose `validate(frame, lazy=True)` raises `pandera.errors.SchemaErrors` for a frame
        on which something fails. In its `failure_cases`, `check` is the name of a check (see
        `name_of`) and `index` the failing row. An exception inside a check is reported there with
        no index: that is pandera's way.

    """
    rules = [pa.Check(_alone(check), name=name_of(n, checks)) for n, check in enumerate(checks)]
    return _schema(table, rules)


def name_of(number: int, checks: Sequence[Check]) -> str:
    """The name of a check in its schema: its place among the checks, and its code."""
    return f"{number} {checks[number].code}"


def failing_rows(
    frame: pl.DataFrame, table: TableView, checks: Sequence[Check], *, is_narrow: bool = False
) -> list[tuple[Check, int]]:
    """Validate a frame of a table; returns (check, row) of every failure, by rows.

    A narrow frame has some columns of the table only: those that the checks need.

    Raises whatever a rule raises, and `pandera.errors.SchemaErrors` for a frame whose columns are
    not those of the table: both are bugs of ours, and no failure of the data.
    """
    together = _Together(checks)
    rules = [pa.Check(together.check(), name=_RULES)] if checks else []
    try:
        only = frame.columns if is_narrow else None
        with pl.Config(engine_affinity="in-memory"):  # the frame is there: nothing is streamed
            _schema(table, rules, only).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        if together.error is not None:
            raise together.error from None
        if set(error.failure_cases["check"]) != {_RULES}:
            raise
        return together.failing(error.failure_cases["index"])
    return []


def _schema(
    table: TableView, rules: Sequence[pa.Check], only: Container[str] | None = None
) -> pa.DataFrameSchema:
    """The columns of the table's model; the rules are checks on the column that numbers the rows.

    With `only`, the columns among these names.
    """
    columns = {
        name: column
        for name, column in table.model.to_schema().columns.items()
        if only is None or name in only
    }
    columns["row"] = pa.Column(pl.UInt32, checks=list(rules))
    return pa.DataFrameSchema(columns)


# pandera copies a schema deeply before it validates; only plain functions stay what they are


def _alone(check: Check) -> CheckFunction:
    """Whether a check holds, row by row; it does where it cannot be told."""

    def holds(data: PolarsData) -> pl.LazyFrame:
        whole = with_columns(data.lazyframe, check.looked_up, check.given)
        return whole.select(~check.bad.fill_null(value=False))

    return holds


class _Together:
    """All checks of a table as one function for pandera.

    pandera reports a check that raises as a failure of the data. The exception is kept, so that it
    can surface as it is.
    """

    def __init__(self, checks: Sequence[Check]) -> None:
        self.checks = checks
        self.holds = pl.DataFrame()
        self.error: Exception | None = None

    def check(self) -> CheckFunction:
        """The function: pandera takes a row for failing if one of the checks fails on it."""

        def holds(data: PolarsData) -> pl.LazyFrame:
            try:
                self.holds = self._work_out(data.lazyframe)
            except Exception as error:
                self.error = error
                raise
            return self.holds.lazy().select(pl.all_horizontal(pl.all()))

        return holds

    def failing(self, rows: pl.Series) -> list[tuple[Check, int]]:
        """Which checks fail on the rows that pandera found failing."""
        found = self.holds[rows].with_columns(row=rows)
        pairs = [
            (row, number)
            for number in range(len(self.checks))
            for row in found.filter(~pl.col(str(number)))["row"]
        ]
        return [(self.checks[number], row) for row, number in sorted(pairs)]

    def _work_out(self, frame: pl.LazyFrame) -> pl.DataFrame:
        """A column for each check, by its number: whether it holds on each row.

        They are worked out together as far as they can be: what they have in common only once.
        """
        results = [
            with_columns(frame, group.looked_up, group.given)
            .with_columns(
                (~self.checks[n].bad.fill_null(value=False)).alias(str(n)) for n in group.numbers
            )
            .select(map(str, group.numbers))
            .collect()
            for group in _groups(self.checks, frame.collect_schema().names())
        ]
        return pl.concat(results, how="horizontal")


@dataclass
class _Group:
    """Checks that are worked out together, by their numbers: what they look up and are given."""

    looked_up: dict[str, pl.Series] = field(default_factory=dict)
    given: dict[str, pl.Expr] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)

    def admits(self, check: Check, columns: Collection[str]) -> bool:
        """Whether no name would mean one thing to one check and another to another.

        What is looked up under the name of a column of the frame is that for all of the group.
        """
        own = [name for name in {*self.looked_up, *check.looked_up} if name in columns]
        return (
            all(self.looked_up.get(name) is check.looked_up.get(name) for name in own)
            and _agree(self.looked_up, check.looked_up)
            and _agree(self.given, check.given)
        )

    def add(self, number: int, check: Check) -> None:
        """Take a check into the group."""
        self.looked_up.update(check.looked_up)
        self.given.update(check.given)
        self.numbers.append(number)


def _agree(some: Mapping[str, object], others: Mapping[str, object]) -> bool:
    """Whether names that both have stand for the same object."""
    return all(others[name] is value for name, value in some.items() if name in others)


def _groups(checks: Sequence[Check], columns: Collection[str]) -> list[_Group]:
    """The checks in as few groups as can be worked out together; `columns` are the frame's."""
    groups: list[_Group] = []
    for number, check in enumerate(checks):
        group = next((known for known in groups if known.admits(check, columns)), None)
        if group is None:
            group = _Group()
            groups.append(group)
        group.add(number, check)
    return groups
