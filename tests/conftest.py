"""Fixtures: issued campaigns and correct returns, made once per test process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import answers, fill_unit, make_campaign
from hypothesis import settings
from office import Office

from xltool.office.campaign import Campaign

# An example takes as long as it takes: the machine may be busy. In CI the examples are the same.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")
os.environ["XLTOOL_TODAY"] = "2026-11-21"  # before every deadline of the examples


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
def office() -> Iterator[Office]:
    """A running LibreOffice. Not skipped where it is missing: the tests need the real client."""
    with Office() as running:
        yield running
