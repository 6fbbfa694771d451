"""Frames to findings: every rule of every table through pandera, the whole batch at once.

A rule is a check on the frame's `row` column, named by its place in the list of checks; pandera's
failure cases give the row back. pandera reports a check that raises as a failure of the data, so
each check notes its exception and the first one is raised afterwards: a bug is a traceback.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

import pandera.polars as pa
import polars as pl

from xltool.batch import ROSTER, Batch
from xltool.campaign import Campaign
from xltool.checks import Check, checks_for, look_up, lookups
from xltool.extract import Row, Subject
from xltool.facts import FACT_TABLES
from xltool.findings import Finding, in_order
from xltool.forms import TableView
from xltool.rules import SEVERITIES, Lookup, Reference, Rule, rules_of
from xltool.waivers import waive


@dataclass(frozen=True)
class Verdict:
    """What a check run found: findings in reading order, and rules that could not run, and why."""

    findings: list[Finding]
    skipped: list[str]


Source = Callable[[str | Reference], pl.DataFrame | None]
Skipped = dict[str, dict[str, None]]  # reason → codes, in order


class Shown(str):
    """A value as the form shows it; `.label` is its printed label."""

    __slots__ = ("label",)
    label: str


def check(batch: Batch) -> Verdict:
    """Run all rules on a batch. An exception inside a rule surfaces as it is."""
    findings: list[Finding] = []
    skipped: Skipped = {}
    if batch.campaign is None:
        skipped[_NO_CAMPAIGN] = {}
    names = _record_names(batch)
    for form in batch.forms.values():
        for table in form.tables.values():
            rows = batch.rows(form.id, table.name)
            source = partial(batch.source, form.id)
            findings += _judge(batch, form.rules, table, rows, names, skipped, source)
    for table in FACT_TABLES.values():
        rows = batch.fact_rows(table.name)
        findings += _judge(batch, _fact_rules(batch), table, rows, names, skipped, _no_source)
    # one overwritten level concerns several rows, but it is one problem at one cell
    unique = list(dict.fromkeys(findings))
    judged = _overridden(unique, batch.campaign)
    waivers = batch.campaign.waivers if batch.campaign else []
    units = {submission.file: submission.unit for submission in batch.submissions}
    judged, notes = waive(judged, units, waivers, batch.day)
    sheets = {
        submission.file: list(dict.fromkeys(row.sheet for row in submission.rows))
        for submission in batch.submissions
    }
    return Verdict(in_order(judged, sheets), [*batch.notes, *_said(skipped), *notes])


def _said(skipped: Skipped) -> list[str]:
    """What did not run, one line per reason."""
    return [f"{'、'.join(codes)} {reason}".lstrip() for reason, codes in skipped.items()]


def _judge(
    batch: Batch,
    rules: Sequence[Rule],
    table: TableView,
    rows: Sequence[tuple[int, Row]],
    names: Mapping[tuple[int, int], str],
    skipped: Skipped,
    source: Source,
) -> Iterator[Finding]:
    """The findings of one table."""
    if not rows:
        return
    frame = batch.frame(table, rows)
    failures: dict[int, tuple[Check, list[int]]] = {}
    wanted = batch.campaign.severities if batch.campaign else {}
    rules = [rule for rule in rules if rule.enabled or wanted.get(rule.code, "off") != "off"]
    checks = list(runnable(rules, table, frame, skipped, source))
    for check, failing in failing_rows(frame, table, checks):
        failures.setdefault(id(check), (check, []))[1].append(failing)
    for check, indexes in failures.values():
        for index, words, at in _worded(table, frame, check, indexes):
            number, row = rows[index]
            record = names.get((number, row.record), row.sheet) if row.sheet else ""
            file = ROSTER_FILE if number == ROSTER else batch.submissions[number].file
            yield _finding(table, check, row, words, at, file, record)


def failing_rows(
    frame: pl.DataFrame, table: TableView, checks: Sequence[Check]
) -> list[tuple[Check, int]]:
    """(check, row) of every failure, by rows: a pandera schema with all rules as its check.

    Raises whatever a rule raises.
    """
    holds = verdicts(frame, checks)
    columns = dict(table.model.to_schema().columns)
    rules = pa.Check(lambda _data: holds.lazy(), name=_RULES)
    columns["row"] = pa.Column(pl.UInt32, checks=[rules] if checks else [])
    try:
        pa.DataFrameSchema(columns).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        if set(error.failure_cases["check"]) != {_RULES}:
            raise  # a frame of the wrong shape: our bug
        pairs = [(row, n) for n in range(len(checks)) for row in (~holds[str(n)]).arg_true()]
        return [(checks[number], row) for row, number in sorted(pairs)]
    return []


def verdicts(frame: pl.DataFrame, checks: Sequence[Check]) -> pl.DataFrame:
    """A column for each check, by its number: whether it holds on each row.

    Those that look up the same are worked out together: what they have in common only once.
    """
    groups: dict[tuple[tuple[str, int], ...], list[int]] = {}
    for number, check in enumerate(checks):
        key = tuple((name, id(found)) for name, found in check.looked_up.items())
        groups.setdefault(key, []).append(number)
    frames = [
        frame.lazy()
        .with_columns(**checks[numbers[0]].looked_up)
        .with_columns((~checks[n].bad.fill_null(value=False)).alias(str(n)) for n in numbers)
        .select(map(str, numbers))
        for numbers in groups.values()
    ]
    return pl.concat(pl.collect_all(frames), how="horizontal") if frames else pl.DataFrame()


def runnable(
    rules: Sequence[Rule],
    table: TableView,
    frame: pl.DataFrame,
    skipped: Skipped,
    source: Source,
) -> Iterator[Check]:
    """The checks of a table, less those for which the campaign lacks the data."""
    # by what was looked up before and now: several checks look up the same
    found: dict[tuple[int, ...], tuple[Lookup, pl.Series]] = {}
    for check in checks_for(rules, table):
        rule = check.rule
        lacking = [_NEEDS[name] for name in rule.needs if frame[name].null_count() == len(frame)]
        sources = {name: source(lookup.table) for name, lookup in lookups(check).items()}
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
        for name, lookup in lookups(check).items():
            if (rows := sources[name]) is not None:
                path = (*path, id(lookup))
                if path not in found:
                    values = look_up(lookup, rows, frame.with_columns(**looked_up))
                    found[path] = lookup, values
                looked_up[name] = found[path][1]
        yield replace(check, looked_up=looked_up)


def _no_source(table: str | Reference) -> pl.DataFrame | None:
    """Facts look nothing up."""
    raise LookupError(table)


def _fact_rules(batch: Batch) -> list[Rule]:
    """The rules on facts: those of every form, whichever form (or none) a file turned out to be."""
    modules = [importlib.import_module(f"xltool.validators.{name}") for name in _FACT_MODULES]
    rules = [rule for module in modules for rule in rules_of(module)]
    rules += [rule for form in batch.forms.values() for rule in form.rules]
    return list({id(rule): rule for rule in rules if rule.on in FACT_TABLES}.values())


def _record_names(batch: Batch) -> dict[tuple[int, int], str]:
    """(submission, record) → what to call the record: the project's name, else its sheet's."""
    return {
        (number, row.record): str(row.values.get("project_name") or row.sheet)
        for number, submission in batch.counted()
        for row in submission.rows
        if submission.form and row.table == batch.forms[submission.form].record_table.name
    }


ROSTER_FILE = "units.csv"
_NO_CAMPAIGN = (
    "TPL-001、XW-002 只执行了一部分：没有填报文件夹（--campaign），不能核对签发密钥、年度和名册"
)
_RULES = "rules"
_FACT_MODULES = ("template", "submissions")
_QUOTED, _BEGINNING = 500, 300  # characters of a text in a message; of a longer one
_NEEDS = {
    "district": "行政区划代码（campaign.toml 的 district）",
    "department_code": "部门代码（units.csv 的“部门代码”列）",
}


def _finding(
    table: TableView,
    check: Check,
    row: Row,
    words: Mapping[str, Any],
    at: str | None,
    file: str,
    record: str,
) -> Finding:
    names = [name for name in check.cells if name in row.cells]
    if at is not None:
        names = [at, *(name for name in names if name != at)]
    first = names[0] if names else ""
    column = table.fields.get(first)
    place = row.subject or Subject(
        row.cells.get(first, ""), first, column.short_label if column else ""
    )
    cells = tuple(row.cells[name] for name in names if name in row.cells) or (place.cell,)
    brief = {name: _brief(word) for name, word in words.items()}
    return Finding(
        code=check.code,
        severity=check.severity,
        file=file,
        sheet=row.sheet,
        cell=place.cell,
        cells=tuple(cell for cell in cells if cell),
        record=record,
        field=place.field,
        label=place.label,
        value=str(words.get(first or "found", "")),
        expected=str(words.get("expected", words.get("right", ""))),
        message=check.message.format_map(brief),
        hint=check.hint.format_map(brief),
    )


def _brief(word: Any) -> Any:
    """A word as a message quotes it: nobody reads a page of text in it, and no cell has room for more."""
    if not isinstance(word, str) or len(word) <= _QUOTED:
        return word
    short = Shown(f"{word[:_BEGINNING]}……（共 {len(word)} 字）")
    short.label = word.label if isinstance(word, Shown) else ""
    return short


def _worded(
    table: TableView, frame: pl.DataFrame, check: Check, rows: Sequence[int]
) -> Iterator[tuple[int, dict[str, Any], str | None]]:
    """For each failing row, what its message may show."""
    details = dict(check.details)
    if check.at is not None:
        details["_at"] = check.at
    details |= {name: pl.col(name) for name in check.looked_up}
    whole = frame.with_columns(**check.looked_up)
    extra = (
        whole.with_columns(**details)[list(rows)].select("row", *details).to_dicts()
    )  # never none
    for row, more, values in zip(rows, extra, frame[list(rows)].to_dicts(), strict=True):
        words: dict[str, Any] = {
            "unit_code": values["unit_code"],
            "fy": values["fy"],
            **check.words,
        }
        for name, column in table.fields.items():
            shown = Shown(column.show(values[name]))
            shown.label = column.short_label
            words[name] = shown
        at = more.pop("_at", None)
        more.pop("row")
        words.update({name: _plain(value) for name, value in more.items()})
        yield row, words, at


def _plain(value: object) -> str:
    """A value of a message; of the decimals that a calculation left only those that say something."""
    if isinstance(value, Decimal):
        whole, point, places = f"{value:,}".partition(".")
        return whole + point + places[:2] + places[2:].rstrip("0")
    if isinstance(value, list):
        return "、".join(map(str, value))
    return f"{value:,}" if not isinstance(value, (str, int)) and value is not None else str(value)


def _overridden(findings: list[Finding], campaign: Campaign | None) -> list[Finding]:
    """The campaign's word on severities; `off` takes a finding out."""
    if campaign is None or not campaign.severities:
        return findings
    result = []
    for finding in findings:
        wanted = campaign.severities.get(finding.code, finding.severity)
        severity = next((known for known in SEVERITIES if known == wanted), None)
        if severity is not None:  # else "off"
            result.append(replace(finding, severity=severity))
    return result
