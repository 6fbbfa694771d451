"""Chinese numerals: cn2an, which others wrote, reads and writes the same."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import cn2an
import pytest

from xltool.prose.numerals import number

_NINE = "零一二三四五六七八九"
SPOKEN = {
    "三千五": 3500,
    "一百五": 150,
    "两万三": 23000,
    "三万零五": 30005,
    "一千零五": 1005,
    "贰佰陆拾": 260,
    "壹仟零伍拾": 1050,
    "一亿零五百万": 105000000,
    "三亿二千万": 320000000,
    "十二万": 120000,
    "百五": 150,
    "五百零": None,
    "廿五": 25,
    "两千": 2000,
    "二百五": 250,
    "二百五十": 250,
    "九十七点五": Decimal("97.5"),
    "万五": None,
    "一二三": 123,
}


@pytest.mark.parametrize("text", SPOKEN)
def test_spoken(text: str) -> None:
    assert number(text) == SPOKEN[text]


def test_cn2an_writes_what_is_read() -> None:
    """10,000 numerals, half of them as money is written on receipts."""
    random = Random(14)
    for _ in range(5000):
        digits = random.randint(1, 11)
        value = random.choice(
            (random.randrange(10**digits), random.randrange(1, 1000) * 10**digits)
        )
        value %= 10**12
        for style in ("low", "up"):
            text = cn2an.an2cn(value, style)
            assert number(text) == value, text


def test_cn2an_reads_the_spoken_short_form_alike() -> None:
    """三千五 is 3500: all of two to four digits."""
    for power, name in ((10**4, "万"), (10**3, "千"), (10**2, "百")):
        for high in range(1, 10):
            for low in range(1, 10):
                text = f"{_NINE[high]}{name}{_NINE[low]}"
                expected = high * power + low * power // 10
                assert number(text) == cn2an.cn2an(text, "smart") == expected, text
