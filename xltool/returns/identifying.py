"""Which form a returned workbook is: by its seal, else by its labels; and what its seal is worth."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from xltool.errors import OfficeError
from xltool.form.differences import told_differences
from xltool.form.edition import Edition, Recipe, canonical, edition_of
from xltool.form.layout import Layout
from xltool.form.loading import form_ids
from xltool.form.model import Form
from xltool.form.own_sheets import CHECKS, FRONT, GUIDE
from xltool.office import seal
from xltool.office.campaign import Campaign
from xltool.office.issued import forms_issued
from xltool.office.kept_forms import earlier_forms, kept_folder
from xltool.office.seal import Issue, Seal
from xltool.returns.failures import is_strict
from xltool.returns.labels import Labels
from xltool.returns.row_matching import match_sheet
from xltool.returns.submissions import Sender, Submission
from xltool.workbook.limits import Limits
from xltool.workbook.opening import WorkbookData

_IN_MESSAGE = 2  # differences between two states of a form that a message has room for
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
    earlier: Mapping[str, str] = field(default_factory=dict)  # see `kept_forms.earlier_forms`
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
        earlier=earlier_forms(campaign.folder, campaign.form, forms_issued(campaign.folder)),
    )


def identify(submission: Submission, workbook: WorkbookData, settings: Settings) -> Edition | None:
    """The edition that a workbook is of; None where it is none of ours. Sets the state of its seal.

    A file of the campaign itself is judged by what its campaign.toml says now, in the layout that it
    was issued in; a file of another office, one that was issued anew since, and one whose form is another one
    now, by what was issued.
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
        submission.seal, submission.expected = _unknown(found, settings)
        return _recognise(workbook, settings)
    submission.issue, submission.sender = found.issue, Sender.of(found.issue)
    submission.seal, submission.expected = _state(found, sealed, settings)
    if submission.seal not in ("other_version", "lost_form"):
        submission.issued_as = sealed.recipe
    own = settings.key == found.public_key and settings.form == found.issue.form
    as_now = own and sealed.recipe.own == settings.own and submission.seal != "superseded"
    return edition_of(replace(sealed.recipe, changes=settings.changes)) if as_now else sealed


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
    """The edition that an issue names; None where there is none, or where its values do not fit it.

    It is the one of today's form, or of the form that was kept when it was issued: whichever has the layout that
    the issue names. Of a unit's last issue the office's form of today comes first, of an earlier one what was kept.
    """
    places = [settings.own]
    kept = settings.earlier.get(issue.issue_id) if settings.earlier else None
    if settings.own is not None and kept is not None:
        places.append(kept_folder(settings.own, kept))
    if settings.issue_ids.get(issue.unit) != issue.issue_id:
        places.reverse()
    found = [each for place in places if (each := _edition(issue, place)) is not None]
    as_issued = (each for each in found if _is_as_issued(each, issue))
    return next(as_issued, next((each for each in found if each.recipe.own == settings.own), None))


def _edition(issue: Issue, own: Path | None) -> Edition | None:
    """The edition of an issue by the forms of a folder; None where there is none that its values fit."""
    changes, rows = canonical(issue.changes), canonical(issue.rows)
    try:
        edition = edition_of(Recipe(issue.form, own, changes, rows, issue.fy, issue.zero_budget))
        _take_at_its_word(edition.form, edition.layout, issue)
    except (OfficeError, OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return edition


def _is_as_issued(edition: Edition, issue: Issue) -> bool:
    return (edition.form.version, edition.layout.digest) == (issue.version, issue.layout)


def _unknown(found: Seal, settings: Settings) -> tuple[str, str]:
    """The state of an intact seal whose values fit no form that we know, and what was expected instead."""
    if settings.key == found.public_key and settings.form == found.issue.form:
        return _of_lost_form(found.issue, settings), "栏目不同"
    # a form of another version of xltool, or a seal that somebody made up: not to be trusted
    return "other_form", settings.form or "本版本支持的表"


def _of_lost_form(issue: Issue, settings: Settings) -> str:
    """The state of what was issued in a layout that nobody has any more: whose doing it is."""
    is_last = settings.issue_ids.get(issue.unit) == issue.issue_id
    return "lost_form" if is_last else "other_version"


def _state(found: Seal, sealed: Edition, settings: Settings) -> tuple[str, str]:
    """The state of an intact seal (see `fact_tables.Submission`), and what was expected instead."""
    issue = found.issue
    if settings.key is not None and found.public_key != settings.key:
        return "unknown_key", ""
    if settings.form is not None and issue.form != settings.form:
        return "other_form", settings.form
    if not _is_as_issued(sealed, issue):
        then, now = issue.version, sealed.form.version
        words = f"版本 {then} 改为 {now}" if then != now else f"同为版本 {now}"
        return _of_lost_form(issue, settings), words
    return _standing(issue, sealed, settings) if settings.fy == issue.fy else ("ok", "")


def _standing(issue: Issue, sealed: Edition, settings: Settings) -> tuple[str, str]:
    """The state of an issue of ours among all that was issued, and what was expected instead."""
    last = settings.issue_ids.get(issue.unit)
    if last is not None and last != issue.issue_id:
        return "superseded", last
    if sealed.recipe.own != settings.own:
        now = edition_of(_recipe_now(settings, issue.fy))
        if not sealed.form.has_columns_of(now.form):
            return "other_columns", told_differences(sealed, now, _IN_MESSAGE)
    return ("unlisted" if last is None else "ok"), ""


def _recipe_now(settings: Settings, fy: int) -> Recipe:
    """What the campaign issues now."""
    form = str(settings.form)
    return Recipe(form, settings.own, settings.changes, settings.rows, fy, settings.zero_budget)


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
        candidates = [_recipe_now(settings, fy)]
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
