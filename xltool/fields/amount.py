"""Amount: money in the unit printed in the label, an exact decimal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any, ClassVar

import polars as pl

from xltool.fields.cell_formulas import APOSTROPHES
from xltool.fields.field import Field
from xltool.fields.kind import Kind
from xltool.fields.live import LiveTest
from xltool.fields.reading import (
    BLANK,
    FULL_WIDTH,
    MONEY,
    NUMBER,
    TO_YUAN,
    Raw,
    Reading,
    Value,
    from_float,
    is_number,
)
from xltool.fields.remarks import AS_TEXT, NOT_A_NUMBER, Remark
from xltool.prose.nothing import STROKES

_MONEY_PLACES = 2

NEGATIVE = Remark(
    "negative",
    "AMT-011",
    "amount_is_negative",
    message="{label}为负数：{found}",
    hint="请输入不小于 0 的金额",
    documentation="""金额不能是负数。

    | remark   | found  |     |
    |          | 12.00  | ok  |
    | negative | -12.00 | bad |
    """,
    integrity=True,
)
TOO_MANY_PLACES = Remark(
    "too_many_places",
    "AMT-011",
    "amount_has_too_many_places",
    message="{label}“{found}”的小数位过多",
    hint="请四舍五入到 2 位小数后重新输入",
    documentation="""金额最多两位小数。

    | remark          | found  |     |
    |                 | 12.34  | ok  |
    | too_many_places | 12.345 | bad |
    """,
    integrity=True,
)
ANOTHER_UNIT = Remark(
    "another_unit",
    "AMT-011",
    "amount_in_another_unit",
    message="{label}“{found}”写的不是本栏的单位，换算后多于 2 位小数",
    hint="请填{wanted}；只是单位写错了的，去掉数字后面的单位",
    documentation="""金额里带着另一个单位、换算后多于两位小数的：单位写错了，或者数字写错了，不猜是哪一个。

    | remark       | found    |     |
    |              | 260.00   | ok  |
    | another_unit | 260.00元 | bad |
    """,
    integrity=True,
)
ROUNDED = Remark(
    "rounded",
    "AMT-011",
    "amount_shows_fewer_places",
    severity="info",
    message="{label}存的是 {found}，表上只显示整数，按 {value} 核对",
    hint="无需处理；要避免尾差，请直接输入四舍五入后的整数",
    documentation="""表上取整数的金额，存了角分的，按四舍五入后显示的数核对。

    | remark  | found   | value |     |
    |         | 1307    | 1,307 | ok  |
    | rounded | 1307.43 | 1,307 | bad |
    """,
    integrity=True,
)
CONVERTED = Remark(
    "converted",
    "TPL-006",
    "unit_typed_with_the_amount",
    severity="warning",
    message="{label}“{found}”带有单位，已换算为 {value}",
    hint="请按栏目标明的单位直接输入数字，并核对换算结果",
    mended="已改为 {value}，请核对",
    documentation="""金额里带着单位（2000万、125000元）的，按栏目的单位换算并说明。

    | remark    | found    | value    |     |
    |           | 12.50    | 12.50    | ok  |
    | converted | 125000元 | 12.50    | bad |
    """,
)


class Amount(Kind):
    """Money in the unit printed in the label, an exact decimal."""

    title = "金额"
    options: ClassVar[tuple[str, ...]] = ("unit", "places", "signed")
    numeric = True
    money = True
    amounts = True
    align = "right"
    blanks: ClassVar[tuple[str, ...]] = (*STROKES, *APOSTROPHES)

    def number_format(self, field: Field) -> str:
        """Show thousands commas and all places."""
        return "#,##0" + decimals(field)

    def dtype(self, field: Field) -> pl.DataType:
        """Return Decimal(24, places)."""
        return pl.Decimal(24, field.places)

    def read(self, raw: Raw, field: Field) -> Reading:
        """Return the amount; commas, full-width digits and typed units are read with a remark.

        A float is cut to the 15 significant digits that Excel itself keeps, so that the noise of
        binary fractions (1900.0000000000002) is no third decimal. Nothing is ever taken for 0
        (docs/domain.md §0.2).
        """
        if isinstance(raw, (bool, date)):
            return Reading(None, "not_a_number")
        if isinstance(raw, (int, float, Decimal)):
            return self._checked(from_float(raw), None, field)
        text = (raw or "").translate(FULL_WIDTH).strip().lstrip("'’‘").strip()
        if text in ("", *STROKES):
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
        reading = self._checked(
            number * TO_YUAN[money["unit"]] / TO_YUAN[field.unit], "converted", field
        )
        is_its_own = TO_YUAN[money["unit"]] == TO_YUAN[field.unit]
        if reading.remark == "too_many_places" and not is_its_own:
            return Reading(None, "another_unit")
        return reading

    def _checked(self, number: Decimal | None, remark: str | None, field: Field) -> Reading:
        if number is None or abs(number) >= 10**16:
            return Reading(None, "not_a_number")
        rounded = number.quantize(last_place(field.places), ROUND_HALF_UP) + 0  # no -0.00
        if rounded != number:
            if number != number.quantize(Decimal("0.01")):
                return Reading(None, "too_many_places")
            remark = remark or "rounded"  # the form shows fewer places than money has
        wrong = number < 0 and not field.signed
        return Reading(rounded, "negative" if wrong else remark)

    def remarks(self, field: Field) -> Sequence[Remark]:
        """Return what may be odd about an amount of this field."""
        negative = () if field.signed else (NEGATIVE,)
        rounded = (ROUNDED,) if field.places < _MONEY_PLACES else ()
        converted = (CONVERTED, ANOTHER_UNIT) if field.unit and self.money else ()
        return (NOT_A_NUMBER, TOO_MANY_PLACES, AS_TEXT, *negative, *rounded, *converted)

    def parse(self, text: str, field: Field) -> Value:
        """Return the value of a plain number: an office writes its own lists properly.

        Raises ValueError for anything else.
        """
        reading = self.read(text, field)
        if reading.remark not in (None, "as_text"):
            raise ValueError(text)
        return reading.value

    def show(self, value: Value, field: Field) -> str:
        """Show thousands commas and all places, as the cell does."""
        return "" if value is None else f"{value:,.{field.places}f}"

    def validation(self, field: Field) -> dict[str, Any] | None:
        """Allow a number, not below 0 unless the field may be negative."""
        least = -(10**15) if field.signed else 0
        return {"validate": "decimal", "criteria": ">=", "value": least}

    def advice(self, field: Field) -> str:
        """Return number, unit and places."""
        places = f"最多 {field.places} 位小数" if field.places else "取整数"
        return f"数字，单位{field.unit}，{places}"

    def usable(self, cell: str, field: Field) -> str:
        """True for a number with no more places than money has."""
        places = max(field.places, _MONEY_PLACES)
        return f"IF(ISNUMBER({cell}),(ROUND({cell},{places})={cell})*(ABS({cell})<1E+16),0)"

    def acceptable(self, cell: str, field: Field) -> str:
        """True for a usable number that is not below 0, unless the field may be negative."""
        usable = self.usable(cell, field)
        return usable if field.signed else f"IF({usable},{cell}>=0,0)"

    def value(self, cell: str, field: Field) -> str:
        """The amount as the cell shows it."""
        return f"ROUND({cell},{field.places})" if field.places < _MONEY_PLACES else cell

    def used(self, raw: Raw, field: Field) -> Value:
        """Return the amount; None for a number that stands there as text."""
        return super().used(raw, field) if is_number(raw) else None

    def is_acceptable(self, raw: Raw, field: Field) -> bool:
        """Return what the formula of `acceptable` gives."""
        return self.used(raw, field) is not None and self.read(raw, field).remark != "negative"

    def live_tests(self, field: Field) -> Sequence[LiveTest]:
        """Return the test that a number stands there, and the limits of any field."""
        return [self.readable(field, "AMT-011"), *super().live_tests(field)]


@cache
def last_place(places: int) -> Decimal:
    """Return 1 in the last of so many decimal places: 0.01 of two."""
    return Decimal(1).scaleb(-places)


def decimals(field: Field) -> str:
    """Return the decimals of a number format."""
    return "." + "0" * field.places if field.places else ""
