"""What the rules find in what the office prefilled, before it goes out: no unit could mend it.

The workbooks are judged as if they came back untouched; of all that is found then, the findings count that
are the office's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xltool.checking.assembly import Assembly
from xltool.checking.drawers import Drawers
from xltool.checking.parts import Judged, Order, make_part
from xltool.errors import OfficeError
from xltool.form.edition import Recipe, canonical, edition_of
from xltool.office.campaign import Campaign
from xltool.office.list_files import list_file
from xltool.office.roster import ROSTER, Unit
from xltool.returns.as_issued import as_issued
from xltool.returns.identifying import settings_for
from xltool.returns.submissions import Batch
from xltool.rules.declaring import SEVERITIES
from xltool.rules.findings import WORDS, Finding, grouped

_AT_ONCE = 50  # workbooks that are judged together
_FILLED_UP = ("XW-005", "XW-007")  # sums that new projects on spare sheets may still fill up
_NAMED = 30  # lines that are said; who mends these sees the others next time


@dataclass(frozen=True)
class Own:
    """A finding of the office's own, and where its value comes from: the list, with the line where known."""

    finding: Finding
    unit: str
    path: Path
    line: int | None

    @property
    def words(self) -> str:
        """All of it in one line, for a note."""
        finding = self.finding
        line = "" if self.line is None else f" 第 {self.line} 行"
        said = f"{self.path.name}{line}（{self._whose}）：{finding.message}"
        return f"{said}（{WORDS[finding.severity]} {finding.code}）"

    @property
    def mistake(self) -> OfficeError:
        """The same as a mistake of the office, which stands in the way of issuing."""
        finding = self.finding
        step = f"；{finding.hint}" if finding.hint else "；请改正"
        words = f"{self._whose}：{finding.message}（{finding.code}）{step}"
        return OfficeError(words, self.path, self.line)

    @property
    def _whose(self) -> str:
        """The unit, and the project."""
        finding = self.finding
        project = f" {finding.record}" if finding.record not in ("", finding.sheet) else ""
        return f"{self.unit}{project}"


def said_of(found: Sequence[Own]) -> list[str]:
    """A line for each of the findings on what is prefilled, the gravest first, as far as they are few."""
    lines = [own.words for own in sorted(found, key=lambda own: _grade(own.finding))[:_NAMED]]
    if len(found) > _NAMED:
        lines.append(
            f"预填的内容还有 {len(found) - _NAMED} 处问题没有列出，改正上面的之后再下发时列出"
        )
    return lines


def own_findings(campaign: Campaign, units: Sequence[Unit]) -> Iterator[Own]:
    """What is wrong with what these units get prefilled, by unit; what was waived is not."""
    edition = edition_of(_recipe(campaign))
    order = Order(settings_for(campaign, None), campaign).with_owners()
    judged: list[Judged] = []
    with Drawers() as drawers:
        for first in range(0, len(units), _AT_ONCE):
            some = units[first : first + _AT_ONCE]
            blank = [as_issued(edition, campaign.issue_for(unit), unit.file_name) for unit in some]
            part = make_part(order, blank)
            drawers.put(range(first, first + len(some)), part)
            judged += [replace(each, findings="") for each in part.judged]
        batch = Batch([each.submission for each in judged], campaign)
        assembly = Assembly(batch, drawers, judged)
        for number, unit in enumerate(units):
            findings = [
                finding
                for finding in assembly.of(number)
                if not finding.is_the_units
                and not finding.waiver
                and (finding.code not in _FILLED_UP or not campaign.spare)
            ]
            places = _records(campaign, unit) if findings else {}
            for group in grouped(findings):
                path, line = _source(campaign, unit, places.get(group.first.sheet, 0), group.first)
                yield Own(group.first, unit.unit_code, path, line)


def _grade(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity)


def _recipe(campaign: Campaign) -> Recipe:
    changes, rows = canonical(campaign.changes), canonical(campaign.rows)
    return Recipe(campaign.form.id, campaign.folder, changes, rows, campaign.fy)


def _records(campaign: Campaign, unit: Unit) -> Mapping[str, int]:
    """The record of each form sheet of a unit, by the name of the sheet."""
    pages = campaign.layout.pages(len(campaign.issue_for(unit).records))
    return {page.name: page.record for page in pages}


def _source(
    campaign: Campaign, unit: Unit, record: int, finding: Finding
) -> tuple[Path, int | None]:
    """The list that the value of a finding comes from, or should come from, with its line."""
    projects = campaign.projects.get(unit.unit_code, ())
    number = record - campaign.form.first_project
    known = projects[number] if 0 <= number < len(projects) else None
    if known is not None and known.has(finding.field):
        return (known.path or campaign.targets or campaign.folder), known.line
    for prefill in campaign.prefills:
        if any(finding.field in fields for fields in prefill.fields.values()):
            values = known.values if known else {}
            line = next((line for line, _ in prefill.of(unit.unit_code, values)), None)
            return prefill.path, line
    column = campaign.form.record_fields.get(finding.field)
    if known is not None and known.path is not None and column is not None and not column.prefill:
        return known.path, known.line
    return list_file(campaign.folder, ROSTER), unit.line
