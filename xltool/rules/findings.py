"""A finding: one problem of a unit at one cell, in the words printed on the form."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

from xltool.fields.remarks import Severity
from xltool.rules.declaring import SEVERITIES

_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
_NO_SHEETS: Mapping[int, Sequence[str]] = {}
Whose = Literal["unit", "office"]
WHOSE: dict[Whose, str] = {"unit": "单位", "office": "本级"}
WORDS: dict[Severity, str] = {"error": "错误", "warning": "提醒", "info": "提示"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem. `cell` is where it belongs, `cells` all cells involved (physical A1 addresses).

    `record` names the project, `field` the schema's field, `label` the printed label; `value` is
    what stands there, `expected` what should, as far as a rule can tell. `file` is the path as the
    reviewer gave it; it is only shown. `waiver` is the reason for which a reviewer waived it.
    `workbook` is the number of the submission in its batch, from 0: by it findings are joined with
    their file, since two files may bear one name. None for a finding about no file. One of
    `integrity` can be neither waived nor changed by the office. One that is `shared` is said in the same
    words to several workbooks, and counts once in a run. `whose` says who can mend it (`checking.whose`).
    `mended` says what the copy that goes back has mended of it by itself, `refill` what it has put back for
    the unit to fill in anew. `explanation` is what the unit says of a warning; the fingerprint does not depend
    on it, since an acceptance holds for one file anyway.
    """

    code: str
    severity: Severity
    file: str
    sheet: str
    cell: str
    cells: tuple[str, ...]
    record: str
    field: str
    label: str
    value: str
    expected: str
    message: str
    hint: str
    waiver: str = ""
    workbook: int | None = None
    integrity: bool = False
    shared: bool = False
    whose: Whose = "unit"
    mended: str = ""
    refill: str = ""
    explanation: str = ""

    @property
    def is_the_units(self) -> bool:
        """True for what the unit is to mend; what the office issued so is its own to mend."""
        return self.whose == "unit"

    @property
    def fingerprint(self) -> str:
        """Twelve letters that stand for what was found: its rule, its place, and all that it says.

        A reviewer's decision holds for a finding as he saw it: with another cell, value or number it is
        another one. Letters only, since Excel makes a number of digits.
        """
        seen = "\x1f".join((self.code, self.sheet, self.cell, self.value, self.message))
        digest = hashlib.sha256(seen.encode("utf-8", "surrogatepass")).hexdigest()
        return digest[:12].translate(_LETTERS)

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as JSON has it."""
        own = {"cells": list(self.cells), "fingerprint": self.fingerprint}
        return {**asdict(self), **own}

    @property
    def comment(self) -> str:
        """The finding as the comment on its cell, in one line (see `returns.additions`)."""
        return " ".join(f"【{self.code}】{self.message}。{self.hint}。".splitlines())


class Found(Protocol):
    """What gives the findings of a run: a verdict, whether it holds them or has them fetched."""

    @property
    def skipped(self) -> Sequence[str]:
        """What was left aside or could not run, in words."""

    def of(self, number: int | None) -> Sequence[Finding]:
        """The findings of a workbook by its number, in reading order; for None those about no workbook."""


@dataclass(frozen=True, slots=True)
class Group:
    """The same problem on several cells of one sheet, shown as one."""

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The finding that stands for all of them."""
        return self.findings[0]

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells that it is about, each once."""
        return tuple(dict.fromkeys(finding.cell for finding in self.findings if finding.cell))


def in_order(
    findings: Iterable[Finding], sheets: Mapping[int, Sequence[str]] = _NO_SHEETS
) -> list[Finding]:
    """Return findings by file, severity and place in the workbook: as a reviewer reads them.

    `sheets`: the form sheets of a workbook in their order, by its number; what is said of no sheet comes
    first, other sheets last.
    """
    orders = {number: {name: n for n, name in enumerate(names)} for number, names in sheets.items()}

    def place(f: Finding) -> tuple[object, ...]:
        number = -1 if f.workbook is None else f.workbook
        order = orders.get(number, {})
        sheet = order.get(f.sheet, len(order)) if f.sheet else -1
        grade = SEVERITIES.index(f.severity)
        return (f.file, number, grade, sheet, f.sheet, *_place(f.cell), f.code)

    return sorted(findings, key=lambda f: (*place(f), f.message))


def by_workbook(findings: Iterable[Finding]) -> dict[int | None, list[Finding]]:
    """Return the findings of each workbook by its number; those about no workbook under None."""
    found: dict[int | None, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.workbook, []).append(finding)
    return found


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """Return findings in their order, with equal ones on the same sheet joined."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        whose = (finding.workbook, finding.file)
        key = (
            *whose,
            finding.whose,
            finding.severity,
            finding.code,
            finding.sheet,
            finding.message,
            finding.explanation,
        )
        groups.setdefault(key, []).append(finding)
    return [Group(tuple(same)) for same in groups.values()]


def worst(findings: Iterable[Finding]) -> Severity | None:
    """Return the gravest severity, or None for no findings."""
    found = {finding.severity for finding in findings}
    return next((severity for severity in SEVERITIES if severity in found), None)


def _place(cell: str) -> tuple[int, int, str]:
    match = re.fullmatch(r"([A-Z]+)(\d+)", cell)
    return (int(match[2]), len(match[1]), match[1]) if match else (0, 0, "")
