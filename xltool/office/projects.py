"""The projects that the office knows before it issues: `projects.csv`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from xltool.errors import OfficeError
from xltool.fields.kinds import Field
from xltool.form.layout import Layout
from xltool.form.model import Form
from xltool.office.codes import altered
from xltool.office.columns import column_mistakes
from xltool.office.csv_files import each_row
from xltool.office.mistakes import Mistakes
from xltool.office.roster import ROSTER, Unit
from xltool.office.values import field_by_label, plain_texts
from xltool.prose.looks import look
from xltool.prose.nearest import nearest_of
from xltool.prose.quoting import quoted
from xltool.prose.text import label_key

PROJECTS = "projects.csv"
_UNIT = "单位代码"  # the column that says whose a project is
_MANY = 20_000  # units among which nobody looks for the one that was meant


@dataclass(frozen=True, slots=True)
class Project:
    """A project that the office knows: prefilled fields, and prefilled rows of further tables.

    `path` is the list that names it, with its line; None where it was approved and no list names it.
    """

    values: Mapping[str, str]
    lines: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)
    path: Path | None = field(default=None, compare=False, repr=False)
    line: int | None = field(default=None, compare=False, repr=False)

    def has(self, name: str) -> bool:
        """True if the office gave a field of it, or of one of its rows."""
        return name in self.values or any(name in r for rows in self.lines.values() for r in rows)


@dataclass(frozen=True, slots=True)
class RowCell:
    """A cell of a printed line, such as 年度资金总额 × 全年预算数: the line's keys, and the field."""

    table: str
    keys: Mapping[str, str]
    field: Field


def row_cells(form: Form, layout: Layout) -> dict[str, RowCell]:
    """The cells of printed lines by heading: `年度资金总额.全年预算数` (with or without 其中：)."""
    cells: dict[str, RowCell] = {}
    for block in (block for sheet in layout.sheets for block in sheet.blocks):
        if not (block.always and block.rows == 1 and block.keys):
            continue
        line = next(iter(block.keys.values()))
        for name in block.columns:
            column = form.field(block.table, name)
            for words in {line, re.sub("^.*[：:]", "", line)} if not column.computed else ():
                cells[label_key(f"{words}.{column.label}")] = RowCell(
                    block.table, block.keys, column
                )
    return cells


def read_projects(
    path: Path,
    form: Form,
    units: Mapping[str, Unit],
    cells: Callable[[], Mapping[str, RowCell]],
) -> dict[str, list[Project]]:
    """The prefilled projects of each unit. `cells` gives those of printed lines by their headings.

    Raises OfficeError with all that is wrong in the list.
    """
    if not path.is_file():
        return {}
    mistakes = Mistakes(path.parent)
    with mistakes.noting():
        projects = _projects(path, _Headings(form, cells), units, mistakes)
        mistakes.take(_doubles(projects, path))
    mistakes.insist()
    return projects


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of projects.csv: a field of the project or, with `cell`, of a printed line.

    `plain` gives the canonical text of the field; it raises OfficeError without a line for a wrong one.
    """

    field: str
    plain: Callable[[str], str]
    cell: RowCell | None = None


_Lines = dict[str, list[dict[str, str]]]  # the printed lines of a project, by table


@dataclass
class _Headings:
    """What the headings of projects.csv mean: fields of a project, or cells of printed lines."""

    form: Form
    cells: Callable[[], Mapping[str, RowCell]]

    def __post_init__(self) -> None:
        self.fields = self.form.prefillable(once=False)
        self.named = cache(partial(field_by_label, self.fields))

    def cell(self, heading: str) -> RowCell | None:
        """The cell of a printed line that a heading means."""
        return self.cells().get(label_key(heading))

    def column(self, heading: str) -> _Column:
        """What a column fills whose heading means something (`mistakes`)."""
        name = self.named(heading)
        if name is not None:
            return _Column(name, plain_texts(self.fields[name]))
        cell = self.cells()[label_key(heading)]
        return _Column(cell.field.name, plain_texts(cell.field), cell)

    def mistakes(self, there: Sequence[str], path: Path) -> Iterator[OfficeError]:
        """Yield the columns that are missing, or mean nothing."""
        unknown = [
            heading
            for heading in there
            if heading != _UNIT and self.named(heading) is None and self.cell(heading) is None
        ]
        if _UNIT not in there:
            lacking = list(column_mistakes(unknown, [_UNIT], (), path))
            yield from lacking
            unknown = [word for word in unknown if f"“{word}”" not in lacking[0].message]
        labels = [f.short_label for n, f in self.fields.items() if not f.computed]
        for heading in unknown:
            near = nearest_of(heading, labels)
            meant = f"，是不是“{near}”？请改列名" if near else "；请改列名"
            words = f"列“{heading}”不是「{self.form.title}」的栏目{meant}，不要的请删去这一列"
            yield OfficeError(words, path, 1)


def _projects(
    path: Path, headings: _Headings, units: Mapping[str, Unit], mistakes: Mistakes
) -> dict[str, list[Project]]:
    """The projects of a list as far as they can be read; what is wrong is noted."""
    projects: dict[str, list[Project]] = {}
    columns: dict[str, _Column] = {}
    shared: dict[str, str] = {}  # many projects have the same kind: one text for all of them
    for line, row in each_row(path, mistakes):
        if not projects:
            mistakes.take(headings.mistakes(list(row), path))
            mistakes.insist()
            columns = {word: headings.column(word) for word in row if word != _UNIT}
        unit = row[_UNIT].strip()
        if unit not in units:
            words = (
                altered("单位代码", unit)
                or f"单位代码“{unit}”不在 {ROSTER} 中{_near_unit(unit, units)}"
            )
            mistakes.add(words, path, line)
        values: dict[str, str] = {}
        lines: _Lines = {}
        for word, column in columns.items():
            if text := row[word].strip():
                try:
                    plain = column.plain(text)
                except OfficeError as problem:
                    mistakes.add(problem.message, path, line)
                else:
                    record = values if column.cell is None else _line_of(lines, column.cell)
                    record[column.field] = shared.setdefault(plain, plain)
        projects.setdefault(unit, []).append(Project(values, lines, path, line))
    return projects


def _line_of(lines: _Lines, cell: RowCell) -> dict[str, str]:
    """The printed line of a cell, which has its keys at least."""
    rows = lines.setdefault(cell.table, [])
    found = next((row for row in rows if cell.keys.items() <= row.items()), None)
    if found is None:
        found = dict(cell.keys)
        rows.append(found)
    return found


def _near_unit(code: str, units: Mapping[str, Unit]) -> str:
    """The unit that was probably meant, as the end of a sentence."""
    near = nearest_of(code, units) if len(units) < _MANY else None
    return f"，是不是 {near}？请改正" if near else "；请改正，或在名册里加上这个单位"


def _doubles(projects: Mapping[str, Sequence[Project]], path: Path) -> Iterator[OfficeError]:
    """Yield the lines that are about a project of which an earlier line is."""
    codes: dict[str, tuple[str, int | None]] = {}
    for unit, some in projects.items():
        names: dict[tuple[str, str], Project] = {}
        for project in some:
            code, name = (project.values.get(n, "") for n in ("project_code", "project_name"))
            first = names.setdefault((code, look(name)), project)
            if code and codes.setdefault(code, (unit, project.line)) != (unit, project.line):
                words = f"项目编码 {code} 与第 {codes[code][1]} 行重复；请删去一行，或改正编码"
                yield OfficeError(words, path, project.line)
            elif name and first is not project:
                how = "重复" if name == first.values["project_name"] else "看起来相同"
                words = f"单位 {unit} 的项目“{quoted(name)}”与第 {first.line} 行{how}；请删去一行，或改名"
                yield OfficeError(words, path, project.line)
