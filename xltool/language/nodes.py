"""The syntax tree of a statement: the one thing that polars, Excel, plain values and words are made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Name:
    """A field of the row, or a word of its context such as `fy`."""

    name: str


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the record's rows of another table: `task.amount`; of a record table, of its one row.

    With `where` only of the rows that meet this condition; `said` is the condition as text.
    """

    table: str
    field: str
    where: Node | None = None
    said: str = ""

    @property
    def name(self) -> str:
        """The name under which its sum is known: `task.amount`, `task.amount where kind == "甲"`."""
        return f"{self.plain_name} where {self.said}" if self.said else self.plain_name

    @property
    def plain_name(self) -> str:
        """The same whatever the condition."""
        return f"{self.table}.{self.field}"

    @property
    def words(self) -> list[str]:
        """The fields that it names: `item.amount`, and those of its condition."""
        return [self.plain_name, *(f"{self.table}.{name}" for name in names_in(self.where))]


@dataclass(frozen=True, slots=True)
class Constant:
    """A whole number or a text."""

    value: int | str


@dataclass(frozen=True, slots=True)
class Operation:
    """Two sides with an arithmetic sign or a comparison between them, written as in Python."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Junction:
    """Several conditions joined by `and` or `or`."""

    word: Literal["and", "or"]
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """`not` before a function or before conditions in brackets."""

    part: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A function of `functions.FUNCTIONS`: its one argument, and constants."""

    function: str
    argument: Node
    constants: tuple[int | str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """`met if condition else otherwise`; the condition is a comparison."""

    met: Node
    condition: Node
    otherwise: Node


Node = Name | Column | Constant | Operation | Junction | Negation | Call | Choice


def nodes_in(node: Node | None, but: Container[str] = ()) -> Iterator[Node]:
    """Yield a node and all below it from left to right, without what stands in the functions `but`."""
    if node is None:
        return
    yield node
    below: Sequence[Node] = ()
    match node:
        case Operation(left=left, right=right):
            below = left, right
        case Junction(parts=parts):
            below = parts
        case Negation(part=part):
            below = (part,)
        case Call(function=function, argument=argument) if function not in but:
            below = (argument,)
        case Choice(met=met, condition=condition, otherwise=otherwise):
            below = met, condition, otherwise
    for part in below:
        yield from nodes_in(part, but)


def names_in(node: Node | None, but: Container[str] = ()) -> list[str]:
    """Return the names in a node from left to right, those inside the functions `but` left out.

    `sum(task.amount)` counts as the name `task.amount`. A name that occurs twice is there twice.
    """
    return [found.name for found in nodes_in(node, but) if isinstance(found, Name | Column)]


def columns_in(node: Node | None) -> list[Column]:
    """Return the columns of other tables in a node from left to right."""
    return [found for found in nodes_in(node) if isinstance(found, Column)]


def singles_in(node: Node | None) -> list[Column]:
    """Return those of which it takes the one value that a record has."""
    sums = {id(column) for column in sums_in(node)}
    return [column for column in columns_in(node) if id(column) not in sums]


def words_in(node: Node | None) -> list[str]:
    """Return each field that a node names as authors write it: those of a condition as `item.kind`."""
    own = [found.name for found in nodes_in(node) if isinstance(found, Name)]
    return [*own, *(word for column in columns_in(node) for word in column.words)]


def sums_in(node: Node | None) -> list[Column]:
    """Return those of which it takes the sum."""
    calls = (found for found in nodes_in(node) if isinstance(found, Call))
    return [call.argument for call in calls if isinstance(call.argument, Column)]


def calls_in(node: Node) -> list[str]:
    """Return the functions that are called anywhere in a node."""
    return [found.function for found in nodes_in(node) if isinstance(found, Call)]


class Visitor(ABC, Generic[Result]):
    """What is made of a tree: a method for each sort of node. Each backend is one subclass."""

    def visit(self, node: Node) -> Result:
        """Return what is made of a node and all below it."""
        match node:
            case Name() | Column():
                return self.name(node.name)
            case Constant(value=value):
                return self.constant(value)
            case Operation(sign=sign, left=left, right=right):
                return self.operation(sign, self.visit(left), self.visit(right))
            case Junction(word=word, parts=parts):
                return self.junction(word, [self.visit(part) for part in parts])
            case Negation(part=part):
                return self.negation(self.visit(part))
            case Call() | Choice():
                return self.call(node) if isinstance(node, Call) else self.choice(node)

    @abstractmethod
    def name(self, name: str) -> Result:
        """Make it of a field or a word of the context."""

    @abstractmethod
    def constant(self, value: int | str) -> Result:
        """Make it of a number or a text."""

    @abstractmethod
    def operation(self, sign: str, left: Result, right: Result) -> Result:
        """Make it of two sides and the sign between them."""

    @abstractmethod
    def junction(self, word: str, parts: list[Result]) -> Result:
        """Make it of conditions joined by `and` or `or`."""

    @abstractmethod
    def negation(self, part: Result) -> Result:
        """Make it of a condition that must not hold."""

    @abstractmethod
    def call(self, call: Call) -> Result:
        """Make it of a function."""

    @abstractmethod
    def choice(self, choice: Choice) -> Result:
        """Make it of two parts of which a comparison chooses one."""
