"""The reference of the language of forms, for templates/README.md: `make docs` puts it there.

What there is comes from the code: elements and attributes of layouts, kinds of field and their options, parameters of
rules, functions of the language, names that can be prefilled. What it means stands here in Chinese; a name without words,
or words without a name, is an error, so that nothing that an author may write stays without its line.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from xltool.fields import declaring
from xltool.fields.declaring import Options
from xltool.form.layout_xml import ELEMENTS
from xltool.language.functions import FOR_AUTHORS
from xltool.office.roster import prefill_names
from xltool.rules import Lookup, Offence, Reference, rule

Word = TypeVar("Word")
BEGIN, END = "<!-- 参考：由 make docs 生成 -->", "<!-- 参考完 -->"

_ELEMENTS = {
    "form": "最外层",
    "sheet": "一张工作表",
    "row": "一行",
    "block": "把里面的一行重复若干次；另可写数据表的键，如 lv1、lv2：这几行共有的值",
    "beside": "左右并排的几张表，里面是 `<part>`",
    "part": "并排的一张表；短的一边以空格补齐",
    "title": "标题，锁定",
    "label": "标签，锁定",
    "head": "表头，锁定",
    "text": '说明文字，锁定；里面可以有栏目：`<text>填报人：<field name="filler"/></text>`',
    "field": "栏目：单位填写的，或系统给出的",
    "key": "印出这几行共有的值",
    "empty": "空着的位置",
}
_ATTRIBUTES = {
    "paper": "纸张，A4",
    "orientation": "方向，portrait（纵向）或 landscape（横向）",
    "record": "对应的记录表（校验文件里 Table 的子类）",
    "name": "工作表：表名，里面的 {n} 表示按项目重复；栏目、键：字段名",
    "columns": "各列的宽度（字符数），以空格隔开；part 为它占的列数",
    "lines": "至少几行文字高",
    "height": "正好多少磅高（如 30.75），填的内容长时才增高",
    "repeat": "yes：打印时每页重复；表头跨几行的，整个重复",
    "break": "before：打印时从这一行起另起一页",
    "table": "重复的数据表（Rows 的子类）",
    "rows": "重复几行，如 {{ rows.task }}",
    "always": "yes：每行都要填，如印好的固定行",
    "colspan": "横跨几列",
    "rowspan": "竖跨几行",
    "align": "左右对齐：left、center、right",
    "merge": "down：与下面相同的值合并",
}
_KINDS = {
    "text": "文字",
    "code": "编码，按文字保存",
    "amount": "金额，精确的小数",
    "number": "不是金额的小数：比例、分数",
    "integer": "整数",
    "choice": "下拉列表中的一项",
    "date": "日期",
    "of_kind": "表自己带来的类型（Kind 的子类）",
}
_OPTIONS = {
    "label": "印在表上的标签：标签就是格式",
    "kind": "类型",
    "max_chars": "最多几个字",
    "max_bytes": "在 GBK 数据库里最多几个字节",
    "max_chars_severity": '超过字数算错误（"error"）还是提醒（"warning"）',
    "multiline": "可以换行",
    "digits": "几位数字",
    "unit": "单位",
    "places": "最多几位小数",
    "signed": "可以是负数",
    "minimum": "最小值",
    "maximum": "最大值",
    "choices": "可选项的列表",
    "choices_open": "列表不是官方的：填了别的只提醒",
    "lists": "取自填报文件夹的哪个 CSV，见“取自办公室清单的栏目”",
    "column": "是清单的哪一列；列名与标签相同的不写",
    "of": "只给出与这个字段的值同一行的可选项",
    "looked_up": "随这个字段的值显示清单里的内容：单元格锁定，交回时重新取",
    "required": "必填",
    "required_when": "什么情况下必填，如 'mode == \"其他\"'；条件的写法见“函数”，用到的字段在同一张数据表里",
    "shown": "日期显示的样子：yyyy-mm-dd（默认）、yyyymmdd、yyyy年m月d日、yyyy-mm、yyyy年m月",
    "own_blank_rule": "没有填的，由这张表自己的规则指出",
    "filled_by": '由谁填："unit"（单位，默认）或 "system"（系统，锁定）',
    "new_only": "单位只在备用表（新增项目）上填；办公室列出的项目锁定，没有给值的留空",
    "prefill": '从名册带出，见“可以带出的名字”；或从填报文件夹的 CSV 带出："上年.csv:执行数"',
    "approved": "取自同年度批准的绩效目标的哪个字段",
    "comment": "单元格的官方批注",
    "computed": "公式：单元格锁定，由工作簿自己算，交回时重新核算",
    "examples": "好的例子，写进提示和填报说明",
}
_RULE = {
    "code": "编号，如 OWN-001；不重复使用，也不改号",
    "on": "对哪张数据表的每一行",
    "each": "或者：对每个符合条件的栏目（一个函数，取栏目，答是否）",
    "severity": '"error"（默认）、"warning" 或 "info"',
    "message": "提示语：哪里、什么不对；{字段} 显示这一行的值，{名字} 显示算出来的数",
    "hint": "下一步怎么做",
    "cells": "指出的单元格：字段名，第一个为主",
    "needs": "填报文件夹里可能没有的值；没有时写明未执行",
    "unused": "True：没有填的行也看",
    "across": "比较各份工作簿时，以哪一列的值为准",
    "together": "True：各份工作簿放在一起看",
    "using": "查别的数据表或办公室的清单：{名字: Lookup(…)}",
    "enabled": "False：campaign.toml 的 [severity] 给了程度才执行",
    "also": "同样对这些数据表（有的话）",
    "integrity": "交回的表是否原样：不能豁免，也不能关闭",
    "yields": "True：表里另有规则返回同样的等式的，不再指出",
    "shared": "True：几份工作簿共同的问题，各份都说同样的话，汇总时只算一处",
    "of_office": "True：是本级自己造成的，不算单位的问题",
    "mended": "退回件里已为单位恢复的（写给单位看）",
    "refill": "退回件里已补回、要单位重填的（写给单位看）",
    "says_also": '已包含的规则，不再另说：{规则编号: "cell"（同一单元格）、"row"（同一行）或 "record"（同一项目）}',
}
_RETURNED = {
    "Offence.bad": "有问题的行：一个 polars 表达式",
    "Offence.details": "提示语里要显示的数：{名字: 表达式}",
    "Offence.at": "指出哪个栏目的单元格（各行不同时）：给出字段名的表达式",
    "Offence.rounds": "只因四舍五入才成立的行",
    "Offence.live": "说的是同一件事的 Claim、Equation：写进填报检查",
    "Offence.statement": "由哪个式子得来（不必写）",
    "Offence.given": "先算一次的列：{名字: 表达式}，名字以下划线开头",
    "Lookup.table": "数据表的名字，或 Reference",
    "Lookup.value": "每组取什么：表达式",
    "Lookup.dtype": "取得的值是什么类型",
    "Lookup.by": "按哪些列对应；默认为同一份工作簿的同一记录",
    "Reference.file": "填报文件夹里的 CSV",
    "Reference.model": "它的列：一个 Table",
    "Reference.title": "这份清单叫什么",
    "Reference.needed": "True：没有这个文件就不能检查（默认写明未执行）",
}
_FUNCTIONS = {
    "year": ("year(start_date)", "日期的年份"),
    "sum": ("sum(task.amount)", "另一数据表各行之和"),
    "round": ("round(qty * price, 2)", "四舍五入到几位小数"),
    "filled": ("filled(reason)", "填了，不论读不读得出"),
    "given": ("given(items)", "填了，而且不是“无”“不适用”"),
    "says": ('says(note, "无", "/")', "是这几个词之一，空格、全角半角不论"),
    "listed": ('listed(mode, "是", "否")', "是这几个值之一，一字不差"),
    "fits": ("fits(name, 40)", "不超过几个字"),
    "digits": ("digits(code, 21)", "是几位数字"),
    "part": ("part(code, 7, 2)", "编码中从第几位起的几位，作为数字"),
    "acceptable": ("acceptable(amount)", "符合栏目的类型和限制"),
}
_ELSEWHERE = [
    (
        'sum(item.amount where kind == "货物类")',
        "另一数据表里符合条件的各行之和：条件比较那张表的栏目和文字、整数，也可用 filled、given、says、listed，用 and、or、not 相连",
    ),
    ("detail.total", "另一张记录表的栏目（数），可在同一工作簿的另一张工作表上"),
]
_PREFILLS = {
    "unit_code": "单位代码",
    "unit_name": "单位名称",
    "department": "主管部门",
    "department_code": "部门代码",
    "department_and_code": "主管部门（部门代码）",
    "district": "行政区划",
}


def reference() -> str:
    """Return the reference as Markdown. Raises ValueError where names and words do not match."""
    return "\n\n".join(
        [
            "### 版面的元素",
            _table(("元素", "含义", "属性"), _elements()),
            "### 版面的属性",
            _table(("属性", "含义"), _described(_ATTRIBUTES, _attributes())),
            "### 栏目的种类",
            _table(("写法", "内容", "自己的选项"), _kinds()),
            "### 栏目的选项",
            _table(("选项", "含义"), _described(_OPTIONS, _options())),
            "### 规则的参数",
            _table(("参数", "含义"), _described(_RULE, inspect.signature(rule).parameters)),
            "### 规则返回的和查找的",
            _table(("写法", "含义"), _described(_RETURNED, _parts(Offence, Lookup, Reference))),
            "### 式子里的函数",
            _table(("写法", "含义"), _functions()),
            "### 可以带出的名字（prefill）",
            _table(("名字", "内容"), _described(_PREFILLS, prefill_names())),
        ]
    )


def _elements() -> list[tuple[str, str, str]]:
    words = matching(_ELEMENTS, ELEMENTS)
    return [
        (f"<{name}>", words[name], " ".join(f"`{word}`" for word in sorted(attributes)))
        for name, attributes in ELEMENTS.items()
    ]


def _attributes() -> list[str]:
    return list(dict.fromkeys(name for names in ELEMENTS.values() for name in sorted(names)))


def _own_options(kind: str) -> list[str]:
    """What one kind of field takes, beside what every kind takes."""
    function: Callable[..., Any] = getattr(declaring, kind)
    parameters = inspect.signature(function).parameters.values()
    return [each.name for each in parameters if each.kind is not each.VAR_KEYWORD]


def _options() -> list[str]:
    own = [name for kind in declaring.__all__ for name in _own_options(kind)]
    return list(dict.fromkeys([*own, *Options.__annotations__]))


def _kinds() -> list[tuple[str, str, str]]:
    words = matching(_KINDS, declaring.__all__)
    return [
        (f"fields.{kind}(…)", said, " ".join(f"`{name}`" for name in _own_options(kind)))
        for kind, said in words.items()
    ]


def _parts(*classes: type) -> list[str]:
    return [
        f"{each.__name__}.{name}" for each in classes for name in inspect.signature(each).parameters
    ]


def _functions() -> list[tuple[str, str]]:
    return [matching(_FUNCTIONS, FOR_AUTHORS)[name] for name in FOR_AUTHORS] + _ELSEWHERE


def _described(words: Mapping[str, str], names: Iterable[str]) -> list[tuple[str, str]]:
    names = list(names)
    return [(name, matching(words, names)[name]) for name in names]


def matching(words: Mapping[str, Word], names: Iterable[str]) -> Mapping[str, Word]:
    """The words, which are those of exactly these names. Raises ValueError with the ones that are not."""
    if different := set(words) ^ set(names):
        raise ValueError(f"names without words, or words without a name: {sorted(different)}")
    return words


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [_line(heads), "|---" * len(heads) + "|"]
    return "\n".join([*lines, *(_line((f"`{row[0]}`", *row[1:])) for row in rows)])


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def with_reference(text: str) -> str:
    """A page with the reference between its marks. Raises ValueError where it has none."""
    if BEGIN not in text or END not in text:
        raise ValueError(f"no {BEGIN} … {END}")
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{reference()}\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(with_reference(page.read_text(encoding="utf-8")), encoding="utf-8")
