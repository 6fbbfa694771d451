"""A part: some returned workbooks, read and judged where they were read.

A part holds what the rest of a run needs of its workbooks, and no more: their findings of all rules
that look at one workbook at a time, the columns that rules across workbooks need (`together`), and, where
they are to be merged, their rows. One function makes it, whoever calls it: this process, its workers, or
those of a cluster.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import polars as pl

from xltool.checking.findings_json import packed
from xltool.checking.frames import Frames, Rows
from xltool.checking.judging import Court, judge
from xltool.checking.mix_ups import Owners, issued_with
from xltool.checking.opinions import Watched, watched
from xltool.checking.together import narrow_frame, narrow_tables
from xltool.checking.whose import IssuedHands
from xltool.fields import distinct
from xltool.form.edition import Edition
from xltool.form.fact_tables import FACT_TABLES
from xltool.form.model import TableView
from xltool.form.rules_in_force import rules_on_every_file
from xltool.office.campaign import Campaign
from xltool.returns.accounting import Returned
from xltool.returns.explanations import Explanation
from xltool.returns.extracting import Row
from xltool.returns.identifying import Settings
from xltool.returns.origins import Places, line_of, typed
from xltool.returns.reading import failed_submission, read_file
from xltool.returns.submissions import Submission
from xltool.rules.declaring import Rule
from xltool.rules.findings import Finding
from xltool.workbook.limits import Limits
from xltool.workbook.saved import saved_time
from xltool.workbook.worker import Failure

Table = tuple[str, str]  # the id of a form, the name of one of its tables


@dataclass(frozen=True)
class Order:
    """What every part of a run is made with: plain data, sent to each worker once.

    `with_rows`: whether the rows are wanted, for merging; `owners` know whose projects are whose.
    """

    settings: Settings
    campaign: Campaign | None
    with_rows: bool = False
    owners: Owners | None = None

    def with_owners(self) -> Order:
        """The same, with what parts need to know. Raises OfficeError where the office's lists are wrong."""
        return replace(self, owners=Owners.of(self.campaign)) if self.campaign else self

    @property
    def severities(self) -> Mapping[str, str]:
        """The office's word on the severity of rules, by code."""
        return self.campaign.severities if self.campaign else {}

    @property
    def limits(self) -> Limits:
        """The limits that files are read with."""
        return self.settings.limits


@dataclass(slots=True)
class Judged:
    """One workbook of a part: the submission without its contents, and what was found.

    `findings` are in JSON (`findings_json`), in no order; `sheets` are the names of its form sheets and
    `tables` those of its tables with rows, both in their order. `issued_with` is a digest of what
    the office prefilled in it, to see whether its lists say something else now; `watched` are the cells that
    the office's opinions are about, `explanations` what the unit says of warnings.
    """

    submission: Submission
    findings: str = "[]"
    sheets: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    issued_with: str = ""
    watched: Mapping[str, Watched] = field(default_factory=dict)
    explanations: tuple[Explanation, ...] = ()


@dataclass(slots=True)
class Part:
    """Some workbooks, judged. The frames say in `workbook` which of them a row belongs to, from 0."""

    judged: list[Judged]
    narrow: dict[Table, pl.DataFrame] = field(default_factory=dict)
    rows: dict[Table, pl.DataFrame] = field(default_factory=dict)
    seals: list[str] = field(default_factory=list)  # of each workbook, where rows are wanted


@dataclass(slots=True)
class KnownPart:
    """A part of an earlier run: its frames lie in Arrow's form for files, as they were kept."""

    judged: list[Judged]
    narrow: dict[Table, bytes]


def read_one(order: Order, returned: Returned) -> Submission:
    """Read one file; runs in a worker."""
    found = read_file(returned.path, order.settings, returned)
    if order.with_rows and found.problem is None:
        found.saved = saved_time(returned.path)
    return found


def read_part(order: Order, outcomes: Sequence[Submission | Failure]) -> Part:
    """Make a part of what was read; where that failed, a failure stands in its place."""
    submissions = [
        outcome if isinstance(outcome, Submission) else failed_submission(outcome, order.limits)
        for outcome in outcomes
    ]
    return make_part(order, submissions)


def make_part(order: Order, submissions: Sequence[Submission]) -> Part:
    """Judge submissions; what one of them says never depends on the others.

    Raises OfficeError where a list of the campaign is wrong, and whatever a rule raises.
    """
    numbered = [(n, found) for n, found in enumerate(submissions) if found.problem is None]
    frames = Frames(numbered, order.campaign, order.owners)
    found: list[list[Finding]] = [[] for _ in submissions]
    names, hands = _names(submissions), IssuedHands(dict(numbered))
    court = Court(order.severities, partial(record_name, names), hands)
    part = Part([])
    for edition in _editions(submissions):
        for number, finding in _on_edition(order, court, frames, edition, part):
            found[number].append(finding)
    for number, finding in _on_facts(court, frames, submissions):
        found[number].append(finding)
    distinct.forget()
    if order.with_rows:
        part.seals = [submission.seal_text for submission in submissions]
    part.judged = [
        _judged(submission, findings, order.campaign)
        for submission, findings in zip(submissions, found, strict=True)
    ]
    return part


def _judged(
    submission: Submission, findings: Sequence[Finding], campaign: Campaign | None
) -> Judged:
    return Judged(
        submission.without_contents(),
        # one overwritten level concerns several rows, but it is one problem at one cell
        packed(dict.fromkeys(findings)),
        tuple(dict.fromkeys([row.sheet for row in submission.rows])),
        tuple(dict.fromkeys([row.table for row in submission.rows])),
        issued_with(submission),
        watched(submission, campaign.opinions if campaign else ()),
        tuple(submission.explanations),
    )


def _editions(submissions: Sequence[Submission]) -> list[Edition]:
    """The editions that occur."""
    found = {s.edition.recipe: s.edition for s in submissions if s.edition is not None}
    return list(found.values())


def _on_edition(
    order: Order, court: Court, frames: Frames, edition: Edition, part: Part
) -> Iterator[tuple[int, Finding]]:
    """The findings of an edition's own rules; adds the frames that are wanted further on."""
    form = edition.form
    alone = [rule for rule in form.rules if not rule.together]
    is_compared = order.campaign is None or order.campaign.takes_rows_of(form)
    wanted = narrow_tables(edition, court) if is_compared else {}
    for table in form.tables.values():
        rows = frames.rows(edition, table.name)
        if not rows:
            continue
        frame = frames.of_table(edition, table)
        yield from judge(court, alone, table, frame, rows, partial(frames.source, edition))
        key = form.id, table.name
        if table.name in wanted:
            narrow = narrow_frame(frame, table, rows, wanted[table.name], court)
            add_frame(part.narrow, key, narrow)
        if order.with_rows and is_compared:
            add_frame(part.rows, key, with_origin(frame, table, rows))


def add_frame(frames: dict[Table, pl.DataFrame], key: Table, frame: pl.DataFrame) -> None:
    """Put a frame to those of other editions of its form."""
    frames[key] = (
        pl.concat([frames[key], frame], how="vertical_relaxed") if key in frames else frame
    )


def with_origin(frame: pl.DataFrame, table: TableView, rows: Rows) -> pl.DataFrame:
    """The rows that hold something, with where they stand and what was typed: what a merge needs."""
    used = [row for _, row in rows if row.used]
    places = Places(table.fields)
    return frame.filter("used").with_columns(
        pl.Series("@sheet", [row.sheet for row in used], dtype=pl.String),
        pl.Series("@line", [_first_line(row) for row in used], dtype=pl.UInt32),
        pl.Series("@cells", [places.packed(row.cells) for row in used], dtype=pl.String),
        pl.Series("@typed", [typed(row) for row in used], dtype=pl.String),
    )


def _first_line(row: Row) -> int | None:
    return line_of(next(iter(row.cells.values()), ""))


def _on_facts(
    court: Court, frames: Frames, submissions: Sequence[Submission]
) -> Iterator[tuple[int, Finding]]:
    """The findings on sheets and cells that are not as issued, in whichever form (or none)."""
    rules = fact_rules(_editions(submissions))
    for name in ("sheet", "cell"):
        rows = frames.fact_rows(name)
        table = FACT_TABLES[name]
        if rows:
            frame = frames.frame(table, rows)
            found = judge(court, rules, table, frame, rows, no_source)
            yield from ((n, each) for n, each in found if is_wanted(each, submissions[n]))


def is_wanted(finding: Finding, submission: Submission) -> bool:
    """Whether a finding on facts is one of the form's: a form may do without some rules on them."""
    if submission.edition is None or finding.integrity:
        return True
    return finding.code not in submission.edition.form.codes_left_out


def no_source(table: object) -> None:
    """Facts look nothing up."""
    raise LookupError(table)


def fact_rules(editions: Sequence[Edition]) -> list[Rule]:
    """The rules on facts: those of every form, whichever form (or none) a file turned out to be."""
    rules = rules_on_every_file()
    rules += [rule for edition in editions for rule in edition.form.rules]
    return list({id(rule): rule for rule in rules if rule.on in FACT_TABLES}.values())


def _names(submissions: Sequence[Submission]) -> dict[tuple[int, int], str]:
    """(submission, record) → what to call the record: the project's name, else its sheet's."""
    return {
        (number, row.record): str(row.values.get("project_name") or row.sheet)
        for number, submission in enumerate(submissions)
        if submission.edition is not None
        for table in [submission.edition.form.record_table.name]
        for row in submission.rows
        if row.table == table
    }


def record_name(names: Mapping[tuple[int, int], str], number: int, row: Row) -> str:
    """What to call the record of a row of a submission, by number: the name that it has, else its sheet."""
    return names.get((number, row.record), row.sheet)
