"""The plan of a form as its validator and as `import.csv`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from xltool.adopting.plan import FieldPlan, FormPlan, TablePlan

_WIDTH = 100
_SHEET_NAME = str.maketrans(dict.fromkeys('[]:*?/\\<>"|\n\r\t', " "))


def validator_text(form: FormPlan, source: str, year: int) -> str:
    """Return the text of the validator; `source` is the name of the official file."""
    parts = [
        f'"""{_line(form.title)}，由 {_line(source)} 转成。标有“# 请核对”的，请对照原表改好。"""',
        "",
        "from xltool.form import Rows, Table, fields",
        "",
        f"TITLE = {_quoted(form.title)}",
        f'VERSION = "{year}.1"  # 版面或规则有变时加一',
    ]
    if form.catalogue:
        parts += ["CATALOGUE = (  # 一级指标、二级指标、给几行"]
        parts += [f"    ({_quoted(a)}, {_quoted(b)}, {rows})," for a, b, rows in form.catalogue]
        parts += [")"]
    if form.once:
        names = ", ".join(map(_quoted, form.once))
        parts.append(f"ONCE = ({names},)  # 每份工作簿只有一张的数据表，其余的每个项目一张")
    capacity = {t.name: t.capacity for t in form.tables.values() if t.capacity}
    if capacity:
        parts += ["CAPACITY = {  # 重复的行给几行"]
        parts += [f'    "{name}": {rows},' for name, rows in capacity.items()]
        parts += ["}"]
    for table in form.tables.values():
        parts += ["", "", *_table(table)]
    return "\n".join(parts) + "\n"


def _table(table: TablePlan) -> Iterator[str]:
    base = "Rows" if table.is_rows else "Table"
    words = "每行一项" if table.is_rows else "每张表一条"
    yield f"class {table.class_name}({base}):"
    yield f'    """{_line(table.title).replace("：", " ")}：{words}。"""'
    yield ""
    for field in _in_order(table):
        yield from _field(field)


def _in_order(table: TablePlan) -> list[FieldPlan]:
    """The fields; one that is worked out of others comes after them."""
    waiting = list(table.fields.values())
    found: list[FieldPlan] = []
    while waiting:
        names = {field.name for field in waiting}
        ready = [f for f in waiting if not (_used(f) & (names - {f.name}) & _computed(waiting))]
        found += ready or waiting
        waiting = [f for f in waiting if f not in found]
    return found


def _computed(fields: list[FieldPlan]) -> set[str]:
    return {field.name for field in fields if "computed" in field.options}


def _used(field: FieldPlan) -> set[str]:
    text = str(field.options.get("computed", ""))
    return set("".join(c if c.isalnum() or c in "_." else " " for c in text).split())


def _field(field: FieldPlan) -> Iterator[str]:
    for doubt in dict.fromkeys(field.doubts):
        yield f"    # 请核对：{_line(doubt)}"
    options = dict(field.options)
    arguments = [_quoted(field.label)]
    if "choices" in options:
        arguments.append(f"[{', '.join(map(_quoted, options.pop('choices')))}]")
    arguments += [f"{name}={_value(value)}" for name, value in options.items()]
    line = f"    {field.name} = fields.{field.kind}({', '.join(arguments)})"
    if len(line) <= _WIDTH:
        yield line
        return
    yield f"    {field.name} = fields.{field.kind}("
    for argument in arguments:
        yield f"        {argument},"
    yield "    )"


def _value(value: object) -> str:
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    """A text as Python has it, in the quotation marks of the house: what JSON writes, Python reads."""
    return json.dumps(text, ensure_ascii=False)


def _line(text: str) -> str:
    """A text on one line of a docstring or a remark, which it cannot end."""
    return " ".join(text.split()).replace("\\", "＼").replace('"', "”")


def import_text(form: FormPlan) -> str:
    """Return the columns of the import file: a sheet for the records and one for each table of rows."""
    rows = [table for table in form.tables.values() if table.is_rows]
    records = [table for table in form.tables.values() if not table.is_rows]
    lines = [["列名", "栏目", "工作表"]]
    taken: set[str] = set()
    for table in rows:
        sheet = _sheet_name(table.title, taken)
        lines.append(["单位代码", "单位代码", sheet])
        lines += _columns(table, sheet)
    for table in records:
        if table.fields:
            sheet = _sheet_name(table.title, taken)
            lines.append(["单位代码", "单位代码", sheet])
            lines += _columns(table, sheet)
    if len(lines) == 1:
        lines.append(["单位代码", "单位代码", ""])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def _columns(table: TablePlan, sheet: str) -> list[list[str]]:
    return [
        [_line(field.label).rstrip("：:"), f"{table.name}.{field.name}", sheet]
        for field in table.fields.values()
    ]


def _sheet_name(title: str, taken: set[str]) -> str:
    """A name that a sheet may have, and no other has."""
    base = " ".join(title.translate(_SHEET_NAME).split()).strip("'. ")[:26] or "表"
    name, number = base, 1
    while name.casefold() in taken:
        number += 1
        name = f"{base}（{number}）"
    taken.add(name.casefold())
    return name
