"""模板完整性：单位在下发的工作簿里添加了什么（docs/domain.md §10.1）。都不读取，所以要说明。"""

from __future__ import annotations

import polars as pl

from xltool.rules import FormTable, rule


@rule(
    "TPL-016",
    on="sheet",
    severity="info",
    message="多出一张工作表“{sheet}”，未读取",
    hint="无需处理；若其中有要上报的内容，请填到填报表里",
    mended="没有带入；其中要上报的内容，请填到填报表里",
)
def sheet_is_extra(sheet: FormTable) -> pl.Expr:
    """与填报无关的工作表不读取。

    | state   |     |
    | missing | ok  |
    | extra   | bad |
    """
    return pl.col("state") == "extra"


@rule(
    "TPL-016",
    on="sheet",
    severity="info",
    message="单元格上有批注：“{detail}”",
    hint="批注不会导入；要上报的内容请填到表格里",
    mended="没有带入；要上报的内容，请填到表格里",
)
def cell_has_a_comment(sheet: FormTable) -> pl.Expr:
    """单位写的批注不读取，只转告审核的人。

    下发时就有的批注和退回件上的修改意见不算。

    | state     |     |
    | extra     | ok  |
    | commented | bad |
    """
    return pl.col("state") == "commented"


@rule(
    "TPL-016",
    on="sheet",
    severity="warning",
    message="表格之外还有内容，没有读取：{detail}",
    hint="要上报的内容请填到表格里；不要的请删去",
    mended="没有带入；要上报的内容，请填到表格里",
)
def content_outside_the_form(sheet: FormTable) -> pl.Expr:
    """写在表格右边和下面的内容不读取。

    | state  |     |
    | extra  | ok  |
    | beside | bad |
    """
    return pl.col("state") == "beside"
