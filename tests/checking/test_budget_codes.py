"""A code of the budget that became a number lost its digits: that is a finding, and never silent."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from helpers import answers, check_files, edit, fill_unit, make_campaign
from mutations import Mutation, cell, described, each
from openpyxl.workbook import Workbook

from xltool.form.loading import load_form
from xltool.office.campaign import Campaign

ONE = "301001"
LOST = "存成了数字或日期，原来的编码已经看不出来（现为"
BOOKS: list[Mutation[Workbook]] = [
    Mutation(
        "a long number",
        cell("B6", 201011234567890123456, "0", "表3"),
        [f"COD-001 error 表3!B6 | 科目编码{LOST} 2.0101123456789e+20）"],
    ),
    Mutation(
        "a date",
        cell("B6", date(2027, 1, 1), "yyyy-mm-dd", "表3"),
        [f"COD-001 error 表3!B6 | 科目编码{LOST} 2027-01-01）"],
    ),
]


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The example campaign, issued."""
    return make_campaign("budget", tmp_path_factory.mktemp("budget"))


@each(BOOKS)
def test_lost_code(campaign: Campaign, tmp_path: Path, mutation: Mutation[Workbook]) -> None:
    path = fill_unit(campaign, ONE, answers("budget", ONE), tmp_path / "return.xlsx")
    book = edit(path, mutation.apply, tmp_path / "edited.xlsx")
    found = [f for f in check_files(campaign, book) if f.code == "COD-001"]
    assert described(found, mutation.expected) == mutation.expected
    assert [finding.hint for finding in found] == ["请重新输入编码，不要从别处粘贴"]
    assert "21" not in found[0].message.replace(found[0].value, "") + found[0].hint


def test_no_other_form_has_the_rule_for_free_codes() -> None:
    names = {rule.function.__name__ for rule in load_form("longgang_2023_budget").rules}
    assert "code_is_no_longer_a_code" in names
    assert "code_lost_its_digits" not in names
