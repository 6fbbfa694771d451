"""A form that a campaign brings itself: two files in its own folders, nothing in the package touched."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from commands import Xltool, in_this_process
from helpers import check_files, edit, fill_unit
from mutations import described
from small import ROSTER, UNIT, put_key, write_csv

from xltool.checking.running import check
from xltool.office.campaign import Campaign, load_campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.write.issuing import issue

LAYOUT = """\
<form paper="A4" orientation="landscape">
<sheet record="plan" name="培训计划" columns="16 30 14 14 16">
  <row lines="2"><title colspan="5">{{ fy }} 年度培训计划表</title></row>
  <row><label>{{ label("plan", "unit_name") }}</label><field name="unit_name"/><label>{{ label("plan", "contact") }}</label><field name="contact" colspan="2"/></row>
  <row><label rowspan="{{ rows.course + 2 }}">培训班</label><head>班次名称</head><head>人数</head><head>天数</head><head>金额（元）</head></row>
  <block table="course" rows="{{ rows.course }}">
    <row><field name="name"/><field name="people"/><field name="days"/><field name="cost"/></row>
  </block>
  <row><head>合计</head><empty/><empty/><field name="total"/></row>
</sheet>
</form>
"""
VALIDATOR = '''\
"""培训计划表：填报文件夹自带的表。"""

from __future__ import annotations

import polars as pl
from xltool.validators.shared import amounts, submissions, template, texts

from xltool.expression import Equation
from xltool.rules import FormTable, Lookup, Offence, Reference, rule
from xltool.schema import Amount, Rows, Table, amount, integer, text

TITLE = "培训计划表"
VERSION = "2027.1"
CAPACITY = {"course": 4}


class Plan(Table):
    """计划：一个单位一张。"""

    unit_name: str = text("单位名称", filled_by="system", prefill="unit_name")
    contact: str = text("联系人", max_chars=10, required=True)
    total: Amount = amount("合计", unit="元", places=2, computed="sum(course.cost)")


class Course(Rows):
    """培训班：每行一个班。"""

    name: str = text("班次名称", max_chars=20)
    people: int = integer("人数", minimum=1, maximum=500)
    days: int = integer("天数", minimum=1, maximum=30)
    cost: Amount = amount("金额（元）", unit="元", places=2)


class Limit(Table):
    """培训标准：每人每天的最高金额。"""

    level: str = text("类别", required=True)
    most: Amount = amount("每人每天（元）", unit="元", required=True)


LIMITS = Reference("培训标准.csv", Limit, "培训费标准")


@rule("OWN-001", on="plan", hint="请改回公式")
def total_is_wrong(plan: FormTable) -> Equation:
    """合计等于各班金额之和。

    | total  | course.cost |     |
    | 300.00 | 300.00      | ok  |
    | 299.00 | 300.00      | bad |
    """
    return Equation("total == sum(course.cost)")


@rule(
    "OWN-002",
    on="course",
    cells=["cost"],
    using={"most": Lookup(LIMITS, pl.col("most").max(), pl.Decimal(24, 2), by=(pl.lit(1),))},
    message="“{name}”人均每天超过标准 {most} 元",
    hint="请按培训费标准重新测算",
)
def too_dear(course: FormTable) -> Offence:
    """人均每天的金额不超过标准。

    | 班次名称 | 人数 | 天数 | 金额（元） | most   |     |
    | 业务培训 | 10   | 2    | 8000.00    | 400.00 | ok  |
    | 业务培训 | 10   | 2    | 8000.01    | 400.00 | bad |
    """
    return Offence(pl.col("cost") > pl.col("most") * pl.col("people") * pl.col("days"))
'''
IMPORT = "列名,栏目\n单位,unit_name\n班次,course.name\n人数,course.people\n金额,course.cost\n"
COURSES = [
    {"班次名称": "业务培训", "人数": "10", "天数": "2", "金额": "8000"},
    {"班次名称": "安全培训", "人数": "20", "天数": "1", "金额": "3000.50"},
]
DATA = {"联系人": "办公室", "courses": COURSES}


@pytest.fixture
def office(tmp_path: Path) -> Campaign:
    """A campaign with a form of its own, issued."""
    folder = tmp_path / "office"
    (folder / "templates" / "training").mkdir(parents=True)
    (folder / "validators").mkdir()
    (folder / "templates" / "training" / "layout.xml.j2").write_text(LAYOUT, encoding="utf-8")
    (folder / "templates" / "training" / "import.csv").write_text(IMPORT, encoding="utf-8")
    (folder / "validators" / "training.py").write_text(VALIDATOR, encoding="utf-8")
    toml = 'form = "training"\nyear = 2027\n[rows]\ncourse = 6\n'
    (folder / "campaign.toml").write_text(toml, encoding="utf-8")
    write_csv(folder / "units.csv", ROSTER)
    write_csv(folder / "培训标准.csv", [["类别", "每人每天（元）"], ["一类", "400"]])
    put_key(folder)
    campaign = load_campaign(folder)
    issue(campaign)
    return campaign


def test_issue_fill_check(office: Campaign, tmp_path: Path) -> None:
    path = fill_unit(office, UNIT, DATA, tmp_path / "return.xlsx")
    page = openpyxl.load_workbook(path)["培训计划"]
    assert page["A1"].value == "2027 年度培训计划表"
    assert page["B2"].value == "云岭区政务服务中心"
    assert page["E10"].value == '=IFERROR(IF(OR(COUNT(E4:E9)=0),"",SUM(E4:E9)),"")'
    assert str(page.merged_cells).count("A3:A10") == 1  # six courses, their heading and the total
    assert openpyxl.load_workbook(path, data_only=True)["培训计划"]["E10"].value == 11000.5
    assert check_files(office, path) == []


def test_its_rules(office: Campaign, tmp_path: Path) -> None:
    path = fill_unit(office, UNIT, DATA, tmp_path / "return.xlsx")

    def overwrite(value: float) -> Path:
        def change(book: openpyxl.Workbook) -> None:
            book["培训计划"]["E10"].value = value

        return edit(path, change, tmp_path / f"{value}.xlsx")

    assert described(check_files(office, overwrite(11000))) == [
        "OWN-001 error 培训计划!E10 | 应满足 合计 11,000.00 ＝ 各行金额（元）之和，相差 0.50"
    ]
    assert described(check_files(office, overwrite(11000.5))) == [
        "TPL-002 error 培训计划!E10 | 锁定的内容被改动：合计应为“公式”，现为“11000.5”"
    ]
    dear = {**DATA, "courses": [{**COURSES[0], "金额": "8000.01"}]}
    path = fill_unit(office, UNIT, dear, tmp_path / "dear.xlsx")
    assert described(check_files(office, path)) == [
        "OWN-002 error 培训计划!E4 | “业务培训”人均每天超过标准 400.00 元"
    ]


def test_a_missing_list_is_said(office: Campaign, tmp_path: Path) -> None:
    (office.folder / "培训标准.csv").unlink()
    campaign = load_campaign(office.folder)
    path = fill_unit(campaign, UNIT, DATA, tmp_path / "return.xlsx")
    verdict = check(Batch([read_file(path, settings_for(campaign, None))], campaign))
    assert verdict.findings == []
    assert verdict.skipped == ["OWN-002 未执行：缺少培训费标准（培训标准.csv）"]


def test_commands_know_it(
    office: Campaign,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    xltool: Xltool = in_this_process(monkeypatch, capsys)
    path = fill_unit(office, UNIT, DATA, tmp_path / "return.xlsx")
    where = ("--campaign", office.folder)
    assert "培训计划表" in xltool("forms", *where).out
    assert "OWN-002  错误    人均每天的金额不超过标准。" in xltool("rules", *where).out
    assert xltool("merge", path, *where, "--out", tmp_path / "out").code == 0
    book = openpyxl.load_workbook(tmp_path / "out" / "导入文件.xlsx")
    assert [[cell.value for cell in row] for row in book["Sheet1"].iter_rows()] == [
        ["单位", "班次", "人数", "金额"],
        ["云岭区政务服务中心", "业务培训", 10, 8000],
        ["云岭区政务服务中心", "安全培训", 20, 3000.5],
    ]
    summary = openpyxl.load_workbook(tmp_path / "out" / "汇总表.xlsx")
    assert summary.sheetnames == [
        "计划",
        "培训班",
        "单位合计",
        "部门合计",
        "地区合计",
        "对账",
        "来源",
    ]
