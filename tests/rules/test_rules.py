"""Every rule does what its own example table says, and is documented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import polars as pl
import pytest

from xltool.checking.examples import Example
from xltool.fields.tables import CONTEXT
from xltool.form.fact_tables import FACT_TABLES
from xltool.form.loading import form_ids, load_form
from xltool.form.model import Form, TableView
from xltool.language.claims import Claim
from xltool.language.equations import Equation
from xltool.office.values import field_by_label
from xltool.rules.declaring import Rule

DECLARATION, TARGET = "futian_2024_declaration", "longhua_2021_target"
DECLARATION_2022, UNIT = "futian_2022_declaration", "longgang_2023_unit"
NATIONAL = "national_2015_declaration"
SELFEVAL = "longhua_2021_selfeval"
COMMON = """
    TPL-001 TPL-002 TPL-003 TPL-004 TPL-005 TPL-006 TPL-007 TPL-008 TPL-009 TPL-010 TPL-011
    TPL-012 TPL-013 TPL-014 TPL-015 TPL-016 TPL-017
    TXT-001 TXT-002 TXT-005
    AMT-002 AMT-011 AMT-012 IND-002 IND-003 IND-004 IND-005 IND-007 DUP-001 XW-001 XW-002
    TXT-006 TXT-007 TXT-008 TXT-009 TXT-010 TXT-012 TXT-013 TXT-014 AMT-013 AMT-024
"""
VALUES = """
    IND-008 IND-010 IND-013 IND-014 IND-015 IND-016 DUP-002 XW-008
    VAL-001 VAL-002 VAL-003 VAL-004 VAL-005 VAL-006 VAL-007 VAL-008 VAL-009 VAL-010 VAL-011 VAL-012
    VAL-013 VAL-014
"""
CODES = {
    DECLARATION: f"""{COMMON} TXT-003 TXT-004 IND-001
        TXT-015 TXT-016 TXT-021 AMT-015 AMT-020 AMT-021 AMT-022 AMT-023 AMT-026 AMT-027 {VALUES} IND-009 IND-011
        COD-001 COD-002 COD-003 COD-004 COD-005 COD-006 COD-007 COD-008 COD-009 COD-010""",
    DECLARATION_2022: f"""{COMMON} TXT-003 TXT-004 IND-001 AMT-014
        TXT-015 TXT-021 AMT-023 AMT-026 AMT-027 {VALUES} IND-009 IND-011
        COD-001 COD-002 COD-003 COD-004 COD-005 COD-006 COD-007 COD-008 COD-009 COD-010""",
    NATIONAL: """
        TPL-001 TPL-002 TPL-003 TPL-004 TPL-006 TPL-007 TPL-008 TPL-011 TPL-012 TPL-013 TPL-014 TPL-015 TPL-016 TPL-017 TXT-001 TXT-002 TXT-020
        AMT-001 AMT-002 AMT-011 AMT-012 IND-002 IND-003 IND-004 IND-005 IND-006 IND-007
        VAL-001 VAL-004 VAL-006 VAL-011 DUP-001 XW-001 XW-002""",
    UNIT: """
        TPL-001 TPL-002 TPL-003 TPL-004 TPL-006 TPL-007 TPL-008 TPL-011 TPL-012 TPL-013 TPL-014 TPL-015 TPL-016 TPL-017 TXT-001 AMT-011 AMT-025
        TXT-007 TXT-008 TXT-009 TXT-010 TXT-012 TXT-014 AMT-024
        IND-002 IND-003 IND-004 IND-005 IND-007 XW-001 XW-002
        OA-001 OA-002 OA-003 OA-004 OA-005 OA-006 OA-007""",
    SELFEVAL: f"""
        TPL-001 TPL-002 TPL-003 TPL-004 TPL-005 TPL-006 TPL-007 TPL-008 TPL-009 TPL-010 TPL-011
    TPL-012 TPL-013 TPL-014 TPL-015 TPL-016 TPL-017
        TXT-001 TXT-007 TXT-008 TXT-009 TXT-010 TXT-012 TXT-013 TXT-014 AMT-011 AMT-013 AMT-023 AMT-024
        IND-002 IND-003 IND-004 IND-005 IND-007 IND-008 IND-010 IND-014 IND-015 DUP-001
        VAL-001 VAL-002 VAL-003 VAL-004 VAL-005 VAL-006 VAL-007 VAL-008 VAL-013 VAL-014
        {" ".join(f"SE-{number:03}" for number in range(1, 24))}
        XW-001 XW-002 XW-009 XW-010""",
    TARGET: f"""{COMMON} AMT-001 AMT-003 AMT-004 AMT-005 AMT-006 AMT-007 AMT-008 AMT-009
        TXT-011 AMT-010 AMT-016 AMT-026 AMT-027 {VALUES} DUP-003 IND-012 IND-017 TXT-021 IND-006 DAT-001 DAT-002 DAT-003""",
}


def every_rule() -> Iterator[Example]:
    """Each rule once, in the form that has all columns of its example table and most of its levels."""
    rules = {id(rule): rule for form_id in form_ids() for rule in load_form(form_id).rules}
    for found in rules.values():
        forms = [
            form
            for form_id in form_ids()
            if id(found) in map(id, (form := load_form(form_id)).rules)
        ]
        fitting = [form for form in forms if fits(form, found, found.examples.header)]
        yield Example(
            found, table_in(max(fitting, key=partial(levels_in, found), default=None), found)
        )


def table_in(form: Form | None, found: Rule) -> TableView | None:
    """The table that a rule is about; None for a rule on each field."""
    if found.on in FACT_TABLES or found.each is not None:
        return FACT_TABLES.get(str(found.on))
    assert form is not None, "no form has all the words of the example"
    return form.tables[str(found.on)]


def fits(form: Form, found: Rule, words: Sequence[str]) -> bool:
    table = form.tables.get(str(found.on))
    return table is not None and all(column(table, word) or word in extra(found) for word in words)


def levels_in(found: Rule, form: Form) -> int:
    """How many cells of the example table are a 二级指标 of the form."""
    levels = {lv2 for table in form.tables.values() for _, lv2, _ in table.catalogue}
    return sum(cell in levels for cells, _ in found.examples.rows for cell in cells)


def extra(found: Rule) -> dict[str, pl.DataType]:
    """Columns beside the table's own: what the rule looks up, sums over another table (`task.amount`)."""
    sums = {word: pl.Decimal(38, 8) for word in found.examples.header if "." in word}
    return {name: lookup.dtype for name, lookup in found.using.items()} | sums


def column(table: TableView, word: str) -> str | None:
    """The field or context column that a header cell means."""
    return word if word in CONTEXT else field_by_label(table.fields, word)


EXAMPLE_LIST = list(every_rule())
NAMES = [f"{e.rule.code}-{e.rule.function.__name__}" for e in EXAMPLE_LIST]


@pytest.mark.parametrize("example", EXAMPLE_LIST, ids=NAMES)
def test_example_table(example: Example) -> None:
    verdicts = [verdict for _, verdict in example.rule.examples.rows]
    assert set(verdicts) == {"ok", "bad"}
    assert example.failing() == example.bad
    if example.table is None:
        assert example.rule.examples.header[0] == "内容"
        return
    assert example.failing() == example.bad  # and again
    judgement = example.rule.function(example.table)
    rows = example.frame().to_dicts()
    if isinstance(judgement, Equation):
        marks = [judgement.judge(row, example.table.fields) for row in rows]
    elif isinstance(judgement, Claim):
        marks = [judgement.judge(row) for row in rows]
    else:
        return
    assert {n for n, mark in enumerate(marks) if mark == "✘"} == example.bad


ALONE = [
    pytest.param(example, id=name)
    for example, name in zip(EXAMPLE_LIST, NAMES, strict=True)
    if not example.rule.together
    and example.rule.each is None
    and example.rule.on not in ("submission", "roster")
]


@pytest.mark.parametrize("example", ALONE)
def test_a_rule_looks_at_one_workbook_at_a_time(example: Example) -> None:
    """Unless it says `together`: what it says of a workbook does not depend on those beside it."""
    frame = example.frame()
    alone = set()
    for (_,), rows in frame.group_by("workbook", maintain_order=True):
        numbered = rows.with_columns(row=pl.int_range(pl.len(), dtype=pl.UInt32))
        alone |= {rows["row"][place] for place in example.failing(numbered)}
    assert alone == example.failing(frame)


@pytest.mark.parametrize("example", EXAMPLE_LIST, ids=NAMES)
def test_documented(example: Example) -> None:
    found = example.rule
    assert found.title.endswith("。")
    assert found.examples.header
    assert found.hint
    judged = found.function(example.table) if example.table is not None else None
    every = judged if isinstance(judged, list) else [judged]
    assert found.message or all(isinstance(one, Equation) for one in every)
    assert not found.message.endswith("。")
    assert not found.hint.endswith("。")
    assert (found.on is None) != (found.each is None)
    if example.table is not None:
        assert set(found.cells) <= set(example.table.fields)


@pytest.mark.parametrize("form_id", CODES)
def test_required_codes(form_id: str) -> None:
    codes = {rule.code for rule in load_form(form_id).rules}
    assert set(CODES[form_id].split()) - codes == set()


def test_a_code_is_one_subject() -> None:
    for example in EXAMPLE_LIST:
        prefix, _, number = example.rule.code.partition("-")
        assert prefix in {
            "TPL",
            "TXT",
            "AMT",
            "IND",
            "COD",
            "DAT",
            "DUP",
            "XW",
            "BD",
            "VAL",
            "SE",
            "OA",
            "OPI",
        }
        assert len(number) == 3
