"""A rule on a table, ready to run: what offends, what it looks up, what its message may show."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Generic, TypeVar

import polars as pl

from xltool.fields.field import Field
from xltool.fields.measures import gbk_length, length
from xltool.fields.remarks import Severity
from xltool.form.fact_tables import FACT_TABLES
from xltool.form.model import TableView
from xltool.language.claims import Claim
from xltool.language.conditions import sum_in_polars
from xltool.language.equations import FIGURES, Equation
from xltool.language.nodes import Column
from xltool.language.statements import Statement
from xltool.rules.declaring import Lookup, Offence, Rule, judged, offence_of, offences

ROUND = "ROUND"
T = TypeVar("T")
F = TypeVar("F", pl.DataFrame, pl.LazyFrame)


@dataclass(frozen=True)
class Check:
    """One rule on one table, ready to run: which rows offend and what the message shows.

    `bad` is a boolean expression over the table's frame, true on the rows that offend. `cells` are
    the fields concerned, the first one being where the finding belongs unless `at` (an expression)
    names another. `details` are further values for the message, `words` its constant texts.
    `looked_up` has a column for each look-up, as long as the frame; `given` are columns that are worked
    out before the others, in their order.
    """

    rule: Rule
    code: str
    severity: Severity
    bad: pl.Expr
    message: str
    hint: str
    cells: tuple[str, ...]
    details: Mapping[str, pl.Expr] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    at: pl.Expr | None = None
    statement: Statement | None = None  # what it was made of
    looked_up: Mapping[str, pl.Series] = field(default_factory=dict)
    given: Mapping[str, pl.Expr] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()  # the tables whose records are others than those of its own

    @property
    def columns(self) -> Sequence[Column]:
        """The columns of other tables that it needs."""
        return self.statement.columns if self.statement else ()


def checks_for(form_rules: Sequence[Rule], table: TableView) -> Iterator[Check]:
    """The checks of a table in the order of the rules: its own, and those for each of its fields.

    They are made once for each rule and table. A rule that `yields` has none where another rule states
    the same. Raises whatever a rule's function raises.
    """
    checks = [check for rule in form_rules for check in _checks_of(_Same(rule), _Same(table))]
    said = {
        check.statement.meaning
        for check in checks
        if isinstance(check.statement, Equation) and check.rule.each is None
    }
    for check in checks:
        statement = check.statement
        if check.rule.yields and isinstance(statement, Equation) and statement.meaning in said:
            continue
        yield check


class _Same(Generic[T]):
    """An object as a key: the very same one, whatever it equals."""

    def __init__(self, it: T) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.it is other.it


@lru_cache(maxsize=4096)  # of a dozen editions of forms
def _checks_of(rule: _Same[Rule], table: _Same[TableView]) -> Sequence[Check]:
    """The checks of one rule on a table."""
    return list(_made(rule.it, table.it))


def _made(rule: Rule, table: TableView) -> Iterator[Check]:
    if rule.is_on(table.name):
        yield from _table_checks(rule, table)
    elif rule.each is not None and table.name not in FACT_TABLES:
        for column in table.fields.values():
            if rule.each(column):
                yield _field_check(rule, column, table)


def lookups(check: Check) -> dict[str, Lookup]:
    """What a check looks up, by column: its rule's `using`, and what its statement needs of other tables.

    A unit's own record and those of its projects have their workbook in common, and nothing else.
    """
    found = {column.name: _sum_of(column) for column in check.columns}
    return {
        name: _over_workbook(_Same(lookup)) if lookup.table in check.apart else lookup
        for name, lookup in {**check.rule.using, **found}.items()
    }


@lru_cache(maxsize=4096)
def _over_workbook(lookup: _Same[Lookup]) -> Lookup:
    """A look-up by the workbook where it was by the record: one object, so that it is looked up once."""
    by = tuple(key for key in lookup.it.by if not (isinstance(key, str) and key == "record"))
    return replace(lookup.it, by=by)


@cache
def _sum_of(column: Column) -> Lookup:
    """The sum of a column: one object, so that it is looked up once."""
    where = column.where
    value = _total(column.field) if where is None else sum_in_polars(column, where)
    return Lookup(column.table, value, pl.Decimal(38, 8))


def with_columns(
    frame: F, looked_up: Mapping[str, pl.Series], given: Mapping[str, pl.Expr], *, unused: bool
) -> F:
    """The frame of a table with what checks look up and what is given to them.

    It has the rows that they see: those in use, and with `unused` the blank ones too.
    """
    whole = frame.with_columns(**looked_up) if looked_up else frame
    whole = whole if unused else whole.filter("used")
    for columns in _stages(given):
        whole = whole.with_columns(**columns)
    return whole


def _stages(given: Mapping[str, pl.Expr]) -> list[dict[str, pl.Expr]]:
    """Columns in their order, together as far as none of them names another one."""
    stages: list[dict[str, pl.Expr]] = [{}]
    for name, column in given.items():
        if not stages[-1].keys().isdisjoint(column.meta.root_names()):
            stages.append({})
        stages[-1][name] = column
    return [columns for columns in stages if columns]


def _total(name: str) -> pl.Expr:
    """The sum over the used rows; null, not 0, where no row has a value."""
    column = pl.col(name).filter(pl.col("used"))
    return pl.when(column.count() > 0).then(column.sum())


def look_up(lookup: Lookup, source: pl.DataFrame, frame: pl.DataFrame) -> pl.Series:
    """Look a value up for every row of `frame` in the rows of `source`.

    Returns a series as long as the frame, null where there is no such value.
    """
    (found,) = look_up_together([lookup], source, frame)
    return found


def look_up_together(
    lookups: Sequence[Lookup], source: pl.DataFrame, frame: pl.DataFrame
) -> list[pl.Series]:
    """Do the same for several values by the same columns; returns a series for each."""
    keys = [f"_key{n}" for n in range(len(lookups[0].by))]
    by = [pl.col(key) if isinstance(key, str) else key for key in lookups[0].by]
    named = [key.alias(name) for key, name in zip(by, keys, strict=True)]
    values = {f"_value{n}": one.value.cast(one.dtype) for n, one in enumerate(lookups)}
    groups = source.lazy().group_by(named).agg(**values)
    rows = frame.lazy().with_columns(named).select(keys)
    found = rows.join(groups, on=keys, how="left", maintain_order="left").select(*values)
    return found.collect(engine="in-memory").get_columns()


def at_once(checks: Sequence[Check], columns: Collection[str]) -> Iterator[list[Lookup]]:
    """What checks look up by columns of their frame alone: in groups that can be looked up at once."""
    groups: dict[tuple[object, ...], dict[int, Lookup]] = {}
    for check in checks:
        known = lookups(check)
        for lookup in known.values():
            names = [key for key in lookup.by if isinstance(key, str)]
            if names == list(lookup.by) and {*names} <= {*columns} - known.keys():
                source = lookup.table if isinstance(lookup.table, str) else id(lookup.table)
                groups.setdefault((source, *names), {})[id(lookup)] = lookup
    for group in groups.values():
        yield list(group.values())


def _table_checks(rule: Rule, table: TableView) -> Iterator[Check]:
    for offence in offences(rule, table):
        yield from _offence_checks(rule, offence, table)


def _offence_checks(rule: Rule, offence: Offence, table: TableView) -> Iterator[Check]:
    """The check of one offence, and of what holds only because figures are rounded."""
    statement, fields = offence.statement, table.fields
    names = rule.cells or (statement.all_names if statement else ())
    counts = pl.lit(value=True) if rule.unused else pl.col("used")
    # what could not be read has its own finding already
    if readable := rule.cells or (names if isinstance(statement, Claim) else ()):
        unread = pl.col("unreadable").list.set_intersection(list(readable)).list.len() > 0
        counts = counts & ~unread
    message = rule.message or (
        _said_by(statement, statement.message(fields), table) if statement else ""
    )
    is_worded = "{equation}" in message or offence.rounds is not None
    check = Check(
        rule,
        rule.code,
        rule.severity_of(None),
        offence.bad & counts,
        message,
        rule.hint,
        tuple(name for name in names if name in fields),
        offence.details,
        {"equation": statement.words(table.label)} if statement and is_worded else {},
        offence.at,
        statement,
        given=offence.given,
        apart=table.apart,
    )
    yield check
    if offence.rounds is not None:
        words = statement.rounding_message(fields) if statement else ""
        said = _said_by(statement, words, table) if statement and words else rule.message
        yield replace(
            check,
            code=ROUND,
            severity="info",
            bad=offence.rounds & counts,
            message=f"{said}，四舍五入尾差（{rule.code}）",
            hint="无需处理",
        )


def _said_by(statement: Statement, message: str, table: TableView) -> str:
    """A message of a statement, which may want itself in words with the figures of the row."""
    if FIGURES not in message:
        return message

    def label(name: str) -> str:
        words = table.label(name).replace("{", "{{").replace("}", "}}")
        return f"{words} {{{name}}}" if name in table.fields else words

    return message.replace(FIGURES, statement.words(label))


def _field_check(rule: Rule, column: Field, table: TableView) -> Check:
    judgement = judged(rule, column)
    if isinstance(judgement, Statement | Sequence):
        raise TypeError(f"{rule.code}: a field rule returns one expression or offence")
    judgement = offence_of(judgement, {column.name: column})
    is_text = isinstance(column.kind.dtype(column), pl.String)
    details = {"length": length(column.name), "bytes": gbk_length(column.name)} if is_text else {}
    words = {
        "label": column.short_label,
        "limit": str(column.max_chars),
        "byte_limit": str(column.max_bytes),
        "choices": "／".join(column.choices) if column.kind.listed else "",
        "digits": str(column.digits),
    }
    if judgement.statement:
        words["equation"] = judgement.statement.words(table.label)
    return Check(
        rule,
        rule.code,
        rule.severity_of(column),
        judgement.bad & pl.col("used"),
        rule.message.replace("{value}", f"{{{column.name}}}"),
        rule.hint,
        (column.name,),
        {**details, **judgement.details},
        words,
        statement=judgement.statement,
        given=judgement.given,
    )
