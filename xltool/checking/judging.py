"""The rules of one table on its frame: what fails becomes a finding in the words of the form.

What is looked up and what cannot run for want of data is decided here; the rules themselves run as
checks of pandera (`schemas`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

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
from xltool.checking.frames import ROSTER, Rows
from xltool.checking.schemas import failing_rows
from xltool.checking.whose import Hands, TheirHands, owner_of
from xltool.checking.wording import finding_of, worded
from xltool.fields.remarks import Severity
from xltool.form.model import TableView
from xltool.returns.extracting import Row
from xltool.rules.declaring import SEVERITIES, Lookup, Reference, Rule
from xltool.rules.findings import Finding

ROSTER_FILE = "units.csv"
# finds the frame that a rule looks something up in; None where the campaign has no such list
Source = Callable[[str | Reference], pl.DataFrame | None]


@dataclass(frozen=True)
class Court:
    """What rules are judged with: the office's severities by code, and what a record is called.

    `record_name` is given the number of a submission and a row; `hands` know what there is the unit's.
    """

    severities: Mapping[str, str]
    record_name: Callable[[int, Row], str] = lambda number, row: ""  # noqa: ARG005
    hands: Hands = field(default_factory=TheirHands)

    def admits(self, rule: Rule) -> bool:
        """True for a rule that runs in this office."""
        return rule.enabled or self.severities.get(rule.code, "off") != "off"

    def severity(self, check: Check) -> Severity | None:
        """The severity of what a check finds, with the office's word on its code; None for off.

        Rules of integrity stay as they are.
        """
        own = check.severity
        word = own if check.rule.integrity else self.severities.get(check.code, own)
        return next((known for known in SEVERITIES if known == word), None)


def judge(
    court: Court,
    rules: Sequence[Rule],
    table: TableView,
    frame: pl.DataFrame,
    rows: Rows,
    source: Source,
    *,
    is_narrow: bool = False,
) -> Iterator[tuple[int, Finding]]:
    """The findings on one table, each with the number of its submission (`ROSTER` for the roster).

    Row n of the frame is `rows[n]`; a narrow one has some columns of the table only. The findings say
    neither their file nor its number.
    """
    if not len(frame):
        return
    failures: dict[int, tuple[Check, list[int]]] = {}
    checks = list(runnable([rule for rule in rules if court.admits(rule)], table, frame, source))
    for check, failing in failing_rows(frame, table, checks, is_narrow=is_narrow):
        failures.setdefault(id(check), (check, []))[1].append(failing)
    for check, indexes in failures.values():
        severity = court.severity(check)
        if severity is None:
            continue
        for index, words, at in worded(table, frame, check, indexes):
            number, row = rows[index]
            record = court.record_name(number, row) if row.sheet else ""
            file = ROSTER_FILE if number == ROSTER else ""
            whose, behind = owner_of(court.hands, number, row, check, table, at)
            found = finding_of(table, check, row, words, at, file, record, whose, behind)
            yield number, replace(found, severity=severity)


def runnable(
    rules: Sequence[Rule], table: TableView, frame: pl.DataFrame, source: Source
) -> Iterator[Check]:
    """The checks of a table, less those for which the campaign lacks the data (`Assembly.skipped` names them)."""
    checks = list(checks_for(rules, table))
    # by what was looked up before and now: several checks look up the same
    found: dict[tuple[int, ...], tuple[Lookup, pl.Series]] = {}
    plain: dict[int, pl.Series] = {}  # what does not depend on what was looked up before
    for group in at_once(checks, frame.columns):
        if (rows := source(group[0].table)) is not None:
            together = look_up_together(group, rows, frame)
            plain |= dict(zip(map(id, group), together, strict=True))
    for check in checks:
        wanted = lookups(check)
        sources = {name: source(lookup.table) for name, lookup in wanted.items()}
        if any(sources[name] is None for name in references(check.rule)):
            continue
        if any(frame[name].null_count() == len(frame) for name in check.rule.needs):
            continue
        looked_up: dict[str, pl.Series] = {}
        path: tuple[int, ...] = ()
        for name, lookup in wanted.items():
            path = (*path, id(lookup))
            if id(lookup) in plain:
                looked_up[name] = plain[id(lookup)]
            elif (rows := sources[name]) is not None:
                if path not in found:
                    values = look_up(lookup, rows, with_columns(frame, looked_up, {}, unused=True))
                    found[path] = lookup, values
                looked_up[name] = found[path][1]
        yield replace(check, looked_up=looked_up) if looked_up else check


def references(rule: Rule) -> dict[str, Reference]:
    """The lists of the campaign that a rule looks something up in, by what it calls the value."""
    found = ((name, lookup.table) for name, lookup in rule.using.items())
    return {name: table for name, table in found if isinstance(table, Reference)}
