"""Where the pages of a form sheet end, and what stands in their margins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from helpers import answers, fill_unit, make_campaign, template
from own_campaigns import write_form

from xltool.form.layout import Block, Cell, Sheet
from xltool.form.layout_xml import render
from xltool.form.loading import load_form
from xltool.write.page_breaks import page_breaks
from xltool.write.tables import Sheet as Tables
from xltool.write.tables import write_tables

PAGE = 725.0  # points of rows that a page takes


def sheet(cells: list[Cell], repeat: tuple[int, int] | None = None) -> Sheet:
    return Sheet("project", "表", (40.0, 40.0), tuple(cells), (), repeat=repeat)


def rows(count: int) -> list[Cell]:
    return [Cell("field", row, 1, name=f"f{row}") for row in range(count)]


def breaks(cells: list[Cell], height: float, repeat: tuple[int, int] | None = None) -> list[int]:
    given = sheet(cells, repeat)
    return page_breaks(given, dict.fromkeys(range(given.height), height), PAGE)


def test_what_fits_on_a_page_has_no_break() -> None:
    assert breaks(rows(29), 24.0) == []


def test_as_few_pages_as_possible_the_first_ones_full() -> None:
    assert breaks(rows(65), 24.0) == [30, 60]


def test_the_repeated_heading_takes_its_room() -> None:
    assert breaks(rows(65), 24.0, repeat=(0, 0)) == [30, 59]


def test_a_page_ends_between_merged_cells() -> None:
    labels = [Cell("key", row, 0, rows=10, text="甲") for row in range(5, 45, 10)]
    assert breaks([*rows(45), *labels], 24.0) == [25]


def test_a_label_is_not_cut_through_its_words() -> None:
    whole = Cell("label", 0, 0, rows=50, text="绩效指标")  # its words stand between rows 24 and 25
    assert breaks([*rows(50), whole], 26.0) == [27]


def test_no_page_for_one_line() -> None:
    labels = [Cell("key", row, 0, rows=10, text="甲") for row in range(0, 30, 10)]
    assert breaks([*rows(31), *labels], 24.0) == [20]


def test_a_heading_stays_with_its_table() -> None:
    assert breaks(rows(40), 24.0, repeat=(29, 29)) == [29]


def test_a_row_higher_than_a_page_stands_alone() -> None:
    given = sheet(rows(3))
    assert page_breaks(given, {0: 20.0, 1: 900.0, 2: 20.0}, PAGE) == [1, 2]


def test_a_sheet_without_title_has_the_forms_in_the_margin(tmp_path: Path) -> None:
    campaign = make_campaign("selfeval", tmp_path)
    book: Any = openpyxl.load_workbook(template(campaign, "226002"))
    assert book["项目1"].oddHeader.center.text == "项目支出绩效自评表"
    assert book["填报说明"].oddHeader.center.text is None


@pytest.mark.parametrize(("example", "unit"), [("target", "226002"), ("unit", "319001")])
def test_the_foot_of_every_page(tmp_path: Path, example: str, unit: str) -> None:
    campaign = make_campaign(example, tmp_path)
    book: Any = openpyxl.load_workbook(template(campaign, unit))
    feet = {(s.oddFooter.center.font, s.oddFooter.center.text) for s in book.worksheets[:-1]}
    assert feet == {("宋体,Regular", "第 &P 页 共 &N 页")}


def test_a_page_does_not_end_below_the_title_of_a_section() -> None:
    """Its heading and its title stay with what they stand above."""
    cells = [*rows(50), Cell("text", 28, 1, text="二、明细"), Cell("head", 29, 1, text="名称")]
    cells = [c for c in cells if c.kind != "field" or c.row not in (28, 29)]
    assert breaks(cells, 24.0) == [28]


def test_a_total_is_not_alone_on_the_next_page() -> None:
    block = Block("task", {}, 1, 29, {"f": 1})
    given = Sheet("unit", "表", (40.0, 40.0), tuple(rows(40)), (block,))
    assert page_breaks(given, dict.fromkeys(range(40), 24.0), PAGE) == [29]


def test_a_title_is_not_alone_on_a_page() -> None:
    """The heading that every page repeats would be a good end of the first one, if more stood there."""
    cells = [Cell("title", 0, 1, text="表"), Cell("head", 2, 1, text="名称"), *rows(32)[3:]]
    assert breaks(cells, 24.0, repeat=(2, 2)) == [28]


def test_growing_rows_leave_some_room_but_on_the_last_page() -> None:
    given = sheet(rows(57))
    heights = dict.fromkeys(range(57), 24.0)
    assert page_breaks(given, heights, PAGE, {3}) == [27]
    assert page_breaks(given, heights, PAGE, {40}) == [30]


BLANK = {  # where pages begin on the first form sheet with breaks, rows counted from 1
    "budget": ("增减变动说明", [22, 36]),  # 二 and 三
    "declaration": ("项目1", []),  # each row prints what it belongs to: it may stand anywhere
    "selfeval": ("项目1", [41]),
    "target": ("项目1", [13]),  # the heading of the indicators
    "unit": ("单位整体支出绩效目标表", [39, 59]),
}


@pytest.mark.parametrize("example", BLANK)
def test_breaks_where_rows_may_grow(tmp_path: Path, example: str) -> None:
    """Only before what stays in one piece, or where all rows keep their heights."""
    campaign = make_campaign(example, tmp_path)
    name, expected = BLANK[example]
    page = openpyxl.load_workbook(template(campaign, next(iter(campaign.units))))[name]
    assert [b.id + 1 for b in page.row_breaks.brk] == expected


def test_breaks_where_the_rows_keep_their_heights(tmp_path: Path) -> None:
    campaign = make_campaign("target", tmp_path)
    path = fill_unit(campaign, "226002", answers("target", "226002"), tmp_path / "filled.xlsx")
    filled = openpyxl.load_workbook(path)["项目1"]
    assert len(filled.row_breaks.brk) == 2


def test_amounts_that_are_too_long_for_their_column_get_smaller(tmp_path: Path) -> None:
    """Else ### would stand there; texts go on in the next line."""
    campaign = make_campaign("unit", tmp_path)
    page = openpyxl.load_workbook(template(campaign, "319001"))["单位整体支出绩效目标表"]
    looks = {c: page[c].alignment for c in ("D6", "F6", "G6")}
    assert {c: (a.shrink_to_fit, a.wrap_text) for c, a in looks.items()} == {
        "D6": (None, True),
        "F6": (True, None),
        "G6": (True, None),
    }


def test_a_long_text_in_a_narrow_column_is_seen_whole(tmp_path: Path) -> None:
    """A row is at most 409 points high: the text is set smaller, in a cell that is not merged, too."""
    campaign = make_campaign("unit", tmp_path)
    data = answers("unit", "319001")
    data["tasks"][0]["主要内容"] = "按季度维护设备，更新台账。" * 50
    path = fill_unit(campaign, "319001", data, tmp_path / "filled.xlsx")
    page = openpyxl.load_workbook(path)["单位整体支出绩效目标表"]
    assert page.row_dimensions[6].height == 408.75
    assert [page[c].font.sz for c in ("B6", "D6", "D7")] == [10.5, 7.5, 10.5]


def test_what_stands_in_rows_is_in_the_middle_long_texts_begin_at_the_top(tmp_path: Path) -> None:
    campaign = make_campaign("unit", tmp_path)
    page = openpyxl.load_workbook(template(campaign, "319001"))["单位整体支出绩效目标表"]
    assert [page[c].alignment.vertical for c in ("D6", "D29", "E29", "B27")] == [
        "center",
        "center",
        "center",
        "top",
    ]


def test_the_clerk_begins_at_the_first_input(tmp_path: Path) -> None:
    campaign = make_campaign("target", tmp_path)
    sheet = openpyxl.load_workbook(template(campaign, "226002"))["项目1"]
    assert sheet.sheet_view.selection[-1].sqref == "B3:C3"


def test_a_list_to_read_prints_on_one_page_wide(tmp_path: Path) -> None:
    rows = [["甲.xlsx", "锁定的内容被改动：应为“年度目标：”，现为“2027年目标：”" * 2]]
    write_tables(tmp_path / "a.xlsx", [Tables("问题清单", ["文件", "问题"], rows, wrap=True)])
    page: Any = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert (page.page_setup.orientation, page.page_setup.fitToHeight) == ("landscape", 0)
    assert page.print_title_rows == "$1:$1"
    assert page.auto_filter.ref == "A1:B2"
    assert page["B2"].alignment.wrap_text
    assert [page.column_dimensions[c].width for c in "AB"] == [9.625, 48.625]
    assert page.row_dimensions[2].height == 48.75  # three lines


def test_a_wide_list_gives_its_room_to_long_texts(tmp_path: Path) -> None:
    """On A4 as long as it can be read there, else on A3; codes stay in one piece."""
    head = ["编码", "金额", "目标", "用途", *(f"栏目{n}" for n in range(14))]
    row = ["440399271063100100008", "1.00", "目标" * 60, "用途" * 15, *["甲乙丙丁戊己庚辛"] * 14]
    tables = [Tables("窄", head[:9], [row[:9]], wrap=True), Tables("宽", head, [row], wrap=True)]
    write_tables(tmp_path / "a.xlsx", tables)
    book: Any = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert [page.page_setup.paperSize for page in book] == [9, 8]
    for page in book:
        width = {c: page.column_dimensions[c].width for c in "ABCDE"}
        assert width["A"] > 23
        assert width["C"] > width["D"] > width["E"] > width["B"]
        assert width["C"] > 28


def test_the_import_file_stays_bare(tmp_path: Path) -> None:
    write_tables(tmp_path / "a.xlsx", [Tables("导入", ["文件"], [["甲"]])], bare=True)
    page: Any = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert page.auto_filter.ref is None
    assert page.freeze_panes is None
    assert not page["A1"].font.b


def test_a_table_whose_rows_may_stand_anywhere_fills_the_pages(tmp_path: Path) -> None:
    """Once its blank rows are filtered away, no break of ours leaves a page half empty."""
    campaign = make_campaign("declaration", tmp_path)
    path = fill_unit(campaign, "106002", answers("declaration", "106002"), tmp_path / "filled.xlsx")
    page = openpyxl.load_workbook(path)["项目1"]
    assert [b.id + 1 for b in page.row_breaks.brk] == []


HEADING = """<form><sheet record="plan" name="情况表" columns="20 40 20">
  <row lines="2"><title colspan="3">情况表</title></row>
  <row><head rowspan="2">任务</head><head colspan="2">金额</head></row>
  <row repeat="yes"><head>甲</head><head>乙</head></row>
  <block table="task" rows="3"><row><field name="name"/><field name="one"/><field name="two"/></row></block>
</sheet></form>
"""
VALIDATOR = '''
"""两行的表头。"""
from xltool.fields.tables import Rows, Table, text

TITLE = "情况表"
VERSION = "1"


class Plan(Table):
    """计划：一个单位一张。"""


class Task(Rows):
    """任务：每行一项。"""

    name: str = text("任务")
    one: str = text("甲")
    two: str = text("乙")
'''


def test_a_heading_of_two_rows_is_repeated_whole(tmp_path: Path) -> None:
    """The lower row alone would be repeated with the upper cells cut off."""
    write_form(tmp_path, HEADING, VALIDATOR)
    assert render(load_form("own", tmp_path)).sheets[0].repeat == (1, 2)
