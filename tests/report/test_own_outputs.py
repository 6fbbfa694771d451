"""A further output of `check`, and a further store of `merge`: one module and one line each."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from xltool.merging import stores
from xltool.merging.merge import merge
from xltool.merging.publication import Publication
from xltool.office.campaign import Campaign
from xltool.report.outputs import OUTPUTS, output

MODULE = """
from xltool.report.outputs import Output

def codes(run):
    return " ".join(finding.code for finding in run.report.findings) or "none"

OUTPUT = Output(text=codes)
"""
PROGRAM = """
from xltool.report.outputs import OUTPUTS
OUTPUTS["codes"] = "scratch_codes"
from xltool.cli.main import main
main()
"""


def test_a_scratch_output(good_target: Path, tmp_path: Path) -> None:
    (tmp_path / "scratch_codes.py").write_text(MODULE, encoding="utf-8")

    def run(*words: str) -> tuple[str, str]:
        done = subprocess.run(
            [sys.executable, "-", *words],
            input=f"import sys; sys.path.append({str(tmp_path)!r})" + PROGRAM,
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )
        return done.stdout, done.stderr

    assert run("check", str(good_target), "--format", "codes") == ("TPL-001\n", "")
    assert run("check", str(good_target), "--format", "codes", "-o", "a.codes") == (
        "",
        "已写出 a.codes\n",
    )
    assert (tmp_path / "a.codes").read_text() == "TPL-001\n"  # not verified
    choices = "|".join([*OUTPUTS, "codes"])
    assert f"[{choices}]" in run("check", "--help")[0]


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_is_a_text_or_a_file(name: str) -> None:
    found = output(name)
    assert (found.text is None) != (found.file is None)


def test_a_scratch_store(
    monkeypatch: pytest.MonkeyPatch, target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    def units(publication: Publication, folder: Path) -> None:
        codes = publication.data.submissions["unit_code"]
        (folder / "units.txt").write_text(" ".join(codes), encoding="utf-8")

    merge([good_target], tmp_path / "before", target)
    monkeypatch.setattr(stores, "STORES", [*stores.STORES, units])
    merge([good_target], tmp_path / "out", target)
    assert (tmp_path / "out" / "units.txt").read_text() == "226002"
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"units.txt", *(path.name for path in (tmp_path / "before").iterdir())}
    assert {"data", "合并清单.csv", "导入文件.xlsx", "汇总表.xlsx"} <= names
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["files"]["units.txt"] == hashlib.sha256(b"226002").hexdigest()
