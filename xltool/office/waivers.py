"""What a reviewer decided: findings that he waives, warnings that he accepts. Both stay visible.

`waivers.csv` is written by the office by hand; `审核记录.csv` by `xltool merge --accept-warnings`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from xltool.errors import OfficeError
from xltool.locks import locked
from xltool.office.csv_files import append_csv, read_csv, read_written
from xltool.prose.text import name_key
from xltool.rules.findings import Finding

WAIVERS = "waivers.csv"
ACCEPTED = "审核记录.csv"
_COLUMNS = ("规则", "单位代码", "项目", "理由", "有效期至")
_HEADER = ("时间", "审核人", "理由", "单位代码", "文件", "sha256", "提醒", "规则")


@dataclass(frozen=True, slots=True)
class Waiver:
    """One line of waivers.csv: this rule does not count for this unit (and project), and why."""

    line: int
    code: str
    unit: str
    record: str
    reason: str
    until: date | None

    def covers(self, finding: Finding, unit: str | None) -> bool:
        """True for a finding that it is about."""
        same_record = not self.record or name_key(self.record) == name_key(finding.record)
        return finding.code == self.code and unit == self.unit and same_record


def read_waivers(folder: Path) -> list[Waiver]:
    """Read the waivers of a campaign's folder; none without a waivers.csv.

    Raises OfficeError with the line of a wrong one.
    """
    path = folder / WAIVERS
    if not path.is_file():
        return []
    rows = read_csv(path)
    for column in _COLUMNS[:4]:
        if rows and column not in rows[0][1]:
            raise OfficeError(f"缺少列“{column}”", path, 1)
    return [_waiver(path, line, row) for line, row in rows]


def _waiver(path: Path, line: int, row: Mapping[str, str]) -> Waiver:
    code, unit, record, reason, until = (row.get(name, "").strip() for name in _COLUMNS)
    if not re.fullmatch(r"[A-Z]{2,3}-\d{3}", code):
        raise OfficeError(f"规则“{code}”应为规则编号，如 IND-001", path, line)
    if not unit or not reason:
        raise OfficeError("单位代码和理由必须填写", path, line)
    try:
        day = date.fromisoformat(until.replace("/", "-")) if until else None
    except ValueError:
        raise OfficeError(f"有效期至“{until}”应为日期，如 2027-06-30", path, line) from None
    return Waiver(line, code, unit, record, reason, day)


def waive(
    findings: Iterable[Finding],
    units: Sequence[str | None],
    waivers: Sequence[Waiver],
    day: date,
) -> tuple[list[Finding], list[str]]:
    """Turn waived findings into infos that carry the reason.

    `units` gives the unit of each workbook (None where it is unknown), `day` the day on which waivers
    expire. Returns all findings, and a line in Chinese for each waiver that has expired.
    """
    valid = [waiver for waiver in waivers if waiver.until is None or day <= waiver.until]
    notes = [
        f"{WAIVERS} 第 {waiver.line} 行（{waiver.unit} 的 {waiver.code}）已过有效期 {waiver.until}"
        for waiver in waivers
        if waiver not in valid
    ]
    result = []
    for finding in findings:
        unit = None if finding.workbook is None else units[finding.workbook]
        reason = next((w.reason for w in valid if w.covers(finding, unit)), None)
        if reason is None or finding.severity == "info":
            result.append(finding)
        else:
            result.append(replace(finding, severity="info", waiver=reason))
    return result, notes


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A reviewer took a submission with its warnings: who, why, and when (as text)."""

    reviewer: str
    reason: str
    time: str = ""


def read_accepted(folder: Path | None) -> dict[str, Acceptance]:
    """Read a campaign's record: the sha256 of a file → its acceptance. Empty where there is none."""
    path = folder / ACCEPTED if folder else None
    if path is None or not path.is_file():
        return {}
    return {
        row["sha256"]: Acceptance(row["审核人"], row["理由"], row["时间"])
        for _, row in read_written(path)
        if row.get("sha256")
    }


def record_accepted(
    folder: Path, lines: Iterable[tuple[Acceptance, str, str, str, Sequence[str]]]
) -> None:
    """Add lines to a campaign's record; nothing is ever removed.

    Each line has the acceptance, the unit's code, the name and the sha256 of the file, and the codes
    of its warnings.
    """
    rows = [
        [
            *(accepted.time, accepted.reviewer, accepted.reason, unit, file, sha256),
            str(len(codes)),
            "、".join(sorted(set(codes))),
        ]
        for accepted, unit, file, sha256, codes in lines
    ]
    with locked(folder):
        append_csv(folder / ACCEPTED, _HEADER, rows)
