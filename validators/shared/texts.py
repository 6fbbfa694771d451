"""文本：必填、字数、字节（docs/domain.md §10.2）。适用于每张表的每个栏目。"""

from __future__ import annotations

import polars as pl

from xltool.fields.kinds import Field
from xltool.fields.measures import gbk_length, length
from xltool.rules import Severity, rule


def _limit_severity(field: Field) -> Severity:
    return "error" if field.max_chars_severity == "error" else "warning"


@rule(
    "TXT-001",
    each=lambda field: field.required and field.filled_by == "unit" and not field.own_blank_rule,
    message="{label}没有填",
    hint="请填写；这是必填项",
)
def required_field_is_blank(field: Field) -> pl.Expr:
    """必填项不能空着（只有空格也算空）。

    | 内容     | required |     |
    | 网格巡查 | yes      | ok  |
    |          | yes      | bad |
    """
    unreadable = pl.col("unreadable").list.contains(field.name)
    return pl.col(field.name).is_null() & ~unreadable


@rule(
    "TXT-002",
    each=lambda field: field.max_chars is not None,
    severity=_limit_severity,
    message="{label}有 {length} 字，限 {limit} 字",
    hint="请删减到 {limit} 字以内",
)
def text_is_too_long(field: Field) -> pl.Expr:
    """字数不能超过栏目的上限：项目名称 40 字、年度目标和长期目标 2000 字超过即不能导入；三级指标、指标值、指标解释超过 40 字只作提醒。

    字数按去掉首尾空格和换行后的字符计。

    | 内容     | max_chars |     |
    | 网格巡查 | 4         | ok  |
    | 网格巡查费 | 4       | bad |
    """
    return length(field.name) > field.max_chars


@rule(
    "TXT-003",
    each=lambda field: field.max_bytes is not None,
    severity="warning",
    message="{label}按数据库字节计为 {bytes}，限 {byte_limit}",
    hint="导入系统按字节限长，请适当删减",
)
def text_has_too_many_bytes(field: Field) -> pl.Expr:
    """导入系统可能按字节限长：40 字对应 80 字节，2000 字对应 4000 字节。

    汉字计 2，英文和数字计 1，生僻字和表情符号计 4，所以字数没有超过的也可能超长。

    字数已经超限的（TXT-002）不再重复提示。

    | 内容     | max_bytes |     |
    | 网格ab   | 6         | ok  |
    | 𠮷𠮷     | 6         | bad |
    | 网格巡查 | 6         | bad |
    """
    over = gbk_length(field.name) > field.max_bytes
    if field.max_chars is None:
        return over
    return over & (length(field.name) <= field.max_chars)


@rule(
    "TXT-020",
    each=lambda field: field.choices and field.filled_by == "unit",
    severity=lambda field: "warning" if field.choices_open else "error",
    message="{label}“{value}”不在可选项中（{choices}）",
    hint="请从下拉列表中选择",
)
def value_is_no_choice(field: Field) -> pl.Expr:
    """下拉列表的栏目只能填列表中的值；列表可在 campaign.toml 中调整。

    列表不是官方公布的（如资金用途），不在列表中只作提醒。

    | 内容 | choices |     |
    | 是   | 是 否   | ok  |
    | 对   | 是 否   | bad |
    """
    return ~pl.col(field.name).is_in(field.choices)
