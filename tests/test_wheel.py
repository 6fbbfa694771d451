"""The wheel, not only the checkout: whole, runnable, and with no top-level package but xltool."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PARTS = ["pyproject.toml", "README.md", "LICENSE", "xltool", "templates", "validators", "examples"]
SITE = Path(sys.executable).parent.parent / "lib"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built and unpacked into a folder of its own, outside the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"  # a copy: building in the checkout would pick up an older build/
    source.mkdir()
    for name in PARTS:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
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


def test_the_demo_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    # the interpreter under the environment, so that the editable install is not on its path
    (libraries,) = SITE.glob("python3*/site-packages")
    python = getattr(sys, "_base_executable", sys.executable)
    script = "import sys, xltool; assert sys.argv[1] in xltool.__file__; from xltool.cli import main; sys.argv[1:] = ['demo', 'demo']; main()"
    result = subprocess.run(
        [python, "-c", script, str(installed)],
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(installed), str(libraries)])},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    assert "未通过" in result.stdout
    assert (tmp_path / "demo" / "二级项目申报表" / "合并" / "导入文件.xlsx").is_file()
