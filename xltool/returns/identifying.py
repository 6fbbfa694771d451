"""Which form a returned workbook is: by its seal, else by its labels; and what its seal is worth."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from xltool.errors import OfficeError
from xltool.form.edition import Edition, Recipe, canonical, edition_of
from xltool.form.layout import Layout
from xltool.form.loading import form_ids
from xltool.form.model import Form
from xltool.form.own_sheets import CHECKS, FRONT, GUIDE
from xltool.office import seal
from xltool.office.campaign import Campaign
from xltool.office.limits import Limits
from xltool.office.seal import Issue, Seal
from xltool.returns.failures import is_strict
from xltool.returns.labels import Labels
from xltool.returns.row_matching import match_sheet
from xltool.returns.submissions import Sender, Submission
from xltool.workbook.opening import WorkbookData

OWN_SHEETS = frozenset({GUIDE, CHECKS, seal.SHEET, FRONT})


@dataclass(frozen=True)
class Settings:
    """What a worker needs to know of the campaign; plain data, sent once per file."""

    own: Path | None = None
    form: str | None = None
    changes: str = "{}"
    rows: str = "{}"
    zero_budget: str = ""
    key: str | None = None
    fy: int | None = None
    issue_ids: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    strict: bool = field(default_factory=is_strict)  # raise what fails for a reason of ours


def settings_for(campaign: Campaign | None, form: str | None) -> Settings:
    """What workers need to know of a campaign; `form` is what files without a seal are taken for."""
    if campaign is None:
        return Settings(form=form)
    return Settings(
        own=campaign.folder,
        form=form or campaign.form.id,
        changes=canonical(campaign.changes),
        rows=canonical(campaign.rows),
        zero_budget=campaign.zero_budget,
        key=campaign.public_key,
        limits=campaign.limits,
        fy=campaign.fy,
        issue_ids=campaign.issue_ids,
    )


def identify(submission: Submission, workbook: WorkbookData, settings: Settings) -> Edition | None:
    """The edition that a workbook is of; None where it is none of ours. Sets the state of its seal.

    A file of the campaign itself is judged by what its campaign.toml says now, in the layout that it
    was issued in; a file of another office by the settings that its own seal names.
    """
    found = find_seal(workbook)
    if found is None:
        return _recognise(workbook, settings)
    submission.seal_text = found.text
    if not found.intact:
        submission.seal, submission.expected = "altered", ""
        return _recognise(workbook, settings)
    submission.issued = found.issue.words
    sealed = _sealed_edition(found.issue, settings)
    if sealed is None:
        # a form of another version of xltool, or a seal that somebody made up: not to be trusted
        submission.seal = "other_form"
        submission.expected = settings.form or "本版本支持的表"
        return _recognise(workbook, settings)
    submission.issue, submission.sender = found.issue, Sender.of(found.issue)
    submission.seal, submission.expected = _state(found, sealed, settings)
    own = settings.key == found.public_key and settings.form == found.issue.form
    return edition_of(replace(sealed.recipe, changes=settings.changes)) if own else sealed


def find_seal(workbook: WorkbookData) -> Seal | None:
    """The seal of a workbook, from whichever of its two carriers still has it intact."""
    texts = []
    hidden = workbook.sheet(seal.SHEET)
    if hidden is not None:
        texts.append("".join(hidden.text(row, 0) for row in range(len(hidden.grid))))
    texts.append(seal.from_properties(workbook.properties))
    # mostly both say the same
    seals = [found for text in dict.fromkeys(texts) if (found := seal.unseal(text)) is not None]
    return next((found for found in seals if found.intact), seals[0] if seals else None)


def _sealed_edition(issue: Issue, settings: Settings) -> Edition | None:
    """The edition that an issue names; None where there is none, or where its values do not fit it."""
    changes, rows = canonical(issue.changes), canonical(issue.rows)
    try:
        recipe = Recipe(issue.form, settings.own, changes, rows, issue.fy, issue.zero_budget)
        edition = edition_of(recipe)
        _take_at_its_word(edition.form, edition.layout, issue)
    except (OfficeError, OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return edition


def _state(found: Seal, sealed: Edition, settings: Settings) -> tuple[str, str]:
    """The state of an intact seal (see `fact_tables.Submission`), and what was expected instead."""
    issue = found.issue
    if settings.key is not None and found.public_key != settings.key:
        return "unknown_key", ""
    if settings.form is not None and issue.form != settings.form:
        return "other_form", settings.form
    if issue.version != sealed.form.version or issue.layout != sealed.layout.digest:
        return "other_version", f"版本 {sealed.form.version}"
    if settings.fy != issue.fy:
        return "ok", ""
    last = settings.issue_ids.get(issue.unit)
    if last is None:
        return "unlisted", ""
    return ("ok", "") if last == issue.issue_id else ("superseded", last)


def _take_at_its_word(form: Form, layout: Layout, issue: Issue) -> None:
    """Raise for an issue whose records or prefilled values are none of this form."""
    if len(issue.records) <= layout.first_project or (layout.single and len(issue.records) != 1):
        raise ValueError(issue.records)
    fields = form.record_fields
    for record in issue.records:
        for name, text in record.items():
            fields[name].kind.parse(text, fields[name])
    for lines in issue.lines:
        for table, rows in lines.items():
            for name, text in ((n, t) for row in rows for n, t in row.items()):
                column = form.field(table, name)
                column.kind.parse(text, column)
        for sheet in layout.sheets:
            sheet.place_lines(lines)


def _recognise(workbook: WorkbookData, settings: Settings) -> Edition | None:
    """The edition of a workbook without a seal, by its labels: the campaign's form first."""
    fy = settings.fy or _printed_year(workbook)
    if settings.form:
        adapted = (settings.changes, settings.rows, fy, settings.zero_budget)
        candidates = [Recipe(settings.form, settings.own, *adapted)]
    else:
        candidates = [Recipe(form_id, settings.own, fy=fy) for form_id in form_ids(settings.own)]
    sheets = [(data, Labels(data)) for data in workbook.sheets if data.name not in OWN_SHEETS]
    for recipe in candidates:
        edition = edition_of(recipe)
        if any(
            labels.may_be(sheet) and match_sheet(data, sheet) is not None
            for data, labels in sheets
            for sheet in edition.layout.sheets
        ):
            return edition
    return None


def _printed_year(workbook: WorkbookData) -> int:
    """The year that a workbook without a seal speaks of most: some forms print it in their headings."""
    found = Counter(
        int(year)
        for data in workbook.sheets
        for row in data.grid[:8]
        for raw in row
        if isinstance(raw, str)
        for year in re.findall(r"(20\d\d)\s*年", raw[:100])
    )
    return found.most_common(1)[0][0] if found else 2000
