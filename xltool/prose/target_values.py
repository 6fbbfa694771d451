"""A single target value: a quantity, a frequency, a date; and the record of what one means."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from xltool.prose import target_words as words
from xltool.prose.numerals import number, plain, written
from xltool.prose.target_words import SYMBOLS, Operator

Kind = Literal[
    "number",
    "percent",
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

    `value` is exact; money is in 万元, money rates in the unit as written (元, 万元) per `per`.
    `value2` is the upper end of a range or the other side of a disjunction. `unit` is the unit of
    comparison (个月 is 月, 2h is 2 小时). `date` is the last day meant, None where the year is not
    known. `atoms` are the parts of a compound or disjunction. `op` is None where none is written.
    """

    kind: Kind
    op: Operator | None = None
    value: Decimal | None = None
    value2: Decimal | None = None
    unit: str | None = None
    per: str | None = None
    date: date | None = None
    precision: Precision | None = None
    atoms: tuple[Target, ...] = ()
    quantified: bool = False
    checkable: bool = False
    canonical: str = ""
    notes: tuple[Note, ...] = ()


def single(text: str, cost: bool, fy: int | None) -> Target | None:
    """The meaning of a text that is one value from end to end."""
    return (
        _nothing(text)
        or _date(text, fy)
        or _periodical(text, cost)
        or _atom(text, cost)
        or _since(text, cost)
    )


def _atom(text: str, cost: bool) -> Target | None:
    """A number with what belongs to it: `至少2次/周`, `≤300元/项`, `80%-90%`."""
    match = words.ATOM.fullmatch(text)
    if match is None:
        return None
    unit = _unit(match)
    value, value2 = _numbers(match)
    if unit is None or value is None or (value2 is not None and value2 < value):
        return None
    if unit == "年" and max(value, value2 or value) >= 1900:
        return None  # a calendar year, oddly written
    multiplier = match["multiplier2"] or match["multiplier"]
    op, notes = _operator(match["prefix"], match["suffix"])
    if value2 is not None:
        notes.append("range")
    per = match["per"] or ""
    if match["period"]:
        per = _turn(match)
        if not per:
            return None
    if match["each"]:
        notes.append("frequency")
    if not unit and cost and "万" in multiplier + match["number"]:
        unit = "元"
        notes.append("ten thousand")
    return _quantity(op, value, value2, unit, per or None, multiplier, notes)


def _unit(match: re.Match[str]) -> str | None:
    """The unit as written, empty if there is none; None where the text is no quantity."""
    unit = match["unit"] or ""
    if match["hundredth"]:
        return None if unit else "%"
    chinese = match["number"].lstrip("-")[0] not in "0123456789"
    if chinese and unit not in words.UNITS:
        return None  # 一体化
    if match["number"] == "半" and unit not in words.DURATION:
        return None  # 半成品
    if unit == "月" and not (match["prefix"] or match["suffix"] or match["period"]):
        return None  # 13月 is neither a date nor a time
    return unit


def _numbers(match: re.Match[str]) -> tuple[Decimal | None, Decimal | None]:
    """The number of an atom, and the upper end of a range; 3-5万元 is 3万元 to 5万元."""
    digits, multiplier = match["number"], match["multiplier"]
    value = number(digits.lstrip("-"), multiplier)
    if value is not None and digits.startswith("-"):
        value = -value
    if match["number2"] is None:
        return value, None
    bare = number(match["number2"])
    if value is not None and bare is not None and not (multiplier or match["unit1"]):
        value = number(digits, match["multiplier2"]) if 0 <= value < bare else value
    return value, number(match["number2"], match["multiplier2"])


def _operator(prefix: str | None, suffix: str | None) -> tuple[Operator | None, list[Note]]:
    """The operator of what stands before and behind a number."""
    ending = (suffix or "").replace("(含)", "")
    notes: list[Note] = []
    if ending in ("左右", "上下") or prefix in ("约", "大约"):
        notes.append("about")
    elif ending or (prefix and prefix not in SYMBOLS.values()):
        notes.append("wording")
    if prefix and not (ending and prefix in words.WEAK):
        return words.PREFIXES[prefix], notes
    return words.SUFFIXES.get(ending), notes


def _quantity(
    op: Operator | None,
    value: Decimal,
    value2: Decimal | None,
    unit: str,
    per: str | None,
    multiplier: str,
    notes: Sequence[Note],
) -> Target:
    """The kind of a quantity by its unit, and its canonical form."""
    kind: Kind = "number"
    name: str | None = unit or None
    power = 0
    if unit in words.MONEY and per is None:
        kind, name, power = "money", "万元", -4
    elif unit in words.MONEY:
        kind = "money rate"
        if multiplier == "万":
            name, power = "万元", -4
    elif unit in words.PERCENT:
        kind, name = "percent", words.PERCENT[unit]
    elif unit in words.DURATION:
        kind, name = "duration", words.DURATION[unit]
    elif unit and per and per.lstrip("0123456789") in words.PERIODS:
        kind = "frequency"
    value = plain(value.scaleb(power))
    value2 = None if value2 is None else plain(value2.scaleb(power))
    shown = words.WRITTEN.get(name, name) if kind == "duration" and name else name or ""
    high = "" if value2 is None else f"-{written(value2)}"
    symbol, each = SYMBOLS[op] if op else "", f"/{per}" if per else ""
    return Target(
        kind,
        op,
        value,
        value2,
        name,
        per,
        quantified=True,
        checkable=True,
        canonical=f"{symbol}{written(value)}{high}{shown}{each}",
        notes=tuple(dict.fromkeys(notes)),
    )


def _periodical(text: str, cost: bool) -> Target | None:
    """How often, in other words than 1次/月: `每月一次`, `每周不少于2次`, `1个月/次`, `半年一次`."""
    once = words.ONCE.fullmatch(text)
    turns = words.TURNS.fullmatch(text)
    each = words.EACH.fullmatch(text)
    if once:
        value, per = "1次", words.period(once["period"])
    elif turns:
        count = number(turns["number"]) if turns["number"] else Decimal(1)
        value, per = f"{written(count)}次" if count is not None else "", _turn(turns)
    elif each:
        inner = _atom(each["rest"], cost)
        value, per = inner.canonical if inner and not inner.per else "", _turn(each)
    else:
        return None
    found = _atom(f"{value}/{per}", cost) if value and per else None
    return replace(found, notes=("frequency",)) if found else None


def _turn(match: re.Match[str]) -> str:
    """The period of a frequency: 两周 is 2周, 1个月 is 月; empty if it is no whole number of them."""
    times, name = match["times"], words.period(match["period"])
    if times is None:
        return name
    if times == "半":
        return f"半{match['period']}" if name in ("年", "月") else ""
    value = number(times)
    if value is None or value != int(value) or not 0 < value < 100:
        return ""
    return name if value == 1 else f"{written(value)}{words.WRITTEN.get(name, name)}"


def _since(text: str, cost: bool) -> Target | None:
    """A time that runs from an event: `自合同签订后6个月内`; the canonical form keeps the event."""
    match = words.SINCE.fullmatch(text)
    inner = _atom(match["rest"], cost) if match else None
    if inner is None or inner.kind != "duration":
        return None
    return replace(inner, canonical=text, notes=("since",))


def _nothing(text: str) -> Target | None:
    """`零投诉`, `无重大安全事故`: none of it."""
    match = words.NOTHING.fullmatch(text)
    return _quantity("eq", Decimal(0), None, match["evil"], None, "", ()) if match else None


def _date(text: str, fy: int | None) -> Target | None:
    """A day, month, quarter or year, or a day that comes back every month or year."""
    match = words.WHOLE_DATE.fullmatch(text)
    if match is None:
        return _recurring(text)
    known = match["iso_year"] or match["year"] or match["end_year"] or match["bare_year"]
    if known is None and match["lead"] in ("≤", "<="):
        return None  # ≤3月 is a number of months
    year = int(known) if known else fy
    month, day, precision = _calendar(match)
    if not 1 <= month <= 12:
        return None
    last = monthrange(year or 2000, month)[1]
    if not 1 <= (day or last) <= last:
        return None
    ends = bool(match["month_end"] or match["quarter_end"] or match["year_end"])
    latest = ends or bool(match["tail"]) or match["lead"] in words.LATEST
    vague = precision != "day" and not ends and match["tail"] in ("前", "之前", "以前")
    return Target(
        "date",
        "le" if latest else None,
        date=date(year, month, day or last) if year else None,
        precision=precision,
        quantified=precision != "year",
        checkable=precision != "year",
        canonical=_written_date(year, month, day, precision, latest),
        notes=("ambiguous",) if vague else (),
    )


def _calendar(match: re.Match[str]) -> tuple[int, int | None, Precision]:
    """(month, day, precision) of a date; the last month of what is longer than a month."""
    if match["iso_month"]:
        return int(match["iso_month"]), int(match["iso_day"]), "day"
    if match["month"]:
        month = int(number(match["month"]) or 0)
        return (month, int(match["day"]), "day") if match["day"] else (month, None, "month")
    if match["quarter"]:
        return 3 * int(number(match["quarter"]) or 0), None, "quarter"
    if match["half"]:
        return 6 if match["half"] == "上" else 12, None, "month"
    return 12, None, "month" if match["year_end"] else "year"


def _written_date(
    year: int | None, month: int, day: int | None, precision: Precision, latest: bool
) -> str:
    """A date as the canonical form has it."""
    head = f"{year}年" if year else ""
    if precision == "day":
        return f"{head}{month}月{day}日{'前' if latest else ''}"
    if precision == "month":
        return f"{head}{month}月{'底前' if latest else ''}"
    if precision == "quarter":
        return f"{head}第{month // 3}季度{'末前' if latest else ''}"
    return f"{head}{'内' if latest else ''}"


def _recurring(text: str) -> Target | None:
    """`每月20日前`: a day that comes back; `value` is the day of the month."""
    match = words.RECURRING.fullmatch(text)
    if match is None:
        return None
    day = int(match["day"] or match["month_day"] or 1)
    month = int(match["month"] or 1)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    latest = bool(match["tail"] or match["end_of"])
    per = words.period(match["end_of"] or match["of_month"] or "年")
    place = f"{match['which'] or ''}{day}日" if match["of_month"] else f"{month}月{day}日"
    return Target(
        "recurring date",
        "le" if latest else None,
        value=Decimal(day) if match["of_month"] else None,
        unit="日" if match["of_month"] else None,
        per=per,
        quantified=True,
        checkable=True,
        canonical=f"每{per}{'末' if match['end_of'] else place}{'前' if latest else ''}",
    )
