"""The rows below the headings of a table: blocks of a table of rows, or fields of the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from xltool.adopting.naming import KnownTable, like_rows, pinyin_name
from xltool.adopting.official import OfficialCell
from xltool.adopting.plan import (
    BesidePlan,
    BlockPlan,
    Element,
    FieldPlan,
    FramePlan,
    Item,
    Node,
    RowPlan,
    TablePlan,
    blocks_in,
)
from xltool.adopting.roles import Role
from xltool.adopting.sheet_fields import SheetFields
from xltool.adopting.tables import OfficialTable, Part, Segment
from xltool.adopting.words import has_words, is_total
from xltool.prose.text import label_key


@dataclass
class _Run:
    """Rows of a segment with the same printed keys, one below the other."""

    first: int
    rows: int
    keys: tuple[str, ...]


class TableBody:
    """Makes the rows and blocks of one table, and of those beside it."""

    def __init__(self, own: SheetFields, table: OfficialTable):
        self.own = own
        self.sheet = own.sheet
        self.roles = own.roles
        self.form = own.form
        self.table = table
        self.made: list[tuple[TablePlan, dict[str, str]]] = []  # tables, names by label
        self.levels: dict[int, dict[str, str]] = {}  # row → keys of the first part

    def nodes(self) -> list[Node]:
        """All rows below the headings: side by side where there are several tables."""
        parts = self.table.parts
        if len(parts) == 1 and parts[0].columns == self.open_columns():
            return self.part(parts[0], 0, self.table.body, None)
        found: list[Node] = []
        for rows in self.stretches():
            if all(self.is_record(part, seg) for part in parts for seg in self.in_rows(part, rows)):
                found += [self.own.row(row) for row in rows]
            else:
                found.append(self.beside(rows))
        self.tell_apart(found)
        return found

    def tell_apart(self, nodes: Sequence[Node]) -> None:
        """Give blocks of one table that stand side by side a key of their own, which is not printed."""
        blocks = [n.block if isinstance(n, FramePlan) else n for n in blocks_in(nodes)]
        for table in {block.table.name: block.table for block in blocks}.values():
            sides = {block.side for block in blocks if block.table is table}
            if len(sides) < 2:
                continue
            doubt = "左右并排的几张表用这一栏区分，名称请改成表上的说法"
            options = {"filled_by": "system"}
            table.fields["side"] = FieldPlan("side", "栏", "text", options, doubts=[doubt])
            for block in blocks:
                if block.table is table:
                    block.keys["side"] = f"第{block.side + 1}栏"

    def open_columns(self) -> range:
        """The columns that a tall label left of the table, which began above, leaves free."""
        row = self.table.first
        columns = range(len(self.sheet.widths))
        free = [c for c in columns if self.sheet.owners[row, c].row >= row]
        return range(free[0], free[-1] + 1)

    def stretches(self) -> list[range]:
        """The body in stretches that begin where all parts begin something new."""
        starts = [{segment.first for segment in part.segments} for part in self.table.parts]
        cuts = [*sorted(set.intersection(*starts)), self.table.last + 1]
        return [range(first, end) for first, end in pairwise(cuts)]

    def in_rows(self, part: Part, rows: range) -> list[Segment]:
        """The segments of a part in some rows."""
        return [segment for segment in part.segments if segment.first in rows]

    def beside(self, rows: range) -> BesidePlan:
        """The parts of a stretch, side by side; the columns between them belong to the one before."""
        parts: list[tuple[int, list[Node]]] = []
        ends = [part.columns.start for part in self.table.parts[1:]] + [len(self.sheet.widths)]
        start = 0
        for number, (part, end) in enumerate(zip(self.table.parts, ends, strict=True)):
            parts.append((end - start, self.part(part, number, rows, range(start, end))))
            start = end
        return BesidePlan(parts)

    # -- one part -------------------------------------------------------------------------------------

    def part(self, part: Part, number: int, rows: range, columns: range | None) -> list[Node]:
        """The rows of one part."""
        found: list[Node] = []
        for segment in self.in_rows(part, rows):
            if self.is_record(part, segment):
                found += [self.record_row(part, segment, row, columns) for row in segment.rows]
            else:
                found += self.blocks(part, number, segment)
        while found and columns and isinstance(found[-1], RowPlan) and _is_void(found[-1]):
            found.pop()  # what is shorter ends in empty rows anyway
        return found

    def is_record(self, part: Part, segment: Segment) -> bool:
        """True if the fields of a segment are those of the record, each with a label of its own."""
        if not segment.fields:
            return True
        runs = self.runs(part, segment)
        if not segment.keys:
            return len(segment.rows) == 1
        if len(segment.keys) == 1 and len(segment.fields) == 1:
            return all(run.rows == 1 for run in runs)
        is_sum = bool(segment.sums) or (len(part.segments) > 1 and is_total(runs[0].keys[0]))
        return len(segment.rows) == 1 and is_sum

    def record_row(
        self, part: Part, segment: Segment, number: int, columns: range | None
    ) -> RowPlan:
        """A row of the record in a table."""
        plan = RowPlan(number, [])
        several = len(segment.fields) > 1
        for cell in self.sheet.starting[number]:
            if columns is not None and cell.column not in columns:
                continue
            role = self.roles[cell.place]
            heads = [head for head in part.heads if head.column == cell.column]
            if not role.is_field or not heads:
                plan.items.append(self.own.item(cell, plan))
                continue
            keys = [self.owner(number, part.heads[key]).text for key in segment.keys]
            words = list(filter(has_words, keys))
            head = heads[0].text
            label = "".join(words) + (f"的{head}" if several else "") if words else head
            told = head if several or is_total(label) else ""
            found = self.own.add_field(self.own.plan.record, label, cell, role, told=told)
            plan.doubts += found.doubts
            plan.items.append(Item("field", cell, found.name))
        return plan

    def owner(self, row: int, head: OfficialCell) -> OfficialCell:
        """The cell below a heading in a row."""
        return self.sheet.owners[row, head.column]

    def runs(self, part: Part, segment: Segment) -> list[_Run]:
        """The rows of a segment by their keys; rows of different height stand apart."""

        def alike(row: int) -> tuple[tuple[str, ...], float]:
            keys = tuple(self.owner(row, part.heads[key]).text for key in segment.keys)
            return keys, round(self.sheet.block_height(row) or 0.0, 1)

        found = []
        for (keys, _), rows in groupby(segment.rows, alike):
            numbers = list(rows)
            tall = any(
                self.owner(row, part.heads[n]).rows > 1 for row in numbers for n in segment.fields
            )
            size = 1 if tall else len(numbers)
            found += [_Run(row, size, keys) for row in numbers[::size]]
        return found

    def blocks(self, part: Part, number: int, segment: Segment) -> list[Node]:
        """The blocks of a segment: one for each run of rows with the same keys."""
        table, names = self.rows_table(part, segment)
        key_names = [names[n] for n in segment.keys]
        merged = {
            names[n]
            for n in segment.keys
            if any(self.owner(row, part.heads[n]).rows > 1 for row in segment.rows)
        }
        runs = self.runs(part, segment)
        frame = self.frame_of(key_names, runs)
        blocks: list[BlockPlan] = []
        for run in runs:
            keys = dict(zip(key_names, run.keys, strict=True))
            if number == 0:
                self.levels |= {run.first + n: keys for n in range(run.rows)}
            beside = self.levels.get(run.first, {})
            keys |= {n: t for n, t in beside.items() if n not in keys and n in table.fields}
            row = self.block_row(part, segment, run, names, table)
            for item in row.items:
                item.merge = item.element == "key" and item.name in merged
            always = run.rows == 1 and any(has_words(key) for key in run.keys)
            blocks.append(BlockPlan(table, keys, run.rows, row, always, number))
        if frame:
            return [FramePlan(blocks[0], len(segment.rows))]
        if len(runs) == 1 and not segment.keys and table.capacity is None:
            table.capacity = runs[0].rows
        return list(blocks)

    def frame_of(self, key_names: Sequence[str], runs: Sequence[_Run]) -> bool:
        """True if the runs are those of the form's catalogue, which the first frame makes."""
        heights = {round(self.sheet.block_height(run.first) or 0.0, 1) for run in runs}
        if not {"lv1", "lv2"} >= set(key_names) or "lv2" not in key_names or len(heights) > 1:
            return False
        if key_names == ["lv1", "lv2"]:
            levels = tuple((run.keys[0], run.keys[1], run.rows) for run in runs)
            if not self.form.catalogue:
                self.form.catalogue = levels
            return levels == tuple(self.form.catalogue)
        return [(run.keys[0], run.rows) for run in runs] == [
            (lv2, rows) for _, lv2, rows in self.form.catalogue
        ]

    def block_row(
        self,
        part: Part,
        segment: Segment,
        run: _Run,
        names: Mapping[int, str],
        table: TablePlan,
    ) -> RowPlan:
        """The row of a block, as its first row is."""
        plan = RowPlan(run.first, [])
        for n, head in enumerate(part.heads):
            cell = self.owner(run.first, head)
            if n in segment.keys:
                plan.items.append(Item("key", cell, names[n]))
            elif cell.row != run.first:
                continue
            elif n in segment.fields and self.roles[cell.place].is_field:
                plan.items.append(Item("field", cell, names[n]))
                rows = range(run.first, run.first + run.rows)
                table.fields[names[n]].cells += [self.owner(row, head) for row in rows]
            else:
                element: Element = "label" if cell.text else "empty"
                plan.items.append(Item(element, cell))
        return plan

    def rows_table(self, part: Part, segment: Segment) -> tuple[TablePlan, dict[int, str]]:
        """The table of the rows of a segment, and the names of its columns; made where there is none."""
        columns = sorted({*segment.keys, *segment.fields})
        labels = {n: self.column_label(part, n) for n in columns}
        wanted = {label_key(label) for label in labels.values()}
        for table, known in self.made:
            if wanted <= set(known) and self.same_keys(table, known, segment, labels):
                return table, {n: known[label_key(label)] for n, label in labels.items()}
        like = like_rows(list(labels.values()))
        table = self.own.add_table(self.table_name(part, like), self.title(part), is_rows=True)
        names: dict[int, str] = {}
        for n in columns:
            cell, role = self.sample(part, segment, n)
            found = self.own.add_field(table, labels[n], cell, role, like)
            found.cells.clear()
            if n in segment.keys:
                found.kind, found.options = "text", {"filled_by": "system"}
                found.doubts.clear()
            names[n] = found.name
        self.made.append((table, {label_key(labels[n]): name for n, name in names.items()}))
        return table, names

    def same_keys(
        self,
        table: TablePlan,
        known: Mapping[str, str],
        segment: Segment,
        labels: Mapping[int, str],
    ) -> bool:
        """True if the printed columns of a segment are those that the table has so."""
        printed = {known[label_key(labels[n])] for n in segment.keys}
        filled = {known[label_key(labels[n])] for n in segment.fields}
        locked = {f.name for f in table.fields.values() if f.kind == "text" and not f.cells}
        return printed <= locked and not filled & locked

    def sample(self, part: Part, segment: Segment, column: int) -> tuple[OfficialCell, Role]:
        """The first cell of a column that says what is filled there."""
        cells = [self.owner(row, part.heads[column]) for row in segment.rows]
        fields = [cell for cell in cells if self.roles[cell.place].is_field]
        cell = next(iter(fields), cells[0])
        return cell, self.roles[cell.place]

    def column_label(self, part: Part, column: int) -> str:
        """The heading of a column; with the one above it where its own says too little."""
        head = part.heads[column]
        if not head.text:
            return "项目"
        same = [other for other in part.heads if other.text == head.text]
        above = self.sheet.owners.get((head.row - 1, head.column))
        ambiguous = len(same) > 1 or head.text in ("小计", "合计")
        if ambiguous and above and above.text and above.columns > head.columns:
            return f"{above.text}{head.text}"
        return head.text

    def table_name(self, part: Part, like: KnownTable | None) -> str:
        """The name of a table of rows."""
        if like:
            return like.name
        return pinyin_name(self.title(part), "lines") + "_rows"

    def title(self, part: Part) -> str:
        """What people call one of its rows: the tall label beside it, else the sheet."""
        first = part.columns.start
        if first:
            side = self.sheet.owners[self.table.first, first - 1]
            if side.text and self.roles[side.place] is Role.PRINTED and side.rows > 1:
                return side.text.replace("\n", "")
        return self.sheet.name


def _is_void(row: RowPlan) -> bool:
    return all(item.element == "empty" for item in row.items)
