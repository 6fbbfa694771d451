"""The workbook of one unit: blank, filled, or returned with findings; always the same sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from xltool.fields.kinds import Field
from xltool.fields.reading import Raw, Value
from xltool.form.computed_cells import sums_of, work_out
from xltool.form.layout import Layout, Position, Sheet
from xltool.form.model import Form
from xltool.office.seal import Issue
from xltool.rules.findings import Finding
from xltool.write.book import open_book
from xltool.write.form_sheet import SheetContent, write_form_sheet
from xltool.write.guide import write_guide
from xltool.write.live.lines import Place
from xltool.write.live.page import write_checks
from xltool.write.pages import write_front, write_seal

Values = Mapping[Position, Value | Raw]


@dataclass(frozen=True)
class Contents:
    """What stands on the form sheets beside what was issued: an entry for each sheet.

    The order is record by record: all sheets of the first one, then those of the second. `values`
    and `findings` are by 0-based (row, column) of the layout; `front` are the findings to list on
    the sheet 退回修改, which is there only if there are any.
    """

    values: Sequence[Values] = ()
    findings: Sequence[Mapping[Position, list[Finding]]] = ()
    front: Sequence[Finding] = field(default=())


def write_submission(
    path: Path,
    form: Form,
    layout: Layout,
    issue: Issue,
    seal_text: str,
    password: str = "",
    contents: Contents | None = None,
) -> None:
    """Write the workbook of a unit; `path` is replaced whole, or not at all after an error.

    `issue` says for whom it is and what is prefilled, `seal_text` is the same signed
    (`office.seal.sign`), `password` protects the sheets. The same arguments give the same bytes.
    """
    contents = contents or Contents()
    names = layout.names(len(issue.records))
    pages = _pages(form, layout, issue, contents)
    spare = _spare(form, layout, issue)
    with open_book(path, password) as book:
        if contents.front:
            write_front(book, issue, names, contents.front)
        write_guide(book, form, layout, issue, names, sum(spare))
        for sheet, content in pages:
            write_form_sheet(book, form, layout, sheet, content)
        write_checks(book, form, places_of(form, layout, issue, contents), {"fy": issue.fy})
        write_seal(book, form, layout, seal_text)


def places_of(form: Form, layout: Layout, issue: Issue, contents: Contents) -> list[Place]:
    """Return the form sheets as their live checks see them, in the order of the workbook."""
    pages, spare = _pages(form, layout, issue, contents), _spare(form, layout, issue)
    return [
        _place(form, sheet, content, optional)
        for (sheet, content), optional in zip(pages, spare, strict=True)
    ]


def _pages(
    form: Form, layout: Layout, issue: Issue, contents: Contents
) -> list[tuple[Sheet, SheetContent]]:
    """Each form sheet: its sheet in the layout, and what stands on it."""
    names = enumerate(layout.names(len(issue.records)))
    return [_page(form, layout, issue, number, contents, name) for number, name in names]


def _spare(form: Form, layout: Layout, issue: Issue) -> list[bool]:
    """For each form sheet, whether it may stay blank."""
    return [
        not layout.single and not form.is_known(record)
        for record in issue.records
        for _ in layout.sheets
    ]


def _page(
    form: Form, layout: Layout, issue: Issue, number: int, contents: Contents, name: str
) -> tuple[Sheet, SheetContent]:
    """The sheet of the layout and the content of form sheet `number`, counted by records."""
    index, part = divmod(number, len(layout.sheets))
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
    content = SheetContent(name, prefilled, values, findings, given)
    return sheet, replace(content, computed=_computed(form, sheet, content))


def _place(form: Form, sheet: Sheet, content: SheetContent, optional: bool) -> Place:
    """One form sheet as its live checks see it."""
    own = {(cell.row, cell.column): name for name, cell in sheet.fields.items()}

    def raw(place: Position) -> Raw:
        if place in content.computed:
            return content.computed[place]
        if place in own and own[place] in content.prefilled:
            return content.prefilled[own[place]]
        return content.prefilled_rows.get(place, content.values.get(place))

    return Place(content.name, sheet, optional, _inputs(form, sheet, content), raw)


def _parsed(form: Form, sheet: Sheet, place: Position, text: str) -> Value:
    """The value of a text that the office prefilled in a row."""
    block, name = sheet.block_cells[place]
    column = form.field(block.table, name)
    return column.kind.parse(text, column)


def _computed(form: Form, sheet: Sheet, content: SheetContent) -> dict[Position, Value]:
    """The values of the computed cells of a sheet, from what stands there now."""
    found: dict[Position, Value] = {}
    lines: list[tuple[str, dict[str, Value]]] = []
    for block in sheet.blocks:
        for row in block.span:
            values = {
                name: _value(form.field(block.table, name), content, (row, column))
                for name, column in block.columns.items()
            }
            worked_out = work_out(form, block.table, values, {})
            values |= {name: value for name, value in worked_out.items() if name in values}
            lines.append((block.table, values))
            found |= {(row, block.columns[n]): values[n] for n in worked_out if n in values}
    own = work_out(form, sheet.record, _typed(form, sheet, content), sums_of(lines))
    for name, value in own.items():
        if name in sheet.fields:
            found[sheet.fields[name].row, sheet.fields[name].column] = value
    return found


def _value(column: Field, content: SheetContent, place: Position) -> Value:
    """The value of a cell for formulas, None where it cannot be read."""
    if place in content.prefilled_rows:
        return content.prefilled_rows[place]
    return column.read(content.values.get(place)).value


def _inputs(form: Form, sheet: Sheet, content: SheetContent) -> tuple[str, ...]:
    """The record's own fields that are open on this sheet."""
    table = form.tables[sheet.record]
    return tuple(n for n in table.inputs if n not in content.prefilled and n in sheet.fields)


def _typed(form: Form, sheet: Sheet, content: SheetContent) -> dict[str, Value]:
    """The record's own values as formulas see them, without those of computed cells."""
    fields = form.tables[sheet.record].fields
    values = dict(content.prefilled)
    for name, cell in sheet.fields.items():
        if name not in values and not fields[name].computed:
            values[name] = fields[name].read(content.values.get((cell.row, cell.column))).value
    return values
