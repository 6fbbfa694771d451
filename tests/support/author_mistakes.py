"""A small complete form of an office, and the mistakes that its author may make in it.

`author_mistakes.toml` lists the mistakes: an edit of one of these files, and the lines that tell of it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from small import ROSTER, put_key, write_csv

FORM = "work_plan"
LAYOUT = """\
{% set n_ind = catalogue | sum(attribute=2) %}
<form paper="A4" orientation="portrait">
<sheet record="plan" name="工作计划" columns="14 14 20 14 14">
  <row lines="2"><title colspan="5">工作计划表</title></row>
  <row><label>填报单位</label><field name="dept_name" colspan="2"/><label>联系人</label><field name="contact"/></row>
  <row><label rowspan="{{ rows.task + 3 }}">工作任务</label><head rowspan="2">任务名称</head><head rowspan="2">主要内容</head><head colspan="2">预算金额（万元）</head></row>
  <row><head>财政拨款</head><head>总额</head></row>
  <block table="task" rows="{{ rows.task }}">
    <row><field name="name"/><field name="content"/><field name="fiscal"/><field name="amount"/></row>
  </block>
  <row><label colspan="2">合计</label><field name="fiscal_total"/><field name="amount_total"/></row>
  <row lines="4"><label>总体目标</label><field name="goal" colspan="4"/></row>
  <row repeat="yes"><label rowspan="{{ n_ind + 1 }}">绩效指标</label><head>一级指标</head><head>二级指标</head><head>三级指标</head><head>指标值</head></row>
  {% for lv1, lv2, count in catalogue %}
  <block table="indicator" rows="{{ count }}" lv1="{{ lv1 }}" lv2="{{ lv2 }}">
    <row><key name="lv1" merge="down"/><key name="lv2" merge="down"/><field name="lv3"/><field name="target"/></row>
  </block>
  {% endfor %}
</sheet>
</form>
"""
VALIDATOR = '''\
"""工作计划表：填报文件夹自带的表。"""

import polars as pl

from xltool.form import Claim, Equation, FormTable, Lookup, Rows, Table, fields, rule

TITLE = "工作计划表"
VERSION = "2027.1"
CATALOGUE = (
    ("产出指标", "数量指标", 2),
    ("产出指标", "质量指标", 2),
    ("效益指标", "社会效益指标", 2),
)
CAPACITY = {"task": 3}


class Plan(Table):
    """计划：每个单位一份。"""

    dept_name = fields.text("填报单位", filled_by="system", prefill="unit_name")
    contact = fields.text("联系人", max_chars=10, required=True)
    fiscal_total = fields.amount("财政拨款合计", computed="sum(task.fiscal)")
    amount_total = fields.amount("总额合计", computed="sum(task.amount)")
    goal = fields.text("总体目标", max_chars=500, required=True, multiline=True)


class Task(Rows):
    """任务：每行一项。"""

    name = fields.text("任务名称", max_chars=40)
    content = fields.choice("主要内容", ["新建", "续建"])
    fiscal = fields.amount("财政拨款")
    amount = fields.amount("总额")


class Indicator(Rows):
    """指标：一级、二级印好，单位填后两栏。"""

    lv1 = fields.text("一级指标", filled_by="system")
    lv2 = fields.text("二级指标", filled_by="system")
    lv3 = fields.text("三级指标", max_chars=40)
    target = fields.text("指标值", max_chars=40, examples=("≥95%", "20次"))


@rule("PLAN-001", on="task", hint="请核对财政拨款和总额")
def fiscal_within_amount(task: FormTable) -> Equation:
    """财政拨款不大于总额。

    | fiscal | amount |     |
    | 6.00   | 6.00   | ok  |
    | 6.02   | 6.00   | bad |
    """
    return Equation("fiscal <= amount")


@rule("PLAN-002", on="task", message="“{name}”没有写总额", hint="没有经费的填 0")
def name_needs_amount(task: FormTable) -> Claim:
    """写了任务名称的，要写总额。

    | name | amount |     |
    | 甲   | 1.00   | ok  |
    | 甲   |        | bad |
    """
    return Claim("filled(amount)", when="filled(name)")


@rule(
    "PLAN-003",
    on="task",
    severity="warning",
    cells=["amount"],
    using={"whole": Lookup("plan", pl.col("amount_total").first(), pl.Decimal(24, 2))},
    message="“{name}”占了总额的一半以上（{whole}）",
    hint="请核对",
)
def more_than_half(task: FormTable) -> pl.Expr:
    """一项任务不超过总额的一半。

    | name | amount | whole |     |
    | 甲   | 1.00   | 2.00  | ok  |
    | 甲   | 1.01   | 2.00  | bad |
    """
    return pl.col("amount") * 2 > pl.col("whole")
'''
IMPORT = """\
列名,栏目,工作表
单位编码,单位代码,任务
任务名称,task.name,任务
财政拨款,task.fiscal,任务
三级指标,lv3,指标
"""
CAMPAIGN = f'form = "{FORM}"\nyear = 2027\n'
FILES = {
    "layout": (f"templates/{FORM}/layout.xml.j2", LAYOUT),
    "import": (f"templates/{FORM}/import.csv", IMPORT),
    "validator": (f"validators/{FORM}.py", VALIDATOR),
    "campaign": ("campaign.toml", CAMPAIGN),
}


@dataclass(frozen=True)
class AuthorMistake:
    """An edit of one of the `FILES`, and the lines that `xltool form check` prints.

    The text `find` becomes `put`; without `find` the file is not there at all.
    """

    what: str
    file: str
    find: str
    put: str
    lines: tuple[str, ...]


def author_mistakes() -> list[AuthorMistake]:
    """Those of `author_mistakes.toml`, in its order."""
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    return [
        AuthorMistake(
            entry["what"],
            entry["file"],
            entry.get("find", ""),
            entry.get("put", ""),
            tuple(entry["lines"]),
        )
        for entry in tomllib.loads(text)["mistake"]
    ]


def write_form(folder: Path, edits: Mapping[str, tuple[str, str]] | None = None) -> Path:
    """Write a campaign with the form; `edits` are (find, put) by file. Returns its folder."""
    for file, (path, text) in FILES.items():
        find, put = (edits or {}).get(file, ("", ""))
        assert text.count(find) >= 1, f"nothing to edit in {path}: {find}"
        if find or file not in (edits or {}):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text.replace(find, put, 1) if find else text, "utf-8")
    write_csv(folder / "units.csv", ROSTER)
    put_key(folder)
    return folder
