"""Checks of a table are made once, and worked out together as far as their columns agree."""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest

from xltool.checking.checks import (
    Check,
    at_once,
    checks_for,
    look_up,
    look_up_together,
    with_columns,
)
from xltool.checking.schemas import _groups
from xltool.form.loading import load_form
from xltool.rules import FormTable, Lookup, rule

BUDGET = load_form("longgang_2023_budget")


@rule("XX-001", on="t3", message="坏", hint="坏")
def some_rule(t3: FormTable) -> pl.Expr:
    """一条规则。"""
    assert t3.name == "t3"
    return pl.lit(value=False)


def check(looked_up: dict[str, pl.Series] | None = None, **given: pl.Expr) -> Check:
    """A check that looks something up, or is given something."""
    bad = pl.lit(value=False)
    return Check(
        some_rule, "XX-001", "error", bad, "", "", (), looked_up=looked_up or {}, given=given
    )


def test_checks_are_made_once_for_each_rule_and_table() -> None:
    table = BUDGET.tables["t3"]
    once, again = (list(checks_for(BUDGET.rules, table)) for _ in range(2))
    assert len(once) > 10
    assert all(one is other for one, other in zip(once, again, strict=True))
    other = dataclasses.replace(table)  # equal, and not the same
    (here,), (there,) = (list(checks_for([some_rule], view)) for view in (table, other))
    assert here is not there


def test_checks_with_other_columns_of_one_name_are_apart() -> None:
    one, two, column = pl.Series([1]), pl.Series([2]), pl.col("total") + 1
    checks = [
        check(),
        check({"x": one}),
        check({"x": two}),
        check({"x": one, "y": two}),
        check({"total": one}),  # in the place of a column of the frame
        check(_a=column),
        check(_a=column, _b=pl.col("_a")),
        check(_a=pl.col("total") + 2),
    ]
    groups = _groups(checks, ["total"])
    assert [group.numbers for group in groups] == [[0, 1, 3, 5, 6], [2, 7], [4]]
    assert groups[0].looked_up == {"x": one, "y": two}
    assert list(groups[0].given) == ["_a", "_b"]


def test_given_columns_may_name_earlier_ones() -> None:
    frame = pl.DataFrame({"n": [1, 2]})
    given = {"_a": pl.col("n") + 1, "_b": pl.col("n") * 2, "_c": pl.col("_a") + pl.col("_b")}
    found = with_columns(frame, {"seen": pl.Series([5, 6])}, given, unused=True)
    assert found["_c"].to_list() == [4, 7]
    assert found["seen"].to_list() == [5, 6]
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        with_columns(frame, {}, {"_c": pl.col("_a"), "_a": pl.col("n")}, unused=True)


def test_checks_see_the_rows_in_use() -> None:
    frame = pl.DataFrame({"n": [1, 2, 3], "used": [True, False, True]})
    looked_up = {"seen": pl.Series([5, 6, 7])}
    given = {"_sum": pl.col("n").sum()}
    assert with_columns(frame, looked_up, given, unused=False).rows() == [
        (1, True, 5, 4),
        (3, True, 7, 4),
    ]
    assert with_columns(frame, looked_up, given, unused=True)["_sum"].to_list() == [6, 6, 6]


def test_looking_up_at_once_finds_what_looking_up_alone_finds() -> None:
    source = pl.DataFrame({"workbook": [1, 1, 2], "record": [0, 0, 0], "n": [1, 2, 3]})
    frame = pl.DataFrame({"workbook": [2, 1, 3], "record": [0, 0, 0]})
    lookups = [
        Lookup("t3", pl.col("n").sum(), pl.Int64()),
        Lookup("t3", pl.col("n").max(), pl.Int32()),
    ]
    found = look_up_together(lookups, source, frame)
    assert [series.to_list() for series in found] == [[3, 3, None], [3, 2, None]]
    for lookup, series in zip(lookups, found, strict=True):
        alone = look_up(lookup, source, frame)
        assert alone.dtype == lookup.dtype
        assert alone.equals(series, check_names=False, null_equal=True)


def test_what_is_by_something_looked_up_is_not_looked_up_at_once() -> None:
    plain = [check_of(by) for by in (("workbook", "record"), ("workbook",), (pl.col("record"),))]
    second = check_of(("first",))
    groups = list(at_once([*plain, second, *plain], ["workbook", "record"]))
    assert [len(group) for group in groups] == [1, 1]


def check_of(by: tuple[str | pl.Expr, ...]) -> Check:
    """A check that looks one value up."""
    using = {"x": Lookup("t3", pl.len(), pl.UInt32(), by)}
    declared = rule("XX-002", on="t3", message="坏", hint="坏", using=using)(some_rule.function)
    return next(iter(checks_for([declared], BUDGET.tables["t3"])))
