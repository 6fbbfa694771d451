"""Consoles and systems of the offices: GBK, no processes to fork, nothing that only POSIX has."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Xltool, in_this_process
from helpers import edit

from xltool.cli.terminal import print_any_character
from xltool.office.campaign import Campaign

NAME = "🌸𠮷㐂 单位.xlsx"  # emoji, and characters beyond GBK
ESCAPED = "\\ud83c\\udf38\\ud842\\udfb7"
GBK = {"PYTHONIOENCODING": "gbk", "PYTHONUTF8": "0"}


def under_gbk(folder: Path, *words: str) -> tuple[int, str, str]:
    """Run xltool with its output in a file, as `xltool check > 结果.txt` at a Chinese Windows."""
    environment = {**os.environ, **GBK, "PYTHONWARNDEFAULTENCODING": "1"}
    command = [sys.executable, "-W", "error::EncodingWarning:xltool", "-m", "xltool", *words]
    with (folder / "结果.txt").open("wb") as out:
        done = subprocess.run(
            command,
            cwd=folder,
            stdout=out,
            stderr=subprocess.PIPE,
            env=environment,
            check=False,
            timeout=120,
        )
    return done.returncode, (folder / "结果.txt").read_text("gbk"), done.stderr.decode("gbk")


@pytest.fixture
def odd_return(good_target: Path, tmp_path: Path) -> Path:
    """A return whose name and content GBK has no code for."""

    def change(book: object) -> None:
        sheet = book["项目1"]  # type: ignore[index]
        sheet["B9"] = "采购🌸𠮷"
        sheet["A3"] = "🌸"  # a label: the finding shows it

    return edit(good_target, change, tmp_path / NAME)


def test_a_console_of_gbk(odd_return: Path, tmp_path: Path) -> None:
    code, out, err = under_gbk(tmp_path, "check", NAME)
    assert (code, err) == (1, "")
    assert ESCAPED in out
    assert "TPL-002" in out
    code, out, err = under_gbk(tmp_path, "check", NAME, "--format", "json")
    document = json.loads(out)
    assert [book["file"] for book in document["workbooks"]] == [NAME]
    assert any("🌸" in finding["value"] + finding["message"] for finding in document["findings"])


def test_other_commands_under_gbk(target: Campaign, odd_return: Path, tmp_path: Path) -> None:
    shutil.copytree(target.folder, tmp_path / "填报🌸")
    code, out, err = under_gbk(
        tmp_path, "check", NAME, "--campaign", "填报🌸", "--return", "退回🌸"
    )
    assert code == 1
    assert "退回件" in err
    assert under_gbk(tmp_path, "status", "填报🌸")[0] == 0
    code, out, err = under_gbk(tmp_path, "merge", NAME, "--campaign", "填报🌸", "--out", "合并")
    assert code == 2
    assert ESCAPED in out
    assert under_gbk(tmp_path, "check", "没有🌸")[2].startswith("错误：")
    assert under_gbk(tmp_path, "rules", "--markdown")[0] == 0
    assert under_gbk(tmp_path, "forms")[0] == 0


def test_streams_of_other_kinds_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under pythonw.exe there are none."""
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    print_any_character()


def test_no_login_name(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    good_target: Path,
    target: Campaign,
    tmp_path: Path,
) -> None:
    """A service of Windows has no user, and there is no `pwd` to ask."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(sys.modules, "pwd", None)
    xltool: Xltool = in_this_process(monkeypatch, capsys)
    words = ("merge", good_target, "--campaign", target.folder, "--out", tmp_path / "out")
    assert xltool(*words).code == 0
    run = xltool(*words, "--accept-warnings")
    assert (run.code, run.err) == (2, "错误：不知道审核人是谁；请用 --reviewer 指明\n")
    assert xltool(*words, "--accept-warnings", "--reviewer", "王五").code == 0
