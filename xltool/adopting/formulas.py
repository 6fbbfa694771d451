"""An Excel formula of an official workbook as the text of `computed=`.

What is understood: the four signs, SUM, ROUND, numbers and cells; IF that chooses by one comparison; IF and
IFERROR around them that only keep a blank form blank. Anything else gives None, and is left to a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token, TokenizerError
from openpyxl.worksheet.cell_range import CellRange

from xltool.form.layout import Position

_CELL = re.compile(r"\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?")
_SIGNS = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_MOST_CELLS = 20_000
_DEEPEST = 64  # levels, as Excel allows them

Names = Callable[[Sequence[Position]], list[str] | None]
"""The terms that stand for some cells together, such as [`a`, `b`] or [`sum(task.amount)`]; else None."""


class _NotUnderstoodError(Exception):
    """The formula has something that the language of equations has not."""


class _Part(NamedTuple):
    """A part of the result: its text, and how firmly it holds together.

    0 a choice, 1 a sum, 2 a product, 3 one word.
    """

    text: str
    firm: int


def computed_text(formula: str, names: Names) -> str | None:
    """Return the formula in the language of equations, or None where that cannot say it."""
    try:
        tokens = [t for t in Tokenizer(formula).items if t.type != Token.WSPACE]
        reader = _Reader(tokens, names)
        found = reader.sum()
        return found.text if found and not reader.rest else None
    except (_NotUnderstoodError, TokenizerError, IndexError, RecursionError):
        return None


class _Reader:
    """Reads tokens from left to right; None stands for a blank text, which a formula may give."""

    def __init__(self, tokens: Sequence[Token], names: Names):
        self.tokens = list(tokens)
        self.names = names
        self.next = 0
        self.depth = 0

    @property
    def rest(self) -> Sequence[Token]:
        return self.tokens[self.next :]

    def take(self) -> Token:
        self.next += 1
        return self.tokens[self.next - 1]

    def sees(self, kind: str, *values: str) -> bool:
        return bool(self.rest) and self.rest[0].type == kind and self.rest[0].value in values

    def sum(self) -> _Part | None:
        """Products with plus and minus between them."""
        found = self.product()
        while self.sees(Token.OP_IN, "+", "-"):
            sign = self.take().value
            other = self.product()
            right = _inside(other, 1 if sign == "+" else 2)
            found = _Part(f"{_inside(found, 1)} {sign} {right}", 1)
        return found

    def product(self) -> _Part | None:
        """Single terms with × and ÷ between them."""
        found = self.single()
        while self.sees(Token.OP_IN, "*", "/"):
            sign = self.take().value
            other = self.single()
            right = _inside(other, 2 if sign == "*" else 3)
            found = _Part(f"{_inside(found, 2)} {sign} {right}", 2)
        return found

    def single(self) -> _Part | None:
        """One cell, number, text, function or bracket."""
        token = self.take()
        if token.type == Token.OP_PRE and token.value == "+":
            return self.single()
        if token.type == Token.OPERAND:
            return self.operand(token)
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _NotUnderstoodError
        if token.type == Token.PAREN and token.subtype == Token.OPEN:
            found = self.sum()
            self.take()
            self.depth -= 1
            return found
        if token.type == Token.FUNC and token.subtype == Token.OPEN:
            found = self.function(token.value.rstrip("(").upper())
            self.depth -= 1
            return found
        raise _NotUnderstoodError

    def operand(self, token: Token) -> _Part | None:
        if token.subtype == Token.NUMBER:
            return _Part(token.value, 3)
        if token.subtype == Token.TEXT and token.value == '""':
            return None
        return self.cells(token, single=True)

    def cells(self, token: Token, *, single: bool = False) -> _Part:
        """The terms that stand for a cell or a range, added up."""
        reference = token.value
        if token.subtype != Token.RANGE or not _CELL.fullmatch(reference):
            raise _NotUnderstoodError
        if single and ":" in reference:
            raise _NotUnderstoodError
        area = CellRange(reference.replace("$", ""))
        rows, columns = range(area.min_row, area.max_row + 1), range(area.min_col, area.max_col + 1)
        if len(rows) * len(columns) > _MOST_CELLS:
            raise _NotUnderstoodError
        places = [(row - 1, column - 1) for row in rows for column in columns]
        terms = self.names(places)
        if not terms:
            raise _NotUnderstoodError
        return _Part(" + ".join(terms), 3 if len(terms) == 1 else 1)

    def function(self, name: str) -> _Part | None:
        """A function up to its closing bracket."""
        if name == "IF":
            return self.choice()
        if name == "SUM":
            return self.added()
        found = self.sum()
        if name == "ROUND":
            self.take()
            places = self.take().value
            self.close()
            return _Part(f"round({_inside(found, 1)}, {int(places)})", 3)
        if name == "IFERROR" and self.more():
            self.skip()
        elif name != "N":
            raise _NotUnderstoodError
        else:
            self.close()
        return found

    def choice(self) -> _Part | None:
        """The two sides of IF with its comparison, or the only one that is not blank."""
        start = self.next
        self.skip()
        first, second = self.sum(), self.more() and self.sum()
        end = self.next
        self.close()
        if not (first and second):
            return first or second or None  # the condition: that something is filled
        self.next = start
        words = f"{_inside(first, 1)} if {self.comparison()} else {_inside(second, 1)}"
        self.next = end
        self.close()
        return _Part(words, 0)

    def comparison(self) -> str:
        """A condition that compares two sums, perhaps in brackets."""
        if is_inside := self.is_all_in_brackets():
            self.take()
        left, sign, right = self.sum(), self.take().value, self.sum()
        if is_inside:
            self.take()
        if sign not in _SIGNS or not self.more():
            raise _NotUnderstoodError
        return f"{_inside(left, 1)} {_SIGNS[sign]} {_inside(right, 1)}"

    def is_all_in_brackets(self) -> bool:
        """Whether brackets open here that close at the end of the argument."""
        if self.rest[0].type != Token.PAREN:
            return False
        depth = 0
        for token, following in pairwise(self.rest):
            depth += (token.subtype == Token.OPEN) - (token.subtype == Token.CLOSE)
            if not depth:
                return following.type == Token.SEP
        return False

    def added(self) -> _Part:
        """What SUM adds up."""
        terms = []
        while True:
            is_range = self.rest[0].type == Token.OPERAND and ":" in self.rest[0].value
            found = self.cells(self.take()) if is_range else self.sum()
            terms.append(_inside(found, 1))
            if not self.more():
                break
        self.close()
        return _Part(" + ".join(terms), 3 if len(terms) == 1 and "+" not in terms[0] else 1)

    def more(self) -> bool:
        """Take the comma before a further argument, if there is one."""
        if self.sees(Token.SEP, ","):
            self.take()
            return True
        return False

    def close(self) -> None:
        """Take the closing bracket."""
        token = self.take()
        if token.type != Token.FUNC or token.subtype != Token.CLOSE:
            raise _NotUnderstoodError

    def skip(self) -> None:
        """Take an argument, whatever it is, and what ends it."""
        depth = 0
        while True:
            token = self.take()
            if not depth and (token.value == "," or token.subtype == Token.CLOSE):
                return
            depth += (token.subtype == Token.OPEN) - (token.subtype == Token.CLOSE)


def _inside(part: _Part | None, firm: int) -> str:
    """The text of a part as a side of a sign; in brackets where it would fall apart."""
    if part is None:
        raise _NotUnderstoodError
    return part.text if part.firm >= firm else f"({part.text})"
