"""The tables of a form as pandera schemas: types of columns, constraints of fields, and rules.

`schema_of` is the plain way: a named check for each rule. `failing_rows` is the quick one that a run
takes: the same schema with one check that works out all rules together, because they share much of
their work. What pandera reports as failing is what fails, both ways, and both find the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from xltool.checking.checks import Check, with_columns
from xltool.form.model import TableView
from xltool.rules.blame import is_own, of_expression

CheckFunction = Callable[[PolarsData], pl.LazyFrame]

_RULES = "rules"
_SHARED = pl.QueryOptFlags.none()  # looking for any other saving takes longer than it saves
_SHARED.comm_subexpr_elim = True


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
    return _schema(table.model.to_schema().columns, rules)


def name_of(number: int, checks: Sequence[Check]) -> str:
    """The name of a check in its schema: its place among the checks, and its code."""
    return f"{number} {checks[number].code}"


def failing_rows(
    frame: pl.DataFrame, table: TableView, checks: Sequence[Check], *, is_narrow: bool = False
) -> list[tuple[Check, int]]:
    """Validate a frame of a table; returns (check, row) of every failure, by rows.

    A narrow frame has some columns of the table only: those that the checks need.

    Raises OfficeError for an own rule of an office that cannot be worked out, whatever a rule of ours
    raises, and `pandera.errors.SchemaErrors` for a frame whose columns are
    not those of the table: both are bugs of ours, and no failure of the data.
    """
    together = _Together(checks)
    rules = [pa.Check(together.check(), name=_RULES)] if checks else []
    types = frame.schema
    columns = {
        name: column
        for name, column in table.model.to_schema().columns.items()
        if not (_is_sound(column, types[name]) if name in types else is_narrow)
    }
    try:
        with pl.Config(engine_affinity="in-memory"):  # the frame is there: nothing is streamed
            _schema(columns, rules).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        if together.error is not None:
            _blame(frame, checks)
            raise together.error from None
        if set(error.failure_cases["check"]) != {_RULES}:
            raise
        return together.failing(error.failure_cases["index"])
    return []


def _blame(frame: pl.DataFrame, checks: Sequence[Check]) -> None:
    """Raise OfficeError where one of an office's own rules cannot be worked out by itself."""
    for check in checks:
        if is_own(check.rule.function):
            try:
                _Together([check]).work_out(frame.lazy())
            except Exception as error:
                raise of_expression(error, check.rule.function) from error


def _schema(columns: Mapping[str, pa.Column], rules: Sequence[pa.Check]) -> pa.DataFrameSchema:
    """Columns of a table's model; the rules are checks on the column that numbers the rows."""
    return pa.DataFrameSchema({**columns, "row": pa.Column(pl.UInt32, checks=list(rules))})


def _is_sound(column: pa.Column, dtype: pl.DataType) -> bool:
    """Whether pandera has nothing to find on a column of this type: it copies all that it is asked about."""
    return column.nullable and not column.checks and column.dtype.type == dtype


# pandera copies a schema deeply before it validates; only plain functions stay what they are


def _alone(check: Check) -> CheckFunction:
    """Whether a check holds, row by row; it does where it cannot be told."""

    def holds(data: PolarsData) -> pl.LazyFrame:
        seen = with_columns(data.lazyframe, check.looked_up, check.given, unused=check.rule.unused)
        return _holds_but(data, seen.filter(check.bad).collect()["row"])

    return holds


def _holds_but(data: PolarsData, failing: Iterable[int]) -> pl.LazyFrame:
    """Whether something holds, row by row, given the rows on which it does not."""
    rows = pl.Series(failing, dtype=pl.UInt32)
    return data.lazyframe.select(~pl.col("row").is_in(rows.implode()))


class _Together:
    """All checks of a table as one function for pandera.

    pandera reports a check that raises as a failure of the data. The exception is kept, so that it
    can surface as it is.
    """

    def __init__(self, checks: Sequence[Check]) -> None:
        self.checks = checks
        self.failed: list[tuple[int, int]] = []
        self.error: Exception | None = None

    def check(self) -> CheckFunction:
        """The function: pandera takes a row for failing if one of the checks fails on it."""

        def holds(data: PolarsData) -> pl.LazyFrame:
            try:
                self.failed = self.work_out(data.lazyframe)
                return _holds_but(data, [row for row, _ in self.failed])
            except Exception as error:
                self.error = error
                raise

        return holds

    def failing(self, rows: pl.Series) -> list[tuple[Check, int]]:
        """Which checks fail on the rows that pandera found failing."""
        known = set(rows)
        return [(self.checks[number], row) for row, number in sorted(self.failed) if row in known]

    def work_out(self, frame: pl.LazyFrame) -> list[tuple[int, int]]:
        """Return what fails: (row, number of the check).

        They are worked out together as far as they can be: what they have in common only once.
        """
        failed: list[tuple[int, int]] = []
        for group in _groups(self.checks, frame.collect_schema().names()):
            names = [str(number) for number in group.numbers]
            bad = (self.checks[number].bad.fill_null(value=False) for number in group.numbers)
            found = (
                with_columns(frame, group.looked_up, group.given, unused=group.unused)
                .with_columns(**dict(zip(names, bad, strict=True)))
                .select("row", *names)
                .collect(optimizations=_SHARED)
            )
            for number, name in zip(group.numbers, names, strict=True):
                failed += [(row, number) for row in found["row"].filter(found[name])]
        return failed


@dataclass
class _Group:
    """Checks that are worked out together, by their numbers: what they look up and are given."""

    unused: bool
    looked_up: dict[str, pl.Series] = field(default_factory=dict)
    given: dict[str, pl.Expr] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)

    def admits(self, check: Check, columns: Collection[str]) -> bool:
        """Whether no name would mean one thing to one check and another to another.

        What is looked up under the name of a column of the frame is that for all of the group.
        """
        own = [name for name in {*self.looked_up, *check.looked_up} if name in columns]
        return (
            self.unused == check.rule.unused
            and all(self.looked_up.get(name) is check.looked_up.get(name) for name in own)
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
            group = _Group(check.rule.unused)
            groups.append(group)
        group.add(number, check)
    return groups
