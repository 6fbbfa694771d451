"""What is written to a unit, by where it stands: whole texts. The page of a check offers the very same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from browser import Browser
from commands import Xltool, in_this_process
from helpers import answers, fill_unit, make_campaign
from openpyxl import load_workbook

from xltool.office.campaign import Campaign, load_campaign
from xltool.office.check_log import LogLine, State
from xltool.office.standing import Standing
from xltool.report.last_check import Problem
from xltool.report.reminders import Writer

WHOM = "226002 云岭区生态环境监测站"
WRITER = Writer("云岭区 2027 年绩效目标填报", date(2026, 12, 15), "绩效科 0000-88880000")
END = "如有疑问，请联系 绩效科 0000-88880000。谢谢配合。"
LIMIT = "，截止日期 2026 年 12 月 15 日"
CAME = "贵单位交来的“云岭区 2027 年绩效目标填报”（a.xlsx）"


def line(state: State, errors: int = 0, warnings: int = 0, name: str = "a") -> LogLine:
    return LogLine("2026-11-21 09:30", "226002", f"{name}.xlsx", name * 64, state, errors, warnings)


def sent(found: LogLine) -> LogLine:
    return replace(found, returned=True)


def several(*names: str) -> list[LogLine]:
    return [replace(line("several", name=name), versions=len(names)) for name in names]


def problem(cell: str, message: str = "没有填单位", **words: str) -> Problem:
    given = {"severity": "error", "whose": "unit", "label": "指标值", "hint": "请填写", **words}
    return Problem("VAL-001", sheet="项目1", cell=cell, message=message, **given)


WRONG = problem("D12")
DOUBTFUL = problem("C9", "与上年相同", severity="warning", hint="请核对")
REISSUED = Problem(
    *("TPL-001", "error", "unit", "", "", "这份表后来重新下发过：签发编号 a1，最新为 b2", "", ""),
    mended="已填的 30 处内容已带入最新下发的表，请核对后交回，不必重填",
)
UNREAD = Problem("TPL-008", "error", "unit", "", "", "无法读取：文件已加密", "", "请取消密码")


def mended(cell: str, **words: str) -> Problem:
    """A problem that the copy has mended by itself."""
    found = problem(cell, "锁定的内容被改动", **words)
    return found._replace(code="TPL-002", mended="已恢复为下发的内容")


@pytest.mark.parametrize(
    ("log", "problems", "text"),
    [
        (
            [],
            [],
            f"贵单位的“云岭区 2027 年绩效目标填报”尚未收到，请填写下发的工作簿后交回{LIMIT}。",
        ),
        # not sent back yet: what is wrong, and what to do
        (
            [line("failed", 1)],
            [WRONG],
            f"{CAME}有 1 处错误，请逐处改正后交回{LIMIT}：\n"
            "1. 项目1 D12（指标值）：没有填单位。请填写。\n",
        ),
        (
            [line("failed", 1, 1)],
            [DOUBTFUL, WRONG],
            f"{CAME}有 1 处错误、1 处提醒，请逐处改正、核对后交回{LIMIT}：\n"
            "1. 项目1 D12（指标值）：没有填单位。请填写。\n"
            "2. 项目1 C9（指标值）：与上年相同。请核对。\n",
        ),
        (
            [line("warned", 0, 1)],
            [DOUBTFUL],
            f"{CAME}有 1 处提醒，请核对；确有问题的，请改正后交回{LIMIT}：\n"
            "1. 项目1 C9（指标值）：与上年相同。请核对。\n",
        ),
        # what was found is not known any more
        ([line("failed", 3)], [], f"{CAME}有 3 处错误，请逐处改正后交回{LIMIT}。"),
        # the office's own are not the unit's
        (
            [line("failed", 1)],
            [problem("A1", whose="office"), WRONG],
            f"{CAME}有 1 处错误，请逐处改正后交回{LIMIT}：\n"
            "1. 项目1 D12（指标值）：没有填单位。请填写。\n",
        ),
        # of one kind together
        (
            [line("failed", 8)],
            [problem(f"D{row}") for row in range(8, 16)],
            f"{CAME}有 8 处错误，请逐处改正后交回{LIMIT}：\n"
            "1. 项目1 D8、D9、D10、D11、D12、D13等 8 处：没有填单位。请填写。\n",
        ),
        # a copy went back: it says what to do
        (
            [sent(line("failed", 1))],
            [WRONG],
            f"{CAME}有 1 处错误，已第 1 次退回（见所附退回件），请在退回件中逐处改正后交回{LIMIT}：\n"
            "1. 项目1 D12（指标值）：没有填单位。\n",
        ),
        (
            [sent(line("failed", 1, name="b")), sent(line("failed", 12))],
            [problem(f"D{row}", f"第 {row} 行没有填") for row in range(1, 13)],
            f"{CAME}有 12 处错误，已第 2 次退回（见所附退回件），请在退回件中逐处改正后交回{LIMIT}：\n"
            + "".join(f"{n}. 项目1 D{n}（指标值）：第 {n} 行没有填。\n" for n in range(1, 11))
            + "另有 2 处，见退回件。\n",
        ),
        (
            [sent(line("warned", 0, 1))],
            [DOUBTFUL],
            f"{CAME}有 1 处提醒，已第 1 次退回（见所附退回件），请在退回件中核对，改正或填写说明后交回{LIMIT}：\n"
            "1. 项目1 C9（指标值）：与上年相同。\n",
        ),
        (
            [sent(line("failed", 1)), line("failed", 11, name="a")],
            [problem(f"D{row}", f"第 {row} 行没有填", hint="") for row in range(1, 12)],
            f"{CAME}有 11 处错误，请逐处改正后交回{LIMIT}：\n"
            + "".join(f"{n}. 项目1 D{n}（指标值）：第 {n} 行没有填。\n" for n in range(1, 11))
            + "另有 1 处。\n",
        ),
        # what the copy mended is not the unit's to do
        (
            [sent(line("failed", 2))],
            [mended("B2"), mended("B3")],
            f"{CAME}已第 1 次退回（见所附退回件），没有必须改的；已为您恢复 2 处，请核对退回件后交回{LIMIT}。",
        ),
        (
            [sent(line("failed", 1, 1))],
            [mended("B2"), mended("B7", severity="info"), DOUBTFUL],
            f"{CAME}有 1 处提醒，已第 1 次退回（见所附退回件），已为您恢复 2 处，"
            f"请在退回件中核对，改正或填写说明后交回{LIMIT}：\n"
            "1. 项目1 C9（指标值）：与上年相同。\n",
        ),
        (
            [sent(line("failed", 3))],
            [mended("B2"), WRONG],
            f"{CAME}有 1 处错误，已第 1 次退回（见所附退回件），已为您恢复 1 处，"
            f"请在退回件中逐处改正后交回{LIMIT}：\n"
            "1. 项目1 D12（指标值）：没有填单位。\n",
        ),
        (
            [sent(line("failed", 1))],
            [REISSUED],
            f"{CAME}已第 1 次退回（见所附退回件），没有必须改的；已填内容已带入重新下发的表，"
            f"请核对退回件后交回{LIMIT}。",
        ),
        (
            [sent(line("failed", 1))],
            [REISSUED, mended("B2")],
            f"{CAME}已第 1 次退回（见所附退回件），没有必须改的；已填内容已带入重新下发的表，"
            f"已为您恢复 1 处，请核对退回件后交回{LIMIT}。",
        ),
        (
            [sent(line("failed", 1))],
            [REISSUED, WRONG],
            f"{CAME}有 1 处错误，已第 1 次退回（见所附退回件），已填内容已带入重新下发的表，"
            f"请在退回件中逐处改正后交回{LIMIT}：\n"
            "1. 项目1 D12（指标值）：没有填单位。\n",
        ),
        # what cannot be read, what came several times
        (
            [line("unreadable", 1)],
            [UNREAD],
            f"{CAME}无法读取，请重新交一份能打开的{LIMIT}：\n1. 无法读取：文件已加密。请取消密码。\n",
        ),
        ([line("unreadable", 1)], [], f"{CAME}无法读取，请重新交一份能打开的{LIMIT}。"),
        (
            several("a", "b"),
            [WRONG],
            "贵单位交了 2 份不同的“云岭区 2027 年绩效目标填报”（a.xlsx、b.xlsx），"
            f"请告知以哪一份为准{LIMIT}。",
        ),
        # nothing is expected of it
        ([line("passed")], [], None),
        ([line("pending", 1)], [WRONG], None),
        ([line("superseded", 1)], [WRONG], None),
        ([line("failed", 1, name="b"), line("merged")], [], None),
        ([line("merged"), line("taken out")], [], None),
    ],
)
def test_what_is_written(
    log: Sequence[LogLine], problems: Sequence[Problem], text: str | None
) -> None:
    standing = Standing()
    for each in log:
        standing.add(each)
    written = WRITER.text(WHOM, standing if log else None, problems)
    assert written == ("" if text is None else f"【{WHOM}】\n{text}{END}")


@pytest.mark.parametrize(
    ("log", "text"),
    [
        ([line("failed", 1)], f"收到的 a.xlsx 不是下发的原表，请用原表重填{LIMIT}。"),
        ([line("failed", 4, 2)], f"收到的 a.xlsx 不是下发的原表，请用原表重填{LIMIT}。"),
        (
            [line("warned", 0, 1)],  # the office takes such ones
            f"{CAME}有 1 处提醒，请核对；确有问题的，请改正后交回{LIMIT}。",
        ),
        ([line("passed")], None),
    ],
)
def test_what_is_not_the_workbook_that_was_issued(log: Sequence[LogLine], text: str | None) -> None:
    standing = Standing()
    for each in log:
        standing.add(each)
    written = WRITER.text(WHOM, standing, is_unsealed=True)
    assert written == ("" if text is None else f"【{WHOM}】\n{text}{END}")


def test_without_deadline_contact_and_unit() -> None:
    standing = Standing()
    standing.add(line("failed", 2))
    assert Writer("申报表").text("", standing) == (
        "贵单位交来的“申报表”（a.xlsx）有 2 处错误，请逐处改正后交回。谢谢配合。"
    )


# -- on the page, as a text and as a workbook ----------------------------------------------------

A, B, C = "106001", "106002", "131002"
CLIPBOARD = (
    "navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve(); }"
)


@pytest.fixture
def xltool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xltool:
    return in_this_process(monkeypatch, capsys)


@pytest.fixture
def office(tmp_path: Path) -> Campaign:
    """Of five units one passed, one has an error, one handed in two, two nothing."""
    found = make_campaign("declaration", tmp_path / "office")
    back = tmp_path / "back"
    back.mkdir()
    fill_unit(found, A, answers("declaration", A), back / f"{A}.xlsx")
    for unit, name in ((B, "b"), (C, "c"), (C, "c2")):
        data = answers("declaration", unit)
        if name != "c":
            data["projects"][1]["长期目标"] = ""
        fill_unit(found, unit, data, back / f"{name}.xlsx")
    for path in back.glob("*.json"):
        path.unlink()
    return load_campaign(found.folder)


def copied(browser: Browser, page_file: Path) -> list[str]:
    """What the buttons of the page copy: of the files in their order, then of the missing units."""
    texts = []
    with browser.open(page_file) as page:
        page.run(CLIPBOARD)
        buttons = "document.querySelectorAll('#books .copy').length"
        if not page.run(buttons):  # of several files none is open
            page.click("#expand")
        for number in range(page.run(buttons)):
            page.run(f"document.querySelectorAll('#books .copy')[{number}].click()")
            texts.append(page.run("window.copied"))
        page.click("#missing > .copy")
        texts += page.run("window.copied").split("\n\n")
    return texts


@pytest.mark.parametrize("back", [(), ("--return", "退回")])
def test_the_page_copies_what_status_writes(
    browser: Browser, xltool: Xltool, office: Campaign, tmp_path: Path, back: tuple[str, ...]
) -> None:
    words = [tmp_path / word if word == "退回" else word for word in back]
    page = tmp_path / "r.html"
    xltool(
        *("check", tmp_path / "back", "--campaign", office.folder, "--format", "html"),
        *("-o", page, *words),
    )
    text = xltool("status", office.folder, "--format", "remind").out.strip()
    assert sorted(dict.fromkeys(copied(browser, page))) == sorted(text.split("\n\n"))
    assert text.count("【") == 4
    assert ("已第 1 次退回（见所附退回件）" in text) == bool(back)
    assert "贵单位交了 2 份不同的" in text

    book = tmp_path / "催报.xlsx"
    run = xltool("status", office.folder, "--format", "remind", "-o", book)
    assert run.err == f"已写出 {book}\n"
    head, *rows = load_workbook(book)["催报"].iter_rows(values_only=True)
    assert head == (
        *("单位代码", "单位名称", "主管部门", "状态", "错误", "提醒", "退回次数", "文件"),
        *("截止日期", "催报文字"),
    )
    assert "\n\n".join(str(row[-1]) for row in rows) == text
    states = {str(row[0]): row[3] for row in rows}
    assert states == {
        B: "已退回（第 1 次）" if back else "未通过",
        "106003": "未交",
        "131001": "未交",
        C: "交了 2 份",
    }


def test_part_of_a_page_copies_the_same(
    browser: Browser, xltool: Xltool, office: Campaign, tmp_path: Path
) -> None:
    page = tmp_path / "r.html"
    words = ("check", tmp_path / "back", "--campaign", office.folder, "--format", "html")
    xltool(*words, "-o", page, "--errors-only", "--unit", B)
    text = xltool("status", office.folder, "--format", "remind").out.strip()
    assert copied(browser, page) == text.split("\n\n")[:3]
