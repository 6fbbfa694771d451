"""The page of four returns in Chromium, for all tests that look at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from browser import Browser, Page
from helpers import answers, edit, fill_unit, make_campaign
from openpyxl.workbook import Workbook
from pages import LONG, A, B, C, assert_quiet

from xltool.checking.running import check
from xltool.office.campaign import Campaign
from xltool.report.page import write_html
from xltool.report.reports import make_report
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A running Chromium. Not skipped where it is missing: the tests need the real one."""
    with Browser() as running:
        yield running


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """An office that makes TPL-006 an error and whose deadline has passed."""
    folder = tmp_path_factory.mktemp("office")
    return make_campaign("declaration", folder, '\n[severity]\n"TPL-006" = "error"\n')


@pytest.fixture(scope="module")
def page_file(office: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of four files: passed, with a reminder, failed, unreadable; two did not come back."""
    folder = tmp_path_factory.mktemp("交回")
    fill_unit(office, A, answers("declaration", A), folder / f"{A}.xlsx")
    data = answers("declaration", B)
    data["projects"][0]["indicators"][0]["三级指标"] = LONG
    fill_unit(office, B, data, folder / f"{B}.xlsx")
    data = answers("declaration", C)
    data["projects"][1]["长期目标"] = ""
    source = fill_unit(office, C, data, folder / "source.xlsx")

    def change(book: Workbook) -> None:
        book["项目1"]["A9"] = "2027年目标："
        book["项目1"].insert_rows(14)

    edit(source, change, folder / f"{C}.xlsx")
    source.unlink()
    (folder / "坏.xlsx").write_bytes(b"PK")
    settings = settings_for(office, None)
    files = sorted(folder.glob("*.xlsx"))
    batch = Batch([read_file(file, settings) for file in files], office, day=date(2027, 1, 10))
    path = tmp_path_factory.mktemp("page") / "r.html"
    write_html(make_report(batch, check(batch)), batch, path)
    return path


@pytest.fixture
def page(browser: Browser, page_file: Path) -> Iterator[Page]:
    """That page, fresh; at the end nothing went wrong in it and nothing was asked of the network."""
    with browser.open(page_file) as opened:
        yield opened
        assert_quiet(opened, page_file)
