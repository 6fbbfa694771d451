"""Three databases behind one face: PostgreSQL, SQLite and DuckDB, each by the fast way of its driver.

`opened` gives one transaction, under a lock that other loads wait for. It is committed at the end of the
block, and nothing is written if the block raises or the process is killed.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import duckdb
import polars as pl
import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect

from xltool.errors import OfficeError
from xltool.merging.database_schema import exact_column, stored

PATIENCE = 300.0  # seconds that a load waits for another one
_PAUSE = 0.05  # seconds between two tries to open a file of DuckDB
_LOCK = 0x786C746F6F6C  # "xltool": the number of the advisory lock
# for PostgreSQL's text format
_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
_SQLITE_WORDS = {
    "SQLITE_BUSY": "另一个程序一直在写这个数据库；请等它结束后再试",
    "SQLITE_LOCKED": "另一个程序一直在写这个数据库；请等它结束后再试",
    "SQLITE_FULL": "磁盘已满，没有写入；请清理后再试",
    "SQLITE_READONLY": "数据库只读，没有写入；请换一个位置，或请管理员给写入权限",
    "SQLITE_CANTOPEN": "打不开数据库文件；请核对文件夹是否存在、有没有写入权限",
    "SQLITE_PERM": "没有权限打开数据库文件",
    "SQLITE_NOTADB": "这个文件不是 SQLite 数据库；请换一个文件名",
    "SQLITE_CORRUPT": "数据库文件已损坏；请从备份恢复，或换一个文件名",
    "SQLITE_IOERR": "磁盘读写出错，没有写入",
}
_DUCKDB_WORDS = (
    ("Could not set lock", "另一个程序一直在用这个数据库；请等它结束后再试"),
    ("No space left", "磁盘已满，没有写入；请清理后再试"),
    ("not a valid DuckDB", "这个文件不是 DuckDB 数据库；请换一个文件名"),
    ("version number", "数据库文件由另一版本的 DuckDB 建立；请升级 duckdb，或换一个文件名"),
    ("", "打不开或写不了数据库文件；请核对文件夹是否存在、有没有写入权限"),
)
_POSTGRES_WORDS = {
    "08": "与数据库服务器的连接断了，没有写入；请再试一次",
    "28": "数据库服务器不接受这个用户名或密码；密码可放在 PGPASSWORD 或 ~/.pgpass 里",
    "3D": "服务器上没有这个数据库；请核对地址最后的库名，或请管理员建库",
    "3F": "没有可以写入的模式（schema）；请核对 search_path",
    "42501": "没有权限在数据库里建表或写入；请管理员授权（GRANT CREATE、USAGE ON SCHEMA）",
    "22P05": "数据库的编码不是 UTF8，存不下这些字；请管理员用 UTF8 建库",
    "2BP01": "库里有别的视图用到 xltool 的视图，不能更新它们；请先删去那些视图",
    "53": "数据库服务器的磁盘、内存或连接数已用完，没有写入；请管理员处理后再试",
    "55P03": "另一个程序一直在写这个数据库；请等它结束后再试",
    "57": "数据库服务器中断了连接，没有写入；请再试一次",
    "58": "数据库服务器读写出错，没有写入；请管理员检查",
    "25006": "数据库只读，没有写入；请核对是否连到了备库",
}
# libpq gives no code where there is no connection yet
_POSTGRES_HINTS = {
    "authentication failed": "28",
    "no password supplied": "28",
    "no pg_hba.conf entry": "28",
    "FATAL:  role": "28",
    "FATAL:  database": "3D",
    "too many": "53",
    "starting up": "57",
}
_UNREACHABLE = "连不上数据库服务器；请核对地址和端口，以及服务器是否在运行"


class Database(Protocol):
    """A transaction in a database."""

    kind: str
    dialect: Dialect

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement: its rows, if it has any."""

    def append(self, table: sa.Table, rows: pl.DataFrame) -> None:
        """Add rows, whose columns are named as those of the table that are stored."""

    def names(self) -> set[str]:
        """The names of all tables and views, where ours are to stand."""

    def columns(self, table: str) -> set[str]:
        """The names of the columns of a table."""


def write(database: Database, statement: sa.Executable | sa.schema.ExecutableDDLElement) -> Any:
    """Run a statement of SQLAlchemy with its values in it: its rows, if it has any."""
    return database.run(sql(database, statement))


def sql(database: Database, statement: Any) -> str:
    """A statement of SQLAlchemy in the words of a database."""
    values = (
        {} if isinstance(statement, sa.schema.ExecutableDDLElement) else {"literal_binds": True}
    )
    return str(statement.compile(dialect=database.dialect, compile_kwargs=values))


def quoted(database: Database, name: str) -> str:
    """A name as it stands in a statement."""
    return database.dialect.identifier_preparer.quote(name)


def parsed(url: str) -> sa.URL:
    """The address of a database. Raises OfficeError, without the address, which may hold a password."""
    try:
        found = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        found = None
    kind = found.get_backend_name().replace("postgres", "postgresql", 1) if found else ""
    kind = "postgresql" if kind.startswith("postgresql") else kind
    if found is None or kind not in ("duckdb", "sqlite", "postgresql"):
        known = "duckdb:///文件.duckdb、sqlite:///文件.sqlite、postgresql://用户@主机/库"
        raise OfficeError(f"不认识这个数据库地址；可以是 {known}")
    if kind != "postgresql" and found.database in (None, "", ":memory:"):
        raise OfficeError(f"数据库地址没有写文件，如 {kind}:///合并.{kind}")
    return found.set(drivername="postgresql+psycopg" if kind == "postgresql" else kind)


@contextmanager
def opened(url: sa.URL, patience: float = PATIENCE) -> Iterator[Database]:
    """One transaction, which no other load runs beside.

    Raises OfficeError where the database cannot be had, refuses, or another load takes too long.
    """
    open_it = {"sqlite": _sqlite, "duckdb": _duckdb}.get(url.drivername, _postgres)
    with open_it(url, patience) as database:
        yield database


@contextmanager
def _sqlite(url: sa.URL, patience: float) -> Iterator[Database]:
    where = Path(url.database or "")
    try:
        connection = sqlite3.connect(where, timeout=patience, isolation_level=None)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            _tidy(connection, where)
            connection.execute("BEGIN IMMEDIATE")
            yield Sqlite(connection)
            connection.execute("COMMIT")
        finally:
            connection.close()  # what is not committed is rolled back
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        words = next((said for code, said in _SQLITE_WORDS.items() if name.startswith(code)), None)
        if words is None:
            raise
        raise OfficeError(words, where) from error


def _tidy(connection: sqlite3.Connection, where: Path) -> None:
    """Remove a journal that a killed load left and that holds nothing.

    SQLite does so itself, under its own lock, when it is told to change from a mode that keeps journals.
    """
    if where.with_name(f"{where.name}-journal").exists():
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        if mode == "delete":
            connection.execute("PRAGMA journal_mode = PERSIST")
            connection.execute("PRAGMA journal_mode = DELETE")


class Sqlite:
    """SQLite through Python's own module; rows go in with `executemany`."""

    kind = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.dialect: Dialect = sqlite.dialect()
        self._connection = connection

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement: its rows, if it has any."""
        return self._connection.execute(statement).fetchall()

    def append(self, table: sa.Table, rows: pl.DataFrame) -> None:
        """Add rows; amounts as whole numbers, days as ISO has them. Raises OfficeError for huge amounts."""
        exact = {exact_column(c): c for c in table.columns if exact_column(c)}
        values = []
        for column in stored(table):
            source = exact.get(column.name, column)
            value = pl.col(source.name)
            dtype = rows.schema[source.name]
            if isinstance(dtype, pl.Decimal):
                digits = value.cast(pl.Decimal(38, dtype.scale)) * 10**dtype.scale
                value = _whole(rows, digits, source)
            elif dtype == pl.Date:
                value = value.dt.to_string("iso")
            values.append(value.alias(column.name))
        names = ", ".join(quoted(self, column.name) for column in stored(table))
        marks = ", ".join("?" * len(values))
        self._connection.executemany(
            f"INSERT INTO {quoted(self, table.name)} ({names}) VALUES ({marks})",  # noqa: S608
            rows.select(values).iter_rows(),
        )

    def names(self) -> set[str]:
        """The names of all tables and views."""
        return {name for (name,) in self.run("SELECT name FROM sqlite_master")}

    def columns(self, table: str) -> set[str]:
        """The names of the columns of a table."""
        return {row[1] for row in self.run(f"PRAGMA table_xinfo({quoted(self, table)})")}


def _whole(rows: pl.DataFrame, digits: pl.Expr, column: sa.Column[Any]) -> pl.Expr:
    """A decimal as a whole number, which SQLite holds exactly up to 2^63. Raises OfficeError beyond."""
    whole = digits.cast(pl.Int64, strict=False)
    if not rows.select((whole.is_null() & digits.is_not_null()).any()).item():
        return whole
    raise OfficeError(f"“{column.comment}”有太大的数，SQLite 存不下；请用 DuckDB 或 PostgreSQL")


@contextmanager
def _duckdb(url: sa.URL, patience: float) -> Iterator[Database]:
    where = Path(url.database or "")
    end = time.monotonic() + patience
    try:
        while (connection := _unlocked(where, end)) is None:
            time.sleep(_PAUSE)
        try:
            connection.execute("BEGIN")
            yield DuckDb(connection)
            connection.execute("COMMIT")
        finally:
            connection.close()
    except (duckdb.IOException, duckdb.PermissionException) as error:
        words = next(said for part, said in _DUCKDB_WORDS if part in str(error))
        raise OfficeError(words, where) from error
    except duckdb.OutOfMemoryException as error:
        raise OfficeError("内存或磁盘不够，没有写入", where) from error


def _unlocked(where: Path, end: float) -> duckdb.DuckDBPyConnection | None:
    """A connection; None while another process has the file, until the `end`."""
    try:
        return duckdb.connect(where, config={"threads": 1})
    except duckdb.IOException as error:
        if _DUCKDB_WORDS[0][0] not in str(error) or time.monotonic() >= end:
            raise
    return None


class DuckDb:
    """DuckDB, which takes the columns of polars as they lie in memory. It speaks PostgreSQL's SQL."""

    kind = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.dialect: Dialect = _postgres_dialect()
        self._connection = connection

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement: its rows, if it has any."""
        done = self._connection.execute(statement)
        return done.fetchall() if done.description else []

    def append(self, table: sa.Table, rows: pl.DataFrame) -> None:
        """Add rows straight from their columns."""
        names = ", ".join(quoted(self, column.name) for column in stored(table))
        self._connection.register("xltool_rows", _Columns(rows))
        try:
            self._connection.execute(
                f"INSERT INTO {quoted(self, table.name)} ({names}) SELECT {names} FROM xltool_rows"  # noqa: S608
            )
        finally:
            self._connection.unregister("xltool_rows")

    def names(self) -> set[str]:
        """The names of all tables and views."""
        found = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'"
        return {name for (name,) in self.run(found)}

    def columns(self, table: str) -> set[str]:
        """The names of the columns of a table."""
        return {row[1] for row in self.run(f"PRAGMA table_info('{table}')")}


class _Columns:
    """A frame as DuckDB takes it without pyarrow: it would ask for that if it knew polars' own."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


def _postgres_dialect() -> Dialect:
    # not psycopg's, which doubles the sign % for statements with parameters
    dialect: Dialect = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]
    return dialect


@contextmanager
def _postgres(url: sa.URL, patience: float) -> Iterator[Database]:
    _, options = url.get_dialect()().create_connect_args(url)
    try:
        connection = psycopg.connect(
            **{"connect_timeout": 10, **options, "client_encoding": "UTF8"}
        )
    except psycopg.Error as error:
        raise OfficeError(_why_not_connected(error)) from None  # it may hold the password
    try:
        connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        with connection:  # commits, or rolls back
            connection.execute(f"SET LOCAL lock_timeout = {int(patience * 1000)}")
            connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield Postgres(connection)
    except psycopg.Error as error:
        words = _by_state(error.sqlstate or ("08" if connection.broken else ""))
        if words is None:
            raise
        raise OfficeError(words) from error


class Postgres:
    """PostgreSQL through psycopg; rows go in with COPY."""

    kind = "postgresql"

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self.dialect: Dialect = _postgres_dialect()
        self._connection = connection

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement: its rows, if it has any."""
        done = self._connection.execute(statement.encode())
        return done.fetchall() if done.description else []

    def append(self, table: sa.Table, rows: pl.DataFrame) -> None:
        """Add rows in the text format of COPY."""
        names = [column.name for column in stored(table)]
        texts = [pl.col(n) for n in names if rows.schema[n] == pl.String]
        for sign, escape in _ESCAPES:
            texts = [text.str.replace_all(sign, escape, literal=True) for text in texts]
        lines = rows.with_columns(texts).select(names)
        written = lines.write_csv(
            include_header=False, separator="\t", quote_style="never", null_value="\\N"
        )
        listed = ", ".join(quoted(self, name) for name in names)
        statement = f"COPY {quoted(self, table.name)} ({listed}) FROM STDIN"
        with self._connection.cursor().copy(statement.encode()) as copy:
            copy.write(written.encode())

    def names(self) -> set[str]:
        """The names of all tables and views in the current schema."""
        found = "SELECT relname FROM pg_class WHERE relnamespace::regnamespace::text = quote_ident(current_schema())"
        return {name for (name,) in self.run(found)}

    def columns(self, table: str) -> set[str]:
        """The names of the columns of a table."""
        found = "SELECT attname FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped"
        one = f"{found} AND attrelid = to_regclass('{quoted(self, table)}')"
        return {name for (name,) in self.run(one)}


def _by_state(state: str) -> str | None:
    """What PostgreSQL's code of an error means, in Chinese."""
    return next((said for code, said in _POSTGRES_WORDS.items() if state.startswith(code)), None)


def _why_not_connected(error: psycopg.Error) -> str:
    """Why there is no connection, in Chinese; the server's words are not shown."""
    if error.sqlstate:
        return _by_state(error.sqlstate) or _UNREACHABLE
    said = str(error)
    for part, state in _POSTGRES_HINTS.items():
        if part in said:
            return _POSTGRES_WORDS[state]
    return _UNREACHABLE
