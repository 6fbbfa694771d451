"""The documents are true: every command in them runs, in order, in an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from xltool.cli.manual import with_reference

ROOT = Path(__file__).parents[2]
READMES = ["README.md", "README.zh-CN.md"]


def blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def run(command: list[str] | str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a reader would, with this environment's xltool on the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command,
        check=False,
        shell=isinstance(command, str),
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", READMES)
def test_every_command_of_the_readme_runs(name: str, tmp_path: Path) -> None:
    commands = [line for block in blocks(name, "sh") for line in block.splitlines()]
    assert len([c for c in commands if c.startswith("xltool")]) >= 10
    for command in commands:
        result = run(command, tmp_path)
        # the demo has faulty returns: check finds errors, and says so by its exit code
        expected = 1 if command.startswith("xltool check") else 0
        assert result.returncode == expected, (command, result.stdout, result.stderr)
        assert "Traceback" not in result.stderr
    if name == "README.md":
        (tmp_path / "snippet.py").write_text(blocks(name, "python")[0], encoding="utf-8")
        result = run([sys.executable, "-W", "error", "snippet.py"], tmp_path)
        assert result.returncode == 0, result.stderr
        assert "TPL-004" in result.stdout


def test_make_targets_named_in_the_readmes_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for name in READMES:
        text = (ROOT / name).read_text(encoding="utf-8")
        for target in set(re.findall(r"make ([a-z]+)", text)):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_command_is_in_the_readme_for_offices() -> None:
    from xltool.cli.main import cli

    text = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
    missing = [name for name in cli.commands if f"xltool {name}" not in text and name != "fill"]
    assert missing == []


def test_the_command_reference_is_not_stale() -> None:
    text = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
    assert with_reference(text) == text, "run: make docs"


def test_public_api_is_pinned() -> None:
    import xltool

    assert sorted(xltool.__all__) == ["Finding", "check", "issue", "load_form", "merge", "read"]
    for name in xltool.__all__:
        assert callable(getattr(xltool, name)), name


@pytest.mark.parametrize("name", READMES)
def test_the_pictures_are_there_and_small(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", text)
    assert pictures == ["docs/pictures/workbook.png", "docs/pictures/report.png"]
    for picture in pictures:
        content = (ROOT / picture).read_bytes()
        assert content.startswith(b"\x89PNG\r\n")
        assert len(content) < 150_000, picture


@pytest.mark.parametrize("name", READMES)
def test_completion_as_documented(name: str, tmp_path: Path) -> None:
    (block,) = blocks(name, "bash")
    typed = "COMP_WORDS=(xltool iss); COMP_CWORD=1; _xltool_completion xltool; echo ${COMPREPLY[@]}"
    result = run(["bash", "-c", f"{block}\n{typed}"], tmp_path)
    assert (result.stdout, result.returncode) == ("issue\n", 0), result.stderr
