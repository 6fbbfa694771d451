"""Numbers as units write them: arabic, full-width, Chinese, with 万 and 亿 (docs/domain.md §1.4).

Exact decimals throughout. Numbers are bounded (below 10^12, 6 decimals), so no arithmetic here
leaves the 28 digits in which Decimal is exact.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

# For use inside larger patterns, on text that `narrow` has narrowed.
ARABIC = r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,12})(?:\.[0-9]{1,10})?(?!\.?[0-9])"
CHINESE = r"(?:[零〇一二两三四五六七八九十百千万]{1,12}(?:点[零〇一二三四五六七八九]{1,6})?|半)"
MULTIPLIER = r"[十百千]?万?亿?"

_TOO_LARGE, _PLACES = Decimal(10**12), 6
_WIDE = str.maketrans("０１２３４５６７８９％．／（）～－＊×", "0123456789%./()~-**")
_DIGITS = {character: number for number, character in enumerate("零一二三四五六七八九")}
_DIGITS |= {"〇": 0, "两": 2}
_POWERS = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8}


def narrow(text: str) -> str:
    """Full-width digits, percent signs and brackets as ASCII; comparison signs stay as they are."""
    return text.translate(_WIDE)


@lru_cache(maxsize=16384)
def number(text: str, multiplier: str = "") -> Decimal | None:
    """The number that `text` (arabic or Chinese) means, times `multiplier`; None if it is none."""
    if text[:1] in "0123456789":
        value = Decimal(text.replace(",", ""))
    else:
        chinese = _chinese(text)
        if chinese is None:
            return None
        value = chinese
    value = plain(value.scaleb(sum(_POWERS[word] for word in multiplier)))
    return value if value < _TOO_LARGE and -int(value.as_tuple().exponent) <= _PLACES else None


def plain(value: Decimal) -> Decimal:
    """The same number without exponent and trailing zeros: 1.50 → 1.5, 5E+4 → 50000."""
    return Decimal(written(value))


def written(value: Decimal) -> str:
    """A number as a person writes it: no exponent, no trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _chinese(text: str) -> Decimal | None:
    """A Chinese numeral such as 二十三, 一百零五, 三万二千, 二〇二七 or 半; None if malformed."""
    if text == "半":
        return Decimal("0.5")
    whole, point, decimals = text.partition("点")
    if point:
        value = _chinese(whole)
        digits = "".join(str(_DIGITS[word]) for word in decimals if word in _DIGITS)
        if value is None or len(digits) != len(decimals) or not digits:
            return None
        return Decimal(f"{value}.{digits}")
    if text and all(word in _DIGITS for word in text):
        return Decimal("".join(str(_DIGITS[word]) for word in text))
    high, ten_thousand, low = text.rpartition("万")
    if not ten_thousand:
        return _below_ten_thousand(text)
    above = _below_ten_thousand(high)
    below = _below_ten_thousand(low.removeprefix("零")) if low else Decimal(0)
    return None if above is None or below is None else above * 10000 + below


def _below_ten_thousand(text: str) -> Decimal | None:
    """三千零五 → 3005; the powers must fall from left to right."""
    total, last = 0, 4
    digit: int | None = None
    for place, word in enumerate(text):
        if word in ("零", "〇"):
            if digit is not None or place == 0:
                return None
        elif word in _DIGITS:
            if digit is not None:
                return None
            digit = _DIGITS[word]
        else:
            power = _POWERS.get(word, 9)
            if power >= last or (digit is None and place > 0 and text[place - 1] not in "零〇"):
                return None
            total, digit, last = total + (digit or 1) * 10**power, None, power
    if not text:
        return None
    return Decimal(total + (digit or 0))
