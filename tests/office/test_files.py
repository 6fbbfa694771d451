"""Files that appear whole, and CSV files that Excel opens as they are meant."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from xltool.errors import OfficeError
from xltool.files import appearing, folder_beside, replace_file
from xltool.office.csv_files import append_csv, csv_text, read_csv, read_written, write_csv
from xltool.office.seal import new_key, save_key


@pytest.fixture(params=[0o022, 0o077, 0o002])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """What the process forbids for new files."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_has_the_mode_of_the_process(umask: int, tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.txt"
    replace_file(path, b"one")
    assert (path.read_bytes(), mode(path)) == (b"one", 0o666 & ~umask)
    assert list(path.parent.iterdir()) == [path]


def test_a_replaced_file_keeps_its_mode(umask: int, tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(b"one")
    path.chmod(0o640)
    replace_file(path, b"two")
    assert (path.read_bytes(), mode(path)) == (b"two", 0o640)


def test_keys_are_the_owner_s_only(umask: int, tmp_path: Path) -> None:
    path = tmp_path / "office.key"
    path.write_bytes(b"readable by all")
    path.chmod(0o644)
    save_key(new_key(), path)
    assert mode(path) == 0o600
    assert mode(path.with_suffix(".pub")) == 0o666 & ~umask


def test_nothing_is_left_of_what_fails(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(b"one")
    with suppress(ZeroDivisionError), appearing(path) as temporary:
        temporary.write_bytes(b"tw")
        raise ZeroDivisionError
    with suppress(ZeroDivisionError), folder_beside(tmp_path / "out") as folder:
        (folder / "file").touch()
        raise ZeroDivisionError
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


ODD = [
    ["单位", "文件"],
    ["-1", "=1+1.xlsx"],
    ["@甲", 'a"b,c'],
    ["两\n行", "\t制表"],
    ["'乙", "'=丙"],
]


def test_csv_is_no_formula_and_comes_back_as_given(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    write_csv(path, ODD)
    assert path.read_bytes().decode() == (
        '\ufeff单位,文件\r\n\'-1,\'=1+1.xlsx\r\n\'@甲,"a""b,c"\r\n"两\n行",�制表\r\n\'乙,\'=丙\r\n'
    )
    assert path.read_bytes().decode() == csv_text(ODD)
    found = [list(row.values()) for _, row in read_written(path)]
    assert found == [["-1", "=1+1.xlsx"], ["@甲", 'a"b,c'], ["两\n行", "�制表"], ["'乙", "=丙"]]
    assert [row["单位"] for _, row in read_csv(path)] == ["'-1", "'@甲", "两\n行", "'乙"]


def test_a_row_is_told_by_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('单位,依据\n101,"一\n二\n三"\n\n102,"四\n五"\n103,六\n', encoding="utf-8")
    assert [(line, row["单位"]) for line, row in read_csv(path)] == [
        (2, "101"),
        (6, "102"),
        (8, "103"),
    ]
    path.write_text('单位,依据\n101,"一\n二"\n102,"三\n四",五\n', encoding="utf-8")
    with pytest.raises(OfficeError) as error:
        read_csv(path)
    assert error.value.line == 4


def test_lines_are_added_below_one_heading(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    append_csv(path, ["甲", "乙"], [])
    assert not path.exists()
    append_csv(path, ["甲", "乙"], [["1", "2"]])
    append_csv(path, ["甲", "乙"], [["=3", "4"]])
    assert path.read_bytes().decode() == "\ufeff甲,乙\r\n1,2\r\n'=3,4\r\n"
