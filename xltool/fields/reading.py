"""What stands in a cell, and its reading: the value, or None, and a remark on what was odd."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from xltool.prose.nothing import STROKES
from xltool.prose.text import BREAKS, WRITTEN_BREAK, unify_breaks
from xltool.prose.unseen import INVISIBLE, LOOK_LIKE_SPACE, ODD, TYPED_SPACES, seen

Value = str | int | Decimal | date | None
Raw = str | int | float | Decimal | bool | date | datetime | None

_WIDE, _NARROW = "０１２３４５６７８９．，－＋％　\u00a0", "0123456789.,-+%  "
FULL_WIDTH = str.maketrans(_WIDE + LOOK_LIKE_SPACE, _NARROW + " " * len(LOOK_LIKE_SPACE), INVISIBLE)
_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
CONTROL = re.compile(f"[{_CONTROL}]+")
_UNUSUAL = re.compile(f"[{_CONTROL}{BREAKS}{ODD}]")  # what no text keeps as it is
NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?|[+-]?\.\d+")
MONEY = re.compile(r"[¥￥]?\s*(?P<number>[+-]?[\d,]*\.?\d+)\s*(?P<unit>亿元|万元|万|元|圆)?")
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
FIRST_DAY, LAST_DAY = 36526, 73050  # Excel's numbers of them
FROM_1904 = timedelta(days=1462)  # how much later a day is where days are counted from 1904
TO_YUAN: Mapping[str, int] = {"亿元": 10**8, "万元": 10**4, "万": 10**4, "元": 1, "圆": 1}
_DATE = re.compile(
    r"(?P<y>\d{4})(?:[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})|年(?P<m2>\d{1,2})月(?P<d2>\d{1,2})[日号])"
)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one cell says: `value` is None when blank or unreadable; `remark` says what was odd.

    A remark is the name of a `remarks.Remark` that the kind of the field declares.
    """

    value: Value = None
    remark: str | None = None

    @property
    def unreadable(self) -> bool:
        """True if something stands in the cell that could not be read: None does not mean blank."""
        return self.value is None and self.remark is not None


BLANK = Reading()


def shown(raw: Raw) -> str:
    """Return any cell content as a person would see it, for messages: 3.0 is 3, a date is yyyy-mm-dd."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float):
        return f"{raw:.15g}"
    if isinstance(raw, datetime) and (raw.hour, raw.minute, raw.second) == (0, 0, 0):
        return raw.date().isoformat()
    return str(raw)


def is_number(raw: Raw) -> bool:
    """Return whether a spreadsheet holds this as a number; TRUE and FALSE are none."""
    return isinstance(raw, (int, float, Decimal)) and not isinstance(raw, bool)


def from_float(raw: int | float | Decimal) -> Decimal | None:
    """Return a finite number, cut to the 15 significant digits that Excel itself keeps, else None."""
    try:
        number = Decimal(f"{raw:.15g}") if isinstance(raw, float) else Decimal(raw)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def is_kept(text: str) -> bool:
    """Return whether `from_text` reads a text to the letter, with nothing to remark: as nearly all are."""
    return (
        not _UNUSUAL.search(text) and WRITTEN_BREAK not in text and bool(text.strip(TYPED_SPACES))
    )


def from_text(raw: str) -> Reading:
    """Return the reading of a text: as typed, less what can neither be seen nor imported."""
    if is_kept(raw):
        return Reading(raw)
    text = unify_breaks(raw)
    clean = seen(CONTROL.sub("", text))
    if not clean.strip(TYPED_SPACES):
        return BLANK
    return Reading(clean, None if clean == text else "invisible")


def from_whole(raw: Raw) -> Reading:
    """Return the reading of a whole number, stored as one or typed as text."""
    if isinstance(raw, (bool, date)):
        return Reading(None, "not_a_number")
    if isinstance(raw, (int, float, Decimal)):
        number = from_float(raw)
        whole = number is not None and number == number.to_integral_value()
        if number is None or not whole or abs(number) >= 10**15:
            return Reading(None, "not_a_number")
        return Reading(int(number))
    text = (raw or "").translate(FULL_WIDTH).strip().lstrip("'’‘").strip()
    if text in ("", *STROKES):
        return BLANK
    if re.fullmatch(r"[+-]?\d{1,15}", text):
        return Reading(int(text), "as_text")
    return Reading(None, "not_a_number")


def from_date(day: date, remark: str | None = None) -> Reading:
    """Return the reading of a day; one that no budget can mean is none."""
    return Reading(day, remark) if EARLIEST <= day <= LATEST else Reading(None, "not_a_date")


def from_date_text(text: str) -> Reading:
    """Return the reading of a date typed as text (docs/domain.md §9.4)."""
    if text in ("", *STROKES):
        return BLANK
    match = _DATE.fullmatch(text)
    if match is None:
        return Reading(None, "not_a_date")
    try:
        day = date(int(match["y"]), int(match["m"] or match["m2"]), int(match["d"] or match["d2"]))
    except ValueError:
        return Reading(None, "not_a_date")
    return from_date(day, "as_text" if _ISO_DATE.fullmatch(text) else "text_date")


def from_serial(raw: int | float) -> Reading:
    """Return the reading of Excel's day number (1900 system)."""
    if isinstance(raw, float) and not raw.is_integer():
        return Reading(None, "not_a_date")
    if not FIRST_DAY <= raw <= LAST_DAY:
        return Reading(None, "not_a_date")
    return Reading(date.fromordinal(date(1899, 12, 30).toordinal() + int(raw)), "serial")
