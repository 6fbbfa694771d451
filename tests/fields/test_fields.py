"""The readers of every kind: what stands in a cell, what it is read as, what is remarked."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltool.fields.kinds import Amount, Choice, Code, Date, Field, Integer, Kind, Text
from xltool.fields.reading import CONTROL, Raw, Reading, Value, from_text, is_kept, shown
from xltool.prose.text import unify_breaks
from xltool.prose.unseen import seen

TEXT = Field("text", "备注：", Text())
CODE = Field("code", "项目编码：", Code(), digits=21)
AMOUNT = Field("amount", "金额（万元）", Amount(), unit="万元", places=2)
YUAN = Field("yuan", "金额（元）", Amount(), unit="元", places=2)
WHOLE = Field("whole", "金额", Amount(), unit="万元", places=0)
INTEGER = Field("integer", "期限", Integer(), minimum=1, maximum=99)
CHOICE = Field("choice", "是否", Choice(), choices=("是", "否"))
DATE = Field("date", "日期", Date())
ALL = [TEXT, CODE, AMOUNT, YUAN, WHOLE, INTEGER, CHOICE, DATE]
NAMES = [field.name for field in ALL]

DIGITS = "440399271063100100008"
NEW_YEAR = date(2027, 1, 1)

# raw, value, remark
Row = tuple[Raw, Value, str | None]

TEXTS: list[Row] = [
    (None, None, None),
    ("", None, None),
    (" \u3000\u00a0\n\t", None, None),
    (" 网格 ", " 网格 ", None),
    ("第一行\r\n第二行\r第三行_x000D_\n第四行", "第一行\n第二行\n第三行\n第四行", None),
    ("甲\x07乙\x00\n丙\x7f", "甲乙\n丙", "invisible"),
    ("\x07\n", None, None),
    ("👨\u200d👩\u200d👧\ufeff", "👨👩👧", "invisible"),
    ("\u200b \u3164\u2800", None, None),
    ("甲\u2003乙\u2800", "甲 乙", "invisible"),
    ("甲\u202e乙\u2066丙", "甲乙丙", "invisible"),
    (0, "0", "as_number"),
    (42.0, "42", "as_number"),
    (0.1 + 0.2, "0.3", "as_number"),
    (1e20, "1e+20", "as_number"),
    (True, "TRUE", "as_number"),
    (datetime(2027, 1, 1), "2027-01-01", "as_number"),
    (NEW_YEAR, "2027-01-01", "as_number"),
]
CODES: list[Row] = [
    (None, None, None),
    (" \u3000", None, None),
    (DIGITS, DIGITS, None),
    (f"'{DIGITS}", DIGITS, "tidied"),
    (f" {DIGITS}\u00a0", DIGITS, "tidied"),
    ("440399 271063 100100008", DIGITS, "tidied"),
    (f"\u202d{DIGITS}\u202c", DIGITS, "tidied"),
    ("４４０３９９271063100100008", DIGITS, "tidied"),
    ("44039927106310010000O", "44039927106310010000O", None),
    (440399271063100100008, None, "lost_digits"),
    (4.403992710631001e20, None, "lost_digits"),
    (float("nan"), None, "lost_digits"),
    (True, None, "lost_digits"),
    (NEW_YEAR, None, "lost_digits"),
]
AMOUNTS: list[Row] = [
    (None, None, None),
    ("", None, None),
    *[(text, None, None) for text in (" ", "—", "——", "-", "--", "_", "/", "－", "\u3000—\u00a0")],
    (0, Decimal("0.00"), None),
    (12, Decimal("12.00"), None),
    (12.34, Decimal("12.34"), None),
    (Decimal("12.3"), Decimal("12.30"), None),
    (0.1 + 0.2, Decimal("0.30"), None),
    (1900.0000000000002, Decimal("1900.00"), None),
    (0.07 * 100, Decimal("7.00"), None),
    (4901.41, Decimal("4901.41"), None),
    (12.345, None, "too_many_places"),
    ("12.345", None, "too_many_places"),
    ("0.001万元", None, "too_many_places"),
    (1e20, None, "not_a_number"),
    (1e15, Decimal("1000000000000000.00"), None),
    (float("nan"), None, "not_a_number"),
    (float("inf"), None, "not_a_number"),
    (float("-inf"), None, "not_a_number"),
    (True, None, "not_a_number"),
    (NEW_YEAR, None, "not_a_number"),
    (-1, Decimal("-1.00"), "negative"),
    ("-1.50", Decimal("-1.50"), "negative"),
    ("－1.50", Decimal("-1.50"), "negative"),
    ("-3万元", Decimal("-3.00"), "negative"),
    (-0.0, Decimal("0.00"), None),
    ("12", Decimal("12.00"), "as_text"),
    ("12.", None, "not_a_number"),
    (".5", Decimal("0.50"), "as_text"),
    ("+3", Decimal("3.00"), "as_text"),
    ("1,008.14", Decimal("1008.14"), "as_text"),
    ("1，008.14", Decimal("1008.14"), "as_text"),
    ("1,0,08.14", None, "not_a_number"),
    ("10,08.14", None, "not_a_number"),
    ("12,34", None, "not_a_number"),
    ("１２．３４", Decimal("12.34"), "as_text"),
    (" 12.34\u3000", Decimal("12.34"), "as_text"),
    ("12.34\u00a0", Decimal("12.34"), "as_text"),
    ("'12.34", Decimal("12.34"), "as_text"),
    ("\u202d12.34\u202c\ufeff", Decimal("12.34"), "as_text"),
    ("\u200b", None, None),
    ("12.34\x07", None, "not_a_number"),
    ("2000万", Decimal("2000.00"), "converted"),
    ("12.5 万元", Decimal("12.50"), "converted"),
    ("１２．５万元", Decimal("12.50"), "converted"),
    ("125000元", Decimal("12.50"), "converted"),
    ("125,000 元", Decimal("12.50"), "converted"),
    ("1.5亿元", Decimal("15000.00"), "converted"),
    ("￥12.50", Decimal("12.50"), "as_text"),
    ("99元", None, "another_unit"),
    ("1,0万元", None, "not_a_number"),
    ("约十二", None, "not_a_number"),
    ("12.5万元左右", None, "not_a_number"),
    ("1e3", None, "not_a_number"),
    ("12%", None, "not_a_number"),
    ("无", None, "not_a_number"),
    ("9" * 17, None, "not_a_number"),
    ("9" * 400, None, "not_a_number"),
]
YUANS: list[Row] = [
    ("12.5万元", Decimal("125000.00"), "converted"),
    ("12.5元", Decimal("12.50"), "converted"),
]
WHOLES: list[Row] = [
    (1307, Decimal(1307), None),
    (1307.43, Decimal(1307), "rounded"),
    (1307.5, Decimal(1308), "rounded"),
    (1307.435, None, "too_many_places"),
    ("1,307", Decimal(1307), "as_text"),
]
INTEGERS: list[Row] = [
    (None, None, None),
    ("—", None, None),
    (3, 3, None),
    (3.0, 3, None),
    (2.9999999999999996, 3, None),
    ("3", 3, "as_text"),
    ("３", 3, "as_text"),
    (" 3 ", 3, "as_text"),
    ("'3", 3, "as_text"),
    (3.5, None, "not_a_number"),
    ("3年", None, "not_a_number"),
    ("三", None, "not_a_number"),
    (1e20, None, "not_a_number"),
    (float("nan"), None, "not_a_number"),
    (True, None, "not_a_number"),
    (NEW_YEAR, None, "not_a_number"),
    (0, None, "out_of_range"),
    (1, 1, None),
    (99, 99, None),
    (100, None, "out_of_range"),
    ("-3", None, "out_of_range"),
]
CHOICES: list[Row] = [
    (None, None, None),
    (" ", None, None),
    ("是", "是", None),
    ("是 ", "是", "tidied"),
    ("\u3000否", "否", "tidied"),
    ("否\u200b", "否", "invisible"),
    ("否\x07", "否", "invisible"),
    ("也许", "也许", None),
    (1, "1", "as_number"),
]
DATES: list[Row] = [
    (None, None, None),
    ("", None, None),
    ("—", None, None),
    (NEW_YEAR, NEW_YEAR, None),
    (datetime(2027, 1, 1, 13, 30), NEW_YEAR, None),
    ("2027-01-01", NEW_YEAR, "as_text"),
    (" 2027-01-01", NEW_YEAR, "as_text"),
    ("'2027-01-01", NEW_YEAR, "as_text"),
    ("\u200e2027-01-01", NEW_YEAR, "as_text"),
    ("2027-1-1", NEW_YEAR, "text_date"),
    ("2027/1/1", NEW_YEAR, "text_date"),
    ("2027.01.01", NEW_YEAR, "text_date"),
    ("2027年1月1日", NEW_YEAR, "text_date"),
    ("2027年1月1号", NEW_YEAR, "text_date"),
    ("２０２７年１月１日", NEW_YEAR, "text_date"),
    ("2027 年 1 月 1 日", NEW_YEAR, "text_date"),
    ("2027-02-30", None, "not_a_date"),
    ("2027-13-01", None, "not_a_date"),
    ("2027年1月", None, "not_a_date"),
    ("1/2/2027", None, "not_a_date"),
    ("20270101", None, "not_a_date"),
    ("年底", None, "not_a_date"),
    (46388, NEW_YEAR, "serial"),
    (46388.0, NEW_YEAR, "serial"),
    (46388.5, None, "not_a_date"),
    (20270101, None, "not_a_date"),
    (2027, None, "not_a_date"),
    (36526, date(2000, 1, 1), "serial"),
    (73050, date(2099, 12, 31), "serial"),
    (73051, None, "not_a_date"),
    (datetime(1905, 7, 19), None, "not_a_date"),  # 2027 in a date cell
    (date(2100, 1, 1), None, "not_a_date"),
    ("1999-12-31", None, "not_a_date"),
    (float("nan"), None, "not_a_date"),
    (float("inf"), None, "not_a_date"),
    (True, None, "not_a_date"),
]
TABLES = [
    (TEXT, TEXTS),
    (CODE, CODES),
    (AMOUNT, AMOUNTS),
    (YUAN, YUANS),
    (WHOLE, WHOLES),
    (INTEGER, INTEGERS),
    (CHOICE, CHOICES),
    (DATE, DATES),
]


@pytest.mark.parametrize(
    ("field", "raw", "value", "remark"),
    [
        pytest.param(field, *row, id=f"{field.name}-{row[0]!r:.20}")
        for field, rows in TABLES
        for row in rows
    ],
)
def test_reading(field: Field, raw: Raw, value: Value, remark: str | None) -> None:
    reading = field.read(raw)
    assert (reading.value, reading.remark) == (value, remark)
    assert type(reading.value) is type(value)
    if isinstance(reading.value, Decimal):
        assert reading.value.as_tuple().exponent == -field.places
        assert not reading.value.is_zero() or not reading.value.is_signed()


@pytest.mark.parametrize("remark", ["not_a_number", "out_of_range", "lost_digits", "not_a_date"])
def test_unreadable_is_not_blank(remark: Any) -> None:
    assert Reading(None, remark).unreadable
    assert not Reading().unreadable
    assert not Reading("x", "as_text").unreadable


# Properties

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
CELLS = st.one_of(
    st.none(),
    st.text(),
    st.text("0123456789.,-+/年月日万元亿 　０１２％%'—", max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.decimals(),
    st.dates(),
    st.datetimes(),
)
VALUES: list[tuple[Field, st.SearchStrategy[Any]]] = [
    (TEXT, st.text(st.characters(exclude_categories=["Cs", "Cc"])).map(seen).filter(str.strip)),
    (CODE, st.text("0123456789", min_size=1, max_size=30)),
    (AMOUNT, st.decimals(0, 10**12, places=2)),
    (WHOLE, st.integers(0, 10**12).map(Decimal)),
    (INTEGER, st.integers(1, 99)),
    (CHOICE, st.sampled_from(CHOICE.choices)),
    (DATE, st.dates(date(2000, 1, 1), date(2099, 12, 31))),
]


@pytest.mark.parametrize("field", ALL, ids=NAMES)
@given(raw=CELLS)
def test_any_cell_can_be_read(field: Field, raw: Raw) -> None:
    reading = field.read(raw)
    if reading.unreadable:
        assert reading.value is None
    if reading.value is not None:
        column = pl.Series([reading.value], dtype=field.kind.dtype(field), strict=True)
        assert column.to_list() == [reading.value]
    assert isinstance(field.show(reading.value), str)
    assert isinstance(shown(raw), str)


@pytest.mark.parametrize(("field", "values"), VALUES, ids=[field.name for field, _ in VALUES])
@given(data=st.data())
def test_parse_undoes_plain(
    field: Field, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    value = data.draw(values)
    text = field.kind.plain(value)
    assert field.kind.parse(text, field) == field.read(text).value == value
    assert field.kind.plain(field.kind.parse(text, field)) == text


PIECES = st.sampled_from([*"甲a _x\t\n\r\x00\x1f\x7f\x9f\xa0\xad", "_x000d_", "_x000", "=DISPIMG("])
ODD_PIECES = st.sampled_from([*"\u3000\u115f\u2000\u200b\u2028\u2029\ufeff\U000e0001"])


@given(st.lists(PIECES | ODD_PIECES, max_size=5).map("".join) | st.text())
def test_a_text_that_is_kept_is_read_to_the_letter(text: str) -> None:
    """What is read at a glance is what is read character by character."""
    whole = seen(CONTROL.sub("", unify_breaks(text)))
    is_blank = not whole.strip(" \t\n\u00a0\u3000")
    assert not is_kept(text) or (whole == text and not is_blank)
    remark = None if whole == unify_breaks(text) else "invisible"
    assert from_text(text) == (Reading() if is_blank else Reading(whole, remark))
    assert is_kept(f"甲 {text}。\n") or text != unify_breaks(whole) or "_x000" in text


@pytest.mark.parametrize("field", ALL, ids=NAMES)
def test_null_is_the_empty_text(field: Field) -> None:
    assert field.kind.plain(None) == ""
    assert field.kind.parse("", field) is None
    assert field.show(None) == ""


@given(number=st.decimals(0, 10**12, places=2))
def test_a_float_keeps_its_cents(number: Decimal) -> None:
    assert AMOUNT.read(float(number)).value == number


@given(day=DAYS)
def test_a_date_in_any_writing(day: date) -> None:
    serial = day.toordinal() - date(1899, 12, 30).toordinal()
    written: list[Raw] = [
        day,
        datetime(day.year, day.month, day.day),
        serial,
        float(serial),
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
    ]
    assert {DATE.read(raw).value for raw in written} == {day}


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (AMOUNT, "约十二"),
        (AMOUNT, "-1"),
        (AMOUNT, "12.345"),
        (AMOUNT, "12万元"),
        (INTEGER, "三"),
        (DATE, "2027-02-30"),
    ],
)
def test_the_office_writes_properly(field: Field, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        field.kind.parse(text, field)


def test_numbers_in_lists_may_have_commas() -> None:
    assert AMOUNT.kind.parse("1,248.29", AMOUNT) == Decimal("1248.29")
    assert DATE.kind.parse("2027年1月1日", DATE) == NEW_YEAR


def test_shown_as_the_cell_shows_it() -> None:
    assert AMOUNT.show(Decimal("1248.29")) == "1,248.29"
    assert WHOLE.show(Decimal(1307)) == "1,307"
    assert DATE.show(NEW_YEAR) == "2027-01-01"
    assert INTEGER.show(3) == "3"
    assert shown(100.0) == "100"
    assert shown(math.pi) == "3.14159265358979"
    assert shown(False) == "FALSE"


@pytest.mark.parametrize("field", ALL, ids=NAMES)
def test_words_and_format(field: Field) -> None:
    assert isinstance(field.kind, Kind)
    assert field.kind.advice(field)
    assert field.number_format
    assert field.short_label == field.label.strip("：")
