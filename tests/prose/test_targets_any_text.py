"""The 指标值 grammar on any text: it never raises, and its canonical form is stable."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xltool.prose.numerals import number, plain, written
from xltool.prose.targets import Target, parse

_PIECES = st.sampled_from(
    [
        "≥",
        "≤",
        ">",
        "＜",
        "〉",
        "不低于",
        "不超过",
        "至少",
        "达",
        "控制在",
        "约",
        "大于等于",
        "0",
        "1",
        "97",
        "3.5",
        "1,200",
        "１２",
        "半",
        "一",
        "两",
        "二十三",
        "百分之",
        "万",
        "亿",
        "千",
        "%",
        "％",
        "‰",
        "百分点",
        "元",
        "万元",
        "人",
        "个",
        "次",
        "场次",
        "年",
        "月",
        "个月",
        "天",
        "日",
        "个工作日",
        "小时",
        "h",
        "樘",
        "/",
        "每",
        "每月",
        "每两周",
        "以上",
        "及以上",
        "内",
        "以内",
        "左右",
        "2027年",
        "12月",
        "31日",
        "第二季度",
        "年底",
        "底",
        "末",
        "前",
        "之前",
        "完成",
        "自合同签订后",
        "起",
        "或",
        "或者",
        "、",
        "，",
        "；",
        ";",
        ",",
        "。",
        ".",
        "-",
        "～",
        "至",
        "不适用",
        "略",
        "零投诉",
        "无",
        "满意度",
        "采集率",
        "不超",
        "规定标准",
        "符合文件",
        "合格",
        "（",
        "）",
        "(",
        ")",
        "《办法》",
        "\n",
        "\u3000",
        "A",
        "G",
        "号",
        "2027-12-31",
    ]
)
TEXTS = st.one_of(st.text(max_size=30), st.lists(_PIECES, max_size=8).map("".join))
LEVELS = st.sampled_from([None, "*成本指标", "数量"])
YEARS = st.sampled_from([None, 2027])


def meaning(target: Target) -> tuple[object, ...]:
    """What the canonical form must keep."""
    return (
        *(target.kind, target.op, target.value, target.value2, target.unit, target.per),
        *(target.date, target.precision, target.quantified, target.checkable, target.canonical),
        *map(meaning, target.atoms),
    )


@settings(max_examples=1500, deadline=None)
@given(TEXTS, LEVELS, YEARS)
def test_any_text_parses_and_the_canonical_form_is_stable(
    text: str, lv2: str | None, fy: int | None
) -> None:
    once = parse(text, lv2=lv2, fy=fy)
    assert meaning(parse(once.canonical, lv2=lv2, fy=fy)) == meaning(once)


@settings(max_examples=300, deadline=None)
@given(st.decimals(0, 999_999_999_999, places=4))
def test_numbers_are_exact(value: Decimal) -> None:
    assert number(written(value)) == value == plain(value)
    assert parse(f"≥{written(value)}件").value == value


@pytest.mark.parametrize(
    "text", ["9" * 3000, "每月" * 1500, "第1" * 1500, "一二三" * 1500, "从" * 3000]
)
def test_long_texts_of_near_quantities(text: str) -> None:
    """Nothing of them is taken for a quantity."""
    assert (parse(text).kind, parse(text).atoms) == ("qualitative", ())
