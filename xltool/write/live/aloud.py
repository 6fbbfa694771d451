"""The words of a live check as a clerk says them aloud: what is to be done, and no signs."""

from __future__ import annotations

import re

# what a line says of a cell that is right → what the clerk is to do
_TO_DO = {"都已填写": "都要填", "已填写": "要填"}
_SIGNS = {
    "＝": "等于",
    "≠": "不能等于",
    "≤": "不能超过",
    "≥": "不能小于",
    "＞": "要大于",
    "＜": "要小于",
    "＋": "加",
    "－": "减",
    "×": "乘",
    "÷": "除以",
}
_WHEN = {"≠": "不是", "≤": "不超过", "≥": "不小于", "＞": "大于", "＜": "小于"}  # in a condition
_SIGN = re.compile(rf" ([{''.join(_SIGNS)}]) ")
_CHOSEN = re.compile(r" ＝ (?=“)")
_CONDITION = re.compile(r"^(.*[^ ]) ?时，")
_AT_NUMBER = re.compile(r"(?<=[于加减乘以])(?=\d)|(?<=\d)(?=时，)")


def aloud(words: str) -> str:
    """Return the words of a line of 填报检查: 实施期限大于 1 时，长期目标要填."""
    condition = _CONDITION.match(words)
    end = condition.end() if condition else 0
    when = _SIGN.sub(lambda found: _WHEN.get(found[1], _SIGNS[found[1]]), _chosen(words[:end]))
    said = _SIGN.sub(lambda found: _SIGNS[found[1]], _chosen(words[end:]))
    for right, to_do in _TO_DO.items():
        said = said.replace(right, to_do)
    return _AT_NUMBER.sub(" ", when + said)


def _chosen(words: str) -> str:
    return _CHOSEN.sub("填", words)
