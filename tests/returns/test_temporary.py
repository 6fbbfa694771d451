"""What a run that was killed leaves unpacked is removed by the next one; nothing else is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from xltool.returns.collecting import collect
from xltool.returns.temporary import remove_abandoned, unpacking_folder
from xltool.workbook.limits import Limits

PROGRAM = """
import time
from xltool.returns.temporary import unpacking_folder
with unpacking_folder() as folder:
    (folder / "a.xlsx").write_bytes(b"1")
    print(folder.parent, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def other_run(where: Path) -> tuple[subprocess.Popen[str], Path]:
    """A run in another process, and its folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(where)},
    )
    assert process.stdout is not None
    with process.stdout:
        return process, Path(process.stdout.readline().strip())


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_the_next_run_removes_what_a_killed_one_left(
    where: Path, good_target: Path, end: signal.Signals
) -> None:
    process, folder = other_run(where)
    assert (folder.parent, (folder / "members" / "a.xlsx").is_file()) == (where, True)
    remove_abandoned()
    assert (folder / "members" / "a.xlsx").is_file()  # its run lives
    process.send_signal(end)
    process.wait()
    assert folder.is_dir()
    with collect([good_target], Limits()) as found:
        assert len(found.files) == 1
        assert not folder.exists()


def test_what_is_not_ours_stays(
    where: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = where / "xltool-unpacked-notes"  # without a lock it is none of ours
    plain.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "in-use").write_bytes(b"")
    link = where / "xltool-unpacked-link"
    link.symlink_to(elsewhere, target_is_directory=True)
    file = where / "xltool-unpacked-file"
    file.write_bytes(b"")
    piped = where / "xltool-unpacked-pipe"
    piped.mkdir()
    os.mkfifo(piped / "in-use")
    theirs = where / "xltool-unpacked-theirs"
    theirs.mkdir()
    (theirs / "in-use").write_bytes(b"")
    with monkeypatch.context() as patch:
        patch.setattr(os, "getuid", lambda: 12345)
        remove_abandoned()
        assert theirs.is_dir()
    remove_abandoned()
    assert all(path.exists() for path in (plain, elsewhere / "in-use", link, file, piped))
    assert not theirs.exists()


def test_the_folder_is_gone_at_the_end(where: Path) -> None:
    with unpacking_folder() as folder:
        (folder / "a").write_bytes(b"1")
        assert folder.is_dir()
    assert list(where.iterdir()) == []
    with pytest.raises(LookupError), unpacking_folder():
        raise LookupError
    assert list(where.iterdir()) == []


def test_without_archives_nothing_is_made(where: Path, good_target: Path) -> None:
    with collect([good_target], Limits()):
        assert list(where.iterdir()) == []
