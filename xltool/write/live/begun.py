"""Has the unit begun with a sheet? The formula that tells on 填报检查, and what it shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xltool.fields import cell_formulas
from xltool.fields.field import Field
from xltool.form.model import Form
from xltool.write.live.checks import Cells, all_rows, filled_formula, held, is_given
from xltool.write.live.lines import Place


def used_formula(form: Form, place: Place) -> str:
    """1 where the unit has typed anything on a sheet, be it an error value, else 0."""
    record = form.tables[place.sheet.record]
    own = {name: place.sheet.fields[name] for name in place.inputs}
    texts = [n for n in own if not record.fields[n].kind.numeric]
    at = {n: cell.piece_formula(n, place.at(cell.row, cell.column)) for n, cell in own.items()}
    parts = [filled_formula(at[name], record.fields[name]) for name in own if name not in texts]
    if texts:
        parts.append(_any_text(at[name] for name in texts))
    together: dict[tuple[int, int], list[str]] = {}  # texts, by their rows
    for field, (first, last, column) in _open_ranges(form, place):
        cells = place.at(first, column, last)
        if field.kind.numeric:
            parts.append(filled_formula(cells, field))
        else:
            together.setdefault((first, last) if first < last else (0, 0), []).append(cells)
    parts += [_any_text(cells) for cells in together.values()]
    counts = "+".join(f"SUM({part}*1)" for part in parts) or "0"
    return f"=IFERROR(IF({counts}>0,1,0),1)"


def _open_ranges(form: Form, place: Place) -> list[tuple[Field, Cells]]:
    """The cells of tables in which the unit types something, adjoining ones of a column as one range."""
    ranges: dict[tuple[str, str], list[Cells]] = {}
    for rows in all_rows(form, place):
        for name in rows.names if rows.first is not None else ():
            if rows.table.fields[name].filled_by == "unit" and not is_given(place, rows, name):
                first, last, column = rows.place(name)
                found = ranges.setdefault((rows.table.name, name), [])
                if found and found[-1][1:] == (first - 1, column):
                    first = found.pop()[0]
                found.append((first, last, column))
    return [(form.field(*where), cells) for where, found in ranges.items() for cells in found]


def _any_text(cells: Iterator[str] | Sequence[str]) -> str:
    return f"(LEN({cell_formulas.stripped('&'.join(cells))})>0)"


def is_used(form: Form, place: Place) -> bool:
    """True where the unit has typed anything on the sheet now."""
    sheet = place.sheet
    cells = [
        (held(sheet.fields[n], n, place.raw), form.field(sheet.record, n)) for n in place.inputs
    ]
    for field, (first, last, column) in _open_ranges(form, place):
        cells += [(place.raw((row, column)), field) for row in range(first, last + 1)]
    return any(field.kind.is_filled(raw, field) for raw, field in cells)
