"""检查记录.csv: what is written is read again, old ones too; how often a unit was sent back."""

from __future__ import annotations

from pathlib import Path

import pytest

from xltool.errors import OfficeError
from xltool.office.check_log import (
    LOG,
    LogLine,
    add_to_log,
    flaws_of_log,
    read_log,
    round_of,
    sent_back,
)

A, B, C = (letter * 64 for letter in "abc")
TIME = "2026-11-21 09:30"


def line(unit: str, sha256: str, *, returned: bool = False) -> LogLine:
    return LogLine(TIME, unit, f"{unit}.xlsx", sha256, "failed", 3, 1, returned)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    given = [
        line("226001", A, returned=True),
        LogLine(TIME, "226002", "=交回.xlsx", B, "passed", 0, 0, False, verified=False),
        LogLine(TIME, "226002", "交回.xlsx", B, "pending", 0, 2, False),
        LogLine(TIME, "226003", "丙.xlsx", C, "failed", 1, 0, True, round=3, issue="ab-1", turn=2),
    ]
    add_to_log(tmp_path, lambda: given)
    assert list(read_log(tmp_path)) == given
    assert (tmp_path / LOG).read_text("utf-8-sig").splitlines() == [
        "时间,单位代码,文件,sha256,结果,错误,提醒,退回件,版本",
        f"{TIME},226001,226001.xlsx,{A},未通过,3,1,是,",
        f"{TIME},226002,'=交回.xlsx,{B},通过（未核对签发）,0,0,,",
        f"{TIME},226002,交回.xlsx,{B},待本级处理,0,2,,",
        f"{TIME},226003,丙.xlsx,{C},未通过,1,0,是（第 3 次）,ab-1-2",
    ]


def test_an_earlier_log_gets_the_column_that_it_lacks(tmp_path: Path) -> None:
    old = f"时间,单位代码,文件,sha256,结果,错误,提醒,退回件\n{TIME},226001,226001.xlsx,{A},未通过,3,1,是\n"
    (tmp_path / LOG).write_text(old, encoding="utf-8")
    add_to_log(tmp_path, list)
    assert (tmp_path / LOG).read_text("utf-8") == old
    new = LogLine(TIME, "226001", "乙.xlsx", B, "passed", issue="ab", turn=1)
    add_to_log(tmp_path, lambda: [new])
    assert list(read_log(tmp_path)) == [line("226001", A, returned=True), new]
    assert (tmp_path / LOG).read_text("utf-8-sig").splitlines()[1:] == [
        f"{TIME},226001,226001.xlsx,{A},未通过,3,1,是,",
        f"{TIME},226001,乙.xlsx,{B},通过,0,0,,ab-1",
    ]


def test_there_is_no_log_before_the_first_check(tmp_path: Path) -> None:
    assert list(read_log(tmp_path)) == []
    add_to_log(tmp_path, list)
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_no_csv_is_refused(tmp_path: Path) -> None:
    (tmp_path / LOG).write_bytes(b"\x81")
    with pytest.raises(OfficeError, match=r"检查记录.csv：编码无法识别；请另存为 CSV UTF-8"):
        list(read_log(tmp_path))


@pytest.mark.parametrize(
    ("digests", "sent", "rounds"),
    [
        ("", "", {"A": 1, "B": 1}),
        ("A", "A", {"A": 1, "B": 2}),
        ("AA", "A", {"A": 1, "B": 2}),  # the same file once more is the same round
        ("ABA", "AB", {"A": 1, "B": 2, "C": 3}),
        ("BCAB", "BCA", {"A": 3, "B": 1, "C": 2}),
    ],
)
def test_rounds(digests: str, sent: str, rounds: dict[str, int]) -> None:
    lines = [line("1", C), *(line("1", digest, returned=True) for digest in digests)]
    found = sent_back([*lines, line("2", A, returned=True)])
    by_digest = {digest: number for number, digest in enumerate(sent, start=1)}
    assert found == {"2": {A: 1}, **({"1": by_digest} if sent else {})}
    assert {digest: round_of(digest, by_digest) for digest in rounds} == rounds


def test_a_round_that_the_log_names_holds() -> None:
    sent = [
        LogLine(TIME, "1", "a.xlsx", A, "failed", 1, 0, True, round=4),
        line("1", B, returned=True),
    ]
    assert sent_back(sent) == {"1": {A: 4, B: 5}}
    assert round_of(C, sent_back(sent)["1"]) == 6


WHOLE = [line("226001", A, returned=True), line("226002", B)]
_CUT = f"{TIME},226002,226002.xlsx,{B},未通过,3,1,"


@pytest.mark.parametrize("kept", range(1, len(_CUT)))
def test_a_last_line_that_was_cut_off_is_named_and_passed_over(kept: int, tmp_path: Path) -> None:
    """Wherever the machine stopped: nothing of it counts, and the next run adds its lines below."""
    add_to_log(tmp_path, lambda: WHOLE[:1])
    with (tmp_path / LOG).open("a", encoding="utf-8", newline="") as file:
        file.write(_CUT[:kept])
    said = (
        "检查记录.csv 第 3 行没有写完，或看不懂，没有采用；请从备份恢复，或删去后重新检查交回的表"
    )
    assert list(read_log(tmp_path)) == WHOLE[:1]
    assert flaws_of_log(tmp_path, ()) == [said]
    if kept < _CUT.index(",3"):  # what is cut in its figures looks whole once it has an end
        add_to_log(tmp_path, lambda: WHOLE[1:])
        assert list(read_log(tmp_path)) == WHOLE
        assert flaws_of_log(tmp_path, ()) == [said]


def test_half_a_character_is_named(tmp_path: Path) -> None:
    add_to_log(tmp_path, lambda: WHOLE)
    path = tmp_path / LOG
    path.write_bytes(path.read_bytes()[: -len("过,3,1,\r\n".encode()) + 1])
    with pytest.raises(OfficeError) as raised:
        list(read_log(tmp_path))
    assert str(raised.value) == (
        f"{path} 第 3 行：这一行有半个字，像是没有写完；请从备份恢复，或删去这一行"
    )


@pytest.mark.parametrize(
    ("old", "new"), [("未通过,3", "没通过,3"), (",3,1", ",三,1"), (",1,是", ",1,对"), (",3,", ",,")]
)
def test_lines_that_nobody_wrote_are_named(old: str, new: str, tmp_path: Path) -> None:
    add_to_log(tmp_path, lambda: WHOLE)
    path = tmp_path / LOG
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert list(read_log(tmp_path)) == WHOLE[1:]
    assert [note[:14] for note in flaws_of_log(tmp_path, ())] == ["检查记录.csv 第 2 行"]


def test_units_that_are_not_on_the_roster_are_named(tmp_path: Path) -> None:
    add_to_log(tmp_path, lambda: [line(unit, A) for unit in ("1", "2", "3", "2", "1")])
    assert flaws_of_log(tmp_path, ["1"]) == [
        "检查记录.csv 里有 units.csv 没有的单位（2、3），没有列出；请核对名册"
    ]
    assert flaws_of_log(tmp_path, ["1", "2", "3"]) == []
