"""How often each rule was broken in a run: what most units got wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xltool.fields.remarks import Severity
from xltool.form.model import Form
from xltool.rules.declaring import SEVERITIES
from xltool.rules.findings import Finding


@dataclass(slots=True)
class RuleTally:
    """How often the rules of one code were broken in a run with one severity.

    `count` is how many findings there are, `workbooks` how many workbooks have one. `sentence` says what it is
    about: the rule, where only one has this code, else what the first of these findings says.
    """

    code: str
    severity: Severity
    sentence: str
    count: int = 0
    workbooks: int = 0


class Tallies:
    """The tallies of a run, workbook by workbook."""

    def __init__(self, forms: Iterable[Form]) -> None:
        self._found: dict[tuple[str, Severity], RuleTally] = {}
        self._titles = _titles(forms)

    @property
    def all(self) -> Sequence[RuleTally]:
        """All of them, by code, the gravest of each code first."""
        return sorted(self._found.values(), key=lambda each: (each.code, _grade(each)))

    def add(self, findings: Sequence[Finding], repeated: Sequence[Finding] = ()) -> None:
        """Count the findings of one workbook; those `repeated` among them are shared with an earlier one."""
        for finding in findings:
            self._of(finding).count += 1
        for finding in repeated:
            self._of(finding).count -= 1
        for key in {(f.code, f.severity) for f in findings if f.workbook is not None}:
            self._found[key].workbooks += 1

    def _of(self, finding: Finding) -> RuleTally:
        key = finding.code, finding.severity
        tally = self._found.get(key)
        if tally is None:
            sentence = self._titles.get(finding.code) or f"如：{finding.message}"
            tally = self._found[key] = RuleTally(*key, sentence)
        return tally


def most_frequent(tallies: Iterable[RuleTally], most: int) -> list[RuleTally]:
    """The rules that most workbooks break, with errors and warnings only."""
    return [tally for tally in by_frequency(tallies) if tally.severity != "info"][:most]


def by_frequency(tallies: Iterable[RuleTally]) -> list[RuleTally]:
    """All rules that were broken, those of most workbooks first."""
    return sorted(tallies, key=lambda each: (-each.workbooks, -each.count, each.code, _grade(each)))


def _grade(tally: RuleTally) -> int:
    return SEVERITIES.index(tally.severity)


def _titles(forms: Iterable[Form]) -> dict[str, str]:
    """The rules of forms in one sentence, by code; without the codes that several rules have."""
    rules = {id(rule): rule for form in forms for rule in form.rules}.values()
    counts = Counter(rule.code for rule in rules)
    return {rule.code: rule.title.rstrip("。") for rule in rules if counts[rule.code] == 1}
