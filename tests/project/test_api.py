"""docs/api.md is true: its names, arguments and fields are those of the code, its example runs."""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from pathlib import Path

import pytest
from documents import ROOT, fenced, run

import xltool
from xltool.form.loading import load_form

TEXT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
FUNCTIONS = ["load_form", "issue", "read", "check", "merge"]


def part(name: str) -> str:
    """The part of the page under a heading."""
    found = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found is not None, name
    return found[1]


def rows(name: str) -> list[str]:
    """The names in the first column of the table of a part."""
    return re.findall(r"^\| `(\w+)` \|", part(name), re.MULTILINE)


def test_the_public_names_are_all_there() -> None:
    listed = re.findall(r"^\| \[`(\w+)`\]\(#\1\)", TEXT.lower(), re.MULTILINE)
    assert listed == [name.lower() for name in [*FUNCTIONS, "Finding"]]
    assert sorted(xltool.__all__) == sorted([*FUNCTIONS, "Finding"])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_arguments_are_those_of_the_function(name: str) -> None:
    parameters = list(inspect.signature(getattr(xltool, name)).parameters.values())
    assert rows(name) == [parameter.name for parameter in parameters]
    by_place = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
    by_name = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    words = [*by_place, *(["*"] if by_name else []), *by_name]
    assert f"`{name}({', '.join(words)})`" in part(name)


def test_the_fields_of_a_finding() -> None:
    assert rows("Finding") == [field.name for field in dataclasses.fields(xltool.Finding)]


@pytest.mark.slow
def test_the_example_runs(tmp_path: Path) -> None:
    (command,) = fenced("docs/api.md", "sh")
    assert run(command.strip(), tmp_path).returncode == 0
    (example,) = fenced("docs/api.md", "python")
    (tmp_path / "collection.py").write_text(example, encoding="utf-8")
    result = run([sys.executable, "-W", "error", "collection.py"], tmp_path)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    title = load_form("futian_2024_declaration").title
    assert lines[0] == f"{title} True"
    assert "TPL-004" in result.stdout
    assert lines[-1].startswith("['")
    assert (tmp_path / "issued" / "manifest.csv").is_file()
    assert (tmp_path / "merged" / "导入文件.xlsx").is_file()
