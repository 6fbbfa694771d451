"""From the text of a statement to its tree.

The language is a small part of Python's expressions: names of fields, whole numbers, texts,
`+ - * /`, comparisons, `and`, `or`, `not`, `1 if a == 0 else b`, and the functions of
`functions.FUNCTIONS`. Python's own parser reads the text; what is not of the language is refused here, so a tree is always sound.
One word is not Python's: `sum(item.amount where kind == "货物类")`.
"""

from __future__ import annotations

import ast
import re

from xltool.language.conditions import NotAConditionError, condition
from xltool.language.functions import FOR_AUTHORS, FUNCTIONS, OPERATORS
from xltool.language.nodes import (
    Call,
    Choice,
    Column,
    Constant,
    Junction,
    Name,
    Negation,
    Node,
    Operation,
)
from xltool.prose.nearest import nearest

_SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.LtE: "<=",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.Gt: ">",
}
_WHERE = re.compile(r"""("[^"]*"|'[^']*')|\s+where\s+""")


class StatementError(ValueError):
    """A text is no statement of the language; the message says in Chinese why, for a form's author."""


def parse(text: str) -> Node:
    """Return the tree of a statement. Raises StatementError where the text is none of the language."""
    python = _WHERE.sub(lambda found: found[1] or ", where=", text.strip())
    try:
        tree = ast.parse(python, mode="eval").body
    except SyntaxError as error:
        hint = "；相等写作 ==" if re.search(r"(?<![=<>!])=(?!=)", text) else ""
        raise StatementError(f"式子“{text}”不完整或写法不对{hint}") from error
    return _node(tree)


def _node(tree: ast.AST) -> Node:
    match tree:
        case ast.Name() | ast.Constant() | ast.Attribute():
            return _leaf(tree)
        case (
            ast.BinOp(left=left, op=op, right=right)
            | ast.Compare(left=left, ops=[op], comparators=[right])
        ) if _SIGNS.get(type(op)) in OPERATORS:
            return Operation(_SIGNS[type(op)], _node(left), _node(right))
        case ast.BoolOp(op=op, values=values):
            word = "and" if isinstance(op, ast.And) else "or"
            return Junction("and" if word == "and" else "or", tuple(map(_node, values)))
        case ast.UnaryOp(op=ast.Not(), operand=(ast.Call() | ast.BoolOp()) as operand):
            return Negation(_node(operand))
        case ast.IfExp(test=ast.Compare() as test, body=met, orelse=otherwise):
            return Choice(_node(met), _node(test), _node(otherwise))
        case ast.Call():
            return _call(tree)
    raise _not_allowed(tree)


def _leaf(tree: ast.AST) -> Name | Constant | Column:
    match tree:
        case ast.Name(id=word):
            return Name(word)
        case ast.Constant(value=(int() | str()) as value) if not isinstance(value, bool):
            return Constant(value)
        case ast.Attribute(value=ast.Name(id=table), attr=field):
            return Column(table, field)
    raise _not_allowed(tree)


def _some_rows(table: str, field: str, where: ast.expr) -> Column:
    """The rows of a table that meet a condition."""
    said = ast.unparse(where).replace("'", '"')
    try:
        return Column(table, field, condition(_node(where)), said)
    except NotAConditionError as error:
        raise StatementError(
            f"where 后面只能是本行的栏目和文字、整数的比较，用 and、or、not 相连，不能是“{said}”"
        ) from error


def _call(tree: ast.Call) -> Call:
    """A function with its argument and its constants, as the table of functions has it."""
    match tree:
        case ast.Call(func=ast.Name(id=name), args=[first, *others], keywords=[]):
            argument = _node(first)
        case ast.Call(
            func=ast.Name(id="sum" as name),
            args=[ast.Attribute(value=ast.Name(id=table), attr=field), *others],
            keywords=[ast.keyword(arg="where", value=where)],
        ):
            argument = _some_rows(table, field, where)
        case _:
            raise _not_allowed(tree)
    function = FUNCTIONS.get(name)
    constants = [other.value for other in others if isinstance(other, ast.Constant)]
    known = tuple(value for value in constants if isinstance(value, (int, str)))
    if function is None or len(known) != len(others) or not function.accepts(argument, known):
        raise _not_allowed(tree)
    return Call(name, argument, known)


def _not_allowed(tree: ast.AST) -> StatementError:
    """The error for what is none of the language: a function that there is not, or anything else."""
    words = ast.unparse(tree)
    match tree:
        case ast.Call(func=ast.Name(id=name)) if name not in FUNCTIONS:
            meant = nearest(name, FOR_AUTHORS) or "；"
            return StatementError(f"没有函数 {name}{meant}可用：{'、'.join(sorted(FOR_AUTHORS))}")
        case ast.Call(func=ast.Name(id=name)):
            return StatementError(f"函数 {name} 不能这样用：{words}")
    return StatementError(f"式子里不能用“{words}”")
