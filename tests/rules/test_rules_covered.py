"""Every rule is made to fire on every form that has it: by a mutation of a shared rule, or by one of
the form's own (tests/mutations). Nothing is run here: the declared lists are read.
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
from mutation_files import FILES
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
# The form's own lists of mutations that are no data files, by module and name.
OWN = {
    "A": "test_dressing:TARGET test_kinds:FORMULAS",
    "B": "test_other_settings:LARGE",
    "C": "test_budget_codes:BOOKS",
    "E": "test_dressing:DECLARATION",
    "F": "test_other_settings:THREE_YEARS",
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


def own_lines(form: str) -> list[str]:
    """The expected lines in the data files of a form."""
    mutations = [m for file in FILES if file.form == form for m in file.mutations.values()]
    return [line for mutation in mutations for line in mutation.expect]


def covered(letter: str) -> set[str]:
    """The codes of all expected lines of a form."""
    lines = [line for module in SHARED for line in module.declared(letter)]
    lines += own_lines(KITS[letter].form)
    for place in OWN.get(letter, "").split():
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


def test_every_rule_of_the_budget_has_a_mutation_of_its_own() -> None:
    form = KITS["C"].form
    own = {rule.code for rule in load_form(form).rules if rule.code.startswith("BD")}
    assert own - {line.split()[0] for line in own_lines(form)} == set()
