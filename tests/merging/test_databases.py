"""`xltool merge --database`: what stands in DuckDB, SQLite and PostgreSQL, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import duckdb
import load_many
import polars as pl
import pytest
from load_many import reader
from many_rows import FORM, OF_PROJECT, amount, many_rows, total
from postgres import PASSWORD, Postgres

from xltool.errors import OfficeError
from xltool.form.loading import load_form
from xltool.form.model import Form
from xltool.merging import parquet
from xltool.merging.data_set import SUBMISSION, DataSet, schema_of
from xltool.merging.database_engines import opened, parsed
from xltool.merging.database_loading import loaded
from xltool.merging.database_schema import SCHEMA, make_schema
from xltool.merging.databases import Loaded, load, load_result, refuse_unknown

KINDS = ("sqlite", "duckdb", "postgresql")
FORMS = (
    *("futian_2022_declaration", "futian_2024_declaration", "longgang_2023_budget"),
    *("longgang_2023_unit", "longhua_2021_selfeval", "longhua_2021_target"),
    "national_2015_declaration",
)


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param != "postgresql":
        return f"{request.param}:///{tmp_path / 'data'}.{request.param}"
    server: Postgres = request.getfixturevalue("postgres")
    load_many.empty(server.url)
    return server.url


each_kind = pytest.mark.parametrize(
    "url",
    [pytest.param(kind, marks=pytest.mark.server if kind == KINDS[2] else ()) for kind in KINDS],
    indirect=True,
)


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    return reader(url)(query)


def one_text(text: str | None) -> DataSet:
    """A unit with one project, which has this name and so much text."""
    data = many_rows(1)
    project = data.tables["project"].with_columns(pl.lit(text, pl.String).alias("project_name"))
    return replace(data, tables={**data.tables, "project": project})


def refused(url: str, data: DataSet | None = None, patience: float = 0.2) -> str:
    """Why a load is refused."""
    with pytest.raises(OfficeError) as error:
        loaded(data or many_rows(1), url, patience)
    assert PASSWORD not in str(error.value)
    return error.value.message


@each_kind
def test_a_load_is_whole_and_a_second_one_changes_nothing(url: str) -> None:
    data = many_rows(20)
    assert load(data, url) == Loaded(inserted=4, replaced=0, unchanged=0)
    assert load_many.figures_in(url) == (20, 20 * OF_PROJECT, total(20, 0))
    file = Path(url.partition(":///")[2])
    marks = f"SELECT xmin, ctid FROM {FORM}_indicator ORDER BY ctid"
    before = rows(url, marks) if "postgresql" in url else file.read_bytes()
    assert load(data, url) == Loaded(inserted=0, replaced=0, unchanged=4)
    assert before == (rows(url, marks) if "postgresql" in url else file.read_bytes())
    if "postgresql" not in url:
        assert list(file.parent.iterdir()) == [file]


@each_kind
def test_what_changed_takes_the_place_of_the_old(url: str) -> None:
    load(many_rows(20), url)
    assert load(many_rows(20, edition=1), url) == Loaded(inserted=0, replaced=2, unchanged=2)
    assert load_many.figures_in(url) == (20, 20 * OF_PROJECT, total(20, 1))
    assert load(many_rows(25), url) == Loaded(inserted=1, replaced=2, unchanged=2)
    assert load_many.figures_in(url) == (25, 25 * OF_PROJECT, total(25, 0))


@each_kind
def test_what_else_it_holds_stays(url: str) -> None:
    load(many_rows(20), url)
    data = many_rows(5)
    other = replace(data, submissions=data.submissions.with_columns(pl.lit(2028).alias("fy")))
    assert load(other, url) == Loaded(inserted=1, replaced=0, unchanged=0)
    years = f"SELECT fy, count(*) FROM {FORM}_project GROUP BY fy ORDER BY fy"
    assert rows(url, years) == [(2027, 20), (2028, 5)]


@each_kind
def test_a_file_under_another_name_is_a_change(url: str) -> None:
    data = many_rows(5)
    load(data, url)
    named = data.submissions.with_columns(pl.lit("改名.xlsx").alias("file"))
    assert load(replace(data, submissions=named), url) == Loaded(0, 1, 0)
    assert rows(url, f"SELECT file FROM {FORM}_submission") == [("改名.xlsx",)]


@each_kind
@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "\\N",
        "a\n\\.\nb",
        "制表\t符\r\n反斜杠\\t",
        "“引'号\"”；--",
        "%s %(a)s {} :x",
        "𠮷🌸",
    ],
)
def test_texts_are_stored_as_they_are(url: str, text: str | None) -> None:
    load(one_text(text), url)
    assert rows(url, f"SELECT project_name FROM {FORM}_project") == [(text,)]


@each_kind
def test_keys_types_and_labels(url: str) -> None:
    load(many_rows(5), url)
    names = "project_code, period_years, amount_year, record, sheet, line, cells"
    stored = rows(url, f"SELECT {names} FROM {FORM}_project ORDER BY record")[1]
    year = float(amount(1, 0)) if "sqlite" in url else amount(1, 0)
    assert stored == ("4403" + "1".zfill(17), 2, year, 1, "项目2", 2, "B2,E5")
    with opened(parsed(url)) as database:
        schema = make_schema(load_form(FORM), database.kind)
    kinds = dict(
        rows(
            url,
            "SELECT column_name, type FROM xltool_column"
            f" WHERE table_name = '{FORM}_project' ORDER BY position",
        )
    )
    assert list(kinds) == [column.name for column in schema.rows["project"].columns]
    assert (kinds["amount_year"], kinds["project_code"]) == ("NUMERIC(24, 2)", "TEXT")
    keys = {name: list(table.primary_key.columns.keys()) for name, table in schema.rows.items()}
    submission = ["fy", "district", "unit_code", "version"]
    assert keys == {
        "project": [*submission, "record"],
        "indicator": [*submission, "record", "position"],
    }
    label = (
        f"SELECT label FROM xltool_column WHERE table_name = '{FORM}_project' AND column_name = "
    )
    assert rows(url, label + "'amount_year'") == [("本年度项目金额（万元）",)]
    assert rows(url, label + "'is_new'") == [("是否新增项目",)]


@pytest.mark.server
def test_comments_and_foreign_keys_of_postgresql(postgres: Postgres) -> None:
    load_many.empty(postgres.url)
    load(many_rows(5), postgres.url)
    said = rows(
        postgres.url,
        f"SELECT obj_description('{FORM}_indicator'::regclass), col_description(attrelid, attnum)"
        f" FROM pg_attribute WHERE attrelid = '{FORM}_indicator'::regclass AND attname = 'lv3'",
    )
    assert said == [("二级项目支出绩效目标申报表：指标", "三级指标")]
    assert rows(
        postgres.url,
        "SELECT data_type, numeric_precision, numeric_scale FROM information_schema.columns"
        f" WHERE table_name = '{FORM}_project' AND column_name = 'amount_year'",
    ) == [("numeric", 24, 2)]
    postgres.execute(f"DELETE FROM {FORM}_submission")
    assert load_many.figures_in(postgres.url) == (0, 0, Decimal(0))


@each_kind
def test_the_views_read_like_the_summary(url: str) -> None:
    load(many_rows(5), url)
    lead = ["2027", "440300", "000000", "第0单位"]
    query = f'SELECT * FROM "汇总_{FORM}_indicator" ORDER BY "项目名称", "行"'
    found = list(map(str, rows(url, query)[1]))
    assert found == [
        *lead,
        *("第0个项目\t“甲\\乙”\n二期", "产出指标", "质量指标", "第1项工作完成数量"),
        *("≥2场", "≥", "2", "场", "2.0", "按全年工作计划填写的指标解释"),
        *("000000.xlsx", "项目1", "11"),
    ]
    query = f'SELECT SUM("数值（可计算）"), COUNT(*) FROM "汇总_{FORM}_indicator" WHERE "计量单位" = \'场\''
    assert [tuple(row) for row in rows(url, query)] == [(600.0, 75)]
    query = f'SELECT "年度", "行政区划", "项目总金额（中期规划，万元）" FROM "汇总_{FORM}_project"'
    assert len(rows(url, query)) == 5


def empty_data(form: Form) -> DataSet:
    """A data set without any submission."""
    tables = {name: pl.DataFrame(schema=schema_of(form, name)) for name in form.tables}
    return DataSet(form, pl.DataFrame(schema=SUBMISSION), tables)


@each_kind
def test_every_form_has_its_tables_and_views(url: str) -> None:
    for name in FORMS:
        form = load_form(name)
        assert load(empty_data(form), url) == Loaded(0, 0, 0)
        for table in form.tables:
            assert rows(url, f'SELECT * FROM "汇总_{name}_{table}"') == []
    assert rows(url, "SELECT form FROM xltool_schema ORDER BY form") == [(n,) for n in FORMS]


@each_kind
def test_days_and_rows_without_lines(url: str) -> None:
    form = load_form("longhua_2021_target")
    origin = {"district": "440309", "unit_code": "1", "sha256": "a", "record": 0}
    data = empty_data(form)
    own = {"form": form.id, "version": form.version, "fy": 2027}
    some = pl.DataFrame([origin | own], schema=SUBMISSION)
    project = pl.DataFrame(
        [origin | {"start_date": date(2027, 3, 1)}], schema=data.tables["project"].schema
    )
    indicator = pl.DataFrame([origin] * 3, schema=data.tables["indicator"].schema)
    tables = {**data.tables, "project": project, "indicator": indicator}
    load(DataSet(form, some, tables), url)
    day = "2027-03-01" if "sqlite" in url else date(2027, 3, 1)
    assert rows(url, f"SELECT start_date, end_date FROM {form.id}_project") == [(day, None)]
    positions = f"SELECT position, line FROM {form.id}_indicator ORDER BY position"
    assert rows(url, positions) == [(1, None), (2, None), (3, None)]


def test_sqlite_adds_up_exactly_what_floats_cannot(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'data.sqlite'}"
    data = many_rows(2)
    huge = pl.Series("amount_year", [Decimal("90000000000000.01")] * 2, dtype=pl.Decimal(24, 2))
    load(
        replace(data, tables={**data.tables, "project": data.tables["project"].with_columns(huge)}),
        url,
    )
    exact = f"SELECT sum(amount_year_x100) FROM {FORM}_project"
    assert rows(url, exact) == [(18000000000000002,)]
    more = huge * 2000
    data = replace(
        data, tables={**data.tables, "project": data.tables["project"].with_columns(more)}
    )
    said = "“本年度项目金额（万元）”有太大的数，SQLite 存不下；请用 DuckDB 或 PostgreSQL"
    assert refused(url, data) == said
    assert rows(url, exact) == [(18000000000000002,)]


def without(form: Form, table: str, *fields: str) -> Form:
    """A form as it was before it had these fields."""
    old = form.tables[table]
    left = {name: field for name, field in old.fields.items() if name not in fields}
    return replace(form, tables={**form.tables, table: replace(old, fields=MappingProxyType(left))})


@each_kind
def test_an_older_schema_gets_the_new_columns(url: str) -> None:
    data = many_rows(5)
    old = without(data.form, "project", "amount_year", "goal_year")
    tables = {**data.tables, "project": data.tables["project"].drop("amount_year", "goal_year")}
    load(DataSet(old, data.submissions, tables), url)
    with opened(parsed(url)) as database:
        database.run(f"UPDATE xltool_schema SET schema_number = {SCHEMA - 1}")
    assert load(data, url) == Loaded(inserted=0, replaced=1, unchanged=0)
    assert load_many.figures_in(url) == (5, 5 * OF_PROJECT, total(5, 0))
    query = f'SELECT "年度目标" FROM "汇总_{FORM}_project" LIMIT 1'
    assert rows(url, query) == [("完成年度任务，" * 10,)]
    assert load(data, url) == Loaded(0, 0, 1)


def change(url: str, *statements: str) -> None:
    with opened(parsed(url)) as database:
        for statement in statements:
            database.run(statement)


@each_kind
def test_schemas_that_are_refused(url: str) -> None:
    load(many_rows(1), url)
    change(url, "UPDATE xltool_schema SET schema_number = 99")
    assert refused(url) == (
        f"数据库里 {FORM} 的表由较新的 xltool 建立（结构 99，本版本只认识到 1）；请先升级 xltool"
    )
    change(
        url,
        "UPDATE xltool_schema SET schema_number = 0",
        "UPDATE xltool_column SET type = 'TEXT' WHERE column_name = 'period_years'",
    )
    assert refused(url) == (
        f"数据库里 {FORM}_project 的 period_years 列是 TEXT，现在应为 BIGINT；"
        "请换一个库，或请管理员先把旧表改名"
    )
    change(url, "DELETE FROM xltool_schema")
    assert refused(url) == (
        f"数据库里已有 {FORM}_submission，不是 xltool 建的；请换一个库或模式，或先把它改名"
    )
    change(url, "DROP TABLE xltool_schema", "CREATE TABLE xltool_schema (a integer)")
    assert refused(url) == (
        "数据库里已有 xltool_schema，不是 xltool 建的；请换一个库或模式，或先把它改名"
    )


@each_kind
def test_a_load_that_fails_leaves_no_trace(url: str) -> None:
    load(many_rows(5), url)
    data = many_rows(10, edition=1)
    indicator = data.tables["indicator"].drop("lv3")
    broken = replace(data, tables={**data.tables, "indicator": indicator})
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        load(broken, url)
    assert load_many.figures_in(url) == (5, 5 * OF_PROJECT, total(5, 0))


@each_kind
def test_another_one_writes_for_too_long(url: str) -> None:
    load(many_rows(1), url)
    holder = (
        "import sys, time\n"
        "from xltool.merging.database_engines import opened, parsed\n"
        "with opened(parsed(sys.argv[1])):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", holder, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        words = "用" if "duckdb" in url else "写"
        assert refused(url) == f"另一个程序一直在{words}这个数据库；请等它结束后再试"
        process.kill()
    assert load(many_rows(1), url) == Loaded(0, 0, 1)


def test_a_journal_that_a_killed_load_left_is_removed(tmp_path: Path) -> None:
    """One that holds nothing is not in SQLite's way, but nobody else would remove it."""
    url = f"sqlite:///{tmp_path / 'data.sqlite'}"
    load(many_rows(1), url)
    (tmp_path / "data.sqlite-journal").write_bytes(bytes(512))
    assert load(many_rows(1), url) == Loaded(0, 0, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["data.sqlite"]


@pytest.mark.slow
@each_kind
def test_twice_at_once_and_killed(url: str, tmp_path: Path) -> None:
    editions = [tmp_path / "0", tmp_path / "1"]
    for edition, folder in enumerate(editions):
        parquet.save(many_rows(50, edition), folder / parquet.DATA)
    both = [load_many.start(folder, url) for folder in editions]
    for each in both:
        load_many.ended(each)
    figures = [(50, 50 * OF_PROJECT, total(50, edition)) for edition in (0, 1)]
    load_many.expect(url, figures)
    load_many.kill_often(url, 50, editions, 2)
    assert load_many.left_behind(url) == []


def test_a_result_is_loaded_without_pyarrow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    parquet.save(many_rows(5), tmp_path / parquet.DATA)
    url = f"duckdb:///{tmp_path / 'x.duckdb'}"
    assert load_result(tmp_path, load_form(FORM), url) == Loaded(1, 0, 0)
    assert load_many.figures_in(url) == (5, 5 * OF_PROJECT, total(5, 0))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://root:hush@host/db", "不认识这个数据库地址；可以是 "),
        ("hush", "不认识这个数据库地址；可以是 "),
        ("postgresql://a:hush@host:port/db", "不认识这个数据库地址；可以是 "),
        ("sqlite://", "数据库地址没有写文件，如 sqlite:///合并.sqlite"),
        ("duckdb:///:memory:", "数据库地址没有写文件，如 duckdb:///合并.duckdb"),
    ],
)
def test_addresses_of_no_database(url: str, message: str) -> None:
    with pytest.raises(OfficeError) as error:
        refuse_unknown(url)
    known = "duckdb:///文件.duckdb、sqlite:///文件.sqlite、postgresql://用户@主机/库"
    assert error.value.message == (message + known if message.endswith(" ") else message)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "xltool.merging.database_engines")
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(OfficeError) as error:
        refuse_unknown("sqlite:///x.sqlite")
    assert error.value.message == "--database 需要另外安装：pip install 'xltool[database]'"


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("sqlite", "这个文件不是 SQLite 数据库；请换一个文件名"),
        ("duckdb", "这个文件不是 DuckDB 数据库；请换一个文件名"),
    ],
)
def test_a_file_of_another_kind(tmp_path: Path, kind: str, message: str) -> None:
    file = tmp_path / "notes"
    file.write_text("会议记录" * 1000, encoding="utf-8")
    before = file.read_bytes()
    assert refused(f"{kind}:///{file}") == message
    assert file.read_bytes() == before


@pytest.mark.parametrize("kind", KINDS[:2])
def test_a_folder_that_is_not_there(tmp_path: Path, kind: str) -> None:
    assert refused(f"{kind}:///{tmp_path}/none/x") in (
        "打不开数据库文件；请核对文件夹是否存在、有没有写入权限",
        "打不开或写不了数据库文件；请核对文件夹是否存在、有没有写入权限",
    )


@pytest.mark.server
def test_what_a_server_refuses(postgres: Postgres) -> None:
    load_many.empty(postgres.url)
    wrong = "数据库服务器不接受这个用户名或密码；密码可放在 PGPASSWORD 或 ~/.pgpass 里"
    assert refused(postgres.url_of(f"clerk:{PASSWORD}x")) == wrong
    assert refused(postgres.url_of("clerk")) == wrong
    assert refused(postgres.url_of("nobody")) == wrong
    assert refused(postgres.url_of("owner", "none")) == (
        "服务器上没有这个数据库；请核对地址最后的库名，或请管理员建库"
    )
    unreachable = "连不上数据库服务器；请核对地址和端口，以及服务器是否在运行"
    assert refused(f"postgresql://clerk:{PASSWORD}@localhost:1/budget") == unreachable
    nowhere = quote(str(postgres.folder / "none"), safe="")
    assert refused(f"postgres://clerk:{PASSWORD}@/budget?host={nowhere}") == unreachable


@pytest.mark.server
def test_a_clerk_may_write_what_he_is_granted(postgres: Postgres) -> None:
    load_many.empty(postgres.url)
    clerk = postgres.url_of(f"clerk:{PASSWORD}")
    assert refused(clerk) == "没有可以写入的模式（schema）；请核对 search_path"
    postgres.execute("GRANT USAGE ON SCHEMA public TO clerk")
    assert refused(clerk) == (
        "没有权限在数据库里建表或写入；请管理员授权（GRANT CREATE、USAGE ON SCHEMA）"
    )
    postgres.execute("GRANT CREATE ON SCHEMA public TO clerk")
    assert load(many_rows(5), clerk) == Loaded(1, 0, 0)
    assert load(many_rows(5), clerk) == Loaded(0, 0, 1)


@pytest.mark.server
def test_a_schema_of_its_own(postgres: Postgres) -> None:
    postgres.execute("CREATE SCHEMA IF NOT EXISTS performance")
    url = postgres.url + "&options=-csearch_path%3Dperformance"
    assert load(many_rows(5), url) == Loaded(1, 0, 0)
    query = f"SELECT count(*) FROM performance.{FORM}_project"
    assert postgres.execute(query) == [(5,)]
    postgres.execute("DROP SCHEMA performance CASCADE")


def test_keys_of_duckdb(tmp_path: Path) -> None:
    file = tmp_path / "x.duckdb"
    load(many_rows(5), f"duckdb:///{file}")
    with duckdb.connect(file, read_only=True) as connection:
        keys = connection.execute(
            "SELECT table_name FROM duckdb_constraints()"
            " WHERE constraint_type = 'PRIMARY KEY' ORDER BY table_name"
        ).fetchall()
        (said,) = connection.execute(
            "SELECT comment FROM duckdb_columns()"
            f" WHERE table_name = '{FORM}_project' AND column_name = 'is_new'"
        ).fetchall()
    ours = [f"{FORM}_{name}" for name in ("indicator", "project", "submission")]
    assert [name for (name,) in keys] == [*ours, "xltool_column", "xltool_schema"]
    assert said == ("是否新增项目",)
