"""A field that must be filled on a condition: live, on return, and in the filling guide."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from helpers import check_files, edit, fill_unit, template
from office import Office
from openpyxl.workbook import Workbook
from own_campaigns import own_campaign, own_folder
from small import UNIT

from xltool.errors import OfficeError
from xltool.fields.tables import text
from xltool.office.campaign import load_campaign
from xltool.write.live.page import FIRST

LAYOUT = """\
<form paper="A4" orientation="landscape">
<sheet record="main" name="采购" columns="20 20 20">
  <row lines="2"><title colspan="3">{{ fy }} 年度采购表</title></row>
  <row><label>{{ label("main", "mode") }}</label><field name="mode" colspan="2"/></row>
  <row><label>{{ label("main", "reason") }}</label><field name="reason" colspan="2"/></row>
  <row><head>名称</head><head>数量</head><head>依据</head></row>
  <block table="item" rows="2">
    <row><field name="name"/><field name="count"/><field name="basis"/></row>
  </block>
</sheet>
</form>
"""
VALIDATOR = '''\
"""采购表。"""

from xltool.form import Rows, Table, fields

TITLE = "采购表"
VERSION = "2027.1"


class Main(Table):
    """单位：一个单位一张。"""

    mode = fields.choice("采购方式：", ["公开", "其他"], required=True)
    reason = fields.text("原因：", max_chars=40, required_when='mode == "其他"')


class Item(Rows):
    """明细：一行一项。"""

    name = fields.text("名称")
    count = fields.integer("数量", minimum=0, maximum=1000)
    basis = fields.text("依据", required_when="count > 100 and filled(name)")
'''
REASON = "TXT-001 B3 原因没有填；采购方式 ＝ “其他”时必填"
BASIS = "TXT-001 C6 依据没有填；数量 ＞ 100且名称已填写时必填"
CASES: dict[str, tuple[dict[str, str | float], list[str]]] = {
    "the condition does not hold": ({"B2": "公开"}, []),
    "it does": ({"B2": "其他"}, [REASON]),
    "it does and the field is filled": ({"B2": "其他", "B3": "单一来源"}, []),
    "spaces are nothing": ({"B2": "其他", "B3": " "}, [REASON]),
    "in a row": ({"B2": "公开", "A6": "台式电脑", "B6": 101}, [BASIS]),
    "in a row below the bound": ({"B2": "公开", "A6": "台式电脑", "B6": 100}, []),
    "half a condition": ({"B2": "公开", "B6": 101}, []),
}


@pytest.mark.parametrize("case", CASES)
def test_on_return(case: str, tmp_path: Path) -> None:
    campaign = own_campaign(tmp_path / "own", LAYOUT, VALIDATOR, form="bought")
    cells, expected = CASES[case]

    def fill(book: Workbook) -> None:
        for cell, value in cells.items():
            book["采购"][cell] = value

    path = edit(fill_unit(campaign, UNIT, {}, tmp_path / "x.xlsx"), fill, tmp_path / "y.xlsx")
    findings = check_files(campaign, path)
    assert [f"{f.code} {f.cell} {f.message}" for f in findings] == expected
    assert [f.hint for f in findings] == ["请填写"] * len(expected)


@pytest.mark.office
def test_live(office: Office, tmp_path: Path) -> None:
    campaign = own_campaign(tmp_path / "own", LAYOUT, VALIDATOR, form="bought")
    words = "采购方式填“其他”时，原因要填", "明细：数量大于 100且名称已填写时，依据要填"
    with office.open(template(campaign, UNIT)) as document:
        for cells, _ in CASES.values():
            whole: dict[str, str | float] = {
                "B2": "",
                "B3": "",
                "A6": "",
                "B6": "",
                "C6": "",
                **cells,
            }
            document.put([("采购", cell, [[value]]) for cell, value in whole.items()])
            shown = {
                str(row[2]): str(row[0])
                for row in document.area("填报检查", f"A{FIRST + 1}:C{FIRST + 16}")
            }
            wrong = [
                whole["B2"] == "其他" and not str(whole["B3"]).strip(),
                whole["B6"] == 101 and whole["A6"] != "",
            ]
            assert [shown[line] == "✘" for line in words] == wrong


def test_the_guide_says_so(tmp_path: Path) -> None:
    campaign = own_campaign(tmp_path / "own", LAYOUT, VALIDATOR, form="bought")
    book = openpyxl.load_workbook(template(campaign, UNIT))
    said = [str(cell.value) for row in book["填报说明"].iter_rows() for cell in row if cell.value]
    assert [text for text in said if "必须填写" in text] == [
        "1. 数量 ＞ 100且名称已填写时，依据必须填写。",
        "2. 采购方式 ＝ “其他”时，原因必须填写。",
    ]
    prompts = {str(v.sqref): v.prompt for v in book["采购"].data_validations.dataValidation}
    assert (
        prompts["B3:C3" if "B3:C3" in prompts else "B3"]
        == "有的情况必填，见填报说明。不超过 40 字。"
    )


def test_mistakes_of_the_author(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="“原因”：required 和 required_when 只写一个"):
        text("原因", required=True, required_when="filled(mode)")
    wrong = VALIDATOR.replace('mode == "其他"', 'way == "其他"')
    words = "validators/bought.py:13: reason 的 required_when：没有字段 way；请改正"
    with pytest.raises(OfficeError, match=words):
        load_campaign(own_folder(tmp_path, LAYOUT, wrong, form="bought"))
