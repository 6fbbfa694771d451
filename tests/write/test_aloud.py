"""The lines of 填报检查 in words that a clerk says aloud."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_live_lines import lines_of

from xltool.form.loading import form_ids
from xltool.write.live.aloud import aloud

WORDS = {
    "项目编码已填写": "项目编码要填",
    "年度资金总额：年初预算数、全年预算数已填写": "年度资金总额：年初预算数、全年预算数要填",
    "表3 支出总表：用到的行各栏都已填写，没有金额的填 0": "表3 支出总表：用到的行各栏都要填，没有金额的填 0",
    "绩效指标：实际完成值、分值、得分都已填写": "绩效指标：实际完成值、分值、得分都要填",
    "实施期限 ＞ 1时，长期目标已填写": "实施期限大于 1 时，长期目标要填",
    "是否新增项目 ＝ “是”时，年度目标已填写": "是否新增项目填“是”时，年度目标要填",
    "方式 ≠ “公开”时，理由已填写": "方式不是“公开”时，理由要填",
    "本年度项目金额 ≤ 项目总金额": "本年度项目金额不能超过项目总金额",
    "收入总计 ＝ 本年收入合计 ＋ 上年结余、结转": "收入总计等于本年收入合计加上年结余、结转",
    "备用电话 ≠ 值班电话": "备用电话不能等于值班电话",
    "人数 ＞ 0": "人数要大于 0",
    "数量指标至少填一行": "数量指标至少填一行",
    "项目名称不超过 40 字": "项目名称不超过 40 字",
}


@pytest.mark.parametrize("words", WORDS)
def test_words(words: str) -> None:
    assert aloud(words) == WORDS[words]


@pytest.mark.parametrize("form", form_ids())
def test_no_signs_and_each_line_differs(form: str, tmp_path: Path) -> None:
    said = [(sheet, aloud(line.words)) for sheet, line in lines_of(form, tmp_path)]
    assert [
        words for _, words in said if re.search(r" [＝≠≤≥＞＜＋－×÷] |已填写(?!时，)", words)
    ] == []
    assert sorted(said) == sorted(set(said))
