"""The documents are true: every command in them runs, in order, in an empty folder."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import pytest
from documents import ROOT, fenced, run

from xltool.cli import form_reference
from xltool.cli.manual import with_reference
from xltool.form.former_names import provide_former_names

READMES = ["README.md", "README.zh-CN.md"]


@pytest.mark.slow
@pytest.mark.parametrize("name", READMES)
def test_every_command_of_the_readme_runs(name: str, tmp_path: Path) -> None:
    commands = [line for block in fenced(name, "sh") for line in block.splitlines()]
    assert len([c for c in commands if c.startswith("xltool")]) >= 10
    for command in commands:
        result = run(command, tmp_path)
        # the demo has faulty returns: check finds errors, merge leaves them out, and both say so
        expected = 1 if command.startswith(("xltool check", "xltool merge")) else 0
        assert result.returncode == expected, (command, result.stdout, result.stderr)
        assert "Traceback" not in result.stderr
    if name == "README.md":
        (tmp_path / "snippet.py").write_text(fenced(name, "python")[0], encoding="utf-8")
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


def test_the_reference_of_the_language_of_forms_is_not_stale() -> None:
    text = (ROOT / "templates" / "README.md").read_text(encoding="utf-8")
    assert form_reference.with_reference(text) == text, "run: make docs"


def test_a_name_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match="words without a name: \\['b', 'c'\\]"):
        form_reference.matching({"a": "", "b": ""}, ["a", "c"])


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
    (block,) = fenced(name, "bash")
    typed = "COMP_WORDS=(xltool iss); COMP_CWORD=1; _xltool_completion xltool; echo ${COMPREPLY[@]}"
    result = run(["bash", "-c", f"{block}\n{typed}"], tmp_path)
    assert (result.stdout, result.returncode) == ("issue\n", 0), result.stderr


DOCUMENTS = [
    *READMES,
    "templates/README.md",
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")),
]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_a_document_names_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    text = re.sub(r"(Save as|Append to)\s+`[^`]+`", "", text)  # what the reader is to write
    folder = (ROOT / name).parent
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    assert [link for link in links if not (folder / link).exists()] == []
    top = "xltool|validators|templates|tests|docs|examples"
    paths = re.findall(rf"`((?:{top})/[\w/.-]*)`", text)
    # an office's folder has some of these names too: its own forms, and the lists beside them
    assert [path for path in paths if not (ROOT / path).exists()] == []
    modules = re.findall(r"`(xltool\.[\w.]+?)(?:\(\w*\))?`", text)
    assert [word for word in modules if not is_there(word)] == []


def is_there(name: str) -> bool:
    """True of a module, or of what stands in one, by its dotted name; former names count too."""
    provide_former_names()
    for depth in range(name.count(".") + 1):
        module, *rest = name.rsplit(".", depth) if depth else [name]
        try:
            found: object = importlib.import_module(module)
        except ImportError:
            continue
        return all((found := getattr(found, word, None)) is not None for word in rest)
    return False


def test_the_code_for_authors_of_forms_is_true() -> None:
    from xltool.rules import Rule

    scope: dict[str, object] = {"__name__": "an_office_s_form"}
    for block in fenced("templates/README.md", "python"):
        exec(block, scope)
    found = {value.code: value.title for value in scope.values() if isinstance(value, Rule)}
    assert found == {
        "AMT-005": "政府购买服务资金不能大于项目总金额。",
        "OWN-001": "各班金额合计不超过培训费限额。",
        "OWN-002": "线下的培训班要写明开始日期。",
    }
