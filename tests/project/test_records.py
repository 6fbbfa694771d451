"""The records of decisions: short, numbered without a gap, and all of one shape."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from documents import ROOT

RECORDS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def test_they_are_numbered_without_a_gap() -> None:
    assert [int(path.name[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_they_are_short_and_of_one_shape(path: Path) -> None:

    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 25
    assert re.findall(r"^#+ (.+)$", text, re.MULTILINE)[1:] == [
        *("Context", "Decision", "Consequences"),
    ]
    assert text.startswith(f"# {int(path.name[:4])}. ")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (path.parent / target).is_file(), target
