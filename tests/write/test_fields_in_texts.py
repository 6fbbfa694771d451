"""Fields in printed texts, from the issued workbook to the copy that goes back and the merged file."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from helpers import check_files, edit, fill_unit, template
from mutations import described
from office import Office
from own_campaigns import own_campaign, write_form
from small import ROSTER, UNIT

from xltool.checking.running import check
from xltool.errors import OfficeError
from xltool.form.layout_xml import render
from xltool.form.loading import load_form
from xltool.merging.merge import merge
from xltool.merging.tracing import Tracer
from xltool.office import seal
from xltool.office.campaign import Campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch
from xltool.write.live.page import FIRST
from xltool.write.patterns import Workbooks
from xltool.write.returned import write_returned
from xltool.write.submission import write_submission

VALIDATOR = '''
"""文字里有栏目的表。"""
from xltool.fields.tables import Amount, Date, Table, amount, code, date, text
from xltool.language.claims import Claim
from xltool.rules import FormTable, rule
from xltool.validators.shared import amounts, dates, submissions, template, texts

TITLE = "情况表"
VERSION = "1"


class Plan(Table):
    """计划：一个单位一张。"""

    unit_name: str = text("填报单位", filled_by="system", prefill="unit_name")
    about: str = text("情况", max_chars=20, required=True)
    filler: str = text("填报人", max_chars=4, required=True)
    phone: str = code("联系电话")
    day: Date = date("填报日期")
    total: Amount = amount("预算（万元）")
    head: str = text("负责人", max_chars=3, required=True, comment="单位主要负责人")
'''
LAYOUT = """<form><sheet record="plan" name="情况表" columns="14 30 30">
  <row><title colspan="3">情况表</title></row>
  <row><text colspan="2">填报单位：<field name="unit_name"/></text><text align="right">单位：万元</text></row>
  <row><label>情况</label><field name="about" colspan="2"/></row>
  <row><label>负责人</label><text>负责人：<field name="head"/></text><text>预算<field name="total"/>万元</text></row>
  <row><text colspan="3">
    填报人：<field name="filler"/>　　联系电话：<field name="phone"/>　　填报日期：<field name="day"/>
  </text></row>
</sheet></form>
"""
COLUMNS = (
    "列名,栏目\n单位,unit_name\n填报人,filler\n电话,phone\n日期,day\n金额,total\n负责人,head\n"
)
DATA = {
    "情况": "正常",
    "负责人": "王五",
    "预算（万元）": "12.50",
    "填报人": "张三",
    "联系电话": "0755-8888",
    "填报日期": "2027-03-05",
}
FOOT = "填报人：张三　　联系电话：0755-8888　　填报日期：2027-03-05"


@pytest.fixture
def campaign(tmp_path: Path) -> Campaign:
    return own_campaign(tmp_path / "office", LAYOUT, VALIDATOR, columns=COLUMNS)


def returned(campaign: Campaign, folder: Path, cells: dict[str, Any]) -> Path:
    """The filled workbook with other contents of some cells."""

    def change(book: openpyxl.Workbook) -> None:
        for address, value in cells.items():
            book["情况表"][address].value = value

    return edit(fill_unit(campaign, UNIT, DATA, folder / "filled.xlsx"), change, folder / "x.xlsx")


def test_the_issued_workbook(campaign: Campaign) -> None:
    page: Any = openpyxl.load_workbook(template(campaign, UNIT))["情况表"]
    shown = {a: (page[a].value, page[a].protection.locked) for a in ("A2", "C2", "B4", "C4", "A5")}
    assert shown == {
        "A2": ("填报单位：云岭区政务服务中心", True),
        "C2": ("单位：万元", True),
        "B4": ("负责人：", False),
        "C4": ("预算万元", False),
        "A5": ("填报人：　　联系电话：　　填报日期：", False),
    }
    assert page["B4"].comment.text == "单位主要负责人"
    prompts = {str(v.sqref): (v.type, v.prompt) for v in page.data_validations.dataValidation}
    assert prompts == {
        "B3": ("textLength", "必填。不超过 20 字。"),
        "B4": (None, "请在文字后面填写。负责人：必填，不超过 3 字。"),
        "C4": (None, "请在文字后面填写。预算（万元）：数字，单位万元，最多 2 位小数。"),
        "A5": (
            None,
            "请在文字后面填写。填报人：必填，不超过 4 字；联系电话：编码，按文本填写；"
            "填报日期：日期，如 2027-01-01。",
        ),
    }


def values_of(path: Path, campaign: Campaign) -> tuple[Any, Any]:
    """What is read of a file: the values, and where they stand."""
    submission = read_file(path, settings_for(campaign, None))
    (row,) = submission.rows
    return row.values, row.cells


def test_filled_and_read(campaign: Campaign, tmp_path: Path) -> None:
    path = fill_unit(campaign, UNIT, DATA, tmp_path / "x.xlsx")
    page = openpyxl.load_workbook(path)["情况表"]
    assert [page[a].value for a in ("B4", "C4", "A5")] == ["负责人：王五", "预算12.50万元", FOOT]
    assert check_files(campaign, path) == []
    values, cells = values_of(path, campaign)
    assert values == {
        "unit_name": "云岭区政务服务中心",
        "about": "正常",
        "head": "王五",
        "total": Decimal("12.50"),
        "filler": "张三",
        "phone": "0755-8888",
        "day": date(2027, 3, 5),
    }
    assert (cells["unit_name"], cells["head"], cells["total"], cells["day"]) == (
        *("A2", "B4", "C4"),
        "A5",
    )


@pytest.mark.parametrize(
    ("cells", "findings"),
    [
        ({"B4": "负责人: 王五", "A5": FOOT.replace("：", ":").replace("　", " ")}, []),
        ({"B4": "王五", "A5": FOOT.removeprefix("填报人：")}, []),
        ({"C4": 12.5}, []),
        ({"B4": "负责人："}, ["TXT-001 error 情况表!B4 | 负责人没有填"]),
        ({"B4": None}, ["TXT-001 error 情况表!B4 | 负责人没有填"]),
        (
            {"B4": "负责人：诸葛孔明"},
            ["TXT-002 error 情况表!B4 | 负责人有 4 字，限 3 字"],
        ),
        (
            {"A5": FOOT.replace("张三", "").replace("2027-03-05", "明天")},
            [
                "DAT-001 error 情况表!A5 | 填报日期“明天”不是日期，或不在 2000 至 2099 年",
                "TXT-001 error 情况表!A5 | 填报人没有填",
            ],
        ),
        (
            {"A5": "张三 0755-8888"},
            [
                "TPL-002 error 情况表!A5 | 锁定的内容被改动：应为“填报人：……　　联系电话：……"
                "　　填报日期：……”，现为“张三 0755-8888”"
            ],
        ),
        (
            {"A2": "填报单位：别的中心"},
            [
                "TPL-002 error 情况表!A2 | 锁定的内容被改动：填报单位应为“云岭区政务服务中心”，现为“别的中心”"
            ],
        ),
        ({"C4": "预算约三百万元"}, ["AMT-011 error 情况表!C4 | 预算（万元）“约三百”不是数字"]),
    ],
)
def test_what_comes_back(
    campaign: Campaign, tmp_path: Path, cells: dict[str, Any], findings: list[str]
) -> None:
    assert described(check_files(campaign, returned(campaign, tmp_path, cells))) == findings


def test_moved_rows_are_read_too(campaign: Campaign, tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["情况表"].insert_rows(3)

    path = edit(returned(campaign, tmp_path, {}), change, tmp_path / "moved.xlsx")
    values, cells = values_of(path, campaign)
    assert (values["filler"], values["unit_name"], cells["filler"]) == (
        *("张三", "云岭区政务服务中心"),
        "A6",
    )


def test_the_copy_that_goes_back_has_the_words_again(campaign: Campaign, tmp_path: Path) -> None:
    path = returned(campaign, tmp_path, {"B4": "诸葛孔明", "A5": "张三 联系电话：88"})
    batch = Batch([read_file(path, settings_for(campaign, None))], campaign)
    copies, notes = write_returned(batch, check(batch), tmp_path / "back")
    page: Any = openpyxl.load_workbook(copies[0])["情况表"]
    assert notes == []
    assert [page[a].value for a in ("A2", "B4", "C4")] == [
        *("填报单位：云岭区政务服务中心", "负责人：诸葛孔明", "预算12.50万元"),
    ]
    assert page["A5"].value == "填报人：　　联系电话：　　填报日期："  # what stood there is quoted
    assert "现为“张三 联系电话：88”" in page["A5"].comment.text
    assert page["B4"].comment.text == ("【TXT-002】负责人有 4 字，限 3 字。请删减到 3 字以内。")


def test_merged_and_traced(campaign: Campaign, tmp_path: Path) -> None:
    path = fill_unit(campaign, UNIT, DATA, tmp_path / "x.xlsx")
    merge([path], tmp_path / "out", campaign, jobs=1)
    book = openpyxl.load_workbook(tmp_path / "out" / "导入文件.xlsx")
    assert [[str(cell.value) for cell in row] for row in book["Sheet1"].iter_rows(min_row=2)] == [
        [
            *("云岭区政务服务中心", "张三", "0755-8888", "2027-03-05 00:00:00"),
            *("12.5", "王五"),
        ]
    ]
    (found,) = Tracer(tmp_path / "out", campaign.folder).value(UNIT, "", "填报人")
    assert (found.value, found.sheet, found.cell) == ("张三", "情况表", "A5")


@pytest.mark.parametrize("name", ["云岭区政务服务中心", "甲", "长" * 70])
def test_many_workbooks_at_once(tmp_path: Path, name: str) -> None:
    roster = [ROSTER[0], *([f"10600{n}", f"{name}{n}", "局", "106"] for n in range(5))]
    campaign = own_campaign(tmp_path, LAYOUT, VALIDATOR, columns=COLUMNS, roster=roster)
    maker = Workbooks(campaign.form, campaign.layout)
    for unit in campaign.units.values():
        issue = campaign.issue_for(unit)
        text = seal.sign(issue, seal.new_key())
        write_submission(tmp_path / "x.xlsx", campaign.form, campaign.layout, issue, text)
        assert maker.make(issue, text) == (tmp_path / "x.xlsx").read_bytes()
    assert len(maker.patterns) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "verdicts"),
    [
        ({}, ["✘", "", "✘", "", "✘", ""]),
        ({"B4": "负责人：王五", "A5": FOOT}, ["✘", "", "✔", "✔", "✔", "✔"]),
        ({"B4": "负责人:诸葛亮", "A5": "张三丰 联系电话：填报日期："}, ["✘", "", *"✔✔✔✔"]),
        ({"B4": "诸葛孔明", "A5": FOOT.replace("张三", "　")}, ["✘", "", "✔", "✘", "✘", ""]),
    ],
)
def test_live(
    office: Office, campaign: Campaign, cells: dict[str, str], verdicts: list[str]
) -> None:
    with office.open(template(campaign, UNIT)) as document:
        document.put([("情况表", address, [[text]]) for address, text in cells.items()])
        found = [
            [row[0], *row[2:5]] for row in document.area("填报检查", f"A{FIRST + 1}:E{FIRST + 6}")
        ]
    assert found == [
        [verdict, words, cell, code]
        for verdict, (words, cell, code) in zip(
            verdicts,
            [
                ("情况要填", "B3", "TXT-001"),
                ("情况不超过 20 字", "B3", "TXT-002"),
                ("负责人要填", "B4", "TXT-001"),
                ("负责人不超过 3 字", "B4", "TXT-002"),
                ("填报人要填", "A5", "TXT-001"),
                ("填报人不超过 4 字", "A5", "TXT-002"),
            ],
            strict=True,
        )
    ]


TEXT = '<form><sheet record="plan" name="情况表" columns="14 30">\n<row>{row}</row></sheet></form>'


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('<text>甲：<field name="x"/></text>', "数据表 plan 没有字段 x"),
        ("<text>甲：<label>乙</label></text>", "这里不能用 <label>，可用：<field>"),
        (
            '<text>甲：<field name="head"/> <field name="filler"/></text>',
            "文字里的两个栏目之间要有文字，以便分开读取",
        ),
        (
            '<text>甲：<field name="head"/>乙<field name="head"/></text>',
            "字段 head 放了两次",
        ),
        ('<field name="head"/><text>甲：<field name="head"/></text>', "字段 head 放了两次"),
        (
            '<text>甲：<field name="head" colspan="2"/></text>',
            "文字里的 <field> 只有 name；几列几行写在 <text> 上",
        ),
    ],
)
def test_what_is_wrong_is_told_by_line(tmp_path: Path, row: str, message: str) -> None:
    write_form(tmp_path, TEXT.format(row=row), VALIDATOR)
    with pytest.raises(OfficeError) as raised:
        render(load_form("own", tmp_path))
    assert str(raised.value) == f"{tmp_path}/templates/own/layout.xml.j2 第 2 行：{message}"
