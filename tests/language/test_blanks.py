"""The law for blanks in computed cells: the same for polars, for plain values and, as a formula, for Excel."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltool.fields.kinds import Amount, Field
from xltool.language.equations import Equation, equation_of
from xltool.language.values import UNREADABLE

NAMES = ("a", "b", "c")
SCHEMA = {name: pl.Decimal(24, 2) for name in (*NAMES, "task.x", "task.y")}

Row = dict[str, Decimal | None]


def by_values(equation: Equation, row: Row) -> Decimal | None:
    """What plain values give."""
    result = equation.result(row)
    return None if result is None else rounded(Decimal(result))


def by_polars(equation: Equation, row: Row) -> Decimal | None:
    """What the expression gives."""
    result = pl.DataFrame([row], schema=SCHEMA).select(equation.worked_out()).item()
    return None if result is None else rounded(Decimal(result))


class Cell:
    """What a formula has in hand: a number, a text, or an error (None). Texts cannot be worked with."""

    def __init__(self, it: Decimal | str | None) -> None:
        self.it = it

    def _with(self, other: Any, work: Callable[[Decimal, Decimal], Decimal]) -> Cell:
        right = other.it if isinstance(other, Cell) else Decimal(other)
        if not isinstance(self.it, Decimal) or not isinstance(right, Decimal):
            return Cell(None)
        try:
            return Cell(work(self.it, right))
        except ArithmeticError:
            return Cell(None)

    def __add__(self, other: Any) -> Cell:
        return self._with(other, operator.add)

    def __sub__(self, other: Any) -> Cell:
        return self._with(other, operator.sub)

    def __mul__(self, other: Any) -> Cell:
        return self._with(other, operator.mul)

    def __truediv__(self, other: Any) -> Cell:
        return self._with(other, operator.truediv)

    def __radd__(self, other: int) -> Cell:
        return Cell(Decimal(other)) + self

    def __rsub__(self, other: int) -> Cell:
        return Cell(Decimal(other)) - self

    def __rmul__(self, other: int) -> Cell:
        return Cell(Decimal(other)) * self

    def __neg__(self) -> Cell:
        return 0 - self

    def __eq__(self, other: object) -> bool:
        return self.it == (other.it if isinstance(other, Cell) else other)

    __hash__ = None  # type: ignore[assignment]


def by_excel(equation: Equation, row: Row) -> Decimal | None:
    """What the formula gives, worked out by a small calculator of the few words it uses."""
    formula = equation.right_excel(lambda name: name.replace(".", "_"))
    python = re.sub(r"(?<![<>=])=(?!=)", "==", formula.removeprefix("="))
    python = python.replace("<>", "!=")
    for word in ("IF", "OR"):
        python = re.sub(rf"\b{word}\(", f"{word}_(", python)
    cells = {
        name.replace(".", "_"): Cell("" if value is None else value) for name, value in row.items()
    }
    words = {
        "IF_": lambda test, yes, no: yes if test else no,
        "OR_": lambda *tests: any(tests),
        "IFERROR": lambda found, other: other if found == None else found,  # noqa: E711
        "COUNT": lambda *cells: sum(isinstance(cell.it, Decimal) for cell in cells),
        "SUM": lambda *cells: Cell(sum((c.it for c in cells if c.it != ""), Decimal(0))),
        "TRIM": lambda cell: str(cell.it).strip(),
        "FIND": lambda text, within: within.find(text),
        "ISERROR": lambda found: int(found < 0),
        "LEN": len,
        "ROUND": lambda cell, _: Cell(rounded(cell.it) if isinstance(cell.it, Decimal) else None),
    }
    found = eval(python, {"__builtins__": {}}, {**words, **cells})
    result: Any = found.it if isinstance(found, Cell) else found
    return None if result == "" else rounded(Decimal(result))


def rounded(value: Decimal) -> Decimal:
    return Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)


@pytest.mark.parametrize(
    ("formula", "a", "b", "c", "result"),
    [
        ("a + b + c", "1", None, "3", "4"),
        ("a + b + c", None, None, None, None),
        ("a - b", None, "2", None, "-2"),
        ("a - (b - c)", "5", None, "3", "8"),
        ("a * b", "5", None, None, None),
        ("a / b", "5", "0", None, None),
        ("a * b + c", "5", None, "3", "3"),
        ("(a + b) * c", "5", None, "3", "15"),
        ("(a + b) * c", "5", "1", None, None),
        ("round((a - b) / c, 2)", "5", None, "3", "1.67"),
        ("a + 1", None, None, None, None),
        ("a + 1", "2", None, None, "3"),
        ("a / b + c", "5", "0", "2", "2"),
        ("1 if b == 0 else a / b", "5", "0", None, "1"),
        ("1 if b == 0 else a / b", "5", "2", None, "2.5"),
        ("1 if b == 0 else a / b", "5", None, None, None),
        ("1 if b == 0 else a / b", None, "2", None, None),
        ("c if a != b else 0", "5", "5", None, "0"),
        ("c if a != b else 0", "5", "4", None, None),
        ("round(a * 100 / 90, 2) if b == 0 else a + c", "81", "0", None, "90"),
        ("round(a * 100 / 90, 2) if b == 0 else a + c", "81", "7", None, "81"),
        ("(1 if b == 0 else a) + c", None, None, "3", "3"),
    ],
)
def test_law(formula: str, a: str | None, b: str | None, c: str | None, result: str | None) -> None:
    row: Row = {
        name: None if text is None else Decimal(text)
        for name, text in {"a": a, "b": b, "c": c, "task.x": None, "task.y": None}.items()
    }
    equation = equation_of("total", formula)
    expected = None if result is None else Decimal(result)
    assert by_values(equation, row) == expected
    assert by_polars(equation, row) == expected
    assert by_excel(equation, row) == expected


def formulas() -> Iterator[str]:
    """Formulas of every shape that the law speaks of."""
    parts = ("a", "b * c", "2 * b", "(a - c)", "sum(task.x)", "1", "a * (b + c)")
    for sign in "+-*":
        yield from (f"{left} {sign} {right}" for left in parts for right in ("b", "sum(task.y)"))
    yield from ("a", "sum(task.x)", "round(a / b, 2)", "a / sum(task.x)", "(a + b) / (b + c)")
    yield from (
        "a if b == c else 2",
        "sum(task.x) if sum(task.y) == 0 else a + b",
        "2 * (a if b == 1 else c)",
    )


MONEY = st.one_of(st.none(), st.integers(0, 3).map(Decimal), st.decimals(0, 100, places=2))


@pytest.mark.parametrize("formula", list(formulas()))
@given(row=st.fixed_dictionaries(dict.fromkeys(SCHEMA, MONEY)))
def test_all_three_agree(formula: str, row: Row) -> None:
    equation = equation_of("total", formula)
    expected = by_values(equation, row)
    assert by_polars(equation, row) == expected
    assert by_excel(equation, row) == expected


@pytest.mark.parametrize("formula", ["a + b", "a * b", "a - b", "sum(task.x) + b"])
def test_what_is_unreadable_makes_the_result_unknown(formula: str) -> None:
    equation = equation_of("total", formula)
    row = {"a": Decimal(1), "b": UNREADABLE, "task.x": Decimal(2)}
    assert equation.is_unknown(row)
    assert equation.result(row) is None
    assert not equation.is_unknown({**row, "b": None})


def test_a_text_in_a_cell_shows_nothing() -> None:
    nothing = '"- -- / _ — —— － \' ’ ‘"'  # a stroke stands for nothing
    assert equation_of("total", "a - b").right_excel(str.upper) == (
        f"=IFERROR(IF(COUNT(A,B)<(LEN(TRIM(A))>0)*ISERROR(FIND(TRIM(A),{nothing}))"
        f"+(LEN(TRIM(B))>0)*ISERROR(FIND(TRIM(B),{nothing}))"
        ',"",IF(COUNT(A,B),(SUM(A)-SUM(B)),"")),"")'
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("total == b + a", True),
        ("total == a + b", True),
        ("total == a - b", False),
        ("total <= a + b", False),
        ("a + b == total", False),
    ],
)
def test_an_equation_says_how_a_cell_is_computed(text: str, says: bool) -> None:
    fields = {"total": Field("total", "合计", Amount(), unit="元", places=2, computed="a + b")}
    assert Equation(text).says_how(fields) is says
    assert not Equation(text, when="a > 0").says_how(fields)
