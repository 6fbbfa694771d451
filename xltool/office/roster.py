"""The office's lists: `units.csv`, `projects.csv`, and the reference lists of its forms."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import chain
from pathlib import Path

from xltool.errors import OfficeError
from xltool.fields.kinds import Field
from xltool.fields.reading import Value
from xltool.form.layout import Layout
from xltool.form.model import Form
from xltool.office.csv_files import each_row, read_csv
from xltool.prose.text import label_key

_ROSTER = {
    "unit_code": ("单位代码", "单位编码"),
    "unit_name": ("单位名称",),
    "department": ("主管部门", "一级预算单位", "主管单位"),
    "department_code": ("部门代码", "部门编码"),
    "district": ("区划", "行政区划", "所属区"),
}
_UNIT_CODE = re.compile(r"[0-9A-Za-z_-]{1,32}")


@dataclass(frozen=True, slots=True)
class Unit:
    """One line of the roster."""

    unit_code: str
    unit_name: str
    department: str = ""
    department_code: str = ""
    district: str = ""

    @property
    def file_name(self) -> str:
        """A safe file name for its workbook: `106001_云岭区政务服务中心.xlsx`."""
        name = re.sub(r'[\\/:*?"<>|\x00-\x1f\x7f]', "_", self.unit_name).strip(" .")[:60]
        return f"{self.unit_code}_{name}.xlsx"

    @property
    def department_and_code(self) -> str:
        """The department as the national form wants it: `云岭区教育局（517）`."""
        code = f"（{self.department_code}）" if self.department_code else ""
        return f"{self.department}{code}"


def prefill_names() -> list[str]:
    """What the roster can prefill: the names that a field's `prefill` may have."""
    return [*(each.name for each in dataclasses.fields(Unit)), "department_and_code"]


@dataclass(frozen=True, slots=True)
class Project:
    """A project that the office knows: prefilled fields, and prefilled rows of further tables.

    `source` is the list that names it, with its line; empty where it was approved and no list names it.
    """

    values: Mapping[str, str]
    lines: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)
    source: str = field(default="", compare=False, repr=False)

    def has(self, name: str) -> bool:
        """True if the office gave a field of it, or of one of its rows."""
        return name in self.values or any(name in r for rows in self.lines.values() for r in rows)


@dataclass(frozen=True, slots=True)
class RowCell:
    """A cell of a printed line, such as 年度资金总额 × 全年预算数: the line's keys, and the field."""

    table: str
    keys: Mapping[str, str]
    field: Field


def field_by_label(fields: Mapping[str, Field], word: str) -> str | None:
    """The field that a heading or a JSON key means: its name, its label, or the label without unit.

    `项目总金额` means `项目总金额（中期规划，万元）：`.
    """
    if word in fields:
        return word
    key = label_key(word)
    by_label = {label_key(field.label): name for name, field in fields.items()}
    short = {re.sub(r"\(.*?\)$", "", label): name for label, name in by_label.items()}
    return by_label.get(key) or short.get(key)


def read_roster(path: Path, *, may_be_empty: bool = False) -> list[Unit]:
    """The units of the roster in the order of the file. Raises OfficeError with the line.

    A code may stand there again for a unit of another district.
    """
    if may_be_empty and not path.exists():
        return []
    rows = each_row(path)
    first = next(rows, None)
    if first is None and may_be_empty:
        return []
    if first is None:
        raise OfficeError("名册里还没有单位；请每行填写一个单位", path)
    names = {
        heading: word
        for word, headings in _ROSTER.items()
        for heading in (*headings, word)
        if heading in first[1]
    }
    for word in ("unit_code", "unit_name"):
        if word not in names.values():
            raise OfficeError(f"缺少列“{_ROSTER[word][0]}”", path, 1)
    units: dict[tuple[str, str], Unit] = {}
    shared: dict[str, str] = {}  # many units have the same department: one text for all of them
    for line, row in chain([first], rows):
        texts = {names[word]: text.strip() for word, text in row.items() if word in names}
        unit = Unit(**{name: shared.setdefault(text, text) for name, text in texts.items()})
        if not _UNIT_CODE.fullmatch(unit.unit_code):
            raise OfficeError(f"单位代码“{unit.unit_code}”应为 1–32 位字母、数字", path, line)
        if not unit.unit_name:
            raise OfficeError(f"单位 {unit.unit_code} 没有单位名称", path, line)
        key = unit.district, unit.unit_code
        if key in units:
            raise OfficeError(f"单位代码 {unit.unit_code} 重复", path, line)
        units[key] = unit
    return list(units.values())


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
    path: Path, form: Form, units: Mapping[str, Unit], cells: Callable[[], Mapping[str, RowCell]]
) -> dict[str, list[Project]]:
    """The prefilled projects of each unit. `cells` gives those of printed lines by their headings.

    Raises OfficeError with the line.
    """
    if not path.is_file():
        return {}
    fields = form.prefillable(once=False)
    named = cache(partial(field_by_label, fields))
    projects: dict[str, list[Project]] = {}
    shared: dict[str, str] = {}  # many projects have the same kind: one text for all of them
    for line, row in each_row(path):
        if "单位代码" not in row:
            raise OfficeError("缺少列“单位代码”", path, 1)
        unit = row["单位代码"].strip()
        if unit not in units:
            raise OfficeError(f"单位代码“{unit}”不在 units.csv 中", path, line)
        values: dict[str, str] = {}
        lines: dict[str, dict[tuple[str, ...], dict[str, str]]] = {}
        for word, text in row.items():
            if word == "单位代码" or not text.strip():
                continue
            name = named(word)
            if name is not None:
                plain = plain_text(fields[name], text.strip(), path, line)
                values[name] = shared.setdefault(plain, plain)
            elif (cell := cells().get(label_key(word))) is not None:
                rows = lines.setdefault(cell.table, {})
                found = rows.setdefault(tuple(cell.keys.values()), dict(cell.keys))
                found[cell.field.name] = plain_text(cell.field, text.strip(), path, line)
            else:
                raise OfficeError(f"列“{word}”不是「{form.title}」的栏目", path, 1)
        tables = {table: list(rows.values()) for table, rows in lines.items()}
        known = Project(values, tables, f"{path.name} 第 {line} 行")
        projects.setdefault(unit, []).append(known)
    return projects


def read_list(path: Path, fields: Mapping[str, Field]) -> list[dict[str, Value]]:
    """A reference list of the office: rows of typed values. Raises OfficeError with the line."""
    rows = read_csv(path)
    named = cache(partial(field_by_label, fields))
    there = {named(word) for word in (rows or [(0, {})])[0][1]}
    lacking = [
        column.short_label
        for name, column in fields.items()
        if column.required and name not in there
    ]
    if rows and lacking:
        raise OfficeError(f"缺少列“{'”“'.join(lacking)}”", path, 1)
    result = []
    for line, row in rows:
        values: dict[str, Value] = dict.fromkeys(fields)
        for word, text in row.items():
            name = named(word)
            if name is not None and text.strip():
                plain = plain_text(fields[name], text.strip(), path, line)
                values[name] = fields[name].kind.parse(plain, fields[name])
        result.append(values)
    return result


def plain_text(field: Field, text: str, path: Path, line: int) -> str:
    """The office's text as the canonical text of the field."""
    try:
        value = field.kind.parse(text, field)
    except ValueError:
        raise OfficeError(
            f"{field.short_label}“{text}”不对，应为{field.kind.advice(field)}", path, line
        ) from None
    if field.digits and not re.fullmatch(rf"\d{{{field.digits}}}", str(value)):
        raise OfficeError(f"{field.short_label}“{text}”应为 {field.digits} 位数字", path, line)
    return field.kind.plain(value)
