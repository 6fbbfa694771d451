"""An equation such as `amount_total == amount_fiscal + amount_other`, written once.

It becomes a polars expression (the check), an Excel formula (the live check in the template), a
verdict on plain values (the value cached with that formula) and words (message and guide). The
tolerance is that of DOMAIN §0.2: half a unit in the last shown place, and the rounding envelope.

Beside fields of the record, both sides may use `round(x, 2)` and `sum(task.amount)`, the sum over
the record's rows of another table; that sum's column is named `task.amount`. A sum over no value
at all is null, unless another sum of the equation has a value: then it counts as 0, as in Excel.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any, Literal

import polars as pl

from xltool.fields import Field
from xltool.schema import CONTEXT, half_unit

Verdict = Literal["", "✔", "≈", "✘"]  # nothing to say yet, holds, holds up to rounding, fails


def _quotient(left: Any, right: Any) -> Any:
    """The quotient; for columns null where polars would refuse to divide by 0.

    16 decimals: enough for 四舍五入 to 2 places to be exact for any amount of money in 元.
    """
    if isinstance(left, pl.Expr):
        return left.cast(pl.Decimal(38, 16)) / pl.when(right != 0).then(right)
    return left / right


_OPERATORS: dict[type[ast.AST], tuple[Callable[[Any, Any], Any], str, str]] = {
    ast.Add: (operator.add, "+", " ＋ "),
    ast.Sub: (operator.sub, "-", " － "),
    ast.Mult: (operator.mul, "*", " × "),
    ast.Div: (_quotient, "/", " ÷ "),
    ast.Eq: (operator.eq, "=", " ＝ "),
    ast.NotEq: (operator.ne, "<>", " ≠ "),
    ast.LtE: (operator.le, "<=", " ≤ "),
    ast.GtE: (operator.ge, ">=", " ≥ "),
    ast.Lt: (operator.lt, "<", " ＜ "),
    ast.Gt: (operator.gt, ">", " ＞ "),
}
_RELATIONS = (ast.Eq, ast.LtE)


class Equation:
    """`left == right` or `left <= right` over the fields of one record, perhaps only `when`.

    Raises ValueError when the text is no such equation: rules are written by us or by a form
    author, and a form with a broken rule must not load.
    """

    def __init__(self, text: str, when: str | None = None):
        self.text = text
        self.when = when
        tree = _parse(text)
        if not (
            isinstance(tree, ast.Compare)
            and len(tree.ops) == 1
            and isinstance(tree.ops[0], _RELATIONS)
        ):
            raise ValueError(f"not an equation: {text}")
        self._left, self._right = tree.left, tree.comparators[0]
        self._relation = type(tree.ops[0])
        self._when = _parse(when) if when else None
        for part in (self._left, self._right, self._when):
            if part is not None:
                _excel(part, str)  # refuses what is not allowed

    @cached_property
    def sums(self) -> list[tuple[str, str]]:
        """(table, field) of the sums over rows of another table."""
        words = [*self.names, *(_names(self._when) if self._when else [])]
        return [(word.split(".")[0], word.split(".")[1]) for word in words if "." in word]

    @cached_property
    def names(self) -> list[str]:
        """The fields of both sides, left first."""
        return list(dict.fromkeys([*_names(self._left), *_names(self._right)]))

    @cached_property
    def all_names(self) -> list[str]:
        """The fields of both sides and of the condition, without context such as `fy`."""
        condition = _names(self._when) if self._when else []
        return [n for n in dict.fromkeys([*self.names, *condition]) if n not in CONTEXT]

    def offends(self, fields: Mapping[str, Field]) -> pl.Expr:
        """True where the equation fails beyond the tolerance; null where an input is null."""
        gap: pl.Expr = self._gap(self._column)
        return gap > self._allowed(fields)

    def rounds(self, fields: Mapping[str, Field]) -> pl.Expr:
        """True where it holds only because the parts are rounded (the info `ROUND`)."""
        gap: pl.Expr = self._gap(self._column)
        return (gap > self._tight(fields)) & (gap <= self._allowed(fields))

    def left(self) -> pl.Expr:
        """The value of the left side."""
        value: pl.Expr = _evaluate(self._left, self._column)
        return value

    def right(self) -> pl.Expr:
        """The value of the right side: what the left should be."""
        value: pl.Expr = _evaluate(self._right, self._column)
        return value

    def result(self, values: Mapping[str, Any]) -> Any:
        """The right side worked out from one record's values: what a computed cell should show.

        None where an input is missing or the division is by zero.
        """
        try:
            return _evaluate(self._right, _known({**values, **self._empty_sums(values)}))
        except (LookupError, ArithmeticError):
            return None

    def judge(self, values: Mapping[str, Any], fields: Mapping[str, Field]) -> Verdict:
        """The verdict on one record's values (amounts as Decimal, dates as date)."""
        if any(values.get(name) is None for name in self.all_names):
            return ""
        if self._when is not None and not _evaluate(self._when, values.__getitem__):
            return ""
        expected = self.result(values)
        if expected is None:
            return ""
        gap = _evaluate(self._left, values.__getitem__) - expected
        gap = abs(gap) if self._relation is ast.Eq else gap
        if gap <= self._tight(fields):
            return "✔"
        return "≈" if gap <= self._allowed(fields) else "✘"

    def excel(
        self, address: Callable[[str], str], fields: Mapping[str, Field], context: Mapping[str, Any]
    ) -> str:
        """The formula that shows the verdict; `address` gives a field's cell, `context` e.g. fy."""

        def name(word: str) -> str:
            return str(context[word]) if word in context else address(word)

        left, right = _excel(self._left, name), _excel(self._right, name)
        gap = f"ROUND({left}-({right}),6)"
        gap = f"ABS({gap})" if self._relation is ast.Eq else gap
        tight, allowed = self._tight(fields), self._allowed(fields)
        loose = f'IF({gap}<={allowed},"≈","✘")' if allowed > tight else '"✘"'
        verdict = f'IF({gap}<={tight},"✔",{loose})'
        if self._when is not None:
            verdict = f'IF({_excel(self._when, name)},{verdict},"")'
        blank = ",".join(f'{name(word)}=""' for word in self.all_names)
        return f'=IFERROR(IF(OR({blank}),"",{verdict}),"✘")'

    def right_excel(self, address: Callable[[str], str]) -> str:
        """The right side as the formula of a computed cell; blank while an input is missing."""
        names = list(dict.fromkeys(_names(self._right)))
        blank = [f'{address(n)}=""' for n in names if "." not in n]
        if sums := [address(n) for n in names if "." in n]:
            blank.append(f"COUNT({','.join(sums)})=0")
        value = _excel(self._right, address)
        return f'=IFERROR(IF(OR({",".join(blank)}),"",{value}),"")' if blank else f"={value}"

    def words(self, label: Callable[[str], str]) -> str:
        """The equation in the words of the form."""
        symbol = _OPERATORS[self._relation][2]
        return _words(self._left, label) + symbol + _words(self._right, label)

    def _column(self, name: str) -> pl.Expr:
        """The column of a name."""
        if "." not in name:
            return pl.col(name)
        sums = [pl.col(f"{table}.{field}") for table, field in self.sums]
        return pl.when(pl.any_horizontal(c.is_not_null() for c in sums)).then(
            pl.col(name).fill_null(0)
        )

    def _empty_sums(self, values: Mapping[str, Any]) -> dict[str, Decimal]:
        """0 for each sum without a value, where another one has a value."""
        names = [f"{table}.{field}" for table, field in self.sums]
        empty = [name for name in names if values.get(name) is None]
        return dict.fromkeys(empty if len(empty) < len(names) else [], Decimal(0))

    def _gap(self, resolve: Callable[[str], Any]) -> Any:
        gap = _evaluate(self._left, resolve) - _evaluate(self._right, resolve)
        gap = gap.abs() if self._relation is ast.Eq else gap
        if self._when is None:
            return gap
        return pl.when(_evaluate(self._when, resolve)).then(gap)

    def _tight(self, fields: Mapping[str, Field]) -> Decimal:
        """hu(A) for an equation, hu(A) + hu(B) for an inequality."""
        names = _names(self._left) if self._relation is ast.Eq else self.names
        return sum((half_unit(fields[n]) for n in names if "." not in n), Decimal(0))

    def _allowed(self, fields: Mapping[str, Field]) -> Decimal:
        """hu(A) + Σ hu(Bᵢ): the rounding envelope; an inequality has no further one."""
        if any(isinstance(n, ast.Call) for n in ast.walk(self._right)):
            return self._tight(fields)  # rounding is part of the equation itself
        return sum((half_unit(fields[n]) for n in self.names), Decimal(0))


def _parse(text: str) -> ast.expr:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"not an equation: {text}") from error


def _names(node: ast.AST) -> list[str]:
    """Names in the node; `sum(task.amount)` counts as the name `task.amount`."""
    match node:
        case ast.Name(id=word):
            return [word]
        case ast.Attribute(value=ast.Name(id=table), attr=field):
            return [f"{table}.{field}"]
        case ast.Call(args=arguments):
            return [name for argument in arguments for name in _names(argument)]
    return [name for child in ast.iter_child_nodes(node) for name in _names(child)]


def _known(values: Mapping[str, Any]) -> Callable[[str], Any]:
    """Values by name; a missing one raises LookupError."""

    def value(name: str) -> Any:
        found = values.get(name)
        if found is None:
            raise LookupError(name)
        return found

    return value


def _evaluate(node: ast.AST, resolve: Callable[[str], Any]) -> Any:  # noqa: PLR0911
    """The value of a node; the operators of polars and of Python's own values are the same."""
    match node:
        case ast.Name(id=word):
            return resolve(word)
        case ast.Constant(value=int() as number):
            return number
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)][0](_evaluate(left, resolve), _evaluate(right, resolve))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _OPERATORS[type(op)][0](_evaluate(left, resolve), _evaluate(right, resolve))
        case ast.BoolOp(op=op, values=values):
            join = operator.and_ if isinstance(op, ast.And) else operator.or_
            result = _evaluate(values[0], resolve)
            for value in values[1:]:
                result = join(result, _evaluate(value, resolve))
            return result
        case ast.Call(func=ast.Name(id="year"), args=[argument]):
            value = _evaluate(argument, resolve)
            return value.year if isinstance(value, date) else value.dt.year()
        case ast.Call(func=ast.Name(id="sum"), args=[ast.Attribute(ast.Name(id=table), field)]):
            return resolve(f"{table}.{field}")
        case ast.Call(
            func=ast.Name(id="round"), args=[argument, ast.Constant(value=int() as places)]
        ):
            return _rounded(_evaluate(argument, resolve), places)
    raise ValueError(f"not allowed in an equation: {ast.dump(node)}")


def _rounded(value: Any, places: int) -> Any:
    """四舍五入, not banker's rounding (DOMAIN §0.2)."""
    if isinstance(value, Decimal):
        return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return value.round(places, mode="half_away_from_zero").cast(pl.Decimal(38, places))


def _excel(node: ast.AST, name: Callable[[str], str]) -> str:  # noqa: PLR0911
    match node:
        case ast.Name(id=word):
            return name(word)
        case ast.Constant(value=int() as number):
            return str(number)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return f"({_excel(left, name)}{_OPERATORS[type(op)][1]}{_excel(right, name)})"
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
            return f"({_excel(left, name)}{_OPERATORS[type(op)][1]}{_excel(right, name)})"
        case ast.BoolOp(op=op, values=values):
            word = "AND" if isinstance(op, ast.And) else "OR"
            return f"{word}({','.join(_excel(value, name) for value in values)})"
        case ast.Call(func=ast.Name(id="year"), args=[argument]):
            return f"YEAR({_excel(argument, name)})"
        case ast.Call(func=ast.Name(id="sum"), args=[ast.Attribute(ast.Name(id=table), field)]):
            return f"SUM({name(f'{table}.{field}')})"
        case ast.Call(
            func=ast.Name(id="round"), args=[argument, ast.Constant(value=int() as places)]
        ):
            return f"ROUND({_excel(argument, name)},{places})"
    raise ValueError(f"not allowed in an equation: {ast.dump(node)}")


def _words(node: ast.AST, label: Callable[[str], str]) -> str:
    match node:
        case ast.Name(id=word):
            return label(word)
        case ast.Constant(value=number):
            return str(number)
        case ast.BinOp(left=left, op=op, right=right):
            return _words(left, label) + _OPERATORS[type(op)][2] + _words(right, label)
        case ast.Call(func=ast.Name(id="sum"), args=[ast.Attribute(ast.Name(id=table), field)]):
            return f"各行{label(f'{table}.{field}')}之和"
        case ast.Call(func=ast.Name(id="round"), args=[argument, *_]):
            return f"四舍五入（{_words(argument, label)}）"
    raise ValueError(f"not allowed in an equation: {ast.dump(node)}")
