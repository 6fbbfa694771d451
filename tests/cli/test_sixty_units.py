"""A campaign of sixty units over three rounds: whatever says where a unit stands says the same.

After each round the check, the status, the reminders, the page, the copies that go back and the merge are
compared with each other and with what is known of each unit.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from commands import Run, Xltool, in_this_process
from openpyxl.cell.cell import Cell
from openpyxl.workbook import Workbook
from sixty_units import UNITS, hand_in, office_of_sixty, write_list

from xltool.office.campaign import Campaign, load_campaign
from xltool.office.decisions import Decision, add_decisions
from xltool.write.issuing import issue

pytestmark = pytest.mark.slow
SUM = {"财政拨款资金": "250.00"}  # AMT-001, error: 260.00 ≠ 250.00 + 0.00
NO_ITEMS = {"采购品目": ""}  # AMT-008, error
ALL_YEARS = {
    "项目总金额": "300.00",
    "财政拨款资金": "300.00",
    "计划完成日期": "2028-12-31",
}  # AMT-004, warning

# what has changed since the check before
SECOND = [
    "新交回 2 个单位：301049 云岭区第49图书馆（没有问题）、301050 云岭区第50图书馆（没有问题）",
    "重新交回 7 个单位：301041 云岭区第41图书馆（改好 1 处）、301042 云岭区第42图书馆（改好 1 处）、"
    "301043 云岭区第43图书馆（仍有 1 处）、301053 云岭区第53图书馆（改好 1 处）、301054 云岭区第54图书馆（改好 2 处）、"
    "301047 云岭区第47图书馆（改好 2 处）、301048 云岭区第48图书馆（改好 3 处）",
    "文件没变、结果变了 4 个单位：301055 云岭区第55图书馆（不再提出 1 处）、301056 云岭区第56图书馆（不再提出 1 处）、"
    "301057 云岭区第57图书馆（新增 1 处）、301059 云岭区第59图书馆（新增 1 处）",
    "没有变化 45 个单位",
]
THIRD = [
    "重新交回 4 个单位：301043 云岭区第43图书馆（改好 1 处）、301057 云岭区第57图书馆（改好 1 处）、"
    "301058 云岭区第58图书馆（仍有 1 处）、301059 云岭区第59图书馆（改好 1 处）",
    "没有变化 54 个单位",
]


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    """The command line in this process."""
    return in_this_process(monkeypatch, capsys)


EXPLANATION = "总金额含 2028 年，已核"


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

    def take_copy(self, name: str, change: Callable[[Workbook], object]) -> None:
        """A unit hands in the copy that it was sent, mended."""
        book = openpyxl.load_workbook(self.back / name)
        change(book)
        book.save(self.inbox / name)

    def check(self, *words: object) -> Run:
        """Look at all that came in; the copies go where they always go."""
        command = ["check", self.inbox, "--campaign", self.campaign.folder, "--return", self.back]
        return self.xltool(*command, *words)

    def told(self, *words: object) -> dict[str, Any]:
        """What a check says as JSON."""
        command = ["check", self.inbox, "--campaign", self.campaign.folder, "--format", "json"]
        document: dict[str, Any] = json.loads(self.xltool(*command, *words).out)
        return document

    def missing_on_the_page(self) -> list[str]:
        """The units that the page of a run names as not returned."""
        page = self.base / "检查结果.html"
        command = ["check", self.inbox, "--campaign", self.campaign.folder, "--format", "html"]
        self.xltool(*command, "-o", page)
        data = re.search(r'<script id="data"[^>]*>(.*?)</script>', page.read_text(encoding="utf-8"))
        assert data is not None
        return [each[0] for each in json.loads(data[1])["missing"]]

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

    def reconciled(self) -> dict[str, str]:
        """Unit → what 对账 says of it, and of all."""
        text = (self.base / "合并" / "对账.csv").read_text(encoding="utf-8-sig")
        rows = [row for row in csv.DictReader(text.splitlines()) if row["层级"] in ("单位", "合计")]
        return {row["代码"] or row["层级"]: row["情况"] for row in rows}

    def returned(self) -> set[str]:
        """The copies that lie there to be sent back."""
        return {path.name for path in self.back.glob("*.xlsx")}


def test_three_rounds(xltool: Xltool, tmp_path: Path) -> None:
    desk = Desk(xltool, office_of_sixty(tmp_path / "填报"), tmp_path)
    desk.inbox.mkdir()
    first_round(desk)
    second_round(desk)
    third_round(desk)


def numbered(states: dict[str, list[int]], rest: str) -> dict[str, str]:
    """Unit → state, of a table of states; of all other units `rest`."""
    found = dict.fromkeys(UNITS, rest)
    for state, numbers in states.items():
        found.update({unit(number): state for number in numbers})
    return found


# state → what JSON says of the files of the unit that count, whether it is written to, what a merge says
MEANS: dict[str, tuple[list[str], bool, list[str]]] = {
    "通过": (["passed"], False, ["已合并"]),
    "已合并": (["passed"], False, ["已合并"]),
    "有提醒": (["warned"], False, ["有提醒，未经审核接受，未合并"]),
    "未交": ([], True, ["未交"]),
    "无法读取": (["unreadable"], True, ["无法读取，未合并"]),
    "交了 2 份": (["failed", "failed"], True, []),
}


def agree(desk: Desk, expected: dict[str, str], warned: list[int] | None = None) -> None:
    """All that says where units stand says the same; `warned` went back with warnings only."""
    states, told, letters = desk.states(), desk.told(), desk.reminded()
    assert states == expected
    statuses: dict[str, list[str]] = {}
    for book in told["workbooks"]:
        if book["unit"] and book["status"] != "superseded":
            statuses.setdefault(book["unit"], []).append(book["status"])
    copies = {path.name for path in desk.back.glob("*.xlsx")}
    for code, state in states.items():
        found, is_open, _ = MEANS.get(state, (["failed"], True, []))
        if code in {unit(number) for number in warned or []}:
            found = ["warned"]
        assert statuses.get(code, []) == found, code
        assert (code in letters) == is_open, code
        if times := re.fullmatch(r"已退回（第 (\d) 次）", state):
            assert f"{code}_退回{times[1]}.xlsx" in copies
            assert f"{code}_退回{int(times[1]) + 1}.xlsx" not in copies
    missing = [code for code, state in states.items() if state == "未交"]
    assert [each["unit_code"] for each in told["summary"]["not_returned"]] == missing
    assert desk.missing_on_the_page() == missing


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
    (desk.inbox / f"{unit(53)}.xlsx").write_bytes(b"PK")
    desk.take(54)
    break_form(desk.inbox / f"{unit(54)}.xlsx")
    desk.take(56, NO_ITEMS)
    run = desk.check()
    assert run.code == 1
    assert "共 58 份：通过 43 份，有提醒 3 份，未通过 11 份，无法读取 1 份。" in run.out
    expected = {
        "已退回（第 1 次）": [41, 42, 43, 44, 54, 55, 56],
        "有提醒": [45, 46, 58],
        "交了 2 份": [47, 48],
        "未交": [49, 50, 51, 52],
        "无法读取": [53],
    }
    agree(desk, numbered(expected, "通过"))
    merged = desk.merged()
    assert {code for code, became in merged.items() if became == ["已合并"]} == {
        unit(number) for number in (*range(1, 41), 57, 59, 60)
    }
    assert merged[unit(47)] == ["与另一份冲突，未合并"] * 2
    assert merged[unit(53)] == ["无法读取，未合并"]
    assert sorted(merged[unit(48)]) == ["与另一份冲突，未合并", "有错误，未合并"]
    agree(desk, numbered(expected, "已合并"))
    assert desk.reconciled()["合计"] == "未交 4 个单位"
    assert desk.reconciled()[unit(53)] == "无法读取，未合并"
    assert len(run.out.splitlines()) <= 100


def second_round(desk: Desk) -> None:
    """Mended copies, late returns, decisions, a waiver, a rule switched off, an opinion, a re-issue."""
    folder = desk.campaign.folder
    (wrong,) = (f for f in desk.told()["findings"] if f["file"].endswith(f"{unit(55)}.xlsx"))
    for number in (41, 42):
        desk.take_copy(f"{unit(number)}_退回1.xlsx", lambda book: put(book, "B6", 260))
    desk.take_copy(f"{unit(43)}_退回1.xlsx", lambda book: put(book, "B6", 255))
    shutil.copy(desk.back / f"{unit(54)}_退回1.xlsx", desk.inbox)
    for number in (49, 50, 53):
        desk.take(number)
    for number in (47, 48):
        chosen = hashlib.sha256((desk.inbox / f"b{number}.xlsx").read_bytes()).hexdigest()
        add_decisions(folder, [Decision("440399", unit(number), "", chosen, "张三")])
    waiver = f"AMT-001,{unit(55)},,区里已核,,{wrong['fingerprint']}"
    write_list(folder / "waivers.csv", ["规则,单位代码,项目,理由,有效期至,摘要", waiver])
    settings = folder / "campaign.toml"
    switched = settings.read_text(encoding="utf-8") + '"AMT-008" = "off"\n'
    settings.write_text(switched, encoding="utf-8")
    opinion = f"{unit(57)},项目1!B9,请写明采购数量,错误"
    write_list(folder / "意见.csv", ["单位代码,位置,意见,级别", opinion])
    projects = (folder / "projects.csv").read_text(encoding="utf-8-sig").splitlines()
    write_list(folder / "projects.csv", [*projects, f"{unit(59)},分馆设备更新"])
    desk.campaign = load_campaign(folder)
    issue(desk.campaign, [unit(59)])
    run = desk.check("--with-warnings")
    assert changes(run) == SECOND
    expected = {
        "通过": [41, 42, 47, 48, 49, 50, 53, 54, 55, 56],
        "已退回（第 1 次）": [44, 45, 46, 57, 58, 59],
        "已退回（第 2 次）": [43],
        "未交": [51, 52],
    }
    agree(desk, numbered(expected, "已合并"), warned=[45, 46, 58])
    accept = ["--accept-warnings", "--unit", unit(45), "--rule", "AMT-004", "--reviewer", "李四"]
    merged = desk.merged(*accept, "--reason", "跨年项目")
    came_together = [n for n in range(1, 61) if n not in (43, 44, 46, 51, 52, 57, 58, 59)]
    assert [code for code, became in merged.items() if "已合并" in became] == [
        unit(number) for number in came_together
    ]
    expected = {
        "已退回（第 1 次）": [44, 46, 57, 58, 59],
        "已退回（第 2 次）": [43],
        "未交": [51, 52],
    }
    agree(desk, numbered(expected, "已合并"), warned=[45, 46, 58])


def third_round(desk: Desk) -> None:
    """The rest: mended at last, an opinion followed, a warning explained, a re-issue filled in."""
    desk.take_copy(f"{unit(43)}_退回2.xlsx", lambda book: put(book, "B6", 260))
    desk.take_copy(f"{unit(57)}_退回1.xlsx", lambda book: put(book, "B9", "采购图书1万册。"))
    desk.take_copy(f"{unit(58)}_退回1.xlsx", explain)
    desk.take_copy(f"{unit(59)}_退回1.xlsx", fill_second_project)
    run = desk.check()
    assert changes(run) == THIRD
    expected = {
        "通过": [43, 57, 59],
        "有提醒": [58],
        "已退回（第 1 次）": [44, 46],
        "未交": [51, 52],
    }
    agree(desk, numbered(expected, "已合并"), warned=[45, 46])
    (told,) = (f for f in desk.told()["findings"] if f["file"].endswith(f"{unit(58)}_退回1.xlsx"))
    assert (told["code"], told["explanation"]) == ("AMT-004", EXPLANATION)
    accept = ["--accept-warnings", "--unit", unit(58), "--rule", "AMT-004", "--reviewer", "李四"]
    merged = desk.merged(*accept, "--reason", "说明属实")
    left = {unit(number) for number in (44, 46, 51, 52)}
    assert {code for code, became in merged.items() if "已合并" not in became} == left
    del expected["通过"], expected["有提醒"]
    agree(desk, numbered(expected, "已合并"), warned=[45, 46, 58])
    record = (desk.campaign.folder / "审核记录.csv").read_text(encoding="utf-8-sig")
    assert EXPLANATION in record


def changes(run: Run) -> list[str]:
    """What a check says has changed since the last one."""
    lines = run.out.splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("与上次检查"))
    # what does not fit on a line goes on in the next one, further in
    return (
        re.sub(r"\n {4,}", "", "\n".join(lines[first + 1 :]))
        .replace("\n  ", "\n")
        .strip()
        .split("\n")
    )


def explain(book: Workbook) -> None:
    """Write an explanation beside the warning on the first page."""
    page = book["退回修改"]
    rows = [{cell.value: cell for cell in row} for row in page.iter_rows()]
    head = next(row["说明"] for row in rows if "说明" in row)
    (line,) = (row for row in page.iter_rows() if any("AMT-004" in str(c.value) for c in row))
    page.cell(line[0].row or 0, head.column or 0).value = EXPLANATION


def fill_second_project(book: Workbook) -> None:
    """Type the same into the new project's sheet as stands in the first one."""
    for row in book["项目1"].iter_rows():
        for cell in row:
            if isinstance(cell, Cell) and cell.value is not None and not cell.protection.locked:
                put(book, cell.coordinate, cell.value, "项目2")


def put(book: Workbook, cell: str, value: Any, sheet: str = "项目1") -> None:
    """Type a value into a cell."""
    book[sheet][cell] = value


def break_form(path: Path) -> None:
    """A unit takes off the protection, changes a label and inserts a row."""
    book = openpyxl.load_workbook(path)
    book["项目1"]["A5"] = "总金额"
    book["项目1"].insert_rows(20)
    book.save(path)
