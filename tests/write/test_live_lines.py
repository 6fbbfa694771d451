"""The lines of 填报检查: within what Excel takes, in words that name the place, coloured on the form."""

from __future__ import annotations

from pathlib import Path

import pytest
from small import small_campaign
from test_live_agree import Subject

from xltool.form.loading import form_ids
from xltool.write.live.lines import LiveCheck

LONGEST, DEEPEST = 8192, 64  # what Excel takes of a formula: characters, functions in functions


def lines_of(form: str, folder: Path) -> list[tuple[str, LiveCheck]]:
    """The lines of a small campaign's workbook with their sheets."""
    subject = Subject(small_campaign(form, folder), Path())
    return [(place.name, line) for place, line in subject.lines()]


def depth(formula: str) -> int:
    """How deep its parentheses are nested; those in its texts do not count."""
    deepest = level = 0
    for part in formula.split('"')[::2]:
        for sign in part:
            level += (sign == "(") - (sign == ")")
            deepest = max(deepest, level)
    return deepest


@pytest.mark.parametrize("form", form_ids())
def test_excel_takes_every_formula(form: str, tmp_path: Path) -> None:
    lines = [line for _, line in lines_of(form, tmp_path)]
    formulas = [line.formula for line in lines]
    formulas += [mark.formula for line in lines for mark in line.marks]
    assert max(map(len, formulas)) <= LONGEST - len('=IF($F$99=0,"",)')
    assert max(map(depth, formulas)) < DEEPEST


@pytest.mark.parametrize("form", form_ids())
def test_no_two_lines_say_the_same_of_a_sheet(form: str, tmp_path: Path) -> None:
    said = [(sheet, line.words) for sheet, line in lines_of(form, tmp_path)]
    assert sorted(said) == sorted(set(said))


WORDS = {
    "longhua_2021_selfeval": [
        ("SE-006", "产出指标（50分）各行分值之和与括号里的分数相等"),
        ("SE-006", "效益指标（40分）各行分值之和与括号里的分数相等"),
        ("SE-009", "绩效指标：得分低于分值的，写明偏差原因"),
        ("SE-010", "绩效指标：不适用的指标，分值和得分留空"),
        ("SE-013", "绩效指标：实际完成值、分值、得分都已填写"),
        ("SE-018", "满意度指标分值之和一般为 10 分"),
        ("TXT-001", "年度资金总额：年初预算数、全年预算数、全年执行数已填写"),
    ],
    "national_2015_declaration": [
        ("IND-002", "指标（中期）：“不适用”整行都填，或者整行都不填"),
        ("IND-002", "指标（年度）：“不适用”整行都填，或者整行都不填"),
    ],
    "longgang_2023_budget": [
        ("BD-017", "表3已填写"),
        ("TXT-001", "表3 支出总表：用到的行各栏都已填写，没有金额的填 0"),
        ("TXT-001", "表9 “三公”经费支出表（2026 年）：用到的行各栏都已填写，没有金额的填 0"),
    ],
}


@pytest.mark.parametrize("form", WORDS)
def test_words(form: str, tmp_path: Path) -> None:
    said = {(line.code, line.words) for _, line in lines_of(form, tmp_path)}
    assert [words for words in WORDS[form] if words not in said] == []


COLOURED = {  # code → the columns that are coloured, and on which rows
    ("longhua_2021_selfeval", "SE-007"): ["H11:H66"],
    ("longhua_2021_selfeval", "SE-009"): ["I11:I66"],
    ("longhua_2021_selfeval", "SE-010"): ["G11:G66", "H11:H66"],
    ("longhua_2021_selfeval", "SE-013"): [],  # inputs that are to be filled are coloured already
    ("futian_2022_declaration", "IND-002"): ["C11:C72", "D11:D72", "E11:E72"],
    ("futian_2022_declaration", "IND-004"): ["C11:C72", "D11:D72", "E11:E72"],
    ("futian_2022_declaration", "COD-003"): ["B2"],
    ("futian_2022_declaration", "TXT-005"): [],
}


@pytest.mark.parametrize(("form", "code"), COLOURED)
def test_what_fails_is_coloured(form: str, code: str, tmp_path: Path) -> None:
    lines = [line for sheet, line in lines_of(form, tmp_path) if sheet == "项目1"]
    marks = [mark for line in lines if line.code == code for mark in line.marks]
    assert [mark.cells for mark in marks if not mark.to_fill] == COLOURED[form, code]


TO_FILL = {  # code → the cells that are coloured while they are blank, once the unit has begun
    ("longhua_2021_selfeval", "TXT-001"): [
        *("E4", "F4", "D5", "E5", "F5"),
        *("D6", "E6", "F6", "D7", "E7", "F7"),
    ],
    ("futian_2022_declaration", "TXT-001"): ["B5", "B7"],
    ("futian_2022_declaration", "IND-001"): [f"C{row}:E{row}" for row in (11, 21, 31, 41, 49, 65)],
    ("futian_2024_declaration", "TXT-005"): ["B10"],
}


@pytest.mark.parametrize(("form", "code"), TO_FILL)
def test_blanks_are_coloured_once_the_unit_has_begun(form: str, code: str, tmp_path: Path) -> None:
    lines = [line for sheet, line in lines_of(form, tmp_path) if sheet == "项目1"]
    marks = [mark for line in lines if line.code == code for mark in line.marks if mark.to_fill]
    assert [mark.cells for mark in marks] == TO_FILL[form, code]
    assert [mark.formula[:5] for mark in marks] == ["=NOT("] * len(marks)
