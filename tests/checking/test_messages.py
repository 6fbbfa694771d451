"""What every rule says on every form, of the bad rows of its examples: short, with its figures, in the form's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import pytest

from xltool.checking.checks import checks_for
from xltool.checking.examples import Example, ExampleError
from xltool.checking.schemas import failing_rows
from xltool.checking.wording import finding_of, worded
from xltool.form.loading import form_ids, load_form
from xltool.form.model import Form, TableView
from xltool.returns.extracting import Row
from xltool.rules.declaring import Rule
from xltool.rules.findings import Finding

LONGEST = 90
FORMS = form_ids()
# the fewest bad examples that a form has (facts on files and sheets aside): none may get lost unseen
FEWEST = 30


@dataclass(frozen=True)
class Said:
    """What a rule says of a bad example."""

    rule: str
    finding: Finding


def said_by(rule: Rule, table: TableView) -> Iterator[Said]:
    """What a rule says of the bad rows of its examples, as those of a table."""
    try:
        frame = Example(rule, table).frame()
    except ExampleError:
        return  # an example with the columns of another form
    for check, row in failing_rows(frame, table, list(checks_for([rule], table))):
        known = {name: frame[name] for name in rule.using if name in frame.columns}
        told = replace(check, looked_up=known)
        cells = dict.fromkeys(check.cells, f"D{10 + row}")
        place = Row(table.name, "项目1", 0, {}, cells=cells)
        for _, words, at in worded(table, frame, told, [row]):
            finding = finding_of(table, told, place, words, at, "a.xlsx", "甲", "unit")
            yield Said(rule.function.__name__, finding)


@cache
def all_said(form_id: str) -> list[Said]:
    """What all rules of a form say of their bad examples."""
    form = load_form(form_id)
    tables = form.tables.values()
    return [
        said
        for rule in form.rules
        for table in tables
        if rule.is_on(table.name)
        for said in said_by(rule, table)
    ]


@pytest.mark.parametrize("form_id", FORMS)
def test_messages_are_short(form_id: str) -> None:
    said = all_said(form_id)
    assert len(said) >= FEWEST
    long = [(s.rule, s.finding.message) for s in said if len(s.finding.message) > LONGEST]
    assert long == []


@pytest.mark.parametrize("form_id", FORMS)
def test_nothing_is_quoted_that_is_not_there(form_id: str) -> None:
    texts = [(s.rule, f"{s.finding.message}{s.finding.hint}") for s in all_said(form_id)]
    assert [(rule, text) for rule, text in texts if re.search("“”|None|为 ，|为空 ", text)] == []


@pytest.mark.parametrize("form_id", FORMS)
def test_no_message_has_a_year_of_its_own(form_id: str) -> None:
    form = load_form(form_id)
    literal = [(r.function.__name__, f"{r.message}{r.hint}") for r in form.rules]
    years = r"(?<!\d)20(?!00 至|99 年)\d\d(?!\d)"  # but for those between which a date lies
    assert [(rule, text) for rule, text in literal if re.search(years, text)] == []


def labels_of(form: Form) -> set[str]:
    """The labels of a form, without their units."""
    fields = [field for table in form.tables.values() for field in table.fields.values()]
    return {re.sub("（[^）]*）$", "", field.short_label) for field in fields}


FOREIGN = {label for form_id in FORMS for label in labels_of(load_form(form_id)) if len(label) > 3}


# what a form says of another table of the office, by the form
ELSEWHERE = {
    "longgang_2023_unit": {"支出总计", "基本支出", "项目支出"},  # of the department's budget
    "longhua_2021_selfeval": {"绩效目标", "项目总金额"},  # of the approved targets
}


@pytest.mark.parametrize("form_id", FORMS)
def test_labels_are_those_of_the_form(form_id: str) -> None:
    form = load_form(form_id)
    layout = (form.folder / "layout.xml.j2").read_text(encoding="utf-8")
    printed = "\n".join([*labels_of(form), layout])
    wrong = [
        (said.rule, label)
        for said in all_said(form_id)
        for label in FOREIGN - ELSEWHERE.get(form_id, set())
        if label in re.sub("“[^”]*”", "", said.finding.message) and label not in printed
    ]
    assert sorted(set(wrong)) == []
