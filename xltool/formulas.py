"""The small language of equations and claims: parsed once, then polars, plain values, Excel, words.

Names of fields, whole numbers, texts, `+ - * /`, comparisons, `and`, `or`, `not`, and the functions
`year(x)`, `round(x, 2)`, `sum(task.amount)` (over the record's rows of another table; its column is
named `task.amount`), `filled(x)` (something is written there), `given(x)` (and not 无 or 不适用),
`digits(x, 21)` (a code of so many digits). In Excel's words nothing is an AND or OR: a formula over
whole columns must keep its rows apart.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce
from typing import Any

import polars as pl

from xltool import seen


def _quotient(left: Any, right: Any) -> Any:
    """The quotient; for columns null where polars would refuse to divide by 0.

    16 decimals: enough for 四舍五入 to 2 places to be exact for any amount of money in 元.
    """
    if isinstance(left, pl.Expr):
        return left.cast(pl.Decimal(38, 16)) / pl.when(right != 0).then(right)
    return left / right


NOTHING = ["无", "暂无", "不适用", "/", "—", "-"]  # what units write where there is nothing
OPERATORS: dict[type[ast.AST], tuple[Callable[[Any, Any], Any], str, str]] = {
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


def parse(text: str) -> ast.expr:
    """The syntax tree of a formula. Raises ValueError where it is none."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"not an equation: {text}") from error


def names_in(node: ast.AST, but: tuple[str, ...] = ()) -> list[str]:
    """Names in the node, those inside the functions `but` left out; `sum(task.amount)` counts as the name `task.amount`."""
    match node:
        case ast.Name(id=word):
            return [word]
        case ast.Attribute(value=ast.Name(id=table), attr=field):
            return [f"{table}.{field}"]
        case ast.Call(func=ast.Name(id=function), args=arguments):
            inside = [] if function in but else arguments
            return [name for argument in inside for name in names_in(argument, but)]
    return [name for child in ast.iter_child_nodes(node) for name in names_in(child, but)]


def known(values: Mapping[str, Any]) -> Callable[[str], Any]:
    """Values by name; a missing one raises LookupError."""

    def value(name: str) -> Any:
        found = values.get(name)
        if found is None:
            raise LookupError(name)
        return found

    return value


def evaluate(node: ast.AST, resolve: Callable[[str], Any]) -> Any:
    """The value of a node; the operators of polars and of Python's own values are the same."""
    match node:
        case ast.Name(id=word):
            return resolve(word)
        case ast.Constant(value=(int() | str()) as constant):
            return constant
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)][0](evaluate(left, resolve), evaluate(right, resolve))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return OPERATORS[type(op)][0](evaluate(left, resolve), evaluate(right, resolve))
        case ast.BoolOp(op=op, values=values):
            join = operator.and_ if isinstance(op, ast.And) else operator.or_
            return reduce(join, [evaluate(value, resolve) for value in values])
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return _call(function, arguments, resolve)
    raise _not_allowed(node)


def _call(function: str, arguments: list[ast.expr], resolve: Callable[[str], Any]) -> Any:
    match function, arguments:
        case "year", [argument]:
            value = evaluate(argument, resolve)
            return value.year if isinstance(value, date) else value.dt.year()
        case "sum", [ast.Attribute(value=ast.Name(id=table), attr=field)]:
            return resolve(f"{table}.{field}")
        case "round", [argument, ast.Constant(value=int() as places)]:
            return _rounded(evaluate(argument, resolve), places)
        case "filled", [ast.Name(id=word)]:
            value = resolve(word)
            return value.is_not_null() if isinstance(value, pl.Expr) else value is not None
        case "given", [ast.Name(id=word)]:
            return _given(resolve(word))
        case "digits", [ast.Name(id=word), ast.Constant(value=int() as count)]:
            return _is_code(resolve(word), count)
    raise _not_allowed(function)


def _is_code(value: Any, digits: int) -> Any:
    pattern = f"^[0-9]{{{digits}}}$"
    if isinstance(value, pl.Expr):
        return value.str.contains(pattern)
    return re.fullmatch(pattern, str(value)) is not None


def _given(value: Any) -> Any:
    """True where something is written that is not one of the words for nothing."""
    if isinstance(value, pl.Expr):
        return value.is_not_null() & ~value.str.strip_chars().is_in(NOTHING).fill_null(False)
    return value is not None and str(value).strip() not in NOTHING


def _rounded(value: Any, places: int) -> Any:
    """四舍五入, not banker's rounding (DOMAIN §0.2)."""
    if isinstance(value, Decimal):
        return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return value.round(places, mode="half_away_from_zero").cast(pl.Decimal(38, places))


def excel_of(node: ast.AST, name: Callable[[str], str]) -> str:
    """The node as part of an Excel formula; `name` gives the value of a field, perhaps of its column."""
    match node:
        case ast.Name(id=word):
            return name(word)
        case ast.Constant(value=int() as number):
            return str(number)
        case ast.Constant(value=str() as text):
            return '"' + text.replace('"', '""') + '"'
        case (
            ast.BinOp(left=left, op=op, right=right)
            | ast.Compare(left=left, ops=[op], comparators=[right])
        ) if type(op) in OPERATORS:
            return f"({excel_of(left, name)}{OPERATORS[type(op)][1]}{excel_of(right, name)})"
        case ast.BoolOp(op=op, values=values):
            parts = [excel_of(value, name) for value in values]
            return f"({'*'.join(parts)})" if isinstance(op, ast.And) else f"(({'+'.join(parts)})>0)"
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return _excel_call(function, arguments, name)
    raise _not_allowed(node)


def _excel_call(function: str, arguments: list[ast.expr], name: Callable[[str], str]) -> str:
    match function, arguments:
        case "year", [argument]:
            return f"YEAR({excel_of(argument, name)})"
        case "sum", [ast.Attribute(value=ast.Name(id=table), attr=field)]:
            return f"SUM({name(f'{table}.{field}')})"
        case "round", [argument, ast.Constant(value=int() as places)]:
            return f"ROUND({excel_of(argument, name)},{places})"
        case "filled", [ast.Name(id=word)]:
            return f"(LEN({name(word)})>0)"
        case "given", [ast.Name(id=word)]:
            return f"(LEN({name(word)})>0)*NOT({seen.is_one_of(name(word), NOTHING)})"
        case "digits", [ast.Name(id=word), ast.Constant(value=int() as count)]:
            return seen.is_code(name(word), count)
    raise _not_allowed(function)


def words_of(node: ast.AST, label: Callable[[str], str]) -> str:
    """The node in the words of the form."""
    match node:
        case ast.Name(id=word):
            return label(word)
        case ast.Constant(value=constant):
            return f"“{constant}”" if isinstance(constant, str) else str(constant)
        case (
            ast.BinOp(left=left, op=op, right=right)
            | ast.Compare(left=left, ops=[op], comparators=[right])
        ):
            return words_of(left, label) + OPERATORS[type(op)][2] + words_of(right, label)
        case ast.BoolOp(op=op, values=values):
            join = "且" if isinstance(op, ast.And) else "或"
            return join.join(words_of(value, label) for value in values)
        case ast.Call(func=ast.Name(id=function), args=[argument, *_]):
            return _words_call(function, argument, label)
    raise _not_allowed(node)


def _words_call(function: str, argument: ast.expr, label: Callable[[str], str]) -> str:
    match function, argument:
        case "sum", ast.Attribute(value=ast.Name(id=table), attr=field):
            return f"各行{label(f'{table}.{field}')}之和"
        case "round", _:
            return f"四舍五入（{words_of(argument, label)}）"
        case "year", _:
            return f"{words_of(argument, label)}的年份"
        case (("filled" | "given"), _):
            return f"{words_of(argument, label)}已填写"
        case "digits", _:
            return f"{words_of(argument, label)}是规定位数的数字"
    raise _not_allowed(function)


def _not_allowed(what: ast.AST | str) -> ValueError:
    words = what if isinstance(what, str) else ast.dump(what)
    return ValueError(f"not allowed in an equation: {words}")
