"""The kinds of field: one entry gives the column type, the Excel format and validation, the reader.

A `Field` is what a validator file declares; its `kind` knows everything that depends on the type
of value. What a unit typed becomes a `Reading`: the value, or null, and a remark on what was odd.
Amounts are exact decimals, never floats, and nothing is ever coerced to 0 (docs/domain.md §0.2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

import polars as pl

from xltool.fields.reading import (
    BLANK,
    EARLIEST,
    FULL_WIDTH,
    LATEST,
    MONEY,
    NULL_TEXTS,
    NUMBER,
    TO_YUAN,
    UNREADABLE,
    UNSEEN,
    Raw,
    Reading,
    Remark,
    Value,
    from_date,
    from_date_text,
    from_float,
    from_serial,
    from_text,
    from_whole,
    shown,
)

__all__ = ["BLANK", "UNREADABLE", "Field", "FilledBy", "Kind", "Raw", "Reading", "Value", "shown"]

ANYTHING = "文字"  # the advice of a text without limit
FilledBy = Literal["unit", "system"]


class Kind:
    """A kind of value. Stateless: everything that varies is in the `Field`."""

    def number_format(self, field: Field) -> str:  # noqa: ARG002
        """Excel's format of the cell."""
        return "@"

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
    """Free text, kept to the letter: only line breaks are unified, control characters taken out."""

    def read(self, raw: Raw, field: Field) -> Reading:  # noqa: ARG002
        """Text as typed; white space only is blank; numbers and dates are read but remarked."""
        if isinstance(raw, str):
            return from_text(raw)
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
        return f"不超过 {field.max_chars} 字" if field.max_chars else ANYTHING


class Code(Kind):
    """Digits that are no number: kept as text, as Excel keeps only 15 digits (docs/domain.md §9.3)."""

    def read(self, raw: Raw, field: Field) -> Reading:
        """Digits; full-width digits, spaces and a stray apostrophe are mended and remarked."""
        if raw is None:
            return BLANK
        if not field.digits and isinstance(raw, (int, float)) and float(raw).is_integer():
            return Reading(str(int(raw)), "as_number")  # short enough to have lost nothing
        if not isinstance(raw, str):
            return Reading(None, "lost_digits")
        text = re.sub(r"\s", "", raw.translate(FULL_WIDTH)).lstrip("'’‘")
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
        """The number of digits, if it is fixed."""
        return f"{field.digits} 位数字，按文本填写" if field.digits else "编码，按文本填写"


class Amount(Kind):
    """Money in the unit printed in the label, an exact decimal."""

    def number_format(self, field: Field) -> str:
        """Thousands commas and all places."""
        return "#,##0" + _decimals(field)

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
            return self._checked(from_float(raw), None, field)
        text = (raw or "").translate(FULL_WIDTH).strip().lstrip("'’‘").strip()
        if text in NULL_TEXTS:
            return BLANK
        return self._from_text(text, field)

    def _from_text(self, text: str, field: Field) -> Reading:
        """A number typed as text, perhaps with the unit of money; ￥260 is 260 of the column's unit."""
        if NUMBER.fullmatch(text):
            return self._checked(Decimal(text.replace(",", "")), "as_text", field)
        money = MONEY.fullmatch(text)
        if money is None or not NUMBER.fullmatch(money["number"]) or not field.unit:
            return Reading(None, "not_a_number")
        number = Decimal(money["number"].replace(",", ""))
        if not money["unit"]:
            return self._checked(number, "as_text", field)
        number = number * TO_YUAN[money["unit"]] / TO_YUAN[field.unit]
        return self._checked(number, "converted", field)

    def _checked(self, number: Decimal | None, remark: Remark | None, field: Field) -> Reading:
        if number is None or abs(number) >= 10**16:
            return Reading(None, "not_a_number")
        rounded = number.quantize(Decimal(1).scaleb(-field.places), ROUND_HALF_UP) + 0  # no -0.00
        if rounded != number:
            if number != number.quantize(Decimal("0.01")):
                return Reading(None, "too_many_places")
            remark = remark or "rounded"  # the form shows fewer places than money has
        wrong = number < 0 and not field.signed
        return Reading(rounded, "negative" if wrong else remark)

    def parse(self, text: str, field: Field) -> Value:
        """As `read`, but only plain numbers: an office writes its own lists properly."""
        reading = self.read(text, field)
        if reading.remark not in (None, "as_text"):
            raise ValueError(text)
        return reading.value

    def show(self, value: Value, field: Field) -> str:
        """With thousands commas and all places, as the cell shows it."""
        return "" if value is None else f"{value:,.{field.places}f}"

    def validation(self, field: Field) -> dict[str, Any] | None:
        """A number, ≥ 0 unless the field may be negative."""
        least = -(10**15) if field.signed else 0
        return {"validate": "decimal", "criteria": ">=", "value": least}

    def advice(self, field: Field) -> str:
        """Number, unit, places."""
        places = f"最多 {field.places} 位小数" if field.places else "取整数"
        return f"数字，单位{field.unit}，{places}"


class Number(Amount):
    """A decimal number that is no money: a rate, points. No unit of money is read into it."""

    def number_format(self, field: Field) -> str:
        """All places."""
        return "0" + _decimals(field)

    def read(self, raw: Raw, field: Field) -> Reading:
        """As an amount; a typed unit of money makes it unreadable, the field's own unit does not.

        不适用 says that there is no number (docs/domain.md §10.7, SE-010).
        """
        if isinstance(raw, str):
            raw = raw.strip().removesuffix(field.unit or "")
            if raw == "不适用":
                return BLANK
        return super().read(raw, replace(field, unit=None))

    def advice(self, field: Field) -> str:
        """Number and places."""
        return f"数字，最多 {field.places} 位小数" if field.places else "整数"


class Integer(Kind):
    """A whole number between `minimum` and `maximum`."""

    def number_format(self, field: Field) -> str:  # noqa: ARG002
        """No places."""
        return "0"

    def dtype(self, field: Field) -> pl.DataType:  # noqa: ARG002
        """Int64."""
        return pl.Int64()

    def read(self, raw: Raw, field: Field) -> Reading:
        """A whole number; text digits are mended and remarked, as is one out of range."""
        reading = from_whole(raw)
        number = reading.value
        if isinstance(number, int) and not _within(number, field):
            return Reading(None, "out_of_range")
        return reading

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


def _within(number: int, field: Field) -> bool:
    low, high = field.minimum, field.maximum
    return (low is None or low <= number) and (high is None or number <= high)


class Choice(Kind):
    """One of a list. Which values the list has may be changed per campaign."""

    def read(self, raw: Raw, field: Field) -> Reading:
        """The text without surrounding spaces; whether it is on the list is a rule's question."""
        reading = Text().read(raw, field)
        if not isinstance(reading.value, str):
            return reading
        stripped = reading.value.translate(UNSEEN).strip(" \t\n\u00a0\u3000")
        mended = stripped != reading.value and reading.remark is None
        return Reading(stripped, "tidied" if mended else reading.remark)

    def advice(self, field: Field) -> str:
        """The choices, if they are few."""
        return "从下拉列表中选择" + (
            f"：{'／'.join(field.choices)}" if len(field.choices) <= 4 else ""
        )


class Date(Kind):
    """A calendar day; text dates of docs/domain.md §9.4 are read and remarked."""

    def number_format(self, field: Field) -> str:  # noqa: ARG002
        """Year, month, day."""
        return "yyyy-mm-dd"

    def dtype(self, field: Field) -> pl.DataType:  # noqa: ARG002
        """Date."""
        return pl.Date()

    def read(self, raw: Raw, field: Field) -> Reading:  # noqa: ARG002
        """A date cell, a serial number, or text as yyyy-mm-dd, yyyy/m/d, yyyy年m月d日.

        A day that no budget can mean is none: 2027 typed into a date cell is stored as 1905-07-19.
        """
        if isinstance(raw, date):
            return from_date(raw.date() if isinstance(raw, datetime) else raw)
        if isinstance(raw, str):
            return from_date_text(re.sub(r"\s", "", raw.translate(FULL_WIDTH)).lstrip("'’‘"))
        if isinstance(raw, (int, float)) and not isinstance(raw, bool):
            return from_serial(raw)
        return BLANK if raw is None else Reading(None, "not_a_date")

    def validation(self, field: Field) -> dict[str, Any] | None:  # noqa: ARG002
        """Any date that a budget can mean."""
        return {
            "validate": "date",
            "criteria": "between",
            "minimum": EARLIEST,
            "maximum": LATEST,
        }

    def advice(self, field: Field) -> str:  # noqa: ARG002
        """The form of a date."""
        return "日期，如 2027-01-01"


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a form, as its validator declares it.

    `label` is printed text and therefore a format (docs/domain.md §1–§8). `prefill` names a column of
    the roster whose value stands in the cell from the start, `approved` a field of the approved target
    form (see `xltool.approved`); `comment` is the official cell comment.
    `own_blank_rule`: a blank is judged by a rule of the form, not by TXT-001. `choices_open`: the
    list is not official, so another value is only a warning. `computed` is the formula of a cell that
    the workbook works out by itself (see `expression.Formula`): locked, and never trusted.
    `examples` are good values, for prompt and guide.
    """

    name: str
    label: str
    kind: Kind
    required: bool = False
    own_blank_rule: bool = False
    filled_by: FilledBy = "unit"
    prefill: str | None = None
    approved: str | None = None
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
    signed: bool = False
    computed: str | None = None
    examples: tuple[str, ...] = ()

    def read(self, raw: Raw) -> Reading:
        """What stands in a cell, read as this field."""
        return self.kind.read(raw, self)

    def show(self, value: Value) -> str:
        """The value as the form shows it."""
        return self.kind.show(value, self)

    @property
    def number_format(self) -> str:
        """Excel's number format of its cells."""
        return self.kind.number_format(self)

    @property
    def short_label(self) -> str:
        """The label without closing colon and star, for messages."""
        return self.label.strip().strip("*").rstrip("：:")

    @property
    def advice(self) -> str:
        """What may stand in its cells, with examples, in one phrase for prompt and guide."""
        advice = self.kind.advice(self)
        if not self.examples:
            return advice
        examples = f"如：{'、'.join(self.examples)}"
        return examples if advice == ANYTHING else f"{advice}，{examples}"


def _decimals(field: Field) -> str:
    return "." + "0" * field.places if field.places else ""
