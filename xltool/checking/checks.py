"""A rule on a table, ready to run: what offends, what it looks up, what its message may show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from xltool.fields.kinds import Choice, Field
from xltool.fields.measures import gbk_length, length
from xltool.form.fact_tables import FACT_TABLES
from xltool.form.model import TableView
from xltool.language.claims import Claim
from xltool.language.equations import Equation
from xltool.rules.declaring import Judgement, Lookup, Offence, Rule, Severity

ROUND = "ROUND"


@dataclass(frozen=True)
class Check:
    """One rule on one table, ready to run: which rows offend and what the message shows.

    `bad` is a boolean expression over the table's frame, true on the rows that offend. `cells` are
    the fields concerned, the first one being where the finding belongs unless `at` (an expression)
    names another. `details` are further values for the message, `words` its constant texts.
    `looked_up` has a column for each look-up, as long as the frame.
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
    equation: Equation | None = None
    looked_up: Mapping[str, pl.Series] = field(default_factory=dict)


def checks_for(form_rules: Sequence[Rule], table: TableView) -> Iterator[Check]:
    """The checks of a table in the order of the rules: its own, and those for each of its fields.

    Raises whatever a rule's function raises.
    """
    for rule in form_rules:
        if rule.is_on(table.name):
            yield from _table_checks(rule, table)
        elif rule.each is not None and table.name not in FACT_TABLES:
            for column in table.fields.values():
                if rule.each(column):
                    yield _field_check(rule, column)


def lookups(check: Check) -> dict[str, Lookup]:
    """What a check looks up, by the name of the column: its rule's `using`, and its equation's sums."""
    sums = {
        f"{table}.{name}": Lookup(table, _total(name), pl.Decimal(38, 8))
        for table, name in (check.equation.sums if check.equation else [])
    }
    return {**check.rule.using, **sums}


def _total(name: str) -> pl.Expr:
    """The sum over the used rows; null, not 0, where no row has a value."""
    column = pl.col(name).filter(pl.col("used"))
    return pl.when(column.count() > 0).then(column.sum())


def look_up(lookup: Lookup, source: pl.DataFrame, frame: pl.DataFrame) -> pl.Series:
    """Look a value up for every row of `frame` in the rows of `source`.

    Returns a series as long as the frame, null where there is no such value.
    """
    keys = [f"_key{n}" for n in range(len(lookup.by))]
    by = [pl.col(key) if isinstance(key, str) else key for key in lookup.by]
    named = [key.alias(name) for key, name in zip(by, keys, strict=True)]
    groups = source.group_by(named).agg(lookup.value.cast(lookup.dtype).alias("_value"))
    rows = (
        frame.with_columns(named)
        .select(keys)
        .join(groups, on=keys, how="left", maintain_order="left")
    )
    return rows["_value"]


def _table_checks(rule: Rule, table: TableView) -> Iterator[Check]:
    judgements = rule.function(table)
    for judgement in judgements if isinstance(judgements, Sequence) else [judgements]:
        yield from _judged(rule, judgement, table)


def _judged(rule: Rule, judgement: Judgement, table: TableView) -> Iterator[Check]:
    if isinstance(judgement, Equation):
        yield from _equation_checks(rule, judgement, table)
        return
    if isinstance(judgement, Claim):
        judgement = judgement.offends()
    if isinstance(judgement, pl.Expr):
        judgement = Offence(judgement)
    # what could not be read has its own finding already
    unread = pl.col("unreadable").list.set_intersection(list(rule.cells)).list.len() > 0
    counts = ~unread if rule.unused else pl.col("used") & ~unread
    check = Check(
        rule,
        rule.code,
        rule.severity_of(None),
        judgement.bad & counts,
        rule.message,
        rule.hint,
        tuple(name for name in rule.cells if name in table.fields),
        judgement.details,
        at=judgement.at,
    )
    yield check
    if judgement.rounds is not None:
        message = f"{rule.message}，在四舍五入尾差之内（{rule.code}）"
        yield replace(
            check,
            code=ROUND,
            severity="info",
            bad=judgement.rounds & counts,
            message=message,
            hint="无需处理",
        )


def _equation_checks(rule: Rule, equation: Equation, table: TableView) -> Iterator[Check]:
    fields = table.fields
    words = {"equation": equation.words(table.label)}
    gap = (equation.left() - equation.right()).abs()
    details = {"left": equation.left(), "right": equation.right(), "gap": gap}
    sides = "，".join(f"{{{name}.label}}为 {{{name}}}" for name in equation.names if name in fields)
    check = Check(
        rule,
        rule.code,
        rule.severity_of(None),
        equation.offends(fields) & pl.col("used"),
        rule.message or f"{sides}；应满足 {{equation}}，相差 {{gap}}",
        rule.hint,
        tuple(name for name in equation.all_names if name in fields),
        details,
        words,
        equation=equation,
    )
    yield check
    message = f"{sides}；按 {{equation}} 相差 {{gap}}，在四舍五入尾差之内（{rule.code}）"
    rounds = equation.rounds(fields) & pl.col("used")
    yield replace(check, code=ROUND, severity="info", bad=rounds, message=message, hint="无需处理")


def _field_check(rule: Rule, column: Field) -> Check:
    judgement = rule.function(column)
    if isinstance(judgement, Equation | Claim | Sequence):
        raise TypeError(f"{rule.code}: a field rule returns one expression or offence")
    if isinstance(judgement, pl.Expr):
        judgement = Offence(judgement)
    is_text = isinstance(column.kind.dtype(column), pl.String)
    details = {"length": length(column.name), "bytes": gbk_length(column.name)} if is_text else {}
    words = {
        "label": column.short_label,
        "limit": str(column.max_chars),
        "byte_limit": str(column.max_bytes),
        "choices": "／".join(column.choices) if isinstance(column.kind, Choice) else "",
    }
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
    )
