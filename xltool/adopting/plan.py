"""The form that an official workbook becomes: its tables of fields, and the layout of its sheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from xltool.adopting.official import OfficialCell, OfficialSheet

Element = Literal["title", "label", "head", "text", "field", "key", "empty"]


@dataclass
class FieldPlan:
    """A field: its `kind` is the function that declares it, `options` what is said beside the label.

    `cells` are those that hold it, `doubts` what a person is to look at.
    """

    name: str
    label: str
    kind: str
    options: dict[str, Any] = field(default_factory=dict)
    cells: list[OfficialCell] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


@dataclass
class TablePlan:
    """A table of fields: a record, or rows that belong to one."""

    name: str
    title: str
    is_rows: bool
    fields: dict[str, FieldPlan] = field(default_factory=dict)
    capacity: int | None = None  # rows offered, where its one block has no keys

    @property
    def class_name(self) -> str:
        """The name of its class, which gives the name of the table."""
        return "".join(word.capitalize() for word in self.name.split("_"))


@dataclass
class Item:
    """One element of a row of the layout."""

    element: Element
    cell: OfficialCell
    name: str = ""  # of fields and keys
    merge: bool = False  # of keys: equal ones below are one cell


@dataclass
class RowPlan:
    """One row of the layout; `number` is the row of the official sheet."""

    number: int
    items: list[Item]
    doubts: list[str] = field(default_factory=list)


@dataclass
class BlockPlan:
    """Rows of a table that are alike: `row` is the first of them."""

    table: TablePlan
    keys: dict[str, str]
    rows: int
    row: RowPlan
    always: bool = False
    side: int = 0  # number of the table, of those that stand side by side


@dataclass
class FramePlan:
    """Blocks for each 一级 and 二级 of the catalogue; `block` is the first of them."""

    block: BlockPlan
    rows: int  # of all its blocks


@dataclass
class BesidePlan:
    """Tables side by side: the number of columns of each, and what stands there."""

    parts: list[tuple[int, list[Node]]]


Node = RowPlan | BlockPlan | FramePlan | BesidePlan


@dataclass
class SheetPlan:
    """One sheet of the layout: the official one, its record, and its rows and blocks."""

    sheet: OfficialSheet
    name: str
    record: TablePlan
    nodes: list[Node] = field(default_factory=list)


@dataclass
class FormPlan:
    """All that the written files say."""

    title: str
    sheets: list[SheetPlan] = field(default_factory=list)
    tables: dict[str, TablePlan] = field(default_factory=dict)
    catalogue: Sequence[tuple[str, str, int]] = ()
    once: list[str] = field(default_factory=list)  # tables of a unit, beside those of its projects


def blocks_in(nodes: Sequence[Node]) -> Iterator[BlockPlan | FramePlan]:
    """The blocks and frames among some nodes, those side by side too."""
    for node in nodes:
        if isinstance(node, BesidePlan):
            for _, inner in node.parts:
                yield from blocks_in(inner)
        elif not isinstance(node, RowPlan):
            yield node
