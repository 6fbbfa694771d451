"""Sums over the rows that meet a condition: plain values and polars agree, and what is said of them.

That LibreOffice works out the same is seen in `tests/write/test_sums_across_sheets.py`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltool.fields.kinds import Amount, Choice, Field, Integer, Text
from xltool.language.conditions import sum_in_polars, sum_of_rows
from xltool.language.equations import equation_of
from xltool.language.excel import Lines
from xltool.language.functions import COMPARED
from xltool.language.nodes import Call, Column, Junction, Name, Negation, words_in
from xltool.language.parser import StatementError, parse
from xltool.language.values import UNREADABLE
from xltool.language.words import words_of

FIELDS = {
    "kind": Field("kind", "类别", Choice()),
    "quantity": Field("quantity", "数量", Integer()),
    "note": Field("note", "备注", Text()),
    "amount": Field("amount", "金额", Amount(), unit="元", places=2),
}
SCHEMA = {**{name: field.kind.dtype(field) for name, field in FIELDS.items()}, "used": pl.Boolean()}
CONDITIONS = [
    'kind == "货物类"',
    'kind != "货物类"',
    'not (kind == "货物类" or quantity >= 10)',
    "quantity >= 10",
    "10 > quantity",
    'kind == "货物类" and (quantity != 3 or says(note, "大额"))',
    'listed(kind, "货物类", "服务类") and not filled(note)',
    'given(note) or kind == "服务类"',
]
ROW = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([None, "货物类", "服务类", "货物类 "]),
        "quantity": st.sampled_from([None, 3, 10, 11]),
        "note": st.sampled_from([None, "大额", "大 额", "无"]),
        "amount": st.one_of(st.none(), st.decimals(0, 100, places=2)),
    }
)


def column_of(condition: str) -> Column:
    """The column of a sum with this condition."""
    tree = parse(f"sum(item.amount where {condition})")
    assert isinstance(tree, Call)
    assert isinstance(tree.argument, Column)
    return tree.argument


def by_polars(column: Column, rows: list[dict[str, Any]]) -> Decimal | None:
    """What the expression gives over these rows and a blank one."""
    assert column.where is not None
    used = [{**row, "used": any(value is not None for value in row.values())} for row in rows]
    frame = pl.DataFrame([*used, {"used": False}], schema=SCHEMA)
    found: Decimal | None = frame.select(sum_in_polars(column, column.where)).item()
    return found


@pytest.mark.parametrize("condition", CONDITIONS)
@given(rows=st.lists(ROW, max_size=5))
def test_values_and_polars_agree(condition: str, rows: list[dict[str, Any]]) -> None:
    column = column_of(condition)
    used = [row for row in rows if any(value is not None for value in row.values())]
    assert sum_of_rows(column, used) == by_polars(column, rows)


def test_the_tree() -> None:
    same = Call(COMPARED, Name("kind"), ("==", "货物类"))
    large = Call(COMPARED, Name("quantity"), (">", 3))
    text = "sum( item.amount  where kind == '货物类' and not (3 < quantity or filled(note)))"
    tree = parse(text)
    wanted = Junction(
        "and", (same, Negation(Junction("or", (large, Call("filled", Name("note"))))))
    )
    said = 'kind == "货物类" and (not (3 < quantity or filled(note)))'
    assert tree == Call("sum", Column("item", "amount", wanted, said))
    assert words_in(tree) == ["item.amount", "item.kind", "item.quantity", "item.note"]


def test_a_text_may_hold_the_word() -> None:
    tree = parse('says(note, "a where b")')
    assert tree == Call("says", Name("note"), ("a where b",))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('sum(item.amount where kind == "货物类")', "类别为“货物类”的各行金额之和"),
        (
            'sum(item.amount where kind != "货物类" and quantity >= 10)',
            "类别不为“货物类”且数量 ≥ 10的各行金额之和",
        ),
        ("total - sum(item.amount)", "合计 － 各行金额之和"),
        ("total <= detail.total", "合计 ≤ 明细合计"),
    ],
)
def test_words(text: str, words: str) -> None:
    labels = {f"item.{name}": field.label for name, field in FIELDS.items()}
    labels |= {"total": "合计", "detail.total": "明细合计"}
    assert words_of(parse(text), labels.__getitem__) == words


@pytest.mark.parametrize(
    "condition",
    ["kind", "quantity + 1 > 3", 'kind < "货物类"', "quantity > price", "fits(note, 3)"],
)
def test_what_is_no_condition(condition: str) -> None:
    with pytest.raises(StatementError) as refused:
        column_of(condition)
    assert str(refused.value) == (
        f"where 后面只能是本行的栏目和文字、整数的比较，用 and、or、not 相连，不能是“{condition}”"
    )


def test_nobody_writes_a_comparison_as_a_function() -> None:
    with pytest.raises(StatementError) as refused:
        parse("compared(kind)")
    assert str(refused.value).startswith("没有函数 compared")
    assert COMPARED not in str(refused.value)


def test_what_cannot_be_read_makes_the_sum_unknown() -> None:
    column = column_of("quantity >= 10")
    rows = [{"quantity": 3, "amount": UNREADABLE}, {"quantity": 10, "amount": Decimal(1)}]
    assert sum_of_rows(column, rows) == 1
    assert sum_of_rows(column, [*rows, {"quantity": 12, "amount": UNREADABLE}]) is UNREADABLE
    assert sum_of_rows(column, [*rows, {"quantity": UNREADABLE, "amount": None}]) is UNREADABLE


def test_the_formula() -> None:
    cells = {"quantity": "B2:B5", "amount": "D2:D5"}
    block = Lines(cells.__getitem__, FIELDS, ["amount"])
    printed = Lines({"quantity": "B9:B9", "amount": "D9:D9"}.__getitem__, FIELDS, [])
    equation = equation_of("total", "1 + sum(item.amount where quantity >= 10)")
    both = equation.right_excel(str, lambda _: [block, printed])
    added = (
        "(SUMPRODUCT((ISNUMBER(B2:B5)*(B2:B5>=10))*ISNUMBER(D2:D5),D2:D5)"
        "+SUMPRODUCT((ISNUMBER(B9:B9)*(B9:B9>=10))*ISNUMBER(D9:D9),D9:D9))"
    )
    assert both == f'=IFERROR((1+{added}),"")'  # of printed lines all are in use
    alone = equation.right_excel(str, lambda _: [block])
    assert alone.startswith("=IFERROR(IF(IF(SUMPRODUCT((LEN(TRIM(SUBSTITUTE(")
    assert "IF(" not in alone.partition("SUMPRODUCT")[2].partition(",1,0)")[0]
