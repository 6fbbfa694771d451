"""A small 政府采购 form of an office's own, with a 品目目录 of more than a thousand fictional entries."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from small import ROSTER, UNIT, put_key, write_csv

from xltool.office.campaign import Campaign, load_campaign

CATALOGUE = "品目目录.csv"
HEAD = ["品目编码", "大类", "中类", "品目名称"]
KINDS = ("*货物", "工程", "服务")
LAYOUT = """\
<form paper="A4" orientation="landscape">
<sheet record="plan" name="采购预算" columns="26 14 18 24 14 24">
  <row lines="2"><title colspan="6">{{ fy }} 年度政府采购预算表</title></row>
  <row><label>单位名称</label><field name="unit_name"/><label>上年合计（元）</label><field name="last_total"/><label>主要大类</label><field name="main_kind"/></row>
  <row><head>品目编码</head><head>大类</head><head>中类</head><head>品目名称</head><head>金额（元）</head><head>编码对应的品目</head></row>
  <block table="item" rows="{{ rows.item }}">
    <row><field name="code"/><field name="kind"/><field name="group"/><field name="name"/><field name="cost"/><field name="known_as"/></row>
  </block>
  <row><head>季度</head><head>上年执行数（元）</head><head>今年计划（元）</head><empty colspan="3"/></row>
  {% for quarter in ("一季度", "二季度") %}
  <block table="quarter" rows="1" always="yes" quarter="{{ quarter }}">
    <row><key name="quarter"/><field name="last"/><field name="plan"/><empty colspan="3"/></row>
  </block>
  {% endfor %}
</sheet>
</form>
"""
VALIDATOR = '''\
"""政府采购预算表：填报文件夹自带的表。"""

from __future__ import annotations

from xltool.validators.shared import submissions, template

from xltool.fields.tables import Amount, Rows, Table, amount, choice, code, text

TITLE = "政府采购预算表"
VERSION = "2027.1"
CAPACITY = {"item": 4}
LIST = "品目目录.csv"


class Plan(Table):
    """采购预算：一个单位一张。"""

    unit_name: str = text("单位名称", filled_by="system", prefill="unit_name")
    last_total: Amount = amount("上年合计（元）", unit="元", prefill="上年.csv:上年合计", filled_by="system")
    main_kind: str = choice("主要大类", lists=LIST, column="大类")


class Item(Rows):
    """采购项目：每行一项。"""

    code: str = code("品目编码", digits=21)
    kind: str = choice("大类", lists=LIST)
    group: str = choice("中类", lists=LIST, of="kind")
    name: str = choice("品目名称", lists=LIST, of="group")
    cost: Amount = amount("金额（元）", unit="元")
    known_as: str = text("编码对应的品目", lists=LIST, column="品目名称", looked_up="code")


class Quarter(Rows):
    """季度：每季一行。"""

    quarter: str = text("季度", filled_by="system")
    last: Amount = amount("上年执行数（元）", unit="元", prefill="上年季度.csv:执行数", filled_by="system")
    plan: Amount = amount("今年计划（元）", unit="元")
'''
IMPORT = "列名,栏目\n单位,unit_name\n品目编码,item.code\n品目,item.known_as\n大类,item.kind\n金额,item.cost\n"
ITEMS = [
    {
        "code": "000000000000000000101",
        "kind": "*货物",
        "group": "*货物1",
        "name": "*货物1品目1",
        "cost": "100",
    },
    {
        "code": "000000000000000020307",
        "kind": "服务",
        "group": "服务3",
        "name": "服务3品目7",
        "cost": "200.50",
    },
]
DATA: dict[str, Any] = {
    "main_kind": "服务",
    "item": ITEMS,
    "quarter": [{"quarter": "一季度", "plan": "50"}],
}
LAST = [["单位代码", "上年合计"], [UNIT, "1234.5"]]
LAST_QUARTERS = [
    ["单位代码", "季度", "执行数"],
    [UNIT, "一季度", "1000"],
    [UNIT, "二季度", "234.5"],
]


def catalogue() -> list[list[str]]:
    """The list: three kinds, each with four groups of a hundred entries, codes of 21 digits."""
    return [
        HEAD,
        *(
            [f"{k * 10_000 + g * 100 + n:021}", kind, f"{kind}{g}", f"{kind}{g}品目{n}"]
            for k, kind in enumerate(KINDS)
            for g in range(1, 5)
            for n in range(1, 100)
        ),
    ]


def purchasing(
    folder: Path, rows: Sequence[Sequence[str]] | None = None, *, district: str = ""
) -> Campaign:
    """A campaign of this form, not yet issued; `rows` instead of the whole list."""
    for name, text in {
        "templates/purchase/layout.xml.j2": LAYOUT,
        "templates/purchase/import.csv": IMPORT,
        "validators/purchase.py": VALIDATOR,
        "campaign.toml": f'form = "purchase"\nyear = 2027\ndistrict = "{district}"\n',
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    write_csv(
        folder / "units.csv", [*ROSTER, ["106002", "云岭区数据中心", "云岭区政务服务局", "106"]]
    )
    write_csv(folder / CATALOGUE, catalogue() if rows is None else rows)
    write_csv(folder / "上年.csv", LAST)
    write_csv(folder / "上年季度.csv", LAST_QUARTERS)
    put_key(folder)
    return load_campaign(folder)
