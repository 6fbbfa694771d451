"""What is wrong with a text that is no JSON, in Chinese."""

from __future__ import annotations

import json
import re

_CHINESE_SIGNS = re.compile("[“”‘’：，［］｛｝]")
_MEANT = str.maketrans("“”‘’：，［］｛｝", '"""":,[]{}')
_WORDS = (  # of json → what is wrong, and what to do
    ("Expecting ',' delimiter", "应为逗号，或后面的括号；请补上"),
    ("Expecting ':' delimiter", "应为冒号；请写成 \"栏目\": 值"),
    ("Expecting property name", "应为加双引号的栏目名；最后一项后面不要逗号"),
    ("Illegal trailing comma", "多了一个逗号；最后一项后面不要逗号，请删去"),
    ("Expecting value", "应为值；文字请加双引号，没有值的写 null，最后一项后面不要逗号"),
    ("Unterminated string", "起文字缺少后面的引号；请补上"),
    ("Invalid control character", "的文字里有换行或看不见的字符；换行请写成 \\n"),
    ("Invalid \\", "的文字里的 \\ 要写成 \\\\；请改正"),
    ("Extra data", "起有多余的内容；请删去，几个项目请写成 {\"projects\": [{…}, {…}]}"),
)  # fmt: skip


def json_words(error: json.JSONDecodeError) -> str:
    """Return what is wrong at which character of the line, and what to do."""
    place = f"第 {error.colno} 个字符处"
    sign = error.doc[error.pos : error.pos + 1]
    if _CHINESE_SIGNS.fullmatch(sign):
        return f"{place}是中文的 {sign}；请改成英文的 {sign.translate(_MEANT)}"
    words = next((w for english, w in _WORDS if error.msg.startswith(english)), "写法不对；请改正")
    return place + words
