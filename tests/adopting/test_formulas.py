"""Formulas of officials in the language of equations, and what number formats say."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from xltool.adopting.formulas import computed_text
from xltool.adopting.number_format import Shown, shown_by
from xltool.adopting.words import is_required, limit_in, unit_in
from xltool.form.layout import Position, a1


def names(places: Sequence[Position]) -> list[str]:
    """Each cell by its address in small letters."""
    return [a1(*place).lower() for place in places]


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("=B1+B2", "b1 + b2"),
        ("=+B1-B2", "b1 - b2"),
        ("=B1-(B2-B3)", "b1 - (b2 - b3)"),
        ("=B1-(B2+B3)", "b1 - (b2 + b3)"),
        ("=(B1+B2)*$C$3", "(b1 + b2) * c3"),
        ("=B1/B2/B3", "b1 / b2 / b3"),
        ("=B1/(B2*B3)", "b1 / (b2 * b3)"),
        ("=SUM(B1:B3)", "b1 + b2 + b3"),
        ("=SUM(B1,B2+B3)*2", "(b1 + b2 + b3) * 2"),
        ("=ROUND(B1/B2,2)", "round(b1 / b2, 2)"),
        ('=IF(B1="","",ROUND(B2/B1,2))', "round(b2 / b1, 2)"),
        ('=IFERROR(IF(OR(B1="",B2=""),"",(B1+B2)),"")', "b1 + b2"),
        ('=IF(COUNT(B1:B2)=0,"",N(B1)+N(B2))', "b1 + b2"),
        ("=IF(B1>0,B1,B2)", "b1 if b1 > 0 else b2"),
        ("=IF((B1+B2)=0,0,B1/B2)", "0 if b1 + b2 == 0 else b1 / b2"),
        ("=IF(SUM(B1:B2)<>B3,ROUND(B1,2),B2)*2", "(round(b1, 2) if b1 + b2 != b3 else b2) * 2"),
        ('=IFERROR(IF(COUNT(B1:B2),IF(B1=0,1,B2),""),"")', "1 if b1 == 0 else b2"),
        ("=IF(AND(B1>0,B2>0),B1,B2)", None),
        ('=IF(B1="是",B2,B3)', None),
        ("=VLOOKUP(B1,C1:D9,2,0)", None),
        ("=Sheet2!B1", None),
        ("=B1&B2", None),
        ("=B1+", None),
        ("=" + "(" * 80 + "B1" + ")" * 80, None),
        ("=SUM(A1:XFD1048576)", None),
    ],
)
def test_a_formula_is_said_or_left(formula: str, text: str | None) -> None:
    assert computed_text(formula, names) == text


@pytest.mark.parametrize(
    ("number_format", "shown"),
    [
        ("General", Shown("any")),
        ("@", Shown("text")),
        ("#,##0.00", Shown("number", 2)),
        ("0_ ", Shown("number", 0)),
        ("0.00_);[Red]\\(0.00\\)", Shown("number", 2)),
        ("0.0%", Shown("number", 1, percent=True)),
        ("yyyymmdd", Shown("date", pattern="yyyymmdd")),
        ("[<=2958465]yyyymmdd;0", Shown("date", pattern="yyyymmdd")),
        ("yyyy\\-mm\\-dd", Shown("date", pattern="yyyy-mm-dd")),
        ('yyyy"年"m"月"d"日";@', Shown("date", pattern="yyyy年m月d日")),
        ("mm-dd-yy", Shown("date")),
    ],
)
def test_a_format_says_type_and_places(number_format: str, shown: Shown) -> None:
    assert shown_by(number_format) == shown


def test_words_say_limits_units_and_what_must_be_filled() -> None:
    limits = ("限40字以内", "不超过150字", "（450字内）", "（限 200 个字）", "200字以内", "三年内")
    assert [limit_in(text) for text in limits] == [40, 150, 450, 200, 200, None]
    units = (
        "项目金额（万元）",
        "金额(元)",
        "项目总金额（中期规划，万元）：",
        "单位：万元",
        "万元产值能耗",
    )
    assert [unit_in(text) for text in units] == ["万元", "元", "万元", "万元", None]
    musts = ("*项目名称", "项目名称*", "项目名称（必填）", "此项必填", "多年度项目长期目标为必填项")
    assert [is_required(text) for text in musts] == [True, True, True, True, False]
