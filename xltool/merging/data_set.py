"""A data set: the submissions that a merge took, with their rows, each with its provenance.

It has one frame per table and one of the submissions; every row carries where it comes from (file,
sha256, sheet, row, unit, issue id).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from xltool.form.model import Form

KEY = ("district", "unit_code", "sha256")  # of a submission, among those of one form and year
RECORD = (*KEY, "record")  # of a record: a project sheet of a workbook
PROVENANCE: dict[str, pl.DataType] = {
    "district": pl.String(),
    "unit_code": pl.String(),
    "issue_id": pl.String(),
    "file": pl.String(),
    "sha256": pl.String(),
    "sheet": pl.String(),
    "record": pl.Int64(),
    "line": pl.Int64(),
}
SUBMISSION: dict[str, pl.DataType] = {
    "form": pl.String(),
    "version": pl.String(),
    "fy": pl.Int64(),
    "district": pl.String(),
    "unit_code": pl.String(),
    "unit_name": pl.String(),
    "department_code": pl.String(),
    "department": pl.String(),
    "issue_id": pl.String(),
    "file": pl.String(),
    "sha256": pl.String(),
    "modified": pl.Float64(),
    "warnings": pl.Int64(),
    "accepted_by": pl.String(),
    "accepted_reason": pl.String(),
    "accepted_at": pl.String(),
    "waived": pl.String(),
    "outcome": pl.String(),
    "detail": pl.String(),
}


class Tables(Mapping[str, pl.DataFrame]):
    """Tables that are made when they are asked for, each time anew: none is held here."""

    def __init__(self, names: Iterable[str], made: Callable[[str], pl.DataFrame]) -> None:
        self._names = list(names)
        self._made = made

    def __getitem__(self, name: str) -> pl.DataFrame:
        return self._made(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@dataclass(frozen=True)
class DataSet:
    """The submissions of one form that may be merged, with their rows by unit, submission, record and line.

    Those in conflict are kept too, with their `outcome`: a later merge must see them again.
    """

    form: Form
    submissions: pl.DataFrame
    tables: Mapping[str, pl.DataFrame]

    def having(self, condition: pl.Expr) -> DataSet:
        """The submissions for which a condition holds, with their rows."""
        chosen = self.submissions.filter(condition)
        if len(chosen) == len(self.submissions):
            return self
        tables = {
            name: frame.join(chosen.select(KEY), on=KEY, how="semi", maintain_order="left")
            for name, frame in self.tables.items()
        }
        return DataSet(self.form, chosen, tables)

    @cached_property
    def merged(self) -> DataSet:
        """The submissions that were merged."""
        return self.having(pl.col("outcome") == "merged")
