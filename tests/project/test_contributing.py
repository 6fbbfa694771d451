"""docs/contributing.md is true: its files are saved, its commands run, and what it promises comes out."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import openpyxl
import pytest
from documents import ROOT
from following import follow, parts

from xltool.write.live.page import FIRST

TEXT = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
PARTS = parts(TEXT)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which parts 1 and 2 were followed."""
    return tmp_path_factory.mktemp("newcomer")


@pytest.mark.slow
def test_add_a_form_and_a_rule(folder: Path) -> None:
    printed = follow(PARTS["1. Add a form"], folder)
    assert (folder / "layout.html").is_file()
    assert "共 1 份：通过 1 份。没有发现问题。" in printed[-2]
    assert (folder / "merged" / "导入文件.xlsx").is_file()
    printed = follow(PARTS["2. Add a rule"], folder)
    assert "每人每天不超过 400 元" in printed[0]
    assert "OWN-002" in printed[-1]
    assert "“业务培训”人均每天 450.00 元，超过 400 元" in printed[-1]
    assert "E4" in printed[-1]


def live_lines(path: Path) -> dict[str, str]:
    """What 填报检查 of a workbook shows: words → sign."""
    rows = openpyxl.load_workbook(path, data_only=True)["填报检查"].iter_rows(min_row=FIRST + 1)
    return {str(row[2].value): str(row[0].value or "") for row in rows}


@pytest.mark.slow
def test_add_a_kind_and_a_live_check(folder: Path) -> None:
    printed = follow(PARTS["3. Add a kind of field"], folder)
    assert "电话栏目要填手机号码。" in printed[1]
    assert "TEL-001" in printed[-1]
    assert "备用电话“办公室”不是手机号码" in printed[-1]
    assert live_lines(folder / "phones" / "106001.xlsx")["备用电话是11 位手机号码"] == "✘"
    printed = follow(PARTS["4. Add a live check"], folder)
    assert "TEL-002" in printed[-1]
    lines = live_lines(folder / "same" / "106001.xlsx")
    assert lines["备用电话不能等于值班电话"] == "✘"
    assert lines["值班电话是11 位手机号码"] == "✔"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package that may be changed."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("xltool", "templates", "validators", "examples"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.mark.slow
def test_add_an_output_and_a_store(tmp_path: Path, checkout: Path) -> None:
    for part in ("1. Add a form", "2. Add a rule"):
        follow(PARTS[part], tmp_path)
    assert follow(PARTS["5. Add an output"], tmp_path, checkout) == ["OWN-002 1\n"]
    follow(PARTS["6. Add a store"], tmp_path, checkout)
    units = (tmp_path / "merged-with-list" / "单位清单.csv").read_text(encoding="utf-8-sig")
    assert units.splitlines() == ["单位代码,单位名称", "106001,云岭区政务服务中心"]


def test_every_named_test_and_target_is_there() -> None:
    for path in re.findall(r"`(tests/[\w/]+\.py)`", TEXT):
        assert (ROOT / path).is_file(), path
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make ([\w-]+)", TEXT, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_list_of_parts_is_complete() -> None:
    listed = re.findall(r"^- \[(.+?)\]\(#", TEXT, re.MULTILINE)
    assert listed == list(PARTS)
