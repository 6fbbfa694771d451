"""Every rule does what its own example table says, and is documented."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import polars as pl
import pytest

from xltool.checking.checks import ROUND, checks_for
from xltool.checking.schemas import failing_rows
from xltool.fields.kinds import Choice, Field, Kind, Text
from xltool.fields.tables import CONTEXT
from xltool.form.fact_tables import FACT_TABLES
from xltool.form.loading import form_ids, load_form
from xltool.form.model import Form, TableView
from xltool.language.claims import Claim
from xltool.language.equations import Equation
from xltool.office.roster import field_by_label
from xltool.rules.declaring import Offence, Rule

DECLARATION, TARGET = "futian_2024_declaration", "longhua_2021_target"
DECLARATION_2022, UNIT = "futian_2022_declaration", "longgang_2023_unit"
NATIONAL = "national_2015_declaration"
SELFEVAL = "longhua_2021_selfeval"
COMMON = """
    TPL-001 TPL-002 TPL-003 TPL-004 TPL-005 TPL-006 TPL-007 TPL-008 TPL-009 TPL-010 TPL-011
    TPL-012 TPL-013 TPL-014 TPL-015 TPL-016
    TXT-001 TXT-002 TXT-005
    AMT-002 AMT-011 AMT-012 IND-002 IND-003 IND-004 IND-005 IND-007 DUP-001 XW-001 XW-002
    TXT-006 TXT-007 TXT-008 TXT-009 TXT-010 TXT-012 TXT-013 TXT-014 AMT-013 AMT-024
"""
VALUES = """
    IND-008 IND-010 IND-013 IND-014 IND-015 IND-016 DUP-002 DUP-003 XW-008
    VAL-001 VAL-002 VAL-003 VAL-004 VAL-005 VAL-006 VAL-007 VAL-008 VAL-009 VAL-010 VAL-011 VAL-012
    VAL-013
"""
CODES = {
    DECLARATION: f"""{COMMON} TXT-003 TXT-004 IND-001
        TXT-015 TXT-016 AMT-015 AMT-020 AMT-021 AMT-022 AMT-023 {VALUES} IND-009 IND-011
        COD-001 COD-002 COD-003 COD-004 COD-005 COD-006 COD-007 COD-008 COD-009 COD-010""",
    DECLARATION_2022: f"""{COMMON} TXT-003 TXT-004 IND-001 AMT-014
        TXT-015 AMT-023 {VALUES} IND-009 IND-011
        COD-001 COD-002 COD-003 COD-004 COD-005 COD-006 COD-007 COD-008 COD-009 COD-010""",
    NATIONAL: """
        TPL-001 TPL-002 TPL-003 TPL-004 TPL-006 TPL-007 TPL-008 TPL-011 TPL-012 TPL-013 TPL-014 TPL-015 TPL-016 TXT-001 TXT-002 TXT-020
        AMT-001 AMT-002 AMT-011 AMT-012 IND-002 IND-003 IND-004 IND-005 IND-006 IND-007
        VAL-001 VAL-004 VAL-006 VAL-011 DUP-001 XW-001 XW-002""",
    UNIT: """
        TPL-001 TPL-002 TPL-003 TPL-004 TPL-006 TPL-007 TPL-008 TPL-011 TPL-012 TPL-013 TPL-014 TPL-015 TPL-016 TXT-001 AMT-011 AMT-025
        TXT-007 TXT-008 TXT-009 TXT-010 TXT-012 TXT-014 AMT-024
        IND-002 IND-003 IND-004 IND-005 IND-007 XW-001 XW-002
        OA-001 OA-002 OA-003 OA-004 OA-005 OA-006 OA-007""",
    SELFEVAL: f"""
        TPL-001 TPL-002 TPL-003 TPL-004 TPL-005 TPL-006 TPL-007 TPL-008 TPL-009 TPL-010 TPL-011
    TPL-012 TPL-013 TPL-014 TPL-015 TPL-016
        TXT-001 TXT-007 TXT-008 TXT-009 TXT-010 TXT-012 TXT-013 TXT-014 AMT-011 AMT-023 AMT-024
        IND-002 IND-003 IND-004 IND-005 IND-007 IND-008 IND-010 IND-014 IND-015 DUP-001
        VAL-001 VAL-002 VAL-003 VAL-004 VAL-005 VAL-006 VAL-007 VAL-008 VAL-013
        {" ".join(f"SE-{number:03}" for number in range(1, 24))}
        XW-001 XW-002 XW-009 XW-010""",
    TARGET: f"""{COMMON} AMT-001 AMT-003 AMT-004 AMT-005 AMT-006 AMT-007 AMT-008 AMT-009
        TXT-011 AMT-010 AMT-016 {VALUES} IND-012 IND-006 DAT-001 DAT-002 DAT-003""",
}


# The example tables


@dataclasses.dataclass(frozen=True)
class Example:
    """The example table of a rule, in a form whose words it uses."""

    rule: Rule
    form: Form | None

    @property
    def table(self) -> TableView:
        """The table that the rule is about."""
        if self.rule.on in FACT_TABLES:
            return FACT_TABLES[str(self.rule.on)]
        assert self.form is not None, "no form has all the words of the example"
        return self.form.tables[str(self.rule.on)]

    @property
    def bad(self) -> set[int]:
        """The rows that the table calls bad."""
        return {n for n, (_, verdict) in enumerate(self.rule.examples.rows) if verdict == "bad"}


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
        yield Example(found, max(fitting, key=partial(levels_in, found), default=None))


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


def context(word: str, text: str) -> Any:
    """A cell under the name of a context column."""
    kind = CONTEXT[word]
    if kind.is_integer():
        return int(text) if text else None
    if kind == pl.List(pl.String()):
        return text.split()
    return text == "yes" if kind == pl.Boolean() else text or None


def frame_of(example: Example) -> pl.DataFrame:
    """The rows of an example table as the typed frame that the rule will see."""
    table, found = example.table, example.rule
    rows = []
    for index, (cells, _) in enumerate(found.examples.rows):
        row: dict[str, Any] = dict.fromkeys(table.fields)
        row |= dict.fromkeys(CONTEXT) | {"row": index, "workbook": 0, "fy": 2027, "unreadable": []}
        row |= {"record": index if found.on == "project" else 0, "unit_code": "106001"}
        for word, text in zip(found.examples.header, cells, strict=True):
            if word in extra(found):
                row[word] = typed(text, extra(found)[word])
                continue
            name = column(table, word)
            assert name is not None
            field = table.fields.get(name)
            row[name] = field.kind.parse(text, field) if field else context(name, text)
        if table.catalogue and row["lv1"] is None:
            row["lv1"] = next((a for a, b, _ in table.catalogue if b == row["lv2"]), None)
        filled = {column(table, word) for word in found.examples.header} & {*table.fields}
        filled -= {"lv1", "lv2"}  # printed
        if row["used"] is None:
            row["used"] = not (table.catalogue and filled) or any(row[str(name)] for name in filled)
        rows.append(row)
    dtypes = {name: field.kind.dtype(field) for name, field in table.fields.items()}
    return pl.DataFrame(rows, schema={**dtypes, **CONTEXT, **extra(found)})


def typed(text: str, dtype: pl.DataType) -> Any:
    """A cell under the name of a looked-up value."""
    if not text:
        return None
    if isinstance(dtype, pl.Decimal):
        return Decimal(text)
    if isinstance(dtype, pl.Date):
        return date.fromisoformat(text)
    if isinstance(dtype, pl.List):
        return text.split()
    return int(text) if dtype.is_integer() else text


def failing(example: Example, frame: pl.DataFrame) -> set[int]:
    """The rows that the rule complains about, run as in a check."""
    checks = [c for c in checks_for([example.rule], example.table) if c.code != ROUND]
    return {row for _, row in failing_rows(frame, example.table, checks)}


def field_for(words: Sequence[str], cells: Sequence[str]) -> Field:
    """A field with the attributes that an example table of a field rule gives."""
    given = {w: c for w, c in zip(words[1:], cells[1:], strict=True) if w not in CONTEXT}
    kind: Kind = Choice() if "choices" in given else Text()
    changes = {name: attribute(name, text) for name, text in given.items()}
    return Field("value", "内容", kind, **changes)


def attribute(name: str, text: str) -> Any:
    """An attribute of a field as an example table writes it."""
    if name == "choices":
        return tuple(text.split())
    if name == "required":
        return text == "yes"
    return int(text) if text.isdigit() else text


@pytest.mark.parametrize("example", EXAMPLE_LIST, ids=NAMES)
def test_example_table(example: Example) -> None:
    verdicts = [verdict for _, verdict in example.rule.examples.rows]
    assert set(verdicts) == {"ok", "bad"}
    if example.rule.each is not None:
        assert field_rule_fails(example.rule) == example.bad
        return
    frame = frame_of(example)
    assert failing(example, frame) == example.bad
    assert failing(example, frame) == example.bad  # and again
    judgement = example.rule.function(example.table)
    rows = frame.to_dicts()
    if isinstance(judgement, Equation):
        marks = [judgement.judge(row, example.table.fields) for row in rows]
    elif isinstance(judgement, Claim):
        marks = [judgement.judge(row) for row in rows]
    else:
        return
    assert {n for n, mark in enumerate(marks) if mark == "✘"} == example.bad


def field_rule_fails(found: Rule) -> set[int]:
    assert found.examples.header[0] == "内容"
    fails = set()
    for number, (cells, _) in enumerate(found.examples.rows):
        field = field_for(found.examples.header, cells)
        assert found.each is not None
        assert found.each(field), "the rule does not admit the field of its own example"
        row: dict[str, Any] = {"value": cells[0] or None, **dict.fromkeys(CONTEXT)}
        row |= {"unreadable": [], "used": True, "fy": 2027}
        given = zip(found.examples.header, cells, strict=True)
        row |= {word: context(word, text) for word, text in given if word in CONTEXT}
        frame = pl.DataFrame([row], schema={"value": pl.String(), **CONTEXT})
        judgement = found.function(field)
        assert isinstance(judgement, pl.Expr | Offence)
        bad = judgement if isinstance(judgement, pl.Expr) else judgement.bad
        if frame.select(bad.fill_null(value=False)).item():
            fails.add(number)
    return fails


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
    frame = frame_of(example)
    alone = set()
    for (_,), rows in frame.group_by("workbook", maintain_order=True):
        numbered = rows.with_columns(row=pl.int_range(pl.len(), dtype=pl.UInt32))
        alone |= {rows["row"][place] for place in failing(example, numbered)}
    assert alone == failing(example, frame)


@pytest.mark.parametrize("example", EXAMPLE_LIST, ids=NAMES)
def test_documented(example: Example) -> None:
    found = example.rule
    assert found.title.endswith("。")
    assert found.examples.header
    assert found.hint
    judged = found.function(example.table) if found.each is None else None
    every = judged if isinstance(judged, list) else [judged]
    assert found.message or all(isinstance(one, Equation) for one in every)
    assert not found.message.endswith("。")
    assert not found.hint.endswith("。")
    assert (found.on is None) != (found.each is None)
    if found.each is None:
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
        }
        assert len(number) == 3
