"""Fixtures: issued campaigns and correct returns, made once per test process."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # as in the program; before polars is imported

import pytest
from helpers import answers, fill_unit, make_campaign
from hypothesis import settings
from merges import parts_here
from office import Office
from postgres import Postgres

from xltool.checking import running
from xltool.office.campaign import Campaign

# An example takes as long as it takes: the machine may be busy. In CI the examples are the same.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")
os.environ["XLTOOL_TODAY"] = "2026-11-21"  # before every deadline of the examples
os.environ["XLTOOL_STRICT"] = "1"  # what fails while a file is read is raised
# what the tests make and trust is none of the business of whoever runs them
os.environ["XLTOOL_CONFIG"] = tempfile.mkdtemp(prefix="xltool-config-")
atexit.register(shutil.rmtree, os.environ["XLTOOL_CONFIG"], ignore_errors=True)


# What a test sets up for one of these is made once: its tests stay together in one process.
TOGETHER = ("base", "case", "example", "filled", "form", "letter")
LONG = {"fuzz", "office", "slow", "browser"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives LibreOffice, Chromium and PostgreSQL, and share out the tests among processes.

    Those of one file, or of one form in a file, go to one process (`--dist loadgroup`). The long ones
    come first, so that no process waits for another at the end.
    """
    long = set()
    for item in items:
        if any(fixture.baseid == "tests" for fixture in fixtures_of(item, "office")[-1:]):
            item.add_marker("office")  # in some files this is the campaign of an office
        if fixtures_of(item, "browser"):
            item.add_marker("browser")
        if fixtures_of(item, "postgres"):
            item.add_marker("server")
        item.add_marker(pytest.mark.xdist_group(group_of(item)))
        if any(mark.name in LONG for mark in item.iter_markers()):
            long.add(group_of(item))
    items.sort(key=lambda item: group_of(item) not in long)


def fixtures_of(item: pytest.Item, name: str) -> Sequence[Any]:
    """The definitions of a fixture that a test uses, if it does."""
    info = getattr(item, "_fixtureinfo", None)
    return info.name2fixturedefs.get(name, ()) if info else ()


def group_of(item: pytest.Item) -> str:
    """The file of a test, and the form in it where the file goes through the forms."""
    parameters = (
        item.callspec.params
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        else {}
    )
    shared = [str(parameters[name]) for name in TOGETHER if name in parameters]
    return " ".join([item.nodeid.split("::")[0], *shared]).replace("@", "")


@pytest.fixture
def parts_made_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have parts made in this process: workers have their own tests."""
    monkeypatch.setattr(running, "made_here", parts_here)


@pytest.fixture(scope="session")
def declaration(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The example campaign of futian_2024_declaration, issued."""
    return make_campaign("declaration", tmp_path_factory.mktemp("declaration"))


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The example campaign of longhua_2021_target, issued."""
    return make_campaign("target", tmp_path_factory.mktemp("target"))


@pytest.fixture(scope="session")
def good_declaration(declaration: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A correct return of unit 106001."""
    out = tmp_path_factory.mktemp("good") / "106001.xlsx"
    return fill_unit(declaration, "106001", answers("declaration", "106001"), out)


@pytest.fixture(scope="session")
def good_target(target: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A correct return of unit 226002, without any finding."""
    out = tmp_path_factory.mktemp("good") / "226002.xlsx"
    return fill_unit(target, "226002", answers("target", "226002"), out)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL server."""
    with Postgres() as running:
        yield running


@pytest.fixture(scope="session")
def office() -> Iterator[Office]:
    """A running LibreOffice. Not skipped where it is missing: the tests need the real client."""
    with Office() as running:
        yield running
