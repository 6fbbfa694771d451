"""From parts to a verdict: the rules across workbooks, what concerns submissions as a whole, the order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import polars as pl

from xltool.checking.changed_forms import changed_forms
from xltool.checking.checks import checks_for
from xltool.checking.drawers import AtHand, Drawers
from xltool.checking.earlier import notes_on_earlier
from xltool.checking.explaining import explained
from xltool.checking.frames import Frames
from xltool.checking.idle_lines import idle_decisions
from xltool.checking.judging import Court, judge, references
from xltool.checking.mix_ups import is_outdated, outdated_lists
from xltool.checking.opinions import Opinions
from xltool.checking.parts import Judged, fact_rules, is_wanted, no_source
from xltool.checking.register import Register
from xltool.checking.said_once import said_once
from xltool.checking.together import judge_together
from xltool.form.edition import Edition
from xltool.form.fact_tables import FACT_TABLES
from xltool.form.model import TableView
from xltool.form.rules_in_force import rules_on_every_file
from xltool.office.campaign import Campaign
from xltool.office.opinions import Shown, read_shown
from xltool.office.waivers import Waiver, notes_on, waive
from xltool.returns.submissions import Batch
from xltool.rules.declaring import Reference, Rule
from xltool.rules.findings import Finding, by_workbook, in_order


@dataclass(frozen=True)
class Assembly:
    """What parts left behind, put together when somebody asks: a verdict that is never in memory as a whole."""

    batch: Batch
    drawers: Drawers
    judged: Sequence[Judged]
    prefilled: Callable[[], Mapping[str, str]] = dict  # see `is_outdated`
    _frames: dict[tuple[str, str], pl.DataFrame | None] = field(default_factory=dict)
    _at_hand: AtHand = field(default_factory=AtHand)

    def of(self, number: int | None) -> Sequence[Finding]:
        """The findings of a workbook by its number, in reading order; for None those about no workbook."""
        if (known := self._at_hand.get(number)) is not None:
            return known
        findings = self._in_order(number)
        self._at_hand.put(number, findings)
        return findings

    def _in_order(self, number: int | None) -> list[Finding]:
        if number is None:
            return in_order(self._added.get(None, ()))
        findings, sheets = self._found(number)
        submission = self.batch.submissions[number]
        judged, _ = waive(findings, submission, self._waivers, self.batch.day)
        judged = explained(judged, self.judged[number].explanations)
        rules = submission.edition.form.rules if submission.edition else rules_on_every_file()
        return in_order(said_once(judged, rules), {number: sheets})

    @cached_property
    def skipped(self) -> list[str]:
        """A line for everything that was left aside or could not run for want of data."""
        return [*self.batch.notes, *self._not_run(), *self.notes]

    @cached_property
    def notes(self) -> list[str]:
        """Those lines that tell what became of the office's own decisions."""
        missed: set[int] = set()
        for number, found in enumerate(self.batch.submissions) if self._waivers else ():
            findings, _ = self._found(number)
            missed |= waive(findings, found, self._waivers, self.batch.day)[1]
        notes = [
            *changed_forms(self.batch),
            *outdated_lists(self._outdated()),
            *notes_on(self._waivers, missed, self._idle_waivers(), self.batch.day),
            *self._opinions.notes,
        ]
        if self.campaign is not None:
            notes += idle_decisions(self.campaign, self.batch.submissions)
            notes += notes_on_earlier(self.campaign, self.batch.submissions)
        takes_unsealed = self.campaign is not None and self.campaign.unsealed
        return [_TAKES_UNSEALED, *notes] if takes_unsealed else notes

    def _idle_waivers(self) -> set[int]:
        """The lines of the waivers whose unit handed in something, in which there is no such finding."""
        idle: dict[int, bool] = {}
        for number, found in self.batch.counted() if self._waivers else ():
            findings = [f for f in self._found(number)[0] if f.severity != "info"]
            for waiver in (w for w in self._waivers if w.unit == found.known_as):
                concerned = any(waiver.concerns(f, found.known_as) for f in findings)
                idle[waiver.line] = idle.get(waiver.line, True) and not concerned
        return {line for line, is_idle in idle.items() if is_idle}

    @property
    def opinions_shown(self) -> list[Shown]:
        """What stands in the cells of the office's opinions that no earlier run has shown."""
        return self._opinions.first_shown

    @property
    def campaign(self) -> Campaign | None:
        """The office's campaign."""
        return self.batch.campaign

    @property
    def court(self) -> Court:
        """The office's severities."""
        return Court(self.campaign.severities if self.campaign else {})

    @property
    def _waivers(self) -> Sequence[Waiver]:
        return self.campaign.waivers if self.campaign else ()

    @cached_property
    def _opinions(self) -> Opinions:
        """What the office itself says of the submissions."""
        campaign = self.campaign
        opinions = campaign.opinions if campaign else ()
        before = read_shown(campaign.folder) if campaign and opinions else {}
        return Opinions(self.batch, opinions, [each.watched for each in self.judged], before)

    def _found(self, number: int) -> tuple[list[Finding], list[str]]:
        """The findings of a workbook in no order, and its form sheets; of one that does not count, only why."""
        found = self.batch.submissions[number]
        sheets, own = self.drawers.findings(number, found.file)
        return [*(own if found.is_counted else ()), *self._added.get(number, ())], sheets

    @cached_property
    def _added(self) -> dict[int | None, list[Finding]]:
        """What only all submissions together show."""
        added = by_workbook(dict.fromkeys([*self._together(), *self._on_submissions()]))
        self._frames.clear()  # they may be large
        return added

    def _together(self) -> Iterator[Finding]:
        """The findings of rules that compare workbooks with each other, in the words of each edition."""
        for form_id, editions in self.batch.editions.items():
            for edition in editions:
                if self.campaign and not self.campaign.takes_rows_of(edition.form):
                    continue
                own = {
                    number
                    for number, found in self.batch.counted()
                    if found.edition is not None and found.edition.recipe == edition.recipe
                }
                for table in edition.form.tables.values():
                    found = judge_together(
                        self.court,
                        edition.form,
                        table,
                        partial(self._narrow, form_id),
                        self._reference,
                    )
                    yield from (self._placed(n, finding) for n, finding in found if n in own)

    def _narrow(self, form: str, table: str) -> pl.DataFrame | None:
        """The narrow columns of a table over all submissions that count."""
        key = form, table
        if key not in self._frames:
            slots = self.drawers.narrow.get(key)
            self._frames[key] = (
                None
                if slots is None
                else self._told_apart(self._counted(self.drawers.frame(slots)))
            )
        return self._frames[key]

    def _told_apart(self, frame: pl.DataFrame) -> pl.DataFrame:
        """With codes that tell apart the units and departments that other districts handed up."""
        senders = [
            (number, found.told_apart.unit, found.told_apart.department_code or None)
            for number, found in self.batch.counted()
            if found.lower and found.told_apart is not None
        ]
        if not senders:
            return frame
        schema = {"workbook": pl.UInt32(), "@unit": pl.String(), "@department": pl.String()}
        codes = pl.DataFrame(senders, schema=schema, orient="row")
        named = frame.join(codes, on="workbook", how="left", maintain_order="left")
        own = {"unit_code": "@unit", "department_code": "@department"}
        return named.with_columns(
            pl.coalesce(theirs, name).alias(name)
            for name, theirs in own.items()
            if name in frame.columns
        ).drop("@unit", "@department")

    def _counted(self, frame: pl.DataFrame) -> pl.DataFrame:
        counted = [number for number, _ in self.batch.counted()]
        if len(counted) == len(self.batch.submissions):
            return frame
        # where a part had none of them, a chunk without rows stays, on which pl.format of polars 2.1 panics
        rows = frame.filter(pl.col("workbook").is_in(counted)).rechunk()
        return rows.with_columns(row=pl.int_range(pl.len(), dtype=pl.UInt32))

    def _reference(self, wanted: Reference) -> pl.DataFrame | None:
        return self.campaign.reference(wanted) if self.campaign else None

    def _on_submissions(self) -> Iterator[Finding]:
        """The findings on submissions as a whole, and on the roster."""
        editions = [each for editions in self.batch.editions.values() for each in editions]
        rules = fact_rules(editions)
        frames = Frames(list(enumerate(self.batch.submissions)), self.campaign)
        register = Register(self.batch)
        court = replace(self.court, record_name=lambda _, row: str(row.values.get("project", "")))
        facts = {
            "submission": register.submissions,
            "roster": register.roster,
            "opinion": self._opinions.rows,
        }
        for name, rows in facts.items():
            table = FACT_TABLES[name]
            if rows:
                frame = frames.frame_of_many(table, rows)
                for number, finding in judge(court, rules, table, frame, rows, no_source):
                    if number < 0 or is_wanted(finding, self.batch.submissions[number]):
                        yield self._placed(number, finding)

    def _placed(self, number: int, finding: Finding) -> Finding:
        """With the file that it is about; one on the roster is about none."""
        if number < 0:
            return finding
        file = self.batch.submissions[number].file
        return replace(finding, file=file, workbook=number)

    def _outdated(self) -> list[str]:
        """The units whose workbooks were issued with other values than the lists have now."""
        if self.campaign is None:
            return []
        now = self.prefilled()
        units = (
            found.unit
            for n, found in self.batch.counted()
            if is_outdated(self.campaign, found.unit, self.judged[n].issued_with, now)
        )
        return list(dict.fromkeys(unit or "" for unit in units))

    def _not_run(self) -> list[str]:
        """What did not run for want of data, one line per reason."""
        found: dict[str, dict[str, None]] = {_NO_CAMPAIGN: {}} if self.campaign is None else {}
        for editions in self.batch.editions.values():
            for edition in editions:
                for code, reason in self._skipped_of(edition):
                    found.setdefault(reason, {})[code] = None
        return [f"{'、'.join(codes)} {reason}".lstrip() for reason, codes in found.items()]

    def _skipped_of(self, edition: Edition) -> Iterator[tuple[str, str]]:
        """(code, reason) for each rule of an edition that did not run on one of its tables."""
        rules = [rule for rule in edition.form.rules if self.court.admits(rule)]
        known = self._known(edition)
        for table in edition.form.tables.values():
            if table.name not in known:
                continue
            for rule in rules:
                lacking = self._lacking(rule, table, known[table.name])
                if lacking:
                    yield rule.code, f"未执行：缺少{'、'.join(dict.fromkeys(lacking))}"

    def _known(self, edition: Edition) -> Mapping[str, set[str]]:
        """Table with rows → what is known of at least one of the submissions that have them."""
        found: dict[str, set[str]] = {}
        for number, submission in self.batch.counted():
            if submission.edition is None or submission.edition.recipe != edition.recipe:
                continue
            sender, own = submission.sender, self.campaign
            known = (
                {"district"} if (own and own.district) or (sender and sender.district) else set()
            )
            known |= {_SENDER} if sender else set()
            known |= {"department_code"} if sender and sender.department_code else set()
            for table in self.judged[number].tables:
                found.setdefault(table, set()).update(known)
        return found

    def _lacking(self, rule: Rule, table: TableView, known: set[str]) -> list[str]:
        """What a rule lacks on a table, in words; nothing where it has no check there."""
        needs = _NEEDS if _SENDER in known else _NEEDS_OF_NOBODY
        words = [needs[name] for name in rule.needs if name not in known]
        words += [
            f"{wanted.title}（{wanted.file}）"
            for wanted in references(rule).values()
            if not wanted.needed and self._reference(wanted) is None
        ]
        return words if words and any(True for _ in checks_for([rule], table)) else []


_NO_CAMPAIGN = (
    "TPL-001、XW-002 只执行了一部分：没有填报文件夹（--campaign），不能核对签发密钥、年度和名册"
)
_TAKES_UNSEALED = "本次填报接受没有签发信息的表（campaign.toml 的 [accept] unsealed = true）"
_NEEDS = {
    "district": "行政区划代码（campaign.toml 的 district）",
    "department_code": "部门代码（units.csv 的“部门代码”列）",
}
_SENDER = "sender"  # is known where somebody vouches whose a return is
_NEEDS_OF_NOBODY = {
    **_NEEDS,
    "department_code": "部门代码（没有签发信息的表，不知道是哪个单位的）",
}
