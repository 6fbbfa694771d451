"""Pages that a layout begins: in the issued workbook, and as they are printed."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from helpers import template
from office import Office, to_pdf
from own_campaigns import own_campaign, write_form
from small import UNIT

from xltool.errors import OfficeError
from xltool.form.layout import Cell, Sheet
from xltool.form.layout_xml import render
from xltool.form.loading import load_form
from xltool.office import seal
from xltool.write.page_breaks import page_breaks
from xltool.write.patterns import Workbooks
from xltool.write.submission import write_submission

VALIDATOR = '''
"""分页的表。"""
from xltool.fields.tables import Rows, Table, text

TITLE = "情况表"
VERSION = "1"


class Plan(Table):
    """计划：一个单位一张。"""

    one: str = text("情况一")
    two: str = text("情况二")


class Task(Rows):
    """任务：每行一项。"""

    name: str = text("任务名称")
'''
LAYOUT = """<form><sheet record="plan" name="情况表" columns="20 40">
  <row repeat="yes"><title colspan="2">情况表</title></row>
  <row><label>情况一</label><field name="one"/></row>
  <row break="before"><label>情况二</label><field name="two"/></row>
  <row><head colspan="2">任务</head></row>
  <block table="task" rows="3" break="before"><row{row}><field name="name" colspan="2"/></row></block>
  <row break="{value}"><text colspan="2">完</text></row>
</sheet></form>
"""


def layout(value: str = "before", row: str = "") -> str:
    return LAYOUT.format(value=value, row=row)


@pytest.mark.parametrize("settled", [True, False])
def test_a_layout_begins_pages(tmp_path: Path, settled: bool) -> None:
    """Whether the rows keep their heights (those of the block have `lines`) or grow by themselves."""
    text = layout(row=' lines="1"' if settled else "")
    campaign = own_campaign(tmp_path, text, VALIDATOR)
    page: Any = openpyxl.load_workbook(template(campaign, UNIT))["情况表"]
    assert [found.id for found in page.row_breaks.brk] == [2, 4, 7]
    assert all(found.man for found in page.row_breaks.brk)


@pytest.mark.slow
def test_the_pages_as_libreoffice_prints_them(office: Office, tmp_path: Path) -> None:
    campaign = own_campaign(tmp_path, layout(), VALIDATOR)
    to_pdf(office, template(campaign, UNIT), tmp_path / "x.pdf")
    told = subprocess.run(["pdftotext", tmp_path / "x.pdf", "-"], check=True, capture_output=True)
    pages = [page.split() for page in told.stdout.decode().split("\f") if "情况表" in page.split()]
    assert [[word for word in page if word in WORDS] for page in pages] == [
        ["情况表", "情况一"],
        ["情况表", "情况二", "任务"],
        ["情况表"],
        ["情况表", "完"],
    ]


WORDS = ("情况表", "情况一", "情况二", "任务", "完")


def test_many_workbooks_at_once_begin_the_same_pages(tmp_path: Path) -> None:
    campaign = own_campaign(tmp_path, layout(), VALIDATOR)
    maker = Workbooks(campaign.form, campaign.layout)
    issue = campaign.issue_for(campaign.units[UNIT])
    text = seal.sign(issue, seal.new_key())
    write_submission(tmp_path / "x.xlsx", campaign.form, campaign.layout, issue, text)
    for _ in range(4):
        assert maker.make(issue, text) == (tmp_path / "x.xlsx").read_bytes()
    assert len(maker.patterns) == 1


def test_other_pages_end_where_they_are_full() -> None:
    """As few as possible beside those that the layout begins: a page takes 725 points of rows."""
    cells = tuple(Cell("field", row, 1, name=f"f{row}") for row in range(65))
    sheet = Sheet("project", "表", (40.0, 40.0), cells, (), breaks=(10, 20))
    assert page_breaks(sheet, dict.fromkeys(range(65), 24.0), 725.0) == [10, 20, 50]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (layout("after"), "own/layout.xml.j2 第 7 行：break 应为 before，现为“after”"),
        (
            layout(row=' break="before"'),
            "own/layout.xml.j2 第 6 行：<block> 里的 <row> 不能用 break，请写在 <block> 上",
        ),
        (
            layout().replace('<row repeat="yes">', '<row break="before">'),
            "own/layout.xml.j2 第 2 行：工作表的第一行之前不能分页",
        ),
    ],
)
def test_what_is_wrong_is_told_by_line(tmp_path: Path, text: str, message: str) -> None:
    write_form(tmp_path, text, VALIDATOR)
    with pytest.raises(OfficeError) as raised:
        render(load_form("own", tmp_path))
    assert str(raised.value) == f"{tmp_path}/templates/{message}"
