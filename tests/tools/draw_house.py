"""Draw the rooms of xltool and the imports between them from the code: `make house`.

docs/pictures/house.svg   the picture in docs/architecture.md; a test fails when it is stale

The rooms stand in the order of the import contract in pyproject.toml. An arrow on the right leads from
a room to one that it imports; those of the longest chain are bold on the left.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "pictures" / "house.svg"

_TOP, _STEP, _BOX = 64, 56, 40  # of the first room, from room to room, height of a room; pixels
_LEFT, _WIDE = 60, 620  # of a room
_FURTHER = 26  # how much further out an arrow bends for each room that it passes
_COLOURS = ("#4472c4", "#c55a11", "#548235", "#7030a0", "#bf8f00", "#2e75b6", "#a5336b")


@dataclass(frozen=True)
class House:
    """The rooms from top to bottom, and what stands in them.

    `roles` is the first sentence of each package's docstring, `modules` the number of its modules,
    `imports` counts the imports of modules by (importing room, imported room).
    """

    rooms: Sequence[str]
    roles: Mapping[str, str]
    modules: Mapping[str, int]
    imports: Mapping[tuple[str, str], int]

    def upward(self) -> list[tuple[str, str]]:
        """The imports that lead from a room to one above it; there should be none."""
        place = {room: number for number, room in enumerate(self.rooms)}
        return sorted(pair for pair in self.imports if place[pair[0]] > place[pair[1]])

    def longest_chain(self) -> list[str]:
        """The rooms of the longest chain of imports. Raises ValueError if imports go in a circle."""
        if self.upward():
            raise ValueError(f"imports lead upwards: {self.upward()}")
        chains: dict[str, list[str]] = {}
        for room in reversed(self.rooms):
            below = [chains[b] for a, b in self.imports if a == room]
            chains[room] = [room, *max(below, key=lambda chain: (len(chain), chain), default=[])]
        return max(chains.values(), key=len)


def house() -> House:
    """The house as the code has it: order from the contract, the rest from the import graph."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = contracts["tool"]["importlinter"]["contracts"][0]["layers"]
    rooms = [layer for layer in layers if (ROOT / "xltool" / layer / "__init__.py").is_file()]
    graph = grimp.build_graph("xltool", cache_dir=None)
    imports: Counter[tuple[str, str]] = Counter()
    modules: Counter[str] = Counter()
    for module in graph.modules:
        room = _room(module)
        modules[room] += module.count(".") > 1 and not _is_package(module)
        for imported in graph.find_modules_directly_imported_by(module):
            pair = (room, _room(imported))
            if pair[0] != pair[1] and set(pair) <= set(rooms):
                imports[pair] += 1
    roles = {room: _role(room) for room in rooms}
    return House(
        rooms, roles, {room: modules[room] for room in rooms}, dict(sorted(imports.items()))
    )


def _room(module: str) -> str:
    return f"{module}.".split(".")[1]


def _is_package(module: str) -> bool:
    return (ROOT / module.replace(".", "/")).is_dir()


def _role(room: str) -> str:
    source = (ROOT / "xltool" / room / "__init__.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").split("\n", 1)[0].rstrip(".")


def svg(drawn: House) -> str:
    """The picture. The same house gives the same text."""
    chain = drawn.longest_chain()
    height = _TOP + _STEP * len(drawn.rooms) + 10
    width = _LEFT + _WIDE + _FURTHER * (len(drawn.rooms) + 1)
    links = sum(drawn.imports.values())
    title = (
        f"{len(drawn.rooms)} rooms, {sum(drawn.modules.values())} modules, {links} imports between "
        f"rooms; longest chain: {len(chain)} rooms; none leads upwards"
    )
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="34" font-size="15">{escape(title)}</text>',
        *_chain(drawn, chain),
        *_arrows(drawn),
        *_rooms(drawn),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _middle(drawn: House, room: str) -> int:
    return _TOP + _STEP * drawn.rooms.index(room) + _BOX // 2


def _rooms(drawn: House) -> Iterable[str]:
    for room in drawn.rooms:
        y = _middle(drawn, room)
        count = f"{drawn.modules[room]} modules"
        yield (
            f'<rect x="{_LEFT}" y="{y - _BOX // 2}" width="{_WIDE}" height="{_BOX}" rx="5" '
            'fill="#f2f6fc" stroke="#44546a"/>'
        )
        yield f'<text x="{_LEFT + 12}" y="{y - 3}" font-size="14" font-weight="bold">{room}</text>'
        yield (
            f'<text x="{_LEFT + _WIDE - 12}" y="{y - 3}" font-size="12" text-anchor="end" '
            f'fill="#44546a">{count}</text>'
        )
        role = escape(drawn.roles[room])
        yield f'<text x="{_LEFT + 12}" y="{y + 14}" font-size="12" fill="#44546a">{role}</text>'


def _arrows(drawn: House) -> Iterable[str]:
    """Arcs on the right: they leave a room in its upper half and arrive in a lower half."""
    right = _LEFT + _WIDE
    for (room, below), count in sorted(drawn.imports.items()):
        number = drawn.rooms.index(room)
        start, end = _middle(drawn, room) + 8, _middle(drawn, below) - 8
        bend = right + _FURTHER * (drawn.rooms.index(below) - number) * 4 / 3
        colour = _COLOURS[number % len(_COLOURS)]
        words = escape(f"{room} → {below}: {count}")
        yield (
            f'<path d="M{right} {start} C{bend:.0f} {start} {bend:.0f} {end} {right + 6} {end}" '
            f'fill="none" stroke="{colour}" stroke-opacity="0.7"><title>{words}</title></path>'
        )
        yield f'<path d="M{right} {end} l7 -3.5 v7 z" fill="{colour}"/>'


def _chain(drawn: House, chain: Sequence[str]) -> Iterable[str]:
    """The longest chain on the left, from room to room."""
    x = _LEFT - 24
    for room, below in pairwise(chain):
        start, end = _middle(drawn, room), _middle(drawn, below)
        yield (
            f'<path d="M{_LEFT} {start + 6} H{x} V{end - 6} H{_LEFT - 6}" fill="none" '
            'stroke="#44546a" stroke-width="2.5"/>'
        )
        yield f'<path d="M{_LEFT} {end - 6} l-8 -4.5 v9 z" fill="#44546a"/>'


if __name__ == "__main__":
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(svg(house()), encoding="utf-8")
    sys.stdout.write(f"{PICTURE.relative_to(ROOT)}\n")
