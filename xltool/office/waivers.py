"""What a reviewer decided: findings that he waives, warnings that he accepts. Both stay visible.

`waivers.csv` is written by the office by hand; `审核记录.csv` by `xltool merge --accept-warnings`, or by hand. Either
holds for what the reviewer saw, which the fingerprints of findings stand for (`Finding.fingerprint`):
the same code in another cell, or with other figures, needs another decision (docs/decisions, 15).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Protocol

from xltool.errors import OfficeError
from xltool.locks import locked
from xltool.office.columns import column_mistakes
from xltool.office.csv_files import append_csv, read_csv, read_written, write_csv
from xltool.office.list_files import list_file
from xltool.office.mistakes import Mistakes
from xltool.prose.nearest import nearest
from xltool.prose.text import name_key
from xltool.rules.findings import Finding

WAIVERS = "waivers.csv"
ACCEPTED = "审核记录.csv"
FINGERPRINT = "摘要"
_COLUMNS = ("规则", "单位代码", "项目", "理由", "有效期至", FINGERPRINT)
_HALVES = (_COLUMNS[:4], _COLUMNS[4:])  # what must be there, and what may be
_HEADER = (
    *("时间", "审核人", "理由", "单位代码", "文件", "sha256", "提醒", "规则"),
    *("位置", "说明", FINGERPRINT),
)
_BETWEEN = r"[\s、，,;；]+"


class Returned(Protocol):
    """What a waiver asks of a submission."""

    @property
    def known_as(self) -> str | None:
        """The code of the unit that handed it in, with its district where an office below collected it."""

    @property
    def sha256(self) -> str:
        """The digest of its file."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """One line of waivers.csv: what this rule found at this unit (and project) does not count, and why.

    `seen` says what the reviewer saw: fingerprints of findings, or the SHA-256 of a whole file.
    """

    line: int
    code: str
    unit: str
    record: str
    reason: str
    until: date | None
    seen: frozenset[str]

    def concerns(self, finding: Finding, unit: str | None) -> bool:
        """True for a finding of its rule, unit and project, whatever was found."""
        same_record = not self.record or name_key(self.record) == name_key(finding.record)
        return finding.code == self.code and unit == self.unit and same_record

    def covers(self, finding: Finding, found: Returned) -> bool:
        """True for a finding that the reviewer saw; never for one of integrity."""
        if finding.integrity or not self.concerns(finding, found.known_as):
            return False
        return finding.fingerprint in self.seen or found.sha256 in self.seen

    @property
    def name(self) -> str:
        """What notes call it."""
        return f"{WAIVERS} 第 {self.line} 行（{self.unit} 的 {self.code}）"


def read_waivers(
    folder: Path, integrity: Container[str] = (), known: Collection[str] = ()
) -> list[Waiver]:
    """Read the waivers of a campaign's folder; none without a waivers.csv.

    `integrity` are the codes that cannot be waived, `known` those that there are: by default any. Raises
    OfficeError with all that is wrong.
    """
    path = list_file(folder, WAIVERS)
    if not path.is_file():
        return []
    rows = read_csv(path)
    mistakes = Mistakes(folder)
    if rows:
        there = rows[0][1]
        required, others = ([word for word in some if word not in there] for some in _HALVES)
        unknown = [word for word in there if word not in _COLUMNS]
        mistakes.take(column_mistakes(unknown, required, others, path))
        mistakes.insist()
    waivers = []
    for line, row in rows:
        with mistakes.noting():
            waivers.append(_waiver(path, line, row, integrity, known))
    mistakes.insist()
    return waivers


def _waiver(
    path: Path,
    line: int,
    row: Mapping[str, str],
    integrity: Container[str],
    known_codes: Collection[str],
) -> Waiver:
    words = (row.get(name, "").strip() for name in _COLUMNS)
    code, unit, record, reason, until, seen = words
    if not re.fullmatch(r"[A-Z]{2,3}-\d{3}", code):
        raise OfficeError(f"规则“{code}”应为规则编号，如 IND-001；请改正", path, line)
    if known_codes and code not in known_codes:
        meant = nearest(code, sorted(known_codes)) or "；请改正，或删去这一行"
        raise OfficeError(f"这张表没有规则 {code}{meant}", path, line)
    if code in integrity:
        raise OfficeError(f"{code} 查的是交回的表是否原样读到，不能豁免，请删去这一行", path, line)
    if not unit or not reason:
        raise OfficeError("单位代码和理由必须填写；请补上", path, line)
    try:
        day = date.fromisoformat(until.replace("/", "-")) if until else None
    except ValueError:
        raise OfficeError(f"有效期至“{until}”应为日期，如 2027-06-30；请改正", path, line) from None
    marks = frozenset(filter(None, re.split(_BETWEEN, seen.lower())))
    for mark in sorted(marks):
        if not re.fullmatch("[a-p]{12}|[0-9a-f]{64}", mark):
            raise OfficeError(
                f"{FINGERPRINT}“{mark}”应为问题清单“{FINGERPRINT}”列的 12 个字母，或文件的 sha256",
                path,
                line,
            )
    return Waiver(line, code, unit, record, reason, day, marks)


def waive(
    findings: Iterable[Finding], found: Returned, waivers: Sequence[Waiver], day: date
) -> tuple[list[Finding], set[int]]:
    """Turn the waived findings of a submission into infos that carry the reason.

    `day` is the one on which waivers expire. Returns all findings, and the lines of the waivers that a
    finding would have needed but that do not cover it (for `notes_on`).
    """
    valid = [w for w in waivers if w.seen and (w.until is None or day <= w.until)]
    result = []
    missed: set[int] = set()
    for finding in findings:
        if finding.severity == "info":
            result.append(finding)
            continue
        reason = next((w.reason for w in valid if w.covers(finding, found)), None)
        if reason is None:
            missed |= {w.line for w in waivers if w.concerns(finding, found.known_as)}
            result.append(finding)
        else:
            result.append(replace(finding, severity="info", waiver=reason))
    return result, missed


def notes_on(
    waivers: Sequence[Waiver], missed: Container[int], idle: Container[int], day: date
) -> list[str]:
    """A line in Chinese for each waiver that is of no effect.

    `missed` are the lines whose unit has such a finding that they do not cover, `idle` those whose unit handed
    in something and has none.
    """
    return [note for w in waivers if (note := _note(w, day, w.line in missed, w.line in idle))]


def idle_waivers(waivers: Sequence[Waiver], day: date) -> list[str]:
    """A line in Chinese for each waiver that is of no effect, whatever comes back."""
    return notes_on(waivers, (), (), day)


def _note(waiver: Waiver, day: date, missed: bool, idle: bool) -> str:
    """Why a waiver is of no effect; nothing where it is."""
    if idle:
        return f"{waiver.name}没有起作用：这次没有这样的问题；不再需要的，请删去这一行"
    if waiver.until is not None and day > waiver.until:
        return f"{waiver.name}已过有效期 {waiver.until}"
    if not waiver.seen:
        return (
            f"{waiver.name}没有填写“{FINGERPRINT}”，不起作用；"
            f"请从问题清单（--format xlsx）的“{FINGERPRINT}”列复制"
        )
    if missed:
        return f"{waiver.name}豁免的不是现在的问题（位置、内容或数字不同），仍按原来的程度；请核对后更新“{FINGERPRINT}”"
    return ""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A reviewer took a submission with its warnings: who, why, and when (as text)."""

    reviewer: str
    reason: str
    time: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A line of the record: an acceptance of one file, and the warnings that the reviewer saw.

    A line that was written by hand may name rules and places (`项目1!B9`) instead of fingerprints. An older
    record did not note what was seen: it covers no warning. `line` is that of the campaign's record.
    """

    acceptance: Acceptance
    seen: frozenset[str]
    rules: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    line: int = field(default=0, compare=False)

    @property
    def idle(self) -> str:
        """Why a line of the campaign's record covers nothing of its file, once it is known `of` which warnings."""
        if not self.line or self.seen:
            return ""
        why = "没有填写“摘要”，也没有填写“位置”"
        if self.places:
            why = f"这份表没有它写的提醒（{'、'.join(sorted({*self.rules, *self.places}))}）"
        return f"{ACCEPTED} 第 {self.line} 行没有起作用：{why}；请核对"

    def of(self, warnings: Iterable[Finding]) -> Recorded:
        """The same by the fingerprints of the warnings of its file that it is about."""
        if not self.places:
            return self
        named = {
            w.fingerprint for w in warnings if w.code in self.rules and place_of(w) in self.places
        }
        return replace(self, seen=frozenset(named))


def place_of(finding: Finding) -> str:
    """Where a finding stands, as the record has it: `项目1!B9`."""
    return f"{finding.sheet}!{finding.cell}" if finding.cell else finding.sheet


def read_accepted(folder: Path | None) -> dict[str, list[Recorded]]:
    """Read a campaign's record: the sha256 of a file → what was accepted of it. Empty without one.

    Raises OfficeError with the line of one that was written by hand and can cover nothing.
    """
    path = folder / ACCEPTED if folder else None
    found: dict[str, list[Recorded]] = {}
    for line, row in _lines(path) if path else ():
        recorded = replace(_recorded(row), line=line)
        if (
            path
            and (recorded.places or not row.get("sha256"))
            and (wrong := _wrong_by_hand(row, recorded))
        ):
            raise OfficeError(wrong, path, line)
        if row.get("sha256"):
            found.setdefault(row["sha256"].strip().lower(), []).append(recorded)
    return found


def _recorded(row: Mapping[str, str]) -> Recorded:
    given = Acceptance(row.get("审核人", ""), row.get("理由", ""), row.get("时间", ""))
    parts = (re.split(_BETWEEN, row.get(name, "")) for name in (FINGERPRINT, "规则", "位置"))
    seen, rules, places = (frozenset(filter(None, some)) for some in parts)
    if seen:
        return Recorded(given, seen)
    return Recorded(given, seen, rules, frozenset(place.replace("！", "!") for place in places))


def _wrong_by_hand(row: Mapping[str, str], recorded: Recorded) -> str:
    """What is wrong with a line that names places; nothing where all is well."""
    if not re.fullmatch("[0-9a-f]{64}", row.get("sha256", "").strip().lower()):
        return "sha256 应为所审核文件的 sha256（检查记录.csv 里有）"
    if not recorded.acceptance.reviewer:
        return "审核人必须填写"
    wrong = next(
        (c for c in sorted(recorded.rules) if not re.fullmatch(r"[A-Z]{2,3}-\d{3}", c)), None
    )
    if wrong is not None or not recorded.rules:
        return f"规则“{wrong or ''}”应为规则编号，如 IND-001" if wrong else "规则必须填写"
    return ""


def record_accepted(
    folder: Path, lines: Iterable[tuple[Acceptance, str, str, str, Sequence[Finding]]]
) -> None:
    """Add lines to a campaign's record; nothing is ever removed.

    Each line has the acceptance, the unit's code, the name and the sha256 of the file, and its warnings.
    """
    rows = [
        [
            *(accepted.time, accepted.reviewer, accepted.reason, unit, file, sha256),
            str(len(warnings)),
            "、".join(sorted({warning.code for warning in warnings})),
            "、".join(dict.fromkeys(place_of(warning) for warning in warnings)),
            "；".join(f"{w.code} {w.explanation}" for w in warnings if w.explanation),
            "、".join(sorted({warning.fingerprint for warning in warnings})),
        ]
        for accepted, unit, file, sha256, warnings in lines
    ]
    with locked(folder):
        path = folder / ACCEPTED
        _, first = next(_lines(path), (0, {}))
        if path.is_file() and tuple(first) != _HEADER:  # an older record, or one begun by hand
            kept = [[row.get(name, "") for name in _HEADER] for _, row in _lines(path)]
            write_csv(path, [_HEADER, *kept])
        append_csv(path, _HEADER, rows)


def _lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines of a record, one at a time; none where there is no such file."""
    yield from read_written(path) if path.is_file() else ()
