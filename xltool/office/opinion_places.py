"""Where an opinion of the office stands on a form: a cell as issued, or a field of a project."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from xltool.form.layout import Layout, Position, Sheet, a1
from xltool.form.model import Form
from xltool.office.values import field_by_label
from xltool.prose.nearest import nearest

_ADDRESS = re.compile(r"'?(.+?)'?[!！]\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,5})")
_MANY = 300  # projects of a workbook: so many sheets an opinion may name


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of a form: a position on a sheet as issued, or a `field` of a record.

    `words` are those of the file. `project` is the code or the name of the record, empty for the only one.
    """

    words: str
    sheet: str = ""
    position: Position | None = None
    project: str = ""
    field: str = ""


@dataclass(frozen=True)
class Places:
    """Finds the places of a form that words mean."""

    form: Form
    layout: Layout

    def place(self, address: str, project: str, label: str) -> Place:
        """The place of an address, or of a project and a label. Raises ValueError with what is wrong, in Chinese."""
        if bool(address) == bool(label):
            raise ValueError("请填写“位置”（如 项目1!C5），或者“项目”和“栏目”，不要都填")
        if address and project:
            raise ValueError("写了“位置”，“项目”请留空")
        return self._at(address) if address else self._of(project, label)

    def _at(self, address: str) -> Place:
        """The cell with an address; a merged one is meant by each of its cells."""
        found = _ADDRESS.fullmatch(address)
        if found is None:
            raise ValueError(f"位置“{address}”应为工作表和单元格，如 {self._example}")
        name, letters, line = found.groups()
        sheet = self._sheets.get(name)
        if sheet is None:
            raise ValueError(f"没有工作表“{name}”{nearest(name, self._sheets)}")
        row, column = int(line) - 1, _column(letters)
        anchors = self._anchors(sheet)
        if (row, column) not in anchors:
            beside = [at for at in anchors if at[0] == row]
            near = min(beside, key=lambda at: abs(at[1] - column), default=None)
            hint = "" if near is None else f"，是不是 {name}!{a1(*anchors[near])}？"
            raise ValueError(f"{name}!{letters.upper()}{line} 不是填写内容的单元格{hint}")
        position = anchors[row, column]
        return Place(f"{name}!{a1(*position)}", name, position)

    def _of(self, project: str, label: str) -> Place:
        """A field of a record, by its label."""
        form, fields = self.form, self.form.record_fields
        name = field_by_label(fields, label)
        if name is None:
            labels = [field.short_label for field in fields.values()]
            rows = [
                f.short_label for t in form.tables.values() if t.is_rows for f in t.fields.values()
            ]
            if label in rows:
                raise ValueError(f"“{label}”有多行，请用“位置”写明单元格")
            raise ValueError(f"「{form.title}」没有栏目“{label}”{nearest(label, labels)}")
        if not project and not self.layout.single and name not in form.prefillable(once=True):
            raise ValueError("请填写“项目”（项目编码或项目名称）")
        return Place(f"{project} {fields[name].short_label}".strip(), project=project, field=name)

    @cached_property
    def _sheets(self) -> Mapping[str, Sheet]:
        """The sheets of a workbook by name, of which it may have many."""
        return {page.name: self.layout.sheets[page.part] for page in self.layout.pages(_MANY)}

    @property
    def _example(self) -> str:
        name, sheet = next(iter(self._sheets.items()))
        return f"{name}!{a1(*next(iter(self._anchors(sheet).values())))}"

    def _anchors(self, sheet: Sheet) -> Mapping[Position, Position]:
        """The top left corner of each cell that holds a field, by all positions that it covers."""
        own = {(c.row, c.column) for c in sheet.fields.values()} | sheet.block_cells.keys()
        merged = {
            (row, column): (cell.row, cell.column)
            for cell in sheet.cells
            if (cell.row, cell.column) in own
            for row in range(cell.row, cell.row + cell.rows)
            for column in range(cell.column, cell.column + cell.columns)
        }
        return merged | {at: at for at in own}


def _column(letters: str) -> int:
    """The number of a column, from 0."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
