"""模板完整性：输入限制、格式、合并、隐藏还是不是当初下发的样子（docs/domain.md §10.1、§8.6）。

都不影响读取：内容照样按规则检查。
"""

from __future__ import annotations

import polars as pl

from xltool.rules import FormTable, rule


@rule(
    "TPL-005",
    on="cell",
    severity="warning",
    message="{label}的输入限制被改动：应为{expected}，现为{found}{value}",
    hint="内容照常检查，请核对；粘贴时请用“选择性粘贴”中的“数值”",
    mended="输入限制已恢复",
)
def input_limit_changed(cell: FormTable) -> pl.Expr:
    """填报单元格的数据有效性（下拉列表、字数和数字的限制）必须与下发时相同。

    直接粘贴会连同限制一起覆盖。每张工作表只提示一次，指出第一个单元格；只比较限制的种类。

    | remark    | expected | found    |     |
    |           | 下拉列表 | 下拉列表 | ok  |
    | unlimited | 下拉列表 | 没有限制 | bad |
    """
    return pl.col("remark") == "unlimited"


@rule(
    "TPL-009",
    on="cell",
    severity="info",
    message="{label}的数字格式被改动：应为“{expected}”，现为“{found}”{value}",
    hint="无需处理；粘贴时请用“选择性粘贴”中的“数值”",
)
def number_format_changed(cell: FormTable) -> pl.Expr:
    """填报单元格的数字格式应与下发时相同。

    每张工作表只提示一次。格式已使内容变样的（TPL-006 等），不再重复。字体、颜色不比较。

    | remark      | expected | found    |     |
    |             | #,##0.00 | #,##0.00 | ok  |
    | reformatted | #,##0.00 | 0        | bad |
    """
    return pl.col("remark") == "reformatted"


@rule(
    "TPL-009",
    on="cell",
    severity="info",
    message="{label}的单元格被锁定，不能再填写{value}",
    hint="无需处理；要修改的，请在退回件或下发的原表里填写",
)
def input_is_locked(cell: FormTable) -> pl.Expr:
    """填报单元格应能填写。

    从锁定的单元格复制、直接粘贴过来，填报单元格也会被锁定。

    | remark   |     |
    |          | ok  |
    | relocked | bad |
    """
    return pl.col("remark") == "relocked"


@rule(
    "TPL-009",
    on="sheet",
    severity="info",
    message="工作表“{sheet}”的保护已被取消",
    hint="无需处理；标签和预填内容是否改动，另行检查",
)
def protection_is_off(sheet: FormTable) -> pl.Expr:
    """填报工作表应保持保护状态。

    | state       |     |
    | extra       | ok  |
    | unprotected | bad |
    """
    return pl.col("state") == "unprotected"


@rule(
    "TPL-009",
    on="sheet",
    severity="info",
    message="这种文件只核对了内容、公式和隐藏的工作表；数字格式、删除线、批注、隐藏的行列、合并和输入限制没有检查",
    hint="需要核对的，请用 Excel 或 WPS 另存为 .xlsx 再检查",
)
def looks_not_checked(sheet: FormTable) -> pl.Expr:
    """.xls、.xlsb、.ods 的样子不检查，只检查内容。

    | state       |     |
    | unprotected | ok  |
    | unseen      | bad |
    """
    return pl.col("state") == "unseen"


@rule(
    "TPL-012",
    on="cell",
    severity="warning",
    message="{label}显示为 {found}，实际存的是 {value}（数字格式“{expected}”）",
    hint="以存的为准，请核对；请把格式改回原样，再输入要填的数",
    mended="格式已恢复，现显示 {value}，请核对",
)
def shown_is_not_stored(cell: FormTable) -> pl.Expr:
    """单元格显示的必须是所存的：数字格式不能把数放大、缩小、换成别的数，也不能藏起来。

    合并的是所存的数，看的人看到的是另一个数。只是少显示几位小数的不算。显示的内容无法确定的
    （如中文大写数字），〔〕里是格式本身。

    | remark   | found  | value |     |
    |          | 260.00 | 260   | ok  |
    | misshown | 5.0000 | 50000 | bad |
    """
    return pl.col("remark") == "misshown"


@rule(
    "TPL-014",
    on="cell",
    severity="warning",
    message="{label}里有加了删除线的内容：“{found}”",
    hint="内容照常读取；不要的请删去，要的请取消删除线",
    mended="删除线已去掉，文字还在；不要的请删去",
)
def text_is_struck_out(cell: FormTable) -> pl.Expr:
    """填报单元格里不能有加了删除线的内容：读取时和其他内容一样。

    | remark | found  |     |
    |        | 260.00 | ok  |
    | struck | 260.00 | bad |
    """
    return pl.col("remark") == "struck"


@rule(
    "TPL-010",
    on="sheet",
    severity="warning",
    message="填报区内有隐藏的行或列：{detail}",
    hint="请取消隐藏，核对其中的内容",
    mended="已取消隐藏，请核对其中的内容",
)
def form_is_hidden(sheet: FormTable) -> pl.Expr:
    """填报区内不能隐藏行、列。

    隐藏的内容照常读取，但审核的人看不到。

    | state   |     |
    | shifted | ok  |
    | hidden  | bad |
    """
    return pl.col("state") == "hidden"


@rule(
    "TPL-010",
    on="sheet",
    severity="warning",
    message="工作表“{sheet}”被隐藏，内容已照常读取",
    hint="请取消隐藏，核对其中的内容",
    mended="已取消隐藏，请核对其中的内容",
)
def sheet_is_hidden(sheet: FormTable) -> pl.Expr:
    """填报工作表不能隐藏。

    隐藏的工作表照常读取，但单位和审核的人都看不到。

    | state     |     |
    | hidden    | ok  |
    | concealed | bad |
    """
    return pl.col("state") == "concealed"


@rule(
    "TPL-010",
    on="sheet",
    severity="warning",
    message="合并单元格被改动：{detail}",
    hint="请核对这些单元格的内容；改回原样，或在下发的原表里填写",
    mended="合并已恢复，请核对这些单元格",
)
def merges_changed(sheet: FormTable) -> pl.Expr:
    """填报区内的合并单元格必须与下发时相同。

    | state    |     |
    | shifted  | ok  |
    | remerged | bad |
    """
    return pl.col("state") == "remerged"
