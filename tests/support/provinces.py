"""Three forms in the style of several provinces, drawn as an official draws them; made after public form texts.

No protection, plain styles, lists on a hidden sheet, plain formulas, limits and units in the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

Value = str | None
Drawn = Value | tuple[Value, int] | tuple[Value, int, int]  # text, columns, rows
_SIDE = Side(style="thin")
_BORDER = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)


@dataclass(frozen=True)
class Province:
    """An official form, and what a person reads off it: label and kind of the field in a cell."""

    name: str
    path: Path
    fields: dict[str, tuple[str, str]]


def draw(sheet: Worksheet, first: int, rows: Sequence[Sequence[Drawn]]) -> None:
    """Draw rows with rules around each cell, placed as in an HTML table, from row `first` on."""
    taken: set[tuple[int, int]] = set()
    for row, cells in enumerate(rows, first):
        column = 1
        for drawn in cells:
            text, columns, height = (*(drawn if isinstance(drawn, tuple) else (drawn,)), 1, 1)[:3]
            if not isinstance(drawn, tuple):
                columns = height = 1
            elif len(drawn) == 2:
                height = 1
            while (row, column) in taken:
                column += 1
            for r in range(row, row + int(height or 1)):
                for c in range(column, column + int(columns or 1)):
                    taken.add((r, c))
                    sheet.cell(r, c).border = _BORDER
            cell = sheet.cell(row, column, text)
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
            last = (row + int(height or 1) - 1, column + int(columns or 1) - 1)
            if last != (row, column):
                sheet.merge_cells(
                    start_row=row, start_column=column, end_row=last[0], end_column=last[1]
                )
            column += int(columns or 1)


def _begin(title: str, widths: Sequence[float]) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    return book, sheet


def _plain(sheet: Worksheet, row: int, text: str, width: int, size: float = 11) -> None:
    cell = sheet.cell(row, 1, text)
    cell.font = Font(size=size)
    cell.alignment = Alignment(horizontal="center" if size > 13 else "left")
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=width)


def declaration_with_sources(folder: Path) -> Province:
    """财政支出绩效目标申报表: six sources of funds, days as 20190101, 450 字 and 150 字."""
    book, sheet = _begin("申报表", (10, 14, 14, 16, 14, 20))
    _plain(sheet, 1, "财政支出绩效目标申报表", 6, 20)
    _plain(sheet, 2, "（2027年度）", 6)
    sheet["A3"] = "填报单位："
    sheet.merge_cells("B3:D3")
    sources = ["一般公共预算拨款：", "政府性基金预算拨款：", "国有资本经营预算拨款："]
    sources += ["纳入财政专户管理的收入：", "未纳入财政专户管理的收入：", "上年结余收入："]
    rows: list[Sequence[Drawn]] = [
        [("项目名称", 2), (None, 2), "项目类型", None],
        [("主管部门编码", 2), (None, 2), "主管部门名称", None],
        [("项目开始时间（如20190101）", 2), (None, 2), "项目结束时间（如20190101）", None],
        [("项目资金申请（万元）", 2, 7), ("资金总额：", 2), (None, 2)],
        *[[(source, 2), (None, 2)] for source in sources],
        [("单位职能概述（450字内）", 2), (None, 4)],
        [("项目概况（450字内）", 2), (None, 4)],
        [("项目立项情况", 1, 2), "项目立项的依据（450字内）", (None, 4)],
        ["项目申报的可行性（450字内）", (None, 4)],
        [("项目绩效目标", 2, 2), ("长期目标（450字内）", 2), ("年度目标（450字内）", 2)],
        [(None, 2), (None, 2)],
        [("衡量指标", 1, 8), "一级指标", "二级指标", "分值", "指标内容（150字内）", "指标值（150字内）"],
        [("产出指标", 1, 4), ("数量指标", 1, 2), None, None, None],
        [None, None, None],
        [("质量指标", 1, 2), None, None, None],
        [None, None, None],
        [("效益指标", 1, 3), ("社会效益指标", 1, 2), None, None, None],
        [None, None, None],
        ["满意度指标", None, None, None],
    ]  # fmt: skip
    draw(sheet, 4, rows)
    sheet["E7"] = "=SUM(E8:E13)"
    for cell in ("E7", *(f"E{row}" for row in range(8, 14))):
        sheet[cell].number_format = "#,##0.00"
    for cell in ("C6", "F6"):
        sheet[cell].number_format = "yyyymmdd"
    for row in (14, 15, 16, 17, 19):
        sheet.row_dimensions[row].height = 60
    rule = DataValidation(type="list", formula1="选项!$A$1:$A$3", allow_blank=True)
    rule.add("F4")
    sheet.add_data_validation(rule)
    options = book.create_sheet("选项")
    options.sheet_state = "hidden"
    for row, word in enumerate(("基本建设", "专项业务", "其他"), 1):
        options.cell(row, 1, word)
    sheet.print_title_rows = "20:20"
    path = folder / "财政支出绩效目标申报表.xlsx"
    book.save(path)
    fields = {
        "B3": ("填报单位：", "text"),
        "C4": ("项目名称", "text"),
        "F4": ("项目类型", "choice"),
        "C5": ("主管部门编码", "code"),
        "F5": ("主管部门名称", "text"),
        "C6": ("项目开始时间（如20190101）", "date"),
        "F6": ("项目结束时间（如20190101）", "date"),
        "E7": ("资金总额：", "amount"),
        **{f"E{row}": (source, "amount") for row, source in enumerate(sources, 8)},
        "C14": ("单位职能概述（450字内）", "text"),
        "C15": ("项目概况（450字内）", "text"),
        "C16": ("项目立项的依据（450字内）", "text"),
        "C17": ("项目申报的可行性（450字内）", "text"),
        "C19": ("长期目标（450字内）", "text"),
        "E19": ("年度目标（450字内）", "text"),
    }
    for row in range(21, 28):
        fields[f"D{row}"] = ("分值", "number")
        fields[f"E{row}"] = ("指标内容（150字内）", "text")
        fields[f"F{row}"] = ("指标值（150字内）", "text")
    return Province("财政支出绩效目标申报表", path, fields)


def selfevaluation(folder: Path) -> Province:
    """部门预算项目支出绩效自评表: funds by source with strokes, rates and points, conclusions of 200 字."""
    book, sheet = _begin("自评表", (12, 12, 14, 16, 10, 12, 10, 10, 10, 18))
    _plain(sheet, 1, "部门预算项目支出绩效自评表", 10, 20)
    _plain(sheet, 2, "单位：万元", 10)
    rows: list[Sequence[Drawn]] = [
        [("项目名称*", 2), (None, 8)],
        [("主管部门", 2), (None, 3), ("实施单位", 2), (None, 3)],
        [("项目年度目标完成情况", 1, 2), ("项目年度目标", 4), ("年度目标完成情况", 5)],
        [(None, 4), (None, 5)],
        [("预算执行情况（10分）", 1, 5), ("年度预算数", 2), "年初预算", "调整后预算数", "预算执行数",
         "预算执行率", "权重", "得分", "原因"],
        [("总额", 2), None, None, None, None, "10", None, None],
        [("其中：财政资金", 2), None, None, None, None, "/", "/", None],
        [("单位资金", 2), None, None, None, None, "/", "/", None],
        [("其他资金", 2), None, None, None, None, "/", "/", None],
        [("绩效指标（90分）", 1, 7), "一级指标", "二级指标", "三级指标", "指标性质", "指标值",
         "度量单位", "完成值", "权重", "未完成原因分析"],
        [("产出指标", 1, 3), ("数量指标", 1, 2), None, None, None, None, None, None, None],
        [None, None, None, None, None, None, None],
        ["时效指标", None, None, None, None, None, None, None],
        [("效益指标", 1, 3), "经济效益指标", None, None, None, None, None, None, None],
        [("社会效益指标", 1, 2), None, None, None, None, None, None, None],
        [None, None, None, None, None, None, None],
        [("合计", 8), None, None],
        [("评价结论", 2), (None, 8)],
        [("存在问题", 2), (None, 8)],
    ]  # fmt: skip
    draw(sheet, 3, rows)
    for row in (6, 20, 21):
        sheet.row_dimensions[row].height = 72
    for row in range(8, 12):
        for column in "DEF":
            sheet[f"{column}{row}"].number_format = "0.00"
        sheet[f"G{row}"] = f'=IF(E{row}="","",ROUND(F{row}/E{row},2))'
        sheet[f"G{row}"].number_format = "0.00"
    for column in "DEF":
        sheet[f"{column}8"] = f"=SUM({column}9:{column}11)"
    sheet["I19"] = "=SUM(I13:I18)"
    for row in range(13, 20):
        sheet[f"I{row}"].number_format = "0.0"
    signs = DataValidation(type="list", formula1='"＝,≥,≤,定性"', allow_blank=True)
    signs.add("E13:E18")
    sheet.add_data_validation(signs)
    short = DataValidation(type="textLength", operator="lessThanOrEqual", formula1="200")
    short.add("C20")
    short.add("C21")
    sheet.add_data_validation(short)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    path = folder / "绩效自评表.xlsx"
    book.save(path)
    fields = {
        "C3": ("项目名称*", "text"),
        "C4": ("主管部门", "text"),
        "H4": ("实施单位", "text"),
        "B6": ("项目年度目标", "text"),
        "F6": ("年度目标完成情况", "text"),
        "D8": ("总额的年初预算", "amount"),
        "E8": ("总额的调整后预算数", "amount"),
        "F8": ("总额的预算执行数", "amount"),
        "G8": ("总额的预算执行率", "number"),
        "I8": ("总额的得分", "number"),
        "J8": ("总额的原因", "text"),
        "I19": ("合计", "number"),
        "C20": ("评价结论", "text"),
        "C21": ("存在问题", "text"),
    }
    columns = {"D": "年初预算", "E": "调整后预算数", "F": "预算执行数"}
    for row in range(9, 12):
        fields |= {f"{c}{row}": (label, "amount") for c, label in columns.items()}
        fields[f"G{row}"] = ("预算执行率", "number")
        fields[f"J{row}"] = ("原因", "text")
    others = {"D": ("三级指标", "text"), "E": ("指标性质", "choice"), "F": ("指标值", "text")}
    others |= {"G": ("度量单位", "text"), "H": ("完成值", "text"), "I": ("权重", "number")}
    others["J"] = ("未完成原因分析", "text")
    for row in range(13, 19):
        fields |= {f"{c}{row}": found for c, found in others.items()}
    return Province("部门预算项目支出绩效自评表", path, fields)


def declaration_with_plan(folder: Path) -> Province:
    """项目支出绩效目标申报表: steps of the project, two frames of indicators below each other, who signs."""
    book, sheet = _begin("申报表", (14, 14, 24, 16, 16, 14))
    _plain(sheet, 1, "项目支出绩效目标申报表", 6, 18)
    sheet["A2"] = "填报单位（盖章）："
    sheet.merge_cells("B2:D2")
    sheet["E2"] = "单位：万元"
    frame: list[Sequence[Drawn]] = [
        [("产出指标", 1, 3), "数量指标", None, None, None],
        ["质量指标", None, None, None],
        ["成本指标", None, None, None],
        [("效益指标", 1, 2), "经济效益指标", None, None, None],
        ["社会效益指标", None, None, None],
    ]
    heads: list[Drawn] = ["一级指标", "二级指标", "指标内容", "指标值", "备注"]
    rows: list[Sequence[Drawn]] = [
        ["项目名称", (None, 2), "项目属性", (None, 2)],
        ["主管部门", (None, 2), "联系电话", (None, 2)],
        [("项目资金", 1, 3), "资金总额", "财政拨款", "自有资金", ("其他", 2)],
        [None, None, None, (None, 2)],
        ["资金说明（限100字以内）", (None, 4)],
        [("项目实施进度计划", 1, 4), ("项目实施内容", 2), "开始时间", ("完成时间", 2)],
        *[[(None, 2), None, (None, 2)] for _ in range(3)],
        [("长期绩效指标", 1, 6), *heads],
        *frame,
        [("年度绩效指标", 1, 6), *heads],
        *frame,
        [("其他需要说明的问题（不超过150字）", 2), (None, 4)],
    ]
    draw(sheet, 3, rows)
    sheet["A25"] = "填报人："
    sheet["C25"] = "填报日期："
    for cell, formula in (("B6", "=C6+D6+E6"), ("C6", None), ("D6", None), ("E6", None)):
        sheet[cell] = formula
        sheet[cell].number_format = "0.00"
    for row in range(9, 12):
        sheet[f"D{row}"].number_format = sheet[f"E{row}"].number_format = "yyyy-mm-dd"
    sheet["D25"].number_format = "yyyy-mm-dd"
    rule = DataValidation(type="list", formula1='"新增项目,延续项目"', allow_blank=True)
    rule.add("E3")
    sheet.add_data_validation(rule)
    sheet.row_dimensions[24].height = 54
    path = folder / "项目支出绩效目标申报表.xlsx"
    book.save(path)
    fields = {
        "B2": ("填报单位（盖章）：", "text"),
        "B3": ("项目名称", "text"),
        "E3": ("项目属性", "choice"),
        "B4": ("主管部门", "text"),
        "E4": ("联系电话", "text"),
        "B6": ("资金总额", "amount"),
        "C6": ("财政拨款", "amount"),
        "D6": ("自有资金", "amount"),
        "E6": ("其他", "amount"),
        "C7": ("资金说明（限100字以内）", "text"),
        "C24": ("其他需要说明的问题（不超过150字）", "text"),
        "B25": ("填报人：", "text"),
        "D25": ("填报日期：", "date"),
    }
    for row in range(9, 12):
        fields[f"B{row}"] = ("项目实施内容", "text")
        fields[f"D{row}"] = ("开始时间", "date")
        fields[f"E{row}"] = ("完成时间", "date")
    for row in (*range(13, 18), *range(19, 24)):
        fields[f"D{row}"] = ("指标内容", "text")
        fields[f"E{row}"] = ("指标值", "text")
        fields[f"F{row}"] = ("备注", "text")
    return Province("项目支出绩效目标申报表", path, fields)


PROVINCES = (declaration_with_sources, selfevaluation, declaration_with_plan)
