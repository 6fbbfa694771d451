"""Frames to findings: every rule of every table, the whole batch at once.

What is looked up and what cannot run for want of data is decided here; the rules themselves run as
checks of pandera (`schemas`).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from xltool.checking.checks import (
    Check,
    at_once,
    checks_for,
    look_up,
    look_up_together,
    lookups,
    with_columns,
)
from xltool.checking.frames import ROSTER, Frames
from xltool.checking.mix_ups import outdated_lists
from xltool.checking.schemas import failing_rows
from xltool.checking.wording import finding_of, worded
from xltool.fields import distinct
from xltool.fields.remarks import Severity
from xltool.form.edition import Edition
from xltool.form.fact_tables import FACT_TABLES
from xltool.form.loading import rules_on_every_file
from xltool.form.model import TableView
from xltool.office.waivers import waive
from xltool.returns.extracting import Row
from xltool.returns.submissions import Batch, Submission
from xltool.rules.declaring import SEVERITIES, Lookup, Reference, Rule
from xltool.rules.findings import Finding, in_order


@dataclass(frozen=True)
class Verdict:
    """What a check run found: findings in reading order, and rules that could not run, and why.

    `notes` are those lines of `skipped` that tell what became of the office's own decisions.
    """

    findings: list[Finding]
    skipped: list[str]
    notes: Sequence[str] = ()


Source = Callable[[str | Reference], pl.DataFrame | None]
Skipped = dict[str, dict[str, None]]  # reason → codes, in order


def check(batch: Batch) -> Verdict:
    """Run all rules of all forms on the submissions of a batch.

    Args:
        batch: What `read` gave. Each submission is judged by its own edition of its form; rules
            that compare workbooks with each other see the rows of all of them.

    Returns:
        A `Verdict`: the findings in reading order (by file, severity, place), with the campaign's
        severities and waivers applied; and a line in Chinese for everything that was left aside or
        could not run for want of data.

    Raises:
        OfficeError: A list of the campaign's folder is wrong. An exception inside a rule is a bug
            and surfaces as it is.

    """
    findings: list[Finding] = []
    skipped: Skipped = {}
    if batch.campaign is None:
        skipped[_NO_CAMPAIGN] = {}
    names = _record_names(batch)
    frames = Frames(batch)
    for editions in batch.editions.values():
        for edition in editions:
            findings += _judged_by(edition, frames, names, skipped)
    fact_rules = _fact_rules(batch)
    for table in FACT_TABLES.values():
        rows = frames.fact_rows(table.name)
        findings += _judge(frames, fact_rules, table, rows, names, skipped, _no_source)
    distinct.forget()
    # one overwritten level concerns several rows, but it is one problem at one cell
    unique = list(dict.fromkeys(findings))
    waivers = batch.campaign.waivers if batch.campaign else []
    judged, notes = waive(unique, batch.submissions, waivers, batch.day)
    sheets = [
        list(dict.fromkeys(row.sheet for row in submission.rows))
        for submission in batch.submissions
    ]
    notes = [*outdated_lists(batch), *notes]
    if batch.campaign is not None and batch.campaign.unsealed:
        notes.insert(0, _TAKES_UNSEALED)
    lines = [*batch.notes, *_skipped_lines(skipped), *notes]
    return Verdict(in_order(judged, sheets), lines, notes)


def _skipped_lines(skipped: Skipped) -> list[str]:
    """What did not run, one line per reason."""
    return [f"{'、'.join(codes)} {reason}".lstrip() for reason, codes in skipped.items()]


def _judged_by(
    edition: Edition, frames: Frames, names: Mapping[tuple[int, int], str], skipped: Skipped
) -> Iterator[Finding]:
    """The findings of an edition's rules on its own submissions.

    The rules look at the rows of all editions of the form, since some compare workbooks with each
    other; what they find counts in the submissions of this edition.
    """
    form, submissions = edition.form, frames.batch.submissions
    source = partial(frames.source, form.id)
    for table in form.tables.values():
        rows = frames.rows(form.id, table.name)
        own = {n for n in {n for n, _ in rows} if _is_of(submissions[n], edition)}
        if own:
            yield from _judge(frames, form.rules, table, rows, names, skipped, source, own)


def _is_of(submission: Submission, edition: Edition) -> bool:
    """By the recipe: an edition that was made again after many others is another object."""
    return submission.edition is not None and submission.edition.recipe == edition.recipe


def _judge(
    frames: Frames,
    rules: Sequence[Rule],
    table: TableView,
    rows: Sequence[tuple[int, Row]],
    names: Mapping[tuple[int, int], str],
    skipped: Skipped,
    source: Source,
    own: Container[int] | None = None,
) -> Iterator[Finding]:
    """The findings of one table; with `own`, those in these submissions."""
    if not rows:
        return
    batch = frames.batch
    frame = frames.frame(table, rows)
    failures: dict[int, tuple[Check, list[int]]] = {}
    wanted = batch.campaign.severities if batch.campaign else {}
    rules = [rule for rule in rules if rule.enabled or wanted.get(rule.code, "off") != "off"]
    checks = list(runnable(rules, table, frame, skipped, source))
    for check, failing in failing_rows(frame, table, checks):
        if own is not None and rows[failing][0] not in own:
            continue
        failures.setdefault(id(check), (check, []))[1].append(failing)
    for check, indexes in failures.values():
        severity = _severity(check, wanted)
        if severity is None:
            continue
        for index, words, at in worded(table, frame, check, indexes):
            number, row = rows[index]
            record = names.get((number, row.record), row.sheet) if row.sheet else ""
            is_roster = number == ROSTER
            file = ROSTER_FILE if is_roster else batch.submissions[number].file
            workbook = None if is_roster else number
            found = finding_of(table, check, row, words, at, file, record, workbook)
            yield replace(found, severity=severity)


def runnable(
    rules: Sequence[Rule],
    table: TableView,
    frame: pl.DataFrame,
    skipped: Skipped,
    source: Source,
) -> Iterator[Check]:
    """The checks of a table, less those for which the campaign lacks the data."""
    checks = list(checks_for(rules, table))
    # by what was looked up before and now: several checks look up the same
    found: dict[tuple[int, ...], tuple[Lookup, pl.Series]] = {}
    plain: dict[int, pl.Series] = {}  # what does not depend on what was looked up before
    for group in at_once(checks, frame.columns):
        if (rows := source(group[0].table)) is not None:
            together = look_up_together(group, rows, frame)
            plain |= dict(zip(map(id, group), together, strict=True))
    for check in checks:
        rule = check.rule
        lacking = [_NEEDS[name] for name in rule.needs if frame[name].null_count() == len(frame)]
        wanted = lookups(check)
        sources = {name: source(lookup.table) for name, lookup in wanted.items()}
        lacking += [
            f"{lookup.table.title}（{lookup.table.file}）"
            for name, lookup in rule.using.items()
            if sources[name] is None and isinstance(lookup.table, Reference)
        ]
        if lacking:
            reason = f"未执行：缺少{'、'.join(dict.fromkeys(lacking))}"
            skipped.setdefault(reason, {})[rule.code] = None
            continue
        looked_up: dict[str, pl.Series] = {}
        path: tuple[int, ...] = ()
        for name, lookup in wanted.items():
            path = (*path, id(lookup))
            if id(lookup) in plain:
                looked_up[name] = plain[id(lookup)]
            elif (rows := sources[name]) is not None:
                if path not in found:
                    values = look_up(lookup, rows, with_columns(frame, looked_up, {}))
                    found[path] = lookup, values
                looked_up[name] = found[path][1]
        yield replace(check, looked_up=looked_up) if looked_up else check


def _no_source(table: str | Reference) -> pl.DataFrame | None:
    """Facts look nothing up."""
    raise LookupError(table)


def _fact_rules(batch: Batch) -> list[Rule]:
    """The rules on facts: those of every form, whichever form (or none) a file turned out to be."""
    rules = rules_on_every_file()
    rules += [rule for form in batch.forms.values() for rule in form.rules]
    return list({id(rule): rule for rule in rules if rule.on in FACT_TABLES}.values())


def _record_names(batch: Batch) -> dict[tuple[int, int], str]:
    """(submission, record) → what to call the record: the project's name, else its sheet's."""
    return {
        (number, row.record): str(row.values.get("project_name") or row.sheet)
        for number, submission in batch.counted()
        if submission.edition is not None
        for table in [submission.edition.form.record_table.name]
        for row in submission.rows
        if row.table == table
    }


ROSTER_FILE = "units.csv"
_NO_CAMPAIGN = (
    "TPL-001、XW-002 只执行了一部分：没有填报文件夹（--campaign），不能核对签发密钥、年度和名册"
)
_TAKES_UNSEALED = "本次填报接受没有签发信息的表（campaign.toml 的 [accept] unsealed = true）"
_NEEDS = {
    "district": "行政区划代码（campaign.toml 的 district）",
    "department_code": "部门代码（units.csv 的“部门代码”列）",
}


def _severity(check: Check, wanted: Mapping[str, str]) -> Severity | None:
    """The severity of what a check finds, with the campaign's word on its code; None for off.

    Rules of integrity stay as they are.
    """
    word = check.severity if check.rule.integrity else wanted.get(check.code, check.severity)
    return next((known for known in SEVERITIES if known == word), None)
