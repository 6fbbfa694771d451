"""导入文件: cells by position, as openpyxl, a system that reads GB18030, and LibreOffice see them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from helpers import answers, fill_unit, make_campaign
from merges import all_returns, parts_here, table
from office import Office
from round_trips import fill_all

from xltool.checking import running
from xltool.errors import OfficeError
from xltool.form.model import Form
from xltool.merging import import_file, import_lines, parquet
from xltool.merging.data_set import DataSet
from xltool.merging.import_totals import TotalsError, check
from xltool.merging.merge import merge
from xltool.office.campaign import Campaign, load_campaign
from xltool.office.csv_files import read_csv, read_written
from xltool.office.import_map import Column, sheets_of
from xltool.office.import_plan import ImportPlan
from xltool.write import tables

UNIT, NAME = "106001", "云岭区政务服务和数据管理局（本级）"
Rows = list[tuple[Any, ...]]


def merged(campaign: Campaign, returns: Sequence[Path], folder: Path) -> tuple[DataSet, Path]:
    """The data set of some returns, and the result that holds it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "made_here", parts_here)
        result = merge(returns, folder, campaign, accept_warnings=True)
    assert result.folder is not None
    return parquet.load(folder / parquet.DATA, campaign.form), folder


@pytest.fixture(scope="module")
def declarations(
    declaration: Campaign, tmp_path_factory: pytest.TempPathFactory
) -> tuple[DataSet, Path]:
    """The merge result of the declarations of five units."""
    folder = tmp_path_factory.mktemp("declarations")
    (folder / "returns").mkdir()
    returns = all_returns(declaration, folder / "returns")
    return merged(declaration, [returns], folder / "out")


@pytest.fixture(scope="module")
def data(declarations: tuple[DataSet, Path]) -> DataSet:
    """The declarations of five units."""
    return declarations[0]


@pytest.fixture(scope="module")
def budgets(tmp_path_factory: pytest.TempPathFactory) -> tuple[DataSet, Path]:
    """The merge result of the budgets of two units: seventeen sheets."""
    folder = tmp_path_factory.mktemp("budgets")
    campaign = make_campaign("budget", folder / "campaign")
    returns = fill_all(campaign, "budget", folder / "returns")
    return merged(campaign, list(returns.values()), folder / "out")


@pytest.fixture(scope="module")
def targets(target: Campaign, tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    """The target form of one unit: amounts in 万元, dates."""
    folder = tmp_path_factory.mktemp("targets")
    path = fill_unit(target, "226002", answers("target", "226002"), folder / "226002.xlsx")
    return merged(target, [path], folder / "out")[0]


@pytest.fixture(scope="module")
def evaluations(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    """The self-evaluation of one unit: amounts in 元."""
    folder = tmp_path_factory.mktemp("evaluations")
    campaign = make_campaign("selfeval", folder / "campaign")
    path = fill_unit(campaign, "226002", answers("selfeval", "226002"), folder / "226002.xlsx")
    return merged(campaign, [path], folder / "out")[0]


def plan(form: Form, *lines: str, **settings: Any) -> ImportPlan:
    """A plan with the columns of these lines: 列名,栏目,工作表,格式."""
    words = [
        dict(zip(("列名", "栏目", "工作表", "格式"), x.split(","), strict=False)) for x in lines
    ]
    return ImportPlan(sheets_of(enumerate(words, 2), form, None), words, **settings)


def records(data: DataSet, columns: Sequence[Column]) -> Iterator[tuple[Any, ...]]:
    """The lines of a sheet, worked out the slow way: record by record, row by row."""
    order = ["district", "unit_code", "record"]
    units = {row["unit_code"]: row for row in data.submissions.to_dicts()}
    frames = {column.table: data.tables[column.table] for column in columns if column.table}
    for record in data.tables[data.form.record_table.name].sort(order).to_dicts():
        here = pl.col("sha256").eq(record["sha256"]) & pl.col("record").eq(record["record"])
        found = {name: frame.filter(here).to_dicts() for name, frame in frames.items()}
        count = max(1, *(len(rows) for rows in found.values()))
        for line in range(count):
            yield tuple(
                (
                    units[record["unit_code"]][column.field] or None
                    if column.field and not column.table
                    else column.constant or None
                    if not column.table
                    else _cell(found[column.table], line, column.field, data.form, column.table)
                )
                for column in columns
            )


def _cell(rows: list[dict[str, Any]], line: int, field: str, form: Form, name: str) -> Any:
    """The value of a row, of the only one in each line where the table has one for each record."""
    if not rows:
        return None
    value = rows[line if form.tables[name].is_rows else 0][field]
    return None if value == "" else value


def seen(path: Path) -> Rows:
    """What the one sheet of an import file says below its heading, figures as they were written."""
    (page,) = openpyxl.load_workbook(path).worksheets
    return list(page.iter_rows(min_row=2, values_only=True))


def plain(rows: Iterator[tuple[Any, ...]] | Rows) -> list[list[Any]]:
    """Cells as a workbook gives them back: a figure is a float, an empty text is nothing."""
    return [
        [float(cell) if isinstance(cell, Decimal | int) else cell for cell in row] for row in rows
    ]


# -- a merge ---------------------------------------------------------------------------------------


def test_the_declaration_by_position(declarations: tuple[DataSet, Path]) -> None:
    data, folder = declarations
    path = folder / "导入文件.xlsx"
    book = openpyxl.load_workbook(path)
    (page,) = book.worksheets
    head, *rows = page.iter_rows()
    assert [cell.value for cell in head] == [
        *("项目编码", "项目名称", "申请单位", "一级预算单位", "实施期限", "项目类型"),
        *("是否新增项目", "分配方式", "项目总金额", "本年度项目金额", "政策依据", "测算依据"),
        *("年度目标", "长期目标", "一级指标", "二级指标", "三级指标", "指标值", "指标解释"),
    ]
    assert not page.merged_cells.ranges
    assert not any(cell.data_type == "f" or cell.comment for row in rows for cell in row)
    assert {(row[0].data_type, row[0].number_format) for row in rows} == {("s", "@")}
    filled_by_system = (3, 4, 5, 7, 8, 9, 10)
    assert {row[column].value for row in rows for column in filled_by_system} == {None}
    first = answers("declaration", UNIT)["projects"][0]
    assert [cell.value for cell in rows[0]] == [
        *(first["项目编码"], first["项目名称"], NAME, None, None, None, "否", None, None, None),
        *(None, first["测算依据"], first["年度目标"], first["长期目标"]),
        *("产出指标", "*数量指标", "纳入统一运维的系统数量", "≥11个"),
        "反映实际纳入统一运维合同的系统数量",
    ]
    columns = ImportPlan.of_form(data.form).sheets["Sheet1"]
    assert seen(path) == list(records(data, columns))


def test_each_sheet_of_the_budget_has_a_file(budgets: tuple[DataSet, Path]) -> None:
    data, folder = budgets
    sheets = ImportPlan.of_form(data.form).sheets
    assert len(sheets) == 17
    assert {path.name for path in folder.glob("导入文件*")} == {
        f"导入文件-{name}.xlsx" for name in sheets
    }
    for name, columns in sheets.items():
        path = folder / f"导入文件-{name}.xlsx"
        book = openpyxl.load_workbook(path)
        assert book.sheetnames == [name]
        assert [cell.value for cell in book[name][1]] == [column.title for column in columns]
        assert plain(seen(path)) == plain(records(data, columns))


def test_libreoffice_opens_every_import_file(
    office: Office,
    budgets: tuple[DataSet, Path],
    declarations: tuple[DataSet, Path],
    tmp_path: Path,
) -> None:
    import_file.save(declarations[0], tmp_path, replace(plan_of(declarations[0]), rows=30))
    paths = [*budgets[1].glob("导入文件*.xlsx"), *tmp_path.glob("*.xlsx")]
    assert len(paths) > 17 + 3
    for path in paths:
        (page,) = openpyxl.load_workbook(path).worksheets
        with office.open(path) as document:
            assert document.sheets() == [page.title]
            found = document.area(page.title, page.dimensions)
        cells = page.iter_rows(values_only=True)
        assert found == [["" if cell is None else cell for cell in row] for row in cells]


def plan_of(data: DataSet) -> ImportPlan:
    return ImportPlan.of_form(data.form)


def test_the_campaign_s_own_map_decides(tmp_path: Path) -> None:
    campaign = make_campaign("declaration", tmp_path / "campaign", units=[UNIT])
    text = "列名,栏目,格式\n单位,单位代码,\n编码,项目编码,\n金额,本年度项目金额,元\n"
    (campaign.folder / "import.csv").write_text(text, encoding="utf-8")
    settings = campaign.folder / "campaign.toml"
    settings.write_text(settings.read_text("utf-8") + "\n[import]\ncsv = true\n", "utf-8")
    campaign = load_campaign(campaign.folder)
    path = fill_unit(campaign, UNIT, answers("declaration", UNIT), tmp_path / f"{UNIT}.xlsx")
    data, folder = merged(campaign, [path], tmp_path / "out")
    names = {path.name for path in folder.glob("导入文件*")}
    assert names == {"导入文件.xlsx", "导入文件.csv"}
    rows = table(folder / "导入文件.xlsx", "Sheet1")
    first = data.tables["project"].row(0, named=True)
    assert rows[:2] == [
        ("单位", "编码", "金额"),
        (UNIT, first["project_code"], f"{first['amount_year'] * 10000:f}".removesuffix(".00")),
    ]
    assert len(rows) == 1 + len(data.tables["project"])


# -- what columns show -----------------------------------------------------------------------------


def test_context_and_constants(data: DataSet, tmp_path: Path) -> None:
    words = ("单位代码", "单位名称", "主管部门", "部门代码", "行政区划", "年度", "常量：是", "")
    lines = [f"{number},{word}" for number, word in enumerate(words)]
    import_file.save(data, tmp_path, plan(data.form, *lines, "年,年度,,文本"))
    rows = seen(tmp_path / "导入文件.xlsx")
    department = "云岭区政务服务和数据管理局"
    district = data.submissions["district"][0] or None
    assert rows[0] == (UNIT, NAME, department, "106", district, 2027, "是", None, "2027")
    assert len(rows) == len(data.tables["project"])


def test_parts_of_a_target(declaration: Campaign, tmp_path: Path) -> None:
    given = answers("declaration", "106003")
    texts = ["≥42家", "≥1.5万张", "建成", "≥2次/周", "≥2天或16小时", "97.125%以上", "≤33.98万元"]
    rows = given["projects"][0]["indicators"]
    for row, text in zip(rows, [*texts, "2027年9月30日前"], strict=False):
        row["指标值"] = text
    path = fill_unit(declaration, "106003", given, tmp_path / "106003.xlsx")
    data, _ = merged(declaration, [path], tmp_path / "out")
    lines = ["值,指标值", "号,指标值.计算符号", "数,指标值.数值", "位,indicator.target.计量单位"]
    lines += ["日,指标值.数值,,yyyymmdd"]
    import_file.save(data, tmp_path, plan(data.form, *lines))
    assert seen(tmp_path / "导入文件.xlsx")[:8] == [
        ("≥42家", "≥", "42", "家", "42"),
        ("≥1.5万张", "≥", "15000", "张", "15000"),
        ("建成", None, None, None, None),
        ("≥2次/周", "≥", "2", "次/周", "2"),
        ("≥2天或16小时", None, None, None, None),
        ("97.125%以上", "≥", "97.125", "%", "97.125"),
        ("≤33.98万元", "≤", "33.98", "万元", "33.98"),
        ("2027年9月30日前", "≤", "2027-09-30", None, "20270930"),
    ]


def test_dates_and_amounts_as_texts(targets: DataSet, tmp_path: Path) -> None:
    words = ["计划开始日期", "计划开始日期,,yyyymmdd", "计划开始日期,,yyyy-mm-dd", "项目总金额"]
    words += ["项目总金额,,文本", "项目总金额,,元", "项目总金额,,元 0.00", "项目总金额,,2位小数"]
    import_file.save(targets, tmp_path, plan(targets.form, *(f"列,{word}" for word in words)))
    rows = seen(tmp_path / "导入文件.xlsx")
    found = targets.tables["project"].select("start_date", "amount_total").rows()
    assert [
        (
            *(day, f"{day:%Y%m%d}", f"{day:%Y-%m-%d}", float(amount), f"{amount:f}"),
            *(f"{int(amount * 10000)}", f"{int(amount * 10000)}.00", f"{amount:.2f}"),
        )
        for day, amount in found
    ] == [(row[0].date(), *row[1:]) for row in rows]


def test_yuan_in_ten_thousands(evaluations: DataSet, tmp_path: Path) -> None:
    lines = (
        "名,project_name",
        "元,项目金额",
        "万,项目金额,,万元",
        "源,fund.source",
        "初,fund.年初预算数,,万元",
    )
    import_file.save(evaluations, tmp_path, plan(evaluations.form, *lines))
    assert seen(tmp_path / "导入文件.xlsx")[:2] == [
        ("图书文献采购", 2600000, "260", "年度资金总额", "260"),
        ("图书文献采购", 2600000, "260", "其中：当年财政拨款", "260"),
    ]


def test_what_a_format_cannot_hold_is_said(evaluations: DataSet, tmp_path: Path) -> None:
    lines = ("名,project_name", "金额,项目金额,,万元 0")
    with pytest.raises(OfficeError) as error:
        import_file.save(evaluations, tmp_path, plan(evaluations.form, *lines))
    assert error.value.message == (
        "导入文件的列“金额”（格式 万元 0）写不下 78.5，没有合并；"
        "请在 import.csv 里改用小数位数更多的格式"
    )


# -- files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 14, 30, 31, 100, 1_000])
def test_pieces_hold_whole_records(data: DataSet, tmp_path: Path, rows: int) -> None:
    """As many as fit; together they are the one file."""
    whole = plan(data.form, "码,项目编码", "额,本年度项目金额", "指标,lv3", "值,target", csv=True)
    import_file.save(data, tmp_path / "one", whole)
    head, *lines = table(tmp_path / "one" / "导入文件.xlsx", "Sheet1")
    import_file.save(data, tmp_path / "several", replace(whole, rows=rows))
    count = import_file.files_in(tmp_path / "several")
    names = [import_file.file_name(n + 1) for n in range(count)]
    assert names[:2] == ["导入文件.xlsx", "导入文件-2.xlsx"][:count]
    several = [table(tmp_path / "several" / name, "Sheet1") for name in names]
    assert [part[0] for part in several] == [head] * count
    assert [line for part in several for line in part[1:]] == lines
    records = [list(dict.fromkeys(line[0] for line in part[1:])) for part in several]
    together = [code for part in records for code in part]
    assert len(together) == len(set(together)) == len(data.tables["project"])
    sizes = [len(part) - 1 for part in several]
    assert all(size <= rows or len(codes) == 1 for size, codes in zip(sizes, records, strict=True))
    following = [sum(line[0] == codes[0] for line in lines) for codes in records[1:]]
    assert all(size + more > rows for size, more in zip(sizes, following, strict=False))
    texts = [
        [*decoded(tmp_path / "several" / import_file.file_name(n + 1, "", ".csv"))]
        for n in range(count)
    ]
    assert [len(part) for part in texts] == [len(part) for part in several]


def decoded(path: Path) -> list[list[str]]:
    """The cells of a CSV file, as a system of this country reads it."""
    return list(csv.reader(path.read_bytes().decode("gb18030").splitlines(keepends=True)))


def test_pieces_of_several_sheets(budgets: tuple[DataSet, Path], tmp_path: Path) -> None:
    """Each sheet is cut for itself; in one file all are cut together."""
    data, _ = budgets
    sheets = dict(list(ImportPlan.of_form(data.form).sheets.items())[:2])
    lines = [len(list(records(data, columns))) for columns in sheets.values()]
    assert lines[0] == 2
    import_file.save(data, tmp_path / "each", ImportPlan(sheets, rows=lines[1] - 1))
    assert sorted(path.name for path in (tmp_path / "each").iterdir()) == [
        *("导入文件-表1.xlsx", "导入文件-表1支出-2.xlsx", "导入文件-表1支出.xlsx"),
    ]
    one = ImportPlan(sheets, rows=lines[1] - 1, one_sheet=False, csv=True)
    import_file.save(data, tmp_path / "together", one)
    assert sorted(path.name for path in (tmp_path / "together").iterdir()) == [
        *("导入文件-2.xlsx", "导入文件-表1-2.csv", "导入文件-表1.csv", "导入文件-表1支出-2.csv"),
        *("导入文件-表1支出.csv", "导入文件.xlsx"),
    ]
    for name, columns in sheets.items():
        parts = [table(tmp_path / "together" / import_file.file_name(n), name) for n in (1, 2)]
        assert plain([*parts[0][1:], *parts[1][1:]]) == plain(records(data, columns))


def test_csv_in_gb18030(targets: DataSet, tmp_path: Path) -> None:
    """Texts of any script, several lines, dates and amounts; what begins like a formula is held back."""
    names = ["𠮷野😀“引号”,逗号", "=1+1", "-5", "两\n行"]
    data = targets_named(targets, names)
    lines = (
        "码,单位代码",
        "名,项目名称",
        "日,计划开始日期",
        "额,项目总金额",
        "负,固定资产采购金额,,元",
    )
    import_file.save(data, tmp_path, plan(data.form, *lines, csv=True))
    content = (tmp_path / "导入文件.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    with (tmp_path / "导入文件.csv").open(encoding="gb18030", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["码", "名", "日", "额", "负"]
    found = data.tables["project"].select("start_date", "amount_total").rows()
    assert [row[1] for row in rows] == ["𠮷野😀“引号”,逗号", "'=1+1", "-5", "两\n行"][: len(rows)]
    assert [(row[0], row[2], row[3]) for row in rows] == [
        ("226002", f"{day:%Y-%m-%d}", f"{amount:f}") for day, amount in found
    ]
    assert {row[4] for row in rows} == {"-100"}
    given = [row["名"] for _, row in read_written(tmp_path / "导入文件.csv")]
    assert given == names[: len(rows)] == [row[1] for row in seen(tmp_path / "导入文件.xlsx")]
    assert len(read_csv(tmp_path / "导入文件.csv")) == len(rows)


def targets_named(data: DataSet, names: list[str]) -> DataSet:
    """The data set with other names of projects, and a negative amount."""
    projects = data.tables["project"]
    changed = projects.with_columns(
        pl.Series("project_name", names[: len(projects)]),
        pl.lit(Decimal("-0.01"))
        .cast(projects.schema["fixed_asset_amount"])
        .alias("fixed_asset_amount"),
    )
    return DataSet(data.form, data.submissions, {**data.tables, "project": changed})


def test_a_large_file_says_what_a_small_one_does(
    data: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few records are worked out together, and whether or not cells are held."""
    import_file.save(data, tmp_path / "small")
    monkeypatch.setattr(import_lines, "_AT_ONCE", 3)
    monkeypatch.setattr(tables, "_HELD", 0)
    import_file.save(data, tmp_path / "large")
    small, large = (table(tmp_path / n / "导入文件.xlsx", "Sheet1") for n in ("small", "large"))
    assert small == large


# -- totals ----------------------------------------------------------------------------------------


def test_totals_are_those_of_the_data_set(data: DataSet) -> None:
    """An amount of a record counts in each of its lines, in the unit in which it is written."""
    columns = plan(data.form, "额,本年度项目金额,,元", "指标,lv3").sheets["Sheet1"]
    sheet = import_lines.SheetLines("Sheet1", columns, data)
    piece = sheet.part(0, len(sheet.lines))
    lines = list(piece.sheet.rows)
    assert piece.totals.records == len(data.tables["project"])
    assert piece.totals.lines == len(lines) == len(data.tables["indicator"])
    assert piece.totals.sums == [sum((Decimal(line[0]) for line in lines), Decimal(0))]
    check("Sheet1", columns, [piece.totals], data)


@pytest.mark.parametrize("what", ["records", "lines", "sums"])
def test_what_is_lost_on_the_way_is_a_bug(data: DataSet, what: str) -> None:
    columns = plan(data.form, "额,本年度项目金额", "指标,lv3").sheets["Sheet1"]
    sheet = import_lines.SheetLines("Sheet1", columns, data)
    piece = sheet.part(0, len(sheet.lines))
    list(piece.sheet.rows)
    total = getattr(piece.totals, what)
    less = [total[0] - 1] if what == "sums" else total - 1
    setattr(piece.totals, what, less)
    title = "额" if what == "sums" else what
    one, other = (less[0], total[0]) if isinstance(less, list) else (less, total)
    with pytest.raises(TotalsError) as error:
        check("Sheet1", columns, [piece.totals], data)
    assert str(error.value) == f"Sheet1: {title}: {one} written, {other} in the data set"


def test_a_record_that_no_piece_has_is_not_published(
    data: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_file, "_shares", lambda lines, _: [(0, len(lines[0]) - 1)])
    count = len(data.tables["project"])
    with pytest.raises(TotalsError) as error:
        import_file.save(data, tmp_path)
    message = f"Sheet1: records: {count - 1} written, {count} in the data set"
    assert str(error.value) == message
