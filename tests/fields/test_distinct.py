"""Each distinct row is judged once, with the answers that every row by itself would get."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltool.fields import distinct
from xltool.fields.measures import judged, name_key, name_key_of, normalised, some_of

Row = tuple[str | None, int | None]
ROWS = st.lists(
    st.tuples(
        st.none() | st.sampled_from(["甲", "乙 丙", "（丁）", ""]), st.none() | st.integers(0, 3)
    ),
    max_size=30,
)


@pytest.fixture(autouse=True)
def _nothing_known() -> Iterator[None]:
    distinct.forget()
    yield
    distinct.forget()


def frame_of(rows: list[Row]) -> pl.DataFrame:
    """A frame of a text and a number."""
    return pl.DataFrame(rows, schema={"a": pl.String(), "b": pl.Int64()}, orient="row")


def joined(a: str | None, b: int | None) -> str | None:
    """Say something of rows with a text."""
    return f"{a}{b}" if a else None


@given(ROWS)
def test_every_row_gets_its_own_answer(rows: list[Row]) -> None:
    found = frame_of(rows).select(judged(joined, "a", "b")).to_series().to_list()
    assert found == [joined(*row) for row in rows]


@given(ROWS)
def test_only_some_rows_are_asked(rows: list[Row]) -> None:
    asked = judged(lambda a, b: f"{a}{b}", "a", "b", where=pl.col("b") > 1)
    found = frame_of(rows).select(asked).to_series().to_list()
    assert found == [f"{a}{b}" if b is not None and b > 1 else None for a, b in rows]


def test_a_row_is_asked_once_in_all_expressions_and_frames() -> None:
    asked: Counter[Row] = Counter()

    def count(a: str | None, b: int | None) -> str | None:
        asked[a, b] += 1
        return joined(a, b)

    rows: list[Row] = [("甲", 1), ("乙", None), ("甲", 1), (None, None)]
    frame, found = frame_of(rows), judged(count, "a", "b")
    for _ in range(2):
        wanted = [joined(*row) for row in rows]
        assert frame.select(found.is_not_null(), said=found)["said"].to_list() == wanted
        frame = frame.with_columns(c=pl.lit(1)).select(
            "c", "b", "a"
        )  # another one, the same columns
    assert asked == Counter({("甲", 1): 1, ("乙", None): 1, (None, None): 1})


def test_other_columns_of_the_same_name_get_other_answers() -> None:
    found = judged(joined, "a", "b")
    assert frame_of([("甲", 1), ("甲", 2)]).select(found).to_series().to_list() == ["甲1", "甲2"]
    assert frame_of([("甲", 1), ("甲", 3)]).select(found).to_series().to_list() == ["甲1", "甲3"]


def test_what_a_row_means_is_worked_out_once_for_all_functions() -> None:
    asked: list[Row] = []

    def length(a: str | None, b: int | None) -> int | None:
        asked.append((a, b))
        return len(a) if a else None

    frame = frame_of([("甲", 1), ("乙 丙", 1), (None, 1), ("甲", 1)])
    found = frame.select(
        double=judged(lambda n: str(2 * n), "a", "b", meaning=length),
        long=judged(lambda n: "long" if n > 1 else None, "a", "b", meaning=length),
    )
    assert found["double"].to_list() == ["2", "6", None, "2"]
    assert found["long"].to_list() == [None, "long", None, None]
    assert Counter(asked) == Counter({("甲", 1): 1, ("乙 丙", 1): 1, (None, 1): 1})


def test_windows_and_filters_get_the_answers_of_their_rows() -> None:
    chance = random.Random(7)
    rows: list[Row] = [(chance.choice("甲乙丙"), chance.randrange(3)) for _ in range(200)]
    frame, said = frame_of(rows), [joined(*row) for row in rows]
    found = judged(joined, "a", "b")
    first = frame.select(found.drop_nulls().first().over("b")).to_series().to_list()
    wanted = [
        next(one for one, row in zip(said, rows, strict=True) if row[1] == b) for _, b in rows
    ]
    assert first == wanted
    assert frame.filter(found == "甲1").height == said.count("甲1")


def test_a_bug_in_a_function_surfaces() -> None:
    def broken(_: str | None) -> str | None:
        raise ZeroDivisionError("broken")

    with pytest.raises(ZeroDivisionError):
        frame_of([("甲", 1)]).select(judged(broken, "a"))


def test_what_is_kept_is_bounded() -> None:
    for number in range(100):
        frame_of([("甲", number)]).select(judged(joined, "a", "b"))
    assert len(distinct._recent) == distinct._recent.maxlen
    distinct.forget()
    assert not distinct._recent


@given(st.lists(st.none() | st.text("甲乙 \u3000（）“：\n,a", max_size=8), max_size=10))
def test_measures_are_those_of_each_text(texts: list[str | None]) -> None:
    frame = pl.DataFrame({"a": texts}, schema={"a": pl.String()})
    twice = frame.select(n=normalised("a"), again=normalised("a"), k=name_key("a"))
    alone = [pl.DataFrame({"a": [t]}, schema={"a": pl.String()}) for t in texts]
    assert twice["n"].to_list() == [one.select(normalised("a")).item() for one in alone]
    assert twice["again"].equals(twice["n"], null_equal=True)
    assert twice["k"].to_list() == frame.select(name_key_of(pl.col("a"))).to_series().to_list()


def test_very_many_rows_are_measured_at_once_and_not_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frame = pl.DataFrame({"a": ["甲 乙", None, "（丙）", "甲 乙", ""]})
    few = frame.select(name_key("a"))
    distinct.forget()
    monkeypatch.setattr(distinct, "_MANY", 3)
    assert frame.select(name_key("a")).equals(few)
    assert not distinct._recent
    assert few["a"].to_list() == ["甲乙", None, "(丙)", "甲乙", ""]


def test_blank_rows_do_not_count_among_very_many(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pl.DataFrame({"a": ["甲 乙", *[None] * 20, "（丙）"]})
    monkeypatch.setattr(distinct, "_MANY", 2)
    assert frame.select(name_key("a"))["a"].to_list() == ["甲乙", *[None] * 20, "(丙)"]
    assert len(distinct._recent) == 1


def test_many_names_are_named_in_short() -> None:
    """What a thousand rows share is not a thousand names on each of them."""
    frame = pl.DataFrame(
        {"a": [f"{n:02}" for n in range(12)] + ["x", None], "g": [1] * 12 + [2] * 2}
    )
    names = some_of(pl.col("a").drop_nulls(), pl.col("g"), "单位")
    said = frame.select(names)["a"].to_list()
    assert said[0] == "、".join(f"{n:02}" for n in range(10)) + "等 12 个单位"
    assert said == [said[0]] * 12 + ["x"] * 2
