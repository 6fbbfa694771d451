"""How much of a text a message quotes, and where it is cut."""

from __future__ import annotations

import pytest

from xltool.prose.quoting import named, quoted

LONG = "本项目按照区委区政府统一部署，全年开展网格巡查12345次，形成巡查报告，并对发现的问题逐一整改到位"


@pytest.mark.parametrize(
    ("text", "start", "end", "shown"),
    [
        ("", 0, None, ""),
        ("网格巡查", 0, None, "网格巡查"),
        ("一行\n两行", 0, None, "一行 两行"),
        ("字" * 30, 0, None, "字" * 30),
        ("字" * 31, 0, None, "字" * 30 + "…"),
        (LONG, 0, None, "本项目按照区委区政府统一部署，全年开展网格巡查12345次…"),
        (LONG, LONG.index("12345"), LONG.index("次"), "…全年开展网格巡查12345次，形成巡查报告，并对发现的问题逐…"),
        (LONG, len(LONG) - 2, len(LONG), "…格巡查12345次，形成巡查报告，并对发现的问题逐一整改到位"),
        ("x" * 40, 0, None, "x" * 30 + "…"),
        ("word " * 10, 0, None, "word word word word word word…"),
    ],
)  # fmt: skip
def test_quoted(text: str, start: int, end: int | None, shown: str) -> None:
    assert quoted(text, start, end) == shown


def test_what_is_meant_is_always_shown() -> None:
    for start in range(len(LONG)):
        for end in range(start, min(start + 30, len(LONG))):
            shown = quoted(LONG, start, end)
            assert LONG[start:end] in shown, (start, end)
            assert len(shown.strip("…")) <= 30


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ([], ""),
        (["甲"], "甲"),
        (["甲", "乙", "丙"], "甲、乙、丙"),
        (["甲", "乙", "丙", "丁"], "甲、乙、丙等 4 个项目"),
        (["公共数据资源治理与共享平台", "乙"], "公共数据资源治理与共享平…、乙"),
    ],
)
def test_named(names: list[str], shown: str) -> None:
    assert named(names, "个项目") == shown
