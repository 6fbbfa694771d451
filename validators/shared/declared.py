"""栏目声明的要求：必填、字数、字节、可选项、位数、公式（docs/domain.md §10.2、§10.3、§10.6）。

适用于每张表的每个栏目，不用导入。看不懂的内容（不是数字、不是日期、超出范围）由栏目的种类自己指出。
"""

from __future__ import annotations

import polars as pl

from xltool.fields.kinds import Field
from xltool.fields.measures import gbk_length, length
from xltool.fields.tables import half_unit
from xltool.language.equations import equation_of
from xltool.rules import Offence, Severity, rule


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
    """字数不能超过栏目的上限；有的栏目超过上限只作提醒。

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


@rule(
    "COD-001",
    each=lambda field: field.digits is not None,
    message="{label}“{value}”不是 {digits} 位数字",
    hint="请核对后重新输入 {digits} 位数字",
)
def code_is_malformed(field: Field) -> pl.Expr:
    """有固定位数的编码必须是这么多位数字，如项目编码 21 位。

    | 内容                  | digits |     |
    | 440399271063100100008 | 21     | ok  |
    | 44039927106310010000  | 21     | bad |
    """
    return ~pl.col(field.name).str.contains(f"^[0-9]{{{field.digits}}}$")


@rule(
    "AMT-017",
    each=lambda field: field.computed is not None,
    yields=True,
    message="{label}为 {left}，按 {equation} 应为 {right}",
    hint="请恢复这一格的公式，或改正用来计算的各项",
)
def computed_cell_differs(field: Field) -> Offence:
    """由表格算出的数，交回时按公式重新核算，必须相符。

    相加的各项中空着的按 0 计；表里另有规则说同一个等式的，由那条规则指出。

    | 内容 | computed | 甲   | 乙   |     |
    | 8.00 | 甲 + 乙  | 3.00 | 5.00 | ok  |
    | 3.00 | 甲 + 乙  | 3.00 |      | ok  |
    | 9.00 | 甲 + 乙  | 3.00 | 5.00 | bad |
    |      | 甲 + 乙  | 3.00 | 5.00 | ok  |
    """
    equation = equation_of(field.name, field.computed or "")
    written, wanted = pl.col(field.name), equation.worked_out()
    details = {"left": written, "right": wanted}
    return Offence((written - wanted).abs() > half_unit(field), details, statement=equation)


@rule(
    "AMT-017",
    each=lambda field: field.computed is not None,
    message="{label}为 {value}，但按 {equation} 算不出数，这一格应为空白",
    hint="请恢复这一格的公式；各项还没有填的，请补上",
)
def computed_cell_should_be_blank(field: Field) -> Offence:
    """由表格算出的数，各项都没有填时应为空白；相乘、相除的缺一项也是。

    | 内容 | computed | 甲   | 乙   |     |
    |      | 甲 + 乙  |      |      | ok  |
    | 9.00 | 甲 + 乙  |      |      | bad |
    | 9.00 | 甲 * 乙  | 3.00 |      | bad |
    | 9.00 | 甲 + 乙  | 3.00 |      | ok  |
    """
    equation = equation_of(field.name, field.computed or "")
    written, wanted = pl.col(field.name), equation.worked_out()
    return Offence(written.is_not_null() & wanted.is_null(), statement=equation)
