"""The headings of 退回修改: each asks for what stands below it, and for nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from runs import told

from xltool.write.front_page import heading
from xltool.write.front_states import PUT_RIGHT, FrontLine, Section

ERRORS = "请修改：错误必须改正"
BOTH = "请修改：错误必须改正；提醒请核对，属实的可以不改，请写“说明”"
WARNINGS = "请核对：属实的可以不改，请写“说明”"


def line(severity: str, **changes: Any) -> FrontLine:
    return FrontLine(told("TXT-001", "B8", "没有填", severity=severity, **changes))


@pytest.mark.parametrize(
    ("severities", "wanted"),
    [
        (["error"], ERRORS),
        (["error", "error"], ERRORS),
        (["warning"], WARNINGS),
        (["warning", "warning", "warning"], WARNINGS),
        (["error", "warning"], BOTH),
        (["warning", "error", "warning"], BOTH),
    ],
)
def test_what_is_asked_fits_what_is_to_mend(severities: Sequence[str], wanted: str) -> None:
    assert heading("mend", [line(severity) for severity in severities]) == wanted


def test_an_explained_warning_is_a_warning() -> None:
    assert heading("mend", [line("warning", explanation="上年为试点，属实")]) == WARNINGS


@pytest.mark.parametrize(
    ("section", "wanted"),
    [
        ("carried", "您交的是早先下发的表，已换成最新的表"),
        ("refill", "已补回空表，请重填"),
        ("mended", "已为您恢复，请核对，不必再改"),
    ],
)
def test_other_sections_are_called_the_same_whatever_they_hold(
    section: Section, wanted: str
) -> None:
    assert heading(section, [line("warning")]) == heading(section, [line("error")]) == wanted


AT = ("项目1", (7, 1))


@pytest.mark.parametrize(
    ("found", "mended"),
    [
        (FrontLine(told("TXT-001", "B8", "没有填"), [AT], [AT]), ""),
        (FrontLine(told("TPL-003", "", "缺少一张表", sheet="")), ""),
        # all that it is about is the office's, and stands there as issued
        (FrontLine(told("COD-004", "B2", "编码不符"), [], [AT]), PUT_RIGHT),
        (FrontLine(told("TPL-002", "A1", "被改动", mended="已恢复"), [], [AT]), "已恢复"),
        (FrontLine(told("TPL-004", "A1", "被清空", refill="请重填"), [AT], [AT]), ""),
    ],
)
def test_what_a_copy_tells_as_mended(found: FrontLine, mended: str) -> None:
    assert found.as_sent.mended == mended
