"""退回的工作簿里不该有的东西：公式、错误值、图片、链接、宏（docs/domain.md §10.1、§8.6）。"""

from __future__ import annotations

import polars as pl

from xltool.rules import FormTable, rule


@rule(
    "TPL-007",
    on="cell",
    message="{label}里是公式“{found}”",
    hint="请直接输入数值，不要用公式或引用其他文件",
    integrity=True,
)
def formula_in_an_input(cell: FormTable) -> pl.Expr:
    """填报单元格里不能有公式或外部链接。

    | remark  | found  |     |
    |         | 12     | ok  |
    | formula | =1+1   | bad |
    """
    return pl.col("remark") == "formula"


@rule(
    "TPL-007",
    on="cell",
    message="{label}里是错误值 {found}",
    hint="请删除后重新输入",
    integrity=True,
)
def error_value_in_an_input(cell: FormTable) -> pl.Expr:
    """填报单元格里不能有 #REF!、#VALUE! 等错误值。

    | remark      | found |     |
    |             | 12    | ok  |
    | error_value | #REF! | bad |
    """
    return pl.col("remark") == "error_value"


@rule(
    "TPL-007",
    on="cell",
    message="{label}里是图片，不是文字或数字",
    hint="请删除图片，直接输入内容；图片可作为附件另交",
    integrity=True,
)
def picture_in_an_input(cell: FormTable) -> pl.Expr:
    """填报单元格里不能嵌入图片（WPS 存为公式 DISPIMG，Excel 存为错误值）。

    | remark  |     |
    | formula | ok  |
    | picture | bad |
    """
    return pl.col("remark") == "picture"


@rule(
    "TPL-007",
    on="sheet",
    severity="warning",
    message="工作簿里有指向其他文件的链接或数据连接，未读取",
    hint="请在“数据”的“编辑链接”里断开链接，填报内容直接输入",
    integrity=True,
    mended="链接已去掉",
)
def workbook_has_links(sheet: FormTable) -> pl.Expr:
    """工作簿里不应有外部链接：从别的工作簿连同公式粘贴会带进来。

    链接从不打开。填报单元格里的公式另行检查。

    | state |     |
    | extra | ok  |
    | links | bad |
    """
    return pl.col("state") == "links"


@rule(
    "TPL-007",
    on="sheet",
    severity="warning",
    message="工作簿里有 DDE 链接（可用来启动其他程序），已忽略",
    hint="请核对文件来源，用下发的原表重新填报；打开时不要同意更新链接",
    integrity=True,
    mended="DDE 链接已去掉；请核对文件来源",
)
def workbook_has_dde(sheet: FormTable) -> pl.Expr:
    """工作簿里不应有 DDE 链接。

    | state |     |
    | links | ok  |
    | dde   | bad |
    """
    return pl.col("state") == "dde"


@rule(
    "TPL-003",
    on="sheet",
    severity="warning",
    message="工作簿里有宏或控件，已忽略，未运行",
    hint="下发的原表没有宏；请核对文件来源，另存为不带宏的 .xlsx 再交",
    mended="宏已去掉；请核对文件来源",
)
def workbook_has_macros(sheet: FormTable) -> pl.Expr:
    """工作簿里不应有宏。

    宏从不运行，内容照常读取；带宏的文件不要在自己的电脑上启用宏。

    | state  |     |
    | extra  | ok  |
    | macros | bad |
    """
    return pl.col("state") == "macros"
