"""The words for nothing: what counts where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from xltool.fields.kinds import Amount, Field, Number
from xltool.prose.nothing import WORDS, is_nothing, is_placeholder, means_not_applicable
from xltool.prose.targets import parse
from xltool.prose.writing_flaws import nothing_said, placeholder

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("text", ["不适用", "不适合", "无", "N/A", "/", "—", "--", "－", "_"])
def test_not_applicable(text: str) -> None:
    assert means_not_applicable(text)
    assert parse(text).kind == "na"
    assert parse(text).notes == (() if text == "不适用" else ("misspelt",))


@pytest.mark.parametrize(
    "text", ["略", "从略", "待定", "待补充", "详见附件2", "涉密", "……", "...", "XX", "***", "？"]
)
def test_placeholders(text: str) -> None:
    assert is_placeholder(text)
    assert is_nothing(text)
    assert placeholder(text) == nothing_said(text) == text
    assert parse(text).kind == "placeholder"


@pytest.mark.parametrize("text", ["无", "没有", "同上", "同左", "如上", "见上", "—", "－", "/"])
def test_says_nothing_but_is_no_placeholder(text: str) -> None:
    assert is_nothing(text)
    assert not is_placeholder(text)


@pytest.mark.parametrize("text", ["不适用", "省略无关的环节", "无投诉", "没有发生"])
def test_says_something(text: str) -> None:
    assert not is_nothing(text)


def test_a_stroke_is_a_blank_number_and_a_word_is_none() -> None:
    amount, rate = Field("a", "a", Amount(), unit="元"), Field("r", "r", Number())
    assert amount.read("－").value is rate.read("－").value is None
    assert not amount.read("－").unreadable
    assert amount.read("不适用").unreadable
    assert not rate.read("不适用").unreadable
    assert amount.read("无").unreadable


def test_nobody_else_keeps_such_a_list() -> None:
    """Three of the words side by side, in quotes, stand in no other module."""
    words = "|".join(re.escape(word) for word in WORDS)
    listed = re.compile(rf'(?:"(?:{words})",?\s*){{3}}')
    files = [*ROOT.joinpath("xltool").rglob("*.py"), *ROOT.joinpath("validators").rglob("*.py")]
    keepers = {path.name for path in files if listed.search(path.read_text(encoding="utf-8"))}
    assert keepers <= {"nothing.py", "functions.py"}  # the latter in an example of a call
