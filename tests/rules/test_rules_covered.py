"""Every rule is made to fire on every form that has it: by a mutation of a shared rule, or by one in
the lists of the form's own tests. Nothing is run here: the declared lists are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module

import pytest
import test_rules_on_books
import test_rules_on_campaigns
import test_rules_on_forms
import test_rules_on_projects
from kits import KITS
from mutations import Mutation

from xltool.checking.checks import checks_for
from xltool.form.fact_tables import FACT_TABLES
from xltool.form.loading import form_ids, load_form
from xltool.form.model import TableView
from xltool.rules.declaring import Rule

SHARED = (
    test_rules_on_forms,
    test_rules_on_projects,
    test_rules_on_books,
    test_rules_on_campaigns,
)
# The form's own lists of mutations, by module and name.
OWN = {
    "A": """
        test_mutations_target:ANSWERS test_mutations_target_book:BOOKS
        test_mutations_evaluability:TARGET test_mutations_values:TARGET test_mutations_prose_target:TARGET
        test_dressing:TARGET test_kinds:FORMULAS""",
    "B": "test_mutations_unit:ANSWERS test_mutations_unit:BOOKS test_mutations_prose_target:UNIT test_mutations_unit:LARGE",
    "C": """
        test_mutations_budget_figures:ANSWERS test_mutations_budget_totals:ANSWERS
        test_mutations_budget_names:ANSWERS test_mutations_budget_words:ANSWERS
        test_budget_codes:BOOKS""",
    "D": """
        test_mutations_declaration_2022:ANSWERS test_mutations_declaration_2022:BOOKS
        test_mutations_declaration_2022:AMOUNTS test_mutations_prose:DECLARATION_2022
        test_mutations_prose:OFFICE_2022""",
    "E": """
        test_mutations_declaration:ANSWERS test_mutations_declaration_book:BOOKS
        test_mutations_campaign:OPENED test_mutations_evaluability:DECLARATION
        test_mutations_values:DECLARATION test_mutations_prose:DECLARATION test_mutations_prose:OFFICE
        test_dressing:DECLARATION""",
    "F": """
        test_mutations_selfeval:ANSWERS test_mutations_selfeval:THREE_YEARS
        test_mutations_selfeval_book:BOOKS test_mutations_selfeval_book:OPEN""",
    "G": "test_mutations_national:ANSWERS test_mutations_national:BOOKS",
}
# What cannot happen on a form, and why.
RULED_OUT: Mapping[tuple[str, str], str] = {
    ("C", "TPL-011"): "no indicators on this form, so no framework of them",
}


def lines_of(declared: object) -> Iterator[str]:
    """The expected lines in a list of mutations, of pairs with one, or of rows that end in lines."""
    if isinstance(declared, Mutation):
        yield from declared.expected
    elif isinstance(declared, str):
        yield declared
    elif isinstance(declared, Sequence):
        for item in declared:
            yield from lines_of(item)


def covered(letter: str) -> set[str]:
    """The codes of all expected lines of a form."""
    lines = [line for module in SHARED for line in module.declared(letter)]
    for place in OWN[letter].split():
        module, _, name = place.partition(":")
        lines += lines_of(getattr(import_module(module), name))
    return {line.split(maxsplit=1)[0] for line in lines if line}


def carried(letter: str) -> set[str]:
    """The codes of the rules that judge anything on a form."""
    form = load_form(KITS[letter].form)
    tables = [*form.tables.values(), *FACT_TABLES.values()]
    return {rule.code for rule in form.rules if judges(rule, tables)}


def judges(rule: Rule, tables: Sequence[TableView]) -> bool:
    """True if it comes to a check on one of the tables."""
    return any(True for table in tables for _ in checks_for([rule], table))


@pytest.mark.parametrize("letter", KITS)
def test_every_rule_of_a_form_is_made_to_fire(letter: str) -> None:
    missing = (
        carried(letter) - covered(letter) - {code for form, code in RULED_OUT if form == letter}
    )
    assert sorted(missing) == []


@pytest.mark.parametrize(("letter", "code"), RULED_OUT)
def test_what_is_ruled_out_is_not_covered(letter: str, code: str) -> None:
    assert code in carried(letter)
    assert code not in covered(letter)


def test_every_form_has_a_kit() -> None:
    assert sorted(kit.form for kit in KITS.values()) == form_ids()
