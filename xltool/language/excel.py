"""A statement as a piece of an Excel formula: what 填报检查 shows, what a computed cell works out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xltool.fields import cell_formulas
from xltool.fields.cell_formulas import literal
from xltool.fields.field import Field
from xltool.language.functions import FUNCTIONS, OPERATORS, Cell
from xltool.language.nodes import Call, Choice, Name, Node, Visitor

Address = Callable[[str], str]  # field → its cell, or its column of a block


@dataclass(frozen=True)
class Lines:
    """Adjoining rows of a table as formulas write them: `address` gives the column of a field.

    `fields` are those that have a column, or a value that all of these rows share (`lv2`): then their
    address is that text. `typed` are the columns that say whether a row is in use; none where each row
    is a printed line.
    """

    address: Address
    fields: Mapping[str, Field]
    typed: Sequence[str]

    def cell(self, name: str) -> Cell:
        """The column of a field."""
        return Cell(self.address(name), self.fields[name])

    @property
    def in_use(self) -> str:
        """The formula that counts the rows in which anything stands."""
        cells = [self.address(name) for name in self.typed]
        joined = cell_formulas.any_filled(cells, [self.fields[name] for name in self.typed])
        return f"SUMPRODUCT({joined}*1)"


Tables = Callable[[str], Sequence[Lines]]  # table → its rows, as a formula in some cell writes them


class _Excel(Visitor[str]):
    """A formula without its leading `=`."""

    def __init__(self, cell: Callable[[str], Cell]) -> None:
        self._cell = cell

    def name(self, name: str) -> str:
        return self._cell(name).value

    def constant(self, value: int | str) -> str:
        if isinstance(value, int):
            return str(value)
        return literal(value)

    def operation(self, sign: str, left: str, right: str) -> str:
        return f"({left}{OPERATORS[sign].excel}{right})"

    def junction(self, word: str, parts: list[str]) -> str:
        return f"({'*'.join(parts)})" if word == "and" else f"(({'+'.join(parts)})>0)"

    def negation(self, part: str) -> str:
        return f"NOT({part})"

    def call(self, call: Call) -> str:
        function, argument = FUNCTIONS[call.function], call.argument
        if function.is_about_a_cell and isinstance(argument, Name):
            return function.excel(self._cell(argument.name), *call.constants)
        return function.excel(self.visit(argument), *call.constants)

    def choice(self, choice: Choice) -> str:
        parts = map(self.visit, (choice.condition, choice.met, choice.otherwise))
        return f"IF({','.join(parts)})"


def excel_of(node: Node, cell: Callable[[str], Cell]) -> str:
    """Return a node as a piece of a formula; `cell` gives the cell of a name."""
    return _Excel(cell).visit(node)


def cells_of(
    address: Address, fields: Mapping[str, Field], context: Mapping[str, Any]
) -> Callable[[str], Cell]:
    """Return how formulas write names: fields as their kinds read them, the context as constants.

    The context may hold cells, too: what stands in other tables.
    """

    def cell(name: str) -> Cell:
        known = context.get(name)
        if known is None:
            return Cell(address(name), fields[name])
        return known if isinstance(known, Cell) else Cell(str(known))

    return cell
