"""One cause, one finding: what one rule says is not said by another one at the same place."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from xltool.checking.said_once import circle, said_once
from xltool.fields.remarks import Severity
from xltool.form.loading import builtin_rules, form_ids, load_form
from xltool.form.model import Form
from xltool.rules.declaring import Rule, Scope, rule
from xltool.rules.findings import Finding

FORMS = [load_form(form_id) for form_id in form_ids()]


def a_rule(code: str, **says_also: Scope) -> Rule:
    """A rule that absorbs others: `B_001="cell"`."""

    def nothing(_: object) -> list[object]:
        """Nothing."""
        return []

    named: Mapping[str, Scope] = {key.replace("_", "-"): scope for key, scope in says_also.items()}
    return rule(code, on="plan", says_also=named)(nothing)  # type: ignore[arg-type]


def found(
    code: str,
    cell: str = "D14",
    severity: Severity = "warning",
    *,
    cells: tuple[str, ...] = (),
    sheet: str = "项目1",
    record: str = "甲",
    waiver: str = "",
) -> Finding:
    """A finding of a rule at a cell."""
    return Finding(
        code=code,
        severity=severity,
        file="a.xlsx",
        sheet=sheet,
        cell=cell,
        cells=cells or (cell,),
        record=record,
        field="",
        label="",
        value="",
        expected="",
        message="坏",
        hint="",
        waiver=waiver,
        workbook=0,
    )


CELL = [a_rule("A-001", B_001="cell")]
ROW = [a_rule("A-001", B_001="row")]
RECORD = [a_rule("A-001", B_001="record")]
CHAIN = [a_rule("A-001", B_001="record"), a_rule("B-001", C_001="cell")]
# what is found, and how much of it is left
CASES: list[tuple[str, list[Rule], list[Finding], list[int]]] = [
    ("same cell", CELL, [found("A-001"), found("B-001")], [0]),
    ("whichever comes first", CELL, [found("B-001"), found("A-001")], [1]),
    ("another cell", CELL, [found("A-001"), found("B-001", "E14")], [0, 1]),
    ("same cell of another sheet", CELL, [found("A-001"), found("B-001", sheet="项目2")], [0, 1]),
    ("a cell that it names", CELL, [found("A-001", cells=("D14", "E14")), found("B-001", "E14")], [0]),
    ("which names its cell", CELL, [found("A-001"), found("B-001", "E14", cells=("E14", "D14"))], [0, 1]),
    ("several", CELL, [found("A-001"), found("B-001"), found("B-001"), found("C-001")], [0, 3]),
    ("alone", CELL, [found("B-001")], [0]),
    ("same row", ROW, [found("A-001"), found("B-001", "AB14")], [0]),
    ("another row", ROW, [found("A-001"), found("B-001", "D15")], [0, 1]),
    ("row of another sheet", ROW, [found("A-001"), found("B-001", sheet="项目2")], [0, 1]),
    ("same project", RECORD, [found("A-001"), found("B-001", "F90", sheet="表二")], [0]),
    ("another project", RECORD, [found("A-001"), found("B-001", record="乙")], [0, 1]),
    ("no cell", ROW, [found("A-001", ""), found("B-001", "")], [0, 1]),
    ("as grave", CELL, [found("A-001", severity="error"), found("B-001", severity="error")], [0]),
    ("graver", CELL, [found("A-001"), found("B-001", severity="error")], [0, 1]),
    ("an info beside a warning", CELL, [found("A-001", severity="info"), found("B-001")], [0, 1]),
    (
        "one of two is grave enough",
        CELL,
        [found("A-001", severity="info"), found("A-001"), found("B-001")],
        [0, 1],
    ),
    ("waived", CELL, [found("A-001", severity="info", waiver="核过"), found("B-001")], [0, 1]),
    (
        "what is absorbed was waived",
        CELL,
        [found("A-001"), found("B-001", severity="info", waiver="核过")],
        [0, 1],
    ),
    ("a chain", CHAIN, [found("A-001"), found("B-001", "E9"), found("C-001", "E9")], [0]),
    ("a chain without its head", CHAIN, [found("B-001", "E9"), found("C-001", "E9")], [0]),
    ("nobody absorbs", [a_rule("A-001")], [found("A-001"), found("B-001")], [0, 1]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "findings", "left"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_is_left(rules: list[Rule], findings: list[Finding], left: list[int]) -> None:
    assert said_once(findings, rules) == [findings[number] for number in left]


def test_rules_of_one_code_declare_together() -> None:
    rules = [a_rule("A-001", B_001="cell"), a_rule("A-001", C_001="row"), a_rule("A-001")]
    findings = [found("A-001"), found("B-001"), found("C-001", "Z14"), found("C-001", "Z15")]
    assert said_once(findings, rules) == [findings[0], findings[3]]


@pytest.mark.parametrize(
    ("rules", "codes"),
    [
        (CHAIN, []),
        ([a_rule("A-001", A_001="cell")], ["A-001"]),
        ([a_rule("A-001", B_001="cell"), a_rule("B-001", A_001="row")], ["A-001", "B-001"]),
        (
            [a_rule("A-001", B_001="row"), a_rule("B-001", C_001="row"), a_rule("C-001", A_001="row")],
            ["A-001", "B-001", "C-001"],
        ),
    ],
)  # fmt: skip
def test_circles(rules: list[Rule], codes: list[str]) -> None:
    assert sorted(circle(rules)) == codes


@pytest.mark.parametrize("form", FORMS, ids=[form.id for form in FORMS])
def test_what_our_rules_absorb_exists(form: Form) -> None:
    codes = {code for code, _ in builtin_rules()}
    for each in form.rules:
        assert set(each.says_also) <= codes, each.code
    assert circle(form.rules) == []
