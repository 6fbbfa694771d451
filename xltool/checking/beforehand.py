"""What the rules find in what the office prefilled, before it goes out: no unit could mend it.

The workbooks are judged as if they came back untouched; of all that is found then, the findings count that
are the office's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from xltool.checking.assembly import Assembly
from xltool.checking.drawers import Drawers
from xltool.checking.parts import Judged, Order, make_part
from xltool.form.edition import Recipe, canonical, edition_of
from xltool.office.campaign import Campaign
from xltool.office.roster import Unit
from xltool.returns.as_issued import as_issued
from xltool.returns.identifying import settings_for
from xltool.returns.submissions import Batch
from xltool.rules.declaring import SEVERITIES
from xltool.rules.findings import WORDS, Finding, grouped

_AT_ONCE = 50  # workbooks that are judged together
_NAMED = 30  # lines that are said; who mends these sees the others next time


@dataclass(frozen=True)
class Own:
    """A finding of the office's own, and where its value comes from: the list, with the line where known."""

    finding: Finding
    unit: str
    source: str

    @property
    def words(self) -> str:
        """All of it in one line."""
        finding = self.finding
        project = f" {finding.record}" if finding.record not in ("", finding.sheet) else ""
        said = f"{self.source}（{self.unit}{project}）：{finding.message}"
        return f"{said}（{WORDS[finding.severity]} {finding.code}）"


def notes_on_prefilled(campaign: Campaign, units: Sequence[Unit]) -> list[str]:
    """A line for what is wrong with what these units get prefilled, the gravest first.

    Raises OfficeError where a list of the campaign is wrong.
    """
    found = sorted(own_findings(campaign, units), key=lambda own: _grade(own.finding))
    lines = [own.words for own in found[:_NAMED]]
    if len(found) > _NAMED:
        lines.append(
            f"预填的内容还有 {len(found) - _NAMED} 处问题没有列出，改正上面的之后再下发时列出"
        )
    errors = len({own.unit for own in found if own.finding.severity == "error"})
    if errors:
        lines.append(
            f"预填的内容有错误，单位改不了：这 {errors} 个单位交回后会停在“待本级处理”，不能合并；请改正后重新下发"
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
            findings = [f for f in assembly.of(number) if not f.is_the_units and not f.waiver]
            places = _records(campaign, unit) if findings else {}
            for group in grouped(findings):
                source = _source(campaign, unit, places.get(group.first.sheet, 0), group.first)
                yield Own(group.first, unit.unit_code, source)


def _grade(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity)


def _recipe(campaign: Campaign) -> Recipe:
    changes, rows = canonical(campaign.changes), canonical(campaign.rows)
    return Recipe(campaign.form.id, campaign.folder, changes, rows, campaign.fy)


def _records(campaign: Campaign, unit: Unit) -> Mapping[str, int]:
    """The record of each form sheet of a unit, by the name of the sheet."""
    pages = campaign.layout.pages(len(campaign.issue_for(unit).records))
    return {page.name: page.record for page in pages}


def _source(campaign: Campaign, unit: Unit, record: int, finding: Finding) -> str:
    """The list that the value of a finding comes from, with its line."""
    projects = campaign.projects.get(unit.unit_code, ())
    number = record - campaign.form.first_project
    known = projects[number] if 0 <= number < len(projects) else None
    if known is not None and known.has(finding.field):
        return known.source or "批准的绩效目标"
    for prefill in campaign.prefills:
        if any(finding.field in fields for fields in prefill.fields.values()):
            values = known.values if known else {}
            line = next((line for line, _ in prefill.of(unit.unit_code, values)), None)
            return prefill.path.name + (f" 第 {line} 行" if line else "")
    return "units.csv"
