"""The record of what a target value means (docs/domain.md §1.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from xltool.prose.numerals import plain
from xltool.prose.target_words import Operator

Kind = Literal[
    "number",
    "percent",
    "ratio",
    "money",
    "money rate",
    "duration",
    "frequency",
    "date",
    "recurring date",
    "disjunction",
    "compound",
    "na",
    "placeholder",
    "reference",
    "qualitative",
]
Precision = Literal["day", "month", "quarter", "year"]
Note = Literal[
    "split",  # several values: one row each
    "wording",  # the operator is a word or another sign
    "frequency",  # not written as 1次/月
    "embedded",  # text stands around the value
    "punctuation",  # ends with punctuation
    "ambiguous",  # 12月前: does December count?
    "ten thousand",  # 68万 of cost is read as 68万元
    "misspelt",  # 不适用 in other words
    "since",  # a time from an event on, such as 自合同签订后6个月内
    "range",  # from `value` to `value2`
    "about",  # 左右, 约
]


@dataclass(frozen=True, slots=True)
class Target:
    """What a target value means.

    `value` is exact; money is in 元 or 万元, as written (`measure` is what to compare). `value2` is the
    upper end of a range, the other side of a disjunction, or what a ratio is out of. `unit` is the
    unit of comparison (个月 is 月, 2h is 2 小时, ㎡ is 平方米). `basis` is what a share is a share of.
    `date` is the last day meant, None where the year is not known. `atoms` are the parts of a
    compound or disjunction. `op` is None where none is written.
    """

    kind: Kind
    op: Operator | None = None
    value: Decimal | None = None
    value2: Decimal | None = None
    unit: str | None = None
    per: str | None = None
    basis: str | None = None
    date: date | None = None
    precision: Precision | None = None
    atoms: tuple[Target, ...] = ()
    quantified: bool = False
    checkable: bool = False
    canonical: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def measure(self) -> tuple[Decimal | None, str | None]:
        """Value and unit for comparison: money in 万元."""
        if self.value is not None and self.unit == "元":
            return plain(self.value.scaleb(-4)), "万元"
        return self.value, self.unit
