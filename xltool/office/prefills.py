"""What the office prefills from CSV files of its folder: last year's values beside this year's.

A field with `prefill="上年.csv:执行数"` gets what the column 执行数 says of its unit (the column 单位代码), of its
project where the file has 项目编码 or 项目名称, and of its row where the file has the printed keys of the
rows. A blank stays a blank.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from xltool.errors import OfficeError
from xltool.form.layout import Layout
from xltool.form.model import Form
from xltool.office.codes import altered
from xltool.office.columns import column_mistakes
from xltool.office.csv_files import read_csv
from xltool.office.list_files import list_file
from xltool.office.mistakes import Mistakes
from xltool.office.values import field_by_label, plain_text
from xltool.prose.text import name_key

UNIT = "单位代码"
_PROJECT = ("project_code", "project_name")
_NAMED = 5  # units that a note names

Rows = dict[str, list[dict[str, str]]]  # prefilled rows, by table


@dataclass(frozen=True)
class Prefill:
    """One CSV file: what its columns are to the form, and its lines by unit.

    `fields` are the fields that it fills, by table, each with its column; `keys` the columns that say
    which row of a table a line is about; `project` the columns that say which project.
    """

    path: Path
    fields: Mapping[str, Mapping[str, str]]
    keys: Mapping[str, Mapping[str, str]]
    project: Mapping[str, str]
    lines: Mapping[str, Sequence[tuple[int, Mapping[str, str]]]] = field(default_factory=dict)

    def about(self, tables: Collection[str]) -> Prefill:
        """Return the same, as far as it fills these tables."""
        return replace(self, fields={n: some for n, some in self.fields.items() if n in tables})

    def of(self, unit: str, record: Mapping[str, str]) -> Iterator[tuple[int, Mapping[str, str]]]:
        """The lines of a unit that are about a record, of which the office prefills these values."""
        for line, row in self.lines.get(unit, ()):
            if all(
                name_key(row.get(column, "")) == name_key(record.get(name, ""))
                for name, column in self.project.items()
            ):
                yield line, row


def read_prefills(form: Form, layout: Layout, folder: Path) -> list[Prefill]:
    """The files that the fields of a form are prefilled from.

    Raises OfficeError for a file or a column that is not there, and for a value that is none of its field.
    """
    wanted: dict[str, dict[str, dict[str, str]]] = {}
    for table in form.tables.values():
        for name, column in table.fields.items():
            if column.prefill_file is not None:
                file, heading = column.prefill_file
                wanted.setdefault(file, {}).setdefault(table.name, {})[name] = heading
    return [_read(form, layout, list_file(folder, file), fields) for file, fields in wanted.items()]


def _read(
    form: Form, layout: Layout, path: Path, fields: Mapping[str, Mapping[str, str]]
) -> Prefill:
    rows = read_csv(path)
    if not rows:
        raise OfficeError("没有内容；请每行填写一个单位", path)
    there = list(rows[0][1])
    wanted = dict.fromkeys([UNIT, *(each for some in fields.values() for each in some.values())])
    lacking = [heading for heading in wanted if heading not in there]
    mistakes = Mistakes(path.parent)
    mistakes.take(column_mistakes([w for w in there if w not in wanted], lacking, (), path))
    mistakes.insist()
    named = {field_by_label(form.record_fields, heading): heading for heading in there}
    known = next((name for name in _PROJECT if name in named), None)
    project = {} if known is None else {known: named[known]}
    lines: dict[str, list[tuple[int, Mapping[str, str]]]] = {}
    told = [(t, n, heading) for t, some in fields.items() for n, heading in some.items()]
    for line, row in rows:
        unit = row[UNIT].strip()
        lines.setdefault(unit, []).append((line, row))
        if words := altered(UNIT, unit):
            mistakes.add(words, path, line)
        for table, name, heading in told:
            if text := row[heading].strip():
                with mistakes.noting():
                    plain_text(form.field(table, name), text, path, line)
    mistakes.insist()
    keys = {name: _keys(form, layout, name, there) for name in fields}
    return Prefill(path, fields, keys, project, lines)


def _keys(form: Form, layout: Layout, table: str, there: Sequence[str]) -> dict[str, str]:
    """The columns that are printed keys of the rows of a table."""
    found: dict[str, str] = {}
    for block in (b for sheet in layout.sheets for b in sheet.blocks if b.table == table):
        fields = {name: form.field(table, name) for name in block.keys}
        named = {field_by_label(fields, heading): heading for heading in there}
        found |= {name: named[name] for name in block.keys if name in named}
    return found


def filled(
    form: Form,
    prefills: Sequence[Prefill],
    unit: str,
    record: Mapping[str, str],
    rows: Mapping[str, Sequence[Mapping[str, str]]],
) -> tuple[dict[str, str], Rows]:
    """Return the values of a record, and its prefilled rows, with what the files say of it.

    Raises OfficeError with the line of a wrong value, and of a second one for the same cell.
    """
    values, lines = dict(record), {table: [dict(r) for r in some] for table, some in rows.items()}
    for prefill in prefills:
        for number, row in prefill.of(unit, record):
            for table, fields in prefill.fields.items():
                told = {
                    name: plain_text(form.field(table, name), row[heading], prefill.path, number)
                    for name, heading in fields.items()
                    if row.get(heading, "").strip()
                }
                if not told:
                    continue
                keys = {n: row.get(c, "").strip() for n, c in prefill.keys[table].items()}
                own = form.tables[table].is_rows
                target = _row(lines.setdefault(table, []), keys) if own else values
                if target.keys() & told.keys():
                    raise OfficeError(
                        f"单位 {unit} 的同一栏有两个值；请删去一行", prefill.path, number
                    )
                target |= told
    return values, lines


def _row(rows: list[dict[str, str]], keys: Mapping[str, str]) -> dict[str, str]:
    """The prefilled row with these keys, else a new one."""
    found = next((r for r in rows if keys and keys.items() <= r.items()), None)
    if found is None:
        found = dict(keys)
        rows.append(found)
    return found


def missing(prefills: Sequence[Prefill], units: Sequence[str]) -> Iterator[str]:
    """Yield a line for each file in which some of the units are missing."""
    for prefill in prefills:
        lacking = [unit for unit in units if unit not in prefill.lines]
        if lacking:
            more = f" 等 {len(lacking)} 个单位" if len(lacking) > _NAMED else ""
            named = "、".join(lacking[:_NAMED])
            yield f"{prefill.path.name} 里没有单位 {named}{more}，取自它的栏目留空"
