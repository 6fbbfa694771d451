"""Disks that are full, read-only, or have no room for a large file: one clear line, the old result whole."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from commands import Run
from helpers import answers, fill_unit, make_campaign
from kill_runs import OF_EACH_MERGE
from merges import all_returns, files

from xltool.form.model import Form
from xltool.merging.sealing import Manifest, files_in, seal_folder
from xltool.office.campaign import Campaign

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="file systems of Linux are mounted")
NEXT = "请腾出空间，或换一个位置后再试"
Mount = Callable[[str], Path]


def xltool(*words: object, limit: int | None = None, temporary: Path | None = None) -> Run:
    """Run `xltool` as a process of its own, which may write files of so many bytes."""

    def limited() -> None:
        import resource

        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [sys.executable, "-m", "xltool", *map(str, words)],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, **({"TMPDIR": str(temporary)} if temporary else {})},
        preexec_fn=limited,
    )
    return Run(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Mount]:
    """A function that mounts a small disk, which is empty, and returns its folder."""
    mounted: list[Path] = []

    def mount(options: str) -> Path:
        folder = tmp_path / f"disk{len(mounted)}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", options, "xltool", str(folder)]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        if done.returncode:
            pytest.skip(f"no disk may be mounted here: {done.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", folder], check=True)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    return make_campaign("declaration", tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def back(office: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The returns of all units; the last one has a mistake."""
    folder = all_returns(office, tmp_path_factory.mktemp("back"))
    data = answers("declaration", "131002")
    data["projects"][0]["测算依据"] = ""
    fill_unit(office, "131002", data, folder / "131002.xlsx")
    (folder / "131002.json").unlink()
    return folder


def commands(office: Campaign, back: Path, disk: Path) -> dict[str, tuple[Sequence[object], Path]]:
    """What writes to a disk, and where."""
    known = ("--campaign", office.folder)
    source = next((office.folder / "issued").glob("*106001*.xlsx"))
    data = back.parent / "answers.json"
    data.write_text("{}", encoding="utf-8")
    return {
        "merge": (("merge", back, *known, "--out", disk / "merged"), disk / "merged"),
        "issue": (
            ("issue", office.folder, "--out", disk / "issued", "--zip-by", "department"),
            disk / "issued",
        ),
        "return": (("check", back, *known, "--return", disk / "again"), disk / "again"),
        "text": (("check", back, *known, "-o", disk / "a.txt"), disk / "a.txt"),
        **{
            style: (("check", back, *known, "--format", style, "-o", disk / f"a.{style}"),
                    disk / f"a.{style}")
            for style in ("json", "jsonl", "html", "xlsx")
        },
        "status": (("status", office.folder, "-o", disk / "s.txt"), disk / "s.txt"),
        "fill": (("fill", source, data, "-o", disk / "f.xlsx", *known), disk / "f.xlsx"),
        "preview": (("forms", "futian_2024_declaration", "--preview", disk / "p.html"),
                    disk / "p.html"),
    }  # fmt: skip


ALL = (
    "merge",
    "issue",
    "return",
    "text",
    "json",
    "jsonl",
    "html",
    "xlsx",
    "status",
    "fill",
    "preview",
)


def stand_in(command: str, office: Campaign, target: Path) -> None:
    """An old result that the command may replace."""
    if command == "merge":
        (target / "data").mkdir(parents=True)
        for name in ("data/project.parquet", "合并清单.csv", "汇总表.xlsx"):
            (target / name).write_text("old", encoding="utf-8")
        seal_folder(target, manifest_of(office.form, files_in(target)), None)
        (target / "记录.txt").write_text("old", encoding="utf-8")
    elif command in ("issue", "return"):
        target.mkdir()
        (target / "记录.txt").write_text("old", encoding="utf-8")
    else:
        target.write_text("old", encoding="utf-8")


def lasting(found: dict[str, bytes]) -> dict[str, bytes]:
    """The files that do not tell which merge wrote them."""
    return {name: found[name] for name in found if name not in OF_EACH_MERGE}


def manifest_of(form: Form, names: dict[str, str]) -> Manifest:
    """The manifest of a result that nobody signed."""
    return Manifest(form.id, form.version, 2027, 1, "", "", "", "", "", "", [], names)


def fill_up(disk: Path) -> None:
    """Leave no room at all."""
    with (disk / "full").open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 1024):
                pass
        except OSError:
            return


@pytest.mark.slow
@pytest.mark.parametrize("command", ALL)
def test_a_full_disk(command: str, office: Campaign, back: Path, mount: Mount) -> None:
    disk = mount("size=256k")
    words, target = commands(office, back, disk)[command]
    stand_in(command, office, target)
    fill_up(disk)
    before = files(disk)
    run = xltool(*words)
    assert (run.code, run.err.splitlines()[-1]) == (2, f"错误：{target}：磁盘已满；{NEXT}")
    assert "Traceback" not in run.err
    assert "Exception ignored" not in run.err
    assert files(disk) == before
    assert [path.name for path in disk.iterdir() if path.name.startswith(".xltool-")] == []


@pytest.mark.slow
@pytest.mark.parametrize("command", ALL)
def test_a_disk_that_may_only_be_read(
    command: str, office: Campaign, back: Path, mount: Mount
) -> None:
    disk = mount("size=256k")
    words, target = commands(office, back, disk)[command]
    stand_in(command, office, target)
    before = files(disk)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    run = xltool(*words)
    named = disk if command in ("merge", "issue", "return") else target
    message = f"错误：{named}：只读，不能写入；请换一个可以写入的位置"
    assert (run.code, run.err.splitlines()[-1]) == (2, message)
    assert files(disk) == before


@pytest.mark.slow
@pytest.mark.parametrize("command", ALL)
def test_files_that_may_not_be_so_large(
    command: str, office: Campaign, back: Path, tmp_path: Path
) -> None:
    """As on a memory stick; needs no rights."""
    words, target = commands(office, back, tmp_path)[command]
    assert xltool("check", back, "--campaign", office.folder).code == 1  # the log knows them then
    stand_in(command, office, target)
    before = files(tmp_path)
    run = xltool(*words, limit=200)
    message = f"错误：{target}：文件太大，超过了这里允许的大小；请换一个位置后再试"
    assert (run.code, run.err.splitlines()[-1]) == (2, message)
    assert files(tmp_path) == before


@pytest.mark.slow
@pytest.mark.parametrize("command", ["merge", "issue", "return"])
def test_disks_of_ten_sizes(
    command: str, office: Campaign, back: Path, mount: Mount, tmp_path: Path
) -> None:
    """From one that has room for nothing to one that has room for all: the old result, or the new one."""
    words, target = commands(office, back, tmp_path)[command]
    assert xltool(*words).code in (0, 1)
    new = files(target)
    size = sum(-(-len(content) // 4096) * 4096 for content in new.values())  # in pages
    outcomes = []
    for tenth in range(1, 11):
        disk = mount(f"size={size * tenth // 8 // 4096 * 4 + 12}k")
        words, target = commands(office, back, disk)[command]
        stand_in(command, office, target)
        old = files(disk)
        run = xltool(*words)
        found = files(disk)
        if run.code == 2:
            assert "Exception ignored" not in run.err
            assert run.err.splitlines()[-1] == f"错误：{target}：磁盘已满；{NEXT}"
            assert found == old
        else:
            assert run.code in (0, 1), run
            assert "Traceback" not in run.err
            others = {"记录.txt": b"old"}
            assert lasting(files(target)) == {**lasting(new), **others}
        assert all(not path.name.startswith(".xltool-") for path in disk.iterdir())
        outcomes.append(run.code == 2)
    assert outcomes == sorted(outcomes, reverse=True)
    assert outcomes[0]
    assert not outcomes[-1]


@pytest.mark.slow
def test_where_temporary_files_go_is_full(
    office: Campaign, back: Path, mount: Mount, tmp_path: Path
) -> None:
    """What parts leave behind for the rest of a run lies there, where it is much."""
    disk = mount("size=8k")
    program = f"""
from xltool.checking import drawers
drawers._IN_MEMORY = 100
import sys
sys.argv = ["xltool", "check", {str(back)!r}, "--campaign", {str(office.folder)!r}]
from xltool.cli.main import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "TMPDIR": str(disk)},
        check=False,
    )
    words = "放临时文件的地方磁盘已满；请腾出空间，或用环境变量 TMPDIR 指定别的文件夹"
    assert (done.returncode, done.stderr) == (2, f"错误：{disk}：{words}\n")


def test_a_name_that_is_too_long(office: Campaign, back: Path, tmp_path: Path) -> None:
    long = tmp_path / ("长" * 100)
    run = xltool("check", back, "--campaign", office.folder, "-o", long)
    assert run == Run(2, "", f"错误：{long}：文件名太长；请用短一些的名称\n")
    run = xltool("merge", back, "--campaign", office.folder, "--out", long)
    assert (run.code, run.err) == (2, f"错误：{long}：文件名太长；请用短一些的名称\n")
    assert list(tmp_path.iterdir()) == []
