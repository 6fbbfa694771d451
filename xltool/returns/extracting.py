"""One aligned sheet to rows: what the unit filled, what it changed that was locked.

The grid is read through the row map of `row_matching`; addresses in rows and facts are the physical ones
of the returned file.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from xltool.fields.date import SERIAL, TEXT_DATE
from xltool.fields.kinds import Field
from xltool.fields.reading import FROM_1904, Raw, Reading, Value, from_date, shown
from xltool.fields.remarks import AS_TEXT
from xltool.form.computed_cells import (
    Seen,
    computed_fields,
    rounded,
    same_formula,
    seen,
    sums_of,
)
from xltool.form.edition import Edition
from xltool.form.layout import Block, Cell, Position
from xltool.form.lists import UNKNOWN
from xltool.form.model import Form
from xltool.language.equations import Equation
from xltool.language.values import UNREADABLE
from xltool.office.seal import Issue
from xltool.prose.text import label_key, unify_breaks
from xltool.returns.sheet_matching import Match
from xltool.workbook.number_formats import misleading

_BLANK = "（空白）"
_PICTURE = "DISPIMG("  # how WPS stores a picture in a cell
_PICTURE_TEXT = f"={_PICTURE}"


@dataclass(slots=True)
class Row:
    """One row of a table: values, what stood in the cells, and where they stand now.

    `places` are the cells in the layout; a row that the unit inserted has none. Where nothing moved, all
    returns share `cells` and `places`, blank rows `raw` too. `used` is False for an indicator row left blank. A row of facts
    has a `subject`, the cell that it is about. `part` is the sheet of the layout; `overwritten` are the
    fields that the workbook works out and where a number stands in place of the result.
    """

    table: str
    sheet: str
    record: int
    values: dict[str, Value] = field(default_factory=dict)
    raw: Mapping[str, Raw] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Position] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    used: bool = True
    subject: Subject | None = None
    part: int = 0
    overwritten: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """The cell that a fact is about: its address, and the field that stands there.

    `is_issued`: what is odd about it was so when the office issued it.
    """

    cell: str
    field: str = ""
    label: str = ""
    is_issued: bool = False


@dataclass(frozen=True, slots=True)
class CellFact:
    """Something odd about one cell (see `fact_tables.Cell`); `is_issued` as in `Subject`."""

    sheet: str
    cell: str
    record: int
    field: str
    label: str
    remark: str
    expected: str
    found: str
    value: str = ""
    wanted: str = ""  # what should stand there, as far as the field's kind says
    is_issued: bool = False


@dataclass(frozen=True, slots=True)
class _Places:
    """What stands in the cells of a row, where they stand now, and where in the layout."""

    raw: dict[str, Raw] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    places: dict[str, Position] = field(default_factory=dict)


@dataclass
class Extract:
    """What one form sheet holds. `used`: the unit filled something in.

    `given` are the cells of blocks that the office prefilled, with their texts.
    """

    rows: list[Row] = field(default_factory=list)
    facts: list[CellFact] = field(default_factory=list)
    used: bool = False
    given: Mapping[Position, str] = field(default_factory=dict)


def prefilled_of(form: Form, issue: Issue | None, number: int | None) -> Mapping[str, str]:
    """What the office prefilled on an issued sheet; on a copied one (number None) the roster's part."""
    if issue is None:
        return {}
    if number is not None:
        return issue.records[number]
    fields = form.record_fields
    first = issue.records[form.first_project]
    return {
        n: text for n, text in first.items() if fields[n].prefill and not fields[n].prefill_file
    }


def _plain(column: Field, piece: Raw) -> Raw:
    """What stands in a printed text as its own cell would hold it: there, numbers can only be text."""
    reading = column.read(piece)
    typed = column.kind.numeric and reading.remark in (AS_TEXT.name, TEXT_DATE.name)
    return reading.value if typed else piece


class Reader:
    """Reads one form sheet, wherever its rows stand now. `record` numbers it within its workbook."""

    def __init__(self, edition: Edition, match: Match, issue: Issue | None, record: int) -> None:
        self.edition = edition
        self.form = edition.form
        self.layout = layout = edition.layout.sheets[match.part]
        # where rows or columns moved, Excel has changed the addresses in formulas
        self.formulas = {} if match.rows.shifts else edition.formulas[match.part]
        self.data = match.data
        self.odd = match.data.details.odd
        self.looks_odd = bool(self.odd.formats or self.odd.struck)
        self.no_values = {*self.odd.errors, *self.odd.formulas, *self.odd.pictures}
        self.map = match.rows
        self.address = match.address
        # on a copied sheet the system's cells hold what was copied along: nothing was issued there
        self.sealed = issue is not None and match.number is not None
        self.prefilled = prefilled_of(self.form, issue, match.number)
        lines = issue.lines_of(match.number) if issue and match.number is not None else {}
        self.given = layout.place_lines(lines)
        self.record = record
        self.part = match.part
        self.result = Extract(given=self.given)
        self.computed_at: dict[str, Position] = {}  # address → place of a computed cell
        self.by_layout: dict[Position, Row] = {}  # layout row and first column → row of a block

    def read(self) -> Extract:
        """Everything on the sheet."""
        self.read_cells()
        return self.work_out(self.result.rows)

    def read_cells(self) -> None:
        """All cells; of those that the workbook works out the ones in rows, which see their row only."""
        self.result.rows.append(self.main())
        self.blocks()
        self.labels()
        self.voids()
        lines = self.result.rows[1:]
        worked_out = {table for table in {row.table for row in lines} if self.equations(table)}
        for row in lines:
            if row.table in worked_out:
                self.computed(row, {})

    def work_out(self, rows: Iterable[Row], missing: Container[str] = ()) -> Extract:
        """Work out the record's own computed cells, which may sum over rows of this and other sheets.

        `missing` are tables of which a sheet did not come back: of these nothing is known.
        """
        main = self.result.rows[0]
        if equations := self.equations(main.table):
            columns = [column for _, equation in equations for column in equation.columns]
            used = ((row.table, _seen(row)) for row in rows if row.used and row is not main)
            sums = sums_of(used, columns)
            lost = {c.name: UNREADABLE for c in columns if c.table in missing}
            self.computed(main, {**sums, **lost})
        return self.result

    def main(self) -> Row:
        """The record's own fields."""
        at = _Places()
        main = self.row(self.layout.record, at)
        for name, cell in self.layout.fields.items():
            if cell.words is not None:
                continue
            row = self.map.rows.get(cell.row)
            if row is None:  # the row is gone, which TPL-004 says
                self.lose(main, name)
            else:
                column = self.form.field(self.layout.record, name)
                self.put(main, at, column, (row, cell.column), (cell.row, cell.column))
        self.worded(main)
        return main

    def worded(self, main: Row) -> None:
        """The record's own fields that stand in printed texts."""
        for cell in self.layout.worded:
            row = self.map.rows.get(cell.row)
            if row is None or self.is_gone(cell.column):
                for name in cell.fields:
                    self.lose(main, name)
            else:
                self.words(main, cell, (row, cell.column))

    def words(self, main: Row, cell: Cell, place: Position) -> None:
        """The fields in a printed text; where they cannot be told apart, none of them is read."""
        raw, address, names = self.data.raw(*place), self.address(*place), cell.fields
        here = (cell.row, cell.column)
        main.cells = {**main.cells, **dict.fromkeys(names, address)}
        main.places = {**main.places, **dict.fromkeys(names, here)}
        pieces = cell.words.pieces(raw) if cell.words else None
        if cell.words and pieces is None:
            said = cell.words.joined(dict.fromkeys(names, "……"))
            where = self.data.name, address, self.record, names[0]
            self.result.facts.append(CellFact(*where, "", "locked", said, shown(raw)))
        for name in names:
            column = self.form.field(self.layout.record, name)
            piece = None if pieces is None else _plain(column, pieces.get(name))
            main.raw = {**main.raw, name: piece}
            if pieces is None:
                self.lose(main, name)
            else:
                self.value(main, column, piece, place, here)

    def row(self, table: str, at: _Places) -> Row:
        """A row of a table of which nothing was read yet."""
        return Row(
            table, self.data.name, self.record, {}, at.raw, at.cells, at.places, part=self.part
        )

    def equations(self, table: str) -> Sequence[tuple[Field, Equation]]:
        """The computed fields of a table with their equations."""
        return computed_fields(self.form.tables[table])

    def computed(self, row: Row, sums: Seen) -> None:
        """The value of each computed cell: what should stand there, or what the unit wrote instead.

        A number that differs is kept: the rule of this field reports it. A formula that is gone is
        reported here, unless such a number stands there (one problem, one finding). What is worked
        out of something unreadable is as unreadable, whatever stands there. What another formula gave
        counts for nothing, and neither does what formulas of an earlier version of xltool gave.
        """
        for column, equation in self.equations(row.table):
            if column.name not in row.cells:
                continue
            # of what stands in the other cells, a number written over a formula too
            known = {**sums, **_seen(row)}
            unknown = equation.is_unknown(known)
            if unknown:
                row.unreadable.append(column.name)
            result = rounded(equation.result(known), column)
            place, raw = self.computed_at[row.cells[column.name]], row.raw[column.name]
            if self.has_other_formula(row, column, place):
                row.values[column.name] = result
                continue
            typed = rounded(raw, column)
            has_formula = place in self.data.formulas
            differs = typed is not None and typed != result and not unknown
            judged = row.used or self.layout.record == row.table  # by the rules on its table
            # 0: a formula not yet worked out, or a blank result in a file that shows no formulas (.xls)
            hidden = self.data.appearance is None and result is None
            is_pending = typed == 0 and (has_formula or hidden)
            if differs and judged and not is_pending and not self.is_of_earlier_formulas(place):
                row.values[column.name] = typed
                row.overwritten += (column.name,)
                continue
            row.values[column.name] = result
            if self.sealed and self.data.appearance is not None and not has_formula:
                self.fact(place, column, "locked", "公式", shown(raw) or _BLANK)

    def has_other_formula(self, row: Row, column: Field, place: Position) -> bool:
        """True for a formula that is not the one of today; noted, unless an earlier version issued it."""
        found = self.data.formulas.get(place)
        at = row.places.get(column.name, (-1, -1))
        issued = self.formulas.get(at)
        if not self.sealed or self.data.appearance is None or found is None or issued is None:
            return False
        if same_formula(found, issued):
            return False
        if not same_formula(found, self.former_formulas[at]):
            self.fact(place, column, "locked", issued, found)
        return True

    @property
    def former_formulas(self) -> Mapping[Position, str]:
        """The formulas of the sheet as earlier versions of xltool issued it, by place in the layout."""
        return self.edition.former_formulas[self.part]

    def is_of_earlier_formulas(self, place: Position) -> bool:
        """True for what a formula gave on a sheet that an earlier version of xltool issued."""
        return place in self.data.formulas and self.has_former_formulas

    @cached_property
    def has_former_formulas(self) -> bool:
        """True for a sheet with formulas that only earlier versions issued: others work on these."""
        found, former = self.data.formulas, self.former_formulas
        changed = (place for place, text in self.formulas.items() if text != former[place])
        return any(same_formula(found.get(place, ""), former[place]) for place in changed)

    def lose(self, row: Row, name: str) -> None:
        """A field whose row or column is gone: null, but not blank."""
        row.values[name] = None
        row.unreadable.append(name)

    def is_gone(self, column: int) -> bool:
        """True for a column of the layout that the sheet no longer has."""
        return self.map.columns is not None and column not in self.map.columns

    def put(
        self,
        row: Row,
        at: _Places,
        column: Field,
        place: Position,
        layout_place: Position | None,
    ) -> None:
        """Read one field of a row from its physical place, and note where it stands."""
        name, raw = column.name, self.data.raw(*place)
        if self.is_gone(place[1]):
            self.lose(row, name)
            return
        at.cells[name] = self.address(*place)
        at.raw[name] = raw
        if layout_place is not None:
            at.places[name] = layout_place
        self.value(row, column, raw, place, layout_place)

    def value(
        self,
        row: Row,
        column: Field,
        raw: Raw,
        place: Position,
        layout_place: Position | None,
    ) -> None:
        """The value of one field of a row, given what stands there; notes what is odd about it."""
        name = column.name
        self.look(column, place, raw)
        given = self.prefilled.get(name) if row.table == self.layout.record else None
        if given is None and layout_place is not None:
            given = self.given.get(layout_place)
        if given is not None:
            row.values[name] = self.issued_value(column, given, raw, place) if given else None
            if not given:  # what the system will say: nobody here can judge it, and it is no blank
                row.unreadable.append(name)
                self.nothing(column, raw, place)
            return
        if column.computed:
            row.values[name] = None
            self.computed_at[row.cells[name]] = place
            return
        if column.looked_up:
            row.values[name] = self.shown_value(column, raw, place, layout_place)
            return
        if self.sealed and column.filled_by == "system":
            row.values[name] = None
            self.nothing(column, raw, place)
            return
        self.take(row, column, raw, place)

    def nothing(self, column: Field, raw: Raw, place: Position) -> None:
        """Nothing may stand in a locked cell that nobody filled."""
        if raw is not None and str(raw).strip():
            self.fact(place, column, "locked", _BLANK, shown(raw))

    def shown_value(
        self, column: Field, raw: Raw, place: Position, layout_place: Position | None
    ) -> Value:
        """What a cell shows that the workbook looks up; what it should be the frames say."""
        found, issued = self.data.formulas.get(place), self.formulas.get(layout_place or (-1, -1))
        if self.sealed and self.data.appearance is not None:
            if found is None:
                self.fact(place, column, "locked", "公式", shown(raw) or _BLANK)
                return None
            if issued is not None and not same_formula(found, issued):
                self.fact(place, column, "locked", issued, found)
        value = column.read(raw).value
        return None if value == UNKNOWN else value

    def take(self, row: Row, column: Field, raw: Raw, place: Position) -> None:
        """The value of a field that nobody but the unit fills."""
        reading = self.reading(column, raw, place)
        row.values[column.name] = reading.value
        if reading.value is None:
            if reading.remark is None:  # a blank
                return
            row.unreadable.append(column.name)
        if column.filled_by == "unit":
            self.result.used = True

    def look(self, column: Field, place: Position, raw: Raw) -> None:
        """Note where people see another thing than is stored, or a text that is struck out."""
        if raw is None or not self.looks_odd:
            return
        odd = self.odd
        code = odd.formats.get(place)
        if code is not None:
            seen = misleading(code, raw, column.unit or "", column.number_format)
            if seen is not None:
                self.fact(place, column, "misshown", code, seen or _BLANK, shown(raw))
        struck = odd.struck.get(place)
        if struck is not None:
            self.fact(place, column, "struck", "", struck or shown(raw))

    def reading(self, column: Field, raw: Raw, place: Position) -> Reading:
        """A unit's cell: error values, formulas and pictures are never taken for a value."""
        if place in self.no_values or (isinstance(raw, str) and raw.startswith(_PICTURE_TEXT)):
            self.no_value(place, column, raw)
            return Reading(None, "not_a_number")
        reading = column.read(raw)
        if reading.remark == SERIAL.name:
            reading = self.dated(reading)
        if reading.remark:
            self.fact(place, column, reading.remark, "", shown(raw), column.show(reading.value))
        return reading

    def no_value(self, place: Position, column: Field, raw: Raw) -> None:
        """Note what stands there instead of a value."""
        error, formula = self.odd.errors.get(place), self.odd.formulas.get(place, "")
        if place in self.odd.pictures or _PICTURE in f"{formula}{raw}":
            self.fact(place, column, "picture", "", "")
        elif error is not None:
            self.fact(place, column, "error_value", "", error)
        else:
            self.fact(place, column, "formula", "", formula)

    def dated(self, reading: Reading) -> Reading:
        """A day that stood there as a mere number, in a workbook that counts its days from 1904."""
        day = reading.value
        if not isinstance(day, date) or not self.data.details.counts_from_1904:
            return reading
        return from_date(day + FROM_1904, reading.remark)

    def issued_value(self, column: Field, given: str, raw: Raw, place: Position) -> Value:
        """A prefilled value: the office's word counts, and any difference is reported."""
        reading = column.read(raw)
        if raw == given and reading.remark is None and place not in self.data.formulas:
            return reading.value
        expected, found = column.kind.parse(given, column), reading.value
        if isinstance(found, str) and isinstance(expected, str):
            same = unify_breaks(found).strip() == unify_breaks(expected).strip()
        else:
            same = found == expected
        if not same or place in self.data.formulas:
            words = self.data.formulas.get(place) or shown(raw) or _BLANK
            self.fact(place, column, "locked", column.show(expected), words)
        elif reading.remark:
            # a text stands there as the office wrote it, and a number as the unit's program stored it
            is_issued = isinstance(expected, str) and column.read(expected).remark == reading.remark
            stored, meant = shown(raw), column.show(expected)
            self.fact(place, column, reading.remark, "", stored, meant, is_issued=is_issued)
        return expected

    def blocks(self) -> None:
        """The rows of all blocks."""
        for block in self.layout.blocks:
            self.block(block)

    def block(self, block: Block) -> None:
        """The rows of a block, and rows that the unit inserted among them."""
        fields = self.form.tables[block.table].fields
        span = block.span
        physical = {self.map.rows[row]: row for row in span if row in self.map.rows}
        if not physical:
            return
        # each printed line has its row: what stands between them is no line
        extra = {} if block.always else self.map.extra
        inserted = {place for place, above in extra.items() if above in span}
        for place in sorted({*physical, *inserted}):
            layout_row = physical.get(place)
            at = _Places()
            row = self.row(block.table, at)
            row.unreadable += [name for name in fields if name not in block.columns]
            for name, column in block.columns.items():
                where = None if layout_row is None else (layout_row, column)
                self.put(row, at, fields[name], (place, column), where)
            filled = any(row.values[name] is not None for name in block.columns)
            row.used = block.always or filled or any(n in row.cells for n in row.unreadable)
            if layout_row is not None:
                self.by_layout[layout_row, min(block.columns.values())] = row
            if layout_row is not None or row.used:
                self.keys(row, at, block, layout_row, place)
                self.result.rows.append(row)

    def keys(self, row: Row, at: _Places, block: Block, layout_row: int | None, place: int) -> None:
        """一级 and 二级: as printed; in an inserted row as typed, else as printed above it."""
        row.unreadable = [name for name in row.unreadable if name not in block.keys]
        for name, text in block.keys.items():
            row.values[name] = text
            if name not in block.printed:
                continue
            where = layout_row if layout_row is not None else block.first
            printed = self.layout.keys[where, block.printed[name]]
            at.cells[name] = self.address(place, printed.column)
            if layout_row is not None:
                at.cells[name] = self.address(self.map.rows.get(printed.row, place), printed.column)
                continue
            typed = self.data.text(place, printed.column)
            if typed and label_key(typed) != label_key(text):
                row.values[name] = typed
                if self.has_levels(block) and typed not in self.levels(block, name):
                    column = self.form.field(block.table, name)
                    self.fact((place, printed.column), column, "unknown_level", text, typed)

    def has_levels(self, block: Block) -> bool:
        """True for indicators; the keys of other tables are printed text like any other."""
        return bool(self.form.tables[block.table].catalogue)

    def levels(self, block: Block, name: str) -> set[str]:
        """The words that the catalogue has for 一级 or 二级."""
        catalogue = self.form.tables[block.table].catalogue
        return {lv1 if name == "lv1" else lv2 for lv1, lv2, _ in catalogue}

    def labels(self) -> None:
        """The printed texts."""
        for cell in self.layout.locked:
            self.label(cell)

    def label(self, cell: Cell) -> None:
        """A printed text must stand as issued (TPL-002); a level in use has rules of its own."""
        row = self.map.rows.get(cell.row)
        if row is None or self.is_gone(cell.column):
            return
        found = self.data.text(row, cell.column)
        if found == cell.text or self.data.says(row, cell.column, cell.text):
            return
        remark = "locked"
        if cell.kind == "key" and found:
            block = next(
                b
                for b in self.layout.blocks
                if cell.row in b.span and b.printed.get(cell.name) == cell.column
            )
            if self.has_levels(block) and self.take_level(block, cell, found):
                if found not in self.levels(block, cell.name):
                    remark = "unknown_level"
                elif self.is_wrong_pair(block, cell, found):
                    return  # IND-005
        self.result.facts.append(
            CellFact(
                self.data.name,
                self.address(row, cell.column),
                self.record,
                cell.name,
                "",
                remark,
                cell.text,
                found or _BLANK,
            )
        )

    def voids(self) -> None:
        """The locked cells without text."""
        for cell in self.layout.voids:
            self.void(*cell)

    def void(self, row: int, column: int) -> None:
        """Nothing may stand in a locked cell without text (TPL-002)."""
        place = self.map.rows.get(row)
        if place is None or self.is_gone(column):
            return
        found = self.data.text(place, column)
        if found:
            address = self.address(place, column)
            self.result.facts.append(
                CellFact(self.data.name, address, self.record, "", "", "locked", _BLANK, found)
            )

    def take_level(self, block: Block, cell: Cell, found: str) -> bool:
        """Read an overwritten level as it stands now; False if no row that it names is in use.

        The blank rows left of the block are not judged: that the level seems to have no row is the
        same problem.
        """
        covered = range(cell.row, cell.row + cell.rows)
        left = min(block.columns.values())
        rows = [self.by_layout[r, left] for r in covered if (r, left) in self.by_layout]
        if not any(row.used for row in rows):
            return False
        for row in rows:
            row.values[cell.name] = found
        for place in block.span:
            rest = self.by_layout.get((place, left))
            if rest is not None and not rest.used:
                rest.unreadable += block.columns
        return True

    def is_wrong_pair(self, block: Block, cell: Cell, found: str) -> bool:
        """True if the level written there does not go with the other one of the block."""
        pair = {**block.keys, cell.name: found}
        listed = {(lv1, lv2) for lv1, lv2, _ in self.form.tables[block.table].catalogue}
        return (pair.get("lv1"), pair.get("lv2")) not in listed

    def fact(
        self,
        place: Position,
        column: Field,
        remark: str,
        expected: str,
        found: str,
        value: str = "",
        *,
        is_issued: bool = False,
    ) -> None:
        """Note something odd about a cell."""
        self.result.facts.append(
            CellFact(
                self.data.name,
                self.address(*place),
                self.record,
                column.name,
                column.short_label,
                remark,
                expected,
                found,
                value,
                column.kind.wanted(column),
                is_issued,
            )
        )


def _seen(row: Row) -> Seen:
    """The values of a row as they are worked with; a field that the layout does not have there is blank."""
    return seen(row.values, [name for name in row.unreadable if name in row.cells])
