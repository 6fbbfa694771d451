"""The round of a copy: how often its unit was sent something back by then. It stands in its name and its seal.

The campaign's log knows, and the seal of what the unit sent: the later one holds, since a log may be lost. A
file that is sent back again is in its old round, under its old name.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import cached_property
from itertools import chain, count

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from xltool.errors import OfficeError
from xltool.office import seal
from xltool.office.campaign import KEY_FILE, Campaign
from xltool.office.check_log import read_log, round_of, sent_back
from xltool.office.seal import Issue
from xltool.prose.text import printable
from xltool.returns.submissions import Submission

_MARK = "_退回"
_COPIED = r"\s*(?:[(（]\d+[)）]|[-—]\s*副本)"  # what browsers and desktops add to a second one
_EARLIER = re.compile(rf"(?:{_MARK}\d+(?:_[0-9a-f]{{8}}(?:_\d+)?)?(?:{_COPIED})*)+$")
_FORBIDDEN = re.compile(r'[\\/:*?"<>|]')  # in names of files, by one system or another
_LONGEST = 255  # bytes of a name
_NAMELESS = "退回件"


class Rounds:
    """The rounds of the copies of one run, asked in the order of their files."""

    def __init__(self, campaign: Campaign | None):
        self._campaign = campaign
        self._sent = sent_back(read_log(campaign.folder)) if campaign else {}
        self._taken: set[str] = set()

    def round_of(self, submission: Submission) -> int:
        """The round, from 1, in which a file goes back."""
        sealed = submission.sender.round + 1 if submission.sender else 1
        if self._campaign is None or submission.unit not in self._campaign.units:
            return sealed
        sent = self._sent.setdefault(submission.unit, {})
        number = max(round_of(submission.sha256, sent), sealed)
        sent[submission.sha256] = number
        return number

    def name(self, stem: str, number: int, sha256: str) -> str:
        """A name for a copy that no other copy of the run has: `106001_…_退回1.xlsx`.

        Names that some system takes for one (by case, by how accents are stored) or that look alike count
        as one.
        """
        further = (f"_{sha256[:8]}_{n}" for n in count(2))
        for mark in chain(("", f"_{sha256[:8]}"), further):
            name = _named(stem, f"{_MARK}{number}{mark}.xlsx")
            key = unicodedata.normalize("NFC", printable(name)).casefold()
            if key not in self._taken:
                self._taken.add(key)
                return name
        raise AssertionError("there is no end of numbers")

    def sealed(self, issue: Issue, text: str, number: int) -> str:
        """The seal of a copy: with its round, if the key that signed the issue is at hand, else as it was."""
        found = seal.unseal(text)
        if self._key is None or found is None:
            return text
        if seal.public_text(self._key.public_key()) != found.public_key:
            return text
        return seal.sign(replace(issue, round=number), self._key)

    @cached_property
    def _key(self) -> Ed25519PrivateKey | None:
        """The office's key; None where it is not at hand."""
        if self._campaign is None:
            return None
        try:
            return seal.load_key(self._campaign.folder / KEY_FILE)
        except OfficeError:
            return None


def _named(stem: str, end: str) -> str:
    """A name that every system takes: what a file was called, without what earlier rounds added."""
    seen = "".join(c for c in _EARLIER.sub("", stem) if not unicodedata.category(c).startswith("C"))
    words = _FORBIDDEN.sub("_", seen).strip(" .") or _NAMELESS
    while len((words + end).encode()) > _LONGEST:
        words = words[:-1]
    return words + end
