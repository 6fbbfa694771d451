"""The tables of a form are there, and ours: made, brought up to date, or refused."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from xltool.errors import OfficeError
from xltool.merging.database_engines import Database, quoted, sql, write
from xltool.merging.database_schema import COLUMN_TABLE, SCHEMA, SCHEMA_TABLE, Schema


def migrate(database: Database, schema: Schema) -> None:
    """Make the tables and views of a form, or add what an older version of them lacks.

    Raises OfficeError where a newer xltool made them, somebody else did, or a column has another type.
    """
    names = database.names()
    for table in (SCHEMA_TABLE, COLUMN_TABLE):
        if table.name not in names:
            _make(database, table)
        elif database.columns(table.name) != set(table.columns.keys()):
            raise _not_ours(table.name)
    own = SCHEMA_TABLE.c.form == schema.form.id
    number, digest = SCHEMA_TABLE.c.schema_number, SCHEMA_TABLE.c.columns_digest
    known = write(database, sa.select(number, digest).where(own))
    if known and known[0][0] > SCHEMA:
        raise OfficeError(
            f"数据库里 {schema.form.id} 的表由较新的 xltool 建立（结构 {known[0][0]}，"
            f"本版本只认识到 {SCHEMA}）；请先升级 xltool"
        )
    if known == [(SCHEMA, schema.digest)]:
        return
    if not known:
        for name in [*(table.name for table in schema.tables), *schema.views]:
            if name in names:
                raise _not_ours(name)
    _bring_up_to_date(database, schema, names)
    write(database, sa.delete(SCHEMA_TABLE).where(own))
    values = (schema.form.id, SCHEMA, schema.form.version, schema.digest)
    write(database, sa.insert(SCHEMA_TABLE).values(values))


def _bring_up_to_date(database: Database, schema: Schema, names: set[str]) -> None:
    ours = COLUMN_TABLE.c.table_name.in_([table.name for table in schema.tables])
    kept = write(database, sa.select(COLUMN_TABLE).where(ours))
    types = {(row[0], row[1]): row[3] for row in kept}
    for view in schema.views:
        if view in names:
            database.run(f"DROP VIEW {quoted(database, view)}")
    told = schema.columns
    for place, name, _, kind, _ in told:
        if types.get((place, name), kind) != kind:
            raise OfficeError(
                f"数据库里 {place} 的 {name} 列是 {types[place, name]}，现在应为 {kind}；"
                "请换一个库，或请管理员先把旧表改名"
            )
    for table in schema.tables:
        if table.name not in names:
            _make(database, table)
            continue
        for column in table.columns:
            if (table.name, column.name) not in types:
                words = sql(database, sa.schema.CreateColumn(column))
                database.run(f"ALTER TABLE {quoted(database, table.name)} ADD COLUMN {words}")
        _comment(database, table)
    for name, select in schema.views.items():
        database.run(f"CREATE VIEW {quoted(database, name)} AS {sql(database, select)}")
    stays = {(row[0], row[1]) for row in told}
    rows = [*told, *(row for row in kept if (row[0], row[1]) not in stays)]
    write(database, sa.delete(COLUMN_TABLE).where(ours))
    write(database, sa.insert(COLUMN_TABLE).values(rows))


def _make(database: Database, table: sa.Table) -> None:
    write(database, sa.schema.CreateTable(table))
    _comment(database, table)


def _comment(database: Database, table: sa.Table) -> None:
    """Say what is printed on the form, where the database knows comments."""
    if database.kind == "sqlite":
        return
    comments: list[Any] = [sa.schema.SetTableComment(table)] if table.comment else []
    comments += [sa.schema.SetColumnComment(c) for c in table.columns if c.comment]
    for comment in comments:
        write(database, comment)


def _not_ours(name: str) -> OfficeError:
    return OfficeError(f"数据库里已有 {name}，不是 xltool 建的；请换一个库或模式，或先把它改名")
