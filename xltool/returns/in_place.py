"""One form sheet to rows: at once where nothing moved, else cell by cell as `extracting` does.

Most sheets come back as they were issued, and most of their cells blank. There the rows take what the
plan of the sheet knows already; only cells that hold something are looked at. What is found is the same:
a blank cell, a label as printed and an empty cell without text are those of which `Reader` notes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xltool.fields.kinds import Field
from xltool.fields.reading import Raw, is_kept
from xltool.form.edition import Edition
from xltool.form.layout import Block
from xltool.language.equations import Equation
from xltool.office.seal import Issue
from xltool.returns.extracting import Extract, Reader, Row
from xltool.returns.plans import Line, Plan, plan_of
from xltool.returns.sheet_matching import Match


def extract(edition: Edition, match: Match, issue: Issue | None, record: int) -> Extract:
    """Read one form sheet. `record` numbers it within its workbook."""
    return reader_of(edition, match, issue, record).read()


def extract_together(
    edition: Edition, matches: Sequence[Match], issue: Issue | None
) -> dict[int, Extract]:
    """Read the sheets whose formulas look at each other (`Edition.in_order`); returns them by place in `matches`."""
    order = edition.in_order
    readers = {
        place: reader_of(edition, match, issue, 0)
        for place, match in enumerate(matches)
        if match.part in order
    }
    for reader in readers.values():
        reader.read_cells()
    rows = [row for reader in readers.values() for row in reader.result.rows]
    lost = [edition.layout.sheets[n] for n in {*order} - {r.part for r in readers.values()}]
    missing = {name for sheet in lost for name in sheet.tables}
    for place in sorted(readers, key=lambda place: order.index(readers[place].part)):
        readers[place].work_out(rows, missing)
    return {place: reader.result for place, reader in readers.items()}


def reader_of(edition: Edition, match: Match, issue: Issue | None, record: int) -> Reader:
    """Return what reads one form sheet."""
    plan = plan_of(edition, match.part)
    if stands_still(match, plan):
        return InPlace(edition, match, issue, record, plan)
    return Reader(edition, match, issue, record)


def stands_still(match: Match, plan: Plan) -> bool:
    """True if every row and column stands where the layout says, and no row was inserted."""
    found = match.rows
    return (
        found.columns is None and not found.extra and not found.shifts and found.rows == plan.rows
    )


class InPlace(Reader):
    """Reads a sheet on which nothing moved: physical places are those of the layout."""

    def __init__(
        self, edition: Edition, match: Match, issue: Issue | None, record: int, plan: Plan
    ) -> None:
        super().__init__(edition, match, issue, record)
        self.plan = plan
        self.frame = self.layout.frame(self.data.grid)
        # cells that are looked at though they may seem blank
        self.known = self.no_values | self.given.keys()
        self.known |= {c.place for c in plan.main.inputs if c.field.name in self.prefilled}
        self.known_rows = {row for row, _ in self.known}

    def main(self) -> Row:
        """The record's own fields."""
        line = self.plan.main
        main = self.filled(self.layout.record, line, line.pick(self.frame))
        self.worded(main)
        return main

    def blocks(self) -> None:
        """The rows of all blocks."""
        for block, lines in self.plan.blocks:
            if lines is None or (block.table == self.layout.record and self.prefilled):
                self.block(block)
                continue
            rows = [self.line(block, line) for line in lines]
            self.by_layout.update(zip((line.left for line in lines), rows, strict=True))
            self.result.rows += rows

    def line(self, block: Block, line: Line) -> Row:
        """One row of a block. One that is wholly blank holds what the plan says of it."""
        raws = line.pick(self.frame)
        is_blank = raws == line.nothing and line.left[0] not in self.known_rows
        if is_blank and line.may_be_skipped:
            return self.row_of(block.table, line, line.raw, is_used=block.always)
        row = self.filled(block.table, line, raws)
        found = any(row.values[name] is not None for name in block.columns)
        row.used = block.always or found or len(row.unreadable) > len(line.unreadable)
        return row

    def row_of(
        self, table: str, line: Line, raw: Mapping[str, Raw], *, is_used: bool = True
    ) -> Row:
        """A row of which no cell was read yet."""
        values, unreadable = dict(line.values), list(line.unreadable)
        where = line.cells, line.places
        name, record, part = self.data.name, self.record, self.part
        return Row(table, name, record, values, raw, *where, unreadable, is_used, None, part)

    def filled(self, table: str, line: Line, raws: Sequence[Raw]) -> Row:
        """A row of which some cells hold something: these are read."""
        row = self.row_of(table, line, dict(zip(line.raw, raws, strict=True)))
        for one, raw in zip(line.inputs, raws, strict=True):
            is_known = one.place in self.known
            if raw is None and one.may_be_skipped and not is_known:
                continue
            if not one.is_the_units or is_known or self.looks_odd:
                self.value(row, one.field, raw, one.place, one.place)
            elif one.is_text and type(raw) is str and raw[:1] != "=" and is_kept(raw):
                row.values[one.field.name] = raw
                self.result.used = True
            else:
                self.take(row, one.field, raw, one.place)
        return row

    def labels(self) -> None:
        """The printed texts: those that do not stand there to the letter are looked at."""
        there = self.layout.pick_texts(self.frame)
        if there == self.layout.printed_texts:
            return
        for cell, found in zip(self.layout.locked, there, strict=True):
            if found != cell.text:
                self.label(cell)

    def voids(self) -> None:
        """The locked cells without text: those that hold something are looked at."""
        found = self.layout.pick_voids(self.frame)
        if found.count(None) == len(found):
            return
        for place, raw in zip(self.layout.voids, found, strict=True):
            if raw is not None:
                self.void(*place)

    def equations(self, table: str) -> Sequence[tuple[Field, Equation]]:
        """The computed fields of a table with their equations."""
        return self.plan.equations[table]
