"""What the computed cells of the form sheets show, worked out from what stands there now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from xltool.fields.kinds import Field
from xltool.fields.reading import Raw, Value
from xltool.form.computed_cells import (
    Seen,
    computed_fields,
    in_order,
    needed_columns,
    sums_of,
    work_out,
)
from xltool.form.layout import Layout, Position, Sheet
from xltool.form.lists import looked_up_values
from xltool.form.model import Form, TableView
from xltool.language.functions import Content
from xltool.language.values import UNREADABLE
from xltool.write.sheet_content import SheetContent

Line = tuple[str, dict[str, Value | Content]]  # a table, and the values of a row by field


def computed_of(
    form: Form, layout: Layout, sheets: Sequence[tuple[int, SheetContent]]
) -> list[dict[Position, Value]]:
    """Return what the computed cells of some form sheets show, by 0-based position.

    Takes for each sheet its number in the layout, and what stands on it.
    """
    drafts = [_Draft(form, layout.sheets[part], content) for part, content in sheets]
    order = in_order(form, layout)
    together = [d for part in order for d, (n, _) in zip(drafts, sheets, strict=True) if n == part]
    for draft, (part, _) in zip(drafts, sheets, strict=True):
        if draft.works_out:
            draft.work_out_rows()
        if draft.works_out and part not in order:
            draft.work_out_record(draft.lines)
    for draft in together:
        others = [other for other in together if other is not draft]
        records = [(other.sheet.record, other.record) for other in others]
        draft.work_out_record([*(line for one in together for line in one.lines), *records])
    return [draft.found for draft in drafts]


@dataclass
class _Draft:
    """One form sheet: the rows in use on it, its record as far as it is known, and what was worked out."""

    form: Form
    sheet: Sheet
    content: SheetContent
    lines: list[Line] = field(default_factory=list)
    record: dict[str, Value | Content] = field(default_factory=dict)
    found: dict[Position, Value] = field(default_factory=dict)
    blank: dict[tuple[str, ...], Mapping[str, Value | Content]] = field(default_factory=dict)

    @property
    def works_out(self) -> bool:
        """True if there is anything to work out on the sheet, or to add up elsewhere."""
        return any(_works_out(self.form.tables[name]) for name in self.sheet.tables)

    def work_out_rows(self) -> None:
        """Work out the computed cells in rows, which look at their row only."""
        form, content = self.form, self.content
        for block in self.sheet.blocks:
            for row in block.span:
                values = {
                    name: _seen(form.field(block.table, name), content, (row, column))
                    for name, column in block.columns.items()
                }
                is_blank = all(value is None for value in values.values())
                is_used = block.always or not is_blank
                worked_out = self.of_row(block.table, values, is_blank=is_blank)
                values |= {name: value for name, value in worked_out.items() if name in values}
                if is_used:
                    self.lines.append((block.table, {**block.keys, **values}))
                self.found |= {
                    (row, block.columns[n]): _plain(values[n]) for n in worked_out if n in values
                }
        self.record = _typed(form, self.sheet, content)

    def of_row(
        self, table: str, values: Mapping[str, Value | Content], *, is_blank: bool
    ) -> Mapping[str, Value | Content]:
        """What is worked out in a row with these values: of blank ones, which are most, once for all."""
        key = table, *values
        if is_blank and key in self.blank:
            return self.blank[key]
        found = {
            **work_out(self.form, table, values, {}),
            **looked_up_values(self.form.tables[table], _all_plain(values)),
        }
        if is_blank:
            self.blank[key] = found
        return found

    def work_out_record(self, rows: Iterable[tuple[str, Seen]]) -> None:
        """Work out the record's own computed cells; `rows` are those that they may add up."""
        table = self.form.tables[self.sheet.record]
        sums = sums_of(rows, needed_columns(table))
        self.record |= {
            **work_out(self.form, table.name, self.record, sums),
            **looked_up_values(table, _all_plain(self.record)),
        }
        for name, cell in self.sheet.fields.items():
            if table.fields[name].computed or table.fields[name].looked_up:
                self.found[cell.row, cell.column] = _plain(self.record.get(name))


def _works_out(table: TableView) -> bool:
    """Whether a workbook works out any cells of a table."""
    return bool(computed_fields(table) or table.looked_up)


def _seen(column: Field, content: SheetContent, place: Position) -> Value | Content:
    """The value of a cell as formulas see it, `UNREADABLE` where they cannot use it."""
    if place in content.prefilled_rows:
        return content.prefilled_rows[place]
    raw = content.values.get(place)
    return None if raw is None else _read(column, raw)


def _read(column: Field, raw: Raw) -> Value | Content:
    value = column.kind.used(raw, column)
    return UNREADABLE if value is None and column.kind.is_filled(raw, column) else value


def _plain(value: Value | Content) -> Value:
    """A value as a cell shows it: nothing where it is unknown."""
    return None if isinstance(value, Content) else value


def _all_plain(values: Mapping[str, Value | Content]) -> dict[str, Value]:
    return {name: _plain(value) for name, value in values.items()}


def _typed(form: Form, sheet: Sheet, content: SheetContent) -> dict[str, Value | Content]:
    """The record's own values as formulas see them, without those of computed cells."""
    fields = form.tables[sheet.record].fields
    values: dict[str, Value | Content] = dict(content.prefilled)
    for name, cell in sheet.fields.items():
        if name not in values and not (fields[name].computed or fields[name].looked_up):
            held = cell.piece(name, content.values.get((cell.row, cell.column)))
            values[name] = _read(fields[name], held)
    return values
