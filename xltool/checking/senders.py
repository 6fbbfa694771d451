"""Which workbooks of a run are whose: by their seals, or by the name of a file that cannot be read or has no seal."""

from __future__ import annotations

from collections.abc import Sequence

from xltool.checking.mix_ups import UnitNames
from xltool.office.campaign import Campaign
from xltool.office.check_log import read_log
from xltool.office.roster import Unit
from xltool.returns.submissions import Submission


def numbers_by_unit(campaign: Campaign, submissions: Sequence[Submission]) -> dict[str, list[int]]:
    """The numbers of the workbooks of each unit of the roster, by its code in the log; copies left out.

    One that cannot be read, or is a form without seal, is a unit's by the name of its file, where nothing
    else of the unit is there.
    Where a unit handed in workbooks of the campaign's form, others are no answer.
    """
    sealed: dict[str, list[int]] = {}
    named: dict[str, list[int]] = {}
    names = UnitNames(campaign)
    for number, found in enumerate(submissions):
        unit = None if found.same_as is not None else _sender(campaign, found, names)
        if unit is not None:
            numbers = named if _is_known_by_name(found) else sealed
            numbers.setdefault(campaign.code_in_log(unit), []).append(number)
    for code, some in sealed.items():
        own = [number for number in some if submissions[number].form == campaign.form.id]
        sealed[code] = own or some
    return {**named, **sealed}


def owner_by_number(campaign: Campaign, submissions: Sequence[Submission]) -> dict[int, Unit]:
    """The units of the roster by the numbers of their workbooks; copies left out."""
    roster = {campaign.code_in_log(unit): unit for unit in campaign.roster}
    by_unit = numbers_by_unit(campaign, submissions)
    return {number: roster[code] for code, numbers in by_unit.items() for number in numbers}


def _sender(campaign: Campaign, found: Submission, names: UnitNames) -> Unit | None:
    """The unit of the roster whose workbook it is; None where it is nobody's."""
    if _is_known_by_name(found):
        return names.unit_named_by(found.file, "")
    return campaign.listed(found.sender.district, found.sender.unit) if found.sender else None


def is_unsealed(found: Submission) -> bool:
    """True for a form that nobody issued: its seal is gone, or it was built anew."""
    return found.problem is None and found.edition is not None and found.seal == "missing"


def _is_known_by_name(found: Submission) -> bool:
    """True where only the name of the file may say whose it is."""
    return found.problem is not None or is_unsealed(found)


def never_returned(campaign: Campaign, submissions: Sequence[Submission]) -> list[Unit]:
    """The units of the roster of which nothing is in a run, and nothing was in any before."""
    came = {*numbers_by_unit(campaign, submissions), *(x.unit for x in read_log(campaign.folder))}
    return [unit for unit in campaign.roster if campaign.code_in_log(unit) not in came]
