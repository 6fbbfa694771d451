"""Fields between printed words: what a cell holds of each."""

from __future__ import annotations

import pytest

from xltool.fields.reading import Raw
from xltool.form.printed_words import Words

ONE = Words(("填报人：", ""), ("who",))
UNIT = Words(("预算 ", " 万元"), ("sum",))
THREE = Words(("填报人：", "　　联系电话：", "　　日期：", "。"), ("who", "phone", "day"))


@pytest.mark.parametrize(
    ("raw", "piece"),
    [
        ("填报人：张三", "张三"),
        ("填报人:张三", "张三"),
        (" 填 报 人 ：\n张三 ", "张三"),
        ("填报人张三", "张三"),  # the colon went with what stood there before
        ("张三", "张三"),  # the words too
        ("填报人：填报人：张三", "填报人：张三"),
        ("张三（填报人：李四）", "张三（填报人：李四）"),
        ("填报人：", None),
        ("填报人：　", None),
        (" \u00a0", None),
        (None, None),
        (13800000000.0, 13800000000.0),
    ],
)
def test_one_field(raw: Raw, piece: Raw) -> None:
    assert (ONE.pieces(raw) or {}).get("who") == piece


@pytest.mark.parametrize("raw", ["预算 12.5 万元", "预算12.5万元 ", "12.5万元", "12.5"])
def test_words_behind_a_field(raw: str) -> None:
    assert UNIT.pieces(raw) == {"sum": "12.5"}


@pytest.mark.parametrize(
    ("raw", "pieces"),
    [
        ("填报人：甲　　联系电话：123　　日期：5月1日。", ("甲", "123", "5月1日")),
        ("填报人：甲 联系电话: 123 日期：", ("甲", "123", None)),
        ("填报人：　　联系电话：　　日期：。", (None, None, None)),
        ("甲，联系电话123，日期5月1日", ("甲，", "123，", "5月1日")),
    ],
)
def test_several_fields(raw: str, pieces: tuple[Raw, ...]) -> None:
    assert THREE.pieces(raw) == dict(zip(THREE.names, pieces, strict=True))


@pytest.mark.parametrize("raw", ["填报人：甲　　123　　日期：5月1日", "甲", 5.0])
def test_several_fields_that_cannot_be_told_apart(raw: Raw) -> None:
    assert THREE.pieces(raw) is None


def test_the_text_of_the_cell() -> None:
    assert THREE.joined({}) == "填报人：　　联系电话：　　日期：。"
    assert (
        THREE.joined({"who": "甲", "day": "5月1日"}) == "填报人：甲　　联系电话：　　日期：5月1日。"
    )
    assert THREE.pattern == "填报人：{who}　　联系电话：{phone}　　日期：{day}。"
    assert UNIT.joined({"sum": 0}) == "预算 0 万元"


def test_the_formulas_of_pieces() -> None:
    even = 'SUBSTITUTE(A1,":","：")'
    assert ONE.piece_formula("who", "A1") == f'SUBSTITUTE({even},"填报人：","",1)'
    assert UNIT.piece_formula("sum", "A1") == 'SUBSTITUTE(SUBSTITUTE(A1,"预算","",1),"万元","",1)'
    rest = f'MID({even},FIND("联系电话：",{even})+5,32767)'
    assert THREE.piece_formula("phone", "A1") == f'IFERROR(LEFT({rest},FIND("日期：",{rest})-1),"")'
