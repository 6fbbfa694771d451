"""Offices that change their form after they issued it, in one process."""

from __future__ import annotations

import sys

from xltool.form import edition, loading
from xltool.office.campaign import Campaign, load_campaign
from xltool.rules.blame import OWN_MODULES


def forget_forms() -> None:
    """Load all forms anew, as the next run does: an office changed the files of its own."""
    loading._load.cache_clear()
    edition.edition_of.cache_clear()
    for name in [name for name in sys.modules if name.startswith(OWN_MODULES)]:
        del sys.modules[name]


def with_changed(campaign: Campaign, file: str, old: str, new: str) -> Campaign:
    """The campaign after an edit of one of its files."""
    path = campaign.folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    forget_forms()
    return load_campaign(campaign.folder)
