"""The workbook of one unit: blank, filled, or returned with findings; always the same sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from xltool.fields.kinds import Field
from xltool.fields.reading import Raw, Value
from xltool.form import layout as layouts
from xltool.form.formula_places import sheets_seen
from xltool.form.layout import Cell, Layout, Position, Sheet
from xltool.form.model import Form
from xltool.form.own_sheets import CHECKS, FRONT
from xltool.office.seal import Issue
from xltool.rules.findings import Finding
from xltool.write.book import Book, open_book
from xltool.write.form_sheet import write_form_sheet
from xltool.write.front_page import write_front
from xltool.write.front_states import FrontLine, Sheets
from xltool.write.guide import write_guide
from xltool.write.live.lines import Place
from xltool.write.live.page import Line, write_checks
from xltool.write.pages import write_seal
from xltool.write.sheet_content import SheetContent
from xltool.write.worked_out import computed_of

Values = Mapping[Position, Value | Raw]


@dataclass(frozen=True)
class Contents:
    """What stands on the form sheets beside what was issued: an entry for each sheet.

    The order is that of the workbook (`Layout.pages`). `values` and `findings` are by 0-based (row, column) of the layout; `front` are the findings to list on
    the sheet 退回修改, which is there only if there are any.
    """

    values: Sequence[Values] = ()
    findings: Sequence[Mapping[Position, list[Finding]]] = ()
    front: Sequence[FrontLine] = field(default=())


@dataclass(frozen=True)
class Page:
    """One form sheet: its sheet of the layout, what stands on it, whether it may stay blank.

    `beside` are the other sheets that its lines of 填报检查 may look at.
    """

    sheet: Sheet
    content: SheetContent
    optional: bool
    beside: tuple[Sheet, ...] = ()


class Written(NamedTuple):
    """What was written: the lines of 填报检查, and the states of those of 退回修改."""

    lines: Sequence[Line]
    states: Sequence[str]


def write_submission(
    path: Path,
    form: Form,
    layout: Layout,
    issue: Issue,
    seal_text: str,
    password: str = "",
    contents: Contents | None = None,
) -> Sequence[str]:
    """Write the workbook of a unit; `path` is replaced whole, or not at all after an error.

    `issue` says for whom it is and what is prefilled, `seal_text` is the same signed
    (`office.seal.sign`), `password` protects the sheets. The same arguments give the same bytes. Returns the
    states of the lines of 退回修改, if there is that sheet.
    """
    contents = contents or Contents()
    pages = pages_of(form, layout, issue, contents)
    with open_book(path, password) as book:
        return write_pages(book, form, layout, issue, seal_text, pages, contents.front).states


def write_pages(
    book: Book,
    form: Form,
    layout: Layout,
    issue: Issue,
    seal_text: str,
    pages: Sequence[Page],
    front: Sequence[FrontLine] = (),
) -> Written:
    """Write all sheets of a workbook; see `write_submission`."""
    names = [page.content.name for page in pages]
    front_page = book.sheet(FRONT) if front else None  # the first sheet
    write_guide(book, form, layout, issue, names, sum(page.optional for page in pages))
    checks = book.sheet(CHECKS)  # before the form sheets, whose cells it colours
    for page in pages:
        write_form_sheet(book, form, layout, page.sheet, page.content)
    places = [place_of(form, page) for page in pages]
    lines = write_checks(book, checks, form, places, {"fy": issue.fy})
    states: Sequence[str] = ()
    if front_page is not None:
        states = write_front(book, front_page, form, issue, Sheets(places, lines), front)
    write_seal(book, form, layout, seal_text)
    return Written(lines, states)


def places_of(form: Form, layout: Layout, issue: Issue, contents: Contents) -> list[Place]:
    """Return the form sheets as their live checks see them, in the order of the workbook."""
    return [place_of(form, page) for page in pages_of(form, layout, issue, contents)]


def pages_of(form: Form, layout: Layout, issue: Issue, contents: Contents) -> list[Page]:
    """Return each form sheet, in the order of the workbook: what stands on it."""
    places = layout.pages(len(issue.records))
    pages = [_page(form, layout, issue, n, contents, place) for n, place in enumerate(places)]
    stand = [(place.part, page.content) for place, page in zip(places, pages, strict=True)]
    return [
        replace(page, content=replace(page.content, computed=computed))
        for page, computed in zip(pages, computed_of(form, layout, stand), strict=True)
    ]


def _page(
    form: Form, layout: Layout, issue: Issue, number: int, contents: Contents, place: layouts.Page
) -> Page:
    """Form sheet `number` of the workbook."""
    name, index, part = place
    sheet = layout.sheets[part]
    fields = form.tables[sheet.record].fields
    prefilled = {
        key: fields[key].kind.parse(text, fields[key])
        for key, text in issue.records[index].items()
        if key in fields
    }
    given = {
        place: _parsed(form, sheet, place, text)
        for place, text in sheet.place_lines(issue.lines_of(index)).items()
    }
    values = contents.values[number] if number < len(contents.values) else {}
    findings = contents.findings[number] if number < len(contents.findings) else {}
    worded = {
        (cell.row, cell.column): _said(cell, fields, prefilled, values) for cell in sheet.worded
    }
    content = SheetContent(name, prefilled, values, findings, given, worded=worded)
    optional = sheet.is_repeated and not form.is_known(issue.records[index])
    beside = tuple(other for other in sheets_seen(layout, sheet) if other is not sheet)
    return Page(sheet, content, optional, beside)


def place_of(form: Form, page: Page) -> Place:
    """Return one form sheet as its live checks see it."""
    sheet, content = page.sheet, page.content
    own = {(cell.row, cell.column): name for name, cell in sheet.fields.items()}

    def raw(place: Position) -> Raw:
        if place in content.worded:
            return content.worded[place]
        if place in content.computed:
            return content.computed[place]
        if place in own and own[place] in content.prefilled:
            return content.prefilled[own[place]]
        return content.prefilled_rows.get(place, content.values.get(place))

    inputs = _inputs(form, sheet, content)
    given = frozenset(content.prefilled_rows)
    return Place(content.name, sheet, page.optional, inputs, raw, page.beside, given)


def _said(
    cell: Cell, fields: Mapping[str, Field], prefilled: Mapping[str, Value], values: Values
) -> str:
    """What a printed text says: its words with what the office and the unit filled between them."""
    said = values.get((cell.row, cell.column))
    for name in cell.fields:
        known = prefilled[name] if name in prefilled else cell.piece(name, said)
        said = cell.filled(fields[name], said, known)
    return str(said)


def _parsed(form: Form, sheet: Sheet, place: Position, text: str) -> Value:
    """The value of a text that the office prefilled in a row."""
    block, name = sheet.block_cells[place]
    column = form.field(block.table, name)
    return column.kind.parse(text, column)


def _inputs(form: Form, sheet: Sheet, content: SheetContent) -> tuple[str, ...]:
    """The record's own fields that are open on this sheet."""
    table = form.tables[sheet.record]
    return tuple(n for n in table.inputs if n not in content.prefilled and n in sheet.fields)
