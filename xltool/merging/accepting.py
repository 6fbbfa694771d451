"""Which submissions may be merged, by what was found in them and what a reviewer accepts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from xltool.checking.senders import owner_by_number
from xltool.errors import OfficeError
from xltool.form.rules_in_force import rules_on_every_file
from xltool.merging.fates import Fate, Seen, seen_of
from xltool.office.campaign import Campaign
from xltool.office.check_log import read_log
from xltool.office.issued import order_of_issues
from xltool.office.lower import district_of
from xltool.office.roster import Unit
from xltool.office.waivers import Acceptance, Recorded, read_accepted, record_accepted
from xltool.prose.nearest import nearest
from xltool.report.reports import Report
from xltool.returns.submissions import Batch, Submission
from xltool.rules.findings import Finding

_TWICE = "XW-001"  # two returns of a unit: decided over all that is merged (`conflicts`)


@dataclass(frozen=True)
class Scope:
    """Of which units and rules warnings are accepted now: of all that are not named."""

    units: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()

    def takes(self, unit: str, warning: Finding) -> bool:
        """True for a warning of a unit that is accepted."""
        return (not self.units or unit in self.units) and (
            not self.rules or warning.code in self.rules
        )


_ALL = Scope()


def scope_of(campaign: Campaign, units: Sequence[str], rules: Sequence[str]) -> Scope:
    """The scope that names these units and rules. Raises OfficeError for one that there is not."""
    for unit in units:
        if campaign.roster and unit not in campaign.units:
            raise OfficeError(f"--unit {unit} 不在 units.csv 中{nearest(unit, campaign.units)}")
    known = {rule.code for rule in (*rules_on_every_file(), *campaign.form.rules)}
    for rule in rules:
        if rule not in known:
            raise OfficeError(f"--rule {rule} 不是这张表的规则{nearest(rule, sorted(known))}")
    return Scope(frozenset(units), frozenset(rules))


@dataclass
class Accepting:
    """Decides about each submission of a run by itself.

    `given` accepts the warnings in `scope` now; `known` are acceptances by the SHA-256 of the file, those of offices
    below among them. `fates` are those of all submissions of the run by number; `accepted` and `seen` what
    was accepted of those that may be merged.
    """

    batch: Batch
    campaign: Campaign
    handed: Mapping[int, Fate]
    known: Mapping[str, Sequence[Recorded]]
    given: Acceptance | None
    scope: Scope = _ALL
    fates: dict[int, Fate] = field(default_factory=dict)
    accepted: dict[str, list[Recorded]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # on lines of the record that cover nothing

    def __post_init__(self) -> None:
        if self.given is not None and not self.given.time:
            self.given = replace(self.given, time=f"{datetime.now():%Y-%m-%d %H:%M}")
        self._owners = owner_by_number(self.campaign, self.batch.submissions)
        self._orders = order_of_issues(self.campaign.folder)
        self._first: dict[str, tuple[str, str]] = {}  # when a file was first seen, its name then
        for line in read_log(self.campaign.folder):
            self._first.setdefault(line.sha256, (line.time, line.file))

    def run(self, report: Report) -> None:
        """Decide about all; what is accepted now goes into the campaign's record."""
        forms = self.batch.forms.values()
        later = {rule.code for form in forms for rule in form.rules if rule.across} | {_TWICE}
        record: list[tuple[Acceptance, str, str, str, Sequence[Finding]]] = []
        for number, workbook in enumerate(report.workbooks):
            fate = self._fate(number, workbook.submission)
            findings = [f for f in workbook.findings if f.code not in later or f.severity == "info"]
            if workbook.submission.same_as is not None and number in self.handed:
                continue  # it came with several results, and counts once
            if workbook.submission.same_as is not None:
                name = Path(workbook.submission.file).name  # both were first seen under one name
                fate = replace(fate, file=name).became("copy", fate.file)
            elif workbook.submission.followed_by is not None:
                detail = f"本单位后来交了 {workbook.submission.followed_by}"
                fate = fate.became("superseded", detail)
            else:
                fate, taken = self._decided(fate, workbook.submission, findings)
                if taken and self.given is not None:
                    record.append((self.given, fate.unit_code, fate.file, fate.sha256, taken))
            self.fates[number] = fate
        if record:
            record_accepted(self.campaign.folder, record)

    def _decided(
        self, fate: Fate, found: Submission, findings: Sequence[Finding]
    ) -> tuple[Fate, Sequence[Finding]]:
        """What becomes of a submission, and its warnings if some of them are accepted now."""
        errors = [f for f in findings if f.severity == "error"]
        warnings = [f for f in findings if f.severity == "warning" and f.is_the_units]
        offices = [f for f in findings if f.severity != "info" and not f.is_the_units]
        if own := [f for f in offices if f.severity == "error"]:
            return fate.became("pending", f"本级预填或锁定的内容有 {_errors(own)}"), ()
        if found.problem is not None:
            return fate.became("unreadable", found.problem), ()
        if errors:
            return fate.became("errors", _errors(errors)), ()
        if found.sender is None:
            detail = "没有签发信息，不知道是哪个单位的；请用下发给该单位的原表重新填报"
            return fate.became("errors", detail), ()
        whole = [each.of(warnings) for each in self.known.get(fate.sha256, ())]
        self.notes += [each.idle for each in whole if each.idle]
        taken = self._accepted_now(fate, warnings, whole)
        if taken and self.given is not None:
            whole.append(Recorded(self.given, frozenset(each.fingerprint for each in taken)))
        if not _covered(warnings, whole):
            return fate.became("warnings", _unaccepted(warnings, whole)), taken
        marks = {warning.fingerprint for warning in warnings}
        if warnings:
            self.accepted[fate.sha256] = sorted(
                (each for each in whole if each.seen & marks), key=_by_time
            )
        let_pass = [*warnings, *offices, *(each for each in findings if each.waiver)]
        self.seen += [seen_of(fate, each, whole) for each in let_pass]
        waived = [each for each in findings if each.waiver]
        words = [f"{_place(each)}（{each.waiver}）" for each in waived]
        detail = f"已豁免：{'；'.join(words)}" if waived else ""
        return replace(fate, warnings=len(warnings)).became("merged", detail), taken

    def _accepted_now(
        self, fate: Fate, warnings: Sequence[Finding], earlier: Sequence[Recorded]
    ) -> Sequence[Finding]:
        """The warnings of a submission that are accepted in this run; none where all were before."""
        if self.given is None:
            return ()
        taken = [each for each in warnings if self.scope.takes(fate.unit_code, each)]
        return () if _covered(taken, earlier) else taken

    def _fate(self, number: int, found: Submission) -> Fate:
        """A submission as what is known of it before anything is decided."""
        name = Path(found.file).name
        sender, edition = found.sender, found.edition
        if number in self.handed:
            return self.handed[number]
        if sender is None or edition is None:
            return self._of_name(number, Fate(file=name, sha256=found.sha256))
        time, name = self._first.get(found.sha256, ("", name))  # renaming changes no result
        unit = self.campaign.units.get(sender.unit)
        unit = unit or Unit(sender.unit, sender.unit_name, "", sender.department_code)
        key = self.campaign.public_key or ""
        return Fate(
            form=edition.form.id,
            version=edition.form.version,
            fy=sender.fy,
            district=district_of(sender.district, key),
            unit_code=sender.unit,
            unit_name=sender.unit_name,
            department_code=unit.department_code,
            department=unit.department,
            issue_id=sender.issue_id,
            file=name,
            sha256=found.sha256,
            key=key,
            issued=self._orders.get((sender.unit, sender.issue_id), -1),
            seen=time,
            saved=found.saved,
        )

    def _of_name(self, number: int, fate: Fate) -> Fate:
        """Without a seal, it is the unit's whose name the file bears, as the log has it."""
        unit = self._owners.get(number)
        if unit is None:
            return fate
        district = unit.district or self.campaign.district
        return replace(
            fate,
            district=district_of(district, self.campaign.public_key or ""),
            unit_code=unit.unit_code,
            unit_name=unit.unit_name,
            department_code=unit.department_code,
            department=unit.department,
        )


def _by_time(recorded: Recorded) -> tuple[str, str, str, list[str]]:
    """The order of acceptances: the same wherever they were noted."""
    given = recorded.acceptance
    return given.time, given.reviewer, given.reason, sorted(recorded.seen)


def known_acceptances(
    campaign: Campaign, handed: Sequence[Mapping[str, Sequence[Recorded]]]
) -> dict[str, list[Recorded]]:
    """All acceptances by the SHA-256 of the file: those of the campaign's record, and those handed up."""
    found = read_accepted(campaign.folder)
    for accepted in handed:
        for sha256, some in accepted.items():
            own = found.setdefault(sha256, [])
            own += [each for each in some if each not in own]
    return found


def _errors(errors: Sequence[Finding]) -> str:
    """How many errors there are, and of which rules."""
    return f"{len(errors)} 处错误：" + "、".join(sorted({error.code for error in errors}))


def _place(finding: Finding) -> str:
    """A finding in short: its code and its place."""
    return " ".join(part for part in (finding.code, finding.sheet, finding.cell) if part)


def _covered(warnings: Sequence[Finding], acceptances: Sequence[Recorded]) -> bool:
    """True if a reviewer saw all these warnings."""
    seen = {mark for each in acceptances for mark in each.seen}
    return all(warning.fingerprint in seen for warning in warnings)


def _unaccepted(warnings: Sequence[Finding], acceptances: Sequence[Recorded]) -> str:
    """What is still to be accepted: all warnings, or those that no acceptance covers."""
    new = [f for f in warnings if not any(f.fingerprint in each.seen for each in acceptances)]
    codes = "、".join(sorted({f.code for f in new}))
    if not acceptances:
        return f"{len(new)} 处提醒：{codes}"
    if not any(each.seen for each in acceptances):
        return f"{len(new)} 处提醒：{codes}；以前的审核记录没有记下是哪些提醒，请重新审核"
    return f"另有 {len(new)} 处提醒没有接受过：{codes}；请审核"
