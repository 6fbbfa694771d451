"""What an office below handed up, judged again: its rows become parts as if its workbooks had been read.

Every rule that looks at values runs, with the settings of the office that issued the workbook. What an
office waived stays waived for the findings that it saw, and what it found to be its own stays its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

import polars as pl

from xltool.checking.findings_json import packed
from xltool.checking.judging import Court, judge
from xltool.checking.parts import Judged, Part, add_frame, record_name, with_origin
from xltool.checking.together import narrow_frame, narrow_tables
from xltool.errors import OfficeError
from xltool.fields import distinct
from xltool.fields.tables import CONTEXT
from xltool.form.edition import Edition, Recipe, canonical, edition_of
from xltool.form.model import Form, TableView
from xltool.merging.data_set import KEY, schema_of
from xltool.merging.fates import OPEN, Fate, Seen
from xltool.merging.office_settings import LowerCampaign
from xltool.merging.parquet import CONFLICTS, DATA, pieces, read
from xltool.merging.result import Result
from xltool.office import seal
from xltool.office.campaign import Campaign
from xltool.office.lower import district_of
from xltool.office.seal import Issue
from xltool.returns.extracting import Row
from xltool.returns.origins import Places
from xltool.returns.submissions import Sender, Submission
from xltool.rules.declaring import Reference
from xltool.rules.findings import Finding

_AT_ONCE = 200  # submissions that are judged together
_KEYS: dict[str, pl.DataType] = dict.fromkeys(KEY, pl.String())


@dataclass(frozen=True)
class HandedUp:
    """The submissions of a verified result whose rows are in it, in parts."""

    result: Result
    campaign: Campaign

    @cached_property
    def fates(self) -> list[Fate]:
        """The submissions, in the order in which `parts` gives them."""
        return [fate for fate in self.result.proof.fates if fate.outcome in OPEN]

    def parts(self) -> Iterator[Part]:
        """The submissions, judged. Raises OfficeError for one whose seal does not bear out the result."""
        stores = [
            _Store(self.result.folder / name, self._form, self.fates)
            for name in (DATA, CONFLICTS)
            if (self.result.folder / name).is_dir()
        ]
        self._refuse_strangers(stores)
        for first in range(0, len(self.fates), _AT_ONCE):
            numbers = range(first, min(first + _AT_ONCE, len(self.fates)))
            submissions = [self._submission(self.fates[number]) for number in numbers]
            yield self._part(numbers, submissions, stores)

    @property
    def _form(self) -> Form:
        return self.campaign.form

    def _refuse_strangers(self, stores: Sequence[_Store]) -> None:
        """Raise OfficeError for rows of a submission that the result does not account for."""
        for store in stores:
            for table, stranger in store.strangers:
                raise OfficeError(
                    f"合并结果的 {table} 里有不在清单中的单位 {stranger}；请报送的单位重新合并",
                    self.result.folder,
                )

    def _submission(self, fate: Fate) -> Submission:
        """A submission as its seal says; its rows stay where they are."""
        issue = self._issue(fate)
        lower = self.result.campaigns[fate.key]
        changes = lower.changes if lower.form.id == issue.form else issue.changes
        recipe = Recipe(
            issue.form,
            self.campaign.folder,
            canonical(changes),
            canonical(issue.rows),
            issue.fy,
            issue.zero_budget,
        )
        return Submission(
            fate.file,
            fate.sha256,
            saved=fate.saved,
            lower=fate.district if not self._is_own(fate) else "",
            is_read=False,
            edition=edition_of(recipe),
            seal="ok",
            seal_text=fate.seal,
            sender=Sender.of(issue),
            issued=issue.words,
        )

    def _is_own(self, fate: Fate) -> bool:
        return fate.key == self.campaign.public_key

    def _issue(self, fate: Fate) -> Issue:
        """What the seal of a submission says. Raises OfficeError where it says anything else than the result."""
        found = seal.unseal(fate.seal)
        manifest = self.result.sealed.manifest
        if (
            found is None
            or not found.intact
            or found.public_key != fate.key
            or fate.key not in self.result.campaigns
            or (found.issue.form, found.issue.fy) != (manifest.form, manifest.fy)
            or (found.issue.unit, found.issue.issue_id) != (fate.unit_code, fate.issue_id)
            or district_of(found.issue.district, fate.key) != fate.district
        ):
            raise OfficeError(
                f"合并结果里单位 {fate.unit_code}（{fate.file}）的签发信息不符；请报送的单位重新合并",
                self.result.folder,
            )
        return found.issue

    def _part(
        self, numbers: range, submissions: Sequence[Submission], stores: Sequence[_Store]
    ) -> Part:
        found: list[list[Finding]] = [[] for _ in submissions]
        part = Part([], seals=[each.seal_text for each in submissions])
        places = {fate_number: place for place, fate_number in enumerate(numbers)}
        frames = {
            name: _numbered([store.rows(name, numbers) for store in stores], places)
            for name in self._form.tables
        }
        for edition, campaign, chosen in self._groups(numbers, submissions):
            court, folder = Court(self.campaign.severities), self.result.folder
            judging = _Judging(edition, campaign, chosen, frames, court, folder)
            for number, finding in judging.findings(part):
                found[number].append(finding)
        distinct.forget()
        seen = self._seen
        part.judged = [
            Judged(
                submission.without_contents(),
                packed(
                    dict.fromkeys(_as_seen(each, seen.get(submission.sha256, {})) for each in some)
                ),
                tables=tuple(self._form.tables),
            )
            for submission, some in zip(submissions, found, strict=True)
        ]
        return part

    def _groups(
        self, numbers: range, submissions: Sequence[Submission]
    ) -> Iterator[tuple[Edition, LowerCampaign, dict[int, Submission]]]:
        """Submissions by their places that are of one edition and were issued by one office."""
        found: dict[tuple[str, Recipe], dict[int, Submission]] = {}
        for place, (number, submission) in enumerate(zip(numbers, submissions, strict=True)):
            if submission.edition is not None:
                key = self.fates[number].key, submission.edition.recipe
                found.setdefault(key, {})[place] = submission
        for (office, recipe), chosen in found.items():
            yield edition_of(recipe), self.result.campaigns[office], chosen

    @cached_property
    def _seen(self) -> Mapping[str, Mapping[str, Seen]]:
        """What was let pass, by the file and by what was found."""
        found: dict[str, dict[str, Seen]] = {}
        for each in self.result.proof.seen:
            found.setdefault(each.sha256, {})[each.fingerprint] = each
        return found


def _as_seen(finding: Finding, let_pass: Mapping[str, Seen]) -> Finding:
    """A finding as the office that issued the workbook saw it: waived, or its own, or with its explanation."""
    seen = let_pass.get(finding.fingerprint)
    if seen is None or finding.integrity or finding.severity == "info":
        return finding
    if seen.waiver:
        return replace(finding, severity="info", waiver=seen.waiver)
    if seen.accepted_by:
        return replace(finding, explanation=seen.explanation)
    return replace(finding, whose="office")


def _numbered(found: Sequence[pl.DataFrame], places: Mapping[int, int]) -> pl.DataFrame:
    """The rows of all stores by submission, record and line, with their places in the part."""
    rows = pl.concat(found)
    numbers = rows["@fate"].replace_strict(
        list(places), list(places.values()), return_dtype=pl.UInt32
    )
    return rows.with_columns(workbook=numbers).sort(
        "workbook", "record", "line", maintain_order=True
    )


@dataclass(frozen=True)
class _Store:
    """The tables in one folder of a result: the rows of a few submissions at a time."""

    folder: Path
    form: Form
    fates: Sequence[Fate]
    _starts: dict[str, pl.DataFrame] = field(default_factory=dict)

    @cached_property
    def strangers(self) -> list[tuple[str, str]]:
        """(table, unit) of rows of submissions that nobody accounts for."""
        return [
            (name, str(row["unit_code"]))
            for name in self.form.tables
            for row in self._runs(name).filter(pl.col("@fate").is_null()).head(1).to_dicts()
        ]

    def _runs(self, table: str) -> pl.DataFrame:
        """Where the rows of each submission stand in a table: the first one, how many, whose they are."""
        if table not in self._starts:
            keys = read(self.folder, table, _KEYS)
            runs = (
                keys.with_columns(run=pl.struct(KEY).rle_id(), row=pl.int_range(pl.len()))
                .group_by("run", *KEY, maintain_order=True)
                .agg(first=pl.col("row").min(), count=pl.len())
            )
            known = pl.DataFrame(
                [(f.district, f.unit_code, f.sha256, n) for n, f in enumerate(self.fates)],
                schema={**_KEYS, "@fate": pl.UInt32()},
                orient="row",
            )
            self._starts[table] = runs.join(known, on=KEY, how="left", maintain_order="left")
        return self._starts[table]

    def rows(self, table: str, numbers: range) -> pl.DataFrame:
        """The rows of submissions with these numbers, which say in `@fate` whose they are."""
        schema = schema_of(self.form, table)
        runs = self._runs(table).filter(pl.col("@fate").is_between(numbers.start, numbers.stop - 1))
        places = [
            (int(first), int(count)) for first, count in _joined(runs["first"], runs["count"])
        ]
        frames = list(pieces(self.folder, table, schema, places or [(0, 0)]))
        whose = pl.Series("@fate", runs["@fate"], dtype=pl.UInt32)
        owners = pl.DataFrame({"@fate": whose, "n": runs["count"]}).select(
            pl.col("@fate").repeat_by("n").explode()
        )["@fate"]
        return pl.concat(frames).with_columns(owners.alias("@fate"))


def _joined(firsts: pl.Series, counts: pl.Series) -> list[tuple[int, int]]:
    """Runs that follow each other as one."""
    found: list[tuple[int, int]] = []
    for first, count in zip(firsts, counts, strict=True):
        if found and sum(found[-1]) == first:
            found[-1] = found[-1][0], found[-1][1] + count
        else:
            found.append((first, count))
    return found


@dataclass(frozen=True)
class _Judging:
    """The submissions of one edition and one office in a part, by their places."""

    edition: Edition
    campaign: LowerCampaign
    submissions: Mapping[int, Submission]
    given: Mapping[str, pl.DataFrame]
    ours: Court  # of the office that merges: it says which rules compare workbooks
    folder: Path  # of the result

    def findings(self, part: Part) -> Iterator[tuple[int, Finding]]:
        """What the rules find that look at one workbook; adds to the part what is wanted further on."""
        form = self.edition.form
        court = Court(self.campaign.severities, partial(record_name, self._names))
        alone = [rule for rule in form.rules if not rule.together]
        wanted = narrow_tables(self.edition, self.ours)
        for table in form.tables.values():
            frame = self._frames[table.name]
            if frame.is_empty():
                continue
            rows = self._rows(table)
            yield from judge(court, alone, table, frame, rows, self._source)
            key = form.id, table.name
            if table.name in wanted:
                add_frame(
                    part.narrow, key, narrow_frame(frame, table, rows, wanted[table.name], court)
                )
            kept = with_origin(frame, table, rows).with_columns(
                self._own[table.name]["line"].cast(pl.UInt32).alias("@line"),
                self._own[table.name]["typed"].alias("@typed"),
            )
            add_frame(part.rows, key, kept)

    @cached_property
    def _own(self) -> dict[str, pl.DataFrame]:
        """The rows of these submissions."""
        chosen = list(self.submissions)
        return {
            name: rows.filter(pl.col("workbook").is_in(chosen)) for name, rows in self.given.items()
        }

    @cached_property
    def _frames(self) -> dict[str, pl.DataFrame]:
        """The rows as rules see them."""
        context = self._context
        frames = {}
        for name, table in self.edition.form.tables.items():
            schema = {n: c.kind.dtype(c) for n, c in table.fields.items()} | CONTEXT
            rows = self._own[name]
            frame = rows.drop([n for n in context.columns if n in rows.columns and n != "workbook"])
            frame = frame.join(context, on="workbook", how="left", maintain_order="left")
            frames[name] = frame.with_columns(
                row=pl.int_range(pl.len(), dtype=pl.UInt32),
                used=pl.lit(value=True),
                unreadable=pl.lit([], dtype=pl.List(pl.String())),
            ).select(pl.col(n).cast(kind) for n, kind in schema.items())
        return frames

    @cached_property
    def _context(self) -> pl.DataFrame:
        """What rows have of their submissions."""
        rows = []
        for place, submission in self.submissions.items():
            sender = submission.sender
            unit = self.campaign.units.get(sender.unit) if sender else None
            rows.append(
                {
                    "workbook": place,
                    "unit_code": sender and sender.unit,
                    "fy": sender and sender.fy,
                    "district": self.campaign.district or (sender and sender.district) or None,
                    "department_code": (sender and sender.department_code) or None,
                    "roster_unit": unit.unit_name if unit else None,
                    "roster_department": (unit.department or None) if unit else None,
                }
            )
        return pl.DataFrame(rows, schema={name: CONTEXT[name] for name in rows[0]})

    def _rows(self, table: TableView) -> list[tuple[int, Row]]:
        """What findings need to know of the rows: sheet, record and cells."""
        frame = self._own[table.name]
        places = Places(table.fields)
        return [
            (workbook, Row(table.name, sheet, record, {}, cells=places.unpacked(cells)))
            for workbook, sheet, record, cells in frame.select(
                "workbook", "sheet", "record", "cells"
            ).iter_rows()
        ]

    @cached_property
    def _names(self) -> Mapping[tuple[int, int], str]:
        """(place of the submission, record) → what to call the record."""
        main = self._own[self.edition.form.record_table.name]
        name = pl.col("project_name") if "project_name" in main.columns else pl.lit(None)
        rows = main.select("workbook", "record", name.alias("name"), "sheet").iter_rows()
        return {(number, record): str(name or sheet) for number, record, name, sheet in rows}

    def _source(self, wanted: str | Reference) -> pl.DataFrame | None:
        if not isinstance(wanted, Reference):
            return self._frames[wanted]
        found = self.campaign.reference(wanted)
        if found is None and wanted.needed:
            raise OfficeError(
                f"合并结果没有带上 {wanted.file}；请报送的单位用最新版本重新合并", self.folder
            )
        return found
