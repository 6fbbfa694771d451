"""A form as its author wants to see it: its fields as text, its layout as one HTML page."""

from __future__ import annotations

from pathlib import Path

import jinja2

from xltool.files import replace_file
from xltool.form.layout import Sheet, a1
from xltool.form.layout_xml import render
from xltool.form.model import Form


def describe(form: Form) -> str:
    """Return a text with the tables and fields of a form, and the cells in which they stand."""
    lines = [f"{form.id}  {form.title}（版本 {form.version}）"]
    sheets = {sheet.record: sheet for sheet in render(form).sheets}
    for table in form.tables.values():
        lines.append(f"\n{table.name}")
        for name, field in table.fields.items():
            cell = sheets[table.name].fields.get(name) if table.name in sheets else None
            who = "单位" if field.filled_by == "unit" else "系统"
            must = "必填" if field.required else ""
            where = cell.address if cell else ""
            lines.append(f"  {where:<4} {name:<26}{who}  {field.short_label}  {must}")
    return "\n".join(lines)


def write_preview(form: Form, path: Path) -> None:
    """Write the layout as one HTML page: each cell with its address, inputs coloured."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sheets = [(sheet, _rows(form, sheet)) for sheet in render(form).sheets]
    page = environment.get_template("preview.html.j2").render(form=form, sheets=sheets)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, page.encode())


def _rows(form: Form, sheet: Sheet) -> list[list[dict[str, object]]]:
    """The cells of each row of the page: class, text, address, rows and columns covered."""
    rows: list[list[dict[str, object]]] = [[] for _ in range(sheet.height)]
    for cell in sorted(sheet.cells, key=lambda c: (c.row, c.column)):
        kind, text = str(cell.kind), cell.text
        if cell.kind == "field":
            block, name = sheet.block_cells.get((cell.row, cell.column), (None, cell.name))
            field = form.field(block.table if block else sheet.record, name)
            kind, text = (
                ("input" if field.filled_by == "unit" else "system"),
                field.kind.advice(field),
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
