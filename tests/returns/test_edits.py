"""Whatever a unit does to its workbook: it is told where, and nothing is silently misread."""

from __future__ import annotations

import os

import pytest
from counts import SOAKING, count
from edit_kinds import KINDS
from edits import Edited, Filled, Told, filled
from helpers import FORMS
from hypothesis import HealthCheck, given, settings
from misreading import Judge

from xltool.checking.running import check
from xltool.returns.submissions import Batch, Submission

FUZZING = "XLTOOL_EXAMPLES" in os.environ  # make fuzz
EXAMPLES = int(os.environ.get("XLTOOL_EXAMPLES", count(300, 2900)))  # of each form
SAMPLE = count(4, 15)  # of each kind of edit of each form, for which all rules run
pytestmark = pytest.mark.fuzz
many = settings(
    max_examples=EXAMPLES // len(KINDS),
    deadline=None,
    database=None,
    derandomize=not FUZZING,  # the same ones in every run
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module", params=FORMS)
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """A filled workbook of each form."""
    return filled(request.param, tmp_path_factory.mktemp(request.param))


@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_is_told_and_nothing_is_misread(base: Filled, kind: str) -> None:
    noted: list[tuple[Told, Submission]] = []  # while reading; their rules are few
    others: list[tuple[Told, Submission]] = []

    @settings(many, max_examples=number(base))
    @given(edited=KINDS[kind](base))
    def holds(edited: Edited) -> None:
        found = base.read(edited.workbook)
        judge = Judge(base, edited, found)
        assert list(judge.misread()) == []
        if not judge.is_filling:
            (noted if is_noted(edited.told, found) else others).append((edited.told, found))

    holds()
    assert untold(base, others + noted[:SAMPLE]) == []


def number(base: Filled) -> int:
    """How many edits of each kind. A form of many sheets takes as many times longer to read."""
    usual = many.max_examples
    return usual if FUZZING or SOAKING or len(base.sheets) == 1 else max(1, usual // 4)


def is_noted(told: Told, found: Submission) -> bool:
    """True if something was noted at the place while reading."""
    if any(f.state == "missing" and f.expected == told.unless_missing for f in found.sheets):
        return True
    facts = [(f.sheet, f.cell, f"{f.expected}{f.detail}") for f in found.sheets]
    facts += [(f.sheet, f.cell, "") for f in found.cells]
    return any(
        sheet == told.sheet and cell in told.cells and told.words in text
        for sheet, cell, text in facts
    )


def untold(base: Filled, cases: list[tuple[Told, Submission]]) -> list[Told]:
    """Of these edits those without a finding at the place, after all rules ran."""
    for number, (_, submission) in enumerate(cases):
        submission.file = f"{number}.xlsx"
    verdict = check(Batch([submission for _, submission in cases], base.campaign))
    findings: dict[str, list[tuple[str, str, str]]] = {}
    for f in verdict.findings:
        for cell in {f.cell, *f.cells}:
            findings.setdefault(f.file, []).append((f.sheet, cell, f.message))
    return [
        told
        for told, submission in cases
        if not any(
            (sheet == told.sheet and cell in told.cells and told.words in message)
            or message == f"缺少工作表“{told.unless_missing}”"
            for sheet, cell, message in findings.get(submission.file, [])
        )
    ]
