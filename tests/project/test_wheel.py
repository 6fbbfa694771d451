"""The wheel, not only the checkout: whole, runnable, and with no top-level package but xltool."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PARTS = ["pyproject.toml", "README.md", "LICENSE", "xltool", "templates", "validators", "examples"]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project: building in the checkout would pick up an older build/."""
    folder = tmp_path_factory.mktemp("source")
    for name in PARTS:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def installed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built and unpacked into a folder of its own, outside the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "-w", str(folder), str(source)], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_only_xltool_is_installed(installed: Path) -> None:
    assert sorted(p.name for p in installed.iterdir() if "dist-info" not in p.name) == ["xltool"]


def test_every_file_of_the_project_is_in_the_wheel(installed: Path) -> None:
    for name in ("xltool", "templates", "validators", "examples"):
        target = installed / "xltool" if name == "xltool" else installed / "xltool" / name
        files = [p.relative_to(ROOT / name) for p in (ROOT / name).rglob("*") if p.is_file()]
        missing = [
            file
            for file in files
            if "__pycache__" not in file.parts and not (target / file).is_file()
        ]
        assert missing == [], name


def without_make() -> list[str]:
    """The commands with which the README for offices installs xltool where there is no make."""
    text = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
    part = text[text.index("没有 make") : text.index("## 五分钟走一遍")]
    return [line.split("#")[0].strip() for line in part.splitlines() if line.startswith("    ")]


def test_installed_as_the_readme_says_the_demo_runs(source: Path, tmp_path: Path) -> None:
    commands = without_make()
    assert [command.split()[0] for command in commands] == ["python3", ".", "pip"]
    commands = [command.replace("本文件夹的路径", str(source)) for command in commands]
    result = subprocess.run(
        " && ".join([*commands, "xltool demo 演示"]),
        check=False,
        shell=True,
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    assert "未通过" in result.stdout
    assert (tmp_path / "演示" / "二级项目申报表" / "合并" / "导入文件.xlsx").is_file()
