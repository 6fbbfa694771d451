"""Shared rules on every form that carries them: each single mistake in the answers is found there,
at its cell, and nothing else.

The mistakes of one test are checked as one batch, which takes a fraction of the time.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import Data
from kits import KITS, Case, Change, Kit, has_cases, outcome, row, rows, says, together


def first(table: str, **values: str) -> Change:
    """Change a sheet, or the first row of a table."""

    def change(_: Kit, data: Data) -> None:
        found = data[table] if table in data else data["projects"][0][table]
        (found[0] if isinstance(found, list) else found).update(values)

    return change


WORDS = {
    "TXT-006": Case(
        together(
            says("按计划组织实施，保障服务正常运转。"),
            says("按计划组织实施，保障服务正常运转。", "later"),
        ),
        "ADEG",
        ["TXT-006 warning {later}"],
    ),
    "TXT-007": Case(says("待定"), "ABCDEFG", ["TXT-007 warning {long}"]),
    "TXT-022": Case(
        together(says("不便填写"), says("不便填写", "later")), "ADEG", ["TXT-022 warning {long}"]
    ),
    "TXT-008": Case(
        says("按计划组织实施（含节假日，保障服务正常运转。"), "ABCDEFG", ["TXT-008 warning {long}"]
    ),
    "TXT-009": Case(
        says('"按计划组织实施，保障服务正常运转。'), "ABCDEFG", ["TXT-009 warning {long}"]
    ),
    "TXT-010": Case(
        says("用于用于保障服务正常运转，按计划组织实施。"), "ABCDEFG", ["TXT-010 warning {long}"]
    ),
    "TXT-012": Case(
        says("2026年计划组织集中培训，保障服务正常运转。"), "ABCDEFG", ["TXT-012 warning {long}"]
    ),
    "AMT-024": Case(says("安排培训 3 期×2 万元＝7 万元。"), "ABCDEFG", ["AMT-024 warning {long}"]),
    "TXT-002": Case(
        row("quality", "抽查合格率" + "数" * 36, "≥|95|份", "反映抽查合格率"),
        "ADEG",
        ["TXT-002 warning {quality.name}"],
    ),
    "TXT-003": Case(
        row("quality", "抽查份数" + "𠮷" * 19, "≥|95|份", "反映抽查份数"),
        "DEG",
        ["TXT-003 warning {quality.name}"],
    ),
    "TXT-014 in a note": Case(
        first("t1", 注="财政拨款包括  一般公共预算。"),
        "C",
        ["TXT-014 info 表1!B25"],
    ),
    "TXT-020": Case(
        first("statement", 增减方向="下调"),
        "C",
        ["TXT-020 error {sheet}!E5"],
    ),
    "TXT-014": Case(
        row("quality", "抽查  合格率", "≥|95|%"), "ABDEFG", ["TXT-014 info {quality.name}"]
    ),
}

AMOUNTS = {
    "AMT-011": Case(first("funds", 全年执行数="若干"), "F", ["AMT-011 error {sheet}!F4"]),
    "AMT-013": Case(
        first("projects", 中期财政拨款="8600000", 年度财政拨款="3200000"),
        "G",
        ["AMT-013 warning {sheet}!E7"],
    ),
}

VALUES = {
    "VAL-001": Case(
        row("quality", "抽查效果", "良好"), "ABDEFG", ["VAL-001 warning {quality.value}"]
    ),
    "VAL-002": Case(
        row("quality", "抽查及时率", "≤|3|天"), "ABDEFG", ["VAL-002 warning {quality.value}"]
    ),
    "VAL-003": Case(
        row("quantity", "抽查份数", "≥|30|"), "ABDEFG", ["VAL-003 warning {quantity.value}"]
    ),
    "VAL-004": Case(
        row("quality", "抽查合格率", "≥|195|%"), "ABDEFG", ["VAL-004 warning {quality.value}"]
    ),
    "VAL-005": Case(
        row("quality", "抽查合格率", "≥|0|%"), "ABDEFG", ["VAL-005 warning {quality.value}"]
    ),
    "VAL-006": Case(
        row("quality", "抽查差错率", "≥|3|%"), "ABDEFG", ["VAL-006 warning {quality.value}"]
    ),
    "VAL-007": Case(
        row("quantity", "抽查份数", "|30|份"), "ABDEF", ["VAL-007 info {quantity.value}"]
    ),
    "VAL-008": Case(
        row("time", "抽查完成时间", "2026年10月31日前"),
        "ABDEFG",
        ["VAL-008 warning {time.value}"],
        {"F": ["SE-024 warning 项目1!F31"]},  # the result is the value word for word
    ),
    "VAL-009": Case(row("time", "抽查频次", "每月一次"), "ABDEFG", ["VAL-009 info {time.value}"]),
    "VAL-010": Case(
        row("quantity", "抽查和培训数量", "≥30份、≥3场"),
        "ABDEFG",
        ["VAL-010 warning {quantity.value}"],
    ),
    "VAL-011": Case(
        row("quantity", "抽查份数", "30份以上"),
        "ABDE",
        ["VAL-011 info {quantity.value}"],
    ),
    "VAL-011 where the result is the value word for word": Case(
        row("quantity", "抽查份数", "30份以上"),
        "F",
        ["SE-024 warning 项目1!F11", "VAL-011 info {quantity.value}"],
    ),
    "VAL-012": Case(
        row("time", "抽查完成时间", "2027年10月31日前；"),
        "ABDEG",
        ["VAL-012 info {time.value}"],
    ),
    "VAL-012 where the result is the value word for word": Case(
        row("time", "抽查完成时间", "2027年10月31日前；"),
        "F",
        ["SE-024 warning 项目1!F31", "VAL-012 info {time.value}"],
    ),
    "VAL-013": Case(
        together(
            row("quality", "抽查及时率", "2027年10月31日前"), row("time", "抽查完成时间", "≥|95|%")
        ),
        "ABDEFG",
        ["VAL-013 warning {quality.value}"],
        {"F": ["SE-024 warning 项目1!F21"]},
    ),
    "VAL-014": Case(
        row("quality", "补助发放准确率", "≥|95|%"), "ABDEFG", ["VAL-014 warning {quality.value}"]
    ),
}

INDICATORS = {
    "IND-003": Case(row("ecology", "无", "无", "无"), "ABDEFG", ["IND-003 warning {ecology.name}"]),
    "IND-007": Case(
        rows("quality", 2, "抽查报告份数"),
        "ABDEG",
        ["IND-007 error {quality.name}", "IND-007 error {quality_next.name}"],
    ),
    "IND-008": Case(
        row("quality", "资料归档", "资料归档"), "ABDEFG", ["IND-008 warning {quality.value}"]
    ),
    "IND-009": Case(
        row("quality", "抽查合格率", "≥|95|%", "按合同执行"),
        "DE",
        ["IND-009 warning {quality.note}"],
    ),
    "IND-010": Case(
        row("satisfied", "受益居民", "≥|90|%"), "ABDEFG", ["IND-010 warning {satisfied.name}"]
    ),
    "IND-011": Case(row("cost", "支出进度达标率", "≥|95|%"), "DE", ["IND-011 warning {cost.name}"]),
    "IND-014": Case(
        together(rows("quantity", 10), rows("quality", 10)),
        "ADEFG",
        ["IND-014 warning {time.name}"],
    ),
    "IND-015": Case(
        row("quantity", "抽查支出", "≤|30|万元"), "ABDEFG", ["IND-015 warning {quantity.value}"]
    ),
    "IND-016": Case(
        together(
            row("quantity", "设置咨询台数量", "≥|3|个"),
            says("2027年设置咨询台5个，逐步改进服务。", "later"),
        ),
        "AD",
        ["IND-016 warning {quantity.value}"],
    ),
    "IND-016 where the first text is the goal": Case(
        together(
            row("quantity", "设置咨询台数量", "≥|3|个"),
            says("2027年设置咨询台5个，逐步改进服务。"),
        ),
        "E",
        ["IND-016 warning {quantity.value}"],
    ),
}
GROUPS = {"words": WORDS, "amounts": AMOUNTS, "values": VALUES, "indicators": INDICATORS}
RUNS = [(letter, group) for letter in KITS for group in GROUPS if has_cases(letter, GROUPS[group])]


@pytest.mark.parametrize(("letter", "group"), RUNS)
def test_answers(tmp_path: Path, letter: str, group: str) -> None:
    found, expected = outcome(KITS[letter], GROUPS[group], tmp_path)
    assert found == expected


def declared(letter: str) -> list[str]:
    """The lines that these tests expect somewhere on a form."""
    cases = [case for group in GROUPS.values() for case in group.values()]
    return [line for case in cases if letter in case.forms for line in case.lines(KITS[letter])]
