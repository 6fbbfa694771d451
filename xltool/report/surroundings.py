"""Where a finding stands on the form: the lines of its cells with their printed labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from xltool.fields.reading import shown
from xltool.form.model import TableView
from xltool.returns.extracting import Row
from xltool.rules.findings import Finding


@dataclass(frozen=True, slots=True)
class Shape:
    """What lines of the same kind have in common: the columns and the labels of their cells.

    `is_row`: a row under headings; else each label stands beside its cell.
    """

    is_row: bool
    columns: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sheet: its number and what stands in its cells now."""

    shape: Shape
    number: int
    texts: tuple[str, ...]


@dataclass(slots=True)
class _Cells:
    """The cells read from one line of a sheet: column → label and text."""

    is_row: bool
    found: dict[str, tuple[str, str]] = field(default_factory=dict)

    def copy(self) -> _Cells:
        """A copy that may be changed."""
        return _Cells(self.is_row, dict(self.found))

    def line(self, number: int) -> Line:
        """The line with this number, its cells from left to right."""
        columns = sorted(self.found, key=lambda letters: (len(letters), letters))
        labels, texts = zip(*(self.found[column] for column in columns), strict=True)
        return Line(Shape(self.is_row, tuple(columns), labels), number, texts)


Lines = dict[tuple[str, int], _Cells]  # by sheet and number


class Surroundings:
    """The lines of one submission's sheets, as far as its findings may need them."""

    def __init__(
        self, rows: Iterable[Row], tables: Mapping[str, TableView], findings: Iterable[Finding]
    ) -> None:
        self.lines: Lines = {}
        self.wanted: dict[str, set[int]] = {}  # sheet → numbers of lines
        for finding in findings:
            numbers = self.wanted.setdefault(finding.sheet, set())
            for address in filter(None, (finding.cell, *finding.cells)):
                number = split(address)[1]
                numbers.update((number - 1, number, number + 1))
        for row in rows:
            if row.sheet in self.wanted:
                self._take(row, tables[row.table])

    def _take(self, row: Row, table: TableView) -> None:
        """Note the cells of a row. A record's own row stands on many lines of its sheet."""
        for name, address in row.cells.items():
            column, number = split(address)
            if number not in self.wanted[row.sheet]:
                continue
            cells = self.lines.setdefault((row.sheet, number), _Cells(table.is_rows))
            text = shown(row.raw[name] if name in row.raw else row.values.get(name))
            cells.found[column] = (table.label(name), text)

    def of(self, findings: Iterable[Finding]) -> list[Line]:
        """The lines on which the cells of findings stand, in the order of the sheet.

        A cell that holds no field, such as a printed label, stands there with its finding's value; of
        a line of which nothing is known, the lines above and below are given.
        """
        lines: Lines = {}
        for finding in findings:
            for address in dict.fromkeys((finding.cell, *finding.cells)):
                if address:
                    lines.update(self._around(finding, *split(address), lines))
        return [cells.line(number) for (_, number), cells in sorted(lines.items())]

    def _around(
        self, finding: Finding, column: str, number: int, taken: Lines
    ) -> Iterator[tuple[tuple[str, int], _Cells]]:
        """What to show of one cell of a finding."""
        key = finding.sheet, number
        cells = taken.get(key) or self.lines.get(key, _Cells(is_row=False)).copy()
        if finding.cell == f"{column}{number}" and (cells.found or finding.value):
            cells.found.setdefault(column, (finding.label, finding.value))
        if cells.found:
            yield key, cells
            return
        for near in ((finding.sheet, number - 1), (finding.sheet, number + 1)):
            if near in self.lines and near not in taken:
                yield near, self.lines[near].copy()


@lru_cache(maxsize=1 << 16)
def split(address: str) -> tuple[str, int]:
    """A cell's address as column and line: `B8` → (`B`, 8)."""
    found = re.fullmatch(r"([A-Z]+)(\d+)", address)
    if found is None:
        raise ValueError(address)
    return found[1], int(found[2])
