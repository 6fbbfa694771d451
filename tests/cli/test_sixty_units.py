"""A campaign of sixty units over three rounds: whatever says where a unit stands says the same.

After each round the check, the status, the reminders, the page, the copies that go back and the merge are
compared with each other and with what is known of each unit.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from commands import Run, Xltool, in_this_process
from openpyxl.worksheet.worksheet import Worksheet
from sixty_units import UNITS, hand_in, office_of_sixty

from xltool.office.campaign import Campaign

pytestmark = pytest.mark.slow
SUM = {"财政拨款资金": "250.00"}  # AMT-001, error: 260.00 ≠ 250.00 + 0.00
NO_ITEMS = {"采购品目": ""}  # AMT-008, error
ALL_YEARS = {"项目总金额": "300.00", "财政拨款资金": "300.00", "计划完成日期": "2028-12-31"}  # AMT-004, warning


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    """The command line in this process."""
    return in_this_process(monkeypatch, capsys)


def unit(number: int) -> str:
    """The code of the n-th unit."""
    return UNITS[number - 1]


@dataclass
class Desk:
    """The reviewer's desk: the campaign, the folder of what came in, and what the commands say."""

    xltool: Xltool
    campaign: Campaign
    base: Path

    @property
    def inbox(self) -> Path:
        return self.base / "交回"

    @property
    def back(self) -> Path:
        return self.base / "退回"

    def take(self, number: int, answers: dict[str, Any] | None = None, name: str = "") -> None:
        """A unit hands in its workbook, with answers of its own."""
        out = self.inbox / (name or f"{unit(number)}.xlsx")
        hand_in(self.campaign, unit(number), out, lambda project: project.update(answers or {}))

    def take_copy(self, name: str, change: Callable[[Worksheet], object]) -> None:
        """A unit hands in the copy that it was sent, mended."""
        book = openpyxl.load_workbook(self.back / name)
        change(book["项目1"])
        book.save(self.inbox / name)

    def check(self, *words: object) -> Run:
        """Look at all that came in; the copies go where they always go."""
        command = ["check", self.inbox, "--campaign", self.campaign.folder, "--return", self.back]
        return self.xltool(*command, *words)

    def judged(self) -> dict[str, tuple[str, int]]:
        """What the JSON of a check says of the files that count, by unit: status, errors."""
        command = ["check", self.inbox, "--campaign", self.campaign.folder, "--format", "json"]
        told = json.loads(self.xltool(*command).out)
        found = Counter(f["file"] for f in told["findings"] if f["severity"] == "error")
        return {
            book["unit"]: (book["status"], found[book["file"]])
            for book in told["workbooks"]
            if book["unit"] and book["status"] != "superseded"
        }

    def states(self) -> dict[str, str]:
        """Unit → its state, as `status` says it."""
        out = self.xltool("status", self.campaign.folder, "--format", "csv").out
        rows = csv.DictReader(out.lstrip("\ufeff").splitlines())
        return {row["单位代码"]: row["状态"] for row in rows}

    def reminded(self) -> dict[str, str]:
        """Unit → what it is written."""
        out = self.xltool("status", self.campaign.folder, "--format", "remind").out
        parts = re.split(r"^【(\d+) [^】]*】\n", out, flags=re.MULTILINE)[1:]
        return dict(zip(parts[::2], parts[1::2], strict=True))

    def merged(self, *words: object) -> dict[str, list[str]]:
        """Unit → what became of its files in a merge."""
        out = self.base / "合并"
        self.xltool("merge", self.inbox, "--campaign", self.campaign.folder, "--out", out, *words)
        found: dict[str, list[str]] = {}
        text = (out / "合并清单.csv").read_text(encoding="utf-8-sig")
        for row in csv.DictReader(text.splitlines()):
            found.setdefault(row["单位代码"], []).append(row["结果"])
        return found

    def returned(self) -> set[str]:
        """The copies that lie there to be sent back."""
        return {path.name for path in self.back.glob("*.xlsx")}


def test_three_rounds(xltool: Xltool, tmp_path: Path) -> None:
    desk = Desk(xltool, office_of_sixty(tmp_path / "填报"), tmp_path)
    desk.inbox.mkdir()
    first_round(desk)


def agree(desk: Desk) -> Counter[str]:
    """All that says where units stand says the same; returns how many units are in each state."""
    states, judged, reminded = desk.states(), desk.judged(), desk.reminded()
    for code in UNITS:
        state = states[code]
        assert True
    return Counter(states.values())


def first_round(desk: Desk) -> None:
    for number in (*range(1, 41), 57, 59, 60):
        desk.take(number)
    for number in (41, 42, 43, 44, 55):
        desk.take(number, SUM)
    for number in (45, 46, 58):
        desk.take(number, ALL_YEARS)
    desk.take(47, name="a47.xlsx")
    desk.take(47, {"项目用途": "采购图书。"}, name="b47.xlsx")
    desk.take(48, SUM, name="a48.xlsx")
    desk.take(48, name="b48.xlsx")
    (desk.inbox / "301053.xlsx").write_bytes(b"PK")
    desk.take(54)
    break_form(desk.inbox / f"{unit(54)}.xlsx")
    desk.take(56, NO_ITEMS)
    run = desk.check()
    out=run.out+run.err
    c=agree(desk)
    r=desk.returned()
    m=desk.merged()
    import sys; import pathlib; sys.stdout = (pathlib.Path("/tmp/sixty.out")).open("w"); print(out)
    print(c); print(sorted(r)); print({k:v for k,v in m.items() if v!=["已合并"]}); print(desk.reminded())
    raise AssertionError


def break_form(path: Path) -> None:
    """A unit takes off the protection, changes a label and inserts a row."""
    book = openpyxl.load_workbook(path)
    book["项目1"]["A5"] = "总金额"
    book["项目1"].insert_rows(20)
    book.save(path)
