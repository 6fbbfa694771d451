"""longhua_2021_target: each single change to the workbook is found, and nothing else."""

from __future__ import annotations

from pathlib import Path

from helpers import check_files, edit
from mutations import (
    Mutation,
    cell,
    described,
    each,
    inserted,
    nothing,
    sheet,
)
from openpyxl.workbook import Workbook

from xltool.office.campaign import Campaign

UNIT = "226002"
NO = ("不适用", "不适用", "不适用")

BOOKS: list[Mutation[Workbook]] = [
    Mutation("saved by openpyxl", nothing),
    # TPL-002
    Mutation(
        "label changed",
        cell("A10", "固定资产采购金额（万元）"),
        [
            "TPL-002 error 项目1!A10 | 锁定的内容被改动：应为“固定资产采购金额”，"
            "现为“固定资产采购金额（万元）”"
        ],
    ),
    Mutation(
        "prefilled unit changed",
        cell("E2", "云岭区图书馆"),
        [
            "TPL-002 error 项目1!E2 | 锁定的内容被改动：主管单位应为“云岭区文化体育局”，"
            "现为“云岭区图书馆”"
        ],
    ),
    Mutation("level erased", cell("B14", None), ["TPL-002 error 项目1!B14"]),
    Mutation("another level", cell("B14", "质量"), ["TPL-002 error 项目1!B14"]),
    Mutation(
        "another level on a spare sheet",
        cell("B14", "质量", sheet="项目4"),
        ["TPL-002 error 项目4!B14"],
    ),
    Mutation(
        "level unknown on a spare sheet",
        cell("B14", "效率", sheet="项目4"),
        ["TPL-002 error 项目4!B14"],
    ),
    # TPL-003
    Mutation(
        "sheet deleted",
        lambda book: book.remove(book["项目2"]),
        ["TPL-003 error | 缺少工作表“项目2”"],
    ),
    Mutation(
        "spare sheet deleted",
        lambda book: book.remove(book["项目5"]),
        ["TPL-003 error | 缺少工作表“项目5”"],
    ),
    Mutation(
        "sheet renamed",
        sheet(lambda page: setattr(page, "title", "分馆"), "项目2"),
        ["TPL-003 warning 分馆 | 工作表“项目2”被改名为“分馆”，已照常读取"],
    ),
    Mutation(
        "sheets reordered",
        lambda book: book.move_sheet("项目1", 2),
    ),
    Mutation(
        "project sheet copied",
        lambda book: book.copy_worksheet(book["项目1"]),
        [
            "DUP-001 error 项目1!B2",
            "DUP-001 error 项目1 Copy!B2",
            "TPL-003 warning 项目1 Copy | 多出一张与填报表相同的工作表“项目1 Copy”，"
            "已作为另一个项目读取",
        ],
    ),
    Mutation(
        "spare sheet copied",
        lambda book: book.copy_worksheet(book["项目5"]),
        ["TPL-003 warning 项目5 Copy"],
    ),
    Mutation(
        "scratch sheet",
        lambda book: book.create_sheet("草稿"),
        ["TPL-003 info 草稿 | 多出一张工作表“草稿”，未读取"],
    ),
    # TPL-004
    Mutation(
        "row inserted in a level",
        sheet(lambda page: page.insert_rows(20)),
        ["TPL-004 error 项目1!A24 | 表格位置被移动：第 23 行之后插入了 1 行"],
    ),
    Mutation(
        "row inserted among the fields",
        sheet(lambda page: page.insert_rows(6)),
        ["TPL-004 error 项目1!A6 | 表格位置被移动：第 5 行之后插入了 1 行"],
    ),
    Mutation(
        "unused row deleted",
        sheet(lambda page: page.delete_rows(20)),
        ["TPL-004 error 项目1!A23 | 表格位置被移动：少了 1 行（下发时的第 23 行）"],
    ),
    Mutation(
        "row of two amounts deleted",
        sheet(lambda page: page.delete_rows(6)),
        [
            "TPL-004 error 项目1!A6 | 表格位置被移动：少了 1 行（下发时的第 6 行，"
            "“财政拨款资金（万元） 其他资金（万元）”）"
        ],
    ),
    Mutation(
        "row of the procurement deleted",
        sheet(lambda page: page.delete_rows(10)),
        ["TPL-004 error 项目1!A10"],
    ),
    Mutation(
        "row of goal_midterm deleted",
        sheet(lambda page: page.delete_rows(11)),
        ["TPL-004 error 项目1!A11"],
    ),
    Mutation(
        "column deleted",
        sheet(lambda page: page.delete_cols(3)),
        ["TPL-004 error 项目1!C1 | 表格位置被移动：少了 1 列（下发时的 C 列）"],
    ),
    Mutation(
        "column inserted",
        sheet(lambda page: page.insert_cols(3)),
        ["TPL-004 error 项目1!C1 | 表格位置被移动：C 列处插入了 1 列"],
    ),
    # TPL-006
    Mutation(
        "text number",
        cell("B5", "260.00", "@"),
        ["TPL-006 warning 项目1!B5 | 项目总金额（万元）“260.00”是文本，已读作 260.00"],
    ),
    Mutation(
        "full-width digits",
        cell("B5", "２６０．００"),
        ["TPL-006 warning 项目1!B5 | 项目总金额（万元）“２６０．００”是文本，已读作 260.00"],
    ),
    Mutation(
        "unit typed",
        cell("B5", "260万"),
        ["TPL-006 warning 项目1!B5 | 项目总金额（万元）“260万”带有单位，已换算为 260.00"],
    ),
    Mutation(
        "in 元",
        cell("B5", "2600000元"),
        ["TPL-006 warning 项目1!B5 | 项目总金额（万元）“2600000元”带有单位，已换算为 260.00"],
    ),
    Mutation(
        "number in a text cell",
        cell("D14", 1, "0%"),
        [
            "TPL-006 warning 项目1!D14 | 目标值本应是文本，却存成了数字或日期，已读作“1”",
            "VAL-003 warning 项目1!D14",
            "VAL-007 info 项目1!D14",
        ],
    ),
    Mutation(
        "date as ISO text",
        cell("B4", "2027-01-01"),
        ["TPL-006 warning 项目1!B4 | 计划开始日期“2027-01-01”是文本，已读作 2027-01-01"],
    ),
    Mutation(
        "date as a number",
        cell("B4", 46388, "General"),
        ["TPL-006 warning 项目1!B4 | 计划开始日期存成了数字 46388，已读作 2027-01-01"],
    ),
    Mutation("noise of a binary fraction", cell("B5", 260.00000000000006)),
    # TPL-007
    Mutation(
        "formula",
        cell("E6", "=1-1"),
        ["TPL-007 error 项目1!E6 | 其他资金（万元）里是公式“=1-1”"],
    ),
    Mutation(
        "link to another file",
        cell("B5", "=[1]Sheet1!A1"),
        ["TPL-007 error 项目1!B5 | 项目总金额（万元）里是公式“=[1]Sheet1!A1”"],
    ),
    Mutation(
        "error value",
        cell("E6", "#REF!"),
        ["TPL-007 error 项目1!E6 | 其他资金（万元）里是错误值 #REF!"],
    ),
    Mutation("formula for the items", cell("E10", "=A1"), ["TPL-007 error 项目1!E10"]),
    Mutation("formula for the goal", cell("B11", "=A1"), ["TPL-007 error 项目1!B11"]),
    Mutation("formula for a date", cell("E4", "=B4+364"), ["TPL-007 error 项目1!E4"]),
    # DAT-003
    Mutation(
        "date as Chinese text",
        cell("B4", "2027年1月1日"),
        ["DAT-003 warning 项目1!B4 | 计划开始日期“2027年1月1日”是文本，已读作 2027-01-01"],
    ),
    Mutation("date with slashes", cell("E4", "2027/12/31"), ["DAT-003 warning 项目1!E4"]),
    # TPL-011 and IND-005
    Mutation(
        "inserted row of an unknown level",
        inserted(24, "产出目标", "效率", "资金执行率", "≥100%", "合同"),
        [
            "TPL-004 error 项目1!A24",
            "TPL-011 error 项目1!B24 | “效率”不在本表的指标框架内",
        ],
    ),
    Mutation(
        "level of used rows unknown",
        cell("B14", "效率"),
        ["TPL-011 error 项目1!B14 | “效率”不在本表的指标框架内"],
    ),
    Mutation("lv1 unknown", cell("A14", "效率"), ["TPL-011 error 项目1!A14"]),
    Mutation(
        "lv1 of other levels",
        cell("A14", "效果目标"),
        [
            "IND-005 error 项目1!B14 | 二级指标“数量”不属于一级指标“效果目标”",
            "IND-005 error 项目1!B24 | 二级指标“质量”不属于一级指标“效果目标”",
            "IND-005 error 项目1!B34 | 二级指标“时效”不属于一级指标“效果目标”",
        ],
    ),
    Mutation(
        "pair not in the catalogue",
        cell("B14", "经济效益"),
        ["IND-005 error 项目1!B14 | 二级指标“经济效益”不属于一级指标“产出目标”"],
    ),
]


@each(BOOKS)
def test_workbook(
    target: Campaign, good_target: Path, tmp_path: Path, mutation: Mutation[Workbook]
) -> None:
    path = edit(good_target, mutation.apply, tmp_path / "return.xlsx")
    found = check_files(target, path)
    assert described(found, mutation.expected) == list(mutation.expected)
