"""The record of trusted campaigns: what it says of a folder, and how it is kept."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from xltool.office.trust import FILE, Record, code_digest, code_files


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """An empty record."""
    return Record(tmp_path / "settings")


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    """A campaign's folder with a validator and a layout."""
    folder = tmp_path / "office"
    for name in ("validators/plan.py", "templates/plan/layout.xml.j2", "campaign.toml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("1", encoding="utf-8")
    return folder


def test_nothing_is_trusted_unasked(record: Record, campaign: Path) -> None:
    assert record.standing(campaign) == "unknown"
    assert not record.folder.exists()


def test_what_the_user_made_stays_trusted(record: Record, campaign: Path) -> None:
    record.note_made(campaign)
    (campaign / "validators" / "plan.py").write_text("2", encoding="utf-8")
    assert record.standing(campaign) == "trusted"
    record.note_trusted(campaign)  # to trust one's own changes nothing
    (campaign / "validators" / "plan.py").write_text("3", encoding="utf-8")
    assert record.standing(campaign) == "trusted"


@pytest.mark.parametrize(
    "name",
    ["validators/plan.py", "validators/new.py", "validators/a/b.csv", "templates/plan/import.csv"],
)
def test_trust_ends_where_code_changes(record: Record, campaign: Path, name: str) -> None:
    record.note_trusted(campaign)
    assert record.standing(campaign) == "trusted"
    (campaign / name).parent.mkdir(exist_ok=True)
    (campaign / name).write_text("2", encoding="utf-8")
    assert record.standing(campaign) == "changed"
    record.note_trusted(campaign)
    assert record.standing(campaign) == "trusted"
    (campaign / name).unlink()
    assert record.standing(campaign) == "changed"


def test_settings_and_what_python_keeps_are_no_code(record: Record, campaign: Path) -> None:
    record.note_trusted(campaign)
    (campaign / "campaign.toml").write_text("2", encoding="utf-8")
    (campaign / "validators" / "__pycache__").mkdir()
    (campaign / "validators" / "__pycache__" / "plan.cpython-311.pyc").write_bytes(b"2")
    assert record.standing(campaign) == "trusted"


def test_a_name_cannot_pass_for_contents(campaign: Path) -> None:
    """What is moved from the name of a file into its contents is another digest."""
    digests = set()
    for name, text in (("ab", "c"), ("a", "bc")):
        path = campaign / "validators" / name
        path.write_text(text, encoding="utf-8")
        digests.add(code_digest(campaign))
        path.unlink()
    assert len(digests) == 2


def test_code_behind_links_counts_once(campaign: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "more.py").write_text("1", encoding="utf-8")
    (campaign / "validators" / "more").symlink_to(tmp_path / "elsewhere")
    (campaign / "validators" / "again").symlink_to(campaign / "validators")
    names = [path.relative_to(campaign).as_posix() for path in code_files(campaign)]
    assert names == [
        "templates/plan/layout.xml.j2",
        "validators/more/more.py",
        "validators/plan.py",
    ]


def test_every_spelling_of_a_folder_is_the_same(
    record: Record, campaign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(campaign.parent)
    record.note_made(Path("office") / ".." / "office")
    (campaign.parent / "link").symlink_to(campaign)
    assert record.standing(campaign) == "trusted"
    assert record.standing(campaign.parent / "link") == "trusted"
    assert record.standing(campaign / "validators") == "unknown"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"/": 1}', "\udcff"])
def test_a_damaged_record_trusts_nothing(record: Record, campaign: Path, text: str) -> None:
    record.note_made(campaign)
    (record.folder / FILE).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert record.standing(campaign) == "unknown"
    record.note_made(campaign)
    assert record.standing(campaign) == "trusted"


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_nobody_else_may_read_or_write_the_record(record: Record, campaign: Path) -> None:
    before = os.umask(0)
    try:
        record.note_made(campaign)
        record.note_trusted(campaign)
    finally:
        os.umask(before)
    assert stat.S_IMODE((record.folder / FILE).stat().st_mode) == 0o600


NOTE = """
import sys
from pathlib import Path
from xltool.office.trust import Record
for number in range(20):
    Record(Path(sys.argv[1])).note_made(Path(sys.argv[1]) / f"{sys.argv[2]}{number}")
"""


def test_two_at_once_forget_nothing(record: Record) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", NOTE, str(record.folder), name]) for name in "ab"
    ]
    assert [process.wait(60) for process in running] == [0, 0]
    noted = json.loads((record.folder / FILE).read_bytes())
    assert len(noted) == 40
