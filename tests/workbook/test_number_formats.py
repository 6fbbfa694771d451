"""What number formats make of values: formats that scale, invent or hide are seen, roundings are not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltool.fields.reading import Raw
from xltool.workbook.number_formats import is_harmless, misleading

ACCOUNTING = '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ '


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("#,##0,", 50000, "50"),
        ("0.00,,", 5_000_000, "5.00"),
        ("0!.0000", 50000, "5.0000"),
        (r"0\.0000", 50000, "5.0000"),
        ('0"."00', 50000, "500.00"),
        (r"#,##0\.00", 50000, "50,0.00"),
        ('"100.00"', 260, "100.00"),
        ('#,##0.00;;"100.00"', 0, "100.00"),
        (";;;", 12, ""),
        (";;;", "网格巡查", ""),
        ("0%", 0.95, "95%"),
        ('"≥"0%', 0.95, "≥95%"),
        ("[$1]0.00", 5.0, "15.00"),
        ("[DBNum2]0", 5, "〔[DBNum2]0〕"),
        ("0.00;[Red]0.00", -3, "3.00"),
        ("-0.00", 5, "-5.00"),
        ("#,##0.00;;", -5, ""),
        ("[>100]0.00,;0.00", 50000, "50.00"),
        ('General"00"', 5, "500"),
        ('@"00"', "5", "500"),
        ('yyyy"-12-31"', date(2027, 1, 1), '〔yyyy"-12-31"〕'),
    ],
)
def test_another_figure_is_shown(code: str, value: Raw, shown: str) -> None:
    assert not is_harmless(code)
    assert misleading(code, value) == shown


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("General", 5),
        ("0", 0.4),
        ("#,##0.00", 1234567.891),
        ("0.00E+00", 12345),
        ("# ?/?", 0.5),
        ("#", 0),
        ("#,##0;-#,##0;", 0),
        (ACCOUNTING, 0),
        (ACCOUNTING, -5.5),
        (ACCOUNTING, 5.5),
        ("#,##0.00_);(#,##0.00)", -5),
        ("#,##0.00;[Red]-#,##0.00", -3),
        (r"0\.0000", 0),
        ("@", "网格巡查"),
        ("#,##0,", "网格巡查"),
        ("0.00_ ", None),
        ("yyyy\\-mm\\-dd;@", date(2027, 1, 1)),
        ('[$-804]yyyy"年"m"月"d"日"', date(2027, 1, 1)),
    ],
)
def test_the_same_figure_is_shown(code: str, value: Raw) -> None:
    assert misleading(code, value) is None


@pytest.mark.parametrize(
    ("code", "unit", "shown"),
    [
        ('0.00"万元"', "万元", None),
        ('0.00"万元"', "元", "5.00万元"),
        ('0.00"元"', "万元", "5.00元"),
        ('0.00"元"', "元", None),
        ('0.0,"万"', "元", "0.0万"),
    ],
)
def test_a_unit_is_told_unless_the_label_says_it(code: str, unit: str, shown: str | None) -> None:
    assert misleading(code, 5, unit) == shown


def test_the_scale_of_the_issued_format_misleads_nobody() -> None:
    assert misleading("0.00%", 0.95, issued="0%") is None
    assert misleading("0.00", 0.95, issued="0%") == "0.95"


PIECES = ["0", "#", "?", ".", ",", "%", ";", "@", '"1"', '"', "\\", "!", "_", "*", "[", "]", "[>1]"]
CODES = st.lists(st.sampled_from([*PIECES, "E+", "/", "y", "General", "[DBNum1]", "万"])).map(
    "".join
)


@pytest.mark.parametrize("value", [10**28, -(10**28), 1e30, 1.7976931348623157e308, 5e-324])
@pytest.mark.parametrize("code", ["", "0.00", "#,##0,", '"100"', "0" * 200 + "." + "0" * 50])
def test_numbers_of_many_digits(code: str, value: float) -> None:
    shown = misleading(code, value)
    assert shown is None or isinstance(shown, str)


def test_a_number_of_many_digits_is_shown_whole() -> None:
    assert misleading("0,", 10**30) == "1" + "0" * 27


@given(code=CODES, value=st.floats() | st.integers() | st.text(max_size=3))
def test_any_format_can_be_judged(code: str, value: Raw) -> None:
    shown = misleading(code, value)
    assert shown is None or isinstance(shown, str)


@given(code=CODES, value=st.decimals(-(10**9), 10**9, places=2))
def test_a_harmless_format_misleads_nobody(code: str, value: Decimal) -> None:
    if is_harmless(code):
        assert misleading(code, value) is None
