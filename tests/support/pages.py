"""What tests ask of the page of a run."""

from __future__ import annotations

from pathlib import Path

from browser import Page

A, B, C = "106001", "106002", "131002"
LONG = "大厅综合窗口、自助终端、热线坐席在节假日和夜间时段受理各类政务服务事项的在岗人员数"  # 41 字


def assert_quiet(page: Page, path: Path) -> None:
    """No error, no refusal by the policy, no dialog, and no request but for the page itself."""
    for event in ("Runtime.exceptionThrown", "Log.entryAdded", "Page.javascriptDialogOpening"):
        assert page.heard(event) == []
    asked = {
        sent["request"]["url"].split("#")[0] for sent in page.heard("Network.requestWillBeSent")
    }
    assert asked == {path.as_uri()}


def rows(page: Page) -> list[str]:
    """The table of files as it is read, line by line."""
    return page.texts("#books .row")


def units(page: Page) -> list[str]:
    """The codes of the units that are listed; a file without one has ""."""
    return list(page.run("[...document.querySelectorAll('.row .id')].map(e => e.textContent)"))
