"""Date: a calendar day that a budget can mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

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
    hint="请输入日期，如 2027-01-01",
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
    hint="请按 2027-01-01 的形式直接输入日期",
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
    documentation="""日期单元格的格式被改成了数字；按 Excel 的日期序号照读并说明。

    | remark | found | value      |     |
    |        |       | 2027-01-01 | ok  |
    | serial | 46388 | 2027-01-01 | bad |
    """,
)


class Date(Kind):
    """A calendar day; text dates of docs/domain.md §9.4 are read with a remark."""

    numeric = True
    blanks = (*STROKES, *APOSTROPHES)

    def number_format(self, field: Field) -> str:  # noqa: ARG002
        """Show year, month and day."""
        return "yyyy-mm-dd"

    def dtype(self, field: Field) -> pl.DataType:  # noqa: ARG002
        """Return Date."""
        return pl.Date()

    def read(self, raw: Raw, field: Field) -> Reading:  # noqa: ARG002
        """Return the day of a date cell, of a serial number, or of a text.

        Texts may be written as yyyy-mm-dd, yyyy/m/d or yyyy年m月d日. A day that no budget can mean is
        none: 2027 typed into a date cell is stored as 1905-07-19.
        """
        if isinstance(raw, date):
            return from_date(raw.date() if isinstance(raw, datetime) else raw)
        if isinstance(raw, str):
            return from_date_text(re.sub(r"\s", "", raw.translate(FULL_WIDTH)).lstrip("'’‘"))
        if isinstance(raw, (int, float)) and not isinstance(raw, bool):
            return from_serial(raw)
        return BLANK if raw is None else Reading(None, "not_a_date")

    def parse(self, text: str, field: Field) -> Value:
        """Return the day that the office supplies as text: 20270101, too, as other systems write it."""
        eight = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", text.strip(), re.ASCII)
        return super().parse("-".join(eight.groups()) if eight else text, field)

    def remarks(self, field: Field) -> Sequence[Remark]:  # noqa: ARG002
        """Return what may be odd about a date."""
        return (NOT_A_DATE, TEXT_DATE, SERIAL, AS_TEXT)

    def validation(self, field: Field) -> dict[str, Any] | None:  # noqa: ARG002
        """Allow any date that a budget can mean."""
        return {"validate": "date", "criteria": "between", "minimum": EARLIEST, "maximum": LATEST}

    def advice(self, field: Field) -> str:  # noqa: ARG002
        """Return the form of a date."""
        return "日期，如 2027-01-01"

    def usable(self, cell: str, field: Field) -> str:  # noqa: ARG002
        """True for a date that a budget can mean."""
        return f"IF(ISNUMBER({cell}),({cell}>={FIRST_DAY})*({cell}<{LAST_DAY + 1}),0)"

    def value(self, cell: str, field: Field) -> str:  # noqa: ARG002
        """The day without its time."""
        return f"INT({cell})"

    def used(self, raw: Raw, field: Field) -> Value:
        """Return the day; None for one that stands there as text."""
        return super().used(raw, field) if is_number(raw) or isinstance(raw, date) else None

    def live_tests(self, field: Field) -> Sequence[LiveTest]:
        """Return the test that a date stands there, and the limits of any field."""
        return [self.readable(field, "DAT-001"), *super().live_tests(field)]
