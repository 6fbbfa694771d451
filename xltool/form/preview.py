"""A form as its author wants to see it: its fields as text, its layout as one HTML page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import jinja2

from xltool.fields.kinds import ANYTHING, Field
from xltool.files import replace_file
from xltool.form.adjoining import runs_of
from xltool.form.layout import Sheet, a1
from xltool.form.layout_xml import render
from xltool.form.model import Form, TableView
from xltool.prose.text import display_width


def describe(form: Form, fy: int = 2000) -> str:
    """Return a text with the tables and fields of a form: where each stands, what it is, who fills it.

    Takes the form as its office adapts it, and the budget year for its layout. Cells of rows that are repeated stand
    as ranges, one for each block. Raises OfficeError for a layout that cannot be rendered.
    """
    lines = [f"{form.id}  {form.title}（版本 {form.version}）"]
    sheets = render(form, fy).sheets
    for table in form.tables.values():
        places = [(sheet, found) for sheet in sheets if (found := _places(sheet, table))]
        names = "、".join(sheet.name for sheet, _ in places)
        lines += ["", f"{table.name}  {table.title}（{names or '不在版面上'}）"]
        rows = [
            _line(field, [found.get(name, "") for _, found in places])
            for name, field in table.fields.items()
        ]
        lines += _aligned(rows)
    return "\n".join(lines)


def _places(sheet: Sheet, table: TableView) -> dict[str, str]:
    """Where the fields of a table stand on a sheet: a cell, or a range for each block."""
    found = {}
    if sheet.record == table.name:
        found = {name: cell.address for name, cell in sheet.fields.items()}
    for run in runs_of(sheet.blocks, same=lambda block: block.table):
        if run.block.table == table.name:
            for name, column in {**run.block.printed, **run.columns}.items():
                area = f"{a1(run.first, column)}:{a1(run.last, column)}"
                found[name] = f"{found[name]}、{area}" if name in found else area
    return found


def _line(field: Field, places: Sequence[str]) -> tuple[str, ...]:
    """What there is to say of a field: cells, name, label, who fills it, and what may stand there."""
    who = "系统" if field.filled_by != "unit" else "单位（新增项目）" if field.new_only else "单位"
    where = " ".join(dict.fromkeys(place for place in places if place))
    return (where, field.name, field.short_label, who, "，".join(_limits(field)))


def _limits(field: Field) -> Iterator[str]:
    """What may stand in the cells of a field, in phrases."""
    yield type(field.kind).__name__.lower()
    if field.required:
        yield "必填"
    if field.required_when:
        yield f"必填（{field.required_when}）"
    if field.computed:
        yield f"公式 {field.computed}"
        return
    if field.advice != ANYTHING:
        yield field.advice
    listed = "／".join(field.choices)
    if listed not in field.advice:
        yield listed


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Lines of cells that stand one below the other: a Chinese character is two wide."""
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            [
                "",
                *(
                    text + " " * (w - display_width(text))
                    for text, w in zip(row, widths, strict=True)
                ),
            ]
        ).rstrip()
        for row in rows
    ]


def write_preview(form: Form, path: Path, fy: int = 2000) -> None:
    """Write the layout as one HTML page: each cell with its address, inputs coloured."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sheets = [(sheet, _rows(form, sheet)) for sheet in render(form, fy).sheets]
    page = environment.get_template("preview.html.j2").render(form=form, sheets=sheets)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, page.encode())


def _rows(form: Form, sheet: Sheet) -> list[list[dict[str, object]]]:
    """The cells of each row of the page: class, text, address, rows and columns covered."""
    rows: list[list[dict[str, object]]] = [[] for _ in range(sheet.height)]
    for cell in sorted(sheet.cells, key=lambda c: (c.row, c.column)):
        kind, text = str(cell.kind), cell.text
        if cell.kind == "field":
            own = cell.fields[0] if cell.fields else ""
            block, name = sheet.block_cells.get((cell.row, cell.column), (None, own))
            field = form.field(block.table if block else sheet.record, name)
            kind, text = (
                ("input" if field.filled_by == "unit" else "system"),
                field.kind.advice(field) if cell.words is None else cell.text,
            )
        rows[cell.row].append(
            {
                "kind": kind,
                "text": text,
                "address": a1(cell.row, cell.column),
                "rows": cell.rows,
                "columns": cell.columns,
            }
        )
    return rows
