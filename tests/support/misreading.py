"""The oracle of the random edits: what is read is what was typed, or it is told that it is not.

What stands on an edited sheet may be undecidable. Nobody can tell

- a workbook whose labels stand as issued from one that was filled in this way (a blank row of a list
  deleted, two of its rows swapped): each cell must then be read as it stands;
- a row with a locked cell that was changed, which is told, from one that was filled so;
- the original from a copy of a row or column: both may have been typed;
- to which level a row belongs whose own level is gone, which is told, if not to the nearest above;
- what a row means that has no labels and stands where no such row can be: it is told as inserted,
  with the words that it was not read.

In all other cases a value is read as the field that it was typed into, under its levels, once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from edits import Edited, Filled, Keys, Place, Spot, Typed, cells_of, place_of

from xltool.fields.reading import Raw
from xltool.form.layout import a1
from xltool.prose.text import label_key
from xltool.returns.extracting import Row
from xltool.returns.submissions import Submission
from xltool.workbook.opening import SheetData

_ROWS = re.compile(r"插入了第 (\d+)(?:–(\d+))? 行，其中的内容没有读取")
_COLUMNS = re.compile(r"([A-Z]+) 列处插入了 (\d+) 列，其中的内容没有读取")


class Judge:
    """Compares what is read of one edited workbook with what was typed into it."""

    def __init__(self, base: Filled, edited: Edited, found: Submission) -> None:
        self.base = base
        self.edited = edited
        self.found = found
        self.facts = {(fact.sheet, *place_of(fact.cell)) for fact in found.cells}
        self.marked = {
            (fact.sheet, place_of(fact.cell)[0])
            for fact in found.cells
            if fact.remark in ("locked", "formula") and not edited.retyped
        }

    def misread(self) -> Iterator[str]:
        """What is read otherwise than it was typed, or not read, without a word about it."""
        if self.is_filling:
            for row, name, spot in cells_of(self.found):
                if spot[0] == self.edited.sheet and spot in self.base.typed:
                    yield from self.as_it_stands(row, name, spot)
            return
        read: set[Spot] = set()
        for row, name, spot in cells_of(self.found):
            if self.is_input(row, name):
                if spot in read:
                    yield f"{spot} is read twice"
                read.add(spot)
                yield from self.cell(row, name, spot)
        yield from self.lost(read)

    def is_input(self, row: Row, name: str) -> bool:
        """True for what the unit fills in; a row that it inserted has no issued places."""
        field = self.base.campaign.form.field(row.table, name)
        issued = row.places.get(name)
        sheet = self.base.campaign.layout.names(1)[row.part]
        return field.filled_by == "unit" and (not issued or (sheet, *issued) in self.base.inputs)

    def cell(self, row: Row, name: str, spot: Spot) -> Iterator[str]:
        """One cell that was read as a field of the unit."""
        old = self.edited.origin(spot)
        typed = self.base.typed.get(old) if old else None
        if spot[:2] in self.marked or self.is_copy(old, typed, spot):
            yield from self.as_it_stands(row, name, spot)
        elif row.values[name] is None:
            if typed and typed.value is not None and spot not in self.facts:
                yield f"{spot}: {typed.value!r} is not read"
        elif typed is None:
            yield f"{spot}: {row.values[name]!r} is not typed, read as {row.table}.{name}"
        else:
            yield from self.value(row, name, spot, typed)

    def is_copy(self, old: Spot | None, typed: Typed | None, spot: Spot) -> bool:
        """True for what was copied there, or moved there from a cell of the office, told there."""
        if old is None:
            return False
        office = typed is None and old in self.base.locked
        return self.edited.is_copied(spot) or (office and (old in self.facts or spot in self.facts))

    def value(self, row: Row, name: str, spot: Spot, typed: Typed) -> Iterator[str]:
        """A value that was read: as the same field, the same value, under the same levels."""
        if (typed.table, typed.field.name) != (row.table, name):
            yield f"{spot}: {typed.table}.{typed.field.name} read as {row.table}.{name}"
        elif row.values[name] != typed.value:
            yield f"{spot}: {typed.value!r} read as {row.values[name]!r}"
        else:
            keys = {key: row.values[key] for key in typed.keys}
            if keys != typed.keys and not self.is_relabelled(row) and not self.is_under(row, keys):
                yield f"{spot}: {typed.keys} read as {keys}"

    def lost(self, read: set[Spot]) -> Iterator[str]:
        """What was typed and still stands on a sheet that was recognised, but was not read."""
        missing = {fact.expected for fact in self.found.sheets if fact.state == "missing"}
        for spot, typed in self.base.typed.items():
            now = self.edited.now(spot)
            if typed.value is None or not now or spot[0] in missing or read & set(now):
                continue
            if not all(self.is_told_unread(spot, place) for place in now):
                yield f"{now}: {typed.table}.{typed.field.name} is lost"

    def is_told_unread(self, old: Spot, now: Spot) -> bool:
        """True if it is told of this cell, of its nameless row or of its copied column."""
        unnamed = old[1] not in self.base.sheets[old[0]].locked_rows
        return (
            now in self.facts
            or (unnamed and now[:2] in self.unread_rows)
            or (len(set(self.edited.columns)) < len(self.edited.columns) and self.is_aside(now))
        )

    @cached_property
    def unread_rows(self) -> set[tuple[str, int]]:
        """Sheet and row of inserted rows of which it is told that they were not read."""
        return {
            (fact.sheet, place_of(fact.cell)[0] + n)
            for fact in self.found.sheets
            if (words := _ROWS.search(fact.detail))
            for n in range(int(words[2] or words[1]) - int(words[1]) + 1)
        }

    def is_aside(self, spot: Spot) -> bool:
        """True in columns that are told to be surplus, or to stand beside the form."""
        for fact in self.found.sheets:
            words = _COLUMNS.search(fact.detail)
            if words and 0 <= spot[2] - place_of(f"{words[1]}1")[1] < int(words[2]):
                return True
            if fact.state == "beside" and spot[2] >= place_of(fact.cell)[1]:
                return True
        return False

    def is_relabelled(self, row: Row) -> bool:
        """True if a level of the row was written over: it is told at that cell."""
        places = {a1(*place) for place in self.edited.retyped}
        return any(row.cells.get(key) in places for key in row.values)

    def is_under(self, row: Row, keys: Keys) -> bool:
        """True if the level (of two the lower one) is the nearest above the row, as it is now."""
        data = self.edited.workbook.sheet(row.sheet)
        assert data is not None
        columns = {place_of(row.cells[key])[1]: key for key in keys}
        column = max(columns)
        place = max(place_of(row.cells[name])[0] for name in row.raw)
        above = (label_key(data.text(p, column)) for p in range(place, -1, -1))
        nearest = next((text for text in above if text in self.base.levels), "")
        return nearest == label_key(str(keys[columns[column]]))

    def as_it_stands(self, row: Row, name: str, spot: Spot) -> Iterator[str]:
        """One cell that is not read as what stands in it now."""
        data = self.edited.workbook.sheet(self.edited.sheet)
        assert data is not None
        field = self.base.campaign.form.field(row.table, name)
        expected = field.read(data.raw(*spot[1:])).value
        if row.values[name] != expected and name not in row.unreadable:
            yield f"{spot}: {expected!r} read as {row.values[name]!r}"

    @cached_property
    def is_filling(self) -> bool:
        """True if the labels stand as issued and all else in inputs."""
        data = self.edited.workbook.sheet(self.edited.sheet)
        old = self.base.workbook.sheet(self.edited.sheet)
        if data is None or old is None or self.edited.retyped:
            return False
        return self.formulas(data) == self.formulas(old) and self.printed(data) == self.printed(old)

    def formulas(self, data: SheetData) -> set[Place]:
        """Where formulas stand in the columns of the form: those beside it only make rows grow."""
        width = len(self.base.sheets[data.name].widths)
        return {place for place in data.formulas if place[1] < width}

    def printed(self, data: SheetData) -> dict[Place, Raw]:
        """What stands on a sheet outside its inputs, but for what it works out by itself."""
        return {
            (row, column): raw
            for row, cells in enumerate(data.grid)
            for column, raw in enumerate(cells)
            if raw is not None
            and (data.name, row, column) not in self.base.inputs
            and (row, column) not in data.formulas
        }
