"""The tables and views of a form in a database, in the words of SQLAlchemy.

Names are English as the form declares them; what is printed on the form is in the comments, in the table
`xltool_column` and in the views. All names begin with the form's id, so that one schema holds many forms.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import sqlalchemy as sa

from xltool.errors import OfficeError
from xltool.fields.kinds import Field
from xltool.form.model import Form, TableView
from xltool.merging.data_set import PLACES, PROVENANCE
from xltool.merging.summary import ELEMENTS as ELEMENT_LABELS
from xltool.merging.summary import LEAD

SCHEMA = 1  # of these tables: raise it when what is stored of the same rows changes
KEY_COLUMNS = ("fy", "district", "unit_code", "version")  # of a submission, among those of a form
ELEMENTS = ("target_op", "target_value", "target_unit")  # of a target value written as one text
NUMBER, _NUMBER_LABEL = (
    "target_number",
    "数值（可计算）",
)  # the value as a number, where it is no date
LONGEST = 63  # bytes of a name in PostgreSQL
VIEW = "汇总"
_KEY: Mapping[str, tuple[type[sa.types.TypeEngine[Any]], str]] = {
    "fy": (sa.BigInteger, "年度"),
    "district": (sa.Text, "行政区划"),
    "unit_code": (sa.Text, "单位代码"),
    "version": (sa.Text, "表的版本"),
}
_SUBMISSION = {
    "unit_name": "单位名称",
    "department_code": "部门代码",
    "department": "主管部门",
    "issue_id": "签发编号",
    "file": "来源文件",
    "sha256": "来源文件的 SHA-256",
    "digest": "已写入内容的摘要，xltool 用来识别有没有变化",
}
_OF_SUBMISSION = ("district", "unit_code", "issue_id", "file", "sha256")  # not repeated in rows
_PLACE = {
    "record": "第几张",
    "sheet": "来源工作表",
    "line": "行",
    "cells": "各栏目所在的单元格",
    "typed": "单位原来填写的写法",
}
_META = sa.MetaData()
SCHEMA_TABLE = sa.Table(
    "xltool_schema",
    _META,
    sa.Column("form", sa.Text, primary_key=True),
    sa.Column("schema_number", sa.BigInteger, nullable=False),
    sa.Column("form_version", sa.Text, nullable=False),
    sa.Column("columns_digest", sa.Text, nullable=False),
    comment="xltool：各表的结构",
)
COLUMN_TABLE = sa.Table(
    "xltool_column",
    _META,
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("column_name", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    comment="xltool：各栏目印在表上的名称",
)


@dataclass(frozen=True)
class Schema:
    """The tables of a form for one kind of database: of submissions, and of rows by table of the form."""

    form: Form
    submission: sa.Table
    rows: Mapping[str, sa.Table]

    @property
    def tables(self) -> list[sa.Table]:
        """All tables, each after those that it refers to."""
        return [self.submission, *self.rows.values()]

    @property
    def columns(self) -> list[tuple[str, str, int, str, str]]:
        """What `xltool_column` says: table, column, position, type and label."""
        return [
            (table.name, column.name, place, type_of(column), column.comment or "")
            for table in self.tables
            for place, column in enumerate(table.columns)
        ]

    @property
    def digest(self) -> str:
        """What tells this schema from another one."""
        told = json.dumps(self.columns, ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def views(self) -> dict[str, sa.Select[Any]]:
        """The views by name: each reads like a sheet of 汇总表."""
        return {
            f"{VIEW}_{self.form.id}_{name}": self._view(table)
            for name, table in self.form.tables.items()
        }

    def _view(self, table: TableView) -> sa.Select[Any]:
        rows, main = self.rows[table.name], self.form.record_table
        source: sa.FromClause = rows.join(self.submission, _same(rows, self.submission))
        shown = [self.submission.c.fy.label("年度")]
        shown += [self.submission.c[name].label(label) for name, label in LEAD.items()]
        lead = set(LEAD)
        if "project_name" in main.fields and table is not main and table.name not in self.form.once:
            records = self.rows[main.name]
            same_record = _same(rows, records) & (rows.c.record == records.c.record)
            source = source.outerjoin(records, same_record)
            shown.append(records.c.project_name.label("项目名称"))
            lead.add("project_name")
        for name, field in fields_of(table).items():
            if name not in lead:
                shown.append(rows.c[column_of(name)].label(field.short_label))
            if name == "target" and has_elements(table):
                pairs = zip(ELEMENTS, ELEMENT_LABELS, strict=True)
                shown += [rows.c[n].label(label) for n, label in pairs]
                shown.append(rows.c[NUMBER].label(_NUMBER_LABEL))
        shown.append(self.submission.c.file.label("来源文件"))
        shown += [rows.c[n].label(_PLACE[n]) for n in ("sheet", "line")]
        labels = _distinct(column.name for column in shown)
        named = [c.element.label(label) for c, label in zip(shown, labels, strict=True)]
        return sa.select(*named).select_from(source)


def make_schema(form: Form, kind: str) -> Schema:
    """The schema of a form for `postgresql`, `duckdb` or `sqlite`.

    Raises OfficeError where a name is longer than a database takes.
    """
    metadata = sa.MetaData()
    columns = [*_key(), *(sa.Column(n, sa.Text, comment=said) for n, said in _SUBMISSION.items())]
    title = f"{form.title}：每个单位交的一份"
    submission = sa.Table(name_in(form, "submission"), metadata, *columns, comment=title)
    rows = {
        name: sa.Table(
            name_in(form, name),
            metadata,
            *_row_columns(form, table, kind),
            *_references(submission, kind),
            comment=f"{form.title}：{table.title}",
        )
        for name, table in form.tables.items()
    }
    return Schema(form, submission, rows)


def name_in(form: Form, table: str) -> str:
    """The name of a table in the database. Raises OfficeError where it, or its view's, is too long."""
    name = f"{form.id}_{table}"
    if len(f"{VIEW}_{name}".encode()) > LONGEST:
        raise OfficeError(f"数据库里的名称 {name} 太长；请给表 {form.id} 改一个短的代号")
    return name


def column_of(field: str) -> str:
    """The column of a field: its name, with `_` after it where the name has another meaning."""
    return f"{field}_" if field in (*_KEY, "position") else field


def fields_of(table: TableView) -> dict[str, Field]:
    """The fields that a data set has; one that is named as what rows come from it has not."""
    return {
        name: field for name, field in table.fields.items() if name not in (*PROVENANCE, *PLACES)
    }


def exact_column(column: sa.Column[Any]) -> str | None:
    """Where SQLite has an exact amount: in whole hundredths, say, in the column `…_x100`."""
    name: str | None = column.info.get("exact")
    return name


def stored(table: sa.Table) -> list[sa.Column[Any]]:
    """The columns that are written; the others are worked out by the database."""
    return [column for column in table.columns if column.computed is None]


def has_elements(table: TableView) -> bool:
    """True if a target value is one text there: its sign, number and unit follow it."""
    names = set(table.fields)
    return {"lv2", "target"} <= names and not {*ELEMENTS, NUMBER} & names


def type_of(column: sa.Column[Any]) -> str:
    """The type of a column in a word."""
    return str(column.type.compile())


def _key() -> Iterator[sa.Column[Any]]:
    for name, (kind, label) in _KEY.items():
        yield _key_column(name, kind, label)


def _key_column(name: str, kind: type[sa.types.TypeEngine[Any]], label: str) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False, comment=label)


def _row_columns(form: Form, table: TableView, kind: str) -> Iterator[sa.Column[Any]]:
    """Key, fields and provenance. A record has one row in the main table, elsewhere perhaps several."""
    yield from _key()
    yield _key_column("record", sa.BigInteger, _PLACE["record"])
    if table is not form.record_table:
        yield _key_column("position", sa.BigInteger, "第几行")
    for name, field in fields_of(table).items():
        yield from _field_columns(column_of(name), field, kind)
        if name == "target" and has_elements(table):
            pairs = zip(ELEMENTS, ELEMENT_LABELS, strict=True)
            yield from (sa.Column(n, sa.Text, comment=label) for n, label in pairs)
            yield sa.Column(NUMBER, sa.Double, comment=_NUMBER_LABEL)
    for name, dtype in (PROVENANCE | PLACES).items():
        if name not in (*_OF_SUBMISSION, "record"):
            yield sa.Column(name, _type(dtype), comment=_PLACE.get(name, name))


def _field_columns(name: str, field: Field, kind: str) -> Iterator[sa.Column[Any]]:
    dtype = field.kind.dtype(field)
    unit = field.unit or ""
    label = field.short_label
    label += f"（{unit}）" if unit and unit not in label else ""
    if kind != "sqlite" or not isinstance(dtype, pl.Decimal):
        yield sa.Column(name, _type(dtype), comment=label)
        return
    # SQLite has no decimals: what is stored is whole, and what people read is worked out of it
    if not dtype.scale:
        yield sa.Column(name, sa.BigInteger, comment=label)
        return
    exact, parts = f"{name}_x{10**dtype.scale}", 10**dtype.scale
    yield sa.Column(exact, sa.BigInteger, comment=f"{label}，乘以 {parts} 的整数")
    worked_out = sa.Computed(f'"{exact}" / {parts}.0', persisted=False)
    yield sa.Column(name, _type(dtype), worked_out, comment=label, info={"exact": exact})


def _type(dtype: pl.DataType) -> sa.types.TypeEngine[Any]:
    if isinstance(dtype, pl.Decimal):
        return sa.Numeric(dtype.precision, dtype.scale)
    if dtype.is_integer():
        return sa.BigInteger()
    return sa.Date() if dtype == pl.Date else sa.Text()


def _references(submission: sa.Table, kind: str) -> list[sa.ForeignKeyConstraint]:
    """Rows belong to a submission. DuckDB cannot replace in one transaction what others refer to."""
    if kind == "duckdb":
        return []
    columns = [submission.c[name] for name in KEY_COLUMNS]
    return [sa.ForeignKeyConstraint(KEY_COLUMNS, columns, ondelete="CASCADE")]


def _same(one: sa.Table, other: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(*(one.c[name] == other.c[name] for name in KEY_COLUMNS))


def _distinct(labels: Iterable[str]) -> list[str]:
    """Labels as names of columns: short enough, and no two alike."""
    found: list[str] = []
    for label in labels:
        name, number = _cut(label, LONGEST), 1
        while name.casefold() in {each.casefold() for each in found}:
            number += 1
            name = _cut(label, LONGEST - 5) + f" ({number})"
        found.append(name)
    return found


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")
