"""A folder takes the place of an earlier one in one step; what lies beside our files stays."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import ROOT
from merges import files

from xltool import publishing
from xltool.errors import OfficeError
from xltool.files import folder_beside
from xltool.publishing import being_made, publish

OWN = ("a.txt", "data/b.txt", "data/c.txt")


@pytest.fixture(params=["one step", "two steps"], autouse=True)
def _steps(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Linux, and as elsewhere."""
    if request.param == "two steps":
        monkeypatch.setattr(publishing, "_exchanged", lambda *_: False)


@pytest.fixture(params=[0o022, 0o077, 0o002])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An earlier result, all by itself in a folder."""
    made(tmp_path / "out", dict.fromkeys(OWN, "old"))
    return tmp_path / "out"


def made(folder: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def put(out: Path, texts: dict[str, str]) -> None:
    with being_made(out, "写"), folder_beside(out) as new:
        made(new, texts)
        publish(new, out, OWN)


def alone(out: Path) -> bool:
    return list(out.parent.iterdir()) == [out]


def test_folders_change_places(umask: int, tmp_path: Path) -> None:
    out = tmp_path / "above" / "out"
    for content in ("one", "two"):
        with being_made(out, "写"), folder_beside(out) as folder:
            (folder / content).touch()
            publish(folder, out, ["one"])
        assert [path.name for path in out.iterdir()] == [content]
        assert stat.S_IMODE(out.stat().st_mode) == (0o777 & ~umask if content == "one" else 0o750)
        out.chmod(0o750)
    assert alone(out)


def test_files_of_others_stay(out: Path) -> None:
    """In our folders and in theirs, links as links, and an empty folder; ours go, with their folders."""
    made(out, {"notes.txt": "dear", "data/d.txt": "dear", "more/deep/e.txt": "dear"})
    (out / "empty").mkdir(mode=0o700)
    (out / "link").symlink_to("notes.txt")
    (out / "away").symlink_to("more")
    (out / "nowhere").symlink_to("gone")
    number = (out / "notes.txt").stat().st_ino
    put(out, {"a.txt": "new", "more/f.txt": "new"})
    assert files(out) == {
        "a.txt": b"new", "more/f.txt": b"new", "notes.txt": b"dear", "data/d.txt": b"dear",
        "more/deep/e.txt": b"dear", "link": b"dear",
    }  # fmt: skip
    links = {p.name: os.readlink(p) for p in out.iterdir() if p.is_symlink()}
    assert links == {"link": "notes.txt", "away": "more", "nowhere": "gone"}
    assert stat.S_IMODE((out / "empty").stat().st_mode) == 0o700
    assert (out / "notes.txt").stat().st_ino == number
    shutil.rmtree(out / "more")
    shutil.rmtree(out / "data")
    put(out, {"g.txt": "newer"})
    assert "a.txt" not in files(out)
    assert alone(out)


def test_an_empty_folder_of_ours_does_not_stay(out: Path) -> None:
    put(out, {"a.txt": "new"})
    assert [path.name for path in out.iterdir()] == ["a.txt"]


def test_where_files_have_one_name_only(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without hard links: they are copied, with their times."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "no")

    monkeypatch.setattr(os, "link", refuse)
    made(out, {"notes.txt": "dear"})
    os.utime(out / "notes.txt", (1, 1))
    put(out, {"a.txt": "new"})
    assert files(out) == {"a.txt": b"new", "notes.txt": b"dear"}
    assert (out / "notes.txt").stat().st_mtime == 1


@pytest.mark.parametrize(
    ("theirs", "new", "named"),
    [
        ("d.txt", "d.txt", "d.txt"),
        ("data/d.txt", "data/d.txt", "data/d.txt"),
        ("d", "d/e.txt", "d"),
        ("d/e.txt", "d", "d/e.txt"),
    ],
)
def test_a_file_of_others_in_the_way(out: Path, theirs: str, new: str, named: str) -> None:
    made(out, {theirs: "dear"})
    before = files(out)
    with pytest.raises(OfficeError) as caught:
        put(out, {new: "new"})
    assert str(caught.value) == f"{out / named}：这里有别的文件，不会覆盖；请移走，或换一个文件夹"
    assert files(out) == before
    assert alone(out)


def test_what_is_put_there_in_the_last_moment(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at the folder and the exchange: a new file, and a file saved again."""
    made(out, {"notes.txt": "dear"})
    exchange = publishing._exchange

    def late(new: Path, place: Path) -> Path:
        made(out, {"late.txt": "dear"})
        (out / "saved").write_text("dearer", encoding="utf-8")
        (out / "saved").replace(out / "notes.txt")
        return exchange(new, place)

    monkeypatch.setattr(publishing, "_exchange", late)
    put(out, {"a.txt": "new"})
    assert files(out) == {"a.txt": b"new", "notes.txt": b"dearer", "late.txt": b"dear"}
    assert alone(out)


def test_modes_of_files_stay(out: Path) -> None:
    (out / "a.txt").chmod(0o600)
    put(out, {"a.txt": "new"})
    assert stat.S_IMODE((out / "a.txt").stat().st_mode) == 0o600


def test_a_link_leads_to_the_folder(out: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link"
    link.symlink_to(out)
    put(link, {"a.txt": "new"})
    assert (link.is_symlink(), files(out)) == (True, {"a.txt": b"new"})
    assert sorted(p.name for p in tmp_path.iterdir()) == ["elsewhere", "out"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux exchanges folders in one step")
@pytest.mark.parametrize("_steps", ["one step"], indirect=True)
def test_somebody_looks_all_the_time(out: Path) -> None:
    """Whoever looks sees a whole result."""
    seen: set[str] = set()
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            seen.add((out / "a.txt").read_text(encoding="utf-8"))

    watcher = threading.Thread(target=look)
    watcher.start()
    for number in range(100):
        put(out, {"a.txt": f"{number}"})
    over.set()
    watcher.join()
    assert seen
    assert all(text == "old" or text.isdigit() for text in seen)


PROGRAM = """
import os, signal, sys
from pathlib import Path
from xltool import publishing
from xltool.files import folder_beside
publishing._exchanged = lambda *_: False
out, step = Path(sys.argv[1]), int(sys.argv[2])
rename, done = Path.rename, 0
def killed(self, target):
    global done
    if done == step:
        os.kill(os.getpid(), signal.SIGKILL)
    done += 1
    return rename(self, target)
Path.rename = killed
with publishing.being_made(out, "写"), folder_beside(out) as new:
    (new / "a.txt").write_text("new")
    publishing.publish(new, out, ["a.txt", "data/b.txt", "data/c.txt"])
"""


@pytest.mark.parametrize("step", range(4))
def test_killed_between_two_renames(out: Path, step: int) -> None:
    """The next run finds the old result or the new one, and leaves nothing of the killed one."""
    before = files(out)
    subprocess.run([sys.executable, "-c", PROGRAM, str(out), str(step)], cwd=ROOT, check=False)
    assert len(list(out.parent.iterdir())) > 1
    with being_made(out, "写"):
        assert files(out) == (before if step < 2 else {"a.txt": b"new"})
    assert alone(out)


def test_a_disk_is_no_folder() -> None:
    words = "这是一个磁盘的最上层，不能整个替换；请在其中另建一个文件夹"
    with pytest.raises(OfficeError, match=words), being_made(Path("/"), "写"):
        pass
