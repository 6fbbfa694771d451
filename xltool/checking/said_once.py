"""One cause, one finding: what a rule says already is not said by another one as well.

A rule declares which other rules' findings it absorbs, and where (`Rule.says_also`); here, and nowhere
else, it is carried out, over all that was found of a workbook (docs/domain.md §0.7).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from xltool.returns.origins import line_of
from xltool.rules.declaring import SEVERITIES, Rule, Scope
from xltool.rules.findings import Finding, Whose

Place = tuple[object, ...]
_Key = tuple[Whose, str, Scope, Place]


def said_once(findings: Sequence[Finding], rules: Iterable[Rule]) -> list[Finding]:
    """Return the findings of a workbook, in their order, without those that others absorb.

    `rules` are those of its form. What is absorbed is never graver than what absorbs it, and is mended by the
    same side: what the office is told does not reach the unit. A finding that
    the office waived neither absorbs nor is absorbed: its decision stays visible.
    """
    by_code: dict[str, list[Finding]] = {}
    for finding in findings:
        if not finding.waiver:
            by_code.setdefault(finding.code, []).append(finding)
    # (whose, code, scope, place) of what is said there already → the place of its gravest severity
    said: dict[_Key, int] = {}
    for rule in rules:
        for code, scope in rule.says_also.items() if rule.code in by_code else ():
            for finding in by_code[rule.code] if code in by_code else ():
                grade = SEVERITIES.index(finding.severity)
                for place in _WHERE_SAID[scope](finding):
                    key = finding.whose, code, scope, place
                    said[key] = min(grade, said.get(key, grade))
    return [finding for finding in findings if not _is_said(finding, said)] if said else [*findings]


def circle(rules: Iterable[Rule]) -> list[str]:
    """Return codes of which each absorbs the next and the last the first; none where all is well.

    Of findings of such rules nothing would be left.
    """
    absorbed: dict[str, set[str]] = {}
    for rule in rules:
        absorbed.setdefault(rule.code, set()).update(rule.says_also)
    try:
        TopologicalSorter(absorbed).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found[:0:-1]
    return []


def _is_said(finding: Finding, said: Mapping[_Key, int]) -> bool:
    """Whether another finding that is at least as grave says a finding already."""
    if finding.waiver:
        return False
    grade = SEVERITIES.index(finding.severity)
    lead = finding.whose, finding.code
    keys = ((*lead, scope, place(finding)) for scope, place in _PLACE.items())
    return any(said.get(key, len(SEVERITIES)) <= grade for key in keys)


def _cell(finding: Finding) -> Place:
    return finding.sheet, finding.cell


def _row(finding: Finding) -> Place:
    return finding.sheet, line_of(finding.cell)


def _record(finding: Finding) -> Place:
    return (finding.record,)


def _all_cells(finding: Finding) -> Iterator[Place]:
    return ((finding.sheet, cell) for cell in finding.cells)


def _just(place: Callable[[Finding], Place]) -> Callable[[Finding], Iterable[Place]]:
    return lambda finding: (place(finding),) if finding.cell else ()


# where a finding is, in each scope, and what of the workbook one that absorbs covers
_PLACE: Mapping[Scope, Callable[[Finding], Place]] = {"cell": _cell, "row": _row, "record": _record}
_WHERE_SAID: Mapping[Scope, Callable[[Finding], Iterable[Place]]] = {
    "cell": _all_cells,
    "row": _just(_row),
    "record": _just(_record),
}
