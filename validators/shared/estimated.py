"""测算依据说了什么：与项目总金额、本年度金额比较的结果。供 AMT-013、AMT-021 使用，本身没有规则。

写明是哪一段时间的（三年共需、每年、本年），与那一段的金额比较；没有写明的，各项之和或合计与哪一个金额相符都算
一致。金额按写明的单位换算成元再比较。
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Literal

import polars as pl

from xltool.fields.measures import judged
from xltool.prose.estimates import Estimate, estimate
from xltool.prose.mentions import Amount
from xltool.prose.phases import Phases, Said, names_a_whole, phases
from xltool.prose.quantities import money_words

Against = Literal["year", "total", "another unit"]

_UNIT = Decimal(10000)  # amounts of projects are in 万元
_HALF = Decimal(50)  # half a unit in the last place of an amount in 万元 with two decimals, in 元
_HALF_OF_WHOLE = Decimal(5000)  # the same of a form that is printed in whole 万元


@dataclass(frozen=True, slots=True)
class _Project:
    """The amounts that an estimate is compared with, in 元; `years` are those of the total."""

    year: Decimal
    total: Decimal | None
    years: int | None
    half: Decimal

    def is_year(self, *amounts: Amount) -> bool:
        """Whether one of the amounts is that of the year."""
        return any(self._is(amount, self.year) for amount in amounts)

    def is_total(self, *amounts: Amount) -> bool:
        """Whether one of the amounts is that of all years, or there is none to compare it with."""
        total = self.total
        return total is None or any(self._is(amount, total) for amount in amounts)

    def is_either(self, *amounts: Amount) -> bool:
        """Whether one of the amounts is that of the year, or that of all years."""
        return self.is_year(*amounts) or (self.total is not None and self.is_total(*amounts))

    def _is(self, amount: Amount, wanted: Decimal) -> bool:
        return abs(amount.value - wanted) <= amount.half_unit + self.half


@dataclass(frozen=True, slots=True)
class _Difference:
    """What an estimate says, in words, and which amount that is not."""

    against: Against
    words: str


def differs(
    against: Against,
    text: str = "calc_basis",
    year: str = "amount_year",
    *,
    total: str | None = "amount_total",
    years: str | None = "period_years",
    rounded: bool = False,
) -> pl.Expr:
    """What an estimate says that is not that amount of its project: a String column, else null.

    The names are those of the columns; `years` of how many the total is. `rounded`: the form is printed in
    whole 万元.
    """
    columns = [text, year, "fy", *([total] if total else []), *([years] if total and years else [])]
    return judged(_words_against[against], *columns, meaning=_rounded if rounded else _difference)


def _difference(
    text: str | None,
    year: Decimal | None,
    fy: int | None,
    total: Decimal | None = None,
    years: int | None = None,
    half: Decimal = _HALF,
) -> _Difference | None:
    """The first thing in an estimate that does not agree with the project."""
    if text is None or not year or year < 0:
        return None
    project = _Project(year * _UNIT, total * _UNIT if total else None, years, half)
    told = phases(text, fy)
    if told is None:
        return _of_sums(text, fy, project)
    return _of_the_year(told, project) or _of_all_years(told, project)


_rounded = partial(_difference, half=_HALF_OF_WHOLE)


def _words(against: Against, found: _Difference) -> str | None:
    return found.words if found.against == against else None


_words_against = {
    against: partial(_words, against) for against in ("year", "total", "another unit")
}


# -- told by phase ------------------------------------------------------------------------------------


def _of_the_year(told: Phases, project: _Project) -> _Difference | None:
    """What is said of this year, or of each one, against the year's amount."""
    whole, said = told.whole, told.this_year or told.each_year
    if said is not None:
        others = [] if told.this_year else [one.amount for one in told.sums]
        return _unless(project.is_year, [said.amount, *others], f"写明“{said.quote}”")
    if whole is None or whole.years is None or project.is_either(whole.amount):
        return None
    average = f"，平均每年 {money_words(whole.in_a_year.value)}"
    return _unless(project.is_year, [whole.in_a_year], f"写明“{whole.quote}”{average}")


def _of_all_years(told: Phases, project: _Project) -> _Difference | None:
    """What is said of all years against the project's total, where both are of as many years."""
    whole = told.whole
    if whole is None or whole.years not in (None, project.years):
        return None
    if project.is_total(whole.amount, *_all_years_of(told.each_year, whole)):
        return None
    if whole.years is None and project.is_year(whole.amount):
        return None
    return _Difference("total", f"写明“{whole.quote}”")


def _all_years_of(said: Said | None, whole: Said) -> list[Amount]:
    """What an amount for each year comes to in the years of a whole: `2510万元/三年，即一年837万元`."""
    if said is None or whole.years is None:
        return []
    return [replace(said.amount, value=said.amount.value * whole.years)]


# -- items and totals of which no time is told --------------------------------------------------------


def _of_sums(text: str, fy: int | None, project: _Project) -> _Difference | None:
    """The items added up, or the stated total, against both amounts of the project."""
    found = estimate(text)
    said = found.sum or found.total
    if said is None or (found.total is None and len(found.parts) > 1 and names_a_whole(text, fy)):
        return None
    words = "各项相加" if found.sum else "写明的合计"
    years = f"，按 {found.years} 年平均" if found.years > 1 else ""
    comes_to = f"{words}为 {money_words(said.value)}{years}"
    return _unless(project.is_either, _meant(found), comes_to, said)


def _meant(found: Estimate) -> list[Amount]:
    """The amounts that an estimate may mean, in one year or in all its years."""
    said = [amount for amount in (found.sum, found.total, *found.this_year) if amount]
    return [
        replace(amount, value=amount.value / years) for amount in said for years in {1, found.years}
    ]


def _unless(
    agrees: Callable[..., bool], amounts: Sequence[Amount], words: str, said: Amount | None = None
) -> _Difference | None:
    """The difference, unless one of the amounts agrees; another one where 元 and 万元 were mixed up."""
    if agrees(*amounts):
        return None
    for factor in (_UNIT, 1 / _UNIT):
        if agrees(*(_times(amount, factor) for amount in amounts)):
            return _Difference("another unit", money_words((said or amounts[0]).value))
    return _Difference("year", words)


def _times(amount: Amount, factor: Decimal) -> Amount:
    return replace(amount, value=amount.value * factor, half_unit=amount.half_unit * factor)
