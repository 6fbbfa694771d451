"""What is no TOML and no JSON is told in Chinese, with its line and the next step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xltool.errors import OfficeError
from xltool.office.json_words import json_words
from xltool.office.settings import Settings

TOML = {
    "a = 1\nb = “甲”": (2, '用了中文的 “；请改成英文的 "'),
    "a＝1": (1, "用了中文的 ＝；请改成英文的 ="),
    "a = 1\n数量 = 2": (2, '中文的名称要加英文引号；请写成 "名称" = 值'),
    "a = 甲": (1, "等号后面应为值；文字请加英文引号，日期写成 2026-12-15，是否写成 true 或 false"),
    "a =": (1, "等号后面应为值；文字请加英文引号，日期写成 2026-12-15，是否写成 true 或 false"),
    "a = 1\n\na = 2": (3, "这一项写了两次；请只留一个"),
    "[b]\nc = 1\n[b]\nd = 2": (3, "这一小节写了两次；请合成一个"),
    "just words": (1, "名称后面应为等号和值；请写成 名称 = 值"),
    "a = 1 b = 2": (1, "一行只能写一项，后面有多余的内容；请删去，说明前加 #"),
    'a = "C:\\new"\nb = "D:\\x"': (2, "引号里的 \\ 要写成 \\\\，或把双引号换成单引号"),
    'a = "甲': (1, "文字缺少后面的引号；请补上"),
    'a = "甲\nb = 1': (1, "文字缺少后面的引号，或里面有看不见的字符；请改正"),
    "a = [1, 2": (1, "列表缺少后面的 ]；请补上"),
    "[b\nc = 1": (1, "小节的名称应写在 [ ] 里；请补上 ]"),
    "a = 2026-02-30": (1, "没有这一天；请写成 2026-12-15 这样的日期"),
    "a = 1，": (1, "用了中文的 ，；请改成英文的 ,"),
}
JSON = {
    '{"a": 1\n"b": 2}': (2, "第 1 个字符处应为逗号，或后面的括号；请补上"),
    '{"a" 1}': (1, '第 6 个字符处应为冒号；请写成 "栏目": 值'),
    '{"a": 甲}': (1, "第 7 个字符处应为值；文字请加双引号，没有值的写 null，最后一项后面不要逗号"),
    '{“a”: 1}': (1, '第 2 个字符处是中文的 “；请改成英文的 "'),
    '{"a"：1}': (1, "第 5 个字符处是中文的 ：；请改成英文的 :"),
    '{"a": 1，"b": 2}': (1, "第 8 个字符处是中文的 ，；请改成英文的 ,"),
    '{"a": "甲}': (1, "第 7 个字符处起文字缺少后面的引号；请补上"),
    '{"a": "甲\n乙"}': (1, "第 9 个字符处的文字里有换行或看不见的字符；换行请写成 \\n"),
    '{"a": "C:\\x"}': (1, "第 10 个字符处的文字里的 \\ 要写成 \\\\；请改正"),
    '{}\n{}': (2, '第 1 个字符处起有多余的内容；请删去，几个项目请写成 {"projects": [{…}, {…}]}'),
    "": (1, "第 1 个字符处应为值；文字请加双引号，没有值的写 null，最后一项后面不要逗号"),
}  # fmt: skip


@pytest.mark.parametrize("text", TOML)
def test_toml(tmp_path: Path, text: str) -> None:
    path = tmp_path / "campaign.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OfficeError) as error:
        Settings(path)
    assert (error.value.line, error.value.message) == TOML[text]


@pytest.mark.parametrize("text", JSON)
def test_json(text: str) -> None:
    with pytest.raises(json.JSONDecodeError) as error:
        json.loads(text)
    assert (error.value.lineno, json_words(error.value)) == JSON[text]
