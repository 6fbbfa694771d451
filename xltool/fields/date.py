"""Date: a calendar day that a budget can mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

import polars as pl

from xltool.fields.cell_formulas import APOSTROPHES
from xltool.fields.field import Field
from xltool.fields.kind import Kind
from xltool.fields.live import LiveTest
from xltool.fields.reading import (
    BLANK,
    EARLIEST,
    FIRST_DAY,
    FULL_WIDTH,
    LAST_DAY,
    LATEST,
    Raw,
    Reading,
    Value,
    from_date,
    from_date_text,
    from_serial,
    is_number,
)
from xltool.fields.remarks import AS_TEXT, Remark
from xltool.prose.nothing import STROKES

NOT_A_DATE = Remark(
    "not_a_date",
    "DAT-001",
    "date_is_unreadable",
    message="{label}“{found}”不是日期，或不在 2000 至 2099 年",
    hint="请输入{wanted}",
    documentation="""日期必须是真实的日期，在 2000 年至 2099 年之间。

    日期栏目里只填年份（2027）的，表格软件会当作 1905 年的一天。

    | remark     | found      |     |
    |            | 2027-01-01 | ok  |
    | not_a_date | 2027-02-30 | bad |
    | not_a_date | 1905-07-19 | bad |
    """,
    integrity=True,
)
TEXT_DATE = Remark(
    "text_date",
    "DAT-003",
    "date_typed_as_text",
    severity="warning",
    message="{label}“{found}”是文本，已读作 {value}",
    hint="请按 {fy}-01-01 的形式直接输入日期",
    mended="已改为日期 {value}，请核对",
    documentation="""日期写成了文本（2027/1/1、2027年1月1日），照读并说明。

    | remark    | found         |     |
    |           | 2027-01-01    | ok  |
    | text_date | 2027年1月1日  | bad |
    """,
)
SERIAL = Remark(
    "serial",
    "TPL-006",
    "date_stored_as_number",
    severity="warning",
    message="{label}存成了数字 {found}，已读作 {value}",
    hint="请把单元格设为日期格式后重新输入",
    mended="已改为日期 {value}，请核对",
    documentation="""日期单元格的格式被改成了数字；按 Excel 的日期序号照读并说明。

    | remark | found | value      |     |
    |        |       | 2027-01-01 | ok  |
    | serial | 46388 | 2027-01-01 | bad |
    """,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A way to show a day: Excel's number format, and the first of January 2027 as an example."""

    number_format: str
    example: str
    advice: str = "日期"


DIGITS = "yyyymmdd"
# eight digits that were typed are no day for Excel: they are shown as they are, as a day is
SHOWN: Mapping[str, Shown] = {
    "yyyy-mm-dd": Shown("yyyy-mm-dd", "2027-01-01"),
    DIGITS: Shown("[<=2958465]yyyymmdd;0", "20270101", "8 位数字的日期"),
    "yyyy年m月d日": Shown('yyyy"年"m"月"d"日"', "2027年1月1日"),
    "yyyy-mm": Shown("yyyy-mm", "2027-01", "年月"),
    "yyyy年m月": Shown('yyyy"年"m"月"', "2027年1月", "年月"),
}
_EIGHT = re.compile(r"\d{8}", re.ASCII)
_MONTH = re.compile(r"(\d{4})(?:[-/.](\d{1,2})|年(\d{1,2})月)", re.ASCII)


class Date(Kind):
    """A calendar day; text dates of docs/domain.md §9.4 are read with a remark.

    A field with `shown="yyyymmdd"` takes eight digits for a day, too; one that shows months takes a
    month for its first day.
    """

    title = "日期"
    options: ClassVar[tuple[str, ...]] = ("shown",)
    numeric = True
    blanks = (*STROKES, *APOSTROPHES)

    def number_format(self, field: Field) -> str:
        """Show year, month and day as the field says."""
        return _shown(field).number_format

    def dtype(self, field: Field) -> pl.DataType:  # noqa: ARG002
        """Return Date."""
        return pl.Date()

    def read(self, raw: Raw, field: Field) -> Reading:
        """Return the day of a date cell, of a serial number, or of a text.

        Texts may be written as yyyy-mm-dd, yyyy/m/d or yyyy年m月d日. A day that no budget can mean is
        none: 2027 typed into a date cell is stored as 1905-07-19.
        """
        if isinstance(raw, date):
            return from_date(raw.date() if isinstance(raw, datetime) else raw)
        if isinstance(raw, str):
            text = re.sub(r"\s", "", raw.translate(FULL_WIDTH)).lstrip("'’‘")
            return from_date_text(_whole_date(text, field))
        if isinstance(raw, (int, float)) and not isinstance(raw, bool):
            return _from_digits(raw) if field.shown == DIGITS else from_serial(raw)
        return BLANK if raw is None else Reading(None, "not_a_date")

    def parse(self, text: str, field: Field) -> Value:
        """Return the day that the office supplies as text: 20270101, too, as other systems write it."""
        return super().parse(_dashed(text.strip()), field)

    def show(self, value: Value, field: Field) -> str:
        """Show the day as its cell does."""
        if not isinstance(value, date):
            return super().show(value, field)
        pieces = {"yyyy": f"{value:%Y}", "mm": f"{value:%m}", "dd": f"{value:%d}"}
        pieces |= {"m": str(value.month), "d": str(value.day)}
        return re.sub("yyyy|mm?|dd?", lambda found: pieces[found[0]], field.shown or _USUAL)

    def remarks(self, field: Field) -> Sequence[Remark]:  # noqa: ARG002
        """Return what may be odd about a date."""
        return (NOT_A_DATE, TEXT_DATE, SERIAL, AS_TEXT)

    def validation(self, field: Field) -> dict[str, Any] | None:
        """Allow any date that a budget can mean."""
        if field.shown == DIGITS:
            return {"validate": "custom", "value": f"={self.usable('{cell}', field)}>0"}
        return {"validate": "date", "criteria": "between", "minimum": EARLIEST, "maximum": LATEST}

    def advice(self, field: Field) -> str:
        """Return the form of a date."""
        shown = _shown(field)
        return f"{shown.advice}，如 {shown.example}"

    def usable(self, cell: str, field: Field) -> str:
        """True for a date that a budget can mean."""
        is_day = f"({cell}>={FIRST_DAY})*({cell}<{LAST_DAY + 1})"
        if field.shown == DIGITS:
            day, (first, last) = _day_of_digits(cell), _DIGITS_FROM_TO
            parts = f"(MONTH({day})=INT(MOD({cell},10000)/100))*(DAY({day})=MOD({cell},100))"
            within = f"IF(({cell}>={first})*({cell}<={last}),{parts},0)"
            is_day = f"IF({cell}>{LAST_DAY},{within},{is_day})"
        return f"IF(ISNUMBER({cell}),{is_day},0)"

    def value(self, cell: str, field: Field) -> str:
        """The day without its time."""
        day = f"INT({cell})"
        return (
            f"IF({cell}>{LAST_DAY},{_day_of_digits(cell)},{day})" if field.shown == DIGITS else day
        )

    def used(self, raw: Raw, field: Field) -> Value:
        """Return the day; None for one that stands there as text."""
        return super().used(raw, field) if is_number(raw) or isinstance(raw, date) else None

    def live_tests(self, field: Field) -> Sequence[LiveTest]:
        """Return the test that a date stands there, and the limits of any field."""
        return [self.readable(field, "DAT-001"), *super().live_tests(field)]


_USUAL = "yyyy-mm-dd"
_DIGITS_FROM_TO = f"{EARLIEST:%Y%m%d}", f"{LATEST:%Y%m%d}"


def _shown(field: Field) -> Shown:
    return SHOWN[field.shown or _USUAL]


def _day_of_digits(cell: str) -> str:
    """The formula of the day that eight digits mean."""
    return f"DATE(INT({cell}/10000),INT(MOD({cell},10000)/100),MOD({cell},100))"


def _from_digits(raw: int | float) -> Reading:
    """The day of eight digits, which is as good as typed as a day; or of a day number."""
    if raw <= LAST_DAY or (isinstance(raw, float) and not raw.is_integer()):
        return from_serial(raw)
    day = from_date_text(_dashed(str(int(raw))))
    return day if day.value is None else Reading(day.value)


def _whole_date(text: str, field: Field) -> str:
    """A text that a field takes for a day, as a whole date."""
    if field.shown == DIGITS:
        return _dashed(text)
    month = _MONTH.fullmatch(text)
    if month and field.shown in ("yyyy-mm", "yyyy年m月"):
        return f"{month[1]}-{int(month[2] or month[3]):02}-01"
    return text


def _dashed(text: str) -> str:
    """Eight digits as yyyy-mm-dd; any other text as it is."""
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if _EIGHT.fullmatch(text) else text
