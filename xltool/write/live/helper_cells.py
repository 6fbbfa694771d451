"""Helper cells: where parts of a formula stand that is longer or deeper than Excel takes.

They stand below each other in a hidden column of 填报检查. A part over whole columns has a cell for
each row; parts that several formulas have in common stand there once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from xltool.language.formulas import LONGEST, Group, beyond_excel, parsed

_PIECE, _DEEP = 4000, 30  # characters and brackets that a part may keep
_REFERENCE = len("$G$10000:$G$10200")


@dataclass
class HelperCells:
    """The formulas of the cells of a hidden column, from the row `first` on (counted from 1)."""

    column: str
    first: int

    def __post_init__(self) -> None:
        self.formulas: list[str] = []
        self._known: dict[str, str] = {}

    def fitted(self, formula: str) -> str:
        """Return a formula that Excel takes: too much of it goes to helper cells.

        One that cannot be cut is returned too long; see `beyond_excel`.
        """
        if beyond_excel(formula) is None:
            return formula
        return "=" + self._shorter(parsed(formula.removeprefix("=")), LONGEST - 1).inner

    def rows(self, formula: str) -> str:
        """Return the first of the cells in which a formula over columns is worked out row by row."""
        whole = parsed(formula.removeprefix("="))
        return self._place(self._shorter(whole, _PIECE)).split(":")[0]

    def whole(self, formula: str) -> str:
        """Put a formula of one value into a cell as it is, and return where that is."""
        self.formulas.append(formula.removeprefix("="))
        return f"${self.column}${self.first + len(self.formulas) - 1}"

    def _shorter(self, group: Group, longest: int) -> Group:
        """The same with its largest parts in helper cells, until it fits."""
        parts = [
            self._shorter(part, _PIECE) if isinstance(part, Group) else part for part in group.parts
        ]
        shorter = replace(group, parts=tuple(parts))
        while len(shorter.text) > longest or shorter.depth > _DEEP:
            is_deep = shorter.depth > _DEEP
            movable = [
                (part.depth if is_deep else len(part.text), number, part)
                for number, part in enumerate(parts)
                if isinstance(part, Group)
                and len(part.heights) < 2
                and (is_deep or len(part.text) > _REFERENCE)
            ]
            if not movable:
                break
            _, number, part = max(movable, key=lambda found: found[:2])
            parts[number] = self._place(part)
            shorter = replace(group, parts=tuple(parts))
        return shorter

    def _place(self, group: Group) -> str:
        """Put a part into cells of its own and return where they are."""
        known = self._known.get(group.text)
        if known is not None:
            return known
        start = self.first + len(self.formulas)
        (height,) = group.heights or (1,)
        if height == 1:
            self.formulas.append(group.text)
        else:
            self.formulas += [group.row(number) for number in range(height)]
        end = f":${self.column}${start + height - 1}" if height > 1 else ""
        self._known[group.text] = f"${self.column}${start}{end}"
        return self._known[group.text]
