"""A formula as Excel counts it: what stands in its brackets, and how much of it Excel takes.

XlsxWriter writes a formula of any length; Excel drops it when it opens the workbook.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

LONGEST, DEEPEST, LONGEST_TEXT = 8192, 64, 255  # what Excel takes: characters, brackets, a text

_TOKEN = re.compile(
    r""""(?:[^"]|"")*"|'(?:[^']|'')*'!|[A-Z][A-Z0-9.]*\(|[()]|[^"'()A-Z]+|.""", re.S
)
_RANGE = re.compile(r"(\$[A-Z]+\$)(\d+):\1(\d+)")
# one value of many cells: what stands in their brackets may have another height
_GATHERING = frozenset(["COUNT", "COUNTIF", "COUNTIFS", "MAX", "SUM", "SUMIFS", "SUMPRODUCT"])


@dataclass(frozen=True)
class Group:
    """Brackets, with the function before them if there is one, and what stands in them."""

    function: str
    parts: tuple[str | Group, ...]

    @cached_property
    def text(self) -> str:
        """The piece of the formula."""
        return f"{self.function}({self.inner})"

    @cached_property
    def inner(self) -> str:
        """What stands in the brackets."""
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    @cached_property
    def depth(self) -> int:
        """How deep brackets are nested, these among them."""
        return 1 + max((part.depth for part in self.groups), default=0)

    @property
    def groups(self) -> Iterator[Group]:
        """The groups right below this one."""
        return (part for part in self.parts if isinstance(part, Group))

    @cached_property
    def heights(self) -> frozenset[int]:
        """The heights of the ranges that make it a column of values; none where it is one value."""
        if self.function in _GATHERING:
            return frozenset()
        own = (
            int(last) - int(first) + 1
            for part in self.parts
            if isinstance(part, str) and not part.startswith('"')
            for _, first, last in _RANGE.findall(part)
        )
        return frozenset(own).union(*(part.heights for part in self.groups))

    def row(self, number: int) -> str:
        """The piece for one row of its ranges, counted from 0."""
        if self.function in _GATHERING:
            return self.text
        inner = "".join(
            part.row(number) if isinstance(part, Group) else _in_row(part, number)
            for part in self.parts
        )
        return f"{self.function}({inner})"


def _in_row(part: str, number: int) -> str:
    """A part without brackets, for one row of its ranges."""
    if part.startswith('"'):
        return part
    return _RANGE.sub(lambda found: f"{found[1]}{int(found[2]) + number}", part)


def parsed(formula: str) -> Group:
    """Return a formula, without its equals sign, as what stands in a group without brackets."""
    stack: list[tuple[str, list[str | Group]]] = [("", [])]
    for piece in _TOKEN.findall(formula):
        if piece == ")":
            function, parts = stack.pop()
            stack[-1][1].append(Group(function, tuple(parts)))
        elif piece.endswith("("):
            stack.append((piece[:-1], []))
        else:
            _add(stack[-1][1], piece)
    return Group("", tuple(stack[0][1]))


def _add(parts: list[str | Group], piece: str) -> None:
    """Add a piece to what stands before it, so that a range is in one piece; texts stand alone."""
    before = parts[-1] if parts else None
    if isinstance(before, str) and not before.startswith('"') and not piece.startswith('"'):
        parts[-1] = before + piece
    else:
        parts.append(piece)


@lru_cache(maxsize=64)
def beyond_excel(formula: str) -> str | None:
    """Return in Chinese by what a formula is more than Excel takes, or None."""
    if len(formula) > LONGEST:
        return f"有 {len(formula):,} 个字符，Excel 最多 {LONGEST:,} 个"
    depth = text = level = 0
    for piece in _TOKEN.findall(formula):
        level += piece.endswith("(") - (piece == ")")
        depth = max(depth, level)
        if piece.startswith('"'):
            text = max(text, len(piece[1:-1].replace('""', '"')))
    if depth > DEEPEST:
        return f"有 {depth} 层括号，Excel 最多 {DEEPEST} 层"
    if text > LONGEST_TEXT:
        return f"里有一段 {text} 个字符的文字，Excel 最多 {LONGEST_TEXT} 个"
    return None
