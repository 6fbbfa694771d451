"""A form of an office's own: subtotals per category and quarter on one sheet, their rows on another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from own_campaigns import own_campaign

from xltool.office.campaign import Campaign

LAYOUT = """\
<form paper="A4" orientation="landscape">
<sheet record="summary" name="汇总" columns="16 16 16 16 16">
  <row lines="2"><title colspan="5">{{ fy }} 年采购预算表（汇总）</title></row>
  <row><head>类别</head><head>预算金额</head><head>一季度</head><head>大额</head><head>批准数</head></row>
  <row><label>货物类</label><field name="goods"/><field name="goods_q1"/><field name="large"/><field name="approved"/></row>
  <row><label>服务类</label><field name="services"/><field name="services_q1"/><label>明细合计</label><field name="detailed"/></row>
  <row><label>合计</label><field name="total"/><field name="q1"/><label>其他</label><field name="other"/></row>
</sheet>
<sheet record="detail" name="采购明细" columns="14 12 14 16 16 14">
  <row lines="2"><title colspan="6">{{ fy }} 年采购预算表（明细）</title></row>
  <row><head>类别</head><head>数量</head><head>单价</head><head>金额</head><head>一季度</head><head>备注</head></row>
  <block table="item" rows="{{ rows.item }}">
    <row><field name="kind"/><field name="quantity"/><field name="price"/><field name="amount"/><field name="q1"/><field name="note"/></row>
  </block>
  <row><label colspan="3">合计</label><field name="total"/><label>上限</label><field name="limit"/></row>
</sheet>
</form>
"""
VALIDATOR = '''\
"""采购预算表：汇总和明细。金额单位：元。"""

from xltool.form import Claim, Equation, FormTable, Rows, Table, fields, rule

TITLE = "采购预算表"
VERSION = "2027.1"
CAPACITY = {"item": 4}


class Summary(Table):
    """汇总：每份一张。"""

    goods = fields.amount("货物类金额（元）", computed='sum(item.amount where kind == "货物类")')
    goods_q1 = fields.amount("货物类一季度（元）", computed='sum(item.q1 where kind == "货物类")')
    large = fields.amount(
        "大额货物（元）",
        computed='sum(item.amount where kind == "货物类" and (quantity >= 10 or says(note, "大额")))',
    )
    approved = fields.amount("批准数（元）")
    services = fields.amount("服务类金额（元）", computed='sum(item.amount where kind != "货物类")')
    services_q1 = fields.amount("服务类一季度（元）", computed='sum(item.q1 where kind != "货物类")')
    detailed = fields.amount("明细合计（元）", computed="detail.total")
    total = fields.amount("合计金额（元）", computed="goods + services")
    q1 = fields.amount("合计一季度（元）", computed="goods_q1 + services_q1")
    other = fields.amount("其他（元）")


class Detail(Table):
    """明细：每份一张。"""

    total = fields.amount("合计（元）", computed="sum(item.amount)")
    limit = fields.amount("上限（元）")


class Item(Rows):
    """品目：每行一个。"""

    kind = fields.choice("类别", ["货物类", "工程类", "服务类"], required=True)
    quantity = fields.integer("数量", minimum=1, maximum=100000)
    price = fields.amount("单价（元）")
    amount = fields.amount("金额（元）", computed="round(quantity * price, 2)")
    q1 = fields.amount("一季度用款（元）")
    note = fields.text("备注")


@rule("OWN-001", on="summary", hint="请核对汇总和明细")
def summary_is_the_details(summary: FormTable) -> Equation:
    """合计等于明细各行之和。

    | total  | item.amount |     |
    | 300.00 | 300.00      | ok  |
    | 200.00 | 300.00      | bad |
    """
    return Equation("total == sum(item.amount)")


@rule("OWN-002", on="summary", hint="请核对批准数")
def goods_are_approved(summary: FormTable) -> Claim:
    """批准数不少于货物类金额。"""
    return Claim('approved >= sum(item.amount where kind == "货物类")')


@rule("OWN-003", on="summary", hint="请核对明细的上限")
def within_the_limit(summary: FormTable) -> Claim:
    """其他不超过明细的上限。"""
    return Claim("other <= detail.limit")


@rule("OWN-004", on="summary", hint="请核对其他")
def other_is_the_services(summary: FormTable) -> Equation:
    """其他等于服务类金额。"""
    return Equation('other == sum(item.amount where kind == "服务类")')
'''
COLUMNS = "列名,栏目\n单位编码,单位代码\n类别,item.kind\n金额,item.amount\n"
ITEMS = [
    {"kind": "货物类", "quantity": "3", "price": "2.50", "q1": "7.50"},
    {"kind": "货物类", "quantity": "10", "price": "10.00", "q1": "20.00"},
    {"kind": "服务类", "quantity": "1", "price": "100.00", "note": "大额"},
]


def procuring(
    folder: Path, settings: str = "", changes: Mapping[str, str] | None = None
) -> Campaign:
    """The campaign, issued; `changes` are texts of the validator with what stands there instead."""
    validator = VALIDATOR
    for old, new in (changes or {}).items():
        validator = validator.replace(old, new)
    return own_campaign(folder, LAYOUT, validator, columns=COLUMNS, settings=settings)
