"""Files that cannot be read, names that should not be printed: findings, exit code 1, no traceback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import hostile
from commands import process
from helpers import ROOT

from xltool.office.campaign import Campaign


def png(path: Path, good: Path) -> Path:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    return path


def odd_zip(path: Path, good: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("甲.txt", "甲")
    return path


def written(content: bytes) -> Callable[[Path, Path], Path]:
    def build(path: Path, good: Path) -> Path:
        path.write_bytes(content)
        return path

    return build


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BAD: dict[str, tuple[Callable[[Path, Path], Path], str]] = {
    "a_text.xlsx": (written("项目名称\n".encode()), "是文本文件（如 CSV），不是工作簿"),
    "b_empty.xlsx": (written(b""), "文件是空的（0 字节）"),
    "c_encrypted.xlsx": (
        written(OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600),
        "文件已加密，需要密码才能打开",
    ),
    "d_picture.png": (png, "是图片，不是工作簿"),
    "e_list.csv": (written("甲,乙\n1,2\n".encode()), "是文本文件（如 CSV），不是工作簿"),
    "f_letters.xlsx": (odd_zip, "是压缩文件，不是工作簿"),
    "g_ole.xls": (written(OLE + b"\0" * 600), "文件已损坏，或不是工作簿"),
    "h_looping.xls": (hostile.looping_ole, "文件已损坏，或不是工作簿"),
    "i_corner.xlsx": (hostile.far_corner, "工作表“甲”过大，超过 20000 行或 500 列的限制"),
    "j_no_xml.xlsx": (lambda path, _: hostile.xlsx(path, "<row><c"), "文件已损坏"),
}


def test_bad_files_are_findings(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    """Each is a finding of its own, a good one beside them is checked, lock files are ignored."""
    folder = tmp_path / "back"
    folder.mkdir()
    for name, (build, _) in BAD.items():
        build(folder / name, good_target)
    (folder / "k_cut.xlsx").write_bytes(good_target.read_bytes()[:-5000])
    (folder / "~$z.xlsx").write_bytes(b"lock")
    shutil.copyfile(good_target, folder / "z.xlsx")
    run = process("check", folder, "--campaign", target.folder, "--format", "json")
    assert (run.code, run.err) == (1, "")
    document = json.loads(run.out)
    status = {Path(book["file"]).name: book["status"] for book in document["workbooks"]}
    names = [*BAD, "k_cut.xlsx"]
    assert status == {**dict.fromkeys(names, "unreadable"), "z.xlsx": "passed"}
    messages = {Path(f["file"]).name: (f["code"], f["message"]) for f in document["findings"]}
    assert messages == {
        **{name: ("TPL-008", f"无法读取：{problem}") for name, (_, problem) in BAD.items()},
        "k_cut.xlsx": ("TPL-008", "无法读取：文件已损坏，或没有传输完整"),
    }
    assert len(document["findings"]) == len(names)


def test_names_that_drive_a_terminal(target: Campaign, good_target: Path, tmp_path: Path) -> None:
    """Escape codes in names of files do not reach the terminal; odd bytes do no harm."""
    names = ["\x1b[31m红.xlsx", "\u202exslx.a", os.fsdecode("图书馆".encode("gb18030") + b".xlsx")]
    for number, name in enumerate(names):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / name).write_bytes(b"x" * number)
    for words in ([], ["--format", "json"], ["--format", "xlsx", "-o", tmp_path / "list.xlsx"]):
        run = process("check", *(tmp_path / n for n in "012"), "--campaign", target.folder, *words)
        written = f"已写出 {words[-1]}\n" if "-o" in words else ""
        assert (run.code, run.err) == (1, written)
        assert "\x1b" not in run.out
        assert "\u202e" not in run.out or "--format" in words


# what Python and xltool load, as a return in the current folder might be called
MODULES = (
    *(
        "selectors",
        "socket",
        "click",
        "polars",
        "typing",
        "json",
        "errno",
        "__future__",
        "re",
        "rich",
    ),
    *("lxml", "jinja2", "python_calamine", "cryptography", "openpyxl", "xlsxwriter", "pandera"),
)


def test_no_program_in_the_folder_of_returns_is_run(
    target: Campaign, good_target: Path, tmp_path: Path
) -> None:
    """A file called like a module of Python's lies among the returns, where xltool is run."""
    for name in MODULES:
        text = f"open('{tmp_path}/run', 'a').write('{name} ')\nraise SystemExit('run')"
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    shutil.copyfile(good_target, tmp_path / "a.xlsx")
    for program in (
        [str(Path(sys.executable).parent / "xltool")],
        [sys.executable, "-m", "xltool"],
        [sys.executable, "-m", "xltool.cli.main"],
    ):
        command = [*program, "check", "a.xlsx", "--campaign", str(target.folder)]
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
        )
        assert not (tmp_path / "run").exists(), (program, (tmp_path / "run").read_text())
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines()[0] == "通过  a.xlsx"


def test_not_even_before_anything_of_ours_is_loaded(tmp_path: Path) -> None:
    """Where no editable install has loaded half of the library already, as in a plain one.

    What `-m` itself loads before it looks for xltool (types, functools, …) is out of our hands.
    """
    for name in (*MODULES, "enum", "dataclasses", "inspect"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('run')", encoding="utf-8")
    places = os.pathsep.join([str(ROOT), *(p for p in sys.path if p.endswith("site-packages"))])
    done = subprocess.run(
        [sys.executable, "-S", "-m", "xltool", "--version"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": places},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("xltool ")
