"""An equation means the same to polars, to Python and, as a formula, to Excel."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltool.fields import measures
from xltool.fields.kinds import Amount, Date, Field
from xltool.language.equations import Equation
from xltool.language.parser import StatementError
from xltool.language.verdicts import Verdict
from xltool.prose import text

PLACES = {"a": 2, "b": 2, "c": 2, "whole": 0, "part": 0}
FIELDS = {
    **{
        name: Field(name, f"{name}：", Amount(), places=n, unit="万元")
        for name, n in PLACES.items()
    },
    **{name: Field(name, name, Date()) for name in ("start", "end")},
}
SCHEMA = {**{name: field.kind.dtype(field) for name, field in FIELDS.items()}, "fy": pl.Int32()}

SUM = Equation("a == b + c")
LESS = Equation("a <= b")
ROUNDED = Equation("whole == part + a")
SAME_YEAR = Equation("a == b", when="year(start) == fy and year(end) == fy")
MIXED = Equation("a == 2 * b - c", when="b > 0 or c > 0")

CASES: list[tuple[Equation, dict[str, Any], Verdict]] = [
    (SUM, {"a": "10.00", "b": "3.33", "c": "6.67"}, "✔"),
    (SUM, {"a": "10.00", "b": "3.33", "c": "6.66"}, "≈"),  # 0.01 ≤ 0.015
    (SUM, {"a": "10.00", "b": "3.34", "c": "6.67"}, "≈"),
    (SUM, {"a": "10.00", "b": "3.33", "c": "6.65"}, "✘"),
    (SUM, {"a": "10.00", "b": "3.33", "c": "6.69"}, "✘"),
    (SUM, {"a": None, "b": "3.33", "c": "6.66"}, ""),
    (SUM, {"a": "10.00", "b": "3.33", "c": None}, ""),
    (SUM, {"a": "0.00", "b": "0.00", "c": "0.00"}, "✔"),
    (LESS, {"a": "1.00", "b": "1.00"}, "✔"),
    (LESS, {"a": "1.01", "b": "1.00"}, "≈"),  # 0.01 ≤ 0.005 + 0.005
    (LESS, {"a": "1.02", "b": "1.00"}, "✘"),
    (LESS, {"a": "0.00", "b": "99.00"}, "✔"),
    (LESS, {"a": "1.00", "b": None}, ""),
    (ROUNDED, {"whole": "10", "part": "4", "a": "6.50"}, "✔"),
    (ROUNDED, {"whole": "10", "part": "4", "a": "7.00"}, "≈"),
    (ROUNDED, {"whole": "10", "part": "4", "a": "7.01"}, "✘"),
    (SAME_YEAR, {"a": "1", "b": "1", "start": "2027-01-01", "end": "2027-12-31"}, "✔"),
    (SAME_YEAR, {"a": "1", "b": "2", "start": "2027-01-01", "end": "2027-12-31"}, "✘"),
    (SAME_YEAR, {"a": "1", "b": "2", "start": "2026-01-01", "end": "2027-12-31"}, ""),
    (SAME_YEAR, {"a": "1", "b": "2", "start": "2027-01-01", "end": "2028-12-31"}, ""),
    (SAME_YEAR, {"a": "1", "b": "2", "start": None, "end": "2027-12-31"}, ""),
    (MIXED, {"a": "5", "b": "3", "c": "1"}, "✔"),
    (MIXED, {"a": "9", "b": "3", "c": "1"}, "✘"),
    (MIXED, {"a": "9", "b": "0", "c": "0"}, ""),
]


def typed(values: dict[str, Any]) -> dict[str, Any]:
    """Texts as the values of their fields, all others null."""
    row: dict[str, Any] = dict.fromkeys(FIELDS)
    for name, word in values.items():
        field = FIELDS[name]
        row[name] = None if word is None else field.kind.parse(str(word), field)
    return {**row, "fy": 2027}


def by_polars(equation: Equation, row: dict[str, Any]) -> Verdict:
    """The verdict of the two expressions, as the check understands them."""
    frame = pl.DataFrame([row], schema=SCHEMA)
    offends, rounds = frame.select(
        offends=equation.offends(FIELDS), rounds=equation.rounds(FIELDS)
    ).row(0)
    if offends is None:
        return ""
    return "✘" if offends else "≈" if rounds else "✔"


def by_excel(equation: Equation, row: dict[str, Any]) -> Verdict:
    """The verdict of the formula, worked out by a small calculator of the few words it uses."""
    if any(row[name] is None for name in equation.all_names):
        return ""  # the first IF of the formula; Python would work out the rest all the same
    formula = equation.excel(lambda name: f"cell_{name}", FIELDS, {"fy": 2027})
    python = formula.removeprefix("=")
    python = re.sub(r"(?<![<>=])=(?!=)", "==", python).replace("<>", "!=")
    for word in ("IF", "INT"):
        python = re.sub(rf"\b{word}\(", f"{word}_(", python)
    # Excel's IF works out only the branch that it needs
    cells = {f"cell_{name}": as_excel(value) for name, value in row.items()}
    words = {
        "IF_": lambda test, yes, no: yes if test else no,
        "INT_": int,
        "IFERROR": lambda found, _: found,
        "CHOOSE": lambda number, *options: options[number - 1],
        "MAX": max,
        "ABS": abs,
        "ROUND": round,
        "ISNUMBER": lambda found: isinstance(found, float),
        "YEAR": lambda day: (date(1899, 12, 30) + timedelta(day)).year,
    }
    python = python.replace("MAX(", "MAX(0,")  # Python's max wants two
    verdict: Verdict = eval(python, {"__builtins__": {}}, {**words, **cells})
    return verdict


def as_excel(value: Any) -> Any:
    """A value as Excel has it: numbers and days are floats, a blank is the empty text."""
    if isinstance(value, date):
        return float((value - date(1899, 12, 30)).days)
    return "" if value is None else float(value) if isinstance(value, Decimal) else value


@pytest.mark.parametrize(("equation", "values", "verdict"), CASES)
def test_verdict(equation: Equation, values: dict[str, Any], verdict: Verdict) -> None:
    row = typed(values)
    assert equation.judge(row, FIELDS) == verdict
    assert by_polars(equation, row) == verdict
    assert by_excel(equation, row) == verdict


MONEY = st.one_of(st.none(), st.decimals(0, 20, places=2), st.decimals(0, 10**9, places=2))
DAY = st.one_of(st.none(), st.dates(date(2025, 1, 1), date(2029, 12, 31)))
ROWS = st.fixed_dictionaries(
    {
        **dict.fromkeys(("a", "b", "c"), MONEY),
        **{
            name: st.one_of(st.none(), st.integers(0, 30).map(Decimal))
            for name in ("whole", "part")
        },
        **dict.fromkeys(("start", "end"), DAY),
        "fy": st.just(2027),
    }
)


@pytest.mark.parametrize("equation", [SUM, LESS, ROUNDED, SAME_YEAR, MIXED], ids=lambda e: e.text)
@given(row=ROWS)
def test_all_three_agree(equation: Equation, row: dict[str, Any]) -> None:
    verdict = equation.judge(row, FIELDS)
    assert by_polars(equation, row) == verdict
    assert by_excel(equation, row) == verdict


@given(row=ROWS)
def test_nothing_offends_without_its_inputs(row: dict[str, Any]) -> None:
    if row["a"] is None or row["b"] is None:
        assert LESS.judge(row, FIELDS) == ""
        assert by_polars(LESS, row) == ""


def test_formula() -> None:
    def usable(cell: str) -> str:
        return f"IF(ISNUMBER({cell}),(ROUND({cell},2)={cell})*(ABS({cell})<1E+16),0)"

    start, end = "=IFERROR(CHOOSE(MAX(", ')+1,"","✔","≈","✘"),"")'
    assert LESS.excel(lambda name: name.upper() + "1", FIELDS, {}) == (
        f"{start}IF({usable('A1')}*{usable('B1')},"
        f"IF(ROUND(A1-(B1),6)<=0,1,IF(ROUND(A1-(B1),6)<=0.010,2,3)),0){end}"
    )
    assert SUM.excel(lambda name: name.upper() + "1", FIELDS, {}) == (
        f"{start}IF({usable('A1')}*{usable('B1')}*{usable('C1')},"
        "IF(ABS(ROUND(A1-((B1+C1)),6))<=0.005,1,IF(ABS(ROUND(A1-((B1+C1)),6))<=0.015,2,3)),0)"
        f"{end}"
    )


def test_names_and_words() -> None:
    assert SUM.names == ["a", "b", "c"]
    assert SAME_YEAR.names == ["a", "b"]
    assert SAME_YEAR.all_names == ["a", "b", "start", "end"]
    assert SUM.words(lambda name: name.upper()) == "A ＝ B ＋ C"
    assert LESS.words(lambda name: name.upper()) == "A ≤ B"
    assert MIXED.words(lambda name: name.upper()) == "A ＝ 2 × B － C"


def test_sides_and_gap() -> None:
    row = typed({"a": "10.00", "b": "3.33", "c": "6.60"})
    frame = pl.DataFrame([row], schema=SCHEMA)
    left, right = frame.select(left=SUM.left(), right=SUM.right()).row(0)
    assert (left, right) == (Decimal("10.00"), Decimal("9.93"))


@pytest.mark.parametrize(
    "words",
    [
        "a",
        "a + b",
        "a < b",
        "a >= b",
        "a != b",
        "a == b == c",
        "a = b",
        "a == b and b == c",
        "a ==",
        "",
    ],
)
def test_no_equation(words: str) -> None:
    with pytest.raises(StatementError):
        Equation(words)


@pytest.mark.parametrize(
    "words",
    [
        "a == b ** 2",
        "a == -b",
        "a == 'x'",
        "a == 0.5 * b",
        "a == b[0]",
        "a == abs(b)",
        "a == __import__('os')",
        "a == [b for b in c]",
        "a == (b if c else a)",
        "a == lambda: b",
    ],
)
def test_refused_syntax(words: str) -> None:
    with pytest.raises(StatementError):
        Equation(words)


@pytest.mark.parametrize("when", ["not a", "a and", "month(start) == 1", "a in b", "a < b < c"])
def test_refused_condition(when: str) -> None:
    with pytest.raises(StatementError):
        Equation("a == b", when=when)


# The measures of text, as polars has them and as Python has them

ODD = st.text("网格（）()“”：: \t\n\u00a0\u3000ab9，。𠮷")


@given(words=ODD)
def test_text_measures_agree(words: str) -> None:
    frame = pl.DataFrame({"text": [words]})
    found = frame.select(
        length=measures.length("text"),
        gbk=measures.gbk_length("text"),
        key=measures.name_key("text"),
        normal=measures.normalised("text"),
    ).row(0)
    assert found == (
        text.length(words),
        text.gbk_length(words),
        text.name_key(words),
        text.normalise(words),
    )


@pytest.mark.parametrize(
    ("words", "normal"),
    [
        ("  网格\u3000 ", "网格"),
        ("网 \n 格", "网格"),
        ("网格 a  b 9 格", "网格 a b 9 格"),
        ("9 ，b ）c ”", "9，b）c”"),
        ("网格 ，巡查", "网格，巡查"),
        ("（本级）％", "（本级）％"),
    ],
)
def test_normalised(words: str, normal: str) -> None:
    assert text.normalise(words) == normal
    assert pl.DataFrame({"t": [words]}).select(measures.normalised("t")).item() == normal
