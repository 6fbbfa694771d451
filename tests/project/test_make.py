"""Every target of the Makefile runs, small, in a copy of the checkout with this environment."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from helpers import ROOT
from oddities import what_is_odd

pytestmark = pytest.mark.slow
OURS = (
    *("Makefile", "LICENSE", "README.md", "README.zh-CN.md", "pyproject.toml"),
    *("docs", "examples", "templates", "tests", "validators", "xltool"),
)
# The long ones run little: what each target is given beside its name.
SMALL = {
    "bench": ["ROUNDS=1", "UNITS=2", "RETURNS=2"],
    "contracts": [],
    "demo": ["DEMO=build/small"],
    "docs": [],
    "house": [],
    "fuzz": [
        *("XLTOOL_EXAMPLES=20", "XLTOOL_TRIALS=1", "JOBS=1", "MINUTES=0"),
        "FUZZED=tests/returns/test_edits.py -k 'unit and sheet_duplicated'",
    ],
    "lint": [],
    "office": [],
    "pictures": ["PICTURES=build/pictures"],
    "pytest": ["PYTEST=.venv/bin/pytest tests/rules/test_rules_covered.py -k kit"],
    "soak": ["JOBS=1", "SOAKED=tests/returns/test_edits.py -k 'unit and sheet_duplicated'"],
    "test-fast": ["-otypes", "PYTEST=.venv/bin/pytest tests/rules/test_rules_covered.py -k kit"],
}
# `make test` itself runs these; what they are is looked at below. The last one is run at the end.
OTHERS = {"test": ["lint", "types", "contracts", "pytest"], "types": [], "clean": []}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, with a link to the environment and to node's packages."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in OURS:
        if (ROOT / name).is_dir():
            leave = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=leave)
        else:
            shutil.copy2(ROOT / name, folder / name)
    for name in (".venv", "node_modules"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def make(checkout: Path, *words: str) -> str:
    """Run make, which must succeed: what it printed. It takes the environment as it is."""
    kept = [f"-o{checkout}/.venv/{name}" for name in (".installed", ".installed-dev")]
    kept += [f"-o.venv/{name}" for name in ("bin/python", ".installed", ".installed-dev")]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "XLTOOL", "MAKE"))}
    done = subprocess.run(
        ["make", *kept, *words],
        cwd=checkout,
        env={**env, "PYTHONPATH": str(checkout)},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


def contents(checkout: Path) -> dict[Path, bytes]:
    """What stands in the files of the copy."""
    files = [p for name in OURS for p in [checkout / name, *(checkout / name).rglob("*")]]
    return {p: p.read_bytes() for p in files if p.is_file() and "__pycache__" not in p.parts}


@pytest.mark.parametrize("target", SMALL)
def test_target(checkout: Path, target: str) -> None:
    before = contents(checkout)
    said = make(checkout, target, *SMALL[target])
    assert contents(checkout) == before  # `make docs` too: what is generated is current
    build = checkout / "build"
    if target == "bench":
        found = json.loads((build / "benchmarks.json").read_text(encoding="utf-8"))
        assert what_is_odd(found) == []
        assert all(answer["title"] in said for answer in found["questions"].values())
    elif target == "demo":
        assert (build / "small" / "二级项目申报表" / "合并" / "导入文件.xlsx").is_file()
    elif target == "docs":
        catalogue = (build / "rules.md").read_bytes()
        assert before[checkout / "validators" / "README.md"].startswith(catalogue)
    elif target == "pictures":
        drawn = sorted(path.name for path in (build / "pictures").iterdir())
        assert drawn == ["report.png", "workbook.png"]
    if target == "fuzz":
        assert "0 kinds of failures" in said
    if target in ("fuzz", "soak", "pytest", "test-fast"):
        assert "1 passed" in said


def test_the_other_targets(checkout: Path) -> None:
    assert make(checkout, "-n", "test").count("/mypy ") == 3
    text = (checkout / "Makefile").read_text(encoding="utf-8")
    assert f"\ntest: {' '.join(OTHERS['test'])}\n" in text
    (checkout / "dist").mkdir()
    make(checkout, "clean")
    assert not any((checkout / name).exists() for name in (".venv", "build", "dist"))
    assert (ROOT / ".venv").is_dir()


def test_no_target_is_forgotten(checkout: Path) -> None:
    text = (checkout / "Makefile").read_text(encoding="utf-8")
    (targets,) = re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    assert sorted(targets.split()) == sorted([*SMALL, *OTHERS])
    assert sorted(set(re.findall(r"^([a-z-]+):(?!=)", text, re.MULTILINE))) == sorted(
        targets.split()
    )
