"""Forms that were written for the earlier version: their imports are found, and they judge the same."""

from __future__ import annotations

import importlib
import shutil
from collections import Counter
from pathlib import Path

import pytest
from helpers import Data, answers, check_files, fill_unit
from mutations import described
from small import put_key

from xltool.form.former_names import FORMER
from xltool.form.loading import builtin_folder, load_form
from xltool.office.campaign import Campaign, load_campaign
from xltool.write.issuing import issue

FORMER_FORM = Path(__file__).parent / "former" / "declaration.txt"
UNIT = "106001"
# Every module of the earlier version that a validator imported something from, and what.
IMPORTED = """
xltool.approved: APPROVED_PROJECTS APPROVED_ROWS
xltool.claims: Claim
xltool.estimates: Amount Estimate estimate has_basis
xltool.expectations: BENEFITS Level SATISFACTION canonical_level expected_direction
xltool.expectations: expected_kind stated_unit
xltool.expression: Equation
xltool.fields: Amount Field Text
xltool.flaws: doubled escaped nothing_said other_year placeholder unpaired
xltool.measures: gbk_length judged length name_key normalised
xltool.numerals: written
xltool.quantities: Calculation Quantity calculations money_words read
xltool.rowclaims: Level RowsClaim SumClaim
xltool.rules: FormTable Lookup Offence Reference Severity at_most rule three_valued
xltool.schema: Amount Date Rows Table amount choice code date integer number text
xltool.targets: Note Target parse
xltool.text: name_key
xltool.validators: achievements amounts approved_targets budget_lines budget_names
xltool.validators: budget_prose budget_texts budgets codes contents copies dates declarations
xltool.validators: dressing evaluability execution explanations indicators overall prose
xltool.validators: selfeval sources submissions template texts values writing
xltool.validators.aims: Aim aimed target_text
xltool.validators.amounts: amount_has_too_many_places amount_is_negative amount_is_no_number
xltool.validators.amounts: amount_shows_fewer_places number_is_out_of_range
xltool.validators.budget_tables: Balance Coded HALF Head Lines RECORD Sources WHOLE
xltool.validators.budget_tables: WITH_DEPARTMENT amounts_of at_field below columns_of
xltool.validators.budget_tables: department_row depth heading is_first section subject_key
xltool.validators.budget_tables: sum_within top_of units_of whole_of
xltool.validators.budget_texts: STATEMENTS
xltool.validators.calculations: basis_in_another_unit basis_is_not_the_amount
xltool.validators.calculations: basis_without_amount cost_against_amount_in_yuan
xltool.validators.calculations: cost_against_amounts stated_total_is_wrong
xltool.validators.calculations: total_beyond_the_period wrong_product
xltool.validators.deadlines: date_outside_the_period date_outside_the_year
xltool.validators.evaluability: quantity_is_money satisfaction_is_not_measured
xltool.validators.evaluability: too_many_indicators value_repeats_the_name
xltool.validators.execution: is_total
xltool.validators.goals: document_listed_twice long_goal_speaks_of_the_year
xltool.validators.goals: numbered_items_differ
xltool.validators.indicators: MEANT NOT_APPLICABLE first_of_group group group_is_empty
xltool.validators.indicators: is_marked_row is_not_applicable is_real_row live_marks live_real
xltool.validators.indicators: needed_row one_set row_inputs
xltool.validators.reconciliation: department_differs_from_control
xltool.validators.reconciliation: department_of_units_differs_from_control
xltool.validators.reconciliation: project_count_differs_from_table_5
xltool.validators.reconciliation: project_differs_from_table_5
xltool.validators.selfeval: has_explanation
xltool.validators.statements: basis_states_another_quantity goal_states_another_quantity
xltool.validators.statements: purpose_states_another_quantity
xltool.validators.submissions: file_is_a_copy name_differs_from_roster unit_not_in_roster
xltool.validators.submissions: unit_submitted_twice units_without_submission year_differs
xltool.validators.writing: deadline_is_ambiguous frequency_written_otherwise several_values
xltool.validators.writing: value_ends_with_punctuation
"""
SINCE = {
    "AMT-021",
    "AMT-026",
    "AMT-027",
    "TXT-021",
}  # codes of rules that came later and are imported by name
LINES = [line.split(": ") for line in IMPORTED.strip().splitlines()]


@pytest.mark.parametrize(("module", "names"), LINES, ids=[": ".join(line) for line in LINES])
def test_every_former_import_works(module: str, names: str) -> None:
    for name in names.split():
        scope: dict[str, object] = {}
        exec(f"from {module} import {name}", scope)
        assert name in scope


@pytest.mark.parametrize("name", FORMER)
def test_every_former_module_is_the_one_of_today(name: str) -> None:
    assert importlib.import_module(name) is importlib.import_module(FORMER[name])


def test_a_name_that_never_was_is_not_found() -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("xltool.validators.never_was")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("xltool.never_was")


def office(folder: Path, form: str) -> Campaign:
    """The example of the declaration, issued with this form."""
    example = builtin_folder("examples") / "declaration"
    shutil.copytree(example, folder, dirs_exist_ok=True)
    settings = folder / "campaign.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("futian_2024_declaration", form), encoding="utf-8")
    put_key(folder)
    campaign = load_campaign(folder)
    issue(campaign, [UNIT])
    return campaign


def with_a_form_of_its_own(folder: Path) -> Campaign:
    """An office that copied the form of the earlier version, imports and all."""
    layout = folder / "templates" / "declaration_2026"
    shutil.copytree(builtin_folder("templates") / "futian_2024_declaration", layout)
    (folder / "validators").mkdir()
    shutil.copyfile(FORMER_FORM, folder / "validators" / "declaration_2026.py")
    return office(folder, "declaration_2026")


def faulty() -> Data:
    """Answers of a unit with a mistake in three of them."""
    data = answers("declaration", UNIT)
    rows = data["projects"][0]["indicators"]
    rows[0]["指标值"] = "≥0"
    rows[1]["三级指标"] = ""
    data["projects"][0]["年度目标"] = "待定"
    return data


def test_a_form_of_the_earlier_version_has_the_same_rules(tmp_path: Path) -> None:
    former = with_a_form_of_its_own(tmp_path).form
    today = load_form("futian_2024_declaration")
    new = Counter(rule.code for rule in today.rules)
    new.subtract(rule.code for rule in former.rules)
    assert {code for code, more in new.items() if more} == SINCE
    assert list(former.tables) == list(today.tables)


def test_a_form_of_the_earlier_version_judges_the_same(tmp_path: Path) -> None:
    found = []
    for campaign in (
        with_a_form_of_its_own(tmp_path / "former"),
        office(tmp_path / "today", "futian_2024_declaration"),
    ):
        path = fill_unit(campaign, UNIT, faulty(), campaign.folder / "return.xlsx")
        found.append(described(check_files(campaign, path)))
    assert found[0] == found[1]
    assert len(found[0]) >= 3
