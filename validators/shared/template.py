"""模板完整性：退回的工作簿还是不是当初下发的那一份（docs/domain.md §10.1）。"""

from __future__ import annotations

import polars as pl
from xltool.validators.shared import additions, contents, tampering, unplaced

from xltool.fields.amount import CONVERTED
from xltool.fields.date import SERIAL
from xltool.fields.remarks import AS_NUMBER, AS_TEXT, INVISIBLE, TIDIED
from xltool.rules import FormTable, rule
from xltool.rules.remarks import rule_on

_UNSEALED = "请用下发给本单位的原表重新填报；原表遗失的，请向财政部门索取"


_IS_NO_FORM = pl.col("problem").is_null() & pl.col("form_id").is_null()


def _seal_is(state: str) -> pl.Expr:
    return pl.col("problem").is_null() & (pl.col("seal") == state)


def _remark_is(*remarks: str) -> pl.Expr:
    return pl.col("remark").is_in(remarks)


@rule(
    "TPL-001",
    on="submission",
    message="找不到签发信息：这不是下发的原表，或隐藏的签发页被删除",
    hint=_UNSEALED,
    integrity=True,
)
def seal_is_missing(submission: FormTable) -> pl.Expr:
    """退回的工作簿必须带有签发信息。

    每份下发的工作簿里有一张隐藏的签发页，写明表、年度、单位和预填内容，并有数字签名。

    | form_id | seal    |     |
    | t       | ok      | ok  |
    | t       | missing | bad |
    |         | missing | ok  |
    """
    return _seal_is("missing") & ~_IS_NO_FORM


@rule(
    "TPL-001",
    on="submission",
    message="签发信息被改动，数字签名不符（{issued}）",
    hint=_UNSEALED,
    integrity=True,
)
def seal_is_altered(submission: FormTable) -> pl.Expr:
    """签发信息必须与签名一致。

    | seal    |     |
    | ok      | ok  |
    | altered | bad |
    """
    return _seal_is("altered")


@rule(
    "TPL-001",
    on="submission",
    message="签名完好，但不是本次填报的签发密钥（{issued}）",
    hint="请确认是否把其他地区或往年的表交来了；用本次下发的表重新填报",
    integrity=True,
)
def seal_of_another_office(submission: FormTable) -> pl.Expr:
    """签发密钥必须是本次填报（campaign.toml 所在文件夹）的密钥。

    | seal        |     |
    | ok          | ok  |
    | unknown_key | bad |
    """
    return _seal_is("unknown_key")


@rule(
    "TPL-001",
    on="submission",
    message="交来的是另一张表：{issued}，本次应为 {expected}",
    hint="请改交本次下发的表",
    integrity=True,
)
def seal_of_another_form(submission: FormTable) -> pl.Expr:
    """签发信息中的表必须是本次填报的表。

    | seal       |     |
    | ok         | ok  |
    | other_form | bad |
    """
    return _seal_is("other_form")


@rule(
    "TPL-001",
    on="submission",
    message="版面与现在的表不同（{expected}），下发时的没有留存：{issued}",
    hint="请把内容填到最新下发的表里再交",
    integrity=True,
)
def seal_of_another_version(submission: FormTable) -> pl.Expr:
    """版面与现在的表不同，而下发时的没有留存的，不能照原样读取。

    | seal          |     |
    | ok            | ok  |
    | other_version | bad |
    """
    return _seal_is("other_version")


@rule(
    "TPL-001",
    on="submission",
    message="这份表后来重新下发过：签发编号 {issued}，最新为 {expected}",
    hint="已填的内容不必重填：本级用 check --return 带进最新下发的表，单位核对后交回",
    integrity=True,
)
def seal_is_superseded(submission: FormTable) -> pl.Expr:
    """签发编号必须是最后一次下发的，不论下发到哪个文件夹（下发记录.csv、issued/manifest.csv）。

    | seal       |     |
    | ok         | ok  |
    | superseded | bad |
    """
    return _seal_is("superseded")


@rule(
    "TPL-001",
    on="submission",
    message="下发后本级改过这张表，栏目不同了（{expected}）；不能与新表的一起合并",
    hint="不是单位的错：请恢复下发时的表，或重新下发，再用 check --return 把已填的内容带进新表",
    integrity=True,
    of_office=True,
)
def form_has_other_columns_now(submission: FormTable) -> pl.Expr:
    """下发后本级增删了栏目、又没有重新下发的，按下发时的表检查，不能合并。

    | seal          |     |
    | ok            | ok  |
    | other_columns | bad |
    """
    return _seal_is("other_columns")


@rule(
    "TPL-001",
    on="submission",
    message="下发后本级改过这张表，下发时的没有留存（{expected}）：{issued}",
    hint="不是单位的错：请恢复下发时的版面和校验文件，或重新下发",
    integrity=True,
    of_office=True,
)
def form_is_lost(submission: FormTable) -> pl.Expr:
    """下发后本级改过版面，而下发时的没有留存的，不能照原样读取。

    | seal      |     |
    | ok        | ok  |
    | lost_form | bad |
    """
    return _seal_is("lost_form")


@rule(
    "TPL-001",
    on="submission",
    severity="warning",
    message="没有签发信息，本次填报接受这样的表；内容是否原样、是哪个单位的，无法核对",
    hint="请核对来源",
    integrity=True,
)
def seal_is_missing_but_accepted(submission: FormTable) -> pl.Expr:
    """办公室接受没有签发信息的表的（campaign.toml 的 [accept] unsealed = true），每份都提醒。

    | form_id | seal     |     |
    | t       | ok       | ok  |
    | t       | missing  | ok  |
    | t       | unsealed | bad |
    """
    return _seal_is("unsealed") & ~_IS_NO_FORM


@rule(
    "TPL-001",
    on="submission",
    severity="warning",
    message="下发记录里没有这份表（{issued}），无法判断后来有没有重新下发过",
    hint="请找回填报文件夹的 下发记录.csv 或 issued/manifest.csv；找不回的，请核对交来的是不是最后下发的一份",
    integrity=True,
)
def issue_is_not_listed(submission: FormTable) -> pl.Expr:
    """最后下发的是哪一份，由下发记录判断；记录不在了，或没有这个单位的，要说明。

    单位不在名册中的，由 XW-002 指出。

    | seal       | in_roster |     |
    | ok         | 是        | ok  |
    | superseded | 是        | ok  |
    | unlisted   | 是        | bad |
    | unlisted   | 否        | ok  |
    """
    return _seal_is("unlisted") & (pl.col("in_roster") != "否")


@rule(
    "TPL-001",
    on="submission",
    severity="info",
    message="未核对签发：{unverified}",
    hint="请用 --campaign 指明下发时的填报文件夹；公钥遗失的，请从备份恢复",
    integrity=True,
)
def seal_is_not_verified(submission: FormTable) -> pl.Expr:
    """没有签发公钥（keys/office.pub），就不能核对签名是不是本办公室的，任何人都可以自己签一份。

    | form_id | seal | unverified           |     |
    | t       | ok   |                      | ok  |
    | t       | ok   | 没有 keys/office.pub | bad |
    |         |      | 没有 keys/office.pub | ok  |
    """
    return pl.col("unverified").is_not_null() & ~_IS_NO_FORM & pl.col("form_id").is_not_null()


@rule(
    "TPL-002",
    on="cell",
    message="锁定的内容被改动：{label}应为“{expected}”，现为“{found}”",
    hint="请恢复原样；预填内容有误的，请联系财政部门更正后重新下发",
    mended="已恢复原样；原样有误的，请联系财政部门",
)
def locked_cell_changed(cell: FormTable) -> pl.Expr:
    """标签、表头和预填内容必须与下发时完全一致。

    | remark | expected   | found      |     |
    |        | 项目名称： | 项目名称： | ok  |
    | locked | 项目名称： | 名称       | bad |
    """
    return _remark_is("locked")


@rule(
    "TPL-003",
    on="sheet",
    message="缺少工作表“{expected}”",
    hint="请从下发的原表中恢复这张工作表，不要删除工作表",
    integrity=True,
    refill="“{expected}”已补回空表，请重填",
)
def sheet_is_missing(sheet: FormTable) -> pl.Expr:
    """下发的填报工作表一张也不能少。

    | state   |     |
    | renamed | ok  |
    | missing | bad |
    """
    return pl.col("state") == "missing"


@rule(
    "TPL-003",
    on="sheet",
    severity="warning",
    message="工作表“{expected}”被改名为“{sheet}”，已照常读取",
    hint="请改回原名",
    mended="已改回“{expected}”",
)
def sheet_is_renamed(sheet: FormTable) -> pl.Expr:
    """工作表改了名，内容照常读取。

    | state   |     |
    | extra   | ok  |
    | renamed | bad |
    """
    return pl.col("state") == "renamed"


@rule(
    "TPL-003",
    on="sheet",
    severity="warning",
    message="多出一张与填报表相同的工作表“{sheet}”，已作为另一个项目读取",
    hint="请改用备用的空白工作表；备用表不够的，请向财政部门索取",
    mended="已移到备用的工作表，请核对",
)
def sheet_is_copied(sheet: FormTable) -> pl.Expr:
    """复制出来的项目工作表按又一个项目读取。

    | state  |     |
    | extra  | ok  |
    | copied | bad |
    """
    return pl.col("state") == "copied"


@rule(
    "TPL-003",
    on="sheet",
    severity="warning",
    message="多出一张与填报表相同的工作表“{sheet}”，未读取",
    hint="这份表每张工作表只有一张；请把要上报的内容填到原表里，删去多出的",
    mended="没有带入；其中要上报的内容，请填到原表里",
)
def sheet_is_surplus(sheet: FormTable) -> pl.Expr:
    """每张工作表只有一张的表，复制出来的不读取。

    | state   |     |
    | copied  | ok  |
    | surplus | bad |
    """
    return pl.col("state") == "surplus"


@rule(
    "TPL-004",
    on="sheet",
    message="表格位置被移动：{detail}",
    hint="请不要插入或删除行、列；把内容填到下发的原表里再交",
    mended="行、列已恢复，内容放回原位，请核对；少的行、列是空的，请补填",
)
def form_is_shifted(sheet: FormTable) -> pl.Expr:
    """填报区内不能插入、删除行或列。

    | state   |     |
    | extra   | ok  |
    | shifted | bad |
    """
    return pl.col("state") == "shifted"


value_stored_as_text = rule_on(AS_TEXT)
value_with_stray_characters = rule_on(TIDIED)
text_with_invisible_characters = rule_on(INVISIBLE)
date_stored_as_number = rule_on(SERIAL)
unit_typed_with_the_amount = rule_on(CONVERTED)
number_in_a_text_cell = rule_on(AS_NUMBER)


@rule(
    "TPL-008",
    on="submission",
    message="无法读取：{problem}",
    hint="{remedy}",
    integrity=True,
)
def file_is_unreadable(submission: FormTable) -> pl.Expr:
    """交来的文件必须是能读取的工作簿。

    | problem            | remedy                         |     |
    |                    |                                | ok  |
    | 文件已加密         | 请去掉打开密码，保存后再交     | bad |
    """
    return pl.col("problem").is_not_null() & pl.col("failure").is_null()


@rule(
    "TPL-015",
    on="submission",
    message="读取这个文件时程序出错，没有检查；详情记在{failure}",
    hint="请把这个文件和上述记录交给维护 xltool 的人；其他文件的检查结果不受影响",
    integrity=True,
)
def reading_failed(submission: FormTable) -> pl.Expr:
    """每个文件都应读得出来；读取时程序自己出错的，单独说明，其他文件照常检查。不能豁免，也不能关闭。

    | problem  | failure          |     |
    |          |                  | ok  |
    | 文件加密 |                  | ok  |
    | 程序出错 | 程序错误.log     | bad |
    """
    return pl.col("failure").is_not_null()


@rule(
    "TPL-013",
    on="submission",
    message="不是本次的表，没有读取任何内容",
    hint="请改交本次下发的表；确是这张表的，请把内容填到下发的原表里",
    integrity=True,
)
def workbook_is_no_form(submission: FormTable) -> pl.Expr:
    """交来的工作簿里找不到任何一张本次的表：标签对不上，内容没有读取。

    | form_id | problem    |     |
    | t       |            | ok  |
    |         |            | bad |
    |         | 文件已加密 | ok  |
    """
    return _IS_NO_FORM


@rule(
    "TPL-011",
    on="cell",
    message="“{found}”不在本表的指标框架内",
    hint="请使用表中已列出的一级、二级指标；该处原为“{expected}”",
    mended="已恢复为“{expected}”，请核对这一行",
)
def level_not_in_catalogue(cell: FormTable) -> pl.Expr:
    """指标行的一级、二级指标必须是本表列出的。

    | remark        | found     |     |
    |               | *数量指标 | ok  |
    | unknown_level | 效率指标  | bad |
    """
    return _remark_is("unknown_level")
