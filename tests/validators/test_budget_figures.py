"""longgang_2023_budget: any figure that is really changed is found.

Every figure is rounded for itself, so a change stays within the rounding envelope (ROUND) up to
½ × (1 + parts) of the narrowest equation that it belongs to, and is an error beyond
(docs/domain.md §0.2).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from helpers import answers, fill_unit, make_campaign

from xltool.checking.running import check
from xltool.fields.kinds import Amount
from xltool.office.campaign import Campaign
from xltool.returns.identifying import settings_for
from xltool.returns.reading import read_file
from xltool.returns.submissions import Batch, Submission
from xltool.rules.findings import Finding

UNIT = "301001"
ALLOCATIONS = ("fiscal", "general", "fund", "capital")
SOURCES = ("special", "service", "business", "upper", "affiliated", "other", "carry_in")
SUMMED = (
    *("人员支出", "公用支出", "对个人和家庭的补助支出"),
    *("货物采购", "工程采购", "服务采购"),
)
Place = tuple[int, str]  # number of the row, field


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    return make_campaign("budget", tmp_path_factory.mktemp("budget"))


@pytest.fixture(scope="module")
def submission(campaign: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Submission:
    path = tmp_path_factory.mktemp("return") / f"{UNIT}.xlsx"
    fill_unit(campaign, UNIT, answers("budget", UNIT), path)
    return read_file(path, settings_for(campaign, None))


def figures(campaign: Campaign, submission: Submission) -> list[Place]:
    """Every amount that stands in the workbook, without the changes against last year."""
    return [
        (number, name)
        for number, row in enumerate(submission.rows)
        for name, column in campaign.form.tables[row.table].fields.items()
        if type(column.kind) is Amount and name != "delta" and row.values.get(name) is not None
    ]


def changed(submission: Submission, place: Place, step: int) -> Submission:
    """The submission with one figure raised by `step`."""
    number, name = place
    rows = list(submission.rows)
    old = rows[number].values[name]
    assert isinstance(old, Decimal)
    rows[number] = replace(rows[number], values={**rows[number].values, name: old + step})
    file = f"{number} {name}"
    return replace(submission, file=file, sha256=file, rows=rows)


def verdicts(
    campaign: Campaign, submission: Submission, steps: dict[Place, int]
) -> dict[Place, str]:
    """What each figure leads to if only it is raised by its step: all checked in one run."""
    copies = [changed(submission, place, step) for place, step in steps.items()]
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in check(Batch(copies, campaign)).findings:
        if not finding.code.startswith("XW"):  # one unit, many workbooks
            found[finding.file].append(finding)
    return {place: worst(found[f"{place[0]} {place[1]}"]) for place in steps}


def worst(findings: Sequence[Finding]) -> str:
    if any(finding.severity == "error" for finding in findings):
        return "error"
    if any(finding.code == "ROUND" for finding in findings):
        return "ROUND"
    return findings[0].severity if findings else ""


def least_error(submission: Submission, place: Place) -> int:
    """The least change that must be an error."""
    number, name = place
    row = submission.rows[number]
    if row.table in ("t10", "t11"):
        return 1  # the note says that there is nothing
    if row.table in ("t2", "t5") and name in SOURCES:
        return 5  # one of 8 parts of the total
    if row.table in ("t1", "t2", "t5", "t6") and name in ALLOCATIONS:
        return 3  # one of 3 parts, or their sum
    if row.values.get("name") in SUMMED:
        return 3  # one of 3 or 4 parts of a sum in the explanations
    return 2  # one figure against one other


@pytest.mark.slow
def test_every_changed_figure_is_found(campaign: Campaign, submission: Submission) -> None:
    """机关运行经费 alone is in no equation: a warning says that it must not contain wages (BD-026)."""
    places = figures(campaign, submission)
    assert len(places) > 340
    operation = next(
        place for place in places if submission.rows[place[0]].values.get("name") == "机关运行经费"
    )
    places.remove(operation)
    least = {place: least_error(submission, place) for place in places}
    found = verdicts(campaign, submission, least)
    assert {place: verdict for place, verdict in found.items() if verdict != "error"} == {}
    within = {place: step - 1 for place, step in least.items() if step > 1}
    found = verdicts(campaign, submission, within)
    assert {place: verdict for place, verdict in found.items() if verdict != "ROUND"} == {}
    assert verdicts(campaign, submission, {operation: 2}) == {operation: "warning"}


def test_nothing_is_found_unchanged(campaign: Campaign, submission: Submission) -> None:
    assert check(Batch([submission], campaign)).findings == []
