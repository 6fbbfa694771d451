"""Which campaigns a user trusts: those that he made, and those that he looked at and then named.

A campaign's validators are program code, and its settings and its key decide what passes. One that was
only found, because a command runs inside its folder, may have come with the returns; it counts if the
user's own record knows it. The record lies in the folder of the user's settings, where nothing that is
handed in is ever unpacked (docs/decisions, 14).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from xltool.files import replace_file
from xltool.locks import locked
from xltool.office.kept_forms import FOLDER

FILE = "trusted.json"
CODE_FOLDERS = (
    "validators",
    "templates",
    FOLDER,
)  # of a campaign: what is run and what is rendered
_MADE = "made"  # in the place of a digest: the user's own campaign, whatever its code is now

Standing = Literal["trusted", "changed", "unknown"]


@dataclass(frozen=True, slots=True)
class Record:
    """The campaigns that one user trusts, in a file of the folder of his settings."""

    folder: Path

    def standing(self, campaign: Path) -> Standing:
        """What the record says of a campaign's folder.

        `changed`: it was trusted, but its code is not what it was then. Nothing of a campaign that
        the record does not know is read.
        """
        noted = self._read().get(_key(campaign))
        if noted is None:
            return "unknown"
        return "trusted" if noted in (_MADE, code_digest(campaign)) else "changed"

    def note_made(self, campaign: Path) -> None:
        """Note a campaign that the user made: it stays trusted when it is edited."""
        self._note(campaign, _MADE)

    def note_trusted(self, campaign: Path) -> None:
        """Note a campaign that the user trusts with the code that it has now.

        One that he made needs no more than that.
        """
        self._note(campaign, code_digest(campaign))

    @contextmanager
    def keeping(self, campaign: Path) -> Iterator[None]:
        """Let a campaign that is trusted stay so, whatever our own program writes into it in the block."""
        was_trusted = self.standing(campaign) == "trusted"
        yield
        if was_trusted and self.standing(campaign) != "trusted":
            with suppress(OSError):  # the user is asked again then
                self.note_trusted(campaign)

    def _note(self, campaign: Path, word: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with locked(self.folder):
            noted, key = self._read(), _key(campaign)
            noted[key] = _MADE if noted.get(key) == _MADE else word
            text = json.dumps(noted, ensure_ascii=True, indent=1, sort_keys=True)
            replace_file(self.folder / FILE, f"{text}\n".encode(), private=True)

    def _read(self) -> dict[str, str]:
        """What is noted, by the campaign's folder; a file that cannot be read says nothing."""
        try:
            noted = json.loads((self.folder / FILE).read_bytes())
        except (OSError, ValueError):
            return {}
        if not isinstance(noted, dict):
            return {}
        return {folder: word for folder, word in noted.items() if isinstance(word, str)}


def _key(campaign: Path) -> str:
    """A campaign's folder as the record names it: one name for every spelling."""
    return os.path.normcase(campaign.resolve())


def code_files(campaign: Path) -> list[Path]:
    """The files of a campaign that are program code, or read by it, in order."""
    return sorted(path for name in CODE_FOLDERS for path in _files(campaign / name, set()))


def code_digest(campaign: Path) -> str:
    """The SHA-256 of a campaign's code: of the names and the contents of all its files."""
    digest = hashlib.sha256()
    for path in code_files(campaign):
        name = os.fsencode(path.relative_to(campaign).as_posix())
        for part in (name, path.read_bytes()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _files(folder: Path, seen: set[Path]) -> Iterator[Path]:
    """All files below a folder, through links too; without what Python itself keeps there."""
    where = folder.resolve()
    if where in seen or not folder.is_dir() or folder.name == "__pycache__":
        return
    seen.add(where)
    for path in folder.iterdir():
        if path.is_dir():
            yield from _files(path, seen)
        elif path.is_file():
            yield path
