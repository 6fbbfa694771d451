"""What changed since the last check: new returns, mended, still open, new problems; by unit and by finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from xltool.office.campaign import PRIVATE
from xltool.office.roster import Unit
from xltool.report.absent import Absent
from xltool.report.last_check import LastCheck, Problem, UnitFound, read_last, write_last
from xltool.report.since_last import Change, Since, compared

TIME = "2026-11-21 09:30"
UNITS = [Unit(f"2260{n:02}", f"第{n}站") for n in range(1, 15)]


def problem(text: str) -> Problem:
    """`TXT-001 B5 未填写` as a problem of a unit."""
    code, cell, message = text.split(" ", 2)
    return Problem(code, "error", "unit", "项目1", cell, message)


@pytest.mark.parametrize(
    ("before", "now", "gone", "new"),
    [
        ([], [], [], []),
        (["A-1 B5 缺"], ["A-1 B5 缺"], [], []),
        (["A-1 B5 缺"], [], ["A-1 B5 缺"], []),
        ([], ["A-1 B5 缺"], [], ["A-1 B5 缺"]),
        # another value at the same cell is still wrong
        (["A-1 B5 合计为 3"], ["A-1 B5 合计为 4"], [], []),
        # another rule at the same cell is another problem
        (["A-1 B5 缺"], ["A-2 B5 过长"], ["A-1 B5 缺"], ["A-2 B5 过长"]),
        # rows that moved: the same words in another cell
        (["A-1 B5 “甲”缺数字"], ["A-1 B6 “甲”缺数字"], [], []),
        (
            ["A-1 B5 “甲”缺数字", "A-1 B6 “乙”缺数字"],
            ["A-1 B6 “甲”缺数字", "A-1 B7 “乙”缺数字"],
            [],
            [],
        ),
        (["A-1 B5 缺", "A-1 B5 缺"], ["A-1 B5 缺"], ["A-1 B5 缺"], []),
        (["A-1 B5 缺", "A-1 B6 缺"], ["A-1 B6 缺"], ["A-1 B5 缺"], []),
        (["A-1 B5 “甲”缺"], ["A-1 B6 “乙”缺"], ["A-1 B5 “甲”缺"], ["A-1 B6 “乙”缺"]),
    ],
)
def test_problems_of_two_runs_are_compared(
    before: list[str], now: list[str], gone: list[str], new: list[str]
) -> None:
    found = compared([problem(text) for text in before], [problem(text) for text in now])
    assert found == ([problem(text) for text in gone], [problem(text) for text in new])


def change(number: int, kind: str = "", gone: int = 0, still: int = 0, new: int = 0) -> Change:
    lists = [[problem("A-1 B5 缺")] * count for count in (gone, new)]
    is_first, is_changed = kind == "first", kind == "changed"
    fresh = frozenset([number] if kind else [])
    unit = UNITS[number]
    return Change(unit, [number], fresh, is_first, is_changed, lists[0], still, lists[1])


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ([change(0, still=3)], ["  没有变化 1 个单位"]),
        (
            [change(0, "first", still=2), change(1, "first"), change(2)],
            [
                "  新交回 2 个单位：226001 第1站（2 处问题）、226002 第2站（没有问题）",
                "  没有变化 1 个单位",
            ],
        ),
        (
            [change(0, "changed", gone=5, still=2, new=1), change(1, "changed", gone=1)],
            [
                "  重新交回 2 个单位：226001 第1站（改好 5 处，仍有 2 处，新增 1 处）、"
                "226002 第2站（改好 1 处）"
            ],
        ),
        ([change(0, "changed")], ["  重新交回 1 个单位：226001 第1站（没有问题）"]),
        (
            [change(0, gone=1, still=2), change(1, new=1)],
            [
                "  文件没变、结果变了 2 个单位：226001 第1站（不再提出 1 处，仍有 2 处）、"
                "226002 第2站（新增 1 处）"
            ],
        ),
        (
            [change(n, "first") for n in range(12)],
            [
                "  新交回 12 个单位："
                + "、".join(f"2260{n:02} 第{n}站（没有问题）" for n in range(1, 11))
                + "等"
            ],
        ),
    ],
)
def test_the_changes_in_words(changes: Sequence[Change], lines: list[str]) -> None:
    since = Since(TIME, changes, LastCheck(TIME))
    assert since.lines == [f"与上次检查（{TIME}）相比：", *lines]


def test_the_first_check_says_so_and_who_has_not_returned() -> None:
    since = Since("", [change(0, "first")], LastCheck(TIME), Absent(UNITS[1:3], UNITS[3:4]))
    assert since.lines == [
        "这是第一次检查，没有可比的；以后在这里说明与上次检查的不同",
        "以前交过、这次不在其中 1 个单位：226004 第4站",
    ]
    assert Absent(before=UNITS).lines == [
        "以前交过、这次不在其中 14 个单位："
        + "、".join(f"2260{n:02} 第{n}站" for n in range(1, 11))
        + "等"
    ]


def test_a_check_is_kept(tmp_path: Path) -> None:
    assert read_last(tmp_path) is None
    found = UnitFound(frozenset({"aa", "bb"}), [problem("A-1 B5 “甲”缺"), problem("A-2 B6 x")])
    last = LastCheck(TIME, {"226001": found, "440301:001": UnitFound(frozenset(), [])})
    write_last(tmp_path, last)
    assert read_last(tmp_path) == last


@pytest.mark.parametrize(
    "content",
    [b"", b"{}\n", b"[1]\n", b'{"time": "x"}\n{"unit": "1"}\n', b"\xff", b'{"time": "x"}\n{"un'],
)
def test_one_that_is_damaged_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / PRIVATE / "last_check.jsonl"
    path.parent.mkdir()
    path.write_bytes(content)
    assert read_last(tmp_path) is None


@pytest.mark.parametrize(
    ("kind", "counts", "offices", "words"),
    [
        ("first", (0, 3, 0), 1, "3 处问题，其中本级 1 处"),
        ("changed", (1, 2, 0), 2, "改好 1 处，仍有 2 处，其中本级 2 处"),
        ("", (0, 0, 2), 0, "新增 2 处"),
    ],
)
def test_what_is_the_office_s_own_is_told(
    kind: str, counts: tuple[int, int, int], offices: int, words: str
) -> None:
    found = replace(change(1, kind, *counts), offices=offices)
    assert found.words == f"226002 第2站（{words}）"
