"""A workbook of a unit's own sheet and a sheet for each project, from issue to the merged files."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from helpers import check_files, edit, fill_unit, template
from mutations import described
from own_campaigns import own_campaign, write_form
from small import ROSTER, UNIT

from xltool.checking import running
from xltool.checking.running import check
from xltool.errors import OfficeError
from xltool.form.layout_xml import render
from xltool.form.loading import load_form
from xltool.merging.databases import load_result
from xltool.merging.handed_up import HandedUp
from xltool.merging.merge import merge
from xltool.merging.result import open_results
from xltool.merging.tracing import Tracer
from xltool.office import seal
from xltool.office.campaign import Campaign, load_campaign
from xltool.office.csv_files import write_csv
from xltool.office.lower import COLUMNS, LOWER, Office, line_for
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.write.patterns import Workbooks
from xltool.write.returned import write_returned
from xltool.write.submission import write_submission

VALIDATOR = '''
"""单位情况表和项目表。"""
import polars as pl
from xltool.fields.tables import Amount, Rows, Table, amount, text
from xltool.language.equations import Equation
from xltool.rules import FormTable, Lookup, Offence, rule
from xltool.validators.shared import submissions, template, texts

TITLE = "单位和项目"
VERSION = "1"
ONCE = ("unit", "post")


class Project(Table):
    """项目：每个项目一张。"""

    project_name: str = text("项目名称", max_chars=20, required=True)
    year: str = text("年度")
    amount: Amount = amount("项目金额（万元）", required=True)


class Task(Rows):
    """任务：项目里每行一项。"""

    name: str = text("任务名称")
    cost: Amount = amount("任务金额（万元）")


class Unit(Table):
    """单位情况：每份工作簿一张。"""

    unit_name: str = text("单位名称", filled_by="system", prefill="unit_name")
    duty: str = text("职能", max_chars=30, required=True)
    year: str = text("年度")
    total: Amount = amount("预算合计（万元）")


class Post(Rows):
    """岗位：单位里每行一个。"""

    post: str = text("岗位名称")
    pay: Amount = amount("岗位经费（万元）")


@rule("OWN-001", on="unit", hint="请核对")
def total_of_projects(unit: FormTable) -> Equation:
    """预算合计等于各项目金额之和。

    | total | project.amount |     |
    | 3.00  | 3.00           | ok  |
    | 4.00  | 3.00           | bad |
    """
    return Equation("total == sum(project.amount)")


@rule(
    "OWN-002",
    on="project",
    cells=["year"],
    using={"wanted": Lookup("unit", pl.col("year").first(), pl.String())},
    message="年度“{year}”与单位情况的年度“{wanted}”不同",
    hint="请核对",
)
def another_year(project: FormTable) -> pl.Expr:
    """项目的年度与单位的相同。

    | year | wanted |     |
    | 2027 | 2027   | ok  |
    | 2026 | 2027   | bad |
    """
    return pl.col("year") != pl.col("wanted")


@rule("OWN-003", on="project", hint="请核对")
def tasks_within(project: FormTable) -> Equation:
    """各任务金额之和等于项目金额。

    | amount | task.cost |     |
    | 3.00   | 3.00      | ok  |
    | 4.00   | 3.00      | bad |
    """
    return Equation("amount == sum(task.cost)")


@rule("OWN-004", on="unit", hint="请核对")
def posts_within(unit: FormTable) -> Equation:
    """岗位经费之和不超过预算合计。

    | post.pay | total |     |
    | 3.00     | 3.00  | ok  |
    | 4.00     | 3.00  | bad |
    """
    return Equation("total == sum(post.pay)")
'''
OWN = """<sheet record="unit" name="单位情况" columns="14 30 14 20">
  <row><title colspan="4">单位情况表</title></row>
  <row><text colspan="4">填报单位：<field name="unit_name"/></text></row>
  <row><label>职能</label><field name="duty"/><label>年度</label><field name="year"/></row>
  <row><label>预算合计</label><field name="total"/><empty colspan="2"/></row>
  <row><head colspan="2">岗位名称</head><head colspan="2">岗位经费（万元）</head></row>
  <block table="post" rows="3"><row><field name="post" colspan="2"/><field name="pay" colspan="2"/></row></block>
</sheet>"""
EACH = """<sheet record="project" name="项目{n}" columns="14 30 14 20">
  <row><title colspan="4">项目表</title></row>
  <row><label>项目名称</label><field name="project_name"/><label>年度</label><field name="year"/></row>
  <row><label>项目金额</label><field name="amount"/><empty colspan="2"/></row>
  <row><head colspan="2">任务名称</head><head colspan="2">任务金额（万元）</head></row>
  <block table="task" rows="3"><row><field name="name" colspan="2"/><field name="cost" colspan="2"/></row></block>
</sheet>"""
LAYOUT = f"<form>{OWN}\n{EACH}</form>"
IMPORT_COLUMNS = """列名,栏目,工作表
单位编码,单位代码,项目
项目名称,project_name,项目
项目金额,项目金额（万元）,项目
单位编码,单位代码,单位
职能,duty,单位
预算合计,unit.total,单位
"""
PROJECTS = [["单位代码", "项目名称"], [UNIT, "图书采购"], [UNIT, "设备更新"]]
DATA = {
    "职能": "政务服务",
    "unit": {"年度": "2027"},
    "预算合计（万元）": "6.00",
    "posts": [{"岗位名称": "窗口", "岗位经费（万元）": "6.00"}],
    "projects": [
        {
            "项目名称": "图书采购",
            "年度": "2027",
            "项目金额（万元）": "1.50",
            "tasks": [{"任务名称": "采购", "任务金额（万元）": "1.50"}],
        },
        {"项目名称": "设备更新", "年度": "2027", "项目金额（万元）": "2.50"},
        {"项目名称": "新增项目", "年度": "2027", "项目金额（万元）": "2.00"},
    ],
}

OWN_001 = "OWN-001 error {}!B4 | 应满足 预算合计（万元） 6.00 ＝ 各行项目金额（万元）之和，相差 {}"
CODED = """name="project_code"/></row>
  <row><label>项目金额"""
CODE_FIELD = """project_code: str = text("项目编码")
    year: str = text("年度", filled_by="system")
    amount"""
CODE_COLUMNS = "列名,栏目\n项目名称,project_name\n项目编码,project_code\n"


@pytest.fixture
def campaign(tmp_path: Path) -> Campaign:
    return own_campaign(
        tmp_path / "office",
        LAYOUT,
        VALIDATOR,
        columns=IMPORT_COLUMNS,
        projects=PROJECTS,
        spare=2,
        settings='district = "440399"',
    )


def filled(campaign: Campaign, folder: Path, cells: dict[tuple[str, str], Any]) -> Path:
    """The filled workbook with other contents of some cells."""

    def change(book: openpyxl.Workbook) -> None:
        for (sheet, address), value in cells.items():
            book[sheet][address].value = value

    path = fill_unit(campaign, UNIT, DATA, folder / "filled.xlsx")
    return edit(path, change, folder / "x.xlsx") if cells else path


def test_the_issued_workbook(campaign: Campaign) -> None:
    book: Any = openpyxl.load_workbook(template(campaign, UNIT))
    assert book.sheetnames[:7] == [
        *("填报说明", "填报检查"),
        *("单位情况", "项目1", "项目2", "项目3", "项目4"),
    ]
    assert book["单位情况"]["A2"].value == "填报单位：云岭区政务服务中心"
    assert [book[f"项目{n}"]["B2"].value for n in (1, 2, 3)] == ["图书采购", "设备更新", None]
    said = [cell.value for row in book["填报说明"].iter_rows() for cell in row if cell.value]
    assert (
        "一、工作表“单位情况”填一次。每个项目填一张工作表（项目1 至 项目4）。"
        "最后 2 张是备用表，供新增项目使用，用不到的留空。"
    ) in said


def test_filled_and_read(campaign: Campaign, tmp_path: Path) -> None:
    path = filled(campaign, tmp_path, {})
    submission = read_file(path, settings_for(campaign, None))
    assert submission.records == [0, 1, 2, 3]  # the last sheet was not needed
    assert [(row.table, row.sheet, row.record) for row in submission.rows if row.used] == [
        ("unit", "单位情况", 0),
        ("post", "单位情况", 0),
        ("project", "项目1", 1),
        ("task", "项目1", 1),
        ("project", "项目2", 2),
        ("project", "项目3", 3),
    ]
    assert check_files(campaign, path) == []


@pytest.mark.parametrize(
    ("cells", "findings"),
    [
        (
            {("项目3", "B3"): 3},
            [
                "OWN-001 error 单位情况!B4 | 应满足 预算合计（万元） 6.00 ＝ 各行项目金额（万元）之和，相差 1.00"
            ],
        ),
        (
            {("项目2", "D2"): "2026"},
            ["OWN-002 error 项目2!D2 | 年度“2026”与单位情况的年度“2027”不同"],
        ),
        (
            {("项目1", "C5"): 1},
            [
                "OWN-003 error 项目1!B3 | 应满足 项目金额（万元） 1.50 ＝ 各行任务金额（万元）之和，相差 0.50"
            ],
        ),
        (
            {("单位情况", "C6"): 5},
            [
                "OWN-004 error 单位情况!B4 | 应满足 预算合计（万元） 6.00 ＝ 各行岗位经费（万元）之和，相差 1.00"
            ],
        ),
        ({("单位情况", "B3"): None}, ["TXT-001 error 单位情况!B3 | 职能没有填"]),
        ({("项目4", "B3"): 0}, ["TXT-001 error 项目4!B2 | 项目名称没有填"]),
    ],
)
def test_what_comes_back(
    campaign: Campaign, tmp_path: Path, cells: dict[tuple[str, str], Any], findings: list[str]
) -> None:
    path = filled(campaign, tmp_path, cells)
    assert described(check_files(campaign, path)) == findings


def test_sheets_renamed_and_copied(campaign: Campaign, tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["单位情况"].title = "我单位"
        book["项目1"].title = "图书"
        copy: Any = book.copy_worksheet(book["项目3"])
        copy.title = "又一个项目"
        copy["B2"].value = "第四个项目"

    path = edit(filled(campaign, tmp_path, {}), change, tmp_path / "y.xlsx")
    submission = read_file(path, settings_for(campaign, None))
    assert submission.records == [0, 1, 2, 3, None]
    named = [(row.sheet, row.record) for row in submission.rows if row.table in ("project", "unit")]
    assert named == [("我单位", 0), ("图书", 1), ("项目2", 2), ("项目3", 3), ("又一个项目", 4)]
    assert [(fact.sheet, fact.expected, fact.state) for fact in submission.sheets] == [
        ("我单位", "单位情况", "renamed"),
        ("图书", "项目1", "renamed"),
        ("又一个项目", "", "copied"),
    ]
    assert [line for line in described(check_files(campaign, path)) if "OWN" in line] == [
        "OWN-001 error 我单位!B4 | 应满足 预算合计（万元） 6.00 ＝ 各行项目金额（万元）之和，"
        "相差 2.00"
    ]


def test_sheets_missing_and_surplus(campaign: Campaign, tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        del book["单位情况"], book["项目2"]
        book.create_sheet("备忘")

    path = edit(filled(campaign, tmp_path, {}), change, tmp_path / "y.xlsx")
    submission = read_file(path, settings_for(campaign, None))
    assert submission.records == [0, 1, 3]
    assert [(fact.sheet, fact.expected, fact.state) for fact in submission.sheets] == [
        ("", "单位情况", "missing"),
        ("备忘", "", "extra"),
        ("", "项目2", "missing"),
    ]
    assert {row.sheet: row.record for row in submission.rows} == {"项目1": 1, "项目3": 2}


def test_without_a_seal(campaign: Campaign, tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        del book[book.sheetnames[-1]]

    path = edit(filled(campaign, tmp_path, {}), change, tmp_path / "y.xlsx")
    with_properties: Any = openpyxl.load_workbook(path)
    for name in list(with_properties.custom_doc_props.names):
        del with_properties.custom_doc_props[name]
    with_properties.save(path)
    submission = read_file(path, settings_for(campaign, None))
    assert submission.records == [None] * 4
    assert [row.record for row in submission.rows if row.table in ("unit", "project")] == [
        *range(4)
    ]


def test_the_copy_that_goes_back(campaign: Campaign, tmp_path: Path) -> None:
    path = filled(campaign, tmp_path, {("单位情况", "B3"): None, ("项目3", "D2"): "2026"})
    batch = Batch([read_file(path, settings_for(campaign, None))], campaign)
    copies, notes = write_returned(batch, check(batch), tmp_path / "back")
    book: Any = openpyxl.load_workbook(copies[0])
    assert notes == []
    assert book.sheetnames[1:8] == [
        *("填报说明", "填报检查", "单位情况", "项目1", "项目2", "项目3", "项目4"),
    ]
    assert book["单位情况"]["B3"].comment.text.startswith("【TXT-001】")
    assert book["项目3"]["D2"].comment.text.startswith("【OWN-002】")
    assert [book[f"项目{n}"]["B3"].value for n in (1, 2, 3, 4)] == [1.5, 2.5, 2, None]
    assert [book["单位情况"][a].value for a in ("D3", "B4", "A6", "C6")] == ["2027", 6, "窗口", 6]


def test_merged(campaign: Campaign, tmp_path: Path) -> None:
    result = merge([filled(campaign, tmp_path, {})], tmp_path / "out", campaign, jobs=1)
    assert [entry.outcome for entry in result.entries] == ["merged"]

    def lines(name: str, sheet: str) -> list[list[Any]]:
        page = openpyxl.load_workbook(tmp_path / "out" / name)[sheet]
        return [[cell.value for cell in row] for row in page.iter_rows()]

    assert lines("导入文件-项目.xlsx", "项目") == [
        ["单位编码", "项目名称", "项目金额"],
        [UNIT, "图书采购", 1.5],
        [UNIT, "设备更新", 2.5],
        [UNIT, "新增项目", 2],
    ]
    assert lines("导入文件-单位.xlsx", "单位") == [
        ["单位编码", "职能", "预算合计"],
        [UNIT, "政务服务", 6],
    ]
    summary = openpyxl.load_workbook(tmp_path / "out" / "汇总表.xlsx")
    assert summary.sheetnames[:4] == ["项目", "任务", "单位情况", "岗位"]
    assert lines("汇总表.xlsx", "单位合计")[1] == [*("440399", UNIT, "云岭区政务服务中心", 3, 6)]
    data = {
        name: pl.read_parquet(tmp_path / "out" / "data" / f"{name}.parquet")
        for name in ("unit", "project", "task", "post")
    }
    assert {name: frame["record"].to_list() for name, frame in data.items()} == {
        "unit": [0],
        "project": [1, 2, 3],
        "task": [1],
        "post": [0],
    }
    (found,) = Tracer(tmp_path / "out", campaign.folder).value(UNIT, "单位情况", "职能")
    assert (found.value, found.sheet, found.cell) == ("政务服务", "单位情况", "B3")


def test_judged_again_one_level_up(campaign: Campaign, tmp_path: Path) -> None:
    """What the district let pass the city finds again, at the same cell."""
    settings = campaign.folder / "campaign.toml"
    told = settings.read_text(encoding="utf-8")
    settings.write_text(f'{told}[severity]\n"OWN-001" = "warning"\n', encoding="utf-8")
    district = load_campaign(campaign.folder)
    path = filled(district, tmp_path, {("项目3", "B3"): 3})
    merge([path], tmp_path / "out", district, accept_warnings=True, jobs=1)
    city = tmp_path / "city"
    shutil.copytree(campaign.folder, city)
    for name in ("units.csv", "projects.csv"):
        (city / name).unlink()
    (city / "campaign.toml").write_text(told.replace("440399", ""), encoding="utf-8")
    below = Office("440399", "甲区", str(district.public_key))
    write_csv(city / LOWER, [COLUMNS, line_for(below)])
    above = load_campaign(city)
    opened = open_results([tmp_path / "out"], above)
    parts = (part for each in opened for part in HandedUp(each, above).parts())
    with running.check_files([], above, with_rows=True, more=parts) as checked:
        findings = [found for number in range(1) for found in checked.verdict.of(number)]
    assert described(findings) == [
        OWN_001.format("单位情况", "1.00").replace("error", "warning")  # as below
    ]


def test_a_project_that_is_held_back(tmp_path: Path) -> None:
    """The unit's own record stays with the projects that are merged, and goes with the last of them."""
    units = ("106001", "106002")
    campaign = own_campaign(
        tmp_path / "office",
        LAYOUT.replace('name="year"/></row>\n  <row><label>项目金额', CODED),
        VALIDATOR.replace('year: str = text("年度")\n    amount', CODE_FIELD).replace(
            "\n\nTITLE",
            "\nfrom xltool.validators.shared.codes import code_of_another_unit\n\nTITLE",
        ),
        columns=CODE_COLUMNS,
        settings='district = "440399"',
        roster=[ROSTER[0], *([unit, f"{unit}中心", "局", "106"] for unit in units)],
        spare=2,
    )
    code, other = "440399271063100100777", "440399271063100100778"
    projects = [
        {"项目名称": n, "项目编码": c, "项目金额（万元）": "1.00"}
        for n, c in (("甲", code), ("乙", other))
    ]
    both: dict[str, Any] = {"职能": "服务", "projects": projects}
    one: dict[str, Any] = {"职能": "管理", "projects": projects[:1]}
    paths = [
        fill_unit(campaign, unit, data, tmp_path / f"{unit}.xlsx")
        for unit, data in zip(units, (both, one), strict=True)
    ]
    result = merge(paths, tmp_path / "out", campaign, accept_warnings=True, jobs=1)
    assert {entry.unit: entry.outcome for entry in result.entries} == {
        "106001": "partly",
        "106002": "conflict",
    }

    def records(folder: str) -> dict[str, list[tuple[str, int]]]:
        return {
            name: pl.read_parquet(tmp_path / "out" / folder / f"{name}.parquet")
            .select("unit_code", "record")
            .rows()
            for name in ("unit", "project")
        }

    assert records("data") == {"unit": [("106001", 0)], "project": [("106001", 2)]}
    assert records("conflicts") == {
        "unit": [("106002", 0)],
        "project": [("106001", 1), ("106002", 1)],
    }


def test_into_a_database(campaign: Campaign, tmp_path: Path) -> None:
    merge([filled(campaign, tmp_path, {})], tmp_path / "out", campaign, jobs=1)
    load_result(tmp_path / "out", campaign.form, f"sqlite:///{tmp_path / 'a.db'}")
    with sqlite3.connect(tmp_path / "a.db") as database:
        found = {
            name: database.execute(f"select record from own_{name} order by record").fetchall()
            for name in ("unit", "post", "project", "task")
        }
        seen = database.execute("select 单位代码, 职能 from 汇总_own_unit").fetchall()
        tasks = database.execute("select 项目名称, 任务名称 from 汇总_own_task").fetchall()
    assert found == {"unit": [(0,)], "post": [(0,)], "project": [(1,), (2,), (3,)], "task": [(1,)]}
    assert seen == [(UNIT, "政务服务")]
    assert tasks == [("图书采购", "采购")]


def test_many_workbooks_at_once(tmp_path: Path) -> None:
    units = [f"10600{n}" for n in range(6)]
    roster = [ROSTER[0], *([unit, f"{unit}中心", "局", "106"] for unit in units)]
    projects = [PROJECTS[0], *([unit, f"{unit}{n}"] for unit in units for n in range(3))]
    campaign = own_campaign(
        tmp_path, LAYOUT, VALIDATOR, columns=IMPORT_COLUMNS, roster=roster, projects=projects[:-3]
    )
    maker = Workbooks(campaign.form, campaign.layout)
    for unit in campaign.units.values():
        issue = campaign.issue_for(unit)
        text = seal.sign(issue, seal.new_key())
        write_submission(tmp_path / "x.xlsx", campaign.form, campaign.layout, issue, text)
        assert maker.make(issue, text) == (tmp_path / "x.xlsx").read_bytes()
    assert len(maker.patterns) == 1


def test_a_formula_over_both_levels_is_refused(tmp_path: Path) -> None:
    text = VALIDATOR.replace(
        '"预算合计（万元）")', '"预算合计（万元）", computed="sum(project.amount)")'
    )
    write_form(tmp_path, LAYOUT, text)
    with pytest.raises(OfficeError) as raised:
        load_form("own", tmp_path)
    assert str(raised.value) == (
        "表「own」有 1 处错误，请改正（改后可用 xltool form check own 再查）：\n"
        "validators/own.py:14: unit.total 的公式用到 project：公式不能跨单位的表和项目的表，"
        "请让单位填写，再用规则核对"
    )


ONCE = 'ONCE = ("unit", "post")'


@pytest.mark.parametrize(
    ("layout", "once", "message"),
    [
        (
            LAYOUT,
            "",
            "templates/own/layout.xml.j2 第 1 行：表名里有 {n} 的 <sheet> 只能有一张；还有表名里没有 {n} 的 <sheet>，"
            "请在校验文件的 ONCE 里列出每份工作簿只有一张的数据表",
        ),
        (
            f"<form>{OWN}</form>",
            ONCE,
            "templates/own/layout.xml.j2 第 1 行：校验文件里有 ONCE 时，应有且只有一张表名里有 {n} 的 <sheet>",
        ),
        (
            LAYOUT,
            'ONCE = ("unit",)',
            "templates/own/layout.xml.j2 第 1 行：数据表 post 不在 ONCE 里，只能放在表名里有 {n} 的 <sheet> 上",
        ),
        (
            LAYOUT,
            'ONCE = ("unit", "post", "task")',
            "templates/own/layout.xml.j2 第 9 行：数据表 task 在 ONCE 里，不能放在表名里有 {n} 的 <sheet> 上",
        ),
        (
            LAYOUT,
            'ONCE = ("units",)',
            "validators/own.py：ONCE 里的“units”不是数据表；可用的数据表：project、task、unit、post",
        ),
        (
            LAYOUT,
            'ONCE = ("project",)',
            "validators/own.py：ONCE 里不能有第一个数据表：它是每个项目一张的记录",
        ),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, layout: str, once: str, message: str) -> None:
    write_form(tmp_path, layout, VALIDATOR.replace(ONCE, once))
    with pytest.raises(OfficeError) as raised:
        render(load_form("own", tmp_path))
    if message.startswith("validators"):
        heading = "表「own」有 1 处错误，请改正（改后可用 xltool form check own 再查）："
        assert str(raised.value) == f"{heading}\n{message.replace('：', ':14: ', 1)}"
    else:
        assert str(raised.value) == f"{tmp_path}/{message}"


def test_an_import_sheet_of_both_levels_is_refused(campaign: Campaign) -> None:
    path = campaign.folder / "templates" / "own" / "import.csv"
    path.write_text("列名,栏目\n项目名称,project_name\n职能,duty\n", encoding="utf-8")
    with pytest.raises(OfficeError) as raised:
        _ = load_campaign(campaign.folder).import_plan
    assert str(raised.value) == (
        f"{path} 第 3 行：工作表“Sheet1”里既有每份工作簿一次的栏目，又有各个项目的栏目；请分到不同的工作表"
    )
