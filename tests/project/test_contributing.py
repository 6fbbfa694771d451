"""docs/contributing.md is true: its files are saved, its commands run, and what it promises comes out."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from documents import ROOT, run

TEXT = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"(Save as|Append to)\s+`([^`]+)`:\s*\Z")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the file that it is saved as or appended to."""

    language: str
    text: str
    file: str = ""
    append: bool = False


def blocks(part: str) -> list[Block]:
    """The blocks of a part of the page, in order."""
    found = []
    for match in BLOCK.finditer(part):
        named = NAMED.search(part[: match.start()])
        text = textwrap.dedent(match[3])
        file, append = (named[2], named[1] == "Append to") if named else ("", False)
        found.append(Block(match[2], text, file, append))
    return found


def follow(part: str, folder: Path) -> list[str]:
    """Do what a part of the page says, in a folder; returns what each command printed."""
    printed = []
    for block in blocks(part):
        if block.file:
            path = folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            before = path.read_text(encoding="utf-8") if block.append else ""
            path.write_text(f"{before}{block.text}", encoding="utf-8")
        elif block.language == "sh":
            for command in block.text.splitlines():
                result = run(command, folder)
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


def test_every_named_test_and_target_is_there() -> None:
    for path in re.findall(r"`(tests/[\w/]+\.py)`", TEXT):
        assert (ROOT / path).is_file(), path
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", TEXT, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_list_of_parts_is_complete() -> None:
    listed = re.findall(r"^- \[(.+?)\]\(#", TEXT, re.MULTILINE)
    assert listed == list(parts())
