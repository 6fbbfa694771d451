"""What belongs to another unit, and what the office changed since it issued: for the reviewer to note.

A workbook under the file name of another unit, a project of another unit on a spare sheet, lists of the
office that no longer say what stands prefilled. None of it makes a return wrong.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from xltool.errors import OfficeError
from xltool.office.campaign import Campaign
from xltool.office.roster import Unit
from xltool.prose.text import name_key
from xltool.returns.extracting import CellFact, Row
from xltool.returns.submissions import Submission

_SHORTEST = 4  # characters of a code or a name that a file name must hold to mean the unit
_NAMED = 5  # units that a note names
OTHERS = "others"  # the remark on a project of another unit
KNOWN_PROJECTS = {"key": pl.String(), "unit": pl.String()}
PREFILLED = {"unit": pl.String(), "digest": pl.String()}
_NOTHING: Mapping[str, str] = {}


class UnitNames:
    """The units of a campaign by all that a file name may call them."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign

    def unit_named_by(self, file: str, own: str) -> Unit | None:
        """The other unit that a file name means, by its code, else by its name; None where it means none.

        `own` is the code of the unit whose workbook it is.
        """
        stem = Path(file).stem
        codes = [code for code in re.findall(r"[0-9A-Za-z-]+", stem) if code in self._codes]
        if codes:
            return None if own in codes else self._codes[codes[0]]
        key = name_key(stem)
        unit = next((self._names[name] for name in self._parts(key) if name in self._names), None)
        return None if unit is None or unit.unit_code == own else unit

    def _parts(self, key: str) -> Iterator[str]:
        """The parts of a text that are as long as some name, the longest first."""
        for length in self._lengths:
            yield from (key[start : start + length] for start in range(len(key) - length + 1))

    @cached_property
    def _codes(self) -> Mapping[str, Unit]:
        units = self._campaign.units
        return {code: unit for code, unit in units.items() if len(code) >= _SHORTEST}

    @cached_property
    def _names(self) -> Mapping[str, Unit]:
        units = self._campaign.units.values()
        return {name_key(u.unit_name): u for u in units if len(name_key(u.unit_name)) >= _SHORTEST}

    @cached_property
    def _lengths(self) -> Sequence[int]:
        return sorted({len(name) for name in self._names}, reverse=True)


@dataclass(frozen=True)
class Owners:
    """Which units have a project of a code or a name by projects.csv: each `key` with a `unit`, once.

    A frame, since it goes to every worker; few workbooks ask.
    """

    known: pl.DataFrame

    @classmethod
    def of(cls, campaign: Campaign) -> Owners:
        """Those of a campaign. Raises OfficeError where its lists are wrong."""
        return cls(known_projects(campaign))

    def projects_of_others(
        self, found: Submission, units: Mapping[str, Unit]
    ) -> Iterator[CellFact]:
        """The records on spare sheets that are projects of another unit by projects.csv."""
        if found.edition is None or found.issue is None:
            return
        form = found.edition.form
        table = form.record_table.name
        for row in found.rows:
            if row.table != table or "project_name" not in row.cells:
                continue
            number = found.records[row.record] if row.record < len(found.records) else None
            if number is not None and form.is_known(found.issue.records[number]):
                continue
            owner = self._owner(row)
            if owner is not None and owner != found.issue.unit:
                name, code = str(row.values.get("project_name")), row.cells["project_name"]
                unit = units[owner]
                yield CellFact(
                    row.sheet,
                    code,
                    row.record,
                    "project_name",
                    form.field(row.table, "project_name").short_label,
                    OTHERS,
                    f"{unit.unit_code} {unit.unit_name}",
                    name,
                )

    def _owner(self, row: Row) -> str | None:
        """The unit that projects.csv has a project under, by its code, else by its name."""
        code, name = row.values.get("project_code"), row.values.get("project_name")
        owners = self._having(str(code)) or self._having(name_key(str(name)))
        return owners[0] if len(owners) == 1 else None

    def _having(self, key: str) -> list[str]:
        """The units that have a project of a code, or of a name."""
        return self.known.filter(pl.col("key") == key)["unit"].to_list()


def known_projects(campaign: Campaign) -> pl.DataFrame:
    """Each `key`, code or name, of a project with a `unit` that has it by projects.csv, once.

    Raises OfficeError where a list is wrong.
    """
    rows = [
        (name_key(text), unit)
        for unit, projects in campaign.projects.items()
        for project in projects
        for name in ("project_code", "project_name")
        if (text := project.values.get(name))
    ]
    return pl.DataFrame(rows, schema=KNOWN_PROJECTS, orient="row").unique(maintain_order=True)


def issued_with(found: Submission) -> str:
    """What was prefilled in a workbook when it was issued, as a digest; empty where nobody vouches for it."""
    return "" if found.issue is None or found.seal != "ok" else _digest(found.issue.records)


def prefilled_now(campaign: Campaign) -> pl.DataFrame:
    """Each `unit` with the `digest` of what it would be prefilled with now; those left out that cannot be issued."""
    rows = []
    for code, unit in campaign.units.items():
        with suppress(OfficeError):  # told where its workbook comes
            rows.append((code, _digest(campaign.issue_for(unit).records)))
    return pl.DataFrame(rows, schema=PREFILLED, orient="row")


def is_outdated(
    campaign: Campaign, unit: str | None, issued: str, now: Mapping[str, str] = _NOTHING
) -> bool:
    """True where the lists say now something else than a unit was `issued_with`.

    `now` are the digests of `prefilled_now` by units, as far as they are known already.
    """
    if not issued or unit is None or unit not in campaign.units:
        return False
    return issued != (now.get(unit) or _digest(campaign.issue_for(campaign.units[unit]).records))


def _digest(records: Sequence[Mapping[str, str]]) -> str:
    text = json.dumps([dict(record) for record in records], sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:32]


def outdated_lists(units: Sequence[str]) -> list[str]:
    """One line on the units whose workbooks hold other prefilled values than the lists say now."""
    if not units:
        return []
    named = "、".join(units[:_NAMED]) + (f" 等 {len(units)} 个单位" if len(units) > _NAMED else "")
    return [
        f"下发之后，units.csv 或 projects.csv 改过：{named} 表中预填的内容与现在的名单不同；"
        "检查仍以下发时的为准，要用新的请重新下发"
    ]
