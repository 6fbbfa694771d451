"""futian_2024_declaration: each single change to the workbook is found, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import answers, check_files, edit, fill_unit
from mutations import (
    BookChange,
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

UNIT = "106003"
NEW = {"项目编码": "440399271063100100008", "项目名称": "数据标准贯标", "是否新增项目": "是"}
NO = ("不适用", "不适用", "不适用")
NO_TEXT = (None, "不适用")


def new_project(code: str | int) -> BookChange:
    """Another project typed by hand into the first spare sheet, much like the first one."""

    def change(book: Workbook) -> None:
        source, page = book["项目1"], book["项目4"]
        for row in (8, 9, 10, *range(12, 74)):
            for column in "CDE" if row >= 12 else "B":
                text = source[f"{column}{row}"].value
                own = column == "C" or row in (9, 10)  # goals and indicators of its own
                page[f"{column}{row}"] = f"新片区{text}" if own and text not in NO_TEXT else text
        page["B2"], page["E2"], page["B5"] = code, "数据标准贯标", "是"

    return change


BOOKS: list[Mutation[Workbook]] = [
    Mutation("saved by openpyxl", nothing),
    # TPL-002
    Mutation(
        "label changed",
        cell("A9", "本年目标："),
        ["TPL-002 error 项目1!A9 | 锁定的内容被改动：应为“年度目标：”，现为“本年目标：”"],
    ),
    Mutation("title changed", cell("A1", "申报表"), ["TPL-002 error 项目1!A1"]),
    Mutation("head changed", cell("D11", "目标值"), ["TPL-002 error 项目1!D11"]),
    Mutation(
        "prefilled name changed",
        cell("E2", "数据治理"),
        [
            "TPL-002 error 项目1!E2 | 锁定的内容被改动：项目名称应为“公共数据资源治理”，现为“数据治理”"
        ],
    ),
    Mutation(
        "prefilled amount changed",
        cell("E6", 999),
        [
            "TPL-002 error 项目1!E6 | 锁定的内容被改动：本年度项目金额（万元）应为“536.76”，现为“999”"
        ],
    ),
    Mutation("prefilled amount a formula", cell("E6", "=536.76"), ["TPL-002 error 项目1!E6"]),
    Mutation(
        "prefilled code erased",
        cell("B2", None),
        [
            "TPL-002 error 项目1!B2 | 锁定的内容被改动：项目编码应为“440399261063100205004”，现为“（空白）”"
        ],
    ),
    Mutation(
        "system cell of a spare sheet filled",
        cell("B4", 3, sheet="项目4"),
        ["TPL-002 error 项目4!B4 | 锁定的内容被改动：实施期限应为“（空白）”，现为“3”"],
    ),
    Mutation(
        "level of an unused row changed", cell("B17", "效率指标"), ["TPL-002 error 项目1!B17"]
    ),
    Mutation("level of a used row erased", cell("B12", None), ["TPL-002 error 项目1!B12"]),
    # TPL-003
    Mutation(
        "sheet deleted",
        lambda book: book.remove(book["项目2"]),
        ["TPL-003 error | 缺少工作表“项目2”"],
    ),
    Mutation(
        "sheet renamed",
        sheet(lambda page: setattr(page, "title", "政务云"), "项目2"),
        ["TPL-003 warning 政务云 | 工作表“项目2”被改名为“政务云”，已照常读取"],
    ),
    Mutation(
        "project sheet copied",
        lambda book: book.copy_worksheet(book["项目1"]),
        [
            "COD-009 error 项目1!B2",
            "DUP-001 error 项目1!E2",
            "COD-009 error 项目1 Copy!B2",
            "DUP-001 error 项目1 Copy!E2",
            "TPL-003 warning 项目1 Copy"
            " | 多出一张与填报表相同的工作表“项目1 Copy”，已作为另一个项目读取",
        ],
    ),
    Mutation(
        "scratch sheet",
        lambda book: book.create_sheet("草稿"),
        ["TPL-003 info 草稿 | 多出一张工作表“草稿”，未读取"],
    ),
    # TPL-004
    Mutation(
        "blank row inserted",
        sheet(lambda page: page.insert_rows(14)),
        ["TPL-004 error 项目1!A14 | 表格位置被移动：第 13 行之后插入了 1 行"],
    ),
    Mutation(
        "row inserted on top",
        sheet(lambda page: page.insert_rows(1)),
        ["TPL-004 error 项目1!A1 | 表格位置被移动：表格最前面插入了 1 行"],
    ),
    Mutation(
        "unused row deleted",
        sheet(lambda page: page.delete_rows(20)),
        [
            "TPL-004 error 项目1!A21 | 表格位置被移动：少了 1 行"
            "（下发时的第 21 行，“产出指标 *数量指标”）"
        ],
    ),
    Mutation(
        "row of goal_long deleted",
        sheet(lambda page: page.delete_rows(10)),
        [
            "TPL-004 error 项目1!A10 | 表格位置被移动：少了 1 行"
            "（下发时的第 10 行，“长期目标（跨度多年的项目需填）：”）"
        ],
    ),
    Mutation(
        "column inserted in front",
        sheet(lambda page: page.insert_cols(1)),
        ["TPL-004 error 项目1!A1 | 表格位置被移动：A 列处插入了 1 列"],
    ),
    Mutation(
        "row inserted and filled",
        inserted(14, None, None, "新增指标", "≥5个", "反映新增"),
        ["TPL-004 error 项目1!A14"],
    ),
    # TPL-006
    Mutation(
        "number in a text cell",
        cell("D12", 42),
        [
            "TPL-006 warning 项目1!D12 | 指标值本应是文本，却存成了数字或日期，已读作“42”",
            "VAL-003 warning 项目1!D12",
            "VAL-007 info 项目1!D12",
        ],
    ),
    Mutation(
        "full-width code",
        new_project("４４０３９９２７１０６３１００１００００８"),
        [
            "TPL-006 warning 项目4!B2 | 项目编码“４４０３９９２７１０６３１００１００００８”"
            "带有多余的空格、引号或全角字符，已读作“440399271063100100008”"
        ],
    ),
    Mutation(
        "choice with a space",
        cell("B5", "否 "),
        ["TPL-006 warning 项目1!B5 | 是否新增项目“否 ”带有多余的空格、引号或全角字符，已读作“否”"],
    ),
    # TPL-007
    Mutation(
        "formula",
        cell("D12", "=40+2"),
        ["TPL-007 error 项目1!D12 | 指标值里是公式“=40+2”"],
    ),
    Mutation(
        "error value",
        cell("D12", "#REF!"),
        ["TPL-007 error 项目1!D12 | 指标值里是错误值 #REF!"],
    ),
    Mutation("formula for the long goal", cell("B10", "=A1"), ["TPL-007 error 项目1!B10"]),
    Mutation(
        "formula for the goal of a new project",
        cell("B9", "=A1", sheet="项目3"),
        ["TPL-007 error 项目3!B9 | 年度目标里是公式“=A1”"],
    ),
    # TPL-011 and IND-005
    Mutation(
        "inserted row of an unknown level",
        inserted(14, "产出指标", "效率指标", "新增指标", "≥5个", "反映新增"),
        [
            "TPL-004 error 项目1!A14",
            "TPL-011 error 项目1!B14 | “效率指标”不在本表的指标框架内",
        ],
    ),
    Mutation(
        "level of a used row unknown",
        cell("B12", "效率指标"),
        ["TPL-011 error 项目1!B12 | “效率指标”不在本表的指标框架内"],
    ),
    Mutation(
        "pair not in the catalogue",
        cell("B12", "生态效益指标"),
        ["IND-005 error 项目1!B12 | 二级指标“生态效益指标”不属于一级指标“产出指标”"],
    ),
    Mutation("lv1 of another level", cell("A12", "效益指标"), ["IND-005 error 项目1!B12"]),
    Mutation(
        "another level of the same lv1", cell("B12", "*质量指标"), ["TPL-002 error 项目1!B12"]
    ),
    # TXT and COD in the workbook
    Mutation("only spaces", cell("B8", " \u3000\n"), ["TXT-001 error 项目1!B8"]),
    Mutation(
        "code as a number",
        new_project(440399271063100100008),
        [
            "COD-001 error 项目4!B2 | 项目编码存成了数字，末尾几位已经丢失（现为 4.403992710631e+20）"
        ],
    ),
]


@pytest.fixture(scope="module")
def good(declaration: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("good") / "good.xlsx"
    return fill_unit(declaration, UNIT, answers("declaration", UNIT), out)


@each(BOOKS)
def test_workbook(
    declaration: Campaign, good: Path, tmp_path: Path, mutation: Mutation[Workbook]
) -> None:
    path = edit(good, mutation.apply, tmp_path / "return.xlsx")
    found = check_files(declaration, path)
    assert described(found, mutation.expected) == list(mutation.expected)
