"""A target value that is a date: a day, a month, a quarter, a day that comes back."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from decimal import Decimal

from xltool.prose import target_words as words
from xltool.prose import units
from xltool.prose.numerals import number
from xltool.prose.target import Precision, Target


def dated(text: str, fy: int | None) -> Target | None:
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
    per = units.period(match["end_of"] or match["of_month"] or "年")
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
