"""`xltool key new`: a folder that came without a key gets one; one that had a key never gets another."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Run, Xltool, in_this_process
from helpers import EXAMPLES

SAID = "私钥（office.key）请备份，不要外传：丢了它，已下发的表都会认不出来。\n"
LATER = "，不能另建密钥：换了密钥，已下发的表都会认不出来；keys/office.key 不在的，请从备份恢复"


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    return in_this_process(monkeypatch, capsys)


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """An example as it lies in the project: its author keeps his key to himself."""
    folder = tmp_path / "office"
    shutil.copytree(EXAMPLES / "declaration", folder)
    return folder


def test_a_folder_without_a_key(xltool: Xltool, office: Path) -> None:
    key = office / "keys" / "office.key"
    run = xltool("issue", office)
    words = "这里还没有签发密钥，也没有下发过；请先用 xltool key new 建一个"
    assert run == Run(2, "", f"错误：{key}：{words}\n")
    written = f"已写出 {key}\n已写出 {key.with_suffix('.pub')}\n"
    assert xltool("key", "new", office) == Run(0, written + SAID, "")
    assert key.stat().st_mode & 0o077 == 0
    assert xltool("issue", office).code == 0


def remove_pair(office: Path) -> None:
    shutil.rmtree(office / "keys")


def remove_all_but_workbooks(office: Path) -> None:
    remove_pair(office)
    (office / "下发记录.csv").unlink()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda _: None, "keys/office.key、keys/office.pub、下发记录.csv、issued"),
        (
            lambda office: (office / "keys" / "office.key").unlink(),
            "keys/office.pub、下发记录.csv、issued",
        ),
        (remove_pair, "下发记录.csv、issued"),
        (remove_all_but_workbooks, "issued"),
    ],
)
def test_never_another_key(
    xltool: Xltool, office: Path, change: Callable[[Path], object], named: str
) -> None:
    assert xltool("key", "new", office).code == 0
    assert xltool("issue", office).code == 0
    change(office)
    found = sorted(office.rglob("*"))
    run = xltool("key", "new", office)
    assert run == Run(2, "", f"错误：{office}：这里已经有 {named}{LATER}\n")
    assert sorted(office.rglob("*")) == found
