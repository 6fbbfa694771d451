"""`xltool form adopt` and `form diff`: what they write, what they say, and how they end."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest
from commands import Run, Xltool, in_this_process, refused
from openpyxl.styles import Border, Font, Side
from openpyxl.workbook import Workbook

_SIDE = Side(style="thin")
_BORDER = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    """The command line in this process, in the year 2026."""
    monkeypatch.setenv("XLTOOL_TODAY", "2026-11-21")
    return in_this_process(monkeypatch, capsys)


@pytest.fixture
def official(tmp_path: Path) -> Path:
    """A small form as an office draws it: no protection, rules around the table."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "培训计划表"
    sheet["A1"] = "培训计划表"
    sheet["A1"].font = Font(size=18)
    sheet.merge_cells("A1:C1")
    rows = [("培训名称", None, None), ("课程", "人数", "金额（元）"), *[(None,) * 3] * 3]
    for number, values in enumerate(rows, 2):
        for column, value in enumerate(values, 1):
            sheet.cell(number, column, value).border = _BORDER
    sheet.merge_cells("B2:C2")
    for letter, width in zip("ABC", (20, 10, 14), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.row_dimensions[2].height = 30
    path = tmp_path / "培训计划表.xlsx"
    book.save(path)
    return path


LAYOUT = """\
<form paper="A4" orientation="portrait">
<sheet record="unit" name="培训计划表" columns="19.375 9.375 13.375">
  <row><title colspan="3">培训计划表</title></row>
  <row height="30"><label align="left">培训名称</label><field name="peixunmingcheng" colspan="2"/></row>
  <row><head>课程</head><head>人数</head><head>金额（元）</head></row>
  <block table="peixunjihuabiao_rows" rows="{{ rows.peixunjihuabiao_rows }}">
    <row><field name="kecheng"/><field name="renshu"/><field name="jine"/></row>
  </block>
</sheet>
</form>
"""
VALIDATOR = '''\
"""培训计划表，由 培训计划表.xlsx 转成。标有“# 请核对”的，请对照原表改好。"""

from xltool.form import Rows, Table, fields

TITLE = "培训计划表"
VERSION = "2027.1"  # 版面或规则有变时加一
CAPACITY = {  # 重复的行给几行
    "peixunjihuabiao_rows": 3,
}


class Unit(Table):
    """培训计划表：每张表一条。"""

    peixunmingcheng = fields.text("培训名称")


class PeixunjihuabiaoRows(Rows):
    """培训计划表：每行一项。"""

    kecheng = fields.text("课程")
    renshu = fields.text("人数")
    # 请核对：原表的格式是“常规”，种类按标签推定
    jine = fields.amount("金额（元）", unit="元")
'''
IMPORT = """\
列名,栏目,工作表
单位代码,单位代码,培训计划表
课程,peixunjihuabiao_rows.kecheng,培训计划表
人数,peixunjihuabiao_rows.renshu,培训计划表
金额（元）,peixunjihuabiao_rows.jine,培训计划表
单位代码,单位代码,培训计划表（2）
培训名称,unit.peixunmingcheng,培训计划表（2）
"""


def test_adopt_writes_a_form_and_compares_it(
    xltool: Xltool, official: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "填报"
    run = xltool("form", "adopt", official, "training", "--campaign", folder)
    assert run == Run(
        0,
        f"已写出 {folder / 'templates/training/layout.xml.j2'}\n"
        f"已写出 {folder / 'templates/training/import.csv'}\n"
        f"已写出 {folder / 'validators/training.py'}\n"
        "请核对（1 处，文件里标有“# 请核对”）：\n"
        "  培训计划表!C4 金额（元）：原表的格式是“常规”，种类按标签推定\n"
        "「training」与官方表样逐格相同\n",
        "",
    )
    written = folder / "templates" / "training"
    assert (written / "layout.xml.j2").read_text(encoding="utf-8") == LAYOUT
    assert (written / "import.csv").read_text(encoding="utf-8") == IMPORT
    assert (folder / "validators" / "training.py").read_text(encoding="utf-8") == VALIDATOR


def test_diff_says_what_differs_and_ends_with_1(
    xltool: Xltool, official: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "填报"
    xltool("form", "adopt", official, "training", "--campaign", folder)
    book = openpyxl.load_workbook(official)
    sheet = book.worksheets[0]
    sheet["A3"] = "课程名称"
    sheet["B4"].number_format = "0"
    sheet.merge_cells("A6:B6")
    sheet.column_dimensions["C"].width = 20
    sheet.row_dimensions[2].height = 33
    book.save(official)
    assert xltool("form", "diff", official, "training", "--campaign", folder) == Run(
        1,
        "培训计划表!C 列 列宽：官方为“20”，这张表为“14”\n"
        "培训计划表!第 2 行 行高：官方为“33”，这张表为“30”\n"
        "培训计划表!A3 文字：官方为“课程名称”，这张表为“课程”\n"
        "培训计划表!B4 格式：官方为“数字 0”，这张表为“文本 @”\n"
        "培训计划表!A6 合并：官方为“A6:B6”，这张表为“A6”\n"
        "与官方表样有 5 处不同；请改版面或校验文件，再用 form diff 比较\n",
        "",
    )


def test_files_that_are_there_stay(xltool: Xltool, official: Path, tmp_path: Path) -> None:
    folder = tmp_path / "填报"
    xltool("form", "adopt", official, "training", "--campaign", folder)
    again = xltool("form", "adopt", official, "training", "--campaign", folder)
    path = folder / "templates/training/layout.xml.j2"
    refused(again, f"{path}：已经有这个文件，不会覆盖；请换一个代号")


def test_without_a_campaign_the_next_step_is_said(
    xltool: Xltool, official: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = xltool("form", "adopt", official, "training")
    refused(run, "请用 --campaign 指明填报文件夹；还没有的，写一个新名字，会建立")


def test_what_is_no_workbook_is_one_line(xltool: Xltool, tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing")
    run = xltool("form", "adopt", path, "training", "--campaign", tmp_path)
    refused(run, f"{path}：文件已损坏，或没有传输完整；请用 Excel 或 WPS 打开后另存为 .xlsx，再试")


def test_a_bomb_does_not_hang(xltool: Xltool, official: Path, tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(official) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content += b" " * 120_000_000
            new.writestr(name, content)
    run = xltool("form", "adopt", path, "training", "--campaign", tmp_path)
    refused(
        run,
        f"{path}：文件解压后有 114 MB，超过 100 MB 的限制；请用 Excel 或 WPS 打开后另存为 .xlsx，再试",
    )


def test_xls_without_libreoffice_is_one_line(
    xltool: Xltool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "表.xls"
    path.write_bytes(b"x")
    monkeypatch.setenv("PATH", str(tmp_path))
    run = xltool("form", "adopt", path, "training", "--campaign", tmp_path)
    refused(
        run,
        f"{path}：.xls 文件要由 LibreOffice 转换，本机没有安装；请用 Excel 或 WPS 另存为 .xlsx，再试",
    )
