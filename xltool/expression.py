"""An equation such as `amount_total == amount_fiscal + amount_other`, written once.

It becomes a polars expression (the check), an Excel formula (the live check in the template), a
verdict on plain values (the value cached with that formula) and words (message and guide). The
tolerance is that of DOMAIN §0.2: half a unit in the last shown place, and the rounding envelope.

Also here: the text measures of DOMAIN §0.4 as polars expressions, for rules that need them.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

import polars as pl

from xltool.fields import Field
from xltool.schema import CONTEXT, half_unit
from xltool.text import CJK, CLOSING, SPACES

Verdict = Literal["", "✔", "≈", "✘"]  # nothing to say yet, holds, holds up to rounding, fails

_OPERATORS: dict[type[ast.AST], tuple[Callable[[Any, Any], Any], str, str]] = {
    ast.Add: (operator.add, "+", " ＋ "),
    ast.Sub: (operator.sub, "-", " － "),
    ast.Mult: (operator.mul, "*", " × "),
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
        gap: pl.Expr = self._gap(pl.col)
        return gap > self._allowed(fields)

    def rounds(self, fields: Mapping[str, Field]) -> pl.Expr:
        """True where it holds only because the parts are rounded (the info `ROUND`)."""
        gap: pl.Expr = self._gap(pl.col)
        return (gap > self._tight(fields)) & (gap <= self._allowed(fields))

    def left(self) -> pl.Expr:
        """The value of the left side."""
        value: pl.Expr = _evaluate(self._left, pl.col)
        return value

    def right(self) -> pl.Expr:
        """The value of the right side: what the left should be."""
        value: pl.Expr = _evaluate(self._right, pl.col)
        return value

    def judge(self, values: Mapping[str, Any], fields: Mapping[str, Field]) -> Verdict:
        """The verdict on one record's values (amounts as Decimal, dates as date)."""
        if any(values.get(name) is None for name in self.all_names):
            return ""
        if self._when is not None and not _evaluate(self._when, values.__getitem__):
            return ""
        gap = _evaluate(self._left, values.__getitem__) - _evaluate(self._right, values.__getitem__)
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

    def words(self, label: Callable[[str], str]) -> str:
        """The equation in the words of the form."""
        symbol = _OPERATORS[self._relation][2]
        return _words(self._left, label) + symbol + _words(self._right, label)

    def _gap(self, resolve: Callable[[str], Any]) -> Any:
        gap = _evaluate(self._left, resolve) - _evaluate(self._right, resolve)
        gap = gap.abs() if self._relation is ast.Eq else gap
        if self._when is None:
            return gap
        return pl.when(_evaluate(self._when, resolve)).then(gap)

    def _tight(self, fields: Mapping[str, Field]) -> Decimal:
        """hu(A) for an equation, hu(A) + hu(B) for an inequality."""
        names = _names(self._left) if self._relation is ast.Eq else self.names
        return sum((half_unit(fields[n]) for n in names), Decimal(0))

    def _allowed(self, fields: Mapping[str, Field]) -> Decimal:
        """hu(A) + Σ hu(Bᵢ): the rounding envelope; an inequality has no further one."""
        return sum((half_unit(fields[n]) for n in self.names), Decimal(0))


def _parse(text: str) -> ast.expr:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"not an equation: {text}") from error


def _names(node: ast.AST) -> list[str]:
    called = {id(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)}
    return [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and id(n) not in called]


def _evaluate(node: ast.AST, resolve: Callable[[str], Any]) -> Any:
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
    raise ValueError(f"not allowed in an equation: {ast.dump(node)}")


def _excel(node: ast.AST, name: Callable[[str], str]) -> str:
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
    raise ValueError(f"not allowed in an equation: {ast.dump(node)}")


def _words(node: ast.AST, label: Callable[[str], str]) -> str:
    match node:
        case ast.Name(id=word):
            return label(word)
        case ast.Constant(value=number):
            return str(number)
        case ast.BinOp(left=left, op=op, right=right):
            return _words(left, label) + _OPERATORS[type(op)][2] + _words(right, label)
    raise ValueError(f"not allowed in an equation: {ast.dump(node)}")


def year(column: str) -> pl.Expr:
    """The calendar year of a date column, as Int32."""
    return pl.col(column).dt.year()


def length(column: str) -> pl.Expr:
    """Length in 字: after strip, line breaks not counted."""
    return _bare(column).str.len_chars()


def gbk_length(column: str) -> pl.Expr:
    """Bytes in a Chinese database: full-width 2, ASCII 1 (DOMAIN §8.3), rare characters 4."""
    bare = _bare(column)
    ascii_ones = bare.str.count_matches(r"[\x00-\x7f]")
    rare_ones = bare.str.count_matches(r"[\x{10000}-\x{10ffff}]")
    return bare.str.len_chars() * 2 - ascii_ones + rare_ones * 2


def normalised(column: str) -> pl.Expr:
    """The text under which two cells are equal: `text.normalise` for a column (DOMAIN §0.4)."""
    spaced = pl.col(column).str.replace_all(f"{_rust(SPACES)}+", " ").str.strip_chars(" ")
    gap = f"({_rust(CJK)}) ({_rust(CJK)})"  # twice: matches may not overlap
    joined = spaced.str.replace_all(gap, "$1$2").str.replace_all(gap, "$1$2")
    return joined.str.replace_all(f" ({CLOSING})", "$1")


def name_key(column: str) -> pl.Expr:
    """The key under which names of units and projects are equal: `text.name_key` for a column."""
    bare = pl.col(column).str.replace_all(f"{_rust(SPACES)}+", "")
    for wide, narrow in (("（", "("), ("）", ")"), ("“", '"'), ("”", '"'), ("：", ":")):
        bare = bare.str.replace_all(wide, narrow, literal=True)
    return bare


def _rust(pattern: str) -> str:
    r"""A character class as polars writes it: ``\u3000`` is ``\u{3000}`` there."""
    return re.sub(r"\\[ux]([0-9a-f]{2,4})", r"\\u{\1}", pattern)


def _bare(column: str) -> pl.Expr:
    return (
        pl.col(column).str.strip_chars(" \t\n\u00a0\u3000").str.replace_all("\n", "", literal=True)
    )
