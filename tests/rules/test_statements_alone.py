"""A rule that is nothing but its statement: live whichever side is computed, cells and message made of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import check_files, edit, fill_unit, template
from office import Office
from openpyxl.workbook import Workbook
from own_campaigns import own_campaign
from small import UNIT
from test_live_agree import Subject

from xltool.write.live.page import FIRST

LAYOUT = """\
<form paper="A4" orientation="landscape">
<sheet record="main" name="预算" columns="20 20 20">
  <row lines="2"><title colspan="3">{{ fy }} 年度预算表</title></row>
  {% for name in ["limit", "first", "second", "total", "start", "end", "mode", "reason"] %}
  <row><label>{{ label("main", name) }}</label><field name="{{ name }}" colspan="2"/></row>
  {% endfor %}
  <row><head>名称</head><head>金额</head><head>依据</head></row>
  <block table="item" rows="2">
    <row><field name="name"/><field name="sum"/><field name="basis"/></row>
  </block>
</sheet>
</form>
"""
VALIDATOR = '''\
"""预算表。"""

from xltool.form import Claim, Equation, FormTable, Rows, SomeRow, Table, WholeRow, fields, rule

TITLE = "预算表"
VERSION = "2027.1"


class Main(Table):
    """单位：一个单位一张。"""

    limit = fields.amount("控制数（万元）")
    first = fields.amount("基本支出（万元）")
    second = fields.amount("项目支出（万元）")
    total = fields.amount("合计（万元）", computed="first + second")
    start = fields.date("开始日期：")
    end = fields.date("结束日期：")
    mode = fields.choice("方式：", ["线上", "线下"])
    reason = fields.text("原因：")


class Item(Rows):
    """明细：一行一项。"""

    name = fields.text("名称")
    sum = fields.amount("金额（万元）")
    basis = fields.text("依据")


@rule("OWN-001", on="main")
def within(main: FormTable) -> Equation:
    """合计不超过控制数。"""
    return Equation("total <= limit")


@rule("OWN-002", on="main")
def adds_up(main: FormTable) -> Equation:
    """合计等于两项之和。"""
    return Equation("total == first + second")


@rule("OWN-003", on="main")
def in_order(main: FormTable) -> Claim:
    """开始不晚于结束。"""
    return Claim("start <= end")


@rule("OWN-004", on="main")
def reasoned(main: FormTable) -> Claim:
    """线下的写明原因。"""
    return Claim("filled(reason)", when='mode == "线下"')


@rule("OWN-005", on="item")
def whole(item: FormTable) -> WholeRow:
    """用到的行都填。"""
    return WholeRow("名称、金额、依据都已填写", ("name", "sum", "basis"))


@rule("OWN-006", on="item", unused=True)
def some(item: FormTable) -> SomeRow:
    """至少一行。"""
    return SomeRow("明细至少填一行", ("name", "sum", "basis"))


@rule("OWN-007", on="main")
def total_is_positive(main: FormTable) -> Claim:
    """合计大于 0。"""
    return Claim("total > 0")
'''
GOOD: dict[str, str | float] = {
    "B2": 100.0,
    "B3": 40.0,
    "B4": 50.0,
    "B6": 46388,
    "B7": 46400,
    "B8": "线上",
    "B9": "",
    "A11": "甲",
    "B11": 1.0,
    "C11": "乙",
    "A12": "",
    "B12": "",
    "C12": "",
}
CASES: dict[str, tuple[dict[str, str | float], list[str]]] = {
    "nothing": ({}, []),
    "too much": (
        {"B4": 70.0},
        ["OWN-001 B5 应满足 合计（万元） 110.00 ≤ 控制数（万元） 100.00，超出 10.00"],
    ),
    "nothing at all": (
        {"B3": 0.0, "B4": 0.0},
        ["OWN-007 B5 合计（万元）为 0.00；应满足：合计（万元） ＞ 0"],
    ),
    "backwards": (
        {"B7": 46387},
        ["OWN-003 B6 开始日期为 2027-01-01，结束日期为 2026-12-31；应满足：开始日期 ≤ 结束日期"],
    ),
    "no reason": (
        {"B8": "线下"},
        ["OWN-004 B9 方式为 线下；应满足：方式 ＝ “线下”时，原因已填写"],
    ),
    "half a row": (
        {"A12": "丙"},
        ["OWN-005 A12 这一行没有填全；应满足：名称、金额、依据都已填写"],
    ),
    "no row": (
        {"A11": "", "B11": "", "C11": ""},
        ["OWN-006 A11 应满足：明细至少填一行"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_on_return(case: str, tmp_path: Path) -> None:
    campaign = own_campaign(tmp_path / "own", LAYOUT, VALIDATOR, form="alone")
    changes, expected = CASES[case]

    def fill(book: Workbook) -> None:
        for cell, value in {**GOOD, **changes}.items():
            book["预算"][cell] = value or (None if value == "" else value)
            if cell in ("B6", "B7"):
                book["预算"][cell].number_format = "yyyy-mm-dd"

    path = edit(fill_unit(campaign, UNIT, {}, tmp_path / "x.xlsx"), fill, tmp_path / "y.xlsx")
    findings = check_files(campaign, path)
    assert [f"{f.code} {f.cell} {f.message}" for f in findings] == expected


@pytest.mark.office
def test_live(office: Office, tmp_path: Path) -> None:
    campaign = own_campaign(tmp_path / "own", LAYOUT, VALIDATOR, form="alone")
    subject = Subject(campaign, template(campaign, UNIT))
    codes = [line.code for _, line in subject.lines()]
    assert sorted(code for code in codes if code.startswith("OWN")) == [
        f"OWN-00{n}"
        for n in (1, 3, 4, 5, 6, 7)  # 2 says what the cell is computed as
    ]
    with office.open(subject.path) as document:
        for changes, expected in CASES.values():
            document.put([("预算", cell, [[v]]) for cell, v in {**GOOD, **changes}.items()])
            signs = [
                str(row[0])
                for row in document.area("填报检查", f"A{FIRST + 1}:A{FIRST + len(codes)}")
            ]
            failing = [code for code, sign in zip(codes, signs, strict=True) if sign == "✘"]
            assert failing == [text[:7] for text in expected]
