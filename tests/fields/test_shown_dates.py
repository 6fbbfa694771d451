"""Dates as forms show them: format, prompt, reading, the live check, the copy that goes back."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from helpers import check_files, fill_unit, template
from office import Office
from own_campaigns import own_campaign
from small import UNIT

from xltool.fields.date import SHOWN, Date
from xltool.fields.field import Field
from xltool.fields.reading import Raw, Reading
from xltool.fields.tables import date as declared
from xltool.workbook.number_formats import misleading
from xltool.write.live.page import FIRST

LAYOUT = """\
<form paper="A4" orientation="landscape">
<sheet record="main" name="日期" columns="20 30">
  <row lines="2"><title colspan="2">{{ fy }} 年度日期表</title></row>
  {% for name in ["digits", "words", "month", "month_words", "usual"] %}
  <row><label>{{ label("main", name) }}</label><field name="{{ name }}"/></row>
  {% endfor %}
</sheet>
</form>
"""
VALIDATOR = '''\
"""日期表。"""

from xltool.form import Claim, FormTable, Table, fields, rule

TITLE = "日期表"
VERSION = "2027.1"


class Main(Table):
    """单位：一个单位一张。"""

    digits = fields.date("开始日期", shown="yyyymmdd", required=True)
    words = fields.date("批准日期", shown="yyyy年m月d日")
    month = fields.date("开始年月", shown="yyyy-mm")
    month_words = fields.date("结束年月", shown="yyyy年m月")
    usual = fields.date("结束日期")


@rule("DT-001", on="main", message="开始日期 {digits} 晚于结束日期 {usual}", hint="请核对")
def in_order(main: FormTable) -> Claim:
    """开始日期不晚于结束日期。"""
    return Claim("digits <= usual")
'''
DAY = date(2027, 1, 1)
DIGITS, MONTH, MONTH_WORDS, USUAL = "yyyymmdd", "yyyy-mm", "yyyy年m月", "yyyy-mm-dd"
READ: list[tuple[str, Raw, Reading]] = [
    (DIGITS, 20270101, Reading(DAY)),
    (DIGITS, 20270101.0, Reading(DAY)),
    (DIGITS, DAY, Reading(DAY)),
    (DIGITS, "20270101", Reading(DAY, "as_text")),
    (DIGITS, "２０２７０１０１", Reading(DAY, "as_text")),
    (DIGITS, "2027-01-01", Reading(DAY, "as_text")),
    (DIGITS, 46388, Reading(DAY, "serial")),
    (DIGITS, 20270230, Reading(None, "not_a_date")),
    (DIGITS, 20270101.5, Reading(None, "not_a_date")),
    (DIGITS, 19991231, Reading(None, "not_a_date")),
    (DIGITS, 202701011, Reading(None, "not_a_date")),
    (MONTH, "2027-01", Reading(DAY, "as_text")),
    (MONTH, "2027/1", Reading(DAY, "as_text")),
    (MONTH_WORDS, "2027年1月", Reading(DAY, "as_text")),
    (MONTH_WORDS, "2027年13月", Reading(None, "not_a_date")),
    (USUAL, 20270101, Reading(None, "not_a_date")),
    (USUAL, "20270101", Reading(None, "not_a_date")),
    (USUAL, "2027-01", Reading(None, "not_a_date")),
]


@pytest.mark.parametrize(("shown", "raw", "reading"), READ)
def test_reading(shown: str, raw: Raw, reading: Reading) -> None:
    assert Field("day", "日期", Date(), shown=shown).read(raw) == reading


@pytest.mark.parametrize("shown", SHOWN)
def test_shown_as_its_example(shown: str) -> None:
    field = Field("day", "日期", Date(), shown=shown)
    assert field.show(DAY) == SHOWN[shown].example
    assert misleading(field.number_format, DAY, issued=field.number_format) is None
    assert misleading(field.number_format, 20270101, issued=field.number_format) is None


def test_another_way_is_refused() -> None:
    with pytest.raises(ValueError, match="shown 只能是 yyyy-mm-dd、yyyymmdd、yyyy年m月d日、"):
        declared("开始日期", shown="dd.mm.yyyy")


def test_format_and_prompt(tmp_path: Path) -> None:
    campaign = own_campaign(tmp_path, LAYOUT, VALIDATOR, form="dated")
    page = openpyxl.load_workbook(template(campaign, UNIT))["日期"]
    assert [page[f"B{row}"].number_format for row in range(2, 7)] == [
        "[<=2958465]yyyymmdd;0",
        'yyyy"年"m"月"d"日"',
        "yyyy-mm",
        'yyyy"年"m"月"',
        "yyyy-mm-dd",
    ]
    prompts = {str(v.sqref): v.prompt for v in page.data_validations.dataValidation}
    assert prompts == {
        "B2": "必填。8 位数字的日期，如 20270101。",
        "B3": "日期，如 2027年1月1日。",
        "B4": "年月，如 2027-01。",
        "B5": "年月，如 2027年1月。",
        "B6": "日期，如 2027-01-01。",
    }


@pytest.mark.office
def test_through_libreoffice_and_back(office: Office, tmp_path: Path) -> None:
    campaign = own_campaign(tmp_path / "own", LAYOUT, VALIDATOR, form="dated")
    saved = tmp_path / "saved.xlsx"
    with office.open(template(campaign, UNIT)) as document:
        assert not document.key_in("日期", "B2", "20270230")  # no such day
        assert document.key_in("日期", "B2", "20270301")
        assert document.text("日期", "B2") == "20270301"
        for row, typed in enumerate(("2027-1-5", "2027-2-1", "2027-3-1", "2027-2-28"), 3):
            assert document.type_in("日期", f"B{row}", typed)
        shown = [document.text("日期", f"B{row}") for row in range(3, 7)]
        assert shown == ["2027年1月5日", "2027-02", "2027年3月", "2027-02-28"]
        lines = {
            str(words): str(sign)
            for sign, _, words in document.area("填报检查", f"A{FIRST + 1}:C{FIRST + 8}")
        }
        assert lines["开始日期是8 位数字的日期，如 20270101"] == "✔"
        assert lines["开始日期不能超过结束日期"] == "✘"
        document.save_as(saved)
    found = [f"{f.code} {f.cell} {f.message}" for f in check_files(campaign, saved)]
    assert found == ["DT-001 B2 开始日期 20270301 晚于结束日期 2027-02-28"]


def test_a_filled_workbook_holds_days(tmp_path: Path) -> None:
    campaign = own_campaign(tmp_path / "own", LAYOUT, VALIDATOR, form="dated")
    path = fill_unit(campaign, UNIT, {"开始日期": "2027-01-01"}, tmp_path / "filled.xlsx")
    assert openpyxl.load_workbook(path)["日期"]["B2"].value == datetime(2027, 1, 1)
    assert check_files(campaign, path) == []
