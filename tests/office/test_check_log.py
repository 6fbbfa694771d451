"""检查记录.csv: what is written is read again, old ones too; how often a unit was sent back."""

from __future__ import annotations

from pathlib import Path

import pytest

from xltool.errors import OfficeError
from xltool.office.check_log import LOG, LogLine, add_to_log, read_log, round_of, sent_back

A, B, C = (letter * 64 for letter in "abc")
TIME = "2026-11-21 09:30"


def line(unit: str, sha256: str, *, returned: bool = False) -> LogLine:
    return LogLine(TIME, unit, f"{unit}.xlsx", sha256, "failed", 3, 1, returned)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    given = [
        line("226001", A, returned=True),
        LogLine(TIME, "226002", "=交回.xlsx", B, "passed", 0, 0, False, verified=False),
        LogLine(TIME, "226002", "交回.xlsx", B, "pending", 0, 2, False),
    ]
    add_to_log(tmp_path, lambda: given)
    assert list(read_log(tmp_path)) == given
    assert (tmp_path / LOG).read_text("utf-8-sig").splitlines() == [
        "时间,单位代码,文件,sha256,结果,错误,提醒,退回件",
        f"{TIME},226001,226001.xlsx,{A},未通过,3,1,是",
        f"{TIME},226002,'=交回.xlsx,{B},通过（未核对签发）,0,0,",
        f"{TIME},226002,交回.xlsx,{B},待本级处理,0,2,",
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
    assert found == {"2": [A], **({"1": list(sent)} if sent else {})}
    assert {digest: round_of(digest, list(sent)) for digest in rounds} == rounds
