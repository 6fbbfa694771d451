"""docs/architecture.md names what is there."""

from __future__ import annotations

import importlib
import re

import pytest
from draw_house import ROOT, house

TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ROOMS = list(house().rooms)
NAMES = re.findall(rf"`((?:{'|'.join(ROOMS)})\.\w+\.[\w.]+)`", TEXT)


def test_the_walk_is_long_enough_to_be_worth_a_test() -> None:
    assert len(set(NAMES)) > 20
    assert len(re.findall(r"^\d+\. ", TEXT, re.MULTILINE)) == 15


@pytest.mark.parametrize("name", sorted(set(NAMES)))
def test_every_function_of_the_walk_exists(name: str) -> None:
    room, module, *rest = name.split(".")
    found = importlib.import_module(f"xltool.{room}.{module}")
    for word in rest:
        found = getattr(found, word)
    assert callable(found)


def test_every_room_has_its_line() -> None:
    lines = re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)
    assert lines == ROOMS[::-1]
