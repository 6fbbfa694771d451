"""The syntax tree of a statement: the one thing that polars, Excel, plain values and words are made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Name:
    """A field of the row, or a word of its context such as `fy`."""

    name: str


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the record's rows of another table: `task.amount`."""

    table: str
    field: str

    @property
    def name(self) -> str:
        """The name under which its sum is known."""
        return f"{self.table}.{self.field}"


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


Node = Name | Column | Constant | Operation | Junction | Negation | Call


def names_in(node: Node | None, but: Container[str] = ()) -> list[str]:
    """Return the names in a node from left to right, those inside the functions `but` left out.

    `sum(task.amount)` counts as the name `task.amount`. A name that occurs twice is there twice.
    """
    return list(_names(node, but)) if node is not None else []


def _names(node: Node, but: Container[str]) -> Iterator[str]:
    match node:
        case Name(name=name):
            yield name
        case Column():
            yield node.name
        case Operation(left=left, right=right):
            yield from _names(left, but)
            yield from _names(right, but)
        case Junction(parts=parts):
            for part in parts:
                yield from _names(part, but)
        case Negation(part=part):
            yield from _names(part, but)
        case Call(function=function, argument=argument) if function not in but:
            yield from _names(argument, but)


def calls_in(node: Node) -> Iterator[str]:
    """Yield the functions that are called anywhere in a node."""
    match node:
        case Operation(left=left, right=right):
            yield from calls_in(left)
            yield from calls_in(right)
        case Junction(parts=parts):
            for part in parts:
                yield from calls_in(part)
        case Negation(part=part):
            yield from calls_in(part)
        case Call(function=function, argument=argument):
            yield function
            yield from calls_in(argument)


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
            case Call():
                return self.call(node)

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
