"""Numbers as units write them: arabic, full-width, Chinese, with 万 and 亿 (docs/domain.md §1.4).

Exact decimals throughout. Numbers are bounded (below 10^12, 6 decimals), so no arithmetic here
leaves the 28 digits in which Decimal is exact.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

# For use inside larger patterns, on text that `narrow` has narrowed.
ARABIC = r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,12})(?:\.[0-9]{1,10})?(?!\.?[0-9])"
CHINESE_DIGITS = "零〇一二两三四五六七八九十百千万亿廿卅"
CHINESE = rf"(?:[{CHINESE_DIGITS}]{{1,20}}(?:点[零〇一二三四五六七八九]{{1,6}})?|半)"
# 贰佰陆拾: as money is written on receipts. These characters stand in many other words, too.
FORMAL = r"[零〇壹贰叁肆伍陆柒捌玖拾佰仟萬億万亿]{1,24}"
MULTIPLIER = r"(?:[十百]|千(?![瓦伏米克]))?万?亿?"

_TOO_LARGE, _PLACES = Decimal(10**12), 6
_WIDE_SIGNS = "０１２３４５６７８９％﹪٪．／∕⁄（）～－−﹣＊×∶﹕"
_WIDE = str.maketrans(_WIDE_SIGNS, "0123456789%%%.///()~---**::")
_ANY_WIDE = re.compile(f"[{_WIDE_SIGNS}]")
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟萬億", "一二三四五六七八九十百千万亿")
_DIGITS = {character: number for number, character in enumerate("零一二三四五六七八九")}
_DIGITS |= {"〇": 0, "两": 2}
_POWERS = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8}


def narrow(text: str) -> str:
    """Full-width digits, percent signs and brackets as ASCII; comparison signs stay as they are."""
    return text.translate(_WIDE) if _ANY_WIDE.search(text) else text


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
    """A Chinese numeral such as 二十三, 一亿零五百万, 三千五, 贰佰陆拾, 二〇二七 or 半; None if malformed."""
    if text == "半":
        return Decimal("0.5")
    modern = text.translate(_FORMAL).replace("廿", "二十").replace("卅", "三十")
    whole, point, decimals = modern.partition("点")
    if point:
        value = _chinese(whole)
        digits = "".join(str(_DIGITS[word]) for word in decimals if word in _DIGITS)
        if value is None or len(digits) != len(decimals) or not digits:
            return None
        return Decimal(f"{value}.{digits}")
    if whole and all(word in _DIGITS for word in whole):
        return Decimal("".join(str(_DIGITS[word]) for word in whole))
    grouped = _grouped(whole, 0)
    return None if grouped is None else Decimal(grouped)


_GROUPS = (("亿", 10**8), ("万", 10**4))


def _grouped(text: str, depth: int) -> int | None:
    """A numeral by its groups: so many 亿, so many 万, and the rest; 三万五 is 35000."""
    if depth == len(_GROUPS):
        return _below_ten_thousand(text)
    word, power = _GROUPS[depth]
    high, found, low = text.rpartition(word)
    if not found:
        return _grouped(text, depth + 1)
    above = _grouped(high, depth + 1)
    if not low:
        below: int | None = 0
    elif _DIGITS.get(low):
        below = _DIGITS[low] * power // 10
    else:
        below = _grouped(low.removeprefix("零").removeprefix("〇"), depth + 1)
    return None if above is None or below is None or below >= power else above * power + below


def _below_ten_thousand(text: str) -> int | None:
    """三千零五 → 3005, 三千五 → 3500; the powers must fall from left to right."""
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
    if not text or (len(text) > 1 and text[-1] in "零〇"):
        return None
    short = digit and last >= 2 and len(text) > 1 and text[-2] in "百千"
    return total + (digit or 0) * (10 ** (last - 1) if short else 1)
