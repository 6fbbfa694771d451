"""How often each rule was broken in a run: what most units got wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xltool.fields.remarks import Severity
from xltool.form.model import Form
from xltool.rules.declaring import SEVERITIES
from xltool.rules.findings import Finding


@dataclass(slots=True)
class RuleTally:
    """How often the rules of one code were broken in a run.

    `severity` is that of its gravest finding, `count` how many findings there are, `workbooks` how many
    workbooks have one. `sentence` says what it is about: the rule, where only one has this code, else
    what the first finding says.
    """

    code: str
    severity: Severity
    sentence: str
    count: int = 0
    workbooks: int = 0


class Tallies:
    """The tallies of a run, workbook by workbook."""

    def __init__(self, forms: Iterable[Form]) -> None:
        self.by_code: dict[str, RuleTally] = {}
        self._titles = _titles(forms)

    def add(self, findings: Sequence[Finding], repeated: Sequence[Finding] = ()) -> None:
        """Count the findings of one workbook; those `repeated` among them are shared with an earlier one."""
        for finding in findings:
            tally = self._of(finding)
            tally.count += 1
            if SEVERITIES.index(finding.severity) < SEVERITIES.index(tally.severity):
                tally.severity = finding.severity
        for finding in repeated:
            self.by_code[finding.code].count -= 1
        for code in {finding.code for finding in findings if finding.workbook is not None}:
            self.by_code[code].workbooks += 1

    def _of(self, finding: Finding) -> RuleTally:
        tally = self.by_code.get(finding.code)
        if tally is None:
            sentence = self._titles.get(finding.code) or f"如：{finding.message}"
            tally = RuleTally(finding.code, finding.severity, sentence)
            self.by_code[finding.code] = tally
        return tally


def most_frequent(tallies: Mapping[str, RuleTally], most: int) -> list[RuleTally]:
    """The rules that most workbooks break, with errors and warnings only."""
    return [tally for tally in by_frequency(tallies) if tally.severity != "info"][:most]


def by_frequency(tallies: Mapping[str, RuleTally]) -> list[RuleTally]:
    """All rules that were broken, those of most workbooks first."""
    return sorted(tallies.values(), key=lambda tally: (-tally.workbooks, -tally.count, tally.code))


def _titles(forms: Iterable[Form]) -> dict[str, str]:
    """The rules of forms in one sentence, by code; without the codes that several rules have."""
    rules = {id(rule): rule for form in forms for rule in form.rules}.values()
    counts = Counter(rule.code for rule in rules)
    return {rule.code: rule.title.rstrip("。") for rule in rules if counts[rule.code] == 1}
