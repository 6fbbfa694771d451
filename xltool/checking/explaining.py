"""Which finding an explanation of the unit is about: told by rule and cell, never by the line that it stood on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from xltool.form.own_sheets import FRONT
from xltool.returns.explanations import Explanation
from xltool.rules.findings import Finding

_Place = tuple[str, str, str]  # code, sheet, cell


def explained(findings: Sequence[Finding], explanations: Iterable[Explanation]) -> list[Finding]:
    """Return findings in their order, each warning with what the unit says of it.

    An explanation stands for what its rule found at its cell. A line of 填报检查 is about all that a rule finds
    on a sheet, as far as the page has no other line of this rule for it. What explains nothing that was found
    is dropped.
    """
    some = list(explanations)
    if not some:
        return list(findings)
    exact: dict[_Place, str] = {}
    for each in some:  # those of 退回修改 come first
        exact.setdefault((each.code, each.sheet, each.cell), each.text)
    wide: dict[tuple[str, str], set[str]] = {}
    for each in some:
        if each.page != FRONT:
            wide.setdefault((each.code, each.sheet), set()).add(each.text)
    return [_explained(finding, exact, wide) for finding in findings]


def _explained(
    finding: Finding, exact: Mapping[_Place, str], wide: Mapping[tuple[str, str], set[str]]
) -> Finding:
    """A finding with its explanation, if it is a warning and has one."""
    if finding.severity != "warning" or finding.explanation:
        return finding
    lead = finding.code, finding.sheet
    cells = dict.fromkeys((finding.cell, *finding.cells))
    text = next((exact[*lead, cell] for cell in cells if (*lead, cell) in exact), "")
    if not text and len(wide.get(lead, ())) == 1:
        (text,) = wide[lead]
    return replace(finding, explanation=text) if text else finding
