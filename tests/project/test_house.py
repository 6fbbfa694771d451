"""The rooms: imports follow the flow in a short chain, and the picture of them is current."""

from __future__ import annotations

import pytest
from draw_house import PICTURE, ROOT, House, house, svg

ROOMS = 14


@pytest.fixture(scope="module")
def drawn() -> House:
    """The house as the code has it now."""
    return house()


def test_the_rooms_are_the_packages(drawn: House) -> None:
    packages = [path.parent.name for path in (ROOT / "xltool").glob("*/__init__.py")]
    assert sorted(drawn.rooms) == sorted(packages)
    assert len(drawn.rooms) == ROOMS


def test_no_import_leads_upwards_and_the_chain_is_short(drawn: House) -> None:
    assert drawn.upward() == []
    assert len(drawn.longest_chain()) <= ROOMS


def test_an_import_that_leads_upwards_would_be_seen(drawn: House) -> None:
    wrong = House(drawn.rooms, drawn.roles, drawn.modules, {**drawn.imports, ("form", "write"): 1})
    assert wrong.upward() == [("form", "write")]
    with pytest.raises(ValueError, match="upwards"):
        wrong.longest_chain()


def test_the_picture_is_current(drawn: House) -> None:
    assert PICTURE.read_text(encoding="utf-8") == svg(drawn), "run: make house"
