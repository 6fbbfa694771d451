"""The kinds of field: one entry gives the column type, the Excel format and validation, the reader.

A `Field` is what a validator file declares; its `kind` knows everything that depends on the type
of value. What a unit typed becomes a `Reading`: the value, or null, and a remark on what was odd.
Amounts are exact decimals, never floats, and nothing is ever coerced to 0 (DOMAIN §0.2).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import polars as pl

from xltool.text import unify_breaks

Value = str | int | Decimal | date | None
Raw = str | int | float | Decimal | bool | date | datetime | None
FilledBy = Literal["unit", "system"]

# What a reader may remark; the TPL, AMT, COD and DAT rules turn remarks into findings.
Remark = Literal[
    "as_text",  # number or date stored as text, full-width digits, spaces: read all the same
    "tidied",  # spaces, apostrophes, full-width digits taken off a code or a choice
    "serial",  # a date stored as a bare number
    "converted",  # the unit of money was typed into the cell (2000万, 125000元): converted
    "as_number",  # a number in a text cell: what was shown may differ from what is stored
    "not_a_number",
    "negative",
    "too_many_places",
    "lost_digits",  # a long code in a numeric cell: Excel keeps 15 digits
    "not_a_date",
    "text_date",  # a date typed as text, not as yyyy-mm-dd
]
UNREADABLE: frozenset[str] = frozenset(
    {"not_a_number", "too_many_places", "lost_digits", "not_a_date"}
)

_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－＋％　\u00a0", "0123456789.,-+%  ")
_NULL_TEXTS = frozenset({"", "—", "——", "-", "--", "_", "/", "－"})
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?|[+-]?\.\d+")
_MONEY = re.compile(r"[¥￥]?\s*(?P<number>[+-]?[\d,]*\.?\d+)\s*(?P<unit>亿元|万元|万|元|圆)?")
_TO_YUAN: Mapping[str, int] = {"亿元": 10**8, "万元": 10**4, "万": 10**4, "元": 1, "圆": 1}
_DATE = re.compile(
    r"(?P<y>\d{4})(?:[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})|年(?P<m2>\d{1,2})月(?P<d2>\d{1,2})[日号])"
)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one cell says: `value` is null when blank or unreadable; `remark` says what was odd."""

    value: Value = None
    remark: Remark | None = None

    @property
    def unreadable(self) -> bool:
        """True if something stands in the cell that could not be read (null does not mean blank)."""
        return self.remark in UNREADABLE


BLANK = Reading()


class Kind:
    """A kind of value. Stateless: everything that varies is in the `Field`."""

    number_format = "@"

    def dtype(self, field: Field) -> pl.DataType:  # noqa: ARG002
        """The polars type of the column."""
        return pl.String()

    def read(self, raw: Raw, field: Field) -> Reading:
        """What stands in a cell, as a value of this kind. Never raises on any content."""
        raise NotImplementedError

    def parse(self, text: str, field: Field) -> Value:
        """A value that the office supplies as text (projects.csv, the seal, answers).

        Raises ValueError when the text is no such value.
        """
        reading = self.read(text, field)
        if reading.unreadable or reading.remark == "negative":
            raise ValueError(text)
        return reading.value

    def show(self, value: Value, field: Field) -> str:  # noqa: ARG002
        """The value as the form shows it, for messages."""
        return "" if value is None else str(value)

    def plain(self, value: Value) -> str:
        """The value as unformatted text: CSV, JSON and seal; `parse` is its inverse."""
        return "" if value is None else str(value)

    def validation(self, field: Field) -> dict[str, Any] | None:  # noqa: ARG002
        """XlsxWriter's data_validation options without the texts, or None for any value."""
        return None

    def advice(self, field: Field) -> str:  # noqa: ARG002
        """What may stand in the cell, one short Chinese phrase for prompt and guide."""
        return ""


class Text(Kind):
    """Free text. The original is kept to the letter; only line breaks are unified."""

    def read(self, raw: Raw, field: Field) -> Reading:  # noqa: ARG002
        """Text as typed; white space only is blank; numbers and dates are read but remarked."""
        if isinstance(raw, str):
            text = unify_breaks(raw)
            return Reading(text) if text.strip(" \t\n\u00a0\u3000") else BLANK
        if raw is None:
            return BLANK
        return Reading(shown(raw), "as_number")

    def validation(self, field: Field) -> dict[str, Any] | None:
        """At most `max_chars` where the limit is an error; a softer limit must not stop typing."""
        if field.max_chars is None or field.max_chars_severity != "error":
            return None
        return {"validate": "length", "criteria": "<=", "value": field.max_chars}

    def advice(self, field: Field) -> str:
        """The limit, if any."""
        return f"不超过 {field.max_chars} 字" if field.max_chars else "文字"


class Code(Kind):
    """Digits that are no number: kept as text, because Excel keeps only 15 digits (DOMAIN §9.3)."""

    def read(self, raw: Raw, field: Field) -> Reading:  # noqa: ARG002
        """Digits; full-width digits, spaces and a stray apostrophe are mended and remarked."""
        if raw is None:
            return BLANK
        if not isinstance(raw, str):
            return Reading(None, "lost_digits")
        text = re.sub(r"\s", "", raw.translate(_FULL_WIDTH)).lstrip("'’‘")
        if not text:
            return BLANK
        return Reading(text, None if text == raw else "tidied")

    def validation(self, field: Field) -> dict[str, Any] | None:
        """Exactly the number of digits."""
        return (
            {"validate": "length", "criteria": "==", "value": field.digits}
            if field.digits
            else None
        )

    def advice(self, field: Field) -> str:
        """The number of digits."""
        return f"{field.digits} 位数字，按文本填写"


class Amount(Kind):
    """Money in the unit printed in the label, an exact decimal."""

    number_format = "#,##0.00"

    def dtype(self, field: Field) -> pl.DataType:
        """Decimal(24, places)."""
        return pl.Decimal(24, field.places)

    def read(self, raw: Raw, field: Field) -> Reading:
        """An amount; thousands commas, full-width digits and typed units are mended and remarked.

        A float is cut to the 15 significant digits that Excel itself keeps, so that the noise of
        binary fractions (1900.0000000000002) is no third decimal.
        """
        if isinstance(raw, (bool, date)):
            return Reading(None, "not_a_number")
        if isinstance(raw, (int, float, Decimal)):
            return self._checked(_from_float(raw), None, field)
        text = (raw or "").translate(_FULL_WIDTH).strip().lstrip("'’‘").strip()
        if text in _NULL_TEXTS:
            return BLANK
        if _NUMBER.fullmatch(text):
            return self._checked(Decimal(text.replace(",", "")), "as_text", field)
        money = _MONEY.fullmatch(text)
        if money is None or not _NUMBER.fullmatch(money["number"]) or not field.unit:
            return Reading(None, "not_a_number")
        number = Decimal(money["number"].replace(",", ""))
        if money["unit"]:
            number = number * _TO_YUAN[money["unit"]] / _TO_YUAN[field.unit]
        return self._checked(number, "converted", field)

    def _checked(self, number: Decimal | None, remark: Remark | None, field: Field) -> Reading:
        if number is None or abs(number) >= 10**16:
            return Reading(None, "not_a_number")
        rounded = number.quantize(Decimal(1).scaleb(-field.places)) + 0  # -0.00 is 0.00
        if rounded != number:
            return Reading(None, "too_many_places")
        return Reading(rounded, "negative" if number < 0 else remark)

    def parse(self, text: str, field: Field) -> Value:
        """As `read`, but only plain numbers: an office writes its own lists properly."""
        reading = self.read(text, field)
        if reading.remark not in (None, "as_text"):
            raise ValueError(text)
        return reading.value

    def show(self, value: Value, field: Field) -> str:
        """With thousands commas and all places, as the cell shows it."""
        return "" if value is None else f"{value:,.{field.places}f}"

    def validation(self, field: Field) -> dict[str, Any] | None:  # noqa: ARG002
        """A number ≥ 0."""
        return {"validate": "decimal", "criteria": ">=", "value": 0}

    def advice(self, field: Field) -> str:
        """Number, unit, places."""
        return f"数字，单位{field.unit}，最多 {field.places} 位小数"


class Integer(Kind):
    """A whole number between `minimum` and `maximum`."""

    number_format = "0"

    def dtype(self, field: Field) -> pl.DataType:  # noqa: ARG002
        """Int64."""
        return pl.Int64()

    def read(self, raw: Raw, field: Field) -> Reading:  # noqa: ARG002
        """A whole number; text digits are mended and remarked."""
        if isinstance(raw, (bool, date)):
            return Reading(None, "not_a_number")
        if isinstance(raw, (int, float, Decimal)):
            number = _from_float(raw)
            whole = number is not None and number == number.to_integral_value()
            if number is None or not whole or abs(number) >= 10**15:
                return Reading(None, "not_a_number")
            return Reading(int(number))
        text = (raw or "").translate(_FULL_WIDTH).strip().lstrip("'’‘").strip()
        if text in _NULL_TEXTS:
            return BLANK
        if re.fullmatch(r"[+-]?\d{1,15}", text):
            return Reading(int(text), "as_text")
        return Reading(None, "not_a_number")

    def validation(self, field: Field) -> dict[str, Any] | None:
        """The range."""
        return {
            "validate": "integer",
            "criteria": "between",
            "minimum": field.minimum,
            "maximum": field.maximum,
        }

    def advice(self, field: Field) -> str:
        """The range."""
        return f"{field.minimum}–{field.maximum} 的整数"


class Choice(Kind):
    """One of a list. Which values the list has may be changed per campaign."""

    def read(self, raw: Raw, field: Field) -> Reading:
        """The text without surrounding spaces; whether it is on the list is a rule's question."""
        reading = Text().read(raw, field)
        if not isinstance(reading.value, str):
            return reading
        stripped = reading.value.strip(" \t\n\u00a0\u3000")
        mended = stripped != reading.value and reading.remark is None
        return Reading(stripped, "tidied" if mended else reading.remark)

    def advice(self, field: Field) -> str:
        """The choices, if they are few."""
        return "从下拉列表中选择" + (
            f"：{'／'.join(field.choices)}" if len(field.choices) <= 4 else ""
        )


class Date(Kind):
    """A calendar day; text dates of DOMAIN §9.4 are read and remarked."""

    number_format = "yyyy-mm-dd"

    def dtype(self, field: Field) -> pl.DataType:  # noqa: ARG002
        """Date."""
        return pl.Date()

    def read(self, raw: Raw, field: Field) -> Reading:  # noqa: ARG002
        """A date cell, a serial number, or text as yyyy-mm-dd, yyyy/m/d, yyyy年m月d日."""
        if isinstance(raw, date):
            return Reading(raw.date() if isinstance(raw, datetime) else raw)
        if isinstance(raw, str):
            return _from_date_text(re.sub(r"\s", "", raw.translate(_FULL_WIDTH)).lstrip("'’‘"))
        if isinstance(raw, (int, float)) and not isinstance(raw, bool):
            return _from_serial(raw)
        return BLANK if raw is None else Reading(None, "not_a_date")

    def validation(self, field: Field) -> dict[str, Any] | None:  # noqa: ARG002
        """Any date that a budget can mean."""
        return {
            "validate": "date",
            "criteria": "between",
            "minimum": date(2000, 1, 1),
            "maximum": date(2099, 12, 31),
        }

    def advice(self, field: Field) -> str:  # noqa: ARG002
        """The form of a date."""
        return "日期，如 2027-01-01"


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a form, as its validator declares it.

    `label` is printed text and therefore a format (DOMAIN §1–§8). `prefill` names a column of the
    roster whose value stands in the cell from the start; `comment` is the official cell comment.
    `own_blank_rule`: a blank is judged by a rule of the form, not by TXT-001. `choices_open`: the
    list is not official, so another value is only a warning.
    """

    name: str
    label: str
    kind: Kind
    required: bool = False
    own_blank_rule: bool = False
    filled_by: FilledBy = "unit"
    prefill: str | None = None
    comment: str | None = None
    unit: str | None = None
    places: int = 0
    digits: int | None = None
    max_chars: int | None = None
    max_chars_severity: str = "error"
    max_bytes: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()
    choices_open: bool = False
    multiline: bool = False

    def read(self, raw: Raw) -> Reading:
        """What stands in a cell, read as this field."""
        return self.kind.read(raw, self)

    def show(self, value: Value) -> str:
        """The value as the form shows it."""
        return self.kind.show(value, self)

    @property
    def short_label(self) -> str:
        """The label without closing colon and star, for messages."""
        return self.label.strip().strip("*").rstrip("：:")


def shown(raw: Raw) -> str:
    """Any cell content as a person would see it, for messages: 3.0 is 3, a date is yyyy-mm-dd."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float):
        return f"{raw:.15g}"
    if isinstance(raw, datetime) and (raw.hour, raw.minute, raw.second) == (0, 0, 0):
        return raw.date().isoformat()
    return str(raw)


def _from_float(raw: int | float | Decimal) -> Decimal | None:
    try:
        number = Decimal(f"{raw:.15g}") if isinstance(raw, float) else Decimal(raw)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _from_date_text(text: str) -> Reading:
    if text in _NULL_TEXTS:
        return BLANK
    match = _DATE.fullmatch(text)
    if match is None:
        return Reading(None, "not_a_date")
    try:
        day = date(int(match["y"]), int(match["m"] or match["m2"]), int(match["d"] or match["d2"]))
    except ValueError:
        return Reading(None, "not_a_date")
    return Reading(day, "as_text" if _ISO_DATE.fullmatch(text) else "text_date")


def _from_serial(raw: int | float) -> Reading:
    """Excel's day number (1900 system); 36526 is 2000-01-01 and 73050 is 2099-12-31."""
    if isinstance(raw, float) and not raw.is_integer():
        return Reading(None, "not_a_date")
    if not 36526 <= raw <= 73050:
        return Reading(None, "not_a_date")
    return Reading(date.fromordinal(date(1899, 12, 30).toordinal() + int(raw)), "serial")
