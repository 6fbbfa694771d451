"""The law for blanks in what a computed cell works out, the same in polars, on plain values, in Excel.

In a sum (also one with differences, and `sum(task.amount)`) a blank addend counts as 0 as long as another
one is filled; where all are blank, so is the sum. Constants are not filled by anybody: they do not
count. A product or quotient with a blank stays blank, and so does a quotient by 0, and a choice that
hangs on a blank. Rules know no such law: they say nothing of a row in which an input is blank (`equations`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from xltool.fields.cell_formulas import APOSTROPHES
from xltool.language.conditions import sum_in_excel
from xltool.language.excel import Address, Tables, excel_of
from xltool.language.functions import FUNCTIONS, OPERATORS, Cell, Content
from xltool.language.nodes import (
    Call,
    Choice,
    Column,
    Constant,
    Name,
    Node,
    Operation,
    names_in,
    nodes_in,
    sums_in,
)
from xltool.language.polars import chosen, polars_of
from xltool.language.values import value_of
from xltool.prose.nothing import STROKES

_SUMS = ("+", "-")
_NOTHING = " ".join((*STROKES, *APOSTROPHES))  # each of them is found in it


def addends(node: Node, sign: str = "+") -> Iterator[tuple[str, Node]]:
    """Yield what a sum adds (`+`) and subtracts (`-`), brackets dissolved; of any other node itself."""
    if not isinstance(node, Operation) or node.sign not in _SUMS:
        yield sign, node
        return
    yield from addends(node.left, sign)
    yield from addends(node.right, "+" if node.sign == sign else "-")


def _factors(node: Node) -> Iterator[Node]:
    """Yield what a product multiplies, brackets dissolved; any other node itself."""
    if not isinstance(node, Operation) or node.sign != "*":
        yield node
        return
    yield from _factors(node.left)
    yield from _factors(node.right)


def meaning_of(node: Node) -> str:
    """Return what two nodes have in common that say the same, whatever the order of their parts."""
    match node:
        case Operation(sign="+" | "-"):
            return (
                f"sum({','.join(sorted(sign + meaning_of(part) for sign, part in addends(node)))})"
            )
        case Operation(sign="*"):
            return f"product({','.join(sorted(map(meaning_of, _factors(node))))})"
        case Operation(sign=sign, left=left, right=right):
            return f"({meaning_of(left)}{sign}{meaning_of(right)})"
        case Call(function=function, argument=argument, constants=constants):
            return f"{function}({meaning_of(argument)},{constants})"
        case Choice(met=met, condition=condition, otherwise=otherwise):
            return f"choice({','.join(map(meaning_of, (met, condition, otherwise)))})"
    return repr(node)


# -- plain values ------------------------------------------------------------------------------------


def worked_out_value(node: Node, content: Callable[[str], Content]) -> Any:
    """Return the value of a node, None for a blank; `content` gives what stands in the cell of a name."""

    def value(node: Node) -> Any:
        match node:
            case Operation(sign="+" | "-"):
                return total([(sign, part, value(part)) for sign, part in addends(node)])
            case Operation(sign=sign, left=left, right=right):
                sides = value(left), value(right)
                if None in sides or (sign == "/" and sides[1] == 0):
                    return None
                return OPERATORS[sign].values(*sides)
            case Call(argument=argument) if not FUNCTIONS[node.function].is_about_a_cell:
                inner = value(argument)
                function = FUNCTIONS[node.function].values
                return None if inner is None else function(inner, *node.constants)
            case Choice(met=met, condition=condition, otherwise=otherwise):
                holds = value(condition)
                return None if holds is None else value(met if holds else otherwise)
        return value_of(node, content)

    def total(parts: list[tuple[str, Node, Any]]) -> Any:
        filled = [found for _, part, found in parts if not isinstance(part, Constant)]
        if filled and all(found is None for found in filled):
            return None
        added = sum(found for sign, _, found in parts if found is not None and sign == "+")
        return added - sum(found for sign, _, found in parts if found is not None and sign == "-")

    return value(node)


# -- polars ------------------------------------------------------------------------------------------


def worked_out_in_polars(node: Node) -> Any:
    """Return a node as a polars expression that is null for a blank."""
    match node:
        case Operation(sign="+" | "-"):
            parts = [(sign, part, worked_out_in_polars(part)) for sign, part in addends(node)]
            filled = [found for _, part, found in parts if not isinstance(part, Constant)]
            total, *others = [
                (sign, found if isinstance(part, Constant) else found.fill_null(0))
                for sign, part, found in parts
            ]
            result = total[1]
            for sign, found in others:
                result = OPERATORS[sign].polars(result, found)
            if not filled:
                return result
            return pl.when(pl.any_horizontal(found.is_not_null() for found in filled)).then(result)
        case Operation(sign=sign, left=left, right=right):
            sides = worked_out_in_polars(left), worked_out_in_polars(right)
            return OPERATORS[sign].polars(*sides)
        case Call(argument=argument) if not FUNCTIONS[node.function].is_about_a_cell:
            function = FUNCTIONS[node.function].polars
            return function(worked_out_in_polars(argument), *node.constants)
        case Choice(met=met, condition=condition, otherwise=otherwise):
            return chosen(*map(worked_out_in_polars, (met, condition, otherwise)))
    return polars_of(node)


# -- Excel -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of a formula: `known` is not 0 where it is no blank, and then `value` is its value.

    `cells` are the cells of a name or of a column, which COUNT and SUM take as they are. A constant is
    always known.
    """

    value: str
    known: str = ""
    cells: str = ""


def worked_out_in_excel(node: Node, address: Address, tables: Tables) -> str:
    """Return the formula of a computed cell, from its equals sign on; it shows nothing for a blank.

    What stands there as text cannot be worked with: where a cell of the row holds one, and no stroke for
    nothing, the result is unknown and nothing is shown. (A SUM over rows passes over texts; they have findings of their own.)
    `tables` gives the rows that sums with a condition add up.
    """
    if _is_plain(node):
        return blank_with_any_blank(node, address)
    sums = {column.name for column in sums_in(node)}
    piece = _Pieces(address, tables).of(node)
    shown = f'IF({piece.known},{piece.value},"")' if piece.known else piece.value
    if cells := [address(n) for n in dict.fromkeys(names_in(node)) if n not in sums]:
        typed = "+".join(
            f'(LEN(TRIM({cell}))>0)*ISERROR(FIND(TRIM({cell}),"{_NOTHING}"))' for cell in cells
        )
        shown = f'IF(COUNT({",".join(cells)})<{typed},"",{shown})'
    return f'=IFERROR({shown},"")'


def blank_with_any_blank(node: Node, address: Address) -> str:
    """Return the formula that shows nothing where any cell is blank, or all cells of its columns are.

    Earlier versions issued it for all computed cells.
    """
    names = list(dict.fromkeys(names_in(node)))
    blank = [f'{address(n)}=""' for n in names if "." not in n]
    if columns := [address(n) for n in names if "." in n]:
        blank.append(f"COUNT({','.join(columns)})=0")
    value = excel_of(node, lambda name: Cell(address(name)))
    return f'=IFERROR(IF(OR({",".join(blank)}),"",{value}),"")' if blank else f"={value}"


def _is_plain(node: Node) -> bool:
    """Return whether the law says so of it: a product or quotient of cells, a sum over columns alone."""
    if any(isinstance(part, Choice) for part in nodes_in(node)):
        return False
    if isinstance(node, Call) and node.function == "round":
        return _is_plain(node.argument)
    parts = [part for _, part in addends(node)]
    if all(isinstance(part, Call) and isinstance(part.argument, Column) for part in parts):
        return all(column.where is None for column in sums_in(node))
    return len(parts) == 1 and not has_sum(node)


def has_sum(node: Node) -> bool:
    """Return whether anything is added up anywhere in a node."""
    match node:
        case Operation(sign=sign, left=left, right=right):
            return sign in _SUMS or has_sum(left) or has_sum(right)
        case Call(argument=argument):
            return isinstance(argument, Column) or has_sum(argument)
        case Choice(met=met, otherwise=otherwise):
            return has_sum(met) or has_sum(otherwise)
    return False


@dataclass(frozen=True)
class _Pieces:
    """The pieces of the formula of one cell."""

    address: Address
    tables: Tables

    def of(self, node: Node) -> _Piece:
        """The piece of a node and all below it."""
        match node:
            case Name() | Column():
                cells = self.address(node.name)
                return _Piece(cells, f"COUNT({cells})", cells)
            case Operation(sign="+" | "-"):
                return _total([(sign, self.of(part)) for sign, part in addends(node)])
            case Operation(sign=sign, left=left, right=right):
                return _product(sign, self.of(left), self.of(right))
            case Call():
                return self._called(node)
            case Choice():
                return self._chosen(node)
        return _Piece(excel_of(node, lambda name: Cell(self.address(name))))

    def _chosen(self, choice: Choice) -> _Piece:
        """One of two parts: known where the condition is, and the part that it chooses."""
        condition = self.of(choice.condition)
        parts = [self.of(part) for part in (choice.met, choice.otherwise)]
        value = f"IF({condition.value},{parts[0].value},{parts[1].value})"
        known = f"IF({condition.value},{parts[0].known or 1},{parts[1].known or 1})"
        return _Piece(value, f"IF({condition.known},{known},0)" if condition.known else known)

    def _called(self, call: Call) -> _Piece:
        """A function: of a column its sum, of a value what it makes of that."""
        match call.argument:
            case Column(where=None) as column:
                cells = self.address(column.name)
                return _Piece(f"SUM({cells})", f"COUNT({cells})", cells)
            case Column() as column:
                return _Piece(*sum_in_excel(column, self.tables))
        function = FUNCTIONS[call.function]
        if function.is_about_a_cell:
            return _Piece(excel_of(call, lambda name: Cell(self.address(name))))
        inner = self.of(call.argument)
        return _Piece(function.excel(inner.value, *call.constants), inner.known)


def _total(parts: list[tuple[str, _Piece]]) -> _Piece:
    """A sum: cells are added up by SUM, which passes over the blank ones."""
    cells = [piece.cells for _, piece in parts if piece.cells]
    known = [f"COUNT({','.join(cells)})"] if cells else []
    by_sign = {at: [p.cells for sign, p in parts if p.cells and sign == at] for at in _SUMS}
    summed = [f"{sign}SUM({','.join(some)})" for sign, some in by_sign.items() if some]
    for sign, piece in parts:
        if piece.cells:
            continue
        value = f"IF({piece.known},{piece.value},0)" if piece.known else piece.value
        summed.append(sign + value)
        known += [f"IF({piece.known},1,0)"] if piece.known else []
    return _Piece(
        _bracketed("".join(summed).removeprefix("+"), summed), _bracketed("+".join(known), known)
    )


def _bracketed(formula: str, parts: Sequence[object]) -> str:
    """A formula in brackets where it has several parts, so that it may stand in another one."""
    return f"({formula})" if len(parts) > 1 else formula


def _product(sign: str, left: _Piece, right: _Piece) -> _Piece:
    known = "*".join(piece.known for piece in (left, right) if piece.known)
    if sign == "/":
        known = f"IF({known},IF({right.value}=0,0,1),0)" if known else ""
    return _Piece(f"({left.value}{OPERATORS[sign].excel}{right.value})", known)
