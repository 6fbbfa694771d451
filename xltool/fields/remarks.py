"""What reading a cell may remark, each with the rule that makes a finding of it.

A kind of field declares the remarks that its reading can give (`Kind.remarks`). A remark carries all
that its rule says as data: code, severity, words, documentation and example table; `rules` makes a
rule on the fact table `cell` of it. A form has the rules of the remarks of its fields without
importing them. Here stand the remarks that several kinds give; the others stand beside their kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something odd about what stands in a cell, and the rule for it.

    `name` is what a `Reading` carries. `rule` is the name of its rule within the code, as a function
    would have it. `message` and `hint` may show {label}, {found}, {value} and {wanted} (what should
    stand there, see `Kind.wanted`). `documentation` is what the docstring of a rule is: sentences in
    Chinese and a table of examples over the columns `remark`, `found` and `value`. `integrity`: the
    content was not read, so that no office can waive its rule or change its severity. `mended`: what the copy
    that goes back to the unit has mended of it: it holds what was read.
    """

    name: str
    code: str
    rule: str
    message: str
    hint: str
    documentation: str
    severity: Severity = "error"
    integrity: bool = False
    mended: str = ""


AS_TEXT = Remark(
    "as_text",
    "TPL-006",
    "value_stored_as_text",
    severity="warning",
    message="{label}“{found}”是文本，已读作 {value}",
    hint="请直接输入数字或日期，不要带空格、引号、单位和全角字符",
    mended="已改为 {value}，请核对",
    documentation="""数字、日期被存成文本，或带有全角数字、空格、撇号；含义清楚的照读并说明。

    | remark  | found     | value  |     |
    |         | 12.00     | 12.00  | ok  |
    | as_text | １２.００ | 12.00  | bad |
    """,
)
TIDIED = Remark(
    "tidied",
    "TPL-006",
    "value_with_stray_characters",
    severity="warning",
    message="{label}“{found}”带有多余的空格、引号或全角字符，已读作“{value}”",
    hint="请去掉多余的字符，数字用半角",
    mended="已改为“{value}”",
    documentation="""编码和下拉选项里多了空格、撇号或全角数字；去掉后照读并说明。

    | remark | found | value |     |
    |        | 否    | 否    | ok  |
    | tidied | 否　  | 否    | bad |
    """,
)
INVISIBLE = Remark(
    "invisible",
    "TPL-006",
    "text_with_invisible_characters",
    severity="warning",
    message="{label}带有看不见的字符，已去掉",
    hint="多为从其他软件粘贴所致；请核对这一栏的内容是否完整",
    mended="已去掉，请核对内容是否完整",
    documentation="""文字里夹有看不见的字符（控制字符、零宽字符、改变方向的字符、特殊的空格），去掉后照读并说明。

    只有这种字符的，算作没有填。

    | remark    |     |
    |           | ok  |
    | invisible | bad |
    """,
)
AS_NUMBER = Remark(
    "as_number",
    "TPL-006",
    "number_in_a_text_cell",
    severity="warning",
    message="{label}本应是文本，却存成了数字或日期，已读作“{value}”",
    hint="请核对：百分数、日期、以 0 开头的编码可能已变样；请重新输入，不要从别处粘贴",
    mended="已改为文本“{value}”，请核对",
    documentation="""文本栏目里存的是数字或日期：显示的与存储的可能不同（100% 存为 1）。

    | remark    | found | value |     |
    |           | 100%  | 100%  | ok  |
    | as_number | 1     | 1     | bad |
    """,
)
NOT_A_NUMBER = Remark(
    "not_a_number",
    "AMT-011",
    "amount_is_no_number",
    message="{label}“{found}”不是数字",
    hint="请输入数字；没有的填 0",
    documentation="""金额必须是数字。看不懂的内容不会被当作 0。

    | remark       | found  |     |
    |              | 12.00  | ok  |
    | not_a_number | 约十二 | bad |
    """,
    integrity=True,
)
