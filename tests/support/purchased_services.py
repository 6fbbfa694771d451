"""政府购买服务预算表, as an official draws it: numbered rows, their sums above them; after public form texts."""

from __future__ import annotations

from pathlib import Path

from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from provinces import Drawn, Province, draw

ROWS = range(6, 36)


def purchase_of_services(folder: Path) -> Province:
    """30 numbered rows with three sources each; 合计 stands across four columns, right under the headings."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "购买服务"
    sheet["A1"] = "政府购买服务预算表"
    sheet.merge_cells("A1:J1")
    sheet["A2"] = "部门名称："
    sheet.merge_cells("A2:B2")
    sheet["J2"] = "单位：万元"
    heads: list[Drawn] = [("序号", 1, 2), ("购买服务项目名称", 1, 2), ("购买服务目录", 1, 2)]
    heads += [("承接主体类别", 1, 2), ("预算金额", 4), ("购买方式", 1, 2), ("备注", 1, 2)]
    sources: list[Drawn] = ["小计", "一般公共预算", "政府性基金预算", "其他资金"]
    numbered: list[list[Drawn]] = [[str(n), *[None] * 9] for n in range(1, len(ROWS) + 1)]
    draw(sheet, 3, [heads, sources, [("合计", 4), *[None] * 6], *numbered])
    for column in "EFGH":
        sheet[f"{column}5"] = f"=SUM({column}6:{column}35)"
        for row in (5, *ROWS):
            sheet[f"{column}{row}"].number_format = "#,##0.00"
    for row in ROWS:
        sheet[f"E{row}"] = f"=SUM(F{row}:H{row})"
    rule = DataValidation(type="list", formula1='"企业,社会组织,事业单位"', allow_blank=True)
    rule.add("D6:D35")
    sheet.add_data_validation(rule)
    path = folder / "政府购买服务预算表.xlsx"
    book.save(path)
    fields = {
        "C2": ("部门名称：", "text"),
        "E5": ("合计", "amount"),
        "F5": ("合计的一般公共预算", "amount"),
        "G5": ("合计的政府性基金预算", "amount"),
        "H5": ("合计的其他资金", "amount"),
        "I5": ("合计的购买方式", "text"),
        "J5": ("合计的备注", "text"),
    }
    columns = {
        "B": ("购买服务项目名称", "text"),
        "C": ("购买服务目录", "text"),
        "D": ("承接主体类别", "choice"),
        "E": ("预算金额小计", "amount"),
        "F": ("一般公共预算", "amount"),
        "G": ("政府性基金预算", "amount"),
        "H": ("其他资金", "amount"),
        "I": ("购买方式", "text"),
        "J": ("备注", "text"),
    }
    fields |= {f"{column}{row}": said for row in ROWS for column, said in columns.items()}
    return Province("政府购买服务预算表", path, fields)
