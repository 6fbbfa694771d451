"""The layout: where cells stand, what is printed, and what the digest depends on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from xltool.errors import OfficeError
from xltool.form.layout import Layout, a1
from xltool.form.layout_xml import render
from xltool.form.loading import load_form
from xltool.write.sheet_content import Room, SheetContent

TINY = '''
"""A small form."""
from xltool.schema import Rows, Table, text

TITLE = "小表"
VERSION = "1"
CATALOGUE = (("甲", "子", 2), ("甲", "丑", 1), ("乙", "寅", 2))


class Project(Table):
    """One record."""

    one: str = text("第一 <栏> & 二")
    two: str = text("第二栏")
    three: str = text("第三栏")


class Indicator(Rows):
    """One row."""

    lv1: str = text("一级", filled_by="system")
    lv2: str = text("二级", filled_by="system")
    lv3: str = text("三级")
'''
SHEET = '<form><sheet record="project" name="表{{n}}" columns="{columns}">{rows}</sheet></form>'


def tiny(folder: Path, rows: str, columns: str = "10 10 10 10") -> Layout:
    """The layout of a small form whose template has these rows."""
    (folder / "validators").mkdir(parents=True)
    (folder / "templates" / "tiny").mkdir(parents=True)
    (folder / "validators" / "tiny.py").write_text(TINY, encoding="utf-8")
    text = SHEET.format(columns=columns, rows=rows)
    (folder / "templates" / "tiny" / "layout.xml.j2").write_text(text, encoding="utf-8")
    return render(load_form("tiny", folder))


def where(layout: Layout) -> list[tuple[str, str, int, int]]:
    """(address, text or field, rows, columns) of every cell."""
    cells = sorted(layout.record_sheet.cells, key=lambda c: (c.row, c.column))
    return [(c.address, c.text or c.name, c.rows, c.columns) for c in cells]


@pytest.mark.parametrize(
    ("place", "address"),
    [((0, 0), "A1"), ((11, 4), "E12"), ((0, 25), "Z1"), ((0, 26), "AA1"), ((6, 702), "AAA7")],
)
def test_addresses(place: tuple[int, int], address: str) -> None:
    assert a1(*place) == address


def test_colspan_and_rowspan(tmp_path: Path) -> None:
    layout = tiny(
        tmp_path,
        '<row><label rowspan="2">高</label><label colspan="2">宽</label><field name="one"/></row>'
        '<row><field name="two"/><empty/><label>右</label></row>'
        '<row><title colspan="4">底</title></row>',
    )
    assert where(layout) == [
        ("A1", "高", 2, 1),
        ("B1", "宽", 1, 2),
        ("D1", "one", 1, 1),
        ("B2", "two", 1, 1),
        ("C2", "", 1, 1),
        ("D2", "右", 1, 1),
        ("A3", "底", 1, 4),
    ]
    assert {name: cell.address for name, cell in layout.record_sheet.fields.items()} == {
        "one": "D1",
        "two": "B2",
    }
    assert layout.record_sheet.height == 3


BLOCKS = (
    '{% for lv1, lv2, rows in catalogue %}<block table="indicator" rows="{{ rows }}" '
    'lv1="{{ lv1 }}" lv2="{{ lv2 }}"><row><key name="lv1"/><key name="lv2"/>'
    '<field name="lv3"/></row></block>{% endfor %}'
)


def test_flat_blocks(tmp_path: Path) -> None:
    layout = tiny(tmp_path, '<row><label colspan="4">头</label></row>' + BLOCKS)
    assert [cell[:2] for cell in where(layout) if cell[1]] == [
        ("A1", "头"),
        *[("A2", "甲"), ("B2", "子"), ("A3", "甲"), ("B3", "子")],
        *[("A4", "甲"), ("B4", "丑"), ("A5", "乙"), ("B5", "寅"), ("A6", "乙"), ("B6", "寅")],
    ]
    blocks = layout.record_sheet.blocks
    assert [(dict(b.keys), b.first, b.rows, dict(b.columns)) for b in blocks] == [
        ({"lv1": "甲", "lv2": "子"}, 1, 2, {"lv3": 2}),
        ({"lv1": "甲", "lv2": "丑"}, 3, 1, {"lv3": 2}),
        ({"lv1": "乙", "lv2": "寅"}, 4, 2, {"lv3": 2}),
    ]


def test_keys_merged_down(tmp_path: Path) -> None:
    layout = tiny(tmp_path, BLOCKS.replace('"/><', '" merge="down"/><', 2))
    sheet = layout.record_sheet
    assert [cell for cell in where(layout) if cell[1]] == [
        ("A1", "甲", 3, 1),
        ("B1", "子", 2, 1),
        ("B3", "丑", 1, 1),
        ("A4", "乙", 2, 1),
        ("B4", "寅", 2, 1),
    ]
    assert sheet.keys[2, 0].address == "A1"
    assert sheet.keys[1, 1].address == "B1"
    assert sheet.keys[4, 0].address == "A4"


def test_labels_of_the_validator_are_escaped(tmp_path: Path) -> None:
    layout = tiny(tmp_path, "<row><label>{{ label('project', 'one') }}</label></row>")
    assert where(layout) == [("A1", "第一 <栏> & 二", 1, 1)]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ('<row><label colspan="5">宽</label></row>', "超出了 columns 给出的 4 列"),
        ('<row><label colspan="0">零</label></row>', "colspan 应为大于 0 的整数，现为“0”"),
        ('<row><field name="one"/><field name="one"/></row>', "字段 one 放了两次"),
        ('<row><field name="one"/></row><row><field name="one"/></row>', "字段 one 放了两次"),
        ('<row><field name="lv3"/></row>', "数据表 project 没有字段 lv3"),
        (
            '<block table="nothing" rows="1"><row/></block>',
            "table 应为数据表名（indicator），现为“nothing”",
        ),
        ('<block table="indicator" rows="1"/>', "<block> 里应有且只有一个 <row>"),
        (
            '<block table="indicator" rows="1"><row><key name="lv1"/></row></block>',
            "<block> 没有给出 lv1 的值",
        ),
    ],
)
def test_mistakes_are_named_with_file_and_line(tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(OfficeError) as error:
        tiny(tmp_path, "\n\n" + rows)
    assert (error.value.message, error.value.line) == (message, 3)
    assert str(error.value.path).endswith("templates/tiny/layout.xml.j2")


DECLARATION = [
    "二级项目支出绩效目标申报表",
    *("项目编码：", "项目名称：", "申请单位：", "一级预算单位：", "实施期限：", "项目类型："),
    *("是否新增项目：", "分配方式：", "项目总金额（中期规划，万元）：", "本年度项目金额（万元）："),
    *("政策依据：", "测算依据：", "年度目标：", "长期目标（跨度多年的项目需填）："),
    *("一级指标", "二级指标", "三级指标", "指标值", "指标解释"),
    *["产出指标", "*数量指标"] * 10,
    *["产出指标", "*质量指标"] * 10,
    *["产出指标", "*时效指标"] * 10,
    *["产出指标", "*成本指标"] * 5,
    *["效益指标", "经济效益指标"] * 3,
    *["效益指标", "*社会效益指标"] * 10,
    *["效益指标", "生态效益指标"] * 3,
    *["效益指标", "可持续影响指标"] * 3,
    *["满意度指标", "*服务对象满意度指标"] * 5,
    *["满意度指标", "其他满意度指标"] * 3,
]
TARGET = [
    "项目支出绩效目标表",
    *("项目名称", "主管单位", "项目类型", "资金用途", "计划开始日期", "计划完成日期"),
    *("项目总金额（万元）", "本年度项目金额（万元）", "财政拨款资金（万元）", "其他资金（万元）"),
    *("中央转移支付资金（万元）", "政府购买服务资金（万元）", "项目概况", "项目用途"),
    *("固定资产采购金额", "采购品目", "项目总(中期)目标", "年度绩效目标"),
    *("一级指标", "二级指标", "指标内容", "目标值", "目标值来源"),
    *("产出目标", "数量", "质量", "时效"),
    *("效果目标", "经济效益", "社会效益", "生态效益", "满意度"),
]


@pytest.mark.parametrize(
    ("form", "texts"),
    [("futian_2024_declaration", DECLARATION), ("longhua_2021_target", TARGET)],
)
def test_printed_texts_are_the_official_ones_in_order(form: str, texts: list[str]) -> None:
    sheet = render(load_form(form)).record_sheet
    cells = sorted(sheet.locked, key=lambda cell: (cell.row, cell.column))
    assert [cell.text for cell in cells] == texts


FIELDS = {
    "futian_2024_declaration": {
        "project_code": "B2",
        "project_name": "E2",
        "applicant_unit": "B3",
        "level1_unit": "E3",
        "period_years": "B4",
        "project_type": "E4",
        "is_new": "B5",
        "alloc_method": "E5",
        "amount_total": "B6",
        "amount_year": "E6",
        "policy_basis": "B7",
        "calc_basis": "B8",
        "goal_year": "B9",
        "goal_long": "B10",
    },
    "longhua_2021_target": {
        "project_name": "B2",
        "dept_name": "E2",
        "project_type": "B3",
        "fund_use": "E3",
        "start_date": "B4",
        "end_date": "E4",
        "amount_total": "B5",
        "amount_year": "E5",
        "amount_fiscal": "B6",
        "amount_other": "E6",
        "amount_central_transfer": "B7",
        "amount_purchase_service": "E7",
        "overview": "B8",
        "purpose": "B9",
        "fixed_asset_amount": "B10",
        "fixed_asset_items": "E10",
        "goal_midterm": "B11",
        "goal_year": "B12",
    },
}


@pytest.mark.parametrize("form", FIELDS)
def test_addresses_of_the_fields(form: str) -> None:
    sheet = render(load_form(form)).record_sheet
    assert {name: cell.address for name, cell in sheet.fields.items()} == FIELDS[form]


@pytest.mark.parametrize(
    ("form", "first", "last"),
    [("futian_2024_declaration", 12, 73), ("longhua_2021_target", 14, 64)],
)
def test_indicator_rows(form: str, first: int, last: int) -> None:
    sheet = render(load_form(form)).record_sheet
    assert (sheet.blocks[0].first + 1, sheet.height) == (first, last)
    assert sheet.repeat == (first - 2, first - 2)
    for block in sheet.blocks:
        assert dict(block.columns) == {"lv3": 2, "target": 3, "note": 4}
    assert (sheet.keys[first - 1, 0].address, sheet.keys[first - 1, 1].address) == (
        f"A{first}",
        f"B{first}",
    )


def test_merged_levels_of_the_target_form() -> None:
    sheet = render(load_form("longhua_2021_target")).record_sheet
    keys = [cell for cell in sheet.cells if cell.kind == "key"]
    assert sorted((c.column, c.address, c.rows) for c in keys) == [
        *[(0, "A14", 30), (0, "A44", 21)],
        *[(1, "B14", 10), (1, "B24", 10), (1, "B34", 10), (1, "B44", 3), (1, "B47", 10)],
        *[(1, "B57", 3), (1, "B60", 5)],
    ]


def test_rows_of_a_campaign_change_the_layout() -> None:
    form = load_form("futian_2024_declaration")
    wide = form.adapted({}, {"*数量指标": 12})
    assert render(wide).record_sheet.height == 75
    assert render(wide).digest != render(form).digest


def test_digest_depends_on_labels_and_places_but_not_on_widths(tmp_path: Path) -> None:
    rows = '<row><label>甲</label><field name="one"/></row>'
    first = tiny(tmp_path / "a", rows)
    assert len(first.digest) == 16
    assert tiny(tmp_path / "b", rows, "22 5 5 5").digest == first.digest
    assert tiny(tmp_path / "c", rows.replace("<row>", '<row lines="3">')).digest == first.digest
    assert tiny(tmp_path / "d", rows.replace("<row>", '<row height="30">')).digest == first.digest
    for other in (
        rows.replace("甲", "甲："),
        rows.replace("one", "two"),
        rows.replace("<field", '<field colspan="2"'),
        rows.replace("</label>", "</label><empty/>"),
    ):
        assert tiny(tmp_path / str(hash(other)), other).digest != first.digest


def test_digest_depends_on_the_name_of_the_sheet() -> None:
    layout = render(load_form("longhua_2021_target"))
    sheet = replace(layout.record_sheet, name="表{n}")
    assert replace(layout, sheets=(sheet,)).digest != layout.digest


@pytest.mark.parametrize("value", ["0", "410", "一", "1e2", "-3"])
def test_a_height_is_one_that_excel_takes(tmp_path: Path, value: str) -> None:
    rows = f'<row height="{value}"><label>甲</label><field name="one"/></row>'
    with pytest.raises(OfficeError, match="height") as raised:
        tiny(tmp_path, rows)
    assert raised.value.message == f"height 应为 1 至 409 的磅数，现为“{value}”"


def test_a_row_has_the_height_that_the_layout_gives(tmp_path: Path) -> None:
    layout = tiny(tmp_path, '<row height="30.75"><label>甲</label><field name="one"/></row>')
    assert layout.record_sheet.heights == {0: 30.75}
    long = {(0, 1): "很长的一段话。" * 20}
    for values, height in (({}, 30.75), (long, 409.0)):
        room = Room(layout.record_sheet, SheetContent("表", {}, values, {}))
        assert room.height(0) == (height, True)
