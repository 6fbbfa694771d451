"""The small language of equations and claims: parsed once, then polars, plain values, Excel, words.

Names of fields, whole numbers, texts, `+ - * /`, comparisons, `and`, `or`, `not`, and the functions
of `functions`. In Excel's words nothing is an AND or OR: a formula over whole columns must keep its
rows apart.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import polars as pl

from xltool.language.functions import FUNCTIONS, Function


def _quotient(left: Any, right: Any) -> Any:
    """The quotient; for columns null where polars would refuse to divide by 0.

    16 decimals: enough for 四舍五入 to 2 places to be exact for any amount of money in 元.
    """
    if isinstance(left, pl.Expr):
        return left.cast(pl.Decimal(38, 16)) / pl.when(right != 0).then(right)
    return left / right


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
        case (
            ast.BinOp(left=left, op=op, right=right)
            | ast.Compare(left=left, ops=[op], comparators=[right])
        ) if type(op) in OPERATORS:
            return OPERATORS[type(op)][0](evaluate(left, resolve), evaluate(right, resolve))
        case ast.BoolOp(op=op, values=values):
            join = operator.and_ if isinstance(op, ast.And) else operator.or_
            return reduce(join, [evaluate(value, resolve) for value in values])
        case ast.UnaryOp(op=ast.Not(), operand=(ast.Call() | ast.BoolOp()) as operand):
            value = evaluate(operand, resolve)
            return ~value if isinstance(value, pl.Expr) else not value
        case ast.Call(args=[first, *_]):
            function, constants = _called(node)
            name = _column(first)
            value = resolve(name) if name else evaluate(first, resolve)
            return function.value(value, *constants)
    raise _not_allowed(node)


def _called(call: ast.Call) -> tuple[Function, list[Any]]:
    """The function that is called, and its constants. Raises ValueError for what is not allowed."""
    function = FUNCTIONS.get(call.func.id) if isinstance(call.func, ast.Name) else None
    constants = [n.value if isinstance(n, ast.Constant) else None for n in call.args[1:]]
    if function is None or not call.args or not function.accepts(call.args[0], constants):
        raise _not_allowed(call)
    return function, constants


def _column(node: ast.AST) -> str:
    """The name of a column, `task.amount` for one of another table; nothing for any other node."""
    match node:
        case ast.Name(id=word):
            return word
        case ast.Attribute(value=ast.Name(id=table), attr=field):
            return f"{table}.{field}"
    return ""


@dataclass(frozen=True, slots=True)
class Cells:
    """How a formula writes a field: its value, perhaps of a whole column, and that something is there."""

    value: Callable[[str], str]
    filled: Callable[[str], str]


def excel_of(node: ast.AST, cells: Cells) -> str:
    """The node as part of an Excel formula."""
    match node:
        case ast.Name(id=word):
            return cells.value(word)
        case ast.Constant(value=(int() | str()) as constant):
            text = str(constant).replace('"', '""')
            return f'"{text}"' if isinstance(constant, str) else text
        case (
            ast.BinOp(left=left, op=op, right=right)
            | ast.Compare(left=left, ops=[op], comparators=[right])
        ) if type(op) in OPERATORS:
            return f"({excel_of(left, cells)}{OPERATORS[type(op)][1]}{excel_of(right, cells)})"
        case ast.BoolOp(op=op, values=values):
            parts = [excel_of(value, cells) for value in values]
            return f"({'*'.join(parts)})" if isinstance(op, ast.And) else f"(({'+'.join(parts)})>0)"
        case ast.UnaryOp(op=ast.Not(), operand=(ast.Call() | ast.BoolOp()) as operand):
            return f"NOT({excel_of(operand, cells)})"
        case ast.Call(args=[first, *_]):
            function, constants = _called(node)
            name = _column(first)
            value = cells.value(name) if name else excel_of(first, cells)
            return function.excel(value, cells.filled(name) if name else "", *constants)
    raise _not_allowed(node)


def words_of(node: ast.AST, label: Callable[[str], str]) -> str:
    """The node in the words of the form."""
    match node:
        case ast.Name() | ast.Attribute():
            return label(_column(node))
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
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"并非（{words_of(operand, label)}）"
        case ast.Call(args=[first, *_]):
            function, constants = _called(node)
            return function.words(words_of(first, label), *constants)
    raise _not_allowed(node)


def _not_allowed(what: ast.AST) -> ValueError:
    return ValueError(f"not allowed in an equation: {ast.dump(what)}")
