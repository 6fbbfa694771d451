"""A statement in the words of the form, for messages, 填报说明 and 填报检查."""

from __future__ import annotations

from collections.abc import Callable

from xltool.language.functions import FUNCTIONS, OPERATORS
from xltool.language.nodes import Call, Choice, Column, Node, Visitor


class _Words(Visitor[str]):
    """A phrase in Chinese."""

    def __init__(self, label: Callable[[str], str]) -> None:
        self._label = label

    def name(self, name: str) -> str:
        return self._label(name)

    def constant(self, value: int | str) -> str:
        return f"“{value}”" if isinstance(value, str) else str(value)

    def operation(self, sign: str, left: str, right: str) -> str:
        return left + OPERATORS[sign].words + right

    def junction(self, word: str, parts: list[str]) -> str:
        return ("且" if word == "and" else "或").join(parts)

    def negation(self, part: str) -> str:
        return f"并非（{part}）"

    def call(self, call: Call) -> str:
        if isinstance(call.argument, Column) and call.argument.where is not None:
            return self._sum(call.argument, call.argument.where)
        return FUNCTIONS[call.function].words(self.visit(call.argument), *call.constants)

    def choice(self, choice: Choice) -> str:
        met, condition, otherwise = map(
            self.visit, (choice.met, choice.condition, choice.otherwise)
        )
        return f"{otherwise}（{condition} 时为 {met}）"

    def _sum(self, column: Column, where: Node) -> str:
        """A sum over some rows, said of their fields: 类别为“货物类”的各行金额之和."""
        met = words_of(where, lambda name: self._label(f"{column.table}.{name}"))
        return f"{met}的{FUNCTIONS['sum'].words(self._label(column.plain_name))}"


def words_of(node: Node, label: Callable[[str], str]) -> str:
    """Return a node in words; `label` gives the printed label of a name."""
    return _Words(label).visit(node)
