"""格式: how a column of the import file is written. What has a format is text, exact to the last digit.

A finance system takes every cell for a text (docs/domain.md §8.4): a number that a program shows rounded, or
a day that it shows as a number, would arrive as that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from typing import NamedTuple

from xltool.fields.reading import TO_YUAN

WORDS = "文本、yyyymmdd、yyyy-mm-dd、元、万元、整数、2位小数（即 0.00）"
_DATES = {"yyyymmdd": "%Y%m%d", "yyyy-mm-dd": "%Y-%m-%d"}
_NUMBERS = re.compile("(?P<unit>万元|元)?(?P<places>整数|([0-6])位小数|0(?:\\.(0{1,6}))?)?")
_EXACT = Context(prec=60)  # digits: more than any amount has, in whatever unit
_SHOWN = 30  # characters of a value in a message

Cell = str | int | Decimal | date | None


class Source(NamedTuple):
    """What a column may hold: whether numbers and days, and the unit of money of its amounts."""

    numbers: bool = False
    dates: bool = False
    unit: str | None = None


class InexactError(ValueError):
    """A number that has more decimals than its format. Its text is the number."""


@dataclass(frozen=True, slots=True)
class Format:
    """How the values of a column are written: `word` is what the map says.

    `day` is a format of `strftime`; amounts are multiplied by `factor`; `places` are the decimals that
    are written, as many as the number needs where it is None, and as it has them for the word 文本.
    """

    word: str
    day: str = "%Y-%m-%d"
    factor: Decimal = Decimal(1)
    places: int | None = None

    def written(self, value: Cell) -> str | None:
        """Return the text of a value; None for nothing. Raises InexactError where decimals would be lost."""
        if value is None or value == "":
            return None
        if isinstance(value, date):
            return value.strftime(self.day)
        if isinstance(value, str):
            return value
        number = _EXACT.multiply(Decimal(value), self.factor)
        if self.places is None:
            return f"{number:f}" if self == PLAIN else trimmed(number)
        fitting = number.quantize(Decimal(1).scaleb(-self.places), context=_EXACT)
        if fitting != number:
            raise InexactError(trimmed(number)[:_SHOWN])
        return f"{fitting:f}"


PLAIN = Format("文本")


def trimmed(number: Decimal) -> str:
    """A number in digits, without zeros at its end that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_of(word: str, source: Source) -> Format:
    """The format that a word means for what a column holds.

    Raises ValueError, in words for the office, for a word that is none and for one that does not fit.
    """
    plain = re.sub(r"\s", "", word).lower()
    if plain == PLAIN.word:
        return PLAIN
    if plain in _DATES:
        if not source.dates:
            raise ValueError(f"格式“{word}”用于日期，这一栏不是日期")
        return Format(word, day=_DATES[plain])
    found = _NUMBERS.fullmatch(plain)
    if not plain or found is None:
        raise ValueError(f"没有格式“{word}”；可用：{WORDS}")
    if not source.numbers:
        raise ValueError(f"格式“{word}”用于数字，这一栏不是数字")
    places = None
    if found["places"]:
        places = int(found[3]) if found[3] else len(found[4] or "")
    if not found["unit"]:
        return Format(word, places=places)
    if source.unit not in ("元", "万元"):
        raise ValueError(f"格式“{word}”用于以元或万元计的金额，这一栏不是")
    factor = Decimal(TO_YUAN[source.unit]) / TO_YUAN[found["unit"]]
    return Format(word, factor=factor, places=places)
