"""`xltool campaign check`, and before every issue: all that is wrong with what the office itself supplies.

Its form, its settings and lists, and what the rules of the form find in what it prefilled. No unit could mend any
of that, so nothing goes out while there is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xltool.checking.beforehand import own_findings, said_of
from xltool.office.campaign import Campaign
from xltool.office.lists import with_lists
from xltool.office.mistakes import Mistakes
from xltool.office.reviewing import blank_mistakes, review
from xltool.office.roster import Unit
from xltool.write.inspecting import insist


def insist_on_files(campaign: Campaign) -> None:
    """Raise OfficeError with all that is wrong with a campaign's form, lists and keys."""
    mistakes = Mistakes(campaign.folder)
    with mistakes.noting():
        with_lists(campaign.form, campaign.folder)
    if not mistakes.found:
        insist(
            campaign
        )  # it tries the form out with its lists; without a form nobody can judge the others
    review(campaign, mistakes)
    mistakes.insist()


def insist_on_prefilled(
    campaign: Campaign, units: Sequence[Unit], tell: Callable[[str], None]
) -> None:
    """Raise OfficeError with all errors in what these units get prefilled; tell what is less grave.

    The files of the campaign are right (`insist_on_files`).
    """
    mistakes = Mistakes(campaign.folder)
    for unit in units:
        with mistakes.noting():
            mistakes.take(blank_mistakes(campaign, unit, campaign.issue_for(unit)))
    mistakes.insist()
    found = list(own_findings(campaign, units))
    for line in said_of([own for own in found if own.finding.severity != "error"]):
        tell(line)
    mistakes.take(own.mistake for own in found if own.finding.severity == "error")
    mistakes.insist()
