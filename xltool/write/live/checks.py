"""The live checks: what the template itself can tell the clerk while typing, without macros.

Most are formulas over whole columns (array formulas): 填报检查 has one line for a table, and the form
shows which cells fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from xltool.fields import cell_formulas
from xltool.fields.field import Field
from xltool.fields.reading import Raw
from xltool.form.adjoining import runs_of
from xltool.form.layout import Block, Cell, Sheet, a1
from xltool.form.model import Form, TableView
from xltool.language.excel import Address
from xltool.language.functions import Content
from xltool.language.values import TypedRow
from xltool.language.verdicts import FAILS, SILENT, Verdict, sign_formula, sign_of
from xltool.write.live.elsewhere import Elsewhere
from xltool.write.live.errors import no_errors
from xltool.write.live.level_checks import level_checks
from xltool.write.live.lines import LiveCheck, Mark, Place, RawAt
from xltool.write.live.row_tests import LiveRules, RowTest, row_tests

Cells = tuple[int, int, int]  # first row, last row, column
_NOWHERE: Mapping[str, RawAt] = {}
_MARK = 4000  # characters of a formula that colours cells: longer ones stand in helper cells


@dataclass(frozen=True)
class Rows:
    """Rows of cells that are checked alike: the record's own, a printed line, adjoining blocks."""

    table: TableView
    first: int | None  # None: the record's own, whose cells lie anywhere
    last: int
    columns: Mapping[str, int]
    cells: Mapping[str, Cell]
    words: str = ""
    optional: bool = False
    printed: Mapping[str, str] = field(default_factory=dict)  # what a line says itself, by field

    def place(self, name: str) -> Cells:
        """Where a field's cells lie."""
        if self.first is None:
            cell = self.cells[name]
            return cell.row, cell.row, cell.column
        return self.first, self.last, self.columns[name]

    def contents(self, raw: RawAt, context: Mapping[str, int | Content]) -> list[TypedRow]:
        """What formulas see there, row by row."""
        fields = self.table.fields
        if self.first is None:
            own = {name: held(cell, name, raw) for name, cell in self.cells.items()}
            return [TypedRow(own, fields, context)]
        return [
            TypedRow(
                {name: raw((row, column)) for name, column in self.columns.items()}, fields, context
            )
            for row in range(self.first, self.last + 1)
        ]

    def formula(self, name: str, address: str) -> str:
        """What formulas take from a field's cell: all, or what stands between printed words."""
        return self.cells[name].piece_formula(name, address) if name in self.cells else address

    @property
    def names(self) -> list[str]:
        """The fields that have cells."""
        return list(self.cells if self.first is None else self.columns)


def live_checks(rules: LiveRules, place: Place, context: Mapping[str, int]) -> Iterator[LiveCheck]:
    """The live checks of one form sheet: the record's own cells, printed lines, rows of tables.

    They do not know of spare sheets: see `live.begun`.
    """
    for rows in all_rows(rules.form, place):
        yield from _row_checks(rules, place, rows, context)
    yield from level_checks(rules, place)
    yield no_errors(place)


def all_rows(form: Form, place: Place) -> Iterator[Rows]:
    """The record's own cells, then printed lines one by one, and runs of rows that may stay blank."""
    sheet = place.sheet
    record = form.tables[sheet.record]
    yield Rows(record, None, 0, {}, _own_cells(record, place))

    def words(block: Block) -> str:
        return f"{form.tables[block.table].title}{_own_words(block)}："

    for printed, blocks in groupby(sheet.blocks, key=lambda block: block.always):
        if not printed:
            for run in runs_of(blocks, same=lambda block: (block.table, words(block))):
                table = form.tables[run.block.table]
                said = words(run.block)
                yield Rows(table, run.first, run.last, run.columns, {}, said, optional=True)
            continue
        for block in blocks:
            table, said = form.tables[block.table], f"{next(iter(block.keys.values()))}："
            for row in block.span:
                yield Rows(table, row, row, dict(block.columns), {}, said, printed=block.keys)


def _own_cells(record: TableView, place: Place) -> Mapping[str, Cell]:
    """The record's own cells, by field, but for those that are blank and locked (`Field.new_only`).

    No formula reads a number or a day in a printed text.
    """

    def is_kept(name: str, cell: Cell) -> bool:
        is_new = record.fields[name].new_only and name not in place.inputs
        return is_new and place.raw((cell.row, cell.column)) is None

    return {
        name: cell
        for name, cell in place.sheet.fields.items()
        if not is_kept(name, cell) and (cell.words is None or not record.fields[name].kind.numeric)
    }


def held(cell: Cell, name: str, raw: RawAt) -> Raw:
    """What the cell of a field holds of it."""
    return cell.piece(name, raw((cell.row, cell.column)))


def _own_words(block: Block) -> str:
    """The keys beside 一级 and 二级 that tell this block from others: （中期）, （2027 年）."""
    words = "".join(text for name, text in block.keys.items() if name not in ("lv1", "lv2"))
    return f"（{words}）" if words else ""


def _row_checks(
    rules: LiveRules, place: Place, rows: Rows, context: Mapping[str, int]
) -> Iterator[LiveCheck]:
    elsewhere = Elsewhere(rules.form, place)
    tests = row_tests(
        rules, rows.table, rows.names, context, rows.optional, elsewhere, printed=rows.printed
    )
    if rows.first is None:
        for test in tests:
            yield _line(elsewhere, rows, [test], context)
        return
    # one line for all columns of which the same is said
    ordered = sorted(enumerate(tests), key=lambda pair: (_kind(pair[1], pair[0]), pair[0]))
    for _, group in groupby(ordered, key=lambda pair: _kind(pair[1], pair[0])):
        yield _line(elsewhere, rows, [test for _, test in group], context)


def _kind(test: RowTest, number: int) -> tuple[str, str, str, int]:
    return (test.code, test.severity, test.words, -1 if test.subject else number)


def _line(
    elsewhere: Elsewhere, rows: Rows, tests: Sequence[RowTest], context: Mapping[str, int]
) -> LiveCheck:
    """One line of the same test on one or several columns."""
    place = elsewhere.place
    columns = [column for test in tests for column in test.statement.columns]

    def address(name: str) -> str:
        first, last, column = rows.place(name)
        return rows.formula(name, place.at(first, column, last))

    def judge(raw: RawAt, others: Mapping[str, RawAt] = _NOWHERE, /) -> Verdict:
        if gate and not any(field.kind.is_filled(raw(at), field) for at, field in gated):
            return ""
        printed = {name: Content(text) for name, text in rows.printed.items()}
        known: dict[str, int | Content] = {**context, **printed}
        known |= {column.name: elsewhere.content(column, raw, others) for column in columns}
        grades = (test.judge(row) for row in rows.contents(raw, known) for test in tests)
        return sign_of(max(grades), tests[0].severity)

    def alone(at: tuple[int, int]) -> LiveCheck:
        row, column = at
        about = [t for t in tests if column in {rows.columns.get(name) for name in t.about}]
        return _line(elsewhere, replace(rows, first=row, last=row), about or tests, context)

    gate = tests[0].statement.gate
    gated = list(_everywhere(place.sheet, rows.table, gate))
    grade = ",".join(test.grade(address) for test in tests)
    if gate:
        counts = "+".join(_typed_anywhere(place, rows.table, gate))
        grade = f"IF({counts}>0,MAX({grade}),{SILENT})"
    subject = "、".join(test.subject for test in tests)
    first, _, column = rows.place(tests[0].at)
    return LiveCheck(
        tests[0].code,
        tests[0].severity,
        f"{rows.words}{subject}{tests[0].words}",
        a1(first, column),
        tuple(_area(rows.place(n)) for test in tests for n in test.about),
        sign_formula(grade, tests[0].severity),
        judge,
        tuple(mark for test in tests for mark in _marks(place, rows, test, address)),
        alone if rows.first is not None and rows.first != rows.last else None,
    )


def _everywhere(
    sheet: Sheet, table: TableView, names: Sequence[str]
) -> Iterator[tuple[tuple[int, int], Field]]:
    """All cells of some columns of a table, with their fields."""
    for (row, column), (block, name) in sheet.block_cells.items():
        if block.table == table.name and name in names:
            yield (row, column), table.fields[name]


def _typed_anywhere(place: Place, table: TableView, names: Sequence[str]) -> Iterator[str]:
    """What counts the cells of some columns of a table in which something stands."""
    blocks = (block for block in place.sheet.blocks if block.table == table.name)
    for run in runs_of(blocks, names):
        cells = [place.at(run.first, run.columns[name], run.last) for name in names]
        yield f"SUM({cell_formulas.count_filled(cells, [table.fields[name] for name in names])})"


def _marks(place: Place, rows: Rows, test: RowTest, address: Address) -> Iterator[Mark]:
    """What is coloured on the form: the cell of a line, or the failing ones of its columns."""
    yield from _blanks(place, rows, test)
    for name in test.coloured:
        area = _area(rows.place(name))
        if rows.first is None or rows.first == rows.last:
            yield Mark(area)
            continue
        formula = _fails(rows, test, name, _relative(rows))
        if len(formula) <= _MARK:
            yield Mark(area, formula)
        else:
            yield Mark(area, column=_fails(rows, test, name, address))


def _blanks(place: Place, rows: Rows, test: RowTest) -> Iterator[Mark]:
    """The blank cells of a record or a printed line that are still to be filled."""
    if rows.optional:
        return
    for name in test.to_fill:
        cell = rows.cells.get(name)
        is_open = name in place.inputs if cell else not is_given(place, rows, name)
        if is_open and name not in test.coloured and (cell is None or cell.words is None):
            own = filled_formula(_relative(rows)(name), rows.table.fields[name])
            yield Mark(_area(rows.place(name)), f"=NOT({own})", to_fill=True)


def _fails(rows: Rows, test: RowTest, name: str, address: Address) -> str:
    """The formula that is true where a cell of a column is to be coloured."""
    if test.statement.blanks_only:
        own = filled_formula(address(name), rows.table.fields[name])
        return f"=({test.in_use(address)}>0)*NOT({own})"
    return f"={test.grade(address)}={FAILS}"


def _relative(rows: Rows) -> Address:
    """The cells of the first row as a conditional format has them: `$C12`."""
    return lambda name: rows.formula(name, f"${a1(rows.place(name)[0], rows.place(name)[2])}")


def _area(cells: Cells) -> str:
    first, last, column = cells
    return a1(first, column) if first == last else f"{a1(first, column)}:{a1(last, column)}"


def is_given(place: Place, rows: Rows, name: str) -> bool:
    """True if the office filled a cell of a column of the rows: what stands there tells nothing of the unit."""
    first, last, column = rows.place(name)
    return any((row, column) in place.given for row in range(first, last + 1))


def filled_formula(cell: str, field: Field) -> str:
    """The formula that is true where a cell of a field holds something."""
    return field.kind.filled(cell, field)
