"""One tree, four visitors: what polars, plain values, formulas and words make of the same text."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltool.fields.kinds import Amount, Code, Field, LiveTest, Number, Text
from xltool.fields.tables import CONTEXT
from xltool.language.claims import Claim
from xltool.language.equations import Equation
from xltool.language.functions import FUNCTIONS, OPERATORS, Cell
from xltool.language.live import statement_of
from xltool.language.nodes import Call, Constant, Junction, Name, Negation, Operation, names_in
from xltool.language.parser import StatementError, parse
from xltool.language.row_claims import RowsClaim, SomeRow, SumClaim, WholeRow
from xltool.language.statements import LevelStatement, RowStatement, Statement
from xltool.language.values import TypedRow, content_of
from xltool.language.words import words_of
from xltool.prose.nothing import NOT_APPLICABLE_WORDS
from xltool.rules.declaring import Offence, offence_of

FIELDS = {
    "name": Field("name", "名称", Text(), max_chars=6),
    "note": Field("note", "说明", Text()),
    "code": Field("code", "编码", Code(), digits=4),
    "money": Field("money", "金额", Amount(), unit="万元", places=2),
    "weight": Field("weight", "分值", Number(), unit="分", places=2),
}
LEVELS = {"lv1": pl.String(), "lv2": pl.String()}
SCHEMA = {**{n: f.kind.dtype(f) for n, f in FIELDS.items()}, **LEVELS, **CONTEXT}


def frame_of(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows as the check sees them."""
    blank: dict[str, Any] = {**dict.fromkeys(SCHEMA), "workbook": 0, "record": 0, "unreadable": []}
    whole = [
        blank | {"row": n, "used": any(v is not None for v in row.values())} | row
        for n, row in enumerate(rows)
    ]
    return pl.DataFrame(whole, schema=SCHEMA)


def offending(statement: Statement, rows: list[dict[str, Any]]) -> list[bool]:
    """Where it offends, as polars has it."""
    bad = statement.offends(FIELDS).fill_null(value=False)
    return frame_of(rows).select(bad=bad)["bad"].to_list()


# The tree


def test_a_text_is_one_tree() -> None:
    assert parse('not says(name, "无") and money + 2 <= round(weight, 1)') == Junction(
        "and",
        (
            Negation(Call("says", Name("name"), ("无",))),
            Operation(
                "<=",
                Operation("+", Name("money"), Constant(2)),
                Call("round", Name("weight"), (1,)),
            ),
        ),
    )


def test_names_from_left_to_right() -> None:
    tree = parse("money == sum(task.amount) + money and filled(name)")
    assert names_in(tree) == ["money", "task.amount", "money", "name"]
    assert names_in(tree, {"filled"}) == ["money", "task.amount", "money"]
    assert names_in(None) == []


@pytest.mark.parametrize(
    "text",
    [
        "filled(money + 1)",
        "digits(code)",
        'digits(code, "4")',
        "digits(code, 4, 4)",
        "says(name, 无)",
        "sum(money)",
        "filled(task.amount)",
        "filled(name=1)",
        "filled()",
        "True",
        "name.upper()",
        "1 if money else 2",
        "1 if filled(money) else 2",
    ],
)
def test_what_is_not_of_the_language(text: str) -> None:
    with pytest.raises(StatementError):
        Claim(text)


def test_every_function_and_sign_has_all_four_backends() -> None:
    for function in FUNCTIONS.values():
        for backend in (function.polars, function.excel, function.values, function.words):
            assert callable(backend)
    for sign in OPERATORS.values():
        assert callable(sign.polars)
        assert callable(sign.values)
        assert sign.excel
        assert sign.words


def test_words() -> None:
    label = {"name": "名称", "code": "编码", "money": "金额", "task.amount": "任务金额"}.__getitem__
    assert words_of(parse("part(code, 1, 2) + 1 >= 20"), label) == "编码第 1–2 位 ＋ 1 ≥ 20"
    assert words_of(parse("money == sum(task.amount)"), label) == "金额 ＝ 各行任务金额之和"
    assert words_of(parse('not (filled(name) or says(name, "无"))'), label) == (
        "并非（名称已填写或名称是“无”）"
    )
    assert words_of(parse("1 if money == 0 else code / money"), label) == (
        "编码 ÷ 金额（金额 ＝ 0 时为 1）"
    )


def test_a_cell_is_written_by_its_kind() -> None:
    cell = Cell("B2", FIELDS["money"])
    assert cell.value == "B2"
    assert cell.acceptable == f"IF({cell.usable},B2>=0,0)"
    assert cell.filled.startswith("NOT(ISNUMBER(FIND(")
    assert Cell("2027").value == "2027"


# Polars and plain values agree

TEXTS = st.sampled_from(
    [
        None,
        "",
        "无",
        " 无",
        "不适用",
        "不 适 用",
        "没有。",
        "巡查",
        "网格巡查次数",
        "网格巡查次数多",
        "／",
    ]
)
CODES = st.sampled_from([None, "2013", "2O13", "201", "20136"])
FIGURES = st.one_of(st.none(), st.decimals(0, 60, places=2))
ROW = st.fixed_dictionaries(
    {"name": TEXTS, "note": TEXTS, "code": CODES, "money": FIGURES, "weight": FIGURES}
)
CLAIMS = [
    Claim("filled(name)"),
    Claim("given(note)", when="money > 10"),
    Claim('not says(name, "无", "不适用")', when="filled(name)"),
    Claim('listed(name, "无", "巡查")', when="filled(name)"),
    Claim("fits(name, 6)", when="filled(name)"),
    Claim("digits(code, 4)"),
    Claim("part(code, 1, 2) + 1 == 21", when="digits(code, 4)"),
    Claim("money * 2 <= weight or money / 4 > weight - 1"),
    Claim("acceptable(money)", when="filled(money)"),
    Claim("filled(name) and filled(note)", when="filled(code) and not filled(money)"),
]


def contents(row: Mapping[str, Any]) -> TypedRow:
    """A row as formulas see it, had its values been typed."""
    raws = {n: float(v) if isinstance(v, Decimal) else v for n, v in row.items() if n in FIELDS}
    return TypedRow(raws, FIELDS)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.text)
@given(row=ROW)
def test_a_claim_in_polars_and_on_values(claim: Claim, row: dict[str, Any]) -> None:
    read = {n: FIELDS[n].read(v).value if isinstance(v, str) else v for n, v in row.items()}
    bad = claim.judge(read) == "✘"
    assert offending(claim, [read]) == [bad]
    assert (claim.judge(contents(row)) == "✘") == bad


WHOLE = WholeRow("填完整", ("name", "note"), also=Claim("filled(code)"), only_with=("money",))


@given(rows=st.lists(ROW, min_size=1, max_size=4))
def test_whole_rows(rows: list[dict[str, Any]]) -> None:
    read = [
        {n: FIELDS[n].read(v).value if isinstance(v, str) else v for n, v in row.items()}
        for row in rows
    ]
    silent = all(row["money"] is None for row in read)
    verdicts = [WHOLE.judge(contents(row), FIELDS, row=list(FIELDS)) for row in rows]
    assert offending(WHOLE, read) == [verdict == "✘" and not silent for verdict in verdicts]


SOME = [
    SomeRow("至少一行", ("name", "note"), NOT_APPLICABLE_WORDS, frozenset({"数量", "质量"})),
    SomeRow(
        "至少一行",
        ("name", "note"),
        NOT_APPLICABLE_WORDS,
        frozenset({"数量", "质量"}),
        each_level=True,
    ),
    SomeRow("至少一行", ("name", "note"), marked_will_do=True),
]
SUM = SumClaim(
    "合计", "weight", ("name", "note"), NOT_APPLICABLE_WORDS, {"数量": 50, "质量": 40}, "lv2"
)
LEVELLED = st.lists(
    st.tuples(ROW, st.sampled_from(["数量", "质量", "时效"])), min_size=1, max_size=6
)


def by_level(
    statement: LevelStatement, rows: list[tuple[dict[str, Any], str]]
) -> list[tuple[str, list[int]]]:
    """The groups of rows that count together: level and numbers of the rows."""
    if not statement.levels:
        return [("", list(range(len(rows))))]
    groups: dict[str, list[int]] = {}
    for number, (_, level) in enumerate(rows):
        if level in statement.levels:
            groups.setdefault(level if statement.each_level else "", []).append(number)
    return list(groups.items())


@pytest.mark.parametrize("statement", [*SOME, SUM])
@given(rows=LEVELLED)
def test_levels(statement: LevelStatement, rows: list[tuple[dict[str, Any], str]]) -> None:
    read = [
        {n: FIELDS[n].read(v).value if isinstance(v, str) else v for n, v in row.items()}
        | {"lv2": level}
        for row, level in rows
    ]
    fails = {
        level
        for level, numbers in by_level(statement, rows)
        if statement.judge([contents(rows[n][0]) for n in numbers], statement.all_names, level)
        == "✘"
    }
    bad = [n for n, found in enumerate(offending(statement, read)) if found]
    groups = by_level(statement, rows)
    assert [level for level, numbers in groups if set(numbers) & set(bad)] == [
        level for level, _ in groups if level in fails
    ]
    assert len(bad) == len(fails)  # one finding a level


def test_sums_of_a_level() -> None:
    def verdict(*weights: str) -> str:
        rows = [contents({"name": "次数", "weight": Decimal(w)}) for w in weights]
        return SUM.judge(rows, SUM.all_names, "数量")

    assert verdict("25", "25") == "✔"
    assert verdict("25", "24.99") == "≈"
    assert verdict("25", "24") == "✘"
    found = frame_of([{"name": "次数", "weight": Decimal("49.99"), "lv2": "数量"}])
    rounds = SUM.rounds(FIELDS)
    assert rounds is not None
    assert found.select(rounds.alias("x"))["x"].to_list() == [True]
    figures = found.select(**SUM.details(FIELDS)).row(0)
    assert figures == (Decimal("49.99"), Decimal("50.00"))


# One family


@pytest.mark.parametrize(
    "statement",
    [Equation("money <= weight"), *CLAIMS, WHOLE, *SOME, SUM],
    ids=lambda s: str(s)[:40],
)
def test_one_interface(statement: Statement) -> None:
    assert isinstance(statement, RowStatement | LevelStatement)
    assert statement.all_names
    assert set(statement.demanded) <= set(statement.all_names)
    assert statement.words(lambda name: FIELDS[name].short_label)
    offence = offence_of(statement, FIELDS)
    assert isinstance(offence, Offence)
    assert offence.live == [statement]
    assert offence.statement is statement
    assert isinstance(offence.bad, pl.Expr)


def test_a_live_test_is_a_statement() -> None:
    whole = statement_of(LiveTest("TXT-001", "whole(name)", "已填写"))
    assert whole == WholeRow("已填写", ("name",))
    fits = statement_of(LiveTest("TXT-002", "fits(name, 6)", "不超过 6 字", when="filled(name)"))
    assert fits.words(str) == "不超过 6 字"
    assert fits.judge({"name": "网格巡查次数多"}) == "✘"
    assert fits.judge({"name": None}) == ""
    assert fits.coloured(FIELDS, is_rows=False, row=()) == ["name"]
    with pytest.raises(StatementError):
        statement_of(LiveTest("TXT-002", "longer(name, 6)", ""))


def test_what_cannot_be_used_is_still_there() -> None:
    unread = content_of("约十二", FIELDS["money"])
    assert (unread.value, unread.is_filled, unread.text) == (None, True, "约十二")
    assert content_of(-1.0, FIELDS["money"]).acceptable is False
    assert content_of("—", FIELDS["money"]).is_filled is False
    assert Claim("filled(money)").judge({"money": unread}) == "✔"
    assert Claim("money > 1").judge({"money": unread}) == ""


def test_the_name_of_earlier_versions() -> None:
    assert RowsClaim("whole", "填完整", ["name"]) == WholeRow("填完整", ("name",))
    some = RowsClaim("real", "一行", ["name"], ["无"], frozenset({"数量"}))
    assert some == SomeRow("一行", ("name",), ("无",), frozenset({"数量"}))
    assert RowsClaim("some", "一行", ["name"]) == SomeRow("一行", ("name",), marked_will_do=True)
