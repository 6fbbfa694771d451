"""docs/contributing.md is true: its files are saved, its commands run, and what it promises comes out."""

from __future__ import annotations

import re
import shutil
import textwrap
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from documents import ROOT, run

TEXT = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"(Save as|Append to|Change in)\s+`([^`]+)`:\s*\Z")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and what is done with a file."""

    language: str
    text: str
    action: str = ""
    file: str = ""


def blocks(part: str) -> list[Block]:
    """The blocks of a part of the page, in order."""
    found = []
    for match in BLOCK.finditer(part):
        named = NAMED.search(part[: match.start()])
        text = textwrap.dedent(match[3])
        found.append(Block(match[2], text, *(named.groups() if named else ())))
    return found


def changed(before: str, block: Block) -> str:
    """The content of a file after what a block says."""
    if block.action == "Save as":
        return block.text
    if block.action == "Append to":
        return before + block.text
    lines = block.text.splitlines()
    old = "\n".join(line[1:] for line in lines if line[0] in " -")
    new = "\n".join(line[1:] for line in lines if line[0] in " +")
    assert before.count(old) == 1, old
    return before.replace(old, new)


def follow(part: str, folder: Path, checkout: Path | None = None) -> list[str]:
    """Do what a part of the page says, in a folder; returns what each command printed.

    Files of xltool itself are changed in `checkout`, which the commands then run.
    """
    printed = []
    for block in blocks(part):
        if block.file:
            base = checkout if checkout and block.file.startswith("xltool/") else folder
            path = base / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            before = path.read_text(encoding="utf-8") if path.exists() else ""
            path.write_text(changed(before, block), encoding="utf-8")
        elif block.language == "sh":
            for command in block.text.splitlines():
                where = {"PYTHONPATH": str(checkout)} if checkout else {}
                result = run(command, folder, **where)
                assert result.returncode == 0, (command, result.stdout, result.stderr)
                printed.append(result.stdout)
    return printed


def parts() -> dict[str, str]:
    """The parts of the page by their headings."""
    found = re.split(r"^## (.+)$", TEXT, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which parts 1 and 2 were followed."""
    return tmp_path_factory.mktemp("newcomer")


@pytest.mark.slow
def test_add_a_form_and_a_rule(folder: Path) -> None:
    printed = follow(parts()["1. Add a form"], folder)
    assert (folder / "layout.html").is_file()
    assert "共 1 份：通过 1 份。没有发现问题。" in printed[-2]
    assert (folder / "merged" / "导入文件.xlsx").is_file()
    printed = follow(parts()["2. Add a rule"], folder)
    assert "每人每天不超过 400 元" in printed[0]
    assert "OWN-002" in printed[-1]
    assert "“业务培训”人均每天 450.00 元，超过 400 元" in printed[-1]
    assert "E4" in printed[-1]


def live_lines(path: Path) -> dict[str, str]:
    """What 填报检查 of a workbook shows: words → sign."""
    rows = openpyxl.load_workbook(path, data_only=True)["填报检查"].iter_rows(min_row=5)
    return {str(row[2].value): str(row[0].value or "") for row in rows}


@pytest.mark.slow
def test_add_a_kind_and_a_live_check(folder: Path) -> None:
    printed = follow(parts()["3. Add a kind of field"], folder)
    assert "电话栏目要填手机号码。" in printed[1]
    assert "TEL-001" in printed[-1]
    assert "备用电话“办公室”不是手机号码" in printed[-1]
    assert live_lines(folder / "phones" / "106001.xlsx")["备用电话是11 位手机号码"] == "✘"
    printed = follow(parts()["4. Add a live check"], folder)
    assert "TEL-002" in printed[-1]
    lines = live_lines(folder / "same" / "106001.xlsx")
    assert lines["备用电话 ≠ 值班电话"] == "✘"
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
        follow(parts()[part], tmp_path)
    assert follow(parts()["5. Add an output"], tmp_path, checkout) == ["OWN-002 1\n"]
    follow(parts()["6. Add a store"], tmp_path, checkout)
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
    assert listed == list(parts())
