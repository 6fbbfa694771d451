"""Rows of columns, each distinct one once: what Python says of them, for all rules that ask.

Many rules look at the same columns, and many rows are alike. So the distinct rows are found once, what
they mean is worked out once, and a function is asked once about each, however often an expression of
it stands in rules and messages. What was found is kept for the last few columns only, and used again
for columns that are equal to them, whichever frame they stand in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

# filled rows of the columns of many parts together: they are looked at once, and seldom alike
_MANY = 50_000
_FEW = 100  # rows of which to find the distinct ones takes longer than to measure all of them
_KEPT = 16  # columns that are asked about in turn: more than the rules on a table name


class DistinctRows:
    """The distinct rows of a Struct series, and what functions said of them.

    All functions must be pure: the same row gets the same answer.
    """

    def __init__(self, rows: pl.Series) -> None:
        self._all = rows
        self._columns = rows.struct.fields
        self._meanings: dict[Callable[..., Any], list[tuple[Any, ...] | None]] = {}
        self._said: dict[tuple[Callable[..., Any], ...], pl.Series] = {}
        self._measured: dict[Callable[[pl.Expr], pl.Expr], pl.Series] = {}
        self._known_groups: pl.DataFrame | None = None
        self._known_places: pl.Series | None = None
        self._known_rows: list[tuple[Any, ...]] | None = None

    def are(self, rows: pl.Series) -> bool:
        """Return whether they are the rows of this series."""
        same = self._columns == rows.struct.fields and len(self._all) == len(rows)
        return same and self._all.dtype == rows.dtype and self._all.equals(rows, null_equal=True)

    def said(
        self, function: Callable[..., str | None], meaning: Callable[..., Any] | None = None
    ) -> pl.Series:
        """Return what a function says of each row of the series: String, null where it says None.

        It is given the values of the columns; or what `meaning` makes of them, and is not asked where
        that is None.
        """
        key = (function,) if meaning is None else (function, meaning)
        if key not in self._said:
            given = self._distinct if meaning is None else self._meant(meaning)
            answers = [None if values is None else function(*values) for values in given]
            self._said[key] = pl.Series(answers, dtype=pl.String).gather(self._places)
        return self._said[key]

    def measured(self, measure: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
        """Return what an expression makes of the first column: of each row by itself."""
        if _are_many(self._all):
            return self._taken(measure)
        if measure not in self._measured:
            if len(self._all) < _FEW:
                self._measured[measure] = self._taken(measure)
            else:
                taken = self._groups.select(measure(pl.first())).to_series()
                self._measured[measure] = taken.gather(self._places)
        return self._measured[measure]

    def _taken(self, measure: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
        """What an expression makes of the first column, whether its rows are alike or not."""
        return self._all.struct.unnest().select(measure(pl.first())).to_series()

    def _meant(self, meaning: Callable[..., Any]) -> Sequence[tuple[Any, ...] | None]:
        """What the distinct rows mean, each as the one argument of a function."""
        if meaning not in self._meanings:
            found = [meaning(*row) for row in self._distinct]
            self._meanings[meaning] = [None if value is None else (value,) for value in found]
        return self._meanings[meaning]

    # polars asks from several threads: what two of them work out at once is the same, and nobody may
    # wait for another one while polars does (a lock, such as that of a cached_property, could be waited
    # for by the very thread that is needed)

    @property
    def _groups(self) -> pl.DataFrame:
        """Each distinct row that is not null, with the places at which it stands."""
        if self._known_groups is None:
            self._known_groups = self._grouped()
        return self._known_groups

    @property
    def _places(self) -> pl.Series:
        """For each row of the series the number of the distinct one that it is; null for a null."""
        if self._known_places is None:
            self._known_places = self._placed()
        return self._known_places

    @property
    def _distinct(self) -> list[tuple[Any, ...]]:
        if self._known_rows is None:
            self._known_rows = self._groups.select(pl.exclude("")).rows()
        return self._known_rows

    def _grouped(self) -> pl.DataFrame:
        frame = self._all.struct.unnest()
        places = frame.with_row_index("").filter(self._all.is_not_null())
        return places.group_by(frame.columns, maintain_order=True).agg("")

    def _placed(self) -> pl.Series:
        numbered = self._groups.select("", number=pl.int_range(pl.len(), dtype=pl.UInt32))
        places = pl.select(pl.int_range(len(self._all), dtype=pl.UInt32).alias(""))
        if numbered.is_empty():
            return pl.Series(values=[None] * len(places), dtype=pl.UInt32)
        found = numbered.explode("")
        return places.join(found, on="", how="left", maintain_order="left")["number"]


def _are_many(rows: pl.Series) -> bool:
    """Whether so many rows are filled; most of a part's may be blank lines, which are all alike."""
    first = rows.struct.field(rows.struct.fields[0])
    return len(rows) - first.null_count() > _MANY


_recent: deque[DistinctRows] = deque(maxlen=_KEPT)


def distinct(rows: pl.Series) -> DistinctRows:
    """Return the distinct rows of a Struct series: those of before, if it equals one of the last few."""
    for known in reversed(tuple(_recent)):
        if known.are(rows):
            return known
    new = DistinctRows(rows)
    if not _are_many(rows):
        _recent.append(new)
    return new


def forget() -> None:
    """Let go of all that was found: the frames are done with."""
    _recent.clear()
